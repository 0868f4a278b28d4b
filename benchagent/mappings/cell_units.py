"""The units of columns, where no header tells them: in a row below it, or in the cells themselves."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from benchagent.measurements.artifact_text import Json, Numeral
from benchagent.quantities.decimal_commas import write_point
from benchagent.quantities.numbers import drop_spread, parse_number
from benchagent.quantities.units import find_unit

_LOOKED_AT: Final = 200
_NUMBER_AND_UNIT: Final = re.compile(r"[+-]?[0-9][0-9.,]*\s*([^0-9\s.,+-][^0-9]*)")
_NOTHING: Final = frozenset(("", "-", "n/a", "none", "count"))


def find_units_row(rows: Sequence[Sequence[str]]) -> Mapping[int, str]:
    """The units that the first row gives, where numbers alone stand below them; empty if none.

    Args:
        rows: all with the same number of cells.
    """
    below = rows[1:_LOOKED_AT]
    if not below:
        return {}
    told = {at: cell.strip("()[] ") for at, cell in enumerate(rows[0])}
    units = {at: text for at, text in told.items() if _is_unit(text)}
    if not units or any(
        at not in units and text.lower() not in _NOTHING for at, text in told.items()
    ):
        return {}
    cells = [row[at].strip() for row in below for at in units if row[at].strip()]
    return units if cells and all(parse_number(cell) is not None for cell in cells) else {}


def find_units_in_cells(labels: Sequence[str], rows: Sequence[Sequence[Json]]) -> Mapping[int, str]:
    """The units of columns whose cells all tell one of one kind (`52.4 tok/s`, `1,204 ms`)."""
    found: dict[int, str] = {}
    for at in range(len(labels)):
        cells = [row[at] for row in rows[:_LOOKED_AT] if row[at] not in (None, "")]
        spelled = [unit for cell in cells if (unit := _unit_in(cell)) is not None]
        kinds = {unit.canonical for text in spelled if (unit := find_unit(text))}
        if spelled and len(spelled) == len(cells) and len(kinds) == 1:
            found[at] = spelled[0]
    return found


def _is_unit(text: str) -> bool:
    return parse_number(text) is None and find_unit(text) is not None


def _unit_in(cell: Json) -> str | None:
    if not isinstance(cell, str) or isinstance(cell, Numeral):
        return None
    match = _NUMBER_AND_UNIT.fullmatch(drop_spread(cell) or write_point(cell).strip())
    return match[1].strip() if match and find_unit(match[1]) else None
