# pyright: reportAttributeAccessIssue=false
# pyarrow.compute makes its functions at import, where no type checker sees them.
"""Tables that data frames are saved as: Parquet.

Read as the delimited table that they stand for: a header, and a row for each of theirs. A number is
written with the fewest digits that give it back, a list or structure as JSON, nothing as an empty cell.
"""

import json
from collections.abc import Iterator
from io import BytesIO
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from benchagent.measurements.packed.not_unpacked import MOST_BYTES, NotUnpacked

PARQUET: Final = b"PAR1"

# What a data frame numbers its rows by.
_INDEX: Final = "__index_level_0__"
# Few rows at a time, and no cell longer than this: what repeats is small in the file.
_ROWS: Final = 1024
_LONGEST_CELL: Final = 100_000
_DAMAGED: Final = (pa.ArrowException, OSError, ValueError, MemoryError, OverflowError)


def write_delimited(data: bytes) -> bytes:
    """The delimited table that a Parquet file stands for.

    Raises:
        NotUnpacked: it is damaged, or would be too long.
    """
    import pyarrow.csv as pa_csv

    written = BytesIO()
    try:
        names, batches = _open(data)
        plain = pa.schema([(name, pa.string()) for name in names])
        with pa_csv.CSVWriter(written, plain) as writer:
            for batch in batches:
                columns = [_write_cells(batch.column(name)) for name in names]
                writer.write_batch(pa.record_batch(columns, schema=plain))
                _expect_room(written.tell())
    except NotUnpacked:
        raise
    except _DAMAGED as error:
        said = " ".join(str(error).split())[:200]
        raise NotUnpacked(f"a Parquet file that cannot be read ({said}); save it as CSV") from error
    return written.getvalue()


def _open(data: bytes) -> tuple[list[str], Iterator[pa.RecordBatch]]:
    """The names of the columns, and their rows, some at a time."""
    from pyarrow import parquet

    told = parquet.read_metadata(pa.BufferReader(data))
    _expect_room(sum(told.row_group(at).total_byte_size for at in range(told.num_row_groups)))
    schema = told.schema.to_arrow_schema()
    texts = [field.name for field in schema if pa.types.is_string(field.type)]
    file = parquet.ParquetFile(
        pa.BufferReader(data), read_dictionary=texts, page_checksum_verification=True
    )
    names = [name for name in schema.names if name != _INDEX]
    return names, file.iter_batches(batch_size=_ROWS)


def _expect_room(size: int) -> None:
    if size > MOST_BYTES:
        raise NotUnpacked(f"a Parquet file of more than {MOST_BYTES:,} bytes as a table")


def _write_cells(column: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(column.type):
        _expect_short(column.dictionary)
        column = column.dictionary_decode()
    if pa.types.is_nested(column.type):
        cells = column.to_pylist()
        column = pa.array(
            [None if cell is None else json.dumps(cell, default=str) for cell in cells]
        )
    elif pa.types.is_float16(column.type):
        column = column.cast(pa.float32())
    cells = column.cast(pa.string())
    _expect_short(cells)
    return cells


def _expect_short(cells: pa.Array) -> None:
    if pa.types.is_string(cells.type) or pa.types.is_large_string(cells.type):
        longest = pc.max(pc.binary_length(cells)).as_py() or 0
        if longest > _LONGEST_CELL:
            raise NotUnpacked(f"a table with a cell of {longest:,} characters")
