"""Columns that claim to be one quantity: they take turns, say the same, or cannot be told apart."""

import math
from collections.abc import Sequence
from typing import Final

from benchagent.formats.tables.call_columns import Columns
from benchagent.formats.tables.columns import Meaning
from benchagent.formats.tables.tests_in_headings import find_test
from benchagent.mappings.rows import Rows
from benchagent.quantities.numbers import parse_cell

# How far two ways to write one number (`0.15 s`, `150.2 ms`) may part.
_ROUNDED: Final = 0.005


def choose_readings(rows: Rows, plan: Columns) -> tuple[tuple[int, Meaning], ...]:
    """The readings of a table: of several columns of one quantity those that can be read."""
    alike: dict[tuple[str, str, str], list[tuple[int, Meaning]]] = {}
    for at, meaning in plan.readings:
        test = find_test(plan.labels[at], meaning)
        alike.setdefault((meaning.metric, meaning.statistic, test), []).append((at, meaning))
    return tuple(kept for readings in alike.values() for kept in _choose(rows, plan, readings))


def _choose(
    rows: Rows, plan: Columns, readings: Sequence[tuple[int, Meaning]]
) -> Sequence[tuple[int, Meaning]]:
    """Of columns of one quantity those to read: all, where a row fills one of them at most.

    Else a person's word is more than a name.
    """
    if take_turns(rows, [at for at, _ in readings]):
        return readings
    said = [(at, meaning) for at, meaning in readings if at in plan.said]
    first, *others = said or readings
    if not others:
        return [first]
    return [first] if all(_say_the_same(rows, first, other) for other in others) else []


def take_turns(rows: Rows, places: Sequence[int]) -> bool:
    """Whether no row fills two of these columns."""
    filled = ([row.cells[at] not in (None, "") for at in places] for row in rows.rows)
    return all(sum(cells) < 2 for cells in filled)


def _say_the_same(rows: Rows, one: tuple[int, Meaning], other: tuple[int, Meaning]) -> bool:
    pairs = [
        [
            parse_cell(cell, unit=meaning.unit)
            for cell, meaning in ((row.cells[one[0]], one[1]), (row.cells[other[0]], other[1]))
        ]
        for row in rows.rows
    ]
    return all(a is None or b is None or math.isclose(a, b, rel_tol=_ROUNDED) for a, b in pairs)
