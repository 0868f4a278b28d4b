"""Single requests of hey (`-o csv`), one per row: times in seconds, and the status of the answer."""

from typing import Final

from benchagent.formats.csv_rows import read_cells, read_whole_rows
from benchagent.formats.json_fields import Field, drop_untimed
from benchagent.formats.tables.call_failures import states_failure
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.artifact_text import Grid
from benchagent.measurements.locators import row_locator
from benchagent.measurements.readings import Failure, Parsed, Record, Refusal

NAME: Final = "hey-csv"

_STATUS: Final = "status-code"
_FIELDS: Final = {"response-time": Field("latency", "s", definition="latency.client")}


def detect(artifact: Artifact) -> bool:
    """Whether the columns begin with `response-time,DNS+dialup` and have `status-code`."""
    grid = artifact.grid
    return (
        isinstance(grid, Grid)
        and grid.labels[:2] == ["response-time", "DNS+dialup"]
        and _STATUS in grid.labels
    )


def parse(artifact: Artifact) -> Parsed:
    """One record per request."""
    refusals: list[Refusal] = []
    rows = read_whole_rows(artifact.expect_grid(), refusals)
    records = [_read_row(cells, at, refusals) for at, cells in rows]
    return Parsed(
        format=NAME,
        records=tuple(record for record in records if record.readings or record.failure),
        refusals=tuple(refusals),
        reason="times of parts of a request are not read",
    )


def _read_row(cells: dict[str, str], at: int, refusals: list[Refusal]) -> Record:
    status = cells[_STATUS].strip()
    failure = None
    if states_failure(status):
        locator = row_locator(at, _STATUS)
        failure = Failure(reason=f"the server answered with status {status}", locator=locator)
    readings = () if failure else read_cells(cells, at, _FIELDS, refusals)
    return Record(
        name=f"row={at}",
        sequence=at - 1,
        benchmark="serving",
        readings=tuple(drop_untimed(readings, refusals)),
        repetition=at - 1,
        failure=failure,
    )
