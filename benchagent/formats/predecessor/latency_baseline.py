"""Latency percentiles of a code path: one run (`timing`), or several (`timing_stats.run_results`).

What the file says over its runs are statistics of the runs' means, not of single executions: its
"p95" is the 95th percentile of three to five means, and is called so here.
"""

from collections.abc import Mapping
from typing import Final

from benchagent.formats.json_fields import Field, count_at, read_fields, read_place, read_settings
from benchagent.formats.settings import read_time
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.json_trees import Json, as_list, as_object, as_text
from benchagent.measurements.locators import Place, pointer_locator
from benchagent.measurements.readings import Parsed, Reading, Record, Refusal

NAME: Final = "latency-baseline-json"

_RUN: Final = {
    "mean_ms": Field("latency", "ms", "mean"),
    "stdev_ms": Field("latency", "ms", "stddev"),
    "p50_ms": Field("latency", "ms", "median"),
    "p95_ms": Field("latency", "ms", "p95"),
    "p99_ms": Field("latency", "ms", "p99"),
}
_OVER_RUNS: Final = {
    "overall_mean_ms": Field("latency", "ms", "mean_of_means"),
    "overall_stdev_ms": Field("latency", "ms", "stddev_of_means"),
}
_PERCENTILES: Final = {
    "p50": Field("latency", "ms", "median_of_means"),
    "p95": Field("latency", "ms", "p95_of_means"),
    "p99": Field("latency", "ms", "p99_of_means"),
}
_INTERVAL: Final = ("ci_low_of_means", "ci_high_of_means")


def detect(artifact: Artifact) -> bool:
    """Whether the file has one run's timing, or the results of several."""
    top = as_object(artifact.tree)
    one = as_object(top.get("timing"))
    several = as_list(as_object(top.get("timing_stats")).get("run_results"))
    return "mean_ms" in one or any("mean_ms" in as_object(run) for run in several)


def parse(artifact: Artifact) -> Parsed:
    """One record per run, and one for what the file says over its runs."""
    top = as_object(artifact.tree)
    refusals: list[Refusal] = []
    records: list[Record] = []
    if one := as_object(top.get("timing")):
        records.append(_read_run(top, one, ("timing",), None, refusals))
    runs = as_list(as_object(top.get("timing_stats")).get("run_results"))
    for at, run in enumerate(runs):
        place = ("timing_stats", "run_results", at)
        records.append(_read_run(top, as_object(run), place, at, refusals))
    if runs:
        readings = _read_over_runs(top, len(runs), refusals)
        records.append(_record(top, "/timing_stats", len(runs), readings, None))
    return Parsed(format=NAME, records=tuple(records), refusals=tuple(refusals))


def _read_run(
    top: Mapping[str, Json],
    run: Mapping[str, Json],
    place: Place,
    repetition: int | None,
    refusals: list[Refusal],
) -> Record:
    n = count_at(run, "samples")
    readings = read_fields(run, place, _RUN, refusals, n=n)
    return _record(top, pointer_locator(*place), repetition or 0, readings, repetition)


def _read_over_runs(top: Mapping[str, Json], n: int, refusals: list[Refusal]) -> list[Reading]:
    stats = as_object(top.get("timing_stats"))
    percentiles = as_object(stats.get("latency_percentiles"))
    place = ("timing_stats",)
    readings = read_fields(stats, place, _OVER_RUNS, refusals, n=n, kind="derived")
    place = ("timing_stats", "latency_percentiles")
    readings += read_fields(percentiles, place, _PERCENTILES, refusals, n=n, kind="derived")
    ends = as_list(top.get("confidence_interval_95"))
    if len(ends) == len(_INTERVAL):
        for at, (end, statistic) in enumerate(zip(ends, _INTERVAL, strict=True)):
            field = Field("latency", "ms", statistic)
            reading = read_place(end, ("confidence_interval_95", at), field, n=n, kind="derived")
            readings += [reading] if reading else []
    return readings


def _record(
    top: Mapping[str, Json],
    name: str,
    sequence: int,
    readings: list[Reading],
    repetition: int | None,
) -> Record:
    return Record(
        name=name,
        sequence=sequence,
        benchmark="microbenchmark",
        readings=tuple(readings),
        subject=as_text(top.get("test_name")) or as_text(top.get("benchmark_name")),
        repetition=repetition,
        config=read_settings({key: top[key] for key in ("samples_per_run",) if key in top}),
        environment=read_settings(top.get("environment")),
        measured_at=read_time(top.get("timestamp")),
    )
