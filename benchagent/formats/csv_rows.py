"""The rows of a table that a tool wrote: those that are whole, and the numbers in their cells."""

from collections.abc import Iterator, Mapping
from functools import partial

from benchagent.formats.json_fields import Field, read_located
from benchagent.measurements.grids import Grid
from benchagent.measurements.json_trees import as_numeral
from benchagent.measurements.locators import row_locator
from benchagent.measurements.readings import Kind, Reading, Refusal


def read_whole_rows(grid: Grid, refusals: list[Refusal]) -> Iterator[tuple[int, dict[str, str]]]:
    """The number of each row and its cells by their label; a broken row is refused."""
    for at, row in enumerate(grid.rows, start=1):
        if said := grid.refuse_row(row):
            refusals.append(Refusal(locator=f"row={at}", reason=said))
        else:
            yield at, dict(zip(grid.labels, row, strict=True))


def read_cells(
    cells: Mapping[str, str],
    at: int,
    fields: Mapping[str, Field],
    refusals: list[Refusal],
    *,
    n: int | None = None,
    kind: Kind = "measured",
) -> list[Reading]:
    """The numbers of a row that the table names; an empty cell is no number, and no refusal."""
    numbers = {label: as_numeral(cell) for label, cell in cells.items() if cell}
    return read_located(numbers, partial(row_locator, at), fields, refusals, n=n, kind=kind)
