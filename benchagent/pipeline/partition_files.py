"""What was made of a snapshot, as files: written whole or not at all, and never made twice.

Beside each file stands a stamp with the version of everything that went into it. A step whose
inputs and code have not changed finds its stamp and reads the file instead of making it again.
"""

import hashlib
import time
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import TypeAdapter, ValidationError

from benchagent.pipeline.table_files import growing_table
from benchagent.store import StoreError, locked, make_folder, replacing, write_atomically
from benchagent.stored_table import AnyTable, StoredTable

T = TypeVar("T")
PACKAGE = Path(__file__).parent.parent
# A table of this many bytes is kept in memory once it was read.
SMALL = 256 * 1024


class PartitionMissing(StoreError):
    """A file that an earlier step makes is not there, or is not what that step writes."""


def version_of(*parts: str) -> str:
    """A version from all that goes into something: 16 hex digits, the order of parts counts."""
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()[:16]


@cache
def code_version(*rooms: str, without: str | None = None) -> str:
    """A version of the code itself: all that stands in these modules and folders of the package.

    A process computes it once, so an edit counts from the next start on.

    Args:
        rooms: the modules and folders.
        without: a folder in one of them that does not count.
    """
    left_out = PACKAGE / without if without else None
    digest = hashlib.sha256()
    for room in rooms:
        place = PACKAGE / room
        if not place.exists():
            raise FileNotFoundError(f"{place}: a step names this room, and it is not there")
        files = sorted(place.rglob("*")) if place.is_dir() else [place]
        for file in files:
            if file.is_file() and "__pycache__" not in file.parts and file.parent != left_out:
                digest.update(file.relative_to(PACKAGE).as_posix().encode() + b"\0")
                digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


class Stamp(NamedTuple):
    """With what a file was made, and how long that took."""

    version: str
    seconds: float


def stamp_of(path: Path) -> Stamp | None:
    """The stamp of a file, or None where there is no whole file."""
    try:
        text = _stamp_path(path).read_text(encoding="utf-8")
        version, seconds = text.split()
        return Stamp(version, float(seconds)) if text.endswith("\n") and path.exists() else None
    except (FileNotFoundError, ValueError):
        return None


def _stamp(path: Path, stamp: Stamp) -> None:
    # Unsynced: of one that is lost or torn when the machine goes down, the file is made again.
    with replacing(_stamp_path(path), synced=False) as temporary:
        temporary.write_text(f"{stamp.version} {stamp.seconds:.6f}\n", encoding="utf-8")


def _stamp_path(path: Path) -> Path:
    return path.with_name(path.name + ".made")


class Edition(NamedTuple):
    """Which writing of a file stands at its path; a file is always replaced as a whole."""

    path: Path
    inode: int
    size: int
    mtime_ns: int


def edition_of(path: Path) -> Edition:
    """The edition that stands there now, told without reading the file.

    Raises:
        PartitionMissing: the step that makes it has not run.
    """
    try:
        found = path.stat()
    except FileNotFoundError as error:
        raise _missing(path, error) from error
    return Edition(path, found.st_ino, found.st_size, found.st_mtime_ns)


def digest_of(path: Path) -> str:
    """A hash of a file's content, 16 hex digits: while it is equal, later steps stand.

    Raises:
        PartitionMissing: the step that makes it has not run.
    """
    return _digest(edition_of(path))


# A report asks for the digests of all that it rests on, and so does every one of the next agents.
@lru_cache(maxsize=64)
def _digest(edition: Edition) -> str:
    try:
        with edition.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()[:16]
    except FileNotFoundError as error:
        raise _missing(edition.path, error) from error


def make_once(path: Path, version: str, make: Callable[[Path], None]) -> bool:
    """Calls `make(path)` unless the file was already made with that version.

    A process that comes while another makes the file waits, and then finds it made: a run that is
    tried again may meet a step that outlived its killed run worker.

    Returns:
        Whether it was made now.
    """
    if _is_made(path, version):
        return False
    make_folder(path.parent)
    with locked(path.with_name(f".{path.name}.lock"), doing=f"making {path.name}"):
        if _is_made(path, version):
            return False
        forget(path)
        start = time.monotonic()
        make(path)
        _stamp(path, Stamp(version, time.monotonic() - start))
    return True


def _is_made(path: Path, version: str) -> bool:
    found = stamp_of(path)
    return found is not None and found.version == version


def forget(path: Path) -> None:
    """Lets a file be made again; until then it stays as it is."""
    _stamp_path(path).unlink(missing_ok=True)


def write_table(path: Path, table: pa.Table) -> None:
    """A table as a Parquet file."""
    with growing_table(path, table.schema) as growing:
        growing.add(table)


def read_table(path: Path) -> pa.Table:
    """A table that an earlier step wrote.

    Raises:
        PartitionMissing: it is not there or not whole.
    """
    edition = edition_of(path)
    return _read_small(edition) if edition.size <= SMALL else _read(edition)


def _read(edition: Edition) -> pa.Table:
    try:
        return pq.read_table(edition.path)
    except (FileNotFoundError, pa.ArrowInvalid) as error:
        raise _missing(edition.path, error) from error


# Every step of every agent asks for the same few.
_read_small = lru_cache(maxsize=8)(_read)


def open_table(path: Path) -> AnyTable:
    """A table that an earlier step wrote; a large one is read when its columns are asked for.

    Raises:
        PartitionMissing: it is not there or not whole.
    """
    edition = edition_of(path)
    return _read_small(edition) if edition.size <= SMALL else _open(edition)


def _open(edition: Edition) -> StoredTable:
    try:
        return StoredTable(edition.path)
    except (FileNotFoundError, pa.ArrowInvalid) as error:
        raise _missing(edition.path, error) from error


def write_value(path: Path, value: T, adapter: TypeAdapter[T]) -> None:
    """A value of the package's own types as a JSON file."""
    write_atomically(path, adapter.dump_json(value, indent=1))


def read_value(path: Path, adapter: TypeAdapter[T]) -> T:
    """A value that an earlier step wrote.

    Raises:
        PartitionMissing: it is not there or not whole.
    """
    try:
        return adapter.validate_json(path.read_bytes())
    except (FileNotFoundError, ValidationError) as error:
        raise _missing(path, error) from error


def _missing(path: Path, error: Exception) -> PartitionMissing:
    said = "it is not there" if isinstance(error, FileNotFoundError) else f"damaged ({error!s:.80})"
    return PartitionMissing(
        f"{path}: {said}; materialise the asset that makes it, for instance with `benchagent run`"
    )
