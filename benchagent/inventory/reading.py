"""Files read one after the other: hashed, stored and told apart by what they look like."""

from benchagent.inventory.kinds import classify
from benchagent.inventory.outcomes import Outcome, Stamp, read
from benchagent.inventory.taking import take_file

TYPE_CHECKING = False  # see `outcomes`
if TYPE_CHECKING:
    from collections.abc import Sequence


def read_files(
    out: str,
    paths: "Sequence[str]",
    sources: "Sequence[str]",
    stamps: "Sequence[Stamp]",
    *,
    size_cap: int,
    anew: bool,
) -> list[Outcome]:
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
    outcomes: list[Outcome] = []
    for path, source, stamp in zip(paths, sources, stamps, strict=True):
        found = take_file(out, source, stamp, size_cap=size_cap, anew=anew)
        if isinstance(found, str):
            outcomes.append(found)
        else:
            sha256, head = found
            outcomes.append(read(sha256, *classify(path, head)))
    return outcomes
