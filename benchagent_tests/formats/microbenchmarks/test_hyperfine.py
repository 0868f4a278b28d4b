"""What hyperfine exports and prints."""

import json

import pytest

from benchagent_tests.artifacts import SAMPLES, numbers_of, parse_sample, parse_text


def test_an_old_hyperfine_has_no_median_and_one_parameter_without_a_name():
    text = (
        "command,mean,stddev,user,system,min,max,parameter\nsleep 0.1,0.102,0.001,0,0,0.1,0.103,4\n"
    )
    (record,) = parse_text(text).records
    assert record.config == {"parameter": 4}
    assert numbers_of(record)["mean latency"] == 102.0
    text = '{"results": [{"command": "sleep 0.1", "mean": 0.1, "user": 0, "parameter": "4"}]}'
    assert parse_text(text, name="x.json").records[0].config == {"parameter": 4}


def test_hyperfines_table_for_asciidoc_has_a_cell_per_line():
    first, second = parse_sample("hyperfine.adoc").records
    assert (first.subject, second.subject) == ("sleep 0.02", "sleep 0.01")
    assert numbers_of(first) == {
        "mean latency": 71.7, "stddev latency": 33.2, "min latency": 32.1, "max latency": 104.7
    }  # fmt: skip
    assert {(r.locator, r.kind) for r in second.readings if r.statistic == "min"} == {
        ("line=17,chars=3-6", "derived")
    }


def test_a_row_of_hyperfines_asciidoc_over_a_time_of_zero_gives_no_means():
    text = (SAMPLES / "hyperfine.adoc").read_text().replace("| 11.2", "| 0.0")
    parsed = parse_text(text, name="runs.adoc")
    assert [record.subject for record in parsed.records] == ["sleep 0.02"]
    assert [refusal.locator for refusal in parsed.refusals] == ["line=15"]


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
