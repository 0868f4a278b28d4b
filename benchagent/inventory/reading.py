"""Files read one after the other: hashed, stored and told apart by what they look like."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from benchagent.inventory.blobs import Changed, Stamp, Taken, Unreadable, take_file
from benchagent.inventory.listing import classify
from benchagent.inventory.rescan import Read


class ToRead(NamedTuple):
    """A file to be read: its path in the snapshot, where it lies, and how a walk saw it."""

    path: str
    source: str
    stamp: Stamp
    retain: bool


class Fresh(NamedTuple):
    """What reading a file gave, and whether its content was written to the store."""

    read: Read
    written: bool


Outcome = Fresh | Changed | Unreadable


def read_files(out: Path, files: Iterable[ToRead], have: set[str]) -> Iterator[Outcome]:
    """Read files into the store, one outcome each, in their order.

    Args:
        out: the output folder, made ready by `prepare_blobs`.
        files: the files.
        have: hashes of what is in the store; those of what is written are added.
    """
    for path, source, stamp, retain in files:
        outcome = take_file(out, source, stamp, retain=retain, trusted=have)
        if isinstance(outcome, Taken):
            have.add(outcome.sha256)
            read = Read(outcome.sha256, *classify(path, outcome.head))
            yield Fresh(read, outcome.written)
        else:
            yield outcome
