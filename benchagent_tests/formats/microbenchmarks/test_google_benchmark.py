"""What Google Benchmark writes and prints, in its versions."""

import pytest

from benchagent_tests.artifacts import parse_sample, parse_text


def test_an_aggregate_whose_name_is_no_text_does_not_stop_the_reading():
    text = (
        '{"context": {}, "benchmarks": [{"run_name": "a", "run_type": "aggregate", '
        '"aggregate_name": {"x": 1}, "time_unit": "ns", "real_time": 1}, '
        '{"run_name": "a", "time_unit": "ns", "real_time": 2}]}'
    )
    assert [r.name for r in parse_text(text, name="x.json").records] == ["/benchmarks/1"]


def test_google_benchmarks_old_aggregates_are_told_by_their_names():
    records = parse_sample("google_benchmark_old.json").records
    assert [(r.subject, r.readings[0].statistic, r.readings[0].kind) for r in records] == [
        ("BM_Sum/64", "value", "measured"),
        ("BM_Sum/64", "value", "measured"),
        ("BM_Sum/64", "mean", "derived"),
        ("BM_Sum/64", "median", "derived"),
        ("BM_Sum/64", "stddev", "derived"),
        # the runs were left out of the report
        ("BM_Fill", "mean", "measured"),
        ("BM_Fill", "stddev", "measured"),
        # a function that is called so
        ("BM_geometric_mean", "value", "measured"),
    ]


def test_the_iterations_of_an_old_aggregate_are_not_its_runs():
    records = parse_sample("google_benchmark_old.json").records
    assert {reading.n for record in records for reading in record.readings} == {None}


def test_google_benchmarks_repetitions_are_measured_and_its_aggregates_derived():
    parsed = parse_sample("google_benchmark.json")
    by_name = {record.name: record for record in parsed.records}
    repetition, mean = by_name["/benchmarks/2"], by_name["/benchmarks/3"]
    assert (repetition.subject, repetition.repetition) == ("BM_Sum/64", 2)
    assert {r.kind for r in repetition.readings} == {"measured"}
    assert {(r.kind, r.statistic, r.n) for r in mean.readings} == {("derived", "mean", 3)}
    # a coefficient of variation is a ratio in spite of its time_unit
    assert "/benchmarks/6" not in by_name
    assert parsed.reason == "aggregates that are not read: cv; counters of unknown unit: size"


def test_google_benchmark_has_a_unit_for_each_entry_and_a_zero_beside_an_error_is_a_failure():
    records = parse_sample("google_benchmark.json").records
    failed, filled = records[-2:]
    assert failed.failure is not None
    assert failed.failure.reason == "no device"
    assert failed.readings == ()
    assert filled.readings[0].raw_unit == "us"
    assert round(filled.readings[0].value, 9) == 0.001360586  # ms


def test_google_benchmarks_table_tells_aggregates_by_their_names():
    parsed = parse_sample("google_benchmark.csv")
    sleep = [record for record in parsed.records if record.subject == "BM_Sleep"]
    times = [r for record in sleep for r in record.readings if r.metric == "latency"]
    assert [(r.statistic, r.kind, r.n, r.value) for r in times] == [
        ("value", "measured", None, 2.2737),
        ("value", "measured", None, 1.06352),
        ("value", "measured", None, 1.06279),
        ("mean", "derived", 3, 1.46667),
        ("median", "derived", 3, 1.06352),
        ("stddev", "derived", 3, 0.698913),
    ]
    assert [record.repetition for record in sleep[:3]] == [0, 1, 2]
    # a function may be called as an aggregate is
    assert {r.subject for r in parsed.records if "mean" in str(r.subject)} == {"BM_Sleep_mean"}
    assert parsed.reason == (
        "aggregates that are not read: BigO, RMS, cv, slowest; "
        "counters of unknown unit: tokens_per_s"
    )


def test_google_benchmarks_table_begins_below_what_it_says_of_the_machine():
    parsed = parse_sample("google_benchmark.csv")
    assert parsed.records[0].measured_at == ("2026-11-22T18:00:55Z", "utc")
    assert parsed.records[0].readings[0].locator == "row=1,column=real_time"
    failed = parsed.records[-1]
    assert failed.failure is not None
    assert (failed.failure.reason, failed.failure.locator) == (
        "no device",
        "row=17,column=error_message",
    )


def test_what_google_benchmark_prints_is_its_json_rounded():
    parsed = parse_sample("google_benchmark.txt")
    sleep = [record for record in parsed.records if record.subject == "BM_Sleep"]
    times = [r for record in sleep for r in record.readings if r.metric == "latency"]
    assert [(r.statistic, r.kind, r.n, r.value) for r in times] == [
        ("value", "derived", None, 1.47),
        ("value", "derived", None, 1.07),
        ("value", "derived", None, 1.07),
        ("mean", "derived", 3, 1.2),
        ("median", "derived", 3, 1.07),
        ("stddev", "derived", 3, 0.229),
    ]
    assert times[0].locator == "line=8,chars=52-55"
    failed = parsed.records[-1]
    assert failed.failure is not None
    assert (failed.subject, failed.failure.reason) == ("BM_Bad", "no device")
    # a time that three decimals of a second do not show was not measured as 0
    seconds = [r for r in parsed.records if r.subject == "BM_Sleep_mean"]
    assert {r.metric for record in seconds for r in record.readings} == {"latency"}


@pytest.mark.parametrize(
    ("version", "threads", "metric"),
    [
        # a sleep of 10 ms in two threads was written as 5 ms
        (None, 2, "google-benchmark:real_time"),
        ("v1.9.0", 2, "google-benchmark:real_time"),
        ("v1.9.1", 2, "latency"),
        ("1.10.0", 2, "latency"),
        (None, 1, "latency"),
    ],
)
def test_a_time_that_was_divided_by_the_number_of_threads_is_no_latency(
    version: str | None, threads: int, metric: str
):
    told = f'"library_version": "{version}"' if version else ""
    text = (
        f'{{"context": {{{told}}}, "benchmarks": [{{"name": "S/threads:{threads}",'
        f' "threads": {threads}, "real_time": 5.1, "time_unit": "ms"}}]}}'
    )
    (record,) = parse_text(text, name="x.json").records
    assert [(r.metric, r.value) for r in record.readings] == [(metric, 5.1)]


def test_a_row_of_google_benchmarks_table_that_was_cut_is_refused():
    text = (
        "name,iterations,real_time,cpu_time,time_unit,bytes_per_second\n"
        '"BM_A",10,5,5,ns,\n"BM_B",10,384.3'
    )
    parsed = parse_text(text, name="x.csv")
    assert [record.subject for record in parsed.records] == ["BM_A"]
    assert [refusal.locator for refusal in parsed.refusals] == ["row=2"]
