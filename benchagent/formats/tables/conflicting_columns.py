"""Columns that cannot both be what their names say, as no run has such numbers.

A search for `eval rate` finds `prompt eval rate` first, and a script that cuts a unit off makes
seconds of milliseconds: the one writes a number twice, the other a part that outlasts its whole.
"""

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Final

import numpy as np

from benchagent.arrays import Floats, Ints, Mask
from benchagent.formats.tables.call_columns import Columns
from benchagent.mappings.rows import Row
from benchagent.quantities.numbers import parse_cell

COPIED: Final = (
    "the column {} has the same number in every row, though it is of something else: one was taken "
    "for the other, and which, nothing tells"
)
OUTLASTS: Final = (
    "in most rows it is longer than the whole that it is a part of, which stands in the column {}"
)

# What is never the same for a prompt and for its answer, run after run.
_APART: Final = (("prefill_rate", "decode_rate"), ("prompt_eval_time", "eval_time"))
_WHOLE: Final = "total_time"
_PARTS: Final = frozenset(("load_time", "prompt_eval_time", "eval_time"))
_FEWEST: Final = 3
# Clocks that are started and stopped one after the other differ by this much.
_LONGER: Final = 1.1


def find_conflicts(rows: Sequence[Row], columns: Columns) -> Iterator[tuple[str, int, str]]:
    """The names of rows, the places of columns, and why the cell there is not read."""
    cells = [[parse_cell(row.cells[at], unit=m.unit) for at, m in columns.readings] for row in rows]
    values = np.array(cells, dtype=np.float64).reshape(len(rows), len(columns.readings))
    start = np.zeros(1, np.int64)
    for one, other, reason in _pairs(columns):
        if rows and _conflict(values[:, one], values[:, other], start, reason)[0]:
            at, beside = columns.readings[one][0], columns.readings[other][0]
            yield from ((row.name, at, reason.format(columns.labels[beside])) for row in rows)


def may_conflict(columns: Columns, values: Floats, starts: Ints) -> Mask:
    """Which of the files that stand below each other have cells that are not read.

    Args:
        columns: of all the files.
        values: a row for each row, a column for each that holds readings; NaN where blank.
        starts: the first row of each file.
    """
    found = np.zeros(len(starts), np.bool_)
    for one, other, reason in _pairs(columns):
        found |= _conflict(values[:, one], values[:, other], starts, reason)
    return found


def _pairs(columns: Columns) -> Iterator[tuple[int, int, str]]:
    """Two of the columns that hold readings, and what speaks against the first beside the second."""
    of = [(meaning.metric, meaning.statistic) for _, meaning in columns.readings]
    for (one, (metric, statistic)), (other, (beside, its)) in product(enumerate(of), repeat=2):
        if statistic != its:
            continue
        if (metric, beside) in _APART or (beside, metric) in _APART:
            yield one, other, COPIED
        elif metric in _PARTS and beside == _WHOLE and statistic == "value":
            yield one, other, OUTLASTS


def _conflict(one: Floats, other: Floats, starts: Ints, reason: str) -> Mask:
    """In which files a column is refused for what stands in another."""
    both = (one > 0) & (other > 0)
    n = np.add.reduceat(both.astype(np.int64), starts)
    if reason == OUTLASTS:
        longer = np.add.reduceat((both & (one > _LONGER * other)).astype(np.int64), starts)
        return (n >= _FEWEST) & (2 * longer > n)
    same = np.add.reduceat((both & (one == other)).astype(np.int64), starts)
    known = np.where(both, one, np.nan)
    differ = np.fmin.reduceat(known, starts) < np.fmax.reduceat(known, starts)
    return (n >= _FEWEST) & (same == n) & differ
