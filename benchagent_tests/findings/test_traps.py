"""The traps of benchmark folders by name: what fooled people, and the check that is not fooled.

A trap stands here as a test of its own, or in the table with the tests elsewhere that hold it.
"""

import os
from importlib import import_module
from shutil import copy

import pytest

from benchagent.facts.derivations import derive_facts
from benchagent.formats import parse_bytes
from benchagent.measurements.readings import Parsed
from benchagent.references import render_plain
from benchagent.reporting.performance import write_performance
from benchagent.verification.evidence.corpus import Corpus
from benchagent_tests.artifacts import SAMPLES, numbers_of, parse_text
from benchagent_tests.findings.telling import evidence_of_folder
from benchagent_tests.measured import a_measurement, an_evidence
from benchagent_tests.verification.verifying import measure, rulings

HELD_ELSEWHERE = {
    "a failed run written as zero or as blank cells": (
        "formats.own.test_failed_calls.test_a_failed_run_is_not_a_zero",
    ),
    "a success whose result is the text of an error": (
        "formats.predecessor.test_predecessor.test_a_success_whose_text_is_an_error_failed",
    ),
    "a failed backend with a mean of zero": (
        "formats.predecessor.test_predecessor.test_a_backend_that_failed_has_no_mean_of_zero",
    ),
    "cold calls mixed into a mean": (
        "facts.test_facts.test_cold_and_warm_calls_stand_apart_and_their_mean_says_that_it_mixes_them",
        "measurements.test_measurements.test_cold_calls_are_told_apart_and_the_threshold_is_kept",
    ),
    "a model that only the name of the file or folder tells": (
        "measurements.test_measurements.test_a_subject_that_only_the_path_tells_is_marked_so",
    ),
    "a model that only the folder tells": (
        "measurements.test_subjects.test_a_path_names_a_model_if_it_looks_like_one",
    ),
    "a summary without a model": (
        "measurements.test_measurements.test_a_summary_takes_the_subject_of_its_raw_rows",
    ),
    "a local time beside UTC": (
        "formats.test_setting_texts.test_a_time_says_what_it_can_be_compared_with",
    ),
    "a time in a path taken for that of the run": (
        "measurements.test_measurements.test_a_time_in_the_path_stands_in_for_one_that_the_data_lack",
    ),
    "words counted as tokens": (
        "formats.predecessor.test_predecessor.test_words_are_not_counted_as_tokens",
    ),
    "a row of units under the header, and Indian digit groups": (
        "formats.machines.test_machine_samples.test_units_under_the_header_and_indian_digit_groups_are_understood",
    ),
    "a table that is an error message in mangled UTF-16": (
        "formats.test_unread_files.test_an_error_message_in_mangled_utf16_is_told_in_its_own_words",
    ),
    "exact duplicates in other folders": (
        "measurements.test_measurements.test_identical_files_count_once_under_the_shortest_path",
    ),
    "the same values once as CSV and once as JSON": (
        "facts.test_facts.test_a_run_told_as_csv_and_as_json_is_counted_once",
    ),
    "a summary that disagrees with its raw rows": (
        "facts.test_facts.test_a_summary_that_is_off_is_set_beside_its_raw_rows",
        "findings.test_findings_on_excerpts.test_a_rule_tells_of_real_files_what_stands_in_them",
    ),
    "a run labelled with a device that it did not use": (
        "formats.predecessor.test_predecessor.test_the_device_asked_for_and_the_provider_used_both_stand_in_the_settings",
        "findings.test_findings.test_a_rule_finds_its_effect_and_says_it",
        "findings.test_findings_on_excerpts.test_a_mislabelled_run_is_compared_with_no_baseline",
    ),
    "percentiles and deviations of means, as they are read": (
        "formats.predecessor.test_predecessor.test_percentiles_of_means_are_not_percentiles",
        "formats.serving.test_aiperf_over_runs.test_a_mean_of_percentiles_is_no_percentile",
        "quantities.test_quantities.test_a_statistic_of_statistics_is_not_called_by_the_name_of_one",
    ),
    "an effect that follows run order": (
        "findings.test_rounds.test_a_drift_between_rounds_is_seldom_called_an_effect",
        "findings.test_rules_of_order.test_a_difference_that_run_order_may_explain_is_called_no_effect_but_told_as_run_order",
    ),
}


@pytest.mark.parametrize("trap", HELD_ELSEWHERE)
def test_a_trap_is_held_by_a_test_that_exists(trap: str):
    for place in HELD_ELSEWHERE[trap]:
        module, _, name = place.rpartition(".")
        assert callable(getattr(import_module(f"benchagent_tests.{module}"), name))


def test_seconds_milliseconds_microseconds_and_nanoseconds_side_by_side():
    text = "model,ttft_s,load_ms,eval_us,total_ns\nm:1b,0.5,20,30000,9000000\n"
    [record] = parse_text(text).records
    assert numbers_of(record) == {
        "ttft": 500.0,
        "load_time": 20.0,
        "eval_time": 30.0,
        "total_time": 9.0,
    }


def test_latin_1_is_read_as_it_was_meant():
    data = "prompt,ttft_s,tokens_s\ncafé,0.5,20\n".encode("latin-1")
    parsed = parse_bytes("x.csv", data)
    assert isinstance(parsed, Parsed)
    assert dict(parsed.records[0].config) == {"prompt": "café"}


def test_a_markdown_table_fused_to_the_line_before_with_bold_and_coded_cells():
    text = (
        "Best at q4_0. | num_gpu | Model | Mean TTFT (s) | Tokens/s |\n"
        "| --- | --- | --- | --- |\n"
        "| 40.00 | `wolf:1b` | **0.125** | 80.5 |\n"
    )
    [record] = parse_text(text, name="x.md").records
    assert record.subject == "wolf:1b"
    assert record.config["num_gpu"] == 40
    assert numbers_of(record) == {"mean ttft": 125.0, "decode_rate": 80.5}
    assert {reading.kind for reading in record.readings} == {"claimed"}


def test_a_digest_whose_columns_are_shifted_gives_claims_alone():
    text = "## Digest\n- q8_0: mean_latency_ms=46.570 tokens_per_s=2.008 mem_mb=0\n"
    [record] = parse_text(text, name="digest.md").records
    assert (record.subject, record.config) == (None, {"label": "q8_0"})
    assert numbers_of(record) == {"mean latency": 46.57, "decode_rate": 2.008}
    assert {reading.kind for reading in record.readings} == {"claimed"}


def test_one_run_with_another_batch_size_is_pooled_with_no_other():
    rows = [
        a_measurement(
            value, metric="latency", row=row, config={"backend": "trt", "batch_size": size}
        )
        for row, (value, size) in enumerate([(1.0, 2), (1.1, 2), (8.2, 4)], 1)
    ]
    facts = derive_facts(an_evidence(rows))
    told = {
        fact.config: fact.value
        for fact in facts
        if fact.about == "configuration" and fact.method in ("median", "value")
    }
    assert told == {
        '{"backend":"trt","batch_size":2}': pytest.approx(1.05),
        '{"backend":"trt","batch_size":4}': 8.2,
    }
    [whole] = [fact for fact in facts if fact.about == "subject" and fact.method == "median"]
    assert whole.config == '{"backend":"trt"}'  # the batch size is not said to be shared


def test_a_deviation_of_all_is_made_one_of_a_sample():
    rows = [
        a_measurement(value, metric="latency", statistic=statistic, n=5)
        for statistic, value in (("mean", 10.0), ("stddev_population", 2.0))
    ]
    [mean] = [
        fact
        for fact in derive_facts(an_evidence(rows))
        if fact.statistic == "mean" and fact.about == "subject"
    ]
    assert mean.spread == pytest.approx(2.0 * (5 / 4) ** 0.5)


def test_an_interval_with_the_wrong_degrees_of_freedom_is_not_taken_over():
    rows = [
        a_measurement(value, metric="latency", statistic=statistic, n=3)
        for statistic, value in (("mean", 10.0), ("ci_low", 9.99), ("ci_high", 10.01))
    ]
    means = [f for f in derive_facts(an_evidence(rows)) if f.statistic == "mean"]
    assert means
    assert {(fact.ci_low, fact.ci_high) for fact in means} == {(None, None)}


def test_a_write_up_that_states_a_rate_which_no_run_reached():
    raw = [
        a_measurement(100.0 + row / 10, row=row, path="reports/fox/calls.csv", subject="fox:4b")
        for row in range(1, 13)
    ]
    said = a_measurement(
        253.9, path="reports/fox/report.md", subject="fox:4b", statistic="max", kind="claimed",
        raw_value="253.9 tok/s",
    )  # fmt: skip
    facts = derive_facts(an_evidence([*raw, said]))
    wrong = [fact for fact in facts if fact.about == "claim" and fact.statistic == "disagreeing"]
    assert [fact.value for fact in wrong] == [1]


def test_the_agents_own_calls_are_no_data_of_the_corpus():
    """A report of a predecessor quotes the telemetry of the agent that wrote it: prose, no data."""
    text = "## Agent\n- Agent TTFT: 812 ms\n- Agent throughput: 41.2 tok/s\n"
    outcome = parse_bytes("report.md", text.encode())
    assert not isinstance(outcome, Parsed)


def test_clocks_in_kilohertz_and_megahertz_and_memory_in_megabytes_and_gibibytes():
    launch = ["ID", "Process ID", "Process Name", "Host Name", "Kernel Name", "Context", "Stream",
              "Block Size", "Grid Size"]  # fmt: skip
    cells = ["0", "11", "demo", "here", "scale", "1", "15", "128", "162"]
    counters = {
        "sm__clock.max": ("Khz", "22,80,000"),
        "gpu__clock.max": ("MHz", "2280"),
        "dram__used": ("MB", "1.5"),
        "dram__all": ("GiB", "1"),
    }
    rows = (
        [*launch, *counters],
        [*("" for _ in launch), *(unit for unit, _ in counters.values())],
        [*cells, *(number for _, number in counters.values())],
    )
    text = "".join(",".join(f'"{cell}"' for cell in row) + "\n" for row in rows)
    [record] = parse_text(text).records
    assert numbers_of(record) == {
        "ncu:sm__clock.max": 2_280_000_000.0,
        "ncu:gpu__clock.max": 2_280_000_000.0,
        "ncu:dram__used": 1_500_000.0,
        "ncu:dram__all": 1_073_741_824.0,
    }
    assert [reading.unit for reading in record.readings] == ["Hz", "Hz", "bytes", "bytes"]


def test_the_time_at_which_a_file_was_written_is_no_time_of_a_run(tmp_path):
    path = tmp_path / "in" / "reports" / "calls.csv"
    path.parent.mkdir(parents=True)
    path.write_text("model,ttft_s,tokens_s\nfox:1b,0.5,20\nfox:1b,0.6,21\n")
    os.utime(path, (1_600_000_000, 1_600_000_000))
    evidence = evidence_of_folder(tmp_path / "in", tmp_path / "out")
    times = evidence.measurements.select(["measured_at"])["measured_at"].to_pylist()
    assert times == [None] * 4


@pytest.mark.parametrize("rising", [True, False])
def test_runs_are_ordered_by_their_place_in_the_file_and_not_by_written_times(rising: bool):
    days = range(1, 25) if rising else range(24, 0, -1)
    rows = [
        a_measurement(100.0 + place, row=place, measured_at=f"2025-01-{day:02}T00:00:00Z")
        for place, day in enumerate(days, 1)
    ]
    [drift] = [f for f in derive_facts(an_evidence(rows)) if f.method == "kendall-tau"]
    assert drift.value == pytest.approx(1.0)


def test_what_sums_up_runs_is_put_together_with_no_single_number_nor_with_another_sum():
    rows = [
        *(
            a_measurement(value, row=row, metric="latency")
            for row, value in enumerate((4, 5, 9), 1)
        ),
        a_measurement(8.0, row=4, metric="latency", statistic="p95", n=20),
        a_measurement(6.0, row=5, metric="latency", statistic="p95_of_means", n=3),
        a_measurement(7.0, row=6, metric="latency", statistic="p95_of_means", n=3),
        # it qualifies a mean of means, and is no deviation of calls
        a_measurement(0.7, row=6, metric="latency", statistic="stddev_of_means", n=3),
    ]
    facts = [f for f in derive_facts(an_evidence(rows)) if f.about == "subject"]
    told = {(f.statistic, f.method): (f.value, f.n) for f in facts}
    assert told["value", "median"] == (5, 3)
    assert told["p95", "value"] == (8.0, 20)
    assert told["p95_of_means", "median"] == (6.5, 2)
    assert "stddev_of_means" not in {statistic for statistic, _ in told}
    [label] = [f.label for f in facts if f.statistic == "p95_of_means"]
    assert label.startswith("median p95 of the runs' means latency of")


def test_a_table_of_medians_names_the_statistic_that_its_source_gives():
    rows = [
        a_measurement(value, row=row, metric="latency", statistic=statistic, n=3, subject="noop")
        for statistic, values in (("p95", (8.0, 9.0)), ("p95_of_means", (6.0, 7.0)))
        for row, value in enumerate(values, 1)
    ]
    facts = derive_facts(an_evidence(rows))
    page = render_plain(write_performance(facts), {fact.id: fact for fact in facts})
    tables = {part.splitlines()[0]: part for part in page.split("### ")[1:]}
    assert [*tables] == [
        "llm-call: medians of the p95 reported, with the number of values",
        "llm-call: medians of the p95 of the runs' means reported, with the number of values",
    ]
    one, other = tables.values()
    assert "8.50 ms (n = 2)" in one
    assert "6.50 ms (n = 2)" in other


@pytest.mark.parametrize(
    ("sentence", "ruling"),
    [
        ("The p95 latency of `noop` was 6.9 ms.", "supported"),
        # 5.95 ms and 6.0 ms are percentiles of two runs' means
        ("The p95 latency of `noop` was 6.0 ms.", "unsupported"),
        ("The 99th percentile latency of `noop` was 5.99 ms.", "contradicted"),
        ("The p95 of the runs' means of `noop` was 6.0 ms.", "supported"),
        ("The standard deviation of the latency of `noop` was 0.5 ms.", "supported"),
        ("The standard deviation of the latency of `noop` was 0.7071 ms.", "contradicted"),
        ("The standard deviation of the means of `noop` was 0.7071 ms.", "supported"),
    ],
)
def test_a_percentile_of_means_bears_out_no_percentile(sentence: str, ruling: str, noop: Corpus):
    assert [said for _, said in rulings(sentence, noop)] == [ruling]


@pytest.fixture(scope="module")
def noop(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """Two runs of one code path, and what their file says over them."""
    place = tmp_path_factory.mktemp("noop")
    (place / "in" / "reports").mkdir(parents=True)
    copy(SAMPLES / "latency_baseline.json", place / "in" / "reports" / "noop_baseline.json")
    return measure(place / "in", place / "out")
