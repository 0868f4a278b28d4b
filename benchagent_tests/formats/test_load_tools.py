"""Artifacts of tools that send a server many requests: what of their times is one of an answer."""

import json

import pytest

from benchagent.formats import parse_bytes
from benchagent.measurements.readings import Parsed, Unparsed
from benchagent_tests.artifacts import SAMPLES, numbers_of, parse_sample, parse_text


def test_of_llama_benchy_every_request_is_read_and_what_sums_it_up():
    parsed = parse_sample("llama_benchy.json")
    whole, first, second = parsed.records[:3]
    assert (whole.subject, whole.measured_at) == ("wren-135m", "2026-11-23T01:46:44Z")
    assert whole.config == {"workload": "pp64+tg16", "concurrency": 1, "prefix_caching": True}
    assert (first.name, first.repetition) == ("/benchmarks/0/e2e_ttft/values/0", 0)
    assert {name: round(value, 1) for name, value in numbers_of(first).items()} == {
        "ttft": 55.1, "prefill_rate": 1228.5, "decode_rate": 173.2
    }  # fmt: skip
    for metric in ("ttft", "prefill_rate", "decode_rate"):
        one, other = numbers_of(first)[metric], numbers_of(second)[metric]
        told = numbers_of(whole)
        assert told[f"mean {metric}"] == pytest.approx((one + other) / 2)
        assert told[f"stddev_population {metric}"] == pytest.approx(abs(one - other) / 2)


def test_of_llama_benchy_the_rate_of_several_clients_together_is_of_batches():
    records = parse_sample("llama_benchy.json").records
    together = [
        (record.name, record.config["concurrency"])
        for record in records
        if "throughput" in numbers_of(record)
    ]
    assert together[:2] == [
        ("/benchmarks/1/tg_throughput/values/0", 3), ("/benchmarks/1/tg_throughput/values/1", 3)
    ]  # fmt: skip
    assert {clients for _, clients in together} == {3}
    requests = [record for record in records if record.name.startswith("/benchmarks/1/e2e_ttft/")]
    assert len(requests) == 6


def test_of_llama_benchy_a_batch_that_lost_a_request_has_no_rate_of_its_clients():
    report = json.loads((SAMPLES / "llama_benchy.json").read_text())
    for key in ("e2e_ttft", "pp_req_throughput", "tg_req_throughput"):
        del report["benchmarks"][1][key]["values"][0]
    parsed = parse_text(json.dumps(report), name="a.json")
    assert [refusal.locator for refusal in parsed.refusals] == ["/benchmarks/1/tg_throughput"]
    assert not any(
        record.name.startswith("/benchmarks/1/tg_throughput/") for record in parsed.records
    )


def test_of_llama_benchy_an_answer_that_has_no_rate_is_not_matched_with_another():
    report = json.loads((SAMPLES / "llama_benchy.json").read_text())
    del report["benchmarks"][0]["tg_req_throughput"]["values"][0]
    records = parse_text(json.dumps(report), name="a.json").records
    assert [numbers_of(record).keys() for record in records[1:4]] == [
        {"ttft", "prefill_rate"}, {"ttft", "prefill_rate"}, {"decode_rate"}
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["llama_benchy.json", "llama_benchy.txt"])
def test_of_llama_benchy_what_follows_a_kept_context_has_no_rate_of_the_prompt(name: str):
    rated = {
        record.config["workload"]
        for record in parse_sample(name).records
        if any(reading.metric == "prefill_rate" for reading in record.readings)
    }
    assert rated in (
        {"pp64+tg16", "context, tg16 @ d64"},
        {"pp64", "context, pp @ d64"},
    )


def test_the_table_of_llama_benchy_is_read_as_its_report():
    parsed = parse_sample("llama_benchy.csv")
    first, second, *_ = parsed.records
    assert (first.config["workload"], second.config["workload"]) == ("pp64", "tg16")
    assert {name: round(value, 1) for name, value in numbers_of(first).items()} == {
        "mean ttft": 51.2, "stddev_population ttft": 7.3,
        "mean prefill_rate": 1375.1, "stddev_population prefill_rate": 194.0,
    }  # fmt: skip
    assert numbers_of(second).keys() == {"mean decode_rate", "stddev_population decode_rate"}
    # no context was kept, so that the server read the prompt behind it with it
    assert "mean prefill_rate" in numbers_of(parsed.records[4])


def test_what_llama_benchy_prints_is_read_per_request_and_not_of_all_clients_together():
    parsed = parse_sample("llama_benchy.txt")
    [record] = [
        record
        for record in parsed.records
        if record.config == {"workload": "tg16", "concurrency": 3, "prefix_caching": True}
    ]
    assert numbers_of(record) == {
        "mean decode_rate": 161.52, "stddev_population decode_rate": 7.92
    }  # fmt: skip


def test_a_table_of_llama_benchy_without_outer_bars_is_not_read_a_column_off():
    table = "| model " + (SAMPLES / "llama_benchy.txt").read_text().partition("| model ")[2]
    bare = "\n".join(line.removeprefix("|").strip() for line in table.splitlines())
    assert parse_text(table, name="a.md").format == "llama-benchy-rows"
    assert parse_bytes("a.md", bare.encode()).format == "markdown"


def test_the_events_of_llama_benchy_are_no_calls():
    event = '{"schema":"llama-benchy-progress.v1","type":"latency_measured","latency_s":0.003}\n'
    outcome = parse_bytes("progress.jsonl", event.encode() * 2)
    assert isinstance(outcome, Unparsed)
    assert outcome.format == "llama-benchy"


def test_evalscopes_means_are_of_the_requests_that_succeeded():
    [record] = parse_sample("evalscope_summary.json").records
    assert record.config == {"concurrency": 3}
    assert numbers_of(record) == {
        "mean latency": 122.5, "mean prompt_tokens": 11, "mean output_tokens": 16,
        "mean ttft": 45.03, "mean tpot": 5.16, "mean itl": 5.16,
        "request_rate": 23.2284, "throughput": 371.6543, "duration": 387.5,
    }  # fmt: skip
    assert {r.n for r in record.readings if r.metric == "latency"} == {9}


def test_evalscopes_answers_that_were_not_streamed_have_no_times_of_tokens():
    parsed = parse_sample("evalscope_unstreamed.json")
    [record] = parsed.records
    assert not {"mean ttft", "mean tpot", "mean itl"} & numbers_of(record).keys()
    assert {refusal.locator for refusal in parsed.refusals} == {
        "/Avg TTFT (ms)", "/Avg TPOT (ms)", "/Avg ITL (ms)"
    }  # fmt: skip


def test_evalscope_calls_requests_streamed_that_failed_where_no_answer_was():
    summary = json.loads((SAMPLES / "evalscope_unstreamed.json").read_text())
    summary |= {"Failed Requests": 2, "Stream Requests": 2}
    parsed = parse_text(json.dumps(summary), name="a.json")
    assert "mean ttft" not in numbers_of(parsed.records[0])
    assert "/Avg TTFT (ms)" in {refusal.locator for refusal in parsed.refusals}


def test_a_run_of_evalscope_in_which_no_request_succeeded_failed():
    summary = json.loads((SAMPLES / "evalscope_summary.json").read_text())
    summary |= {"Success Requests": 0, "Avg Latency (s)": -1}
    [record] = parse_text(json.dumps(summary), name="a.json").records
    assert record.failure
    assert not record.readings


def test_evalscopes_percentiles_are_of_one_run():
    [record] = parse_sample("evalscope_percentile.json").records
    numbers = numbers_of(record)
    assert {numbers[f"{name} ttft"] for name in ("min", "p1")} == {35.8516}
    assert numbers["min latency"] == 116.9
    assert numbers["min decode_rate"] == 161.498
    assert len(numbers) == 11 * 8


@pytest.mark.parametrize("named", ["500%", "007%", "\u0665\u0660%", "p50"])
def test_what_is_no_percentile_of_evalscopes_is_refused(named: str):
    rows = json.loads((SAMPLES / "evalscope_percentile.json").read_text())
    rows[3]["Percentiles"] = named
    parsed = parse_text(json.dumps(rows), name="a.json")
    assert [refusal.locator for refusal in parsed.refusals] == ["/3"]
    assert len(parsed.records[0].readings) == 10 * 8


def test_evalscopes_answers_of_one_token_have_no_times_between_tokens():
    summary = json.loads((SAMPLES / "evalscope_summary.json").read_text())
    summary |= {"Avg Output Tokens": 1.0, "Avg TPOT (ms)": 0.0, "Avg ITL (ms)": 0.0}
    parsed = parse_text(json.dumps(summary), name="a.json")
    assert not {"mean tpot", "mean itl"} & numbers_of(parsed.records[0]).keys()
    assert {refusal.locator for refusal in parsed.refusals} == {"/Avg TPOT (ms)", "/Avg ITL (ms)"}


def test_evalscopes_percentiles_of_unstreamed_answers_are_of_latencies_alone():
    rows = json.loads((SAMPLES / "evalscope_percentile.json").read_text())
    for row in rows:
        row |= {"Decode (tok/s)": float("nan"), "TPOT (ms)": 0.0, "ITL (ms)": float("nan")}
        row |= {"TTFT (ms)": row["Latency (s)"] * 1000}
    [record] = parse_text(json.dumps(rows), name="a.json").records
    assert {reading.metric for reading in record.readings} == {
        "latency", "prompt_tokens", "output_tokens", "throughput"
    }  # fmt: skip


def test_abs_latencies_are_read_where_no_answer_was_an_error():
    parsed = parse_sample("apache_bench.txt")
    first, second = parsed.records
    assert first.config == {"workload": "http://127.0.0.1:8080/v1/echo", "concurrency": 4}
    assert numbers_of(first) == {
        "min latency": 11, "mean latency": 28, "stddev latency": 9.8, "median latency": 28,
        "max latency": 59, "p66 latency": 33, "p75 latency": 36, "p80 latency": 37,
        "p90 latency": 40, "p95 latency": 44, "p98 latency": 54, "p99 latency": 56,
        "request_rate": 137.51,
    }  # fmt: skip
    assert {r.n for r in second.readings if r.metric == "latency"} == {40}
    assert [refusal.reason.partition(":")[0] for refusal in parsed.refusals] == [
        "Non-2xx responses"
    ]


@pytest.mark.parametrize(
    "failed",
    [
        # of another length, as a model's answers are, or never given
        "37\n   (Connect: 0, Receive: 0, Length: 37, Exceptions: 0)",
        "39\n   (Connect: 0, Receive: 2, Length: 37, Exceptions: 0)",
        # old versions
        "38\n   (Connect: 0, Length: 37, Exceptions: 1)",
        "1",
        "0\nWrite errors:           3",
    ],
)
def test_ab_does_not_tell_an_answer_of_another_length_from_none(failed: str):
    _, title, test = (SAMPLES / "apache_bench.txt").read_text().partition("This is ApacheBench")
    one = title + test.partition("This is ApacheBench")[0]
    assert isinstance(parse_bytes("ab.txt", one.encode()), Parsed)
    told = one.replace("Failed requests:        0\n", f"Failed requests:        {failed}\n")
    outcome = parse_bytes("ab.txt", told.encode())
    assert isinstance(outcome, Unparsed)
    assert outcome.reason.endswith("their times are among the others")


def test_ab_speaks_tls_where_it_names_the_protocol():
    text = (SAMPLES / "apache_bench.txt").read_text()
    port = "Server Port:            8080\n"
    encrypted = f"{port}SSL/TLS Protocol:       TLSv1.3,TLS_AES_256_GCM_SHA384,2048,256\n"
    records = parse_text(text.replace(port, encrypted), name="ab.txt").records
    assert records[0].config["workload"] == "https://127.0.0.1:8080/v1/echo"


def test_abs_tables_do_not_tell_errors_from_answers():
    outcome = parse_bytes("a.csv", (SAMPLES / "apache_bench.csv").read_bytes())
    assert isinstance(outcome, Unparsed)
    assert "errors" in outcome.reason


def test_what_hey_prints_is_read_where_every_request_was_answered():
    parsed = parse_sample("hey.txt")
    [record] = parsed.records
    # `0% in 0.0000 secs` fills a place that 40 requests do not reach
    assert numbers_of(record) == {
        "max latency": 99.9, "min latency": 16.8, "mean latency": 70.1, "p10 latency": 55.9,
        "p25 latency": 62.3, "median latency": 72.9, "p75 latency": 80.7, "p90 latency": 88.1,
        "p95 latency": 98.9, "request_rate": 51.2303,
    }  # fmt: skip
    assert [refusal.reason.partition(":")[0] for refusal in parsed.refusals] == [
        "6 answers had status 500", "4 requests failed"
    ]  # fmt: skip


def test_what_oha_broke_off_at_the_end_is_in_its_rate_and_in_no_latency():
    parsed = parse_sample("oha.json")
    [record] = parsed.records
    assert {name: round(value, 2) for name, value in numbers_of(record).items()} == {
        "max latency": 46.27, "min latency": 11.34, "mean latency": 28.17, "p10 latency": 15.91,
        "p25 latency": 20.14, "median latency": 28.52, "p75 latency": 35.65, "p90 latency": 40.92,
        "p95 latency": 43.23, "p99 latency": 44.43, "p99.9 latency": 46.27, "p99.99 latency": 46.27,
    }  # fmt: skip
    assert {r.n for r in record.readings} == {212}
    assert [refusal.locator for refusal in parsed.refusals] == ["/summary/requestsPerSec"]


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("statusCodeDistribution", {"200": 50, "503": 2}, "2 answers had status 503"),
        ("statusCodeDistribution", {"200": 50, "302": 2}, "2 answers had status 302"),
        ("errorDistribution", {"connection closed": 3}, "3 requests failed: connection closed"),
        ("statusCodeDistribution", {}, "nothing was answered"),
    ],
)
def test_oha_gives_no_latency_where_requests_failed(key: str, value: dict[str, int], said: str):
    report = json.loads((SAMPLES / "oha.json").read_text()) | {key: value}
    outcome = parse_bytes("a.json", json.dumps(report).encode())
    assert isinstance(outcome, Unparsed)
    assert said in outcome.reason


def test_a_request_in_ohas_table_that_got_an_error_failed():
    records = parse_sample("oha.csv").records
    assert [record.name for record in records if record.failure] == ["row=7", "row=14"]
    assert numbers_of(records[0]) == {"latency": 26.709814}


def test_what_oha_prints_has_the_unit_of_its_longest_request():
    parsed = parse_sample("oha.txt")
    [record] = parsed.records
    numbers = numbers_of(record)
    assert (numbers["mean latency"], numbers["p99.9 latency"]) == (328.9995, 347.897)
    assert "request_rate" not in numbers
    assert [refusal.reason.partition(":")[0] for refusal in parsed.refusals] == [
        "requests that were broken off at the end are in this rate", "8 answers had status 500"
    ]  # fmt: skip
