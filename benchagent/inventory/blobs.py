"""Content kept under its own hash, so that a past snapshot can be read after its folder changed.

A blob is `blobs/ab/<sha256>` below the output folder. It is written under a temporary name and
renamed; many are synced at once (`sync_blobs`) before anything that names them is written.
"""

import ctypes
import hashlib
import os
import re
import sys
from collections.abc import Collection
from pathlib import Path

from benchagent.store import StoreError, explained, make_folder, remove_folder, sync_folder

_FEW = 32
_SHA256 = re.compile(r"[0-9a-f]{64}")


class BlobMissing(StoreError):
    """A snapshot names content that is not in the store."""


class BlobDamaged(StoreError):
    """Stored content no longer has the hash that it is stored under."""


def blob_path(out: Path, sha256: str) -> Path:
    """Where the content with this hash lies; ValueError if it is no SHA-256."""
    if not _SHA256.fullmatch(sha256):
        raise ValueError(f"{sha256!r} is not a SHA-256 in lower-case hex")
    return out / "blobs" / sha256[:2] / sha256


def read_blob(out: Path, sha256: str) -> bytes:
    """The content with this hash, checked against it.

    Raises:
        BlobMissing: it is not in the store.
        BlobDamaged: what is stored there is something else.
    """
    path = blob_path(out, sha256)
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise BlobMissing(f"{path}: not in the store; {_AGAIN}") from error
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise BlobDamaged(f"{path}: its content has the SHA-256 {found}; {_AGAIN}")
    return content


_AGAIN = "if the artifact is still in its folder, `benchagent run --rehash` stores it again"


def stored_blobs(out: Path) -> set[str]:
    """The hashes of everything in the store."""
    found: set[str] = set()
    for folder in _shelves(out):
        found.update(name for name in os.listdir(folder) if len(name) == 64)  # noqa: PTH208 - fast
    return found


def _shelves(out: Path) -> list[Path]:
    try:
        return [f for f in (out / "blobs").iterdir() if len(f.name) == 2]
    except FileNotFoundError:
        return []


def prepare_blobs(out: Path) -> None:
    """Clear what a killed scan left half-written; only under the scan's lock."""
    remove_folder(out / "blobs" / "tmp")
    make_folder(out / "blobs" / "tmp")


def remove_temporaries(out: Path, pid: int) -> None:
    """Clear what one process, which has ended, left half-written."""
    for path in (out / "blobs" / "tmp").glob(f"{pid}-*"):
        path.unlink(missing_ok=True)


def sync_blobs(out: Path, written: Collection[str]) -> None:
    """Wait until these blobs are on the disk: many with one call, a few one by one."""
    if not written:
        return
    with explained(out):
        if len(written) > _FEW and _sync_file_system(out):
            return
        for sha256 in written:
            _sync_read_only(blob_path(out, sha256))
        for shelf in {blob_path(out, sha256).parent for sha256 in written}:
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
