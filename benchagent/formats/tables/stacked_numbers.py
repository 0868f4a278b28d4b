# pyright: reportAttributeAccessIssue=false
# pyarrow.compute makes its functions at import, where no type checker sees them.
"""The cells of stacked files as numbers."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchagent.arrays import Floats, Mask
from benchagent.formats.tables.call_columns import Columns
from benchagent.formats.tables.plain_tables import Stack
from benchagent.quantities.units import Unit

# No float overflows or vanishes that is written with so few characters and no exponent.
_LONGEST_NUMBER: Final = 100
# So many digits are exact as a float; times or over the power of ten of as many and the most that
# a unit moves the point, which is exact up to 22, they are rounded once.
_EXACT_DIGITS: Final = 15
_MOST_MOVED: Final = 7
_POWERS: Final = 10.0 ** np.arange(_EXACT_DIGITS + _MOST_MOVED + 1)
_NUMBER: Final = r"^-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)$"


class StackedNumbers(NamedTuple):
    """The cells of the columns that hold readings: a row for each, NaN where blank."""

    values: Floats
    refused: Mask


def read_numbers(columns: Columns, stack: Stack) -> StackedNumbers:
    """The numbers of all columns that hold readings."""
    shape = (stack.n_rows, len(columns.readings))
    values, refused = np.empty(shape), np.zeros(shape, np.bool_)
    for place, (at, meaning) in enumerate(columns.readings):
        values[:, place], refused[:, place] = _read_column(stack.cells[at], meaning.unit)
    return StackedNumbers(values, refused)


def _read_column(cells: pa.StringArray, unit: Unit | None) -> tuple[Floats, Mask]:
    """The numbers of a column in their canonical unit, and which cells hold something else."""
    lengths = pc.binary_length(cells).to_numpy(zero_copy_only=False)
    texts = pc.if_else(pa.array(lengths > 0), cells, pa.scalar(None, pa.string()))
    plain = read_decimals(texts, unit.exponent if unit else 0)
    if plain is not None:
        return plain * (unit.factor if unit else 1), np.zeros(len(cells), np.bool_)
    refused = lengths > _LONGEST_NUMBER
    # An exponent of its own makes the text no number, as everything does that is none.
    suffix = f"e{unit.exponent if unit else 0}"
    try:
        if refused.any():
            raise pa.ArrowInvalid("too long")
        read = pc.cast(pc.binary_join_element_wise(texts, suffix, ""), pa.float64())
    except pa.ArrowInvalid:
        plain = pc.match_substring_regex(texts, _NUMBER).fill_null(True)
        refused |= ~plain.to_numpy(zero_copy_only=False)
        texts = pc.if_else(pa.array(refused), pa.scalar(None, pa.string()), texts)
        read = pc.cast(pc.binary_join_element_wise(texts, suffix, ""), pa.float64())
    values = read.to_numpy(zero_copy_only=False)
    return values * (unit.factor if unit else 1), refused


def read_decimals(texts: pa.StringArray, exponent: int) -> Floats | None:
    """Short decimals times a power of ten, NaN for nothing; None if one of them is anything else.

    A number is rounded once, as if the exponent stood in its text: its digits as an integer and
    the power of ten are both exact, so only their quotient or product is not (W. D. Clinger, How
    to read floating point numbers accurately, 1990).
    """
    lengths = pc.binary_length(texts).fill_null(0).to_numpy(zero_copy_only=False)
    if lengths.max(initial=0) > _EXACT_DIGITS or abs(exponent) > _MOST_MOVED:
        return None
    if _bytes_of(texts).translate(None, b"0123456789.-"):
        return None
    try:
        read = pc.cast(texts, pa.float64()).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        return None
    if not exponent:
        return read
    point = pc.find_substring(texts, ".").fill_null(-1).to_numpy(zero_copy_only=False)
    decimals = np.where(point < 0, 0, lengths - 1 - point)
    digits = np.rint(read * _POWERS[decimals])
    moved = decimals - exponent
    return np.where(moved > 0, digits / _POWERS[moved], digits * _POWERS[-moved])


def _bytes_of(texts: pa.StringArray) -> bytes:
    """All texts, one after the other."""
    _, offsets, data = texts.buffers()
    if offsets is None or data is None:
        return b""
    ends = np.frombuffer(offsets, np.int32)
    first, last = ends[texts.offset], ends[texts.offset + len(texts)]
    return data.slice(first, last - first).to_pybytes()


def map_cells(
    encoded: pa.DictionaryArray, function: Callable[[str], object], type: type[np.generic]
) -> np.ndarray[Any, Any]:
    """A function of the cells of a column, called once for each that is different."""
    found = np.array([function(cell) for cell in encoded.dictionary.to_pylist()], dtype=type)
    return found[encoded.indices.to_numpy()]
