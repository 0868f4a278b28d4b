"""Segments of parsed contents on disk: a folder of three Arrow files each.

A segment is written under a temporary name and renamed, and never changed. Arrow's files hold
tables as they stand in memory, compressed: they are written and read in half the time of Parquet,
and take 1.4 times the room. They are believed as they are read, and one whose bytes a disk changed
would end the process, so a segment's name ends with a hash of its files.
"""

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import pyarrow as pa
from pyarrow import ipc

from benchagent.measurements.parsed.segments import KEPT_SCHEMAS

# So many rows of records or readings are read at once, where a part of a segment is wanted.
GROUP_ROWS: Final = 131_072


def write_segment(folder: Path, tables: Mapping[str, pa.Table]) -> Path:
    """A new segment in the folder, there as a whole or not at all."""
    name = uuid.uuid4().hex
    unfinished = folder / f"{name}.unfinished"
    unfinished.mkdir(parents=True)
    chosen = ipc.IpcWriteOptions(compression="zstd", unify_dictionaries=True)
    for table, rows in tables.items():
        place = str(_place(unfinished, table))
        with (
            pa.OSFile(place, "wb") as file,
            ipc.new_file(file, rows.schema, options=chosen) as writer,
        ):
            writer.write_table(rows.combine_chunks(), max_chunksize=GROUP_ROWS)
    return unfinished.rename(folder / f"{name}-{_hash_files(unfinished)}.segment")


def find_segments(folder: Path) -> list[Path]:
    """Those of the folder, whole or not."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.suffix == ".segment")


def is_whole(segment: Path) -> bool:
    """Whether its files are as they were written, and have the columns of today; reads them all."""
    try:
        if _hash_files(segment) != segment.stem.partition("-")[2]:
            return False
        return all(_has_columns(segment, name, of) for name, of in KEPT_SCHEMAS.items())
    except OSError:
        return False


def _hash_files(segment: Path) -> str:
    digest = hashlib.sha256()
    for table in KEPT_SCHEMAS:
        with _place(segment, table).open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:16]


def _has_columns(segment: Path, table: str, schema: pa.Schema) -> bool:
    with pa.OSFile(str(_place(segment, table))) as file:
        return ipc.open_file(file).schema.names == schema.names


def read_columns(segment: Path, table: str, columns: Sequence[str]) -> pa.Table:
    """Some columns of one of its tables."""
    places = [KEPT_SCHEMAS[table].get_field_index(name) for name in columns]
    chosen = ipc.IpcReadOptions(included_fields=places)
    with pa.OSFile(str(_place(segment, table))) as file:
        return ipc.open_file(file, options=chosen).read_all().select(columns)


def read_group(segment: Path, table: str, number: int) -> pa.Table:
    """The rows of a table from `GROUP_ROWS * number` on, so many at most."""
    with pa.OSFile(str(_place(segment, table))) as file:
        return pa.Table.from_batches([ipc.open_file(file).get_batch(number)])


def _place(segment: Path, table: str) -> Path:
    return segment / f"{table}.arrow"
