"""Shares that do not say how they are written: an accuracy of 0.713 is one of 71.3.

Only all numbers of a column tell. A word error rate may exceed 1, so that of numbers near 1 nobody
knows; what cannot be told is refused.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from benchagent.formats.tables.call_columns import Columns
from benchagent.formats.tables.columns import Meaning
from benchagent.formats.tables.other_quantities import is_share
from benchagent.mappings.rows import Rows
from benchagent.measurements.json_trees import Json
from benchagent.quantities.numbers import parse_cell
from benchagent.quantities.units import Unit, find_unit

UNTOLD: Final = (
    "nothing tells whether this share is written in percent: its column has numbers above 1 that "
    "need not be"
)
_RATIO: Final = Unit("ratio")
_PERCENT: Final = "%"
# Of these more can be wrong than there was.
_ERROR_RATES: Final = frozenset(("wer", "cer"))
_SURELY_PERCENT: Final = 2.0
_SPREADS: Final = frozenset(("stddev", "stderr"))


def is_bounded_share(metric: str) -> bool:
    """Whether a metric is a share of all there are, which no more than all can be."""
    return is_share(metric) and metric not in _ERROR_RATES


def leaves_scale_open(meaning: Meaning) -> bool:
    """Whether a column is of a share, and its name leaves open how that is written."""
    return is_share(meaning.metric) and meaning.raw_unit is None


def scale_share(meaning: Meaning, numbers: Sequence[float]) -> Meaning:
    """The meaning with the unit in which the numbers of a share are written, if they tell it."""
    if not numbers or max(numbers) <= 1:
        return meaning._replace(unit=_RATIO)
    least = _SURELY_PERCENT if meaning.metric in _ERROR_RATES else 1.0
    # a 0 is one in percent too
    sure = all(number == 0 or least < number <= 100 for number in numbers)
    if not sure:
        return meaning._replace(unit=None)
    return meaning._replace(unit=find_unit(_PERCENT), raw_unit=_PERCENT)


def scale_shares(rows: Rows, plan: Columns) -> Columns:
    """The columns with the unit that the numbers of each share tell; without, where they tell none."""
    if not any(leaves_scale_open(meaning) for _, meaning in plan.readings):
        return plan
    readings = tuple(
        (at, _scale(rows, plan, meaning) if leaves_scale_open(meaning) else meaning)
        for at, meaning in plan.readings
    )
    return replace(plan, readings=readings)


def _scale(rows: Rows, plan: Columns, meaning: Meaning) -> Meaning:
    """All columns of one share are written alike: its deviation as its mean is."""
    numbers = [
        number
        for at, other in plan.readings
        if other.metric == meaning.metric and other.raw_unit is None
        if other.statistic not in _SPREADS
        for number in read_numbers(rows.column(at))
    ]
    if not numbers and meaning.statistic in _SPREADS:
        return meaning._replace(unit=None)
    return scale_share(meaning, numbers)


def read_numbers(cells: Sequence[Json]) -> list[float]:
    """The numbers of cells that tell no unit."""
    return [number for cell in cells if (number := parse_cell(cell)) is not None]
