"""What AIPerf sums up of a sweep: for each combination of parameters the statistics of its runs.

Where each combination was run once, the statistics are that run's own, beside a deviation of 0 and
an interval of no width that are of nothing; where it was run several times, they are over the runs.
Each run has its own files. The CSV beside the JSON names no units.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Final

from benchagent.formats.json_fields import Field, count_at, read_fields, read_settings
from benchagent.formats.serving.aiperf import (
    METRICS,
    RUN_METRICS,
    STATISTICS,
    drop_unstreamed,
    expect_unit,
)
from benchagent.formats.serving.aiperf_aggregate import Runs, read_over_runs
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.json_trees import Json, as_list, as_object, as_text
from benchagent.measurements.locators import Place, pointer_locator
from benchagent.measurements.readings import Failure, Parsed, Reading, Record, Refusal

NAME: Final = "aiperf-sweep"

_COLUMNS: Final = frozenset({"request_throughput_cv", "request_throughput_avg_cv"})
# a deviation is one over the runs
_OF_REQUESTS: Final = {name: said for name, said in STATISTICS.items() if name != "std"}
_OF_RUN: Final = {"mean": "value"}


def detect(artifact: Artifact) -> bool:
    """Whether `per_combination_metrics` stand there, or a column is `request_throughput_cv`."""
    if artifact.shape == "grid":
        return not _COLUMNS.isdisjoint(artifact.labels)
    top = as_object(artifact.tree)
    return top.get("aggregation_type") == "sweep" and "per_combination_metrics" in top


def parse(artifact: Artifact) -> Parsed:
    """One record per combination of parameters, and one per run that failed."""
    if artifact.shape == "grid":
        said = "its columns name no units: the JSON beside it does"
        return Parsed(format=NAME, records=(), reason=said)
    top = as_object(artifact.tree)
    refusals: list[Refusal] = []
    records = [
        _read_combination(top, as_object(found), at, refusals)
        for at, found in enumerate(as_list(top.get("per_combination_metrics")))
    ]
    failed = [
        _read_failure(as_object(found), at, len(records) + at)
        for at, found in enumerate(as_list(top.get("failed_runs")))
    ]
    return Parsed(format=NAME, records=(*records, *failed), refusals=tuple(refusals))


def _read_combination(
    top: Mapping[str, Json], found: Mapping[str, Json], at: int, refusals: list[Refusal]
) -> Record:
    metadata = as_object(top.get("metadata"))
    trials = count_at(metadata, "num_trials_per_value")
    place = ("per_combination_metrics", at)
    metrics = as_object(found.get("metrics"))
    if trials == 1:
        readings = drop_unstreamed(list(_read_run(metrics, place, refusals)), refusals)
    else:
        # of those that failed it does not tell which combination they are of
        n = None if top.get("failed_runs") else trials
        runs = Runs(n, metadata.get("confidence_level"))
        readings = list(_read_runs(metrics, runs, place, refusals))
    return Record(
        name=pointer_locator(*place),
        sequence=at,
        benchmark="serving",
        readings=tuple(readings),
        config=read_settings(found.get("parameters")),
    )


def _read_run(
    metrics: Mapping[str, Json], place: Place, refusals: list[Refusal]
) -> Iterator[Reading]:
    for key, metric in METRICS.items():
        entry, here = as_object(metrics.get(key)), (*place, "metrics", key)
        if not entry:
            continue
        unit = expect_unit(entry.get("unit"), metric, pointer_locator(*here), refusals)
        if unit is None:
            continue
        fields = {
            name: Field(metric.metric, unit, said, metric.definition)
            for name, said in (_OF_RUN if key in RUN_METRICS else _OF_REQUESTS).items()
        }
        n = count_at(entry, "count")
        yield from read_fields(entry, here, fields, refusals, n=n, kind="derived")


def _read_runs(
    metrics: Mapping[str, Json], runs: Runs, place: Place, refusals: list[Refusal]
) -> Iterator[Reading]:
    for key, entry in metrics.items():
        locate = partial(pointer_locator, *place, "metrics", key)
        yield from read_over_runs(key, as_object(entry), runs, locate, refusals)


def _read_failure(found: Mapping[str, Json], at: int, sequence: int) -> Record:
    place = ("failed_runs", at)
    error = as_text(found.get("error"))
    locator = pointer_locator(*place, *(["error"] if error else []))
    return Record(
        name=pointer_locator(*place),
        sequence=sequence,
        benchmark="serving",
        readings=(),
        config=read_settings({"label": found.get("label")}),
        failure=Failure(reason=error or "failed, no reason given", locator=locator),
    )
