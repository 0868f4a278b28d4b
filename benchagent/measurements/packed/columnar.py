# pyright: reportAttributeAccessIssue=false
# pyarrow.compute makes its functions at import, where no type checker sees them.
"""Tables that data frames are saved as: Parquet, and Feather, which is Arrow's own file.

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
FEATHER: Final = b"ARROW1"
COLUMNAR: Final = (PARQUET, FEATHER)

# What a data frame numbers its rows by.
_INDEX: Final = "__index_level_0__"
# Few rows at a time, and no cell longer than this: what repeats is small in the file.
_ROWS: Final = 1024
_LONGEST_CELL: Final = 100_000
_DAMAGED: Final = (pa.ArrowException, OSError, ValueError, MemoryError, OverflowError)


def write_delimited(data: bytes) -> bytes:
    """The delimited table that a columnar file stands for, for one that begins as `COLUMNAR` say.

    Raises:
        NotUnpacked: it is damaged, or would be too long.
    """
    kind = "Parquet" if data.startswith(PARQUET) else "Feather"
    import pyarrow.csv as pa_csv

    written = BytesIO()
    try:
        schema, batches = (_open_parquet if kind == "Parquet" else _open_feather)(data)
        names = [name for name in schema.names if name != _INDEX]
        plain = pa.schema([(name, pa.string()) for name in names])
        with pa_csv.CSVWriter(written, plain) as writer:
            for batch in batches:
                columns = [_write_cells(batch.column(name)) for name in names]
                writer.write_batch(pa.record_batch(columns, schema=plain))
                if written.tell() > MOST_BYTES:
                    raise NotUnpacked(
                        f"a {kind} file of more than {MOST_BYTES:,} bytes as a delimited table"
                    )
    except NotUnpacked:
        raise
    except _DAMAGED as error:
        raise NotUnpacked(
            f"a {kind} file that cannot be read ({' '.join(str(error).split())[:200]}); save it as CSV"
        ) from error
    return written.getvalue()


def _open_parquet(data: bytes) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    from pyarrow import parquet

    file = parquet.ParquetFile(pa.BufferReader(data))
    schema = file.schema_arrow
    texts = [field.name for field in schema if pa.types.is_string(field.type)]
    file = parquet.ParquetFile(
        pa.BufferReader(data), read_dictionary=texts, page_checksum_verification=True
    )
    return schema, file.iter_batches(batch_size=_ROWS)


def _open_feather(data: bytes) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    file = pa.ipc.open_file(pa.BufferReader(data))

    def batches() -> Iterator[pa.RecordBatch]:
        for number in range(file.num_record_batches):
            batch = file.get_batch(number)
            for start in range(0, batch.num_rows, _ROWS):
                yield batch.slice(start, _ROWS)

    return file.schema, batches()


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
