"""A time that stands in every row of a table, the same to its last digit.

A script that timed a batch, or averaged one, wrote it beside each of the answers. No clock shows nine
digits twice, so that it is one number, and not as many as there are rows.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from benchagent.arrays import Floats, Integers, Mask
from benchagent.measurements.json_trees import Json
from benchagent.quantities.decimal_commas import write_point

SHARED: Final = (
    "it is the same to the last digit in every row: one time of them all, and not of each"
)
_FEWEST_ROWS: Final = 3
_FEWEST_DIGITS: Final = 9


def is_shared(cells: Sequence[Json]) -> bool:
    """Whether cells of times are one number, written with as many digits as no clock shows twice."""
    texts = {write_point(cell).strip() for cell in cells if isinstance(cell, str)}
    if len(cells) < _FEWEST_ROWS or len(texts) != 1:
        return False
    digits = texts.pop().lower().partition("e")[0].replace(".", "").lstrip("+-0")
    return len(digits.rstrip("0")) >= _FEWEST_DIGITS


def may_be_shared(least: Floats, greatest: Floats, n: Integers) -> Mask:
    """In which files a column of times may be one number, by the least and the greatest of its rows."""
    size = 10.0 ** (_FEWEST_DIGITS - 2 - np.floor(np.log10(least)))
    long = np.abs(least * size - np.round(least * size)) > 0
    return (least == greatest) & (n >= _FEWEST_ROWS) & long
