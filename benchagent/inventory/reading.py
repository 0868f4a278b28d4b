"""Files read one after the other: hashed, stored and told apart by what they look like."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, NewType

from benchagent.inventory.kinds import classify
from benchagent.inventory.taking import Changed, Stamp, Taken, Unreadable, take_file

# What reading a file gave: SHA-256, kind and content, with a blank between. One text, since it
# goes from process to process and into the memory of what was seen as it is.
Read = NewType("Read", str)

Outcome = Read | Changed | Unreadable


class Batch(NamedTuple):
    """Files to be read together.

    Attributes:
        paths: in the snapshot.
        stamps: how a walk saw them.
        size: all their bytes.
        to_store: the bytes of those that are not too large to be stored.
    """

    paths: list[str]
    stamps: list[Stamp]
    size: int
    to_store: int


def sha256_in(read: Read) -> str:
    """The hash of the file's content."""
    return read[:64]


def kind_and_content_in(read: Read) -> str:
    """What the file is by its name, and what its first bytes look like, with a blank between."""
    return read[65:]


def read_files(
    out: str,
    paths: Sequence[str],
    sources: Sequence[str],
    stamps: Sequence[Stamp],
    size_cap: int,
    have: set[str],
) -> Iterator[Outcome]:
    """Read files into the store, one outcome each, in their order.

    Args:
        out: the output folder, made ready by `prepare_blobs`.
        paths: their paths in the snapshot.
        sources: where they lie.
        stamps: how a walk saw them.
        size_cap: a file of more bytes is hashed and not stored.
        have: hashes of what is in the store; those of what is written are added.

    Raises:
        NotStored: the store could not be written.
    """
    for path, source, stamp in zip(paths, sources, stamps, strict=True):
        outcome = take_file(out, source, stamp, size_cap=size_cap, have=have)
        if isinstance(outcome, Taken):
            kind, content = classify(path, outcome.head)
            yield Read(f"{outcome.sha256} {kind} {content}")
        else:
            yield outcome
