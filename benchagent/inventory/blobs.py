"""Content kept under its own hash, so that a past snapshot can be read after its folder changed.

A blob is `blobs/ab/<sha256>` below the output folder. It is written under a temporary name in
`blobs/tmp` and renamed; many are synced at once before anything that names them is written, and
only then `blobs/tmp` is removed. So without that folder every blob is whole and on the disk, and
whether content is stored is asked of the file system.
"""

import ctypes
import hashlib
import os
import re
import sys
from collections.abc import Collection, Iterable, Iterator
from itertools import chain, islice
from pathlib import Path

from benchagent.store import StoreError, explained, make_folder, remove_folder, sync_folder

_FEW = 32
_BEGUN = "begun"
_SHA256 = re.compile(r"[0-9a-f]{64}")


class BlobMissing(StoreError):
    """A snapshot names content that is not in the store."""


class BlobDamaged(StoreError):
    """Stored content no longer has the hash that it is stored under."""


def blob_path(out: Path, sha256: str) -> Path:
    """Where the content with this hash lies; ValueError if it is no SHA-256."""
    if not _SHA256.fullmatch(sha256):
        raise ValueError(f"{sha256!r} is not a SHA-256 in lower-case hex")
    return out.joinpath("blobs", sha256[:2], sha256)


def read_blob(out: Path, sha256: str) -> bytes:
    """The content with this hash, checked against it.

    Raises:
        BlobMissing: it is not in the store.
        BlobDamaged: what is stored there is something else.
    """
    path = blob_path(out, sha256)
    try:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - the hot path
            content = file.read()
    except FileNotFoundError as error:
        raise BlobMissing(f"{path}: not in the store; {_AGAIN}") from error
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise BlobDamaged(f"{path}: its content has the SHA-256 {found}; {_AGAIN}")
    return content


_AGAIN = "if the artifact is still in its folder, `benchagent run --rehash` stores it again"


def stored_blobs(out: Path) -> set[str]:
    """The hashes of everything in the store."""
    return set(_hashes(out))


def _hashes(out: Path) -> Iterator[str]:
    for folder in _shelves(out):
        yield from filter(_SHA256.fullmatch, os.listdir(folder))  # noqa: PTH208 - fast


def _shelves(out: Path) -> list[Path]:
    try:
        return [f for f in (out / "blobs").iterdir() if len(f.name) == 2]
    except FileNotFoundError:
        return []


def prepare_blobs(out: Path) -> None:
    """Make ready to store in a store that was mended; only under the scan's lock."""
    make_folder(_temporaries(out))
    with explained(out):
        (_temporaries(out) / _BEGUN).touch()


def mend_blobs(out: Path) -> None:
    """Make good what a scan left that was killed while it stored; only under the scan's lock.

    What it had named may not have come onto the disk, if the machine went down too.
    """
    if not _temporaries(out).exists():
        return
    with explained(out):
        begun_ns = _modified_ns(_temporaries(out) / _BEGUN) or 0
        for path in (blob_path(out, sha256) for sha256 in _hashes(out)):
            if path.stat().st_mtime_ns >= begun_ns and not _is_whole(path):
                path.unlink()
        _sync_all(out, _hashes(out))
    remove_folder(_temporaries(out))


def _modified_ns(path: Path) -> int | None:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return None


def _is_whole(path: Path) -> bool:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == path.name


def finish_blobs(out: Path, written: Iterable[str]) -> None:
    """Wait until these blobs are on the disk, and say so; nobody stores any more.

    What a process that was ended left half-written goes too.
    """
    if _temporaries(out).exists():
        with explained(out):
            _sync_all(out, written)
        remove_folder(_temporaries(out))


def _temporaries(out: Path) -> Path:
    return out / "blobs" / "tmp"


def _sync_all(out: Path, written: Iterable[str]) -> None:
    """Sync many blobs with one call, a few one by one."""
    rest = iter(written)
    some = list(islice(rest, _FEW + 1))
    if not some or (len(some) > _FEW and _sync_file_system(out)):
        return
    shelves: set[Path] = set()
    for sha256 in chain(some, rest):
        path = blob_path(out, sha256)
        _sync_read_only(path)
        shelves.add(path.parent)
    for shelf in shelves:
        sync_folder(shelf)
    sync_folder(out / "blobs")


def _sync_read_only(path: Path) -> None:
    with path.open("rb+" if os.name == "nt" else "rb") as file:
        os.fsync(file.fileno())


def _sync_file_system(folder: Path) -> bool:
    # Linux alone waits in syncfs; macOS' sync only schedules, so there each blob is synced.
    if sys.platform != "linux":
        return False
    syncfs = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
    if syncfs is None:
        return False
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        return syncfs(descriptor) == 0
    finally:
        os.close(descriptor)


def remove_blobs(out: Path, sha256s: Collection[str]) -> int:
    """Remove these blobs; gives the bytes that became free."""
    freed = 0
    with explained(out):
        for sha256 in sha256s:
            path = blob_path(out, sha256)
            freed += path.stat().st_size
            path.unlink()
    return freed
