"""What the last scan of a place saw, so that the next one reads only what changed.

One file per place below `rescan/`: its first line tells whether anything moved at all and needs no
more to be read; the rest remembers each file's stamp and what became of it: once it was read, its
hash. It can be lost or damaged at no cost but time. It is written after the blobs are synced.
"""

import hashlib
import json
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Any

from benchagent.inventory.sightings import Row, Sightings, rows_in
from benchagent.store import replacing

_VERSION = 3
_CHUNK = 64 * 1024


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


def fingerprint(files: Sightings, size_cap: int) -> str:
    """One hash over all that a walk saw and over what else decides how files are taken."""
    return files.sha256(f"{_VERSION} {size_cap}\n".encode())


def read_last_scan(out: Path, place: str) -> LastScan | None:
    """The first line of a place's memory: cheap however many files it has."""
    try:
        with _path(out, place).open("rb") as file:
            last = _unsealed(file.readline())["last"]
        return last and LastScan(**last)
    except (OSError, ValueError, LookupError, TypeError):
        return None


@contextmanager
def remembered(out: Path, place: str) -> Generator[Iterator[Row], None, None]:
    """The files of the last scan, as it left them; none if its memory is lost or damaged."""
    try:
        file = _path(out, place).open("rb")
    except OSError:
        yield iter(())
        return
    with file:
        yield rows_in(_chunks(file)) if _is_sound(file) else iter(())


def _is_sound(file: BufferedReader) -> bool:
    """Whether it is what was written; the file then stands at its first row."""
    try:
        body, begin = _unsealed(file.readline())["body"], file.tell()
        found = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(begin)
    except (OSError, ValueError, LookupError, TypeError):
        return False
    return found == body


def _chunks(file: BufferedReader) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk


def _unsealed(line: bytes) -> dict[str, Any]:
    seal, _, text = line.rstrip(b"\n").partition(b" ")
    if seal.decode() != hashlib.sha256(text).hexdigest():
        raise ValueError("the line is damaged")
    return json.loads(text)


def write_memory(out: Path, place: str, seen: Sightings, last: LastScan | None) -> None:
    """Remember a scan; `last` only if all its files were read, so that nothing is left to do."""
    with (
        replacing(_path(out, place), synced=False) as temporary,
        temporary.open("wb") as file,
    ):
        file.write(_first_line(last, seen.sha256()))
        file.writelines(seen.chunks())


def _first_line(last: LastScan | None, body: str) -> bytes:
    known = last and {"fingerprint": last.fingerprint, "key": last.key, "files": {**last.files}}
    text = json.dumps({"last": known, "body": body}).encode()
    return b"%s %s\n" % (hashlib.sha256(text).hexdigest().encode(), text)


def _path(out: Path, place: str) -> Path:
    name = hashlib.sha256(f"{_VERSION} {place}".encode(errors="surrogateescape")).hexdigest()
    return out / "rescan" / name[:16]
