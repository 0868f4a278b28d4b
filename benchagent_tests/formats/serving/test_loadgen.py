"""The summary and the detail log of MLPerf's LoadGen."""

import pytest

from benchagent.formats import parse_bytes
from benchagent_tests.artifacts import numbers_of, parse_sample, parse_text


def test_a_loadgen_summary_gives_its_latencies_and_its_verdict_is_a_setting():
    (record,) = parse_sample("loadgen_server.txt").records
    numbers = numbers_of(record)
    assert numbers["mean latency"] == 8.643426
    assert numbers["median ttft"] == 2.269218
    assert numbers["p99.9 tpot"] == 3.217182
    assert numbers["throughput"] == 219.69
    assert (record.config["scenario"], record.config["result"]) == ("Server", "INVALID")
    assert {r.definition for r in record.readings if r.metric == "tpot"} == {"tpot.excluding_first"}


def test_what_loadgen_says_twice_is_read_once():
    (record,) = parse_sample("loadgen_single_stream.txt").records
    said = [r for r in record.readings if (r.metric, r.statistic) == ("latency", "p90")]
    assert [r.raw_value for r in said] == ["2154724"]


def test_a_query_of_many_samples_is_another_latency_than_one_sample():
    text = (
        "MLPerf Results Summary\nSUT name : s\nScenario : {}\n"
        "99th percentile latency (ns) : 26576519\nMin latency (ns)                : 8934247\n"
    )
    for scenario, metric in (
        ("SingleStream", "latency"),
        ("MultiStream", "loadgen:query_latency"),
    ):
        (record,) = parse_text(text.format(scenario), name="x.txt").records
        assert {reading.metric for reading in record.readings} == {metric}


def test_the_detail_log_tells_queries_from_samples():
    head = ':::MLLOG {"key": "loadgen_version", "value": "4.0 @ 1", "time_ms": 0.1}\n'
    line = ':::MLLOG {{"key": "result_{}", "value": {}, "time_ms": 0.1}}\n'
    text = head + line.format("min_query_latency_ns", 8000000)
    text += line.format("50.00_percentile_per_query_latency_ns", 9000000)
    text += line.format("min_latency_ns", 3000000)
    (record,) = parse_text(text, name="x.txt").records
    assert numbers_of(record) == {
        "min loadgen:query_latency": 8.0, "median loadgen:query_latency": 9.0, "min latency": 3.0,
    }  # fmt: skip


@pytest.mark.parametrize("scenario", ["server", "offline", "single_stream"])
def test_loadgens_detail_log_says_what_its_summary_rounds(scenario: str):
    (detail,) = parse_sample(f"loadgen_detail_{scenario}.txt").records
    (summary,) = parse_sample(f"loadgen_{scenario}.txt").records
    told = numbers_of(summary)
    assert numbers_of(detail) == {
        name: pytest.approx(told[name], abs=0.005001) for name in numbers_of(detail)
    }
    assert numbers_of(detail).keys() == told.keys()
    assert summary.config.items() <= detail.config.items()
    assert detail.subject == "PySUT"
    assert detail.measured_at
    assert detail.measured_at.basis == "utc"


def test_a_token_rate_of_loadgen_in_a_unit_of_its_own_is_no_rate():
    text = parse_sample("loadgen_detail_server.txt")
    rates = [r.raw_value for r in text.records[0].readings if r.metric == "throughput"]
    assert rates == ["219.691"]  # `result_token_throughput` says 4.62779e-07 of the same run


def test_of_loadgens_queries_of_many_samples_nobody_counted_the_samples():
    server = parse_sample("loadgen_detail_server.txt").records[0].readings
    offline = parse_sample("loadgen_detail_offline.txt").records[0].readings
    assert {r.n for r in server if r.metric == "latency"} == {40}
    assert {r.n for r in offline} == {None}


def test_a_training_log_of_mlperf_is_no_log_of_loadgen():
    line = ':::MLLOG {"namespace": "", "time_ms": 1, "key": "run_start", "value": null}\n'
    assert parse_bytes("x.txt", line.encode()).format is None
