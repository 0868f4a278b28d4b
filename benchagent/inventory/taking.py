"""A file's bytes, read once from one open descriptor: hashed, and stored under their hash.

The second process of a scan imports this and little else, so it stands on the bare minimum.
"""

import hashlib
import itertools
import os
import stat

from benchagent.inventory.outcomes import Outcome, Stamp, changed, unreadable
from benchagent.messages import write_all

TYPE_CHECKING = False  # see `outcomes`
if TYPE_CHECKING:
    from collections.abc import Callable

_HEAD = 4096
_CHUNK = 1024 * 1024
_OPEN_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)  # a pipe put in the file's place must not hang the scan
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
_WRITE_FLAGS = (
    os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
)
_serial = itertools.count()

# The SHA-256 of a file's content as one open descriptor gave it, and its first bytes.
Taken = tuple[str, bytes]


class NotStored(Exception):
    """The store did not take a blob; its cause is the system's error."""


def stamp_of(seen: os.stat_result) -> Stamp:
    """The stamp of a file."""
    return Stamp(f"{seen.st_size} {seen.st_mtime_ns} {seen.st_ctime_ns} {seen.st_ino}")


def size_in(stamp: Stamp) -> int:
    """The bytes of the file."""
    return int(stamp.partition(" ")[0])


def mtime_ns_in(stamp: Stamp) -> int:
    """When it was modified, in nanoseconds since 1970."""
    return int(stamp.split(" ", 2)[1])


def take_file(out: str, source: str, seen: Stamp, *, size_cap: int, anew: bool) -> Taken | Outcome:
    """Hash a file and, unless it is in the store, store it: both from one open descriptor.

    After the last byte the descriptor must show the stamp that was `seen` before; a file that
    does not has changed. A file of more than `size_cap` bytes is hashed only; `anew` stores
    again what is there.

    Raises:
        NotStored: the store could not be written.
    """
    try:
        descriptor = os.open(source, _OPEN_FLAGS)
    except FileNotFoundError:
        return changed("it vanished before it was read")
    except OSError as error:
        return unreadable(error)
    content, taken, size = b"", None, size_in(seen)
    store = size <= size_cap
    try:
        if size <= _CHUNK:
            content = _read(descriptor, size)
        elif store:
            taken = _take_large(out, descriptor, size, anew=anew)
        else:
            taken = _pour(descriptor, size, lambda _: None)
        now = os.fstat(descriptor)
        if stamp_of(now) != seen and (how := _difference(now, seen)):
            return changed(how)
    except OSError as error:
        return _why_unread(descriptor, seen, error)
    finally:
        os.close(descriptor)
    return taken or _take_small(out, content, store=store, anew=anew)


def _why_unread(descriptor: int, seen: Stamp, error: OSError) -> Outcome:
    try:
        how = _difference(os.fstat(descriptor), seen)
    except OSError:
        how = None
    return changed(how) if how else unreadable(error)


def see_again(source: str, seen: Stamp) -> Outcome | None:
    """How a file changed since it was `seen`; None if it is as it was."""
    try:
        how = _difference(os.stat(source, follow_symlinks=False), seen)  # noqa: PTH116 - the hot path
    except OSError as error:
        how = f"it vanished after it was read ({error.strerror})"
    return changed(how) if how else None


def _difference(now: os.stat_result, seen: Stamp) -> str | None:
    size, mtime_ns, ctime_ns, inode = map(int, seen.split(" "))
    # Windows' folder entries carry no inode.
    if not stat.S_ISREG(now.st_mode) or (inode and now.st_ino != inode):
        return "another file took its place"
    if now.st_size != size:
        return f"its size went from {size} to {now.st_size} bytes"
    if now.st_mtime_ns != mtime_ns or now.st_ctime_ns != ctime_ns:
        return "it was modified"
    return None


def _read(descriptor: int, size: int) -> bytes:
    content = os.read(descriptor, size)
    while len(content) < size and (more := os.read(descriptor, size - len(content))):
        content += more
    return content


def _take_small(out: str, content: bytes, *, store: bool, anew: bool) -> Taken:
    sha256 = hashlib.sha256(content).hexdigest()
    if store and (anew or not is_stored(out, sha256)):
        try:
            temporary = _temporary(out)
            _write_new(temporary, content)
            _shelve(out, temporary, sha256)
        except OSError as error:
            raise NotStored from error
    return sha256, content[:_HEAD]


def is_stored(out: str, sha256: str) -> bool:
    """Whether content with this hash is in the store; cheaper than to remember all that is."""
    return os.access(f"{out}/blobs/{sha256[:2]}/{sha256}", os.F_OK)


def _write_new(path: str, content: bytes) -> None:
    descriptor = os.open(path, _WRITE_FLAGS, 0o600)
    try:
        write_all(descriptor, content)
    finally:
        os.close(descriptor)


def _take_large(out: str, descriptor: int, size: int, *, anew: bool) -> Taken:
    try:
        temporary = _temporary(out)
        target = os.open(temporary, _WRITE_FLAGS, 0o600)
    except OSError as error:
        raise NotStored from error

    def write(chunk: bytes) -> None:
        try:
            write_all(target, chunk)
        except OSError as error:
            raise NotStored from error

    try:
        sha256, head = _pour(descriptor, size, write)
    finally:
        os.close(target)
    try:
        if not anew and is_stored(out, sha256):
            os.unlink(temporary)  # noqa: PTH108 - pathlib is slow to import
        else:
            _shelve(out, temporary, sha256)
    except OSError as error:
        raise NotStored from error
    return sha256, head


def _pour(descriptor: int, size: int, write: "Callable[[bytes], object]") -> Taken:
    digest, head, left = hashlib.sha256(), b"", size
    while left and (chunk := os.read(descriptor, min(_CHUNK, left))):
        head = head or chunk[:_HEAD]
        digest.update(chunk)
        write(chunk)
        left -= len(chunk)
    return digest.hexdigest(), head


def _temporary(out: str) -> str:
    return f"{out}/blobs/tmp/{os.getpid()}-{next(_serial)}"


def _shelve(out: str, temporary: str, sha256: str) -> None:
    shelf = f"{out}/blobs/{sha256[:2]}"
    try:
        os.replace(temporary, f"{shelf}/{sha256}")  # noqa: PTH105 - the hot path
    except FileNotFoundError:
        try:  # noqa: SIM105 - contextlib is slow to import too
            os.mkdir(shelf, 0o700)  # noqa: PTH102 - pathlib is slow to import
        except FileExistsError:
            pass  # the other process made it meanwhile
        os.replace(temporary, f"{shelf}/{sha256}")  # noqa: PTH105 - as above
