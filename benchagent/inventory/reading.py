"""Files read one after the other: hashed, stored and told apart by what they look like."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from benchagent.inventory.kinds import Content, Kind, classify
from benchagent.inventory.taking import Changed, Stamp, Taken, Unreadable, take_file


class Read(NamedTuple):
    """What reading a file gave."""

    sha256: str
    kind: Kind
    content: Content


class ToRead(NamedTuple):
    """A file to be read: its path in the snapshot, where it lies, and how a walk saw it."""

    path: str
    source: str
    stamp: Stamp
    size: int
    retain: bool


class Fresh(NamedTuple):
    """What reading a file gave, and whether its content was written to the store."""

    read: Read
    written: bool


Outcome = Fresh | Changed | Unreadable


def read_files(out: str, files: Iterable[ToRead], have: set[str]) -> Iterator[Outcome]:
    """Read files into the store, one outcome each, in their order.

    Args:
        out: the output folder, made ready by `prepare_blobs`.
        files: the files.
        have: hashes of what is in the store; those of what is written are added.

    Raises:
        NotStored: the store could not be written.
    """
    for path, source, stamp, size, retain in files:
        outcome = take_file(out, source, stamp, size, retain=retain, trusted=have)
        if isinstance(outcome, Taken):
            if outcome.written:
                have.add(outcome.sha256)
            kind, content = classify(path, outcome.head)
            yield Fresh(Read(outcome.sha256, kind, content), outcome.written)
        else:
            yield outcome
