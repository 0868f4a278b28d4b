"""Which rows of the parsed contents belong to which file, and which readings to which record."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from benchagent.arrays import Ints
from benchagent.measurements.parsed.segments import ParsedContents


class ReadingsOfRuns(NamedTuple):
    """The rows of the readings of some records, which record each is of, and how many each has."""

    rows: Ints
    of_run: Ints
    lengths: Ints


class Spans:
    """The records of each content and the readings of each record, as runs of rows."""

    def __init__(self, parsed: ParsedContents) -> None:
        """Sorted once; each question is then two look-ups."""
        content = parsed.records["content"].to_numpy()
        record = parsed.readings["record"].to_numpy()
        n_contents, n_records = parsed.contents.num_rows, parsed.records.num_rows
        self._records = np.argsort(content, kind="stable").astype(np.int64)
        self._record_start = np.searchsorted(content[self._records], np.arange(n_contents + 1))
        self._reading_start = np.searchsorted(record, np.arange(n_records + 1))

    def records_of(self, content: int) -> Ints:
        """The rows of a content's records, in the order of its file."""
        return self._records[self._record_start[content] : self._record_start[content + 1]]

    def count_readings(self, records: Ints) -> Ints:
        """How many readings each of these records has."""
        return self._reading_start[records + 1] - self._reading_start[records]

    def readings_of(self, records: Ints) -> ReadingsOfRuns:
        """The rows of these records' readings, record by record."""
        lengths = self.count_readings(records)
        rows = ranges(self._reading_start[records], lengths)
        return ReadingsOfRuns(rows, np.repeat(np.arange(len(records)), lengths), lengths)


def ranges(starts: Ints, lengths: Ints) -> Ints:
    """All rows of ranges, one range after the other."""
    before = np.cumsum(lengths) - lengths
    return np.arange(lengths.sum()) + np.repeat(starts - before, lengths)


def spans_within(stops: Ints, most: int) -> Iterator[slice]:
    """Consecutive spans that are together no larger than `most`, or have one member alone.

    Args:
        stops: where each member ends, its size counted on from the one before.
        most: the size.
    """
    start = 0
    while start < len(stops):
        before = stops[start - 1] if start else 0
        stop = max(start + 1, int(np.searchsorted(stops, before + most, "right")))
        yield slice(start, stop)
        start = stop


def take_rows(table: pa.Table, rows: Ints) -> pa.Table:
    """The rows in this order; a view of the table where they follow one another."""
    if len(rows) and bool(np.all(np.diff(rows) == 1)):
        return table.slice(int(rows[0]), len(rows))
    return table.take(pa.array(rows))
