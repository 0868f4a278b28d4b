"""The runs of an MLflow experiment as CSV: `mlflow experiments csv`, or what `search_runs` gives.

A metric is the last value that its run logged, under a name of its owner's, as are the parameters; so
they are understood as those of anybody's table are. MLflow's own columns say how a run ended, and when
it began.
"""

from typing import Final

from benchagent.formats.own.result_rows import BENCHMARK
from benchagent.formats.tables.leaves import name_parameter
from benchagent.formats.tables.row_columns import plan_rows
from benchagent.formats.tables.row_records import parse_rows
from benchagent.mappings.rows import Row, Rows, part_rows
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.grids import Grid, label_columns
from benchagent.measurements.locators import row_locator
from benchagent.measurements.readings import Parsed

NAME: Final = "mlflow-runs"

_OWN: Final = frozenset(("run_id", "experiment_id", "status", "artifact_uri", "start_time"))
# What they are called to whoever reads rows.
_KEPT: Final = {"status": "status", "start_time": "timestamp"}
_METRIC: Final = "metrics."
_PARAMETER: Final = "params."


def detect(artifact: Artifact) -> bool:
    """Whether there are `run_id`, `experiment_id`, `artifact_uri` and a column like `metrics.loss`."""
    told = any(label.startswith((_METRIC, _PARAMETER)) for label in artifact.labels)
    return told and _OWN.issubset(artifact.labels)


def parse(artifact: Artifact) -> Parsed:
    """One record per run; metrics without their unit are not understood, and tags are not read."""
    rows = _read_rows(artifact.expect_grid())
    return parse_rows(rows, plan_rows(rows), format=NAME, benchmark=BENCHMARK)


def _read_rows(grid: Grid) -> Rows:
    """The rows with the names that owners gave, each cell at the place that it has in the file.

    An empty cell is none: not every run of an experiment logs the same.
    """
    named = {at: name for at, label in enumerate(grid.labels) if (name := _name_column(label))}
    labels = label_columns([*named.values()])
    whole, refusals = part_rows(grid)
    rows = [
        Row(
            number,
            [row[at] or None for at in named],
            None,
            {
                name: row_locator(number, grid.labels[at])
                for name, at in zip(labels, named, strict=True)
            },
        )
        for number, row in whole
    ]
    return Rows("", labels, rows, tuple(refusals))


def _name_column(label: str) -> str | None:
    if label.startswith(_PARAMETER):
        return name_parameter(label.removeprefix(_PARAMETER))
    return label.removeprefix(_METRIC) if label.startswith(_METRIC) else _KEPT.get(label)
