"""A column `n` whose numbers were set: the same grid of them comes again under all else that was tried.

How many runs a row sums up is no such number: it differs, is the number of its rows, or goes with a
load that stands beside it.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from statistics import median
from typing import Final

from benchagent.formats.tables.call_columns import Columns
from benchagent.formats.tables.columns import Meaning
from benchagent.formats.tables.quantity_names import TOKEN_RATE
from benchagent.mappings.rows import Rows
from benchagent.measurements.json_trees import Json
from benchagent.quantities.names import join_words
from benchagent.quantities.numbers import parse_cell

_AMOUNT: Final = "n"
_FEWEST: Final = 3
# Of one answer, whatever is counted; a time of the whole row may be that of all that it counts.
_OF_ONE_ANSWER: Final = frozenset(("ttft", "tpot", "itl", "decode_rate", "prefill_rate"))
_OF_NO_ANSWER: Final = frozenset(("bytes", "W", "°C"))
# No answer is generated so much faster since more is asked; all answers together are.
_GROWN: Final = 2


def is_swept(rows: Rows, plan: Columns, at: int) -> bool:
    """Whether the numbers of a column `n` are a sweep's, and no counts of what rows sum up."""
    if join_words(rows.labels[at]) != _AMOUNT or not all(map(_is_of_one, plan.readings)):
        return False
    numbers = [parse_cell(cell) for cell in rows.column(at)]
    if any(number is None or number != int(number) for number in numbers):
        return False
    grids: dict[tuple[str, ...], list[float]] = defaultdict(list)
    for row, number in zip(rows.rows, numbers, strict=True):
        grids[_told(row.cells, plan, at)].append(number or 0)
    counts = [Counter(grid) for grid in grids.values()]
    first = counts[0] if counts else Counter[float]()
    again = len(counts) > 1 or min(first.values(), default=0) > 1
    return (
        again
        and len(first) >= _FEWEST
        and all(count == first for count in counts)
        and all(number != times for number, times in first.items())
        and not any(_grows(rows, *reading, numbers) for reading in plan.readings)
    )


def _is_of_one(reading: tuple[int, Meaning]) -> bool:
    """Whether a number is of one answer or of the machine, and sums up none."""
    _, meaning = reading
    of_machine = meaning.unit is not None and meaning.unit.canonical in _OF_NO_ANSWER
    return of_machine or (meaning.metric in _OF_ONE_ANSWER and meaning.statistic == "value")


def _grows(rows: Rows, place: int, meaning: Meaning, numbers: Sequence[float | None]) -> bool:
    """Whether a rate is far higher at the greatest number than at the least."""
    if meaning.unit != TOKEN_RATE:
        return False
    rates: dict[float, list[float]] = defaultdict(list)
    for number, cell in zip(numbers, rows.column(place), strict=True):
        rates[number or 0].append(parse_cell(cell) or 0)
    return median(rates[max(rates)]) >= _GROWN * median(rates[min(rates)])


def _told(cells: Sequence[Json], plan: Columns, at: int) -> tuple[str, ...]:
    """What a row says of itself beside its results, its number and when it ran."""
    left_out = {at, plan.repetition, plan.sequence, plan.time, *(p for p, _ in plan.readings)}
    return tuple(str(cell) for place, cell in enumerate(cells) if place not in left_out)
