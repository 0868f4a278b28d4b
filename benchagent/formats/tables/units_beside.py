"""A column that names units, and contradicts the unit in the name of the column that it is of.

Below `tok_s` and beside `tok/min`, 31 is one or the other, and nothing tells which.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from benchagent.formats.tables.call_columns import Columns
from benchagent.formats.tables.columns import Meaning
from benchagent.formats.tables.statistic_columns import UNITS
from benchagent.mappings.rows import Row, Rows
from benchagent.measurements.json_trees import as_text
from benchagent.quantities.names import join_words
from benchagent.quantities.numbers import parse_cell
from benchagent.quantities.units import Unit, find_unit

CONTRADICTED: Final = "its column is named after one unit, and the row says another one: {!r}"

DENIED_BELOW: Final = "its column is named after one unit, and the table says another one: {!r}"

# A share and a bare number are often spelled as each other.
_BARE: Final = frozenset(("1", "ratio"))
_NAMES: Final = UNITS | {"uom"}
# A rate in a unit that we do not know: `tok/min`.
_SOME_RATE: Final = re.compile(r"\w+ ?(?:/|per) ?\w+", re.IGNORECASE)
_A_RATE: Final = re.compile(r".*/s")


def find_contradicted(rows: Sequence[Row], columns: Columns) -> Iterator[tuple[str, int, str]]:
    """The names of rows, the places of columns, and why the cell there is not read."""
    named = next(
        (at for at, label in enumerate(columns.labels) if join_words(label) in _NAMES), None
    )
    if named is None:
        return
    for row in rows:
        said = (as_text(row.cells[named]) or "").strip()
        # the unit may be that of a number which is not understood
        if not said or any(parse_cell(row.cells[at]) is not None for at in columns.unread):
            continue
        for at in _find_denied(said, columns.readings):
            yield row.name, at, CONTRADICTED.format(said)


def find_denied_below(rows: Rows, columns: Columns) -> Iterator[tuple[str, int, str]]:
    """The same of a row below the header that names units: `s` below `ttft_ms`.

    A cell that tells its own unit is believed.
    """
    for at, meaning in columns.readings:
        said = rows.units.get(at, "")
        unit = find_unit(said)
        if unit is None or meaning.unit is None or unit == meaning.unit:
            continue
        if _BARE.isdisjoint((unit.canonical, meaning.unit.canonical)):
            for row in rows.rows:
                if parse_cell(row.cells[at]) is not None:
                    yield row.name, at, DENIED_BELOW.format(said)


def _find_denied(said: str, readings: Sequence[tuple[int, Meaning]]) -> list[int]:
    """The places of the columns of which a unit says that theirs is another one."""
    units = [(at, meaning.unit) for at, meaning in readings if meaning.unit is not None]
    unit = find_unit(said)
    if unit is None:
        alone = len(units) == 1 and _SOME_RATE.fullmatch(said) is not None
        return [at for at, its in units if alone and _A_RATE.fullmatch(its.canonical)]
    if unit in (its for _, its in units):
        return []
    return [at for at, its in units if _is_other(unit, its, alone=len(units) == 1)]


def _is_other(said: Unit, its: Unit, *, alone: bool) -> bool:
    """Whether two units differ, of one quantity or where there is only one that could be meant."""
    return said != its and (alone or said.canonical == its.canonical)
