"""The units of columns, where no header tells them: in a row below it, or in the cells themselves."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from benchagent.measurements.json_trees import Json, Numeral
from benchagent.quantities.decimal_commas import write_point
from benchagent.quantities.names import join_words
from benchagent.quantities.numbers import drop_spread, parse_elapsed, parse_number
from benchagent.quantities.units import find_unit

_LOOKED_AT: Final = 200
_NUMBER_AND_UNIT: Final = re.compile(r"[+-]?[0-9][0-9.,]*\s*([^0-9\s.,+-][^0-9]*)")
# What Ollama's replies have, put into a table: their times are whole nanoseconds.
_OLLAMA_TIMES: Final = ("total_duration", "load_duration", "prompt_eval_duration", "eval_duration")
_OLLAMA_COUNTS: Final = frozenset(("eval_count", "prompt_eval_count"))
_DIGITS_OF_A_MILLISECOND: Final = 6
# Under these a clock may have been read as well as stopped: `14:03:22`.
_CLOCKS: Final = frozenset(("", "time", "clock", "at"))
_NOTHING: Final = frozenset(("", "-", "n/a", "none", "count"))
# What takes time has its unit beside it; a number of bytes may be of a machine.
_CLOCKED_UNITS: Final = frozenset(("ms", "tok/s"))


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
    """The units of columns whose cells, or those of a column beside them, tell one of one kind.

    Cells of `52.4 tok/s` or `1,204 ms`; of `245` where each `ttft_unit` is `ms`.
    """
    found = _find_units_beside(labels, rows)
    for at in range(len(labels)):
        cells = [row[at] for row in rows[:_LOOKED_AT] if row[at] not in (None, "")]
        bare = join_words(labels[at]) in _CLOCKS
        spelled = [unit for cell in cells if (unit := _unit_in(cell, bare=bare)) is not None]
        kinds = {unit.canonical for text in spelled if (unit := find_unit(text))}
        if spelled and len(spelled) == len(cells) and len(kinds) == 1:
            found[at] = spelled[0]
    return found


def _find_units_beside(labels: Sequence[str], rows: Sequence[Sequence[Json]]) -> dict[int, str]:
    """The units of times and rates that a column of its own tells of all rows alike.

    Of what a machine has (`ram_unit`) nothing was measured.
    """
    names = [join_words(label) for label in labels]
    found: dict[int, str] = {}
    for at, name in enumerate(names):
        of = name.removesuffix("s").removesuffix("_unit")
        if of != name and of in names:
            told = {str(row[at]).strip() for row in rows if row[at] not in (None, "")}
            spelled = told.pop() if len(told) == 1 else ""
            if (unit := find_unit(spelled)) and unit.canonical in _CLOCKED_UNITS:
                found[names.index(of)] = spelled
    return found


def names_replies(labels: Sequence[str]) -> bool:
    """Whether the columns are those of Ollama's replies, which tell no units."""
    return "total_duration" in labels and not _OLLAMA_COUNTS.isdisjoint(labels)


def find_units_of_replies(
    labels: Sequence[str], rows: Sequence[Sequence[Json]]
) -> Mapping[int, str]:
    """The unit of the times of Ollama's replies, where every one is a whole number as large as those.

    A script that made seconds or milliseconds of them wrote decimals, or small numbers.
    """
    times = [at for at, label in enumerate(labels) if label in _OLLAMA_TIMES]
    told = [str(row[at]) for row in rows for at in times if row[at] not in (None, "")]
    # where rows of failed calls leave them blank, pandas writes them as `1804283906.0`
    whole = all(number.removesuffix(".0").isdecimal() for number in told)
    large = bool(told) and max(map(len, told)) > _DIGITS_OF_A_MILLISECOND
    return dict.fromkeys(times, "ns") if names_replies(labels) and whole and large else {}


def _is_unit(text: str) -> bool:
    return parse_number(text) is None and find_unit(text) is not None


def _unit_in(cell: Json, *, bare: bool) -> str | None:
    if not isinstance(cell, str) or isinstance(cell, Numeral):
        return None
    if parse_elapsed(cell) is not None and not (bare and ":" in cell):
        return "s"
    match = _NUMBER_AND_UNIT.fullmatch(drop_spread(cell) or write_point(cell).strip())
    return match[1].strip() if match and find_unit(match[1]) else None
