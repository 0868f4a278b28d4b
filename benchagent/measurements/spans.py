"""Which rows of the parsed contents belong to which file, and which readings to which record."""

from typing import Any, NamedTuple

import numpy as np

from benchagent.measurements.named_columns import find_word
from benchagent.measurements.segments import ParsedContents

Indexes = np.ndarray[Any, np.dtype[np.int64]]


class JoinedFile(NamedTuple):
    """A file and the row of its content."""

    path: str
    sha256: str
    content: int


class ReadingsOfRuns(NamedTuple):
    """The rows of the readings of some records, and which of the records each belongs to."""

    rows: Indexes
    of_run: Indexes


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
        failed = parsed.records["failure"].is_valid().to_numpy()
        self.n_failed = np.bincount(content[failed], minlength=n_contents)
        self.n_readings = np.bincount(content[record], minlength=n_contents)
        derives = np.zeros(n_contents, bool)
        derives[content[record[find_word(parsed.readings["kind"], "derived")]]] = True
        derives[content[find_word(parsed.records["failure_kind"], "derived")]] = True
        measures = np.zeros(n_contents, bool)
        measures[content[record[find_word(parsed.readings["kind"], "measured")]]] = True
        self.sums_up = derives & ~measures
        self.sums_up_itself = derives & measures

    def records_of(self, content: int) -> Indexes:
        """The rows of a content's records, in the order of its file."""
        return self._records[self._record_start[content] : self._record_start[content + 1]]

    def readings_of(self, records: Indexes) -> ReadingsOfRuns:
        """The rows of these records' readings, record by record."""
        starts = self._reading_start[records]
        lengths = self._reading_start[records + 1] - starts
        before = np.cumsum(lengths) - lengths
        rows = np.arange(lengths.sum()) + np.repeat(starts - before, lengths)
        return ReadingsOfRuns(rows, np.repeat(np.arange(len(records)), lengths))
