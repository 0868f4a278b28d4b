"""What the last scan of a place saw, so that the next one reads only what changed.

One file per place below `rescan/`: its first line tells whether anything moved at all and needs no
more to be read; the rest remembers each file's stamp and, once it was read, its hash. It can be
lost or damaged at no cost but time. It is written after the blobs are synced: a hash in it stands
for content that is safely stored.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from benchagent.inventory.blobs import Stamp
from benchagent.inventory.listing import Content, Kind, Listing
from benchagent.store import write_atomically

_VERSION = 1


class Read(NamedTuple):
    """What reading a file gave."""

    sha256: str
    kind: Kind
    content: Content


class Remembered(NamedTuple):
    """A file as a scan saw it; `read` is None where it was seen only."""

    stamp: Stamp
    read: Read | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LastScan:
    """The listing of the last scan as one hash, and the snapshot that it was found to be.

    Attributes:
        fingerprint: see `fingerprint`.
        key: the snapshot.
        files: how many files each root had.
    """

    fingerprint: str
    key: str
    files: Mapping[str, int]


def fingerprint(listing: Listing, size_cap: int) -> str:
    """One hash over all stamps of a listing and over what else decides how files are taken."""
    lines = [
        f"{path}\0{size} {mtime} {ctime} {inode}\n"
        for path, (size, mtime, ctime, inode) in listing.files.items()
    ]
    return hashlib.sha256(f"{_VERSION} {size_cap}\n{''.join(lines)}".encode()).hexdigest()


def read_last_scan(out: Path, place: str) -> LastScan | None:
    """The first line of a place's memory: cheap however many files it has."""
    try:
        with _path(out, place).open("rb") as file:
            last = _unsealed(file.readline())["last"]
        return last and LastScan(**last)
    except (OSError, ValueError, LookupError, TypeError):
        return None


def read_memory(out: Path, place: str) -> dict[str, Remembered]:
    """The files of the last scan by path; empty if there was none or its memory is damaged."""
    try:
        first, _, body = _path(out, place).read_bytes().partition(b"\n")
        if _unsealed(first)["body"] != hashlib.sha256(body).hexdigest():
            return {}
        return {path: _remembered(row) for path, row in json.loads(body).items()}
    except (OSError, ValueError, LookupError, TypeError):
        return {}


def _unsealed(line: bytes) -> dict[str, Any]:
    seal, _, text = line.rstrip(b"\n").partition(b" ")
    if seal.decode() != hashlib.sha256(text).hexdigest():
        raise ValueError("the line is damaged")
    return json.loads(text)


def _remembered(row: list[Any]) -> Remembered:
    *stamp, sha256, kind, content = row
    read = None if sha256 is None else Read(sha256, kind, content)
    return Remembered(Stamp(*stamp), read)


def write_memory(
    out: Path, place: str, files: dict[str, Remembered], last: LastScan | None
) -> None:
    """Remember a scan; `last` only if all its files were read, so that nothing is left to do."""
    quote = json.JSONEncoder().encode
    rows = [f"{quote(path)}:{_row(stamp, read)}" for path, (stamp, read) in files.items()]
    body = f"{{{','.join(rows)}}}".encode()
    head = {
        "last": last
        and {"fingerprint": last.fingerprint, "key": last.key, "files": {**last.files}},
        "body": hashlib.sha256(body).hexdigest(),
    }
    text = json.dumps(head).encode()
    seal = hashlib.sha256(text).hexdigest().encode()
    write_atomically(_path(out, place), b"%s %s\n%s" % (seal, text, body))


def _row(stamp: Stamp, read: Read | None) -> str:
    size, mtime_ns, ctime_ns, inode = stamp
    what = '"{}","{}","{}"'.format(*read) if read else "null,null,null"
    return f"[{size},{mtime_ns},{ctime_ns},{inode},{what}]"


def _path(out: Path, place: str) -> Path:
    name = hashlib.sha256(f"{_VERSION} {place}".encode(errors="surrogateescape")).hexdigest()
    return out / "rescan" / name[:16]
