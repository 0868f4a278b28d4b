"""From roots to the snapshot that they hold now, reading only what has changed.

A scan looks at every file, waits until those that are new have settled, reads them and names the
set. What cannot become a snapshot, since something is still being written or a root lost its
files, is a `NoSnapshot` with the reason in one sentence.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from benchagent.collection import collection_paused
from benchagent.inventory.blobs import finish_blobs, mend_blobs
from benchagent.inventory.intake import Intake, Progress, Shown
from benchagent.inventory.listing import OUT_MARKER, Listing, walk
from benchagent.inventory.no_snapshot import NoSnapshot, lost_root, nothing_there, unsettled
from benchagent.inventory.observations import observe, read_observations
from benchagent.inventory.options import USUAL, ScanOptions
from benchagent.inventory.planning import Plan, begun_plan
from benchagent.inventory.registering import register, unread_entries
from benchagent.inventory.rescan import LastScan, fingerprint, read_last_scan, write_memory
from benchagent.inventory.roots import Roots, require_outside
from benchagent.inventory.second_reader import (
    EARLY_FILES,
    SecondReader,
    is_worth_it,
    reader_for_scan,
)
from benchagent.inventory.sightings import Row, Sightings
from benchagent.inventory.snapshots import manifest_path
from benchagent.inventory.spool import Spool
from benchagent.inventory.tallying import Tally, tally_of
from benchagent.store import StoreError, locked, make_folder, replacing

_MANIFEST_BYTES_PER_FILE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """The snapshot that the roots hold now (`read_snapshot` gives its files).

    Attributes:
        key: the snapshot.
        new: whether its content was never seen before.
        files: how many files the snapshot has.
        files_read: how many of them had to be read.
        bytes_read: their bytes.
    """

    key: str
    new: bool
    files: int
    files_read: int
    bytes_read: int


def scan(
    roots: Roots,
    out: Path,
    *,
    options: ScanOptions = USUAL,
    progress: Progress | None = None,
) -> Scan | NoSnapshot:
    """Find the snapshot that the roots hold now, and make it the current one.

    Args:
        roots: what `resolve_roots` gave.
        out: the output folder; never inventoried, even inside a root.
        options: see `ScanOptions`.
        progress: called with files done, files to read and bytes done.

    Raises:
        RootsError: a root lies in the output folder.
        StoreError: the output folder is full, unwritable or, past `wait_s`, busy.
    """
    require_outside(roots, out)
    make_folder(out)
    if not (out / OUT_MARKER).exists():
        with replacing(out / OUT_MARKER, synced=False) as temporary:
            temporary.write_text("benchagent writes here and reads no artifacts here.\n")
    lock = locked(out / "locks" / "scan.lock", doing="scanning", wait_s=options.wait_s)
    with lock, collection_paused(), reader_for_scan() as second, Sightings(out) as files:
        scanning = _Scanning(roots, out, options, progress or _silently, second, files, Listing())
        return scanning.find()


def _silently(_done: int, _total: int, _bytes: int) -> None:
    pass


class _Scanning(NamedTuple):
    """A scan that is going on, with what its walk saw."""

    roots: Roots
    out: Path
    options: ScanOptions
    progress: Progress
    second: SecondReader
    files: Sightings
    listing: Listing

    def find(self) -> Scan | NoSnapshot:
        """Look at every file, and go on if anything is not as the last scan left it."""
        options, out, place = self.options, self.out, self.roots.place
        settles_at = time.monotonic() + (options.settle_s or 0.0)
        last = None if options.rehash else read_last_scan(out, place)
        if last:
            self.files.write(walk(self.roots.present, self.listing))
            if self._is_as_left(last):
                observe(out, last.key, place, last.files)
                rows = self.files.rows
                return Scan(key=last.key, new=False, files=rows, files_read=0, bytes_read=0)
        mend_blobs(out)
        intake = Intake(out=out, second=self.second, options=options, settles_at=settles_at)
        with begun_plan(self.listing, self.roots, out, options) as plan:
            return self._take(plan, intake, walked=last is not None)

    def _is_as_left(self, last: LastScan) -> bool:
        listed = fingerprint(self.files, self.options.size_cap)
        return last.fingerprint == listed and manifest_path(self.out, last.key).exists()

    def _take(self, plan: Plan, intake: Intake, *, walked: bool) -> Scan | NoSnapshot:
        place, last = self.roots.place, None
        try:
            self._plan(plan, intake, walked=walked)
            self._read(plan, intake)
            with Sightings(self.out) as seen, Spool(self.out) as listed:
                rows = seen.passing(self._settled(plan))
                tally = tally_of(rows, self.roots, self.options.size_cap, listed)
                result = self._conclude(seen, tally, intake)
                if isinstance(result, Scan) and not tally.unsettled and not tally.unreadable:
                    walked_as = fingerprint(self.files, self.options.size_cap)
                    last = LastScan(fingerprint=walked_as, key=result.key, files=tally.taken)
                write_memory(self.out, place, seen, last)
        except BaseException:
            # A first scan of a large folder that is stopped half-way goes on from there.
            with suppress(StoreError), Sightings(self.out) as seen:
                seen.write(self._settled(plan))
                write_memory(self.out, place, seen, None)
            raise
        return result

    def _plan(self, plan: Plan, intake: Intake, *, walked: bool) -> None:
        """Find what is to be read; of a walk still to be made, some is read meanwhile."""
        make = partial(plan.make, roots=self.roots, out=self.out, options=self.options)
        # Without time to settle, a file that moves stops all reading.
        if walked or self.options.settle_s is None:
            make(self.files if walked else self._walking(), ahead=lambda *_: None)
        else:
            make(self._walking(self._start_early), ahead=intake.read_ahead)
        if not plan.moving:
            intake.settles_at = 0.0

    def _walking(self, told: Callable[[int], object] = lambda _: None) -> Iterator[Row]:
        return self.files.passing(walk(self.roots.present, self.listing, told))

    def _start_early(self, more: int) -> None:
        """Start the second process: all is to be read, and it takes a while to start."""
        if is_worth_it(self.files.rows + more, least=EARLY_FILES):
            self.second.start()

    def _read(self, plan: Plan, intake: Intake) -> None:
        if plan.left and not self.options.leave_out_unsettled:
            return
        batches = [*plan.now.unanswered(), *plan.later.unanswered()]
        if not batches and not intake.files_read:
            return
        to_store = sum(batch.to_store for batch in batches)
        intake.make_room(to_store, _MANIFEST_BYTES_PER_FILE * self.files.rows)
        total = intake.files_read + sum(batch.files for batch in batches)
        shown = Shown(intake, total, self.progress)
        intake.read(plan.now, shown.tell_now_and_then)
        time.sleep(max(0.0, intake.settles_at - time.monotonic()))
        intake.see_early_again(plan.now)
        intake.read(plan.later, shown.tell_now_and_then)
        shown.tell()

    def _settled(self, plan: Plan) -> Iterator[Row]:
        """What became of each file, once what was read is on the disk."""
        self.second.end()
        finish_blobs(self.out, chain(plan.now.stored(), plan.later.stored()))
        return plan.outcomes(self.files)

    def _conclude(self, seen: Sightings, tally: Tally, intake: Intake) -> Scan | NoSnapshot:
        roots, out, counts = self.roots, self.out, tally.taken
        if tally.unsettled and not self.options.leave_out_unsettled:
            return unsettled(tally.how_changed, tally.unsettled)
        observed = read_observations(out)
        if not self.options.allow_emptied and (lost := lost_root(roots, counts, observed)):
            return lost
        unread = unread_entries(seen, tally, self.listing, roots)
        if not any(counts.values()):
            return nothing_there(roots, unread)
        key, new = register(seen, tally, unread, roots, out, self.options)
        observe(out, key, roots.place, counts)
        return Scan(
            key=key,
            new=new,
            files=counts.total(),
            files_read=intake.files_read,
            bytes_read=intake.bytes_read,
        )
