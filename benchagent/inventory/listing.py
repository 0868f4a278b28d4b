"""What lies in the roots: every entry is a file to read, or is listed with the reason why not.

A walk looks and does not read: it gives the stamp of each file. Hidden entries, editors'
temporaries and the output folder are passed over cheaply, a folder among them unentered; links
are never followed, so no walk leaves its root or goes in circles.
"""

import os
import re
import stat
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from pathlib import Path
from typing import Literal, NamedTuple

from benchagent.inventory.kinds import Content, Kind
from benchagent.inventory.outcomes import TO_READ, Stamp, why_unreadable
from benchagent.inventory.roots import Root, Roots
from benchagent.inventory.sightings import Row
from benchagent.inventory.taking import stamp_of

Why = Literal["ignored", "link", "special", "unreadable", "unsettled"]

OUT_MARKER = ".benchagent-out"
_TEMPORARY = (".tmp", ".temp", ".part", ".partial", ".crdownload", ".download", ".swp", "~")
_SYSTEM = {"Thumbs.db", "desktop.ini", "__MACOSX", "$RECYCLE.BIN", "lost+found"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    r"""One artifact by content.

    Attributes:
        root: name of its root.
        path: relative POSIX path that begins with the root's name, safe as UTF-8: a byte that
            is not UTF-8 stands as `\xff`, and a backslash that could be taken for one as `\x5c`.
        sha256: of its content.
        size: bytes.
        modified_at: UTC, as the file system tells it, so never the time of an event; None where
            that time is outside the calendar.
        kind: what its name says; a name without a suffix is asked by content.
        content: what its first 4 KiB look like; against `kind`, a file that is not what its
            name says.
        retained: whether its bytes are in the store.
        reason: why they are not.
    """

    root: str
    path: str
    sha256: str
    size: int
    modified_at: str | None
    kind: Kind
    content: Content
    retained: bool
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """An entry of a root without content in the snapshot, and the reason; a folder ends in `/`."""

    root: str
    path: str
    why: Why
    reason: str


@dataclass(frozen=True, slots=True)
class Listing:
    """What a walk saw besides the files to read; filled as it goes."""

    unread: list[Unread] = field(default_factory=list[Unread])
    on_disk: dict[str, str] = field(default_factory=dict[str, str])
    """Where a file lies whose path does not tell, since a name in it had to be escaped."""


def source_paths(listing: Listing, roots: Roots, paths: Iterable[str]) -> Iterator[str]:
    """Where files of a listing lie."""
    places = {root.name: (len(root.prefix), f"{root.path}/") for root in roots.present}
    for path in paths:
        skipped, place = places[roots.name_of(path)]
        yield listing.on_disk.get(path) or place + path[skipped:]


class _Folder(NamedTuple):
    on_disk: str
    prefix: str
    plain: bool


def walk(
    roots: Iterable[Root], listing: Listing, told: Callable[[int], object] = lambda _: None
) -> Iterator[Row]:
    """See what lies in the roots: files to read, ordered by root and path; the rest in `listing`.

    A folder with benchagent's own output is passed over whole. `told` is called with the number of
    a folder's entries, before any of them is given.
    """
    for root in sorted(roots, key=lambda root: root.name):
        ahead: list[tuple[str, Stamp | _Folder]] = []
        ahead.append((root.prefix, _Folder(str(root.path), root.prefix, True)))
        while ahead:
            path, found = ahead.pop()
            if isinstance(found, _Folder):
                ahead += yield from _look_into(found, root, listing, told)
            else:
                yield path, found, TO_READ


@contextmanager
def _entries(folder: str) -> Generator[Iterator[os.DirEntry[str]], None, None]:
    """The entries of a folder; looked up from its descriptor, they cost a third less."""
    if os.scandir not in os.supports_fd:
        with os.scandir(folder) as entries:
            yield entries
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        with os.scandir(descriptor) as entries:
            yield entries
    finally:
        os.close(descriptor)


def _look_into(
    folder: _Folder, root: Root, listing: Listing, told: Callable[[int], object]
) -> Generator[Row, None, list[tuple[str, Stamp | _Folder]]]:
    """Give a folder's files up to its first folder; returns what comes then, the last path first.

    Only names are listed before the first file is given, so that it can be read meanwhile.
    """
    rest: list[tuple[str, Stamp | _Folder]] = []
    try:
        with _entries(folder.on_disk) as entries:
            if os.path.lexists(f"{folder.on_disk}{os.sep}{OUT_MARKER}"):
                _pass(listing, root, folder.prefix, "ignored", "an output folder of benchagent")
                return []
            found = _sort_out(folder, entries, root, listing)
            told(len(found))
            while found:  # what was looked at remembers all that the file system said of it
                path, entry = found.pop()
                if path.endswith("/"):
                    rest.append((path, _inner(folder, path, entry.name)))
                elif stamp := _stamp(entry, path, root, listing):
                    if rest:
                        rest.append((path, stamp))
                    else:
                        yield path, stamp, TO_READ
    except OSError as error:
        _pass(listing, root, folder.prefix, "unreadable", why_unreadable(error))
        return []
    return rest[::-1]


def _sort_out(
    folder: _Folder, entries: Iterable[os.DirEntry[str]], root: Root, listing: Listing
) -> list[tuple[str, os.DirEntry[str]]]:
    """The files to read and the folders to look into, the last path first; others are listed."""
    found: list[tuple[str, os.DirEntry[str]]] = []
    for entry in entries:
        name = entry.name
        written = name if name.isascii() and "\\" not in name else readable_name(name)
        path = folder.prefix + written
        try:
            if (reason := _ignored(name)) or not entry.is_file(follow_symlinks=False):
                if _pass_over(_Entry(entry, _on_disk(folder, name)), path, reason, root, listing):
                    found.append((path + "/", entry))
                continue
        except OSError as error:
            _pass(listing, root, path, "unreadable", why_unreadable(error))
            continue
        found.append((path, entry))
        if not folder.plain or written != name:
            listing.on_disk[path] = _on_disk(folder, name)
    found.sort(key=itemgetter(0), reverse=True)
    return found


def _stamp(entry: os.DirEntry[str], path: str, root: Root, listing: Listing) -> Stamp | None:
    try:
        return stamp_of(entry.stat(follow_symlinks=False))
    except OSError as error:
        _pass(listing, root, path, "unreadable", why_unreadable(error))
        return None


def _inner(folder: _Folder, path: str, name: str) -> _Folder:
    plain = folder.plain and path == f"{folder.prefix}{name}/"
    return _Folder(_on_disk(folder, name), path, plain)


def _on_disk(folder: _Folder, name: str) -> str:
    return f"{folder.on_disk}{os.sep}{name}"


class _Entry(NamedTuple):
    seen: os.DirEntry[str]
    on_disk: str


def _pass_over(entry: _Entry, path: str, ignored: str | None, root: Root, listing: Listing) -> bool:
    """List an entry that is no file to read; True for a folder to look into instead."""
    is_folder = entry.seen.is_dir(follow_symlinks=False)
    if ignored:
        _pass(listing, root, path + "/" * is_folder, "ignored", ignored)
    elif is_folder:
        return True
    elif entry.seen.is_symlink():
        _pass(listing, root, path, "link", _link(entry.on_disk, root))
    else:
        _pass(listing, root, path, "special", _special(entry.seen))
    return False


def _pass(listing: Listing, root: Root, path: str, why: Why, reason: str) -> None:
    listing.unread.append(Unread(root=root.name, path=path or "./", why=why, reason=reason))


def _ignored(name: str) -> str | None:
    if name[0] == ".":
        return "hidden"
    if name.endswith(_TEMPORARY) or name.startswith("~$") or (name[0] == name[-1] == "#"):
        return "temporary file of an editor, a download or a copy"
    if name in _SYSTEM:
        return "file of the operating system"
    return None


def _link(on_disk: str, root: Root) -> str:
    target = readable_name(os.readlink(on_disk))  # noqa: PTH115 - the raw text of the link
    try:
        inside = Path(on_disk).resolve(strict=True).is_relative_to(root.path)
    except (OSError, RuntimeError):
        return f"symbolic link to {target}, which is not there"
    if inside:
        return f"symbolic link to {target}, which is listed under its own name"
    return f"symbolic link to {target}, outside its root: not followed"


def _special(entry: os.DirEntry[str]) -> str:
    mode = entry.stat(follow_symlinks=False).st_mode
    kinds = (
        (stat.S_ISFIFO, "named pipe"),
        (stat.S_ISSOCK, "socket"),
        (stat.S_ISCHR, "character device"),
        (stat.S_ISBLK, "block device"),
    )
    return next((name for is_kind, name in kinds if is_kind(mode)), "neither file nor folder")


def readable_name(name: str) -> str:
    r"""A file name as text that any encoding takes; two names never give the same text.

    Bytes that are not UTF-8 become `\xff`; a backslash before `x` or `u` becomes `\x5c`.
    """
    name = re.sub(r"\\(?=[xu])", r"\\x5c", name)
    return re.sub("[\ud800-\udfff]", lambda found: _escaped(ord(found[0])), name)


def _escaped(code: int) -> str:
    # surrogateescape carries byte 0xNN as U+DCNN; Windows names may hold any lone surrogate.
    return f"\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else f"\\u{code:04x}"


def modified_at(seconds: int) -> str | None:
    """A modification time, in seconds since 1970, in UTC; None outside the years 1 to 9999."""
    try:
        return (_EPOCH + timedelta(seconds=seconds)).isoformat() + "Z"
    except OverflowError:
        return None
