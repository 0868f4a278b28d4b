"""What the last scan of a place saw, so that the next one reads only what changed.

One file per place below `rescan/`: its first line tells whether anything moved at all and needs no
more to be read; the rest remembers each file's stamp and, once it was read, its hash. It can be
lost or damaged at no cost but time. It is written after the blobs are synced: a hash in it stands
for content that is safely stored.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from benchagent.inventory.listing import Listing
from benchagent.inventory.reading import Read
from benchagent.inventory.taking import Stamp
from benchagent.inventory.text_batches import encoded
from benchagent.store import replacing

_VERSION = 2
_NO_HASH = "0" * 64


class Remembered(NamedTuple):
    """A file as a scan saw it; `read` is empty where it was seen only."""

    stamp: Stamp
    read: Read


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
    digest = hashlib.sha256(f"{_VERSION} {size_cap}\n".encode())
    for lines in encoded(f"{path}\0{stamp}\n" for path, stamp in listing.files.items()):
        digest.update(lines)
    return digest.hexdigest()


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
        cells = body.decode().split("\0")
        rows = zip(cells[0:-1:3], cells[1::3], cells[2::3], strict=True)
        return {path: Remembered(Stamp(stamp), Read(read)) for path, stamp, read in rows}
    except (OSError, ValueError, LookupError, TypeError):
        return {}


def _unsealed(line: bytes) -> dict[str, Any]:
    seal, _, text = line.rstrip(b"\n").partition(b" ")
    if seal.decode() != hashlib.sha256(text).hexdigest():
        raise ValueError("the line is damaged")
    return json.loads(text)


def write_memory(
    out: Path, place: str, listing: Listing, taken: Mapping[str, Read], last: LastScan | None
) -> None:
    """Remember a scan; `last` only if all its files were read, so that nothing is left to do."""
    stamps = listing.files.items()
    rows = (f"{path}\0{stamp}\0{taken.get(path, '')}\0" for path, stamp in stamps)
    with replacing(_path(out, place)) as temporary, temporary.open("wb") as file:
        # The first line seals the rest, and is as long without its hash as with it.
        file.write(_first_line(last, _NO_HASH))
        body = _write_hashed(file, encoded(rows))
        file.seek(0)
        file.write(_first_line(last, body))


def _write_hashed(file: BinaryIO, batches: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for batch in batches:
        digest.update(batch)
        file.write(batch)
    return digest.hexdigest()


def _first_line(last: LastScan | None, body: str) -> bytes:
    known = last and {"fingerprint": last.fingerprint, "key": last.key, "files": {**last.files}}
    text = json.dumps({"last": known, "body": body}).encode()
    return b"%s %s\n" % (hashlib.sha256(text).hexdigest().encode(), text)


def _path(out: Path, place: str) -> Path:
    name = hashlib.sha256(f"{_VERSION} {place}".encode(errors="surrogateescape")).hexdigest()
    return out / "rescan" / name[:16]
