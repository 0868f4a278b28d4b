"""Which files of a walk are known from the last scan, and which are to be read."""

import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchagent.inventory.batches import Batch, Batches
from benchagent.inventory.listing import Listing, source_paths
from benchagent.inventory.options import ScanOptions
from benchagent.inventory.outcomes import Outcome, Stamp, changed, is_read, sha256_in
from benchagent.inventory.rescan import remembered
from benchagent.inventory.roots import Roots
from benchagent.inventory.sightings import Row, Sightings, gathered, matched
from benchagent.inventory.taking import is_stored, mtime_ns_in, size_in

Ahead = Callable[[Batches, Batch], object]

_JUST_NS = 10 * 10**9
_UNSEEN = changed("the last scan did not see it as it is now")


@dataclass(slots=True, kw_only=True)
class Plan:
    """What is to be done with the files of a walk; each stands in one of the first three.

    Attributes:
        decided: read before and stored, or left to the next scan.
        now: to be read.
        later: to be read when they have settled.
        left: how many are left to the next scan.
        moving: whether some to be read were not seen by the last scan with this size and time.
    """

    decided: Sightings
    now: Batches
    later: Batches
    left: int = 0
    moving: bool = False

    def outcomes(self, files: Sightings) -> Iterator[Row]:
        """The files of the walk with what became of them so far."""
        if self.now.answered == files.rows:
            return self.now.rows()
        return gathered(files, self.decided, self.now.rows(), self.later.rows())

    def make(
        self, files: Iterable[Row], roots: Roots, out: Path, options: ScanOptions, ahead: Ahead
    ) -> None:
        """Compare a walk with what is remembered; `ahead` is told of what can be read meanwhile."""
        with remembered(out, roots.place) as memory:
            seen = matched(files, memory, roots.rank)
            self.decided.write(_decide(self, seen, str(out), options, ahead))
        self.now.end_batch()
        self.later.end_batch()


@contextmanager
def begun_plan(
    listing: Listing, roots: Roots, out: Path, options: ScanOptions
) -> Generator[Plan, None, None]:
    """An empty plan, to be filled; its files on disk are gone when the block ends."""

    def find(paths: Iterable[str]) -> Iterator[str]:
        return source_paths(listing, roots, paths)

    with (
        Sightings(out) as decided,
        Batches(out, find, options.size_cap) as now,
        Batches(out, find, options.size_cap) as later,
    ):
        yield Plan(decided=decided, now=now, later=later)


def _decide(
    plan: Plan,
    seen: Iterable[tuple[Row, Row | None]],
    out: str,
    options: ScanOptions,
    ahead: Ahead,
) -> Iterator[Row]:
    """Give what is decided, and put the others where they are to be read.

    A file that was just written is better read when it has settled than before: of one that is
    written in the same tick of a clock in which it is read, its time would not tell. The others
    are read while we wait and seen again after. Only this order depends on our clock, never
    whether a file has settled.
    """
    since = time.time_ns() - _JUST_NS
    for (path, stamp, _), old in seen:
        if old and old[1] == stamp and not options.rehash and _is_kept(stamp, old[2], out, options):
            yield path, stamp, old[2]
        elif old and _settling(old[1]) == _settling(stamp):
            _ask_now(plan, path, stamp, ahead)
        elif options.settle_s is None:
            plan.left += 1
            yield path, stamp, _UNSEEN
        else:
            plan.moving = True
            if options.settle_s and mtime_ns_in(stamp) > since:
                plan.later.ask(path, stamp)
            else:
                _ask_now(plan, path, stamp, ahead)


def _ask_now(plan: Plan, path: str, stamp: Stamp, ahead: Ahead) -> None:
    batch = plan.now.ask(path, stamp)
    if batch:
        ahead(plan.now, batch)


def _is_kept(stamp: Stamp, outcome: Outcome, out: str, options: ScanOptions) -> bool:
    if not is_read(outcome):
        return False
    return size_in(stamp) > options.size_cap or is_stored(out, sha256_in(outcome))


def _settling(stamp: Stamp) -> list[str]:
    """What must hold still: size and time of modification."""
    return stamp.split(" ", 2)[:2]
