"""What pytest-benchmark writes and prints."""

import pytest

from benchagent_tests.artifacts import parse_sample, parse_text


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
