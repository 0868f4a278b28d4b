"""The forms in which CI keeps benchmarks: github-action-benchmark's and Bencher's."""

import pytest

from benchagent.formats import parse_bytes
from benchagent_tests.artifacts import numbers_of, parse_sample


def test_named_values_have_the_units_that_they_name_and_no_others():
    records = parse_sample("github_action_benchmark.json").records
    assert [(r.metric, r.value, r.unit) for record in records for r in record.readings] == [
        ("latency", 12.5, "ms"),
        ("github-action-benchmark:value", 88_250_000.0, "bytes"),
        ("github-action-benchmark:value", 3.0, None),
    ]


def test_of_benchers_measures_only_the_built_in_ones_have_a_unit():
    large, build = parse_sample("bencher_metrics.json").records
    assert numbers_of(large) == {
        "latency": 0.0882505,
        "lower_bound latency": 0.0871,
        "upper_bound latency": 0.091,
    }
    assert [r.unit for r in build.readings] == [None]


def test_the_runs_of_github_action_benchmark_have_their_commit_and_time():
    parsed = parse_sample("github_action_benchmark.js")
    first, *_, last = parsed.records
    assert first.name == "/entries/Go/0/benches/0"
    assert first.config == {
        "workload": "BenchmarkParse", "suite": "Go", "commit": "aaa111", "tool": "go",
    }  # fmt: skip
    assert first.measured_at == ("2025-12-29T09:20:00.123000Z", "utc")
    assert (last.config["suite"], last.config["commit"]) == ("Python", "bbb222")


def test_what_an_iteration_takes_is_in_the_unit_before_the_slash():
    records = parse_sample("github_action_benchmark.js").records
    assert [(r.metric, r.value, r.unit) for record in records for r in record.readings] == [
        # Go's unit goes on behind a tab with the bytes and allocations of the same run
        ("latency", 0.001876, "ms"),
        ("github-action-benchmark:value", 1410.0, "bytes"),
        ("github-action-benchmark:value", 11.0, None),
        ("latency", 0.002247, "ms"),
        ("github-action-benchmark:value", 548.36, "items/s"),
    ]


def test_a_value_that_is_missing_is_refused_and_the_others_count():
    refused = [refusal.locator for refusal in parse_sample("github_action_benchmark.js").refusals]
    assert refused == ["/entries/Go/1/benches/1/value"]


@pytest.mark.parametrize(
    "text",
    [
        # settings of something, one of them a text
        '[{"name": "width", "unit": "px", "value": 3}, {"name": "c", "unit": "", "value": "red"}]',
        '{"entries": {"a": [{"id": 1}], "b": 3}}',
        '{"entries": {}}',
    ],
)
def test_lists_of_other_things_are_no_benchmarks(text: str):
    assert parse_bytes("x.json", text.encode()).format is None


def test_the_variants_of_a_benchmark_differ_in_their_parameters():
    small, large, write = parse_sample("bencher_variants.json").records
    assert small.config == {"size_mb": 16, "op": "read", "workload": "read"}
    assert numbers_of(small) == {"latency": 0.0125, "median latency": 0.012, "p99 latency": 0.021}
    assert numbers_of(large) == {
        "latency": 0.048, "lower_bound latency": 0.047, "bencher-metrics:throughput": 100.5,
    }  # fmt: skip
    assert (write.name, write.config) == ("/write", {"workload": "write"})
