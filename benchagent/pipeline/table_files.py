"""Tables in files that need not fit into memory: written a part at a time, read a batch at a time."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from benchagent.store import replacing

# Smaller parts wait for others, so that a reader finds few row groups.
_GROUP_ROWS: Final = 150_000


class GrowingTable:
    """A Parquet file on its way."""

    def __init__(self, writer: pq.ParquetWriter) -> None:
        """Nothing waits yet."""
        self._writer = writer
        self._waiting: list[pa.Table] = []
        self._n_waiting = 0

    def add(self, rows: pa.Table) -> None:
        """Some more rows; they are written when there are enough of them."""
        if self._n_waiting + rows.num_rows > _GROUP_ROWS:
            self.flush()
        self._waiting.append(rows)
        self._n_waiting += rows.num_rows

    def flush(self) -> None:
        """Write what waits."""
        if self._n_waiting:
            # a column of several dictionaries would be written cell by cell
            together = pa.concat_tables(self._waiting).unify_dictionaries()
            self._writer.write_table(together)
        self._waiting.clear()
        self._n_waiting = 0


@contextmanager
def writing_table(path: Path, schema: pa.Schema) -> Generator[GrowingTable, None, None]:
    """A new Parquet file; half of one if the block raises."""
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        table = GrowingTable(writer)
        yield table
        table.flush()


@contextmanager
def growing_table(path: Path, schema: pa.Schema) -> Generator[GrowingTable, None, None]:
    """A Parquet file that stands at `path` as a whole when the block ends well, else not at all."""
    with replacing(path) as temporary, writing_table(temporary, schema) as table:
        yield table


class StoredTable:
    """A table in a Parquet file, with as much of `pyarrow.Table` as going through its rows takes."""

    def __init__(self, path: Path, columns: Sequence[str] | None = None) -> None:
        """Look at the file; its rows stay where they are.

        Args:
            path: the file.
            columns: those of the table; all by default.
        """
        self._path = path
        whole = pq.read_schema(path)
        self.column_names = whole.names if columns is None else list(columns)
        self.schema = pa.schema([whole.field(name) for name in self.column_names])
        self.num_rows: int = pq.read_metadata(path).num_rows

    def select(self, columns: Sequence[str]) -> "StoredTable":
        """Some of its columns."""
        return StoredTable(self._path, columns)

    def to_batches(self, max_chunksize: int) -> Iterator[pa.RecordBatch]:
        """All rows, at most so many at a time; only what is asked for is read."""
        with pq.ParquetFile(self._path) as file:
            yield from file.iter_batches(max_chunksize, columns=self.column_names)
