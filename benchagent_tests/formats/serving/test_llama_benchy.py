"""What llama-benchy saves and prints of the tests of a server."""

import json

import pytest

from benchagent.formats import parse_bytes
from benchagent.measurements.readings import Unparsed
from benchagent_tests.artifacts import SAMPLES, numbers_of, parse_sample, parse_text


def test_of_llama_benchy_every_request_is_read_and_what_sums_it_up():
    parsed = parse_sample("llama_benchy.json")
    whole, first, second = parsed.records[:3]
    assert whole.subject == "wren-135m"
    assert whole.measured_at == ("2026-11-23T01:46:44Z", "utc")
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
