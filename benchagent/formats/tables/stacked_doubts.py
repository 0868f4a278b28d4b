# pyright: reportAttributeAccessIssue=false
# pyarrow.compute makes its functions at import, where no type checker sees them.
"""Which of the stacked files want a closer look, as their numbers may not be what their columns say."""

import numpy as np
import pyarrow.compute as pc

from benchagent.arrays import Ints, Mask
from benchagent.formats.settings import read_time
from benchagent.formats.tables.call_columns import Columns
from benchagent.formats.tables.conflicting_columns import may_conflict
from benchagent.formats.tables.doubtful_numbers import may_be_doubtful
from benchagent.formats.tables.plain_tables import Stack
from benchagent.formats.tables.stacked_numbers import StackedNumbers, map_cells
from benchagent.formats.tables.times_of_rows import read_moment


def find_doubtful_files(columns: Columns, stack: Stack, numbers: StackedNumbers) -> Mask:
    """Files of which columns may conflict, have two units or add up, or whose times go back."""
    doubtful = may_conflict(columns, numbers.values, stack.starts)
    same_file = np.diff(stack.file_of_row) == 0
    lengths = np.bincount(stack.file_of_row)
    for place, (_, meaning) in enumerate(columns.readings):
        if meaning.unit is not None and meaning.unit.canonical == "ms":
            values = numbers.values[:, place]
            positive = np.where(values > 0, values, np.nan)
            doubtful |= may_be_doubtful(
                meaning.metric,
                np.fmin.reduceat(positive, stack.starts),
                np.fmax.reduceat(positive, stack.starts),
                lengths,
                _count(stack, same_file & (np.diff(values) <= 0)),
            )
    if columns.time is not None and columns.sequence is None:
        doubtful |= _count(stack, same_file & _falls(stack, columns.time)) > 0
    return doubtful


def _falls(stack: Stack, at: int) -> Mask:
    """After which rows a time is earlier; of texts of one length the letters tell."""
    texts = stack.cells[at]
    lengths = pc.min_max(pc.binary_length(texts)).as_py()
    if lengths["min"] == lengths["max"]:
        return pc.less(texts[1:], texts[:-1]).to_numpy(zero_copy_only=False)
    return np.diff(map_cells(stack.encoded(at), _seconds_of, np.float64)) < 0


def _count(stack: Stack, before: Mask) -> Ints:
    """In how many rows of each file, but the last one, something holds."""
    return np.bincount(stack.file_of_row[:-1][before], minlength=len(stack.starts))


def _seconds_of(cell: str) -> float:
    moment = read_moment(read_time(cell))
    return moment.timestamp() if moment else np.nan
