"""What AIPerf exports as CSV: a block of distributions, then blocks of single values.

The blocks have columns of their own, so only the first is a table. Figures are rounded to two
decimals: where the JSON lies beside it, that says more.
"""

import re
from typing import Final

from benchagent.formats.csv_rows import read_cells
from benchagent.formats.json_fields import Field
from benchagent.formats.serving.aiperf import (
    REQUEST_METRICS,
    STATISTICS,
    drop_unstreamed,
    expect_unit,
)
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.locators import row_locator
from benchagent.measurements.readings import Parsed, Reading, Record, Refusal

NAME: Final = "aiperf-csv"

_NAMED: Final = re.compile(r"(.{1,80}) \(([^()]{1,30})\)")


def detect(artifact: Artifact) -> bool:
    """Whether the columns begin with `Metric,avg,min,max` and have `p99`."""
    labels = artifact.labels
    return labels[:2] == ["Metric", "avg"] and {"min", "max", "p99"}.issubset(labels)


def parse(artifact: Artifact) -> Parsed:
    """One record for the run."""
    grid = artifact.expect_grid()
    refusals: list[Refusal] = []
    readings: list[Reading] = []
    for at, row in enumerate(grid.rows, start=1):
        if len(row) == len(grid.labels):
            readings += _read_row(dict(zip(grid.labels, row, strict=True)), at, refusals)
    readings = drop_unstreamed(readings, refusals)
    # a name of two records must not follow from the order of the rows
    name = readings[0].locator.partition(",")[0] if readings else "row=1"
    record = Record(name=name, sequence=0, benchmark="serving", readings=tuple(readings))
    return Parsed(
        format=NAME,
        records=(record,) if readings else (),
        refusals=tuple(refusals),
        reason="only the distributions of requests are read",
    )


def _read_row(cells: dict[str, str], at: int, refusals: list[Refusal]) -> list[Reading]:
    match = _NAMED.fullmatch(cells["Metric"])
    metric = REQUEST_METRICS.get(match[1].lower().replace(" ", "_")) if match else None
    if match is None or metric is None:
        return []
    unit = expect_unit(match[2], metric, row_locator(at, "Metric"), refusals)
    if unit is None:
        return []
    fields = {
        label: Field(metric.metric, unit, statistic, metric.definition)
        for label, statistic in STATISTICS.items()
    }
    return read_cells(cells, at, fields, refusals, kind="derived")
