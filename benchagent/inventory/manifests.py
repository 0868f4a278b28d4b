"""The manifest of a snapshot: JSON with a line for what it is, one of its files, one of the rest.

It is written and read row by row: as one text, a manifest of a hundred thousand files would take
as much memory as all that a scan has in it.
"""

import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict
from functools import cache, lru_cache
from json.encoder import encode_basestring_ascii as quoted
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from benchagent.inventory.listing import SourceFile, Unread, modified_at
from benchagent.inventory.outcomes import Outcome, Stamp, kind_and_content_in
from benchagent.inventory.spool import Spool
from benchagent.inventory.text_batches import read_objects
from benchagent.store import replacing

T = TypeVar("T")
_VERSION = 1
_FILES = '"files": ['


class Head(NamedTuple):
    """What a manifest begins with; see `Snapshot`."""

    key: str
    sha256: str
    first_seen: str
    missing_roots: tuple[str, ...]


class Manifest(NamedTuple):
    """What a manifest says; see `Snapshot`."""

    head: Head
    files: tuple[SourceFile, ...]
    unread: tuple[Unread, ...]


def write_manifest(path: Path, head: Head, files: Spool, unread: Iterable[Unread]) -> None:
    """Put a snapshot's manifest in its place; its blobs must be on the disk before.

    Args:
        path: its place.
        head: what the snapshot is.
        files: its files as `row_writer` has them, ordered by path, each after a comma and a blank.
        unread: its other entries.
    """
    begun = json.dumps({"version": _VERSION, **head._asdict()})
    with replacing(path) as temporary, temporary.open("wb") as file:
        rows = files.chunks()
        file.write(f"{begun[:-1]},\n{_FILES}".encode() + next(rows, b"")[2:])
        file.writelines(rows)
        file.write(f'],\n"unread": {json.dumps([asdict(each) for each in unread])}}}\n'.encode())


def row_writer(size_cap: int) -> Callable[[str, str, str, Stamp, Outcome], str]:
    """Gives rows of a manifest: a `SourceFile` in JSON, by root, path, SHA-256 and what was seen."""

    # Built as text of parts that many files share: a dictionary for each of 100k costs a second.
    @lru_cache(maxsize=4096)
    def modified(seconds: int) -> str:
        return json.dumps(modified_at(seconds))

    @cache
    def rest(kind_and_content: str, retained: bool) -> str:
        kind, content = kind_and_content.split(" ")
        reason = None if retained else f"larger than {size_cap:,} bytes: hashed, and not kept"
        found = {"kind": kind, "content": content, "retained": retained, "reason": reason}
        return json.dumps(found)[1:]

    def write_row(root: str, path: str, sha256: str, stamp: Stamp, outcome: Outcome) -> str:
        size, mtime_ns, _ = stamp.split(" ", 2)
        return (
            f'{{"root": {quoted(root)}, "path": {quoted(path)}, "sha256": "{sha256}", '
            f'"size": {size}, "modified_at": {modified(int(mtime_ns) // 10**9)}, '
            f"{rest(kind_and_content_in(outcome), int(size) <= size_cap)}"
        )

    return write_row


def read_manifest(path: Path) -> Manifest:
    """What `write_manifest` wrote.

    Raises:
        ValueError, LookupError, TypeError: it is something else.
    """
    with path.open(encoding="utf-8") as file:
        found = json.loads(file.readline().rstrip(",\n") + "}")
        if file.read(len(_FILES)) != _FILES:
            raise ValueError("its files do not follow its first line")
        files, rest = read_objects(file, _entry)
    rest = json.loads("{" + rest.removeprefix("],"), object_hook=_entry)
    if found["version"] != _VERSION:
        raise ValueError(f"version is {found['version']!r}, expected {_VERSION}")
    head = Head(found["key"], found["sha256"], found["first_seen"], tuple(found["missing_roots"]))
    return Manifest(head, _all(SourceFile, files), _all(Unread, rest["unread"]))


def _entry(row: dict[str, Any]) -> object:
    """A row of the manifest as what it tells of, made at once: a hundred thousand rows are much."""
    if "kind" in row:
        row |= {name: sys.intern(row[name]) for name in ("root", "kind", "content")}  # few words
        return SourceFile(**row)
    return Unread(**row) if "why" in row else row


def _all(kind: type[T], entries: list[object]) -> tuple[T, ...]:
    if wrong := [entry for entry in entries if not isinstance(entry, kind)]:
        raise ValueError(f"{wrong[0]!r:.80} is no {kind.__name__}")
    return tuple(entry for entry in entries if isinstance(entry, kind))
