"""What AIPerf sums up over several runs: per statistic of a run, its mean, spread and interval.

Each of its numbers is a statistic of a statistic: the `mean` of `request_latency_p99` is the mean
of three runs' 99th percentiles, which is no percentile of anything. They are called so here
(`mean_of_p99`), and stand on as many samples as there were runs. Its intervals are of the level that
the caller asked for; those of another than 95% are not read. The CSV beside the JSON rounds the
same to two decimals.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Final, NamedTuple

from benchagent.formats.json_fields import Field, count_at, read_located, read_settings
from benchagent.formats.serving.aiperf import (
    REQUEST_METRICS,
    RUN_METRICS,
    AiperfMetric,
    expect_unit,
)
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.grids import Grid
from benchagent.measurements.json_trees import Json, as_numeral, as_object, number_of
from benchagent.measurements.locators import pointer_locator, row_locator
from benchagent.measurements.readings import Parsed, Reading, Record, Refusal

NAME: Final = "aiperf-aggregate"

_KEY: Final = re.compile(r"([a-z_]{1,60})_(avg|p[0-9]{1,2})")
# over the runs: the standard deviation is divided by n - 1
_OVER: Final = {
    "mean": "mean", "std": "stddev", "min": "min", "max": "max", "se": "stderr",
    "ci_low": "ci_low", "ci_high": "ci_high",
}  # fmt: skip
_INTERVAL: Final = ("ci_low", "ci_high")
_LEVEL: Final = 0.95
_WITHIN: Final = {"avg": "means", "p50": "medians"}


def detect(artifact: Artifact) -> bool:
    """Whether `metrics`, or the rows of a table, have `ci_low`, `t_critical` and a `unit`."""
    wanted = {"mean", "ci_low", "ci_high", "t_critical", "unit"}
    if artifact.shape == "grid":
        return artifact.labels[:1] == ["metric"] and wanted.issubset(artifact.labels)
    metrics = as_object(as_object(artifact.tree).get("metrics"))
    return any(wanted <= as_object(entry).keys() for entry in metrics.values())


def parse(artifact: Artifact) -> Parsed:
    """One record for all runs."""
    refusals: list[Refusal] = []
    if artifact.shape == "grid":
        readings = list(_read_rows(artifact.expect_grid(), refusals))
        version = None
    else:
        top = as_object(artifact.tree)
        readings = list(_read_entries(top, refusals))
        version = top.get("aiperf_version")
    record = Record(
        # two records of one name must not follow from the order of the entries
        name=readings[0].locator if readings else "",
        sequence=0,
        benchmark="serving",
        readings=tuple(readings),
        environment=read_settings({"aiperf_version": version}),
    )
    return Parsed(
        format=NAME,
        records=(record,) if readings else (),
        refusals=tuple(refusals),
        reason="extremes, deviations and sums of single runs, and metrics of the network, are not read",
    )


def _read_entries(top: Mapping[str, Json], refusals: list[Refusal]) -> Iterator[Reading]:
    metadata = as_object(top.get("metadata"))
    over = Runs(count_at(metadata, "num_successful_runs"), metadata.get("confidence_level"))
    for key, found in as_object(top.get("metrics")).items():
        locate = partial(pointer_locator, "metrics", key)
        yield from read_over_runs(key, as_object(found), over, locate, refusals)


def _read_rows(grid: Grid, refusals: list[Refusal]) -> Iterator[Reading]:
    whole = [
        (at, dict(zip(grid.labels, row, strict=True)))
        for at, row in enumerate(grid.rows, start=1)
        if len(row) == len(grid.labels)
    ]
    # under the table stands what sums it up, a name and a value per line
    said: dict[str, Json] = {row[0]: as_numeral(row[1]) for row in grid.rows if len(row) == 2}
    over = Runs(count_at(said, "Successful Runs"), said.get("Confidence Level"))
    for at, cells in whole:
        found: dict[str, Json] = {
            name: cell if name in ("metric", "unit") else as_numeral(cell) or None
            for name, cell in cells.items()
        }
        locate = partial(row_locator, at)
        yield from read_over_runs(cells["metric"], found, over, locate, refusals)


class Runs(NamedTuple):
    """What is said of all numbers: how many runs they are over, and the level of the intervals."""

    n: int | None
    level: Json

    def leaves_out(self, name: str) -> bool:
        """Whether a number is the end of an interval of another level, or of none that is told."""
        return name in _INTERVAL and number_of(self.level) != _LEVEL


def read_over_runs(
    key: str,
    found: Mapping[str, Json],
    runs: Runs,
    locate: Callable[[str], str],
    refusals: list[Refusal],
) -> list[Reading]:
    """What one entry says over the runs."""
    match = _KEY.fullmatch(key)
    metric = _find_metric(match[1], match[2]) if match else None
    if match is None or metric is None:
        return []
    unit = expect_unit(found.get("unit"), metric, locate("unit"), refusals)
    if unit is None:
        return []
    # a run has one rate, of which the mean over runs is a mean of values
    within = "" if match[1] in RUN_METRICS else f"_of_{_WITHIN.get(match[2], match[2])}"
    fields = {
        name: Field(metric.metric, unit, f"{over}{within}", metric.definition)
        for name, over in _OVER.items()
        if not runs.leaves_out(name)
    }
    return read_located(found, locate, fields, refusals, n=runs.n, kind="derived")


def _find_metric(name: str, statistic: str) -> AiperfMetric | None:
    if name in RUN_METRICS:
        return RUN_METRICS[name] if statistic == "avg" else None
    return REQUEST_METRICS.get(name)
