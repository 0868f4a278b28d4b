"""A table that stays on disk: only the columns that are asked for are read, and none is kept.

A folder of ten thousand files has five million numbers, in two dozen columns, of which a reader
needs a few at a time.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from benchagent.arrays import Mask


class StoredTable:
    """An open Parquet file, read as it was when it was opened, even if it is replaced meanwhile."""

    def __init__(self, path: Path) -> None:
        """Open the file; its columns are read when they are asked for.

        Raises:
            FileNotFoundError: it is not there.
            pyarrow.ArrowInvalid: it is no whole Parquet file.
        """
        # What is read ahead would stay in memory as long as the file is open.
        self._file = pq.ParquetFile(path, pre_buffer=False)

    @property
    def schema(self) -> pa.Schema:
        """Its columns."""
        return self._file.schema_arrow

    @property
    def num_rows(self) -> int:
        """How many rows."""
        return self._file.metadata.num_rows

    def select(self, columns: Sequence[str]) -> pa.Table:
        """Some columns of all rows, read now."""
        return self._file.read(list(columns)).select(columns)

    def pieces(self, columns: Sequence[str] | None, rows: Mask | None) -> Iterator[pa.Table]:
        """Some or all columns, of all rows or those of a mask, one part after the other."""
        start = 0
        for group in range(self._file.num_row_groups):
            size = self._file.metadata.row_group(group).num_rows
            chosen = None if rows is None else rows[start : start + size]
            start += size
            if chosen is None or chosen.any():
                yield _some(self._file.read_row_group(group, columns), columns, chosen)


AnyTable = pa.Table | StoredTable


def pieces_of(
    table: AnyTable, columns: Sequence[str] | None = None, rows: Mask | None = None
) -> Iterator[pa.Table]:
    """Some or all columns of a table, of all rows or those of a mask; in parts if it is on disk."""
    if isinstance(table, StoredTable):
        yield from table.pieces(columns, rows)
    else:
        yield _some(table, columns, rows)


def _some(table: pa.Table, columns: Sequence[str] | None, rows: Mask | None) -> pa.Table:
    found = table if columns is None else table.select(columns)
    return found if rows is None else found.filter(pa.array(rows))
