"""How the files of a scan fared: counted, identified and listed, in one pass over them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from unicodedata import is_normalized

from benchagent.inventory.manifests import row_writer
from benchagent.inventory.outcomes import has_changed, is_read, reason_in, sha256_in
from benchagent.inventory.roots import Roots
from benchagent.inventory.sightings import Row
from benchagent.inventory.snapshots import Identified, Identity
from benchagent.inventory.spool import Spool

_AT_ONCE = 200
_FEW = 100


@dataclass(slots=True, kw_only=True)
class Tally:
    """How the files of a scan fared.

    Attributes:
        listed: what was taken, as the files of a manifest, each after a comma.
        taken: how many files with content each root has.
        identity: of their contents, in the order of the scan.
        decomposed: of those whose path is not in NFC, what goes into the identity; they are few,
            and stand elsewhere in it than in the scan.
        unreadable: how many could not be read.
        unsettled: how many did not hold still.
        how_changed: what was seen of the first of them, by path.
    """

    listed: Spool
    taken: Counter[str]
    identity: Identity = field(default_factory=Identity)
    decomposed: list[Identified] = field(default_factory=list[Identified])
    unreadable: int = 0
    unsettled: int = 0
    how_changed: dict[str, str] = field(default_factory=dict[str, str])


def tally_of(seen: Iterable[Row], roots: Roots, size_cap: int, listed: Spool) -> Tally:
    """Count, identify and list what a scan saw; an empty spool takes the list."""
    tally = Tally(listed=listed, taken=Counter({root.name: 0 for root in roots.present}))
    write_row, rest = row_writer(size_cap), iter(seen)
    while some := list(islice(rest, _AT_ONCE)):
        taken = list(_taken(some, tally))
        contents = identified(taken, roots)
        tally.taken.update(root for root, _, _ in contents)
        tally.identity.add(contents)
        tally.decomposed += (content for content in contents if not is_composed(content[1]))
        rows = (
            write_row(*content, stamp, outcome)
            for content, (_, stamp, outcome) in zip(contents, taken, strict=True)
        )
        listed.add(", ".join(["", *rows]).encode())
    return tally


def _taken(seen: Sequence[Row], tally: Tally) -> Iterator[Row]:
    """What was taken; the others are counted."""
    for row in seen:
        path, _, outcome = row
        if is_read(outcome):
            yield row
        elif has_changed(outcome):
            tally.unsettled += 1
            if tally.unsettled <= _FEW:
                tally.how_changed[path] = reason_in(outcome)
        else:
            tally.unreadable += 1


def identified(taken: Iterable[Row], roots: Roots) -> list[Identified]:
    """What goes into the identity of a snapshot, of files that were taken."""
    return [(roots.name_of(path), path, sha256_in(outcome)) for path, _, outcome in taken]


def is_composed(path: str) -> bool:
    """Whether a path is in NFC, so that a scan's order is the identity's."""
    return path.isascii() or is_normalized("NFC", path)
