"""Tables in files that need not fit into memory, written a part at a time."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from benchagent.store import replacing

# Smaller parts wait for others, so that a reader finds few row groups.
_GROUP_ROWS: Final = 150_000


class GrowingTable:
    """A Parquet file that is being written, a part at a time."""

    def __init__(self, writer: pq.ParquetWriter) -> None:
        """No rows wait to be written yet."""
        self._writer = writer
        self._waiting: list[pa.Table] = []
        self._n_waiting = 0

    def add(self, rows: pa.Table) -> None:
        """Add rows; they are written once there are enough of them for a row group."""
        if self._n_waiting + rows.num_rows > _GROUP_ROWS:
            self.flush()
        self._waiting.append(rows)
        self._n_waiting += rows.num_rows

    def flush(self) -> None:
        """Write the rows that wait."""
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
