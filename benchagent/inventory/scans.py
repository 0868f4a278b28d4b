"""From roots to the snapshot that they hold now, reading only what has changed.

A scan looks at every file, waits until those that are new have settled, reads them and names the
set. What cannot become a snapshot, since something is still being written or a root lost its
files, is a `NoSnapshot` with the reason in one sentence.
"""

import time
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from benchagent.collection import collection_paused
from benchagent.inventory.blobs import finish_blobs, mend_blobs, prepare_blobs
from benchagent.inventory.intake import Intake, Progress, see_early_again, take_in
from benchagent.inventory.listing import OUT_MARKER, Listing, walk
from benchagent.inventory.no_snapshot import NoSnapshot, lost_root, nothing_there, unsettled
from benchagent.inventory.observations import observe, read_observations
from benchagent.inventory.options import USUAL, ScanOptions
from benchagent.inventory.planning import Plan, planned
from benchagent.inventory.registering import Tally, register, tally_of, unread_entries
from benchagent.inventory.rescan import (
    LastScan,
    fingerprint,
    read_last_scan,
    write_memory,
)
from benchagent.inventory.roots import Roots, require_outside
from benchagent.inventory.second_reader import EARLY_FILES, SecondReader, is_worth_it
from benchagent.inventory.sightings import Sightings
from benchagent.inventory.snapshots import manifest_path
from benchagent.store import StoreError, locked, make_folder, replacing, require_free_space

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
    with lock, collection_paused(), SecondReader() as second, Sightings(out) as files:
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
        started, out, place = time.monotonic(), self.out, self.roots.place
        last = None if self.options.rehash else read_last_scan(out, place)
        self._walk(early=last is None and self.options.settle_s is not None)
        files, listed = self.files, fingerprint(self.files, self.options.size_cap)
        if last and last.fingerprint == listed and manifest_path(out, last.key).exists():
            observe(out, last.key, place, last.files)
            return Scan(key=last.key, new=False, files=files.rows, files_read=0, bytes_read=0)
        mend_blobs(out)
        with planned(files, self.listing, self.roots, out, self.options) as plan:
            waits_s = self.options.settle_s if plan.moving else None
            intake = Intake(settles_at=started + waits_s if waits_s else 0.0)
            return self._take(plan, intake, listed)

    def _walk(self, *, early: bool) -> None:
        entries = 0

        def told(more: int) -> None:
            nonlocal entries
            entries += more
            if early and is_worth_it(entries, least=EARLY_FILES):
                self.second.start()  # all is to be read; it takes a while to start

        self.files.write(walk(self.roots.present, self.listing, told))

    def _take(self, plan: Plan, intake: Intake, listed: str) -> Scan | NoSnapshot:
        place, last = self.roots.place, None
        try:
            self._read(plan, intake)
            with Sightings(self.out) as seen:
                self._settle(plan, seen)
                tally = tally_of(seen, self.roots)
                result = self._conclude(seen, tally, intake)
                if isinstance(result, Scan) and not tally.unsettled and not tally.unreadable:
                    last = LastScan(fingerprint=listed, key=result.key, files=tally.taken)
                write_memory(self.out, place, seen, last)
        except BaseException:
            # A first scan of a large folder that is stopped half-way goes on from there.
            with suppress(StoreError), Sightings(self.out) as seen:
                self._settle(plan, seen)
                write_memory(self.out, place, seen, None)
            raise
        return result

    def _read(self, plan: Plan, intake: Intake) -> None:
        if plan.left and not self.options.leave_out_unsettled:
            return
        batches = [*plan.now.all(), *plan.later.all()]
        if not batches:
            return
        to_store = sum(batch.to_store for batch in batches)
        needed = to_store + _MANIFEST_BYTES_PER_FILE * self.files.rows
        require_free_space(self.out, needed, floor=self.options.free_floor)
        if to_store:
            prepare_blobs(self.out)
        total = sum(batch.files for batch in batches)

        def told(done: int, size: int) -> None:
            self.progress(done, total, size)

        told(0, 0)
        take_in(plan.now, intake, self.out, self.second, self.options, told)
        time.sleep(max(0.0, intake.settles_at - time.monotonic()))
        see_early_again(plan.now, intake)
        take_in(plan.later, intake, self.out, self.second, self.options, told)
        told(total, intake.bytes_read)

    def _settle(self, plan: Plan, seen: Sightings) -> None:
        """Bring onto the disk what was read, and together what became of each file."""
        self.second.end()
        finish_blobs(self.out, chain(plan.now.stored(), plan.later.stored()))
        seen.write(plan.outcomes(self.files))

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
