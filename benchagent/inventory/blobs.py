"""Content kept under its own hash, so that a past snapshot can be read after its folder changed.

A blob is `blobs/ab/<sha256>` below the output folder. It is written under a temporary name and
renamed; many are synced at once (`sync_blobs`) before anything that names them is written.
"""

import ctypes
import hashlib
import itertools
import os
import re
import stat
import sys
from collections.abc import Callable, Collection, Container
from pathlib import Path
from typing import NamedTuple

from benchagent.store import StoreError, explained, make_folder, remove_folder, sync_folder

HEAD = 4096
_CHUNK = 1024 * 1024
_FEW = 32
_SHA256 = re.compile(r"[0-9a-f]{64}")
_OPEN_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)  # a pipe put in the file's place must not hang the scan
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
_serial = itertools.count()


class BlobMissing(StoreError):
    """A snapshot names content that is not in the store."""


class BlobDamaged(StoreError):
    """Stored content no longer has the hash that it is stored under."""


class Stamp(NamedTuple):
    """What a file system says of a file; the same stamp stands for the same content."""

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int


class Taken(NamedTuple):
    """A file's content as one open descriptor gave it."""

    sha256: str
    head: bytes
    written: bool


class Changed(NamedTuple):
    """A file that did not hold still while it was read."""

    how: str


class Unreadable(NamedTuple):
    """A file that the file system did not give us."""

    why: str


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


def take_file(
    out: Path, source: str, seen: Stamp, *, retain: bool, trusted: Container[str]
) -> Taken | Changed | Unreadable:
    """Hash a file and, unless `trusted` holds its hash, store it: both from one open descriptor.

    The descriptor must show the stamp that was `seen` before, when it is opened and again after
    the last byte; a file that does not is `Changed`. `retain=False` hashes only.
    """
    try:
        descriptor = os.open(source, _OPEN_FLAGS)
    except FileNotFoundError:
        return Changed("it vanished before it was read")
    except OSError as error:
        return Unreadable(error.strerror or str(error))
    try:
        if how := _difference(os.fstat(descriptor), seen):
            return Changed(how)
        take = _take_small if seen.size <= _CHUNK else _take_large
        taken = take(out, descriptor, seen.size, retain=retain, trusted=trusted)
        if how := _difference(os.fstat(descriptor), seen):
            return Changed(how)
    except OSError as error:
        return Unreadable(error.strerror or str(error))
    finally:
        os.close(descriptor)
    return taken


def see_again(source: str, seen: Stamp) -> Changed | None:
    """Whether a file is still as it was `seen`; None if it is."""
    try:
        how = _difference(os.stat(source, follow_symlinks=False), seen)  # noqa: PTH116 - the hot path
    except OSError as error:
        how = f"it vanished after it was read ({error.strerror})"
    return Changed(how) if how else None


def _difference(now: os.stat_result, seen: Stamp) -> str | None:
    # Windows' folder entries carry no inode.
    if not stat.S_ISREG(now.st_mode) or (seen.inode and now.st_ino != seen.inode):
        return "another file took its place"
    if now.st_size != seen.size:
        return f"its size went from {seen.size} to {now.st_size} bytes"
    if now.st_mtime_ns != seen.mtime_ns or now.st_ctime_ns != seen.ctime_ns:
        return "it was modified"
    return None


def _take_small(
    out: Path, descriptor: int, size: int, *, retain: bool, trusted: Container[str]
) -> Taken:
    content = _read_exactly(descriptor, size)
    sha256 = hashlib.sha256(content).hexdigest()
    write = retain and sha256 not in trusted
    if write:
        with explained(out):
            temporary = _temporary(out)
            _write_new(temporary, content)
            _shelve(out, temporary, sha256)
    return Taken(sha256, content[:HEAD], write)


def _read_exactly(descriptor: int, size: int) -> bytes:
    content = os.read(descriptor, size) if size else b""
    while len(content) < size:
        more = os.read(descriptor, size - len(content))
        if not more:
            break
        content += more
    return content


def _write_new(path: str, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o600)
    try:
        _write_all(descriptor, content)
    finally:
        os.close(descriptor)


_BINARY = getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


def _write_all(descriptor: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _take_large(
    out: Path, descriptor: int, size: int, *, retain: bool, trusted: Container[str]
) -> Taken:
    if not retain:
        head, sha256 = _pour(descriptor, size, lambda _: None)
        return Taken(sha256, head, False)
    temporary = _temporary(out)
    with explained(out):
        target = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o600)

    def write(chunk: bytes) -> None:
        with explained(out):
            _write_all(target, chunk)

    try:
        head, sha256 = _pour(descriptor, size, write)
    finally:
        os.close(target)
    with explained(out):
        if sha256 in trusted:
            Path(temporary).unlink()
        else:
            _shelve(out, temporary, sha256)
    return Taken(sha256, head, sha256 not in trusted)


def _pour(descriptor: int, size: int, write: Callable[[bytes], object]) -> tuple[bytes, str]:
    digest, head, left = hashlib.sha256(), b"", size
    while left and (chunk := os.read(descriptor, min(_CHUNK, left))):
        head = head or chunk[:HEAD]
        digest.update(chunk)
        write(chunk)
        left -= len(chunk)
    return head, digest.hexdigest()


def _temporary(out: Path) -> str:
    return f"{out}/blobs/tmp/{os.getpid()}-{next(_serial)}"


def _shelve(out: Path, temporary: str, sha256: str) -> None:
    shelf = f"{out}/blobs/{sha256[:2]}"
    try:
        os.replace(temporary, f"{shelf}/{sha256}")  # noqa: PTH105 - the hot path
    except FileNotFoundError:
        Path(shelf).mkdir(mode=0o700, exist_ok=True)
        Path(temporary).replace(f"{shelf}/{sha256}")


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
