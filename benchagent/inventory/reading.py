"""Files read one after the other: hashed, stored and told apart by what they look like."""

from collections.abc import Iterator, Sequence
from typing import NewType

from benchagent.inventory.kinds import classify
from benchagent.inventory.taking import Changed, Stamp, Taken, take_file

# What became of a file: SHA-256, kind and content of one that was read, with blanks between; a
# mark and the reason of one that changed or cannot be read; nothing of one that is still to be
# read. One text, since it goes from process to process and into the memory of a scan as it is.
Outcome = NewType("Outcome", str)

TO_READ = Outcome("")
_CHANGED, _UNREADABLE = "~", "!"
_NOT_READ = {"", _CHANGED, _UNREADABLE}


def changed(how: str) -> Outcome:
    """The outcome of a file that did not hold still."""
    return Outcome(_CHANGED + how)


def is_read(outcome: Outcome) -> bool:
    """Whether the file was read, so that its hash is known."""
    return outcome[:1] not in _NOT_READ


def reason_in(outcome: Outcome) -> str:
    """Why a file was not read."""
    return outcome[1:]


def has_changed(outcome: Outcome) -> bool:
    """Whether the file did not hold still; one that was not read for another reason, cannot be."""
    return outcome[:1] == _CHANGED


def sha256_in(outcome: Outcome) -> str:
    """The hash of the content of a file that was read."""
    return outcome[:64]


def kind_and_content_in(outcome: Outcome) -> str:
    """What such a file is by its name, and what its first bytes look like; a blank between."""
    return outcome[65:]


def read_files(
    out: str,
    paths: Sequence[str],
    sources: Sequence[str],
    stamps: Sequence[Stamp],
    *,
    size_cap: int,
    anew: bool,
) -> Iterator[Outcome]:
    """Read files into the store, one outcome each, in their order.

    Args:
        out: the output folder, made ready by `prepare_blobs`.
        paths: their paths in the snapshot.
        sources: where they lie.
        stamps: how a walk saw them.
        size_cap: a file of more bytes is hashed and not stored.
        anew: store again what is in the store.

    Raises:
        NotStored: the store could not be written.
    """
    for path, source, stamp in zip(paths, sources, stamps, strict=True):
        found = take_file(out, source, stamp, size_cap=size_cap, anew=anew)
        if isinstance(found, Taken):
            kind, content = classify(path, found.head)
            yield Outcome(f"{found.sha256} {kind} {content}")
        elif isinstance(found, Changed):
            yield changed(found.how)
        else:
            yield Outcome(f"{_UNREADABLE}cannot be read: {found.why}")
