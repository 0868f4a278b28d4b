"""Files that no format reads: those with numbers enough that somebody could say what they hold."""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import pyarrow as pa

from benchagent.formats.tables.profiles import ColumnProfile, profile_column
from benchagent.mappings.identities import FEWEST_ROWS
from benchagent.mappings.rows import Rows, find_rows
from benchagent.mappings.trial import pool
from benchagent.measurements.artifact import Artifact

# Shapes that are opened to choose from.
_MOST_LOOKED_INTO: Final = 40
_MOST_COLUMNS: Final = 24
# As many files of one shape, and rows of them, as a test needs.
_MOST_FILES: Final = 20
_MOST_ROWS: Final = 2000
# The least that an identity ties together.
_FEWEST_COLUMNS: Final = 3


class UnknownFiles(NamedTuple):
    """The files of one shape that no format reads.

    Attributes:
        paths: those that were looked into.
        rows: of all of them.
        columns: the first columns of theirs.
    """

    paths: tuple[str, ...]
    rows: Rows
    columns: tuple[ColumnProfile, ...]


def find_unknown_files(
    files: pa.Table, read_bytes: Callable[[str], bytes]
) -> tuple[UnknownFiles, ...]:
    """The shapes of files of no known format that have numbers enough for a test, most rows first.

    Args:
        files: those of a snapshot, as `Evidence` has them.
        read_bytes: the stored bytes of a SHA-256.
    """
    by_shape: dict[str, list[tuple[str, str]]] = {}
    for row in files.to_pylist():
        if row.get("shape") and not row["format"] and not row["duplicate_of"]:
            by_shape.setdefault(row["shape"], []).append((row["path"], row["sha256"]))
    often = sorted(by_shape.values(), key=len, reverse=True)[:_MOST_LOOKED_INTO]
    found = [_look_into(each[:_MOST_FILES], read_bytes) for each in often]
    return tuple(sorted(filter(None, found), key=lambda each: len(each.rows.rows), reverse=True))


def _look_into(
    files: Sequence[tuple[str, str]], read_bytes: Callable[[str], bytes]
) -> UnknownFiles | None:
    read: list[Rows] = []
    for path, sha256 in files:
        rows = find_rows(Artifact(read_bytes(sha256), name_hint=path))
        if rows:
            read.append(rows)
        if sum(len(each.rows) for each in read) >= _MOST_ROWS:
            break
    if not read:
        return None
    rows = pool(read)
    rows = rows._replace(rows=rows.rows[:_MOST_ROWS])
    columns = tuple(
        profile_column(label, [row.cells[at] for row in rows.rows])
        for at, label in enumerate(rows.labels[:_MOST_COLUMNS])
    )
    numbers = sum(column.holds == "numbers" for column in columns)
    if numbers < _FEWEST_COLUMNS or len(rows.rows) < FEWEST_ROWS:
        return None
    return UnknownFiles(tuple(path for path, _ in files[: len(read)]), rows, columns)
