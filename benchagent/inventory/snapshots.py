"""A set of files by content, and when it was seen.

A snapshot lies in `snapshots/<key>/`, its files named in `manifest.json` there and their bytes in
the blob store. Its identity is what the files are called and hold, never when they were written;
content that comes back is the same snapshot again, and current again.
"""

import hashlib
import json
import re
import sys
from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from json.encoder import encode_basestring_ascii
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from unicodedata import normalize

from benchagent.inventory.listing import SourceFile, Unread
from benchagent.inventory.text_batches import encoded, read_objects
from benchagent.store import StoreError, replacing

T = TypeVar("T")
_VERSION = 1
_FILES = '"files": ['
_KEY = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{12}")


class SnapshotUnknown(StoreError):
    """No snapshot has this key."""


class SnapshotDamaged(StoreError):
    """A snapshot's manifest is not what was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The files of some roots at one time, by content.

    Attributes:
        key: `<UTC first seen>-<12 hex of sha256>`, safe as a path and as a partition key.
        sha256: its identity, see `snapshot_sha256`.
        first_seen: UTC, `2026-11-21T21:46:43Z`.
        files: with content, ordered by path; their times and the two fields below are those of
            the first sight.
        unread: entries without content here, ordered by path, each with its reason.
        missing_roots: those of reports/, csv_data/ and artifacts/ that were not there.
    """

    key: str
    sha256: str
    first_seen: str
    files: tuple[SourceFile, ...]
    unread: tuple[Unread, ...]
    missing_roots: tuple[str, ...]


class Head(NamedTuple):
    """What a manifest begins with; see `Snapshot`."""

    key: str
    sha256: str
    first_seen: str
    missing_roots: tuple[str, ...]


# What the identity of a snapshot holds of one file: its root, its path and its SHA-256.
Identified = tuple[str, str, str]


def snapshot_sha256(files: Iterable[SourceFile]) -> str:
    """The identity of a set of files: root, path as NFC and content of each, in any order."""
    contents = ((file.root, file.path, file.sha256) for file in files)
    return contents_sha256(sorted(contents, key=by_name))


def by_name(content: Identified) -> tuple[str, str]:
    """Orders contents as their identity has them: by root, by path as NFC, by hash."""
    root, path, sha256 = content
    return root, path if path.isascii() else f"{normalize('NFC', path)}\0{sha256}"


def contents_sha256(ordered: Iterable[Identified]) -> str:
    """The identity of contents that are ordered `by_name`."""
    digest = hashlib.sha256(b"benchagent snapshot 1\n")
    lines = (f"{root}\0{normalize('NFC', path)}\0{sha256}\n" for root, path, sha256 in ordered)
    for some in encoded(lines):
        digest.update(some)
    return digest.hexdigest()


def new_key(sha256: str, now: datetime) -> str:
    """The key of content that is first seen `now`."""
    return f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-{sha256[:12]}"


def first_seen(key: str) -> str:
    """The time in a key, as UTC in ISO 8601."""
    return datetime.fromisoformat(key[:16]).strftime("%Y-%m-%dT%H:%M:%SZ")


def snapshot_folder(out: Path, key: str) -> Path:
    """The folder of everything that belongs to one snapshot; `SnapshotUnknown` if no key."""
    if not _KEY.fullmatch(key):
        raise SnapshotUnknown(
            f"{key!r} is no snapshot, expected a key as in 20261121T214643Z-0123456789ab; "
            "`benchagent snapshots list` prints those that are there"
        )
    return out / "snapshots" / key


def manifest_path(out: Path, key: str) -> Path:
    """Where the manifest of a snapshot lies; a snapshot is there when its manifest is."""
    return snapshot_folder(out, key) / "manifest.json"


def list_snapshots(out: Path) -> tuple[str, ...]:
    """The keys of all snapshots, first seen first."""
    return tuple(key for key in _folders(out) if manifest_path(out, key).exists())


def choose_snapshots(out: Path, keys: Collection[str]) -> list[str]:
    """The snapshots of these keys, without any all of them; first seen first.

    Raises:
        SnapshotUnknown: there is none of that key.
    """
    there = list_snapshots(out)
    for key in keys:
        if key not in there:
            raise SnapshotUnknown(
                f"{key!r}: there is no such snapshot; `benchagent snapshots list` prints those "
                "there are"
            )
    return [key for key in there if not keys or key in keys]


def _folders(out: Path) -> list[str]:
    try:
        return sorted(f.name for f in (out / "snapshots").iterdir() if _KEY.fullmatch(f.name))
    except FileNotFoundError:
        return []


def find_key(out: Path, sha256: str) -> str | None:
    """The key that content with this identity already has."""
    return next(
        (
            key
            for key in _folders(out)
            if key.endswith(sha256[:12]) and _stated_sha256(out, key) in (sha256, None)
        ),
        None,
    )


def _stated_sha256(out: Path, key: str) -> str | None:
    # The first line alone: a manifest of 100k files is long.
    try:
        with manifest_path(out, key).open("rb") as file:
            return str(json.loads(file.readline().rstrip(b",\n") + b"}")["sha256"])
    except (OSError, ValueError, LookupError, TypeError):
        return None


def states_identity(out: Path, key: str, sha256: str) -> bool:
    """Whether a snapshot's manifest is there and says that it is this one."""
    return _stated_sha256(out, key) == sha256


def write_manifest(out: Path, head: Head, files: Iterator[str], unread: Iterable[Unread]) -> None:
    """Put a snapshot's manifest in its place; its blobs must be on the disk before.

    Args:
        out: the output folder.
        head: what the snapshot is.
        files: its files as `file_row` has them, ordered by path; written as they come.
        unread: its other entries.
    """
    begun = json.dumps({"version": _VERSION, **head._asdict()})
    place = manifest_path(out, head.key)
    with replacing(place) as temporary, temporary.open("wb") as file:
        file.write(f"{begun[:-1]},\n{_FILES}{next(files, '')}".encode())
        file.writelines(encoded(f", {row}" for row in files))
        file.write(f'],\n"unread": {_unread_rows(unread)}}}\n'.encode())


def file_row(root: str, path: str, sha256: str, size: str, modified_at: str, end: str) -> str:
    """A `SourceFile` in JSON; `modified_at` is `quoted`, `end` a `row_end`."""
    # Built as text of parts that many files share: a dictionary for each of 100k costs a second.
    return (
        f'{{"root": {quoted(root)}, "path": {quoted(path)}, "sha256": "{sha256}", '
        f'"size": {size}, "modified_at": {modified_at}, {end}'
    )


def row_end(kind_and_content: str, reason: str | None) -> str:
    """What a `file_row` ends with; without a `reason` why not, the file is retained."""
    kind, content = kind_and_content.split(" ")
    rest = {"kind": kind, "content": content, "retained": reason is None, "reason": reason}
    return json.dumps(rest)[1:]


def quoted(text: str | None) -> str:
    """A text or its absence in JSON."""
    return "null" if text is None else encode_basestring_ascii(text)


def _unread_rows(entries: Iterable[Unread]) -> str:
    return json.dumps([asdict(entry) for entry in entries])


def read_snapshot(out: Path, key: str) -> Snapshot:
    """The snapshot with this key, its manifest checked against its identity.

    Raises:
        SnapshotUnknown: there is none.
        SnapshotDamaged: its manifest is not what was written.
    """
    path = manifest_path(out, key)
    try:
        snapshot = _snapshot(_read_manifest(path))
    except FileNotFoundError as error:
        raise SnapshotUnknown(
            f"{path}: there is no such snapshot; `benchagent snapshots list` prints those there are"
        ) from error
    except (ValueError, LookupError, TypeError) as error:
        raise SnapshotDamaged(f"{path}: cannot be read ({error}); {_REPAIR}") from error
    if snapshot.key != key or snapshot_sha256(snapshot.files) != snapshot.sha256:
        raise SnapshotDamaged(f"{path}: names other files than it was written for; {_REPAIR}")
    return snapshot


def _read_manifest(path: Path) -> dict[str, Any]:
    """What `write_manifest` wrote; its text would take as much room as the files it names."""
    with path.open(encoding="utf-8") as file:
        head = json.loads(file.readline().rstrip(",\n") + "}")
        if file.read(len(_FILES)) != _FILES:
            raise ValueError("its files do not follow its first line")
        files, rest = read_objects(file, _entry)
    return {**head, "files": files, **json.loads("{" + rest.removeprefix("],"), object_hook=_entry)}


_REPAIR = "remove it, and the next scan of the same content writes it again"


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


def _snapshot(found: dict[str, Any]) -> Snapshot:
    if found["version"] != _VERSION:
        raise ValueError(f"version is {found['version']!r}, expected {_VERSION}")
    return Snapshot(
        key=found["key"],
        sha256=found["sha256"],
        first_seen=found["first_seen"],
        files=_all(SourceFile, found["files"]),
        unread=_all(Unread, found["unread"]),
        missing_roots=tuple(found["missing_roots"]),
    )
