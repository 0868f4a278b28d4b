"""Why roots, as they are now, do not become a snapshot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchagent.inventory.listing import Unread
from benchagent.inventory.observations import Observation
from benchagent.inventory.roots import WHOLE, Roots


@dataclass(frozen=True, slots=True, kw_only=True)
class NoSnapshot:
    """Why the roots, as they are now, do not become a snapshot.

    Attributes:
        reason: a sentence for the terminal or a SkipReason: what was found and what to do.
        unsettled: paths of the files that are still being written, if that is why; of very many
            the first.
    """

    reason: str
    unsettled: tuple[str, ...] = ()


def unsettled(how: Mapping[str, str], count: int) -> NoSnapshot:
    """Files that are still being written: of the first of `count`, what was seen of each."""
    first = next(iter(how))
    more = f", and {count - 1} more" if count > 1 else ""
    return NoSnapshot(
        reason=f"{first} has not settled ({how[first]}){more}; "
        "scan again when nothing writes there any more",
        unsettled=tuple(how),
    )


def lost_root(
    roots: Roots, counts: Mapping[str, int], observations: Sequence[Observation]
) -> NoSnapshot | None:
    """A root that had files at this place and has none: not mounted, rather than changed."""
    before = next((seen for seen in reversed(observations) if seen.place == roots.place), None)
    for name, count in before.files.items() if before else ():
        # A folder taken whole that now has reports/ is another choice of roots, not a loss.
        if count and not counts.get(name) and (name != WHOLE or not any(counts.values())):
            return _lost(roots, name, count)
    return None


def _lost(roots: Roots, name: str, count: int) -> NoSnapshot:
    path = next((root.path for root in roots.present if root.name == name), None)
    found = f"{path} holds no file to read" if path else f"the folder {name}/ is gone"
    return NoSnapshot(
        reason=f"{roots.place}: root {name!r} had {count} file{'s' * (count > 1)} and now {found}; mount it or bring "
        "its files back, or allow it to be empty if they were removed on purpose"
    )


def nothing_there(roots: Roots, unread: Sequence[Unread]) -> NoSnapshot:
    """No file with content in any root."""
    folders = ", ".join(str(root.path) for root in roots.present)
    passed = [f"{entry.path}: {entry.reason}" for entry in unread[:3]]
    listed = f" ({'; '.join(passed)}{'; …' * (len(unread) > 3)})" if passed else ""
    return NoSnapshot(
        reason=f"no file to read in {folders}{listed}; put benchmark artifacts (CSV, JSON, "
        "Markdown) there"
    )
