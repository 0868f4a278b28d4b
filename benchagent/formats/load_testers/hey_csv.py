"""Single requests of hey (`-o csv`) and oha, one per row: times in seconds, and the answer's status.

What was not answered at all is in neither's table.
"""

from typing import Final

from benchagent.formats.csv_rows import read_cells, read_whole_rows
from benchagent.formats.json_fields import Field, drop_untimed
from benchagent.formats.load_testers.hey_text import is_failure
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.grids import Grid
from benchagent.measurements.locators import row_locator
from benchagent.measurements.readings import Failure, Parsed, Record, Refusal

NAME: Final = "hey-csv"

_LATENCY: Final = Field("latency", "s", definition="latency.client")
# the column of a request's time by that of its status
_COLUMNS: Final = {"status-code": "response-time", "status": "request-duration"}


def detect(artifact: Artifact) -> bool:
    """Whether `DNS+dialup` stands there with `response-time` and `status-code`, or as oha calls them."""
    return isinstance(artifact.grid, Grid) and _find_status(artifact.grid) is not None


def parse(artifact: Artifact) -> Parsed:
    """One record per request."""
    refusals: list[Refusal] = []
    grid = artifact.expect_grid()
    status = _find_status(grid) or ""
    records = [
        _read_row(cells, at, status, refusals) for at, cells in read_whole_rows(grid, refusals)
    ]
    return Parsed(
        format=NAME,
        records=tuple(record for record in records if record.readings or record.failure),
        refusals=tuple(refusals),
        reason="times of parts of a request are not read",
    )


def _find_status(grid: Grid) -> str | None:
    """The column of the answers' status, if the table is one of these tools'."""
    if "DNS+dialup" not in grid.labels:
        return None
    return next((one for one, time in _COLUMNS.items() if {one, time} <= {*grid.labels}), None)


def _read_row(cells: dict[str, str], at: int, column: str, refusals: list[Refusal]) -> Record:
    status = cells[column].strip()
    failure = None
    if is_failure(status):
        locator = row_locator(at, column)
        failure = Failure(reason=f"the server answered with status {status}", locator=locator)
    fields = {_COLUMNS[column]: _LATENCY}
    readings = () if failure else read_cells(cells, at, fields, refusals)
    return Record(
        name=f"row={at}",
        sequence=at - 1,
        benchmark="serving",
        readings=tuple(drop_untimed(readings, refusals)),
        repetition=at - 1,
        failure=failure,
    )
