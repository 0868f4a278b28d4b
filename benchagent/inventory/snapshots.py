"""A set of files by content, and when it was seen.

A snapshot lies in `snapshots/<key>/`, its files named in `manifest.json` there and their bytes in
the blob store. Its identity is what the files are called and hold, never when they were written;
content that comes back is the same snapshot again, and current again.
"""

import hashlib
import json
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from unicodedata import normalize

from benchagent.inventory.listing import SourceFile, Unread
from benchagent.inventory.manifests import read_manifest
from benchagent.inventory.text_batches import encoded
from benchagent.store import StoreError

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
    identity = Identity()
    identity.add(ordered)
    return identity.sha256()


class Identity:
    """The identity of contents that come ordered `by_name`, some at a time."""

    def __init__(self) -> None:
        """Of no contents."""
        self._digest = hashlib.sha256(b"benchagent snapshot 1\n")

    def add(self, contents: Iterable[Identified]) -> None:
        """Those that come next."""
        lines = (f"{root}\0{normalize('NFC', path)}\0{sha256}\n" for root, path, sha256 in contents)
        for some in encoded(lines):
            self._digest.update(some)

    def sha256(self) -> str:
        """Of all that were added."""
        return self._digest.hexdigest()


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


def read_snapshot(out: Path, key: str) -> Snapshot:
    """The snapshot with this key, its manifest checked against its identity.

    Raises:
        SnapshotUnknown: there is none.
        SnapshotDamaged: its manifest is not what was written.
    """
    path = manifest_path(out, key)
    try:
        head, files, unread = read_manifest(path)
    except FileNotFoundError as error:
        raise SnapshotUnknown(
            f"{path}: there is no such snapshot; `benchagent snapshots list` prints those there are"
        ) from error
    except (ValueError, LookupError, TypeError) as error:
        raise SnapshotDamaged(f"{path}: cannot be read ({error}); {_REPAIR}") from error
    if head.key != key or snapshot_sha256(files) != head.sha256:
        raise SnapshotDamaged(f"{path}: names other files than it was written for; {_REPAIR}")
    return Snapshot(**head._asdict(), files=files, unread=unread)


_REPAIR = "remove it, and the next scan of the same content writes it again"
