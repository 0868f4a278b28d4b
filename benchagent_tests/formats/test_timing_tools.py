"""Artifacts of tools that time functions and commands, as files and as what they print."""

import json

import pytest

from benchagent_tests.artifacts import numbers_of, parse_sample, parse_text


def test_the_rounds_of_a_pytest_benchmark_are_measured_and_their_statistics_derived():
    parsed = parse_sample("pytest_benchmark_data.json")
    test, first, *_ = parsed.records
    assert (test.subject, test.config["n"]) == ("test_sort.py::test_sort", 100)
    assert {reading.kind for reading in test.readings} == {"derived"}
    assert {reading.n for reading in test.readings} == {5}
    assert (first.name, first.repetition) == ("/benchmarks/0/stats/data/0", 0)
    assert first.readings[0].value == 1.3009999747737312e-3  # ms
    assert first.environment["cpu"] == "AMD EPYC"
    assert len(parsed.records) == 3 + 5 + 5 + 4


def test_without_rounds_the_statistics_are_what_was_measured():
    text = (
        '{"machine_info": {}, "benchmarks": [{"name": "t", "stats": {"mean": 0.5, "rounds": 3}}]}'
    )
    (record,) = parse_text(text, name="x.json").records
    assert [(r.kind, r.value, r.n) for r in record.readings] == [("measured", 500.0, 3)]


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


def test_a_test_timed_by_the_processors_clock_has_no_latency_and_keeps_its_parameters_apart():
    parsed = parse_sample("pytest_benchmark_clock.json")
    numbers = {(r.metric, r.unit) for record in parsed.records for r in record.readings}
    assert numbers == {("pytest-benchmark:cpu_time", "ms")}
    assert {record.config["disable_gc"] for record in parsed.records} == {True}
    # a parameter that is no plain value differs from the next one all the same
    apart = [(r.subject, r.config.get("river"), r.config.get("param")) for r in parsed.records]
    cross, step = "test_river.py::test_cross", "test_river.py::test_step"
    assert apart[:6] == [
        (cross, None, "8-river0"),
        (cross, None, "8-river1"),
        (cross, None, "8-None"),
        (cross, "3,5", None),
        (step, None, "min"),
        (step, None, "max"),
    ]


def test_one_round_has_no_deviation():
    parsed = parse_sample("pytest_benchmark_clock.json")
    assert "stddev" not in {reading.statistic for reading in parsed.records[-1].readings}
    assert [refusal.locator for refusal in parsed.refusals] == ["/benchmarks/6/stats/stddev"]


def test_a_clock_that_nobody_knows_gives_a_time_without_unit():
    text = (
        '{"machine_info": {}, "benchmarks": [{"name": "t", "options": {"timer": "ticks"},'
        ' "stats": {"mean": 5, "rounds": 2}}]}'
    )
    (record,) = parse_text(text, name="x.json").records
    assert [(r.metric, r.unit) for r in record.readings] == [("pytest-benchmark:time", None)]


def test_the_table_that_pytest_benchmark_compares_sums_up_what_it_compared():
    records = parse_sample("pytest_benchmark.csv").records
    first = records[0]
    assert (first.subject, first.config["param"]) == ("test_river.py::test_step", "max")
    assert [(r.statistic, r.kind, r.n) for r in first.readings] == [
        ("mean", "derived", 1961),
        ("stddev", "derived", 1961),
        ("median", "derived", 1961),
        ("min", "derived", 1961),
        ("max", "derived", 1961),
    ]
    assert first.readings[0].value == 4.5024305108954667e-07 * 1000
    assert records[4].config["river"] == "{'name': 'thames'}"


def test_the_table_that_pytest_benchmark_prints_has_its_unit_in_its_title():
    records = parse_sample("pytest_benchmark.txt").records
    assert len(records) == 14
    first, last = records[0], records[-1]
    assert (first.subject, first.config["param"], first.config["run"]) == (
        "test_step",
        "max",
        "0002_second",
    )
    assert last.config["run"] == "NOW"
    # in brackets stands how many times the best one a number is
    assert [(r.statistic, r.raw_value, r.n, r.kind) for r in first.readings] == [
        ("mean", "450.2431", 1961, "derived"),
        ("stddev", "6,560.5839", 1961, "derived"),
        ("median", "192.5000", 1961, "derived"),
        ("min", "167.5004", 1961, "derived"),
        ("max", "168,076.5417", 1961, "derived"),
    ]
    assert first.readings[-1].value == pytest.approx(0.1680765417)
    # one round has no deviation
    assert "stddev" not in {reading.statistic for reading in last.readings}


def test_a_table_of_pytest_benchmark_with_other_columns_is_read_by_their_titles():
    text = (
        "---- benchmark: 2 tests ----\n"
        "Name (time in ms)         Min             OPS            Rounds\n"
        "----------------------------\n"
        "test_a[x y]        1.5000 (1.0)      666.6667 (1.0)         490\n"
        "test_b             2.5000 (1.67)     400.0000 (0.60)          9\n"
        "----------------------------\n\n"
        "2 passed in 2.5 s  9  9  9\n"
    )
    records = parse_text(text, name="x.txt").records
    assert [(r.subject, r.config.get("param")) for r in records] == [
        ("test_a", "x y"),
        ("test_b", None),
    ]
    assert [(r.statistic, r.value, r.n) for record in records for r in record.readings] == [
        ("min", 1.5, 490),
        ("min", 2.5, 9),
    ]


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
    assert parsed.records[0].measured_at == "2026-11-22T18:00:55Z"
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


def test_every_run_of_hyperfine_is_a_measurement_and_the_means_are_derived():
    parsed = parse_sample("hyperfine.json")
    assert [len(record.readings) for record in parsed.records] == [1, 1, 1, 1, 7] * 2
    assert parsed.records[0].readings[0].value == 19.487585
    assert {r.kind for r in parsed.records[4].readings} == {"derived"}
    assert parsed.records[0].config == {"n": 0.01}
    table = parse_sample("hyperfine.csv")
    assert numbers_of(table.records[0]) == numbers_of(parsed.records[4])


def test_a_command_that_failed_was_not_measured_nor_one_faster_than_its_shell():
    parsed = parse_sample("hyperfine_fail.json")
    assert [record.failure is not None for record in parsed.records] == [True] * 3 + [False]
    assert numbers_of(parsed.records[3]) == {"latency": 5.8720323200000015}
    assert {refusal.locator for refusal in parsed.refusals} == {
        "/results/0",  # a mean of failed runs
        "/results/1",
        "/results/1/times/0",
        "/results/1/times/2",
    }


def test_means_of_hyperfine_over_a_time_of_zero_are_refused_where_its_runs_were_taken_out():
    sums = {"mean": 0.0011, "user": 0, "system": 0, "min": 0.0, "max": 0.002}
    results = [{"command": "true", **sums}, {"command": "ls", **sums, "min": 0.0009}]
    parsed = parse_text(json.dumps({"results": results}), name="x.json")
    assert [record.name for record in parsed.records] == ["/results/1"]
    assert [refusal.locator for refusal in parsed.refusals] == ["/results/0"]


def test_a_table_of_hyperfine_has_no_means_over_times_of_zero_and_no_deviation_of_one_run():
    head = "command,mean,stddev,median,user,system,min,max\n"
    text = f"{head}false,0.0009,0.0016,0,0,0,0,0.0028\nsleep 1,1.5,0,1.5,0.001,0,1.5,1.5\nls,1.5\n"
    parsed = parse_text(text, name="x.csv")
    (record,) = parsed.records
    assert {reading.statistic for reading in record.readings} == {"mean", "median", "min", "max"}
    refused = [refusal.locator for refusal in parsed.refusals]
    assert refused == ["row=1", "row=2,column=stddev", "row=3"]


def test_what_hyperfine_prints_is_read_with_its_units_runs_and_failures():
    parsed = parse_sample("hyperfine.txt")
    shown, ignored, once, again, ended = parsed.records
    assert [(r.metric, r.statistic, r.value, r.n, r.kind) for r in shown.readings] == [
        ("latency", "mean", 20.0, 3, "derived"),
        ("latency", "stddev", 0.1, 3, "derived"),
        ("latency", "min", 20.0, 3, "derived"),
        ("latency", "max", 20.2, 3, "derived"),
        ("hyperfine:user_time", "mean", 0.8, 3, "derived"),
        ("hyperfine:system_time", "mean", 0.3, 3, "derived"),
    ]
    # the terminal's colours stand between the words
    assert shown.readings[0].locator == "line=2,chars=52-55"
    assert (once.subject, once.readings[0].n, again.readings[0].n) == ("sleep 0.01", 1, 2)
    said = [str(r.failure.reason).split(" in ")[0] for r in (ignored, ended) if r.failure]
    assert said == [
        "Ignoring non-zero exit code.",
        "Command terminated with non-zero exit code 3",
    ]
    assert not ignored.readings


def test_microseconds_in_what_hyperfine_prints_are_microseconds():
    text = (
        "Benchmark #1: ls\n"
        "  Time (mean ± \N{GREEK SMALL LETTER SIGMA}):     421.5 µs ±  45.1 µs    "
        "[User: 415.5 µs, System: 1.0 ms]\n"
        "  Range (min … max):   0.390 s … 0.589 s    20 runs\n"
    )
    (record,) = parse_text(text, name="x.txt").records
    assert [r.value for r in record.readings] == [0.4215, 0.0451, 390.0, 589.0, 0.4155, 1.0]


@pytest.mark.parametrize("sample", ["hyperfine.md", "hyperfine.org"])
def test_a_command_in_hyperfines_table_may_hold_the_bars_that_part_its_cells(sample: str):
    records = parse_sample(sample).records
    assert [record.subject for record in records] == ["the fast one", 'slow, "quoted" | piped']
    assert [(r.statistic, r.value, r.kind) for r in records[1].readings] == [
        ("mean", 30.0, "derived"),
        ("stddev", 3.6, "derived"),
        ("min", 27.5, "derived"),
        ("max", 32.6, "derived"),
    ]


def test_a_row_of_hyperfines_table_over_times_of_zero_gives_no_means():
    text = (
        "| Command | Mean [ms] | Min [ms] | Max [ms] | Relative |\n|:---|---:|---:|---:|---:|\n"
        "| `false` | 0.9 ± 1.6 | 0.0 | 2.8 | 1.00 |\n| `ls` | 11.2 | 11.2 | 11.2 | 12.4 |\n"
    )
    parsed = parse_text(text, name="x.md")
    assert parsed.format == "hyperfine-table"
    assert [record.subject for record in parsed.records] == ["ls"]
    assert [refusal.locator for refusal in parsed.refusals] == ["line=3"]


def test_a_table_ends_at_a_line_that_is_too_long_for_one_that_a_tool_wrote():
    text = (
        "| Command | Mean [ms] | Min [ms] | Max [ms] | Relative |\n"
        "| `ls` | 11.2 | 11.2 | 11.2 | 1.00 |\n"
        f"| `du` {' ' * 4000}| 12.2 | 12.2 | 12.2 | 1.09 |\n"
        "| `df` | 13.2 | 13.2 | 13.2 | 1.18 |\n"
    )
    parsed = parse_text(text, name="x.txt")
    assert [record.subject for record in parsed.records] == ["ls"]


def test_a_write_up_with_a_table_of_hyperfine_and_others_stays_a_write_up():
    text = (
        "| Command | Mean [ms] | Min [ms] | Max [ms] | Relative |\n|---|---|---|---|---|\n"
        "| `ls` | 11.2 ± 0.1 | 11.1 | 11.3 | 1.00 |\n\n"
        "| model | TTFT (ms) |\n|---|---|\n| gemma3:270m | 12 |\n"
    )
    assert parse_text(text, name="x.md").format == "markdown"
