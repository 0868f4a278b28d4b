"""The one home of disk writes: a reader sees the old file or the new one, never half of either.

Everything lies below the output folder (`out`, usually `data/out`), readable by its owner alone.
A full disk, a read-only folder or a busy lock is a `StoreError` that says what to do.
"""

import errno
import os
import re
import secrets
import shutil
import time
from collections.abc import Container, Generator, Iterable, Sequence
from contextlib import contextmanager, suppress
from itertools import takewhile
from pathlib import Path

from filelock import BaseFileLock, FileLock, Timeout

from benchagent.errors import ExplainedError

FREE_FLOOR = 256 * 1024 * 1024
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_TEMPORARY = re.compile(r"\.(\d+)-[0-9a-f]{8}\.tmp$")
_LOCK_POLL_S = 0.05
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}


class StoreError(ExplainedError):
    """The output folder could not be used; the message is one sentence for its reader."""


class DiskFull(StoreError):
    """No room for what was to be written, or too little would be left."""


class StoreUnwritable(StoreError):
    """The folder does not let this user write."""


class StoreBusy(StoreError):
    """Another process holds the lock."""


def make_folder(folder: Path, *, synced: bool = True) -> Path:
    """Make a folder that its owner alone can read; one that exists keeps its permissions.

    Without `synced` it may be gone after the machine went down.
    """
    made = _make_missing(folder)
    if synced:
        _sync_folders(each.parent for each in made)
    return folder


def _make_missing(folder: Path) -> list[Path]:
    """Make a folder and what is missing above it; gives those that were made."""
    with explained(folder):
        missing = list(takewhile(lambda each: not each.exists(), (folder, *folder.parents)))
        for each in reversed(missing):
            each.mkdir(mode=0o700, exist_ok=True)
    return missing


def write_atomically(path: Path, content: bytes | str, *, mode: int = 0o600) -> None:
    """Put `content` (text as UTF-8) at `path`, whole and on the disk when this returns."""
    with replacing(path, mode=mode) as temporary, temporary.open("wb") as file:
        file.write(content.encode() if isinstance(content, str) else content)


@contextmanager
def replacing(path: Path, *, mode: int = 0o600, synced: bool = True) -> Generator[Path, None, None]:
    """Give the name of a temporary file that becomes `path` when the block ends well.

    For writers that take a path (Parquet, DuckDB). If the block raises, `path` stays as it was.
    Without `synced` it may be damaged after the machine went down: for what tells so itself.
    """
    made = _make_missing(path.parent)
    temporary = path.with_name(f".{path.name[:150]}.{os.getpid()}-{secrets.token_hex(4)}.tmp")
    try:
        with explained(path):
            os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with explained(path, only=_FULL):
            yield temporary
        with explained(path):
            temporary.chmod(mode)
            if synced:
                sync_file(temporary)
            temporary.replace(path)
            if synced:
                # All at once: of names that wait together, the first call waits for all.
                _sync_folders((path.parent, *(each.parent for each in made)))
    finally:
        # Where a folder is none, there is nothing to remove either.
        with suppress(FileNotFoundError, NotADirectoryError):
            temporary.unlink()


def sweep_temporaries(folder: Path, *, silent_s: float = 60.0) -> int:
    """Removes what killed processes left half-written below a folder; gives how many files.

    Nobody reads such a file. One counts as left behind when it was not written to for a while and
    its process is not here.
    """
    before, swept = time.time() - silent_s, 0
    for path in folder.rglob(".*.tmp"):
        found = _TEMPORARY.search(path.name)
        with suppress(FileNotFoundError):
            if found and path.stat().st_mtime < before and not _is_alive(int(found[1])):
                path.unlink()
                swept += 1
    return swept


def _is_alive(pid: int) -> bool:
    if os.name == "nt":  # there, signal 0 would end it
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def append_line(path: Path, line: str) -> None:
    """Add one line to a log, on the disk when this returns.

    A line that a killed process left without its end stays a line of its own.
    """
    make_folder(path.parent)
    with explained(path):
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "r+b", buffering=0) as file:
            torn = file.seek(0, os.SEEK_END) > 0 and not _ends_with_newline(file.fileno())
            whole = ("\n" if torn else "") + line + "\n"
            content = whole.encode()
            if file.write(content) != len(content):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
            os.fsync(file.fileno())


def _ends_with_newline(descriptor: int) -> bool:
    os.lseek(descriptor, -1, os.SEEK_END)
    return os.read(descriptor, 1) == b"\n"


def sync_file(path: Path) -> None:
    """Wait until a file's content is on the disk."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _sync_folders(folders: Iterable[Path]) -> None:
    for folder in folders:
        with explained(folder):
            sync_folder(folder)


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk (Windows has no such call)."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_folder(folder: Path) -> None:
    """Remove a folder with all that is in it; one that is gone already is fine."""
    with explained(folder), suppress(FileNotFoundError):
        shutil.rmtree(folder)


def require_free_space(folder: Path, needed: int, *, floor: int = FREE_FLOOR) -> None:
    """Raise `DiskFull` unless `needed` bytes fit below `folder` and `floor` bytes stay free."""
    with explained(folder):
        free = shutil.disk_usage(folder).free
    if free - needed < floor:
        raise DiskFull(
            f"{folder}: {_size(free)} are free, {_size(needed)} are to be written and "
            f"{_size(floor)} must stay free; free some space, or retire old snapshots with "
            "`benchagent snapshots prune`"
        )


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"


@contextmanager
def locked(path: Path, *, doing: str, wait_s: float | None = None) -> Generator[None, None, None]:
    """Hold the lock file at `path`; the system lets go of it when the process dies.

    Args:
        path: the lock file; it stays, empty.
        doing: what holders of this lock do, for the message of the one who finds it held.
        wait_s: how long to wait for it; None waits for ever. Past it, `StoreBusy`.
    """
    with locked_one_of([path], doing=doing, wait_s=wait_s):
        yield


@contextmanager
def locked_one_of(
    paths: Sequence[Path], *, doing: str, wait_s: float | None = None
) -> Generator[None, None, None]:
    """Hold whichever of these lock files is free first; as many processes as files can."""
    end = None if wait_s is None else time.monotonic() + wait_s
    locks = [FileLock(path, timeout=0, mode=0o600) for path in paths]
    for path in paths:
        # A lock need not outlive the machine; who keeps files beside it has made the folder before.
        make_folder(path.parent, synced=False)
    while True:
        held = next((lock for lock in locks if _acquired(lock)), None)
        if held is not None:
            break
        if end is not None and time.monotonic() >= end:
            raise StoreBusy(
                f"{paths[0]}: another benchagent process is {doing}; wait until it is done, or "
                "end it"
            )
        time.sleep(_LOCK_POLL_S)
    try:
        yield
    finally:
        held.release()


def _acquired(lock: BaseFileLock) -> bool:
    with explained(Path(lock.lock_file)):
        try:
            lock.acquire()
        except Timeout:
            return False
    return True


@contextmanager
def explained(path: Path, *, only: Container[int] | None = None) -> Generator[None, None, None]:
    """Turn an OSError of a write below `path` into a `StoreError` that says what to do.

    With `only`, an OSError of another number travels on untouched.
    """
    try:
        yield
    except OSError as error:
        if only is not None and (error.errno is None or error.errno not in only):
            raise
        # A temporary file is nobody's to look for.
        beside = error.filename is None or Path(error.filename).parent == path.parent
        place = path if beside else error.filename
        if error.errno in _FULL:
            raise DiskFull(
                f"{place}: no room to write ({error.strerror}); free some space, raise the quota, "
                "or retire old snapshots with `benchagent snapshots prune`"
            ) from error
        if error.errno in _FORBIDDEN:
            raise StoreUnwritable(
                f"{place}: cannot be written ({error.strerror}); choose another output folder or "
                "let this user write there"
            ) from error
        raise StoreError(f"{place}: {error.strerror or error}; the output folder failed") from error
