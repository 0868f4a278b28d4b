"""Cells that tell another unit than that of their column, as where a script left one out of a row.

`294.38 tokens/s` below a duration is no duration. Where a row has two such cells all of it is shifted,
so that a cell that fits may be its neighbour's.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from benchagent.formats.tables.call_columns import Columns
from benchagent.formats.tables.columns import Meaning
from benchagent.mappings.rows import Row
from benchagent.measurements.json_trees import Json, Numeral
from benchagent.measurements.markdown_tables import read_cell_number
from benchagent.quantities.metrics import find_metric

SHIFTED: Final = (
    "two cells of its row tell other units than those of their columns: no telling which is which"
)
_FEWEST: Final = 2


def tells_other_unit(cell: Json, meaning: Meaning) -> bool:
    """Whether a cell is a number with a unit in which nobody measures what its column promises."""
    metric = find_metric(meaning.metric)
    if metric is None or not isinstance(cell, str) or isinstance(cell, Numeral):
        return False
    if cell[-1:].isdecimal():  # most cells are, and tell no unit
        return False
    number = read_cell_number(cell, None)
    return number is not None and number.unit != metric.unit


def is_shifted(cells: Iterable[tuple[Json, Meaning]]) -> bool:
    """Whether so many cells of a row tell other units that it is shifted."""
    return sum(tells_other_unit(cell, meaning) for cell, meaning in cells) >= _FEWEST


def find_misplaced(rows: Sequence[Row], columns: Columns) -> Iterator[tuple[str, int, str]]:
    """The cells of shifted rows: the name of the row, the place of the column, and why."""
    for row in rows:
        if is_shifted((row.cells[at], meaning) for at, meaning in columns.readings):
            yield from ((row.name, at, SHIFTED) for at, _ in columns.readings)
