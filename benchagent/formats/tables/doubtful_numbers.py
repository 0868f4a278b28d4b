"""Numbers that are not what the name of their column promises, as they themselves tell.

A script that went from milliseconds to seconds in the middle, a clock that was never set back to
zero, a rate of the answer alone over the time that the model also thought in: each reads like any
other number, and none may be averaged.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, chain, pairwise
from typing import Final

from benchagent.arrays import Floats, Integers, Mask
from benchagent.formats.tables.call_columns import Columns
from benchagent.formats.tables.clipped_times import SHORTEST_LIMIT_MS, STEP_OF_LIMITS_MS
from benchagent.formats.tables.conflicting_columns import find_conflicts
from benchagent.formats.tables.misplaced_cells import find_misplaced
from benchagent.formats.tables.shared_numbers import SHARED, is_shared, may_be_shared
from benchagent.formats.tables.shares import UNTOLD, leaves_scale_open
from benchagent.formats.tables.two_units import (
    A_STRAY,
    MAY_LEAP,
    PROMPTS,
    THOUSAND,
    TWO_UNITS,
    configuring,
    find_strays,
    has_two_units,
)
from benchagent.formats.tables.units_beside import find_contradicted
from benchagent.formats.tables.word_counts import find_words
from benchagent.mappings.rows import Row
from benchagent.measurements.json_trees import Json
from benchagent.quantities.decimal_commas import find_open
from benchagent.quantities.names import join_words
from benchagent.quantities.numbers import parse_cell, parse_number

CUMULATIVE: Final = "its column adds up from row to row: a time since the start, not of this row"
ANSWER_ALONE: Final = (
    "the tokens of the answer alone over a time in which the model thought too: no decode rate"
)

OPEN_COMMA: Final = (
    "its column has a comma that parts no thousands, and the table does not show that it is the decimal "
    "sign"
)

OF_CHANGES: Final = "its column goes below zero, as no size does: of how much it changed, perhaps"

# What a row takes as a whole; a shorter part of it is not left to run on.
_WHOLES: Final = frozenset(("total_time", "latency"))
_FEWEST_IN_RISE: Final = 6
_ALIKE: Final = 3.0
_THOUGHT: Final = re.compile(r"(?:n_|num_)?(?:thinking|thought|reasoning)_tokens?(?:_count)?")
_COUNT: Final = re.compile(r".*_tokens?(?:_count)?|(?:n|num)_tokens?_.*")
_NEAR: Final = 0.02

# By the name of the row and the place of its column.
Doubts = Mapping[str, Mapping[int, str]]
FoundDoubts = dict[str, dict[int, str]]


def find_doubts(rows: Sequence[Row], columns: Columns) -> FoundDoubts:
    """Why cells are not read, of rows that are runs."""
    found: FoundDoubts = {}
    for at, meaning in columns.readings:
        unit = meaning.unit
        for place in find_open([row.cells[at] for row in rows]):
            found.setdefault(rows[place].name, {})[at] = OPEN_COMMA
        if unit is None and leaves_scale_open(meaning):
            for row in rows:
                found.setdefault(row.name, {})[at] = UNTOLD
        if unit is not None and unit.canonical == "bytes":
            sizes = [(row, parse_cell(row.cells[at])) for row in rows]
            if any(size is not None and size < 0 for _, size in sizes):
                for row in (row for row, size in sizes if size is not None):
                    found.setdefault(row.name, {})[at] = OF_CHANGES
        if unit is None or unit.canonical != "ms" or meaning.statistic != "value":
            continue
        timed = [row for row in rows if (parse_cell(row.cells[at]) or 0) > 0]
        if meaning.metric != MAY_LEAP:
            for row in find_strays(timed, at, columns):
                found.setdefault(row.name, {})[at] = A_STRAY
        if meaning.metric != MAY_LEAP and has_two_units(timed, at, columns):
            reason = TWO_UNITS
        elif meaning.metric in _WHOLES and _is_cumulative(timed, at, columns):
            reason = CUMULATIVE
        elif is_shared([row.cells[at] for row in timed]):
            reason = SHARED
        else:
            continue
        for row in timed:
            found.setdefault(row.name, {})[at] = reason
    for place, at in _of_answers_alone(rows, columns):
        found.setdefault(rows[place].name, {})[at] = ANSWER_ALONE
    others = (find_misplaced, find_conflicts, find_contradicted, find_words)
    for name, at, reason in chain.from_iterable(find(rows, columns) for find in others):
        found.setdefault(name, {}).setdefault(at, reason)
    return found


def may_be_doubtful(
    metric: str, least: Floats, greatest: Floats, n: Integers, falls: Integers
) -> Mask:
    """In which files a column of times wants a closer look, without one at its cells.

    Args:
        metric: what it is of.
        least: its least positive number in each file.
        greatest: its greatest.
        n: how many rows each file has.
        falls: how often it does not rise from one to the next.
    """
    leaps = greatest >= THOUSAND[0] * least
    rises = n >= _FEWEST_IN_RISE * (falls + 1)
    ends = (greatest >= SHORTEST_LIMIT_MS) & (greatest % STEP_OF_LIMITS_MS == 0)
    doubtful = (leaps & (metric != MAY_LEAP)) | (rises & (metric in _WHOLES)) | ends
    return doubtful | may_be_shared(least, greatest, n)


def tells_thinking(label: str) -> bool:
    """Whether a column of this name counts the tokens that a model thought."""
    return _THOUGHT.fullmatch(join_words(label)) is not None


def _is_cumulative(rows: Sequence[Row], at: int, columns: Columns) -> bool:
    """Whether a time adds up from row to row, of what was run again and again."""
    rises = _rises([parse_cell(row.cells[at]) or 0 for row in rows])
    if not all(_adds_up(rise) for rise in rises) or not rows:
        return False
    configured = Counter(tuple(str(row.cells[c]) for c in configuring(columns)) for row in rows)
    alone = sum(1 for times in configured.values() if times == 1)
    return 2 * alone < len(rows) and not _has_ladder(rows, rises, columns)


def _rises(numbers: Sequence[float]) -> list[list[float]]:
    """Numbers in stretches in which each is greater than the one before."""
    rises: list[list[float]] = [[]]
    for number in numbers:
        if rises[-1] and number <= rises[-1][-1]:
            rises.append([])
        rises[-1].append(number)
    return rises


def _adds_up(rise: Sequence[float]) -> bool:
    """Whether numbers rise by about as much from one to the next as the first is."""
    steps = [rise[0], *(after - before for before, after in pairwise(rise))] if rise else []
    return len(steps) >= _FEWEST_IN_RISE and max(steps) <= _ALIKE * min(steps)


def _has_ladder(rows: Sequence[Row], rises: Sequence[Sequence[float]], columns: Columns) -> bool:
    """Whether some count that is no number of the row rises as they do: longer and longer prompts."""
    ends = [*accumulate(len(rise) for rise in rises)]
    counts = {
        at for at, m in columns.readings if m.unit is not None and m.unit.canonical == "tokens"
    }
    prompts = {at for at, name in columns.settings if name in PROMPTS}
    read = {at for at, _ in columns.readings} | columns.roles | prompts
    for at in range(len(columns.labels)):
        if at in read - counts:
            continue
        numbers = [parse_cell(row.cells[at]) for row in rows]
        steps = [
            b - a
            for place, (a, b) in enumerate(pairwise(numbers), start=1)
            if place not in ends and a is not None and b is not None
        ]
        if len(steps) == len(rows) - len(rises) and set(steps) - {1.0} and min(steps) > 0:
            return True
    return False


def _of_answers_alone(rows: Sequence[Row], columns: Columns) -> Iterator[tuple[int, int]]:
    """The places of rates that are an answer's tokens over a time that the model thought in too."""
    thought = next((at for at, label in enumerate(columns.labels) if tells_thinking(label)), None)
    if thought is None:
        return
    counts = [
        at
        for at, label in enumerate(columns.labels)
        if at != thought and _COUNT.fullmatch(join_words(label))
    ]
    thinking = [p for p, row in enumerate(rows) if (parse_cell(row.cells[thought]) or 0) > 0]
    # A count that thinking exceeds somewhere leaves it out.
    alone = [
        at
        for at in counts
        if any(_less(rows[p].cells[at], rows[p].cells[thought]) for p in thinking)
    ]
    times = [
        (at, meaning.unit)
        for at, meaning in columns.readings
        if meaning.unit is not None and meaning.unit.canonical == "ms"
    ]
    for at, meaning in columns.readings:
        if meaning.unit is None or meaning.unit.canonical != "tok/s":
            continue
        for place in thinking:
            cells = rows[place].cells
            rate = parse_cell(cells[at])
            seconds = [
                time / 1000
                for t, unit in times
                if isinstance(cell := cells[t], str) and (time := parse_number(cell, unit=unit))
            ]
            answers = [n for c in alone if (n := parse_cell(cells[c]))]
            if rate and any(abs(rate * s - n) <= _NEAR * n for s in seconds for n in answers):
                yield place, at


def _less(one: Json, other: Json) -> bool:
    a, b = parse_cell(one), parse_cell(other)
    return a is not None and b is not None and a < b
