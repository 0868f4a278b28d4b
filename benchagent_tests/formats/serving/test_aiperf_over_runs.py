"""What AIPerf says over several runs and of sweeps."""

import pytest

from benchagent.formats import parse_bytes
from benchagent.measurements.readings import Unparsed
from benchagent_tests.artifacts import SAMPLES, numbers_of, parse_sample, parse_text, reading_at


def test_a_mean_of_percentiles_is_no_percentile():
    (record,) = parse_sample("aiperf_aggregate.json").records
    numbers = numbers_of(record)
    assert numbers["mean_of_p99 latency"] == pytest.approx(236.13, abs=0.005)
    assert not {"p99 latency", "median latency", "mean latency"} & numbers.keys()
    assert numbers["ci_low_of_p99 latency"] < 0  # as a symmetric interval of three runs can be
    # a run has one rate, so that over runs its mean is one
    assert "mean throughput" in numbers
    assert {(r.kind, r.n) for r in record.readings} == {("derived", 3)}


def test_aiperfs_aggregate_table_gives_what_its_json_gives_rounded():
    (table,) = parse_sample("aiperf_aggregate.csv").records
    (whole,) = parse_sample("aiperf_aggregate.json").records
    numbers = numbers_of(whole)
    assert numbers_of(table).keys() == numbers.keys()
    # the run's duration is in seconds there, so that two decimals are 5 ms
    assert all(abs(value - numbers[name]) <= 5.001 for name, value in numbers_of(table).items())
    assert {(r.kind, r.n) for r in table.readings} == {("derived", 3)}


@pytest.mark.parametrize(("level", "read"), [("0.95", True), ("0.9", False), ("null", False)])
def test_only_an_interval_of_95_percent_is_called_one(level: str, read: bool):
    text = (
        f'{{"metadata": {{"confidence_level": {level}}}, "metrics": {{"request_latency_avg": '
        '{"mean": 9, "ci_low": 8, "ci_high": 10, "t_critical": 4.3, "unit": "ms"}}}'
    )
    numbers = numbers_of(parse_text(text, name="x.json").records[0])
    assert numbers["mean_of_means latency"] == 9
    assert ("ci_low_of_means latency" in numbers) is read


def test_each_combination_of_a_sweep_of_aiperf_has_the_statistics_of_its_one_run():
    first, second = parse_sample("aiperf_sweep.json").records
    assert [first.config, second.config] == [{"concurrency": 1}, {"concurrency": 2}]
    assert {reading.kind for reading in first.readings} == {"derived"}
    latency = [r for r in first.readings if r.metric == "latency"]
    assert latency[0].locator == "/per_combination_metrics/0/metrics/request_latency/avg"
    assert (latency[0].statistic, latency[0].value, latency[0].n) == ("mean", 70.61379033333333, 6)
    # of a single run there is neither a deviation nor an interval
    assert {r.statistic for r in first.readings if r.statistic[0] in "sc"} == set()
    assert numbers_of(second)["request_rate"] == 23.074993386226165


def test_what_a_sweep_of_aiperf_says_over_several_runs_is_called_so():
    parsed = parse_sample("aiperf_sweep_runs.json")
    reading = reading_at(parsed, "/per_combination_metrics/0/metrics/request_latency_p99/mean")
    assert (reading.statistic, reading.n, reading.kind) == ("mean_of_p99", 2, "derived")
    rate = reading_at(parsed, "/per_combination_metrics/1/metrics/request_throughput_avg/std")
    assert (rate.metric, rate.statistic) == ("request_rate", "stddev")


def test_a_run_of_a_sweep_of_aiperf_that_failed_is_listed_with_its_error():
    text = (
        '{"aggregation_type": "sweep", "metadata": {"num_trials_per_value": 1},'
        ' "failed_runs": [{"label": "concurrency_4", "error": "no metrics"}],'
        ' "per_combination_metrics": []}'
    )
    (record,) = parse_text(text, name="x.json").records
    assert record.failure is not None
    assert (record.failure.reason, record.failure.locator) == (
        "no metrics",
        "/failed_runs/0/error",
    )


@pytest.mark.parametrize(
    ("sample", "known"),
    [
        ("aiperf_sweep.json", '"unit": "ms"'),
        ("aiperf_aggregate.json", '"unit": "ms"'),
        ("aiperf_aggregate.csv", ",ms"),
        ("aiperf.csv", "(ms)"),
        ("aiperf_requests.jsonl", '"unit":"ms"'),
    ],
)
def test_a_metric_of_aiperf_in_a_unit_that_nobody_knows_is_listed(sample: str, known: str):
    text = (SAMPLES / sample).read_text()
    whole = parse_text(text, name=sample)
    parsed = parse_text(text.replace(known, known.replace("ms", "blinks")), name=sample)
    left, told = (sum(len(record.readings) for record in each.records) for each in (parsed, whole))
    assert 0 < left < told
    assert any("'blinks'" in refusal.reason for refusal in parsed.refusals)


def test_the_table_of_a_sweep_of_aiperf_names_no_units_and_gives_no_numbers():
    text = "concurrency,request_throughput_mean,request_throughput_cv\n1,12.6,0.0\n"
    outcome = parse_bytes("x.csv", text.encode())
    assert isinstance(outcome, Unparsed)
    assert (outcome.format, outcome.reason) == (
        "aiperf-sweep",
        "its columns name no units: the JSON beside it does",
    )
