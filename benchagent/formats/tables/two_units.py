"""Columns in which some numbers are a thousand times off the others, as they are in another unit.

A script went from milliseconds to seconds in the middle, or a hand put one number in its place.
"""

from collections.abc import Sequence
from itertools import pairwise
from operator import itemgetter
from typing import Final

from benchagent.formats.tables.call_columns import Columns
from benchagent.mappings.rows import Row
from benchagent.quantities.decimal_commas import write_point
from benchagent.quantities.numbers import parse_cell

TWO_UNITS: Final = (
    "its column has two heaps of numbers a thousand apart, with decimals in one of them, as where "
    "milliseconds became seconds: of which unit each is, nothing tells"
)
A_STRAY: Final = (
    "it is about a thousandth of what stands elsewhere in its column, or a thousand times as much, as "
    "where a number is in another unit"
)

# Loading a model takes a thousand times as long as finding it loaded.
MAY_LEAP: Final = "load_time"
THOUSAND: Final = (500.0, 2000.0)
_FEWEST_IN_HEAP: Final = 3
# What one or two numbers are held against: many that differ little.
_FEWEST_ALIKE: Final = 6
_ALIKE_HEAP: Final = 2.0
_WIDEST_HEAP: Final = 10.0
# Which prompt was asked tells nothing of how long an answer takes.
PROMPTS: Final = frozenset(("prompt", "prompt_index", "prompt_id", "prompt_name", "prompt_hash"))
# The low numbers of a column and the high ones, each ascending and with its row.
_Heaps = tuple[Sequence[tuple[float, Row]], Sequence[tuple[float, Row]]]


def has_two_units(rows: Sequence[Row], at: int, columns: Columns) -> bool:
    """Whether a column's numbers lie in two heaps a thousand apart, which nothing else explains."""
    heaps = _part_heaps(rows, at)
    return (
        min(map(len, heaps)) >= _FEWEST_IN_HEAP
        and _are_thousand_apart(heaps)
        and _has_more_decimals(heaps, at)
        and not _is_explained(*_rows_of(heaps), columns)
    )


def find_strays(rows: Sequence[Row], at: int, columns: Columns) -> list[Row]:
    """One or two numbers a thousand times off all others, which are many and much alike.

    As of two heaps, one has decimals that the other lacks; or a thousand times it lies among them, as
    a time that is longer may do too: that of a cold start.
    """
    heaps = _part_heaps(rows, at)
    few, many = sorted(heaps, key=len)
    if not 0 < len(few) < _FEWEST_IN_HEAP or len(many) < _FEWEST_ALIKE:
        return []
    least, most = many[0][0], many[-1][0]
    if not _are_thousand_apart(heaps) or most > _ALIKE_HEAP * least:
        return []
    among = few is heaps[0] and all(least <= number * 1000 <= most for number, _ in few)
    if not (among or _has_more_decimals(heaps, at)) or _is_explained(*_rows_of(heaps), columns):
        return []
    return [row for _, row in few]


def _part_heaps(rows: Sequence[Row], at: int) -> _Heaps:
    """A column's numbers in two, parted where they leap furthest."""
    told = sorted(
        ((number, row) for row in rows if (number := parse_cell(row.cells[at]))), key=itemgetter(0)
    )
    leaps = [after[0] / before[0] for before, after in pairwise(told)]
    parted = leaps.index(max(leaps)) + 1 if leaps else 0
    return told[:parted], told[parted:]


def _are_thousand_apart(heaps: _Heaps) -> bool:
    """Whether two heaps that are narrow enough lie about a thousand apart."""
    low, high = ([number for number, _ in heap] for heap in heaps)
    apart = high[len(high) // 2] / low[len(low) // 2]
    narrow = max(low[-1] / low[0], high[-1] / high[0]) <= _WIDEST_HEAP
    return narrow and THOUSAND[0] <= apart <= THOUSAND[1]


def _has_more_decimals(heaps: _Heaps, at: int) -> bool:
    """Whether each of the low numbers has more decimals than each of the high ones."""
    low, high = ([_decimals(row, at) for _, row in heap] for heap in heaps)
    return max(high) < min(low)


def _rows_of(heaps: _Heaps) -> tuple[list[Row], list[Row]]:
    low, high = ([row for _, row in heap] for heap in heaps)
    return low, high


def _is_explained(low: Sequence[Row], high: Sequence[Row], columns: Columns) -> bool:
    """Whether something tells two heaps apart: a model, a setting, that it had to be loaded."""
    for at in configuring(columns):
        if {str(row.cells[at]) for row in low}.isdisjoint(str(row.cells[at]) for row in high):
            return True
    loads = [at for at, meaning in columns.readings if meaning.metric == MAY_LEAP]
    return any(
        max(parse_cell(row.cells[at]) or 0 for row in low)
        < min(parse_cell(row.cells[at]) or 0 for row in high)
        for at in loads
    )


def configuring(columns: Columns) -> list[int]:
    """The places of what was run, and with what."""
    by_yes = columns.phase_by_yes[0] if columns.phase_by_yes else None
    places = [columns.model, columns.phase, by_yes, columns.options]
    settings = [at for at, name in columns.settings if name not in PROMPTS]
    return [
        *(at for at in places if at is not None),
        *settings,
        *(at for at, _ in columns.environment),
    ]


def _decimals(row: Row, at: int) -> int:
    cell = row.cells[at]
    text = write_point(cell) if isinstance(cell, str) else ""
    return len(text.strip().partition(".")[2])
