"""Tools that send a web server many requests: what of their times is one of an answer."""

import json

import pytest

from benchagent.formats import parse_bytes
from benchagent.measurements.readings import Parsed, Unparsed
from benchagent_tests.artifacts import SAMPLES, numbers_of, parse_sample, parse_text


def test_locusts_times_are_read_where_no_request_failed():
    parsed = parse_sample("locust_stats.csv")
    [record] = parsed.records
    assert record.config == {"workload": "GET /v1/models"}
    assert numbers_of(record) == {
        "mean latency": 121.41345661931315, "min latency": 25.24321600503754,
        "max latency": 372.36638698959723, "request_rate": 7.991702000543479,
    }  # fmt: skip
    assert [refusal.locator for refusal in parsed.refusals] == ["row=1", "row=3"]


@pytest.mark.parametrize("count", ["", "3.0", "nan"])
def test_a_row_of_locust_that_does_not_count_its_failures_is_refused(count: str):
    text = (SAMPLES / "locust_stats.csv").read_text()
    parsed = parse_text(text.replace("completions,92,3,", f"completions,92,{count},"), name="a.csv")
    assert [record.name for record in parsed.records] == ["row=2"]
    assert [refusal.locator for refusal in parsed.refusals] == ["row=1", "row=3"]


def test_wrks_latencies_are_read_where_every_answer_was_a_success():
    parsed = parse_sample("wrk.txt")
    first, second = parsed.records
    assert first.config["concurrency"] == 4
    assert numbers_of(first) == {
        "mean latency": 76.56, "stddev latency": 11.27, "max latency": 96.03,
        "median latency": 76.02, "p75 latency": 84.01, "p90 latency": 88, "p99 latency": 92.02,
        "request_rate": 51.59,
    }  # fmt: skip
    assert {r.n for r in second.readings if r.metric == "latency"} == {25}
    assert [refusal.reason.partition(":")[0] for refusal in parsed.refusals] == [
        "Non-2xx or 3xx responses"
    ] * 2


def test_of_two_spreads_of_wrk2_the_corrected_one_is_read():
    text = (SAMPLES / "wrk.txt").read_text()
    again = "  Latency Distribution (HdrHistogram - Uncorrected Latency)\n     50%    1.00ms\n"
    twice = text.replace("  155 requests in", f"{again}  155 requests in", 1)
    read, expected = parse_text(twice, name="wrk.txt"), parse_text(text, name="wrk.txt")
    assert [r.raw_value for r in read.records[0].readings] == [
        r.raw_value for r in expected.records[0].readings
    ]


@pytest.mark.parametrize(
    ("written", "ms"), [("1.52s", 1520.0), ("310.20us", 0.3102), ("1.02m", 61200.0)]
)
def test_each_time_of_wrk_has_its_own_unit(written: str, ms: float):
    text = (SAMPLES / "wrk.txt").read_text().replace("76.56ms", written)
    assert numbers_of(parse_text(text, name="wrk.txt").records[0])["mean latency"] == ms


def test_a_request_of_hey_that_got_an_error_failed_however_fast():
    records = parse_sample("hey.csv").records
    assert [record.name for record in records if record.failure] == ["row=3", "row=10"]
    assert numbers_of(records[0]) == {"latency": 35.3}


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


def test_autocannons_latencies_are_read_where_every_answer_was_a_success():
    [record] = parse_sample("autocannon.json").records
    numbers = numbers_of(record)
    assert (numbers["mean latency"], numbers["median latency"], numbers["p97.5 latency"]) == (
        86.66, 83, 186,
    )  # fmt: skip
    assert numbers["mean request_rate"] == 45.67
    assert record.config["concurrency"] == 4


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("non2xx", 20, "20 answers had another status than 2xx"),
        ("errors", 5, "5 requests failed or were given up"),
        ("latency", {"p97_5": 0, "totalCount": 0}, "nothing was answered"),
    ],
)
def test_autocannon_gives_no_latency_where_requests_failed(key: str, value: object, said: str):
    report = json.loads((SAMPLES / "autocannon.json").read_text()) | {key: value}
    outcome = parse_bytes("a.json", json.dumps(report).encode())
    assert isinstance(outcome, Unparsed)
    assert said in outcome.reason


@pytest.mark.parametrize("told", [{"sampleInt": 500}, {"workers": 2}])
def test_what_autocannon_counted_in_half_a_second_is_no_rate(told: dict[str, int]):
    report = json.loads((SAMPLES / "autocannon.json").read_text()) | told
    [record] = parse_text(json.dumps(report), name="a.json").records
    assert "mean request_rate" not in numbers_of(record)


def test_k6_gives_the_latency_of_answers_that_were_expected():
    [record] = parse_sample("k6_failures.json").records
    numbers = numbers_of(record)
    assert (numbers["mean latency"], numbers["max latency"]) == (79.71491832352939, 103.808002)
    assert {reading.n for reading in record.readings} == {34}
    # six requests failed, and the rate has them in it
    assert "request_rate" not in numbers
    [whole] = parse_sample("k6_summary.json").records
    assert numbers_of(whole)["request_rate"] == 39.01681222733833
    assert whole.config == {"concurrency": 3}


def test_a_trend_of_a_k6_script_is_read_if_it_names_its_unit():
    parsed = parse_sample("k6_data.json")
    assert numbers_of(parsed.records[0])["median ttft"] == 34.2016255
    tree = json.loads((SAMPLES / "k6_data.json").read_text())
    tree["metrics"]["http_req_failed"]["values"] |= {"passes": 1, "fails": 39}
    [record] = parse_text(json.dumps(tree), name="x.json").records
    assert "median ttft" not in numbers_of(record)


def test_of_a_k6_test_that_does_not_count_its_failures_nothing_is_read():
    tree = json.loads((SAMPLES / "k6_summary.json").read_text())
    del tree["metrics"]["http_req_failed"]
    outcome = parse_bytes("x.json", json.dumps(tree).encode())
    assert isinstance(outcome, Unparsed)
    assert "how many requests failed is not told" in outcome.reason
