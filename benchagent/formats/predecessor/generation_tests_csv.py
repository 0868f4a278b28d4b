"""The results of generation tests as a spreadsheet: `Test Name`, `Generation Time (ms)`, `Success`.

Only the time is read: what the sheet calls tokens are words in the tests that such sheets sum up,
and nothing in it could tell.
"""

from dataclasses import replace
from typing import Final

from benchagent.formats.tables.call_columns import plan_columns
from benchagent.formats.tables.columns import Meaning
from benchagent.formats.tables.row_records import parse_rows
from benchagent.mappings.rows import rows_of_grid
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.readings import Parsed
from benchagent.quantities.units import Unit

NAME: Final = "generation-tests-csv"

_TIME: Final = "Generation Time (ms)"
_SETTINGS: Final = {"Test Name": "test_name", "Context": "context", "Tone": "tone"}


def detect(artifact: Artifact) -> bool:
    """Whether tests stand there by name with their generation time."""
    return {"Test Name", _TIME}.issubset(artifact.labels)


def parse(artifact: Artifact) -> Parsed:
    """One record per test."""
    grid = artifact.expect_grid()
    settings = {
        grid.labels.index(name): key for name, key in _SETTINGS.items() if name in grid.labels
    }
    understood = {_TIME, "Success", *_SETTINGS}
    columns = replace(
        plan_columns(grid.labels),
        readings=((grid.labels.index(_TIME), Meaning("latency", "value", Unit("ms"), "ms")),),
        settings=tuple(settings.items()),
        unknown=tuple(label for label in grid.labels if label not in understood),
        definitions={"latency": "latency.client"},
    )
    return parse_rows(rows_of_grid(grid), columns, format=NAME, benchmark="generation-test")
