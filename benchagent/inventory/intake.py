"""The files of a listing, taken into the store: those that are remembered unread, the others read."""

import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from benchagent.inventory.listing import Listing, Unread, Why, modified_at, source_paths
from benchagent.inventory.reading import (
    Batch,
    Outcome,
    Read,
    kind_and_content_in,
    read_files,
    sha256_in,
)
from benchagent.inventory.rescan import Remembered
from benchagent.inventory.roots import Roots
from benchagent.inventory.second_reader import SecondReader, Work, is_worth_it
from benchagent.inventory.snapshots import file_row, quoted, row_end
from benchagent.inventory.taking import Changed, NotStored, Stamp, see_again, size_in
from benchagent.store import explained

Progress = Callable[[int, int, int], object]
Done = Callable[[int, int], object]

_PROGRESS_S = 0.1
_BATCH_FILES = 50
_BATCH_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Which files of a listing are known by their stamp, and which are to be read.

    Attributes:
        known: read before, and stored.
        to_read: the others.
        moving: those of them that the last scan did not see with this size and time.
        trusted: hashes of content that is safely stored.
    """

    known: dict[str, Read]
    to_read: list[str]
    moving: set[str]
    trusted: set[str]


@dataclass(slots=True, kw_only=True)
class Intake:
    """What reading gave so far: each file ends up in one of the first three, by path.

    Attributes:
        settles_at: by `time.monotonic`; what is read before is to be seen again after.
        early: what was read before.
    """

    taken: dict[str, Read]
    unreadable: dict[str, str] = field(default_factory=dict[str, str])
    unsettled: dict[str, str] = field(default_factory=dict[str, str])
    written: set[str] = field(default_factory=set[str])
    files_read: int = 0
    bytes_read: int = 0
    settles_at: float = 0.0
    early: list[str] = field(default_factory=list[str])


def plan_intake(
    listing: Listing,
    memory: Mapping[str, Remembered],
    stored: Collection[str],
    *,
    size_cap: int,
    rehash: bool,
) -> Plan:
    """Compare a listing with what is remembered; `rehash` believes nothing of it but the times."""
    read_before = {sha256_in(old.read) for old in memory.values() if old.read}
    plan = Plan(
        known={}, to_read=[], moving=set(), trusted=set() if rehash else read_before & set(stored)
    )
    for path, stamp in listing.files.items():
        old = memory.get(path)
        if old and old.stamp == stamp and not rehash and old.read:
            if sha256_in(old.read) in plan.trusted or size_in(stamp) > size_cap:
                plan.known[path] = old.read
                continue
        elif old is None or _settling(old.stamp) != _settling(stamp):
            plan.moving.add(path)
        plan.to_read.append(path)
    return plan


def _settling(stamp: Stamp) -> list[str]:
    """What must hold still: size and time of modification."""
    return stamp.split(" ", 2)[:2]


def batches_of(paths: list[str], listing: Listing, size_cap: int) -> list[Batch]:
    """Paths in their order, in batches of files that take some hundredths of a second."""
    found: list[Batch] = []
    stamps = [listing.files[path] for path in paths]
    begin = total = to_store = 0
    for end, stamp in enumerate(stamps, 1):
        size = size_in(stamp)
        total += size
        to_store += size if size <= size_cap else 0
        if end - begin == _BATCH_FILES or total >= _BATCH_BYTES or end == len(paths):
            found.append(Batch(paths[begin:end], stamps[begin:end], total, to_store))
            begin, total, to_store = end, 0, 0
    return found


def take_in(
    batches: Iterable[Batch],
    intake: Intake,
    listing: Listing,
    roots: Roots,
    out: Path,
    second: SecondReader,
    *,
    trusted: set[str],
    size_cap: int,
    progress: Done,
) -> None:
    """Read files into `intake`, storing what is neither `trusted` nor too large.

    The output folder was made ready by `prepare_blobs`.
    """

    def find(paths: Iterable[str]) -> list[str]:
        return list(source_paths(listing, roots, paths))

    # The largest go to the second process: while the first reads one, it does not feed the second.
    queue = deque(sorted(batches, key=lambda batch: batch.size))
    if is_worth_it(sum(len(batch.paths) for batch in queue), sum(batch.size for batch in queue)):
        second.start()
    work = Work(queue, find, size_cap, trusted)
    _Reading(out, work, set(trusted), intake, _Shown(progress)).work_off(second)


def see_early_again(intake: Intake, listing: Listing, roots: Roots) -> None:
    """Take out again what was read early and has changed since."""
    early = [path for path in intake.early if path in intake.taken]
    for path, source in zip(early, source_paths(listing, roots, early), strict=True):
        if changed := see_again(source, listing.files[path]):
            del intake.taken[path]
            intake.unsettled[path] = changed.how
    intake.early.clear()


class _Reading(NamedTuple):
    """The reading of files by this process, and what the second one gave."""

    out: Path
    work: Work
    have: set[str]
    intake: Intake
    shown: "_Shown"

    def work_off(self, second: SecondReader) -> None:
        """Read batches until the queue is empty, and the second process has answered."""
        queue = self.work.queue
        while queue or second.is_busy:
            second.give(self.work)
            if queue:
                self._read(queue.popleft())
            for batch, asked_at, outcomes in second.take_answered(self.work, wait=not queue):
                self._sort_in(batch, outcomes, asked_at)

    def _read(self, batch: Batch) -> None:
        begun_at, (paths, stamps, *_) = time.monotonic(), batch
        sources, size_cap = self.work.find(paths), self.work.size_cap
        try:
            outcomes = list(read_files(str(self.out), paths, sources, stamps, size_cap, self.have))
        except NotStored as error:
            with explained(self.out):
                raise error.__cause__ or error from None
        self._sort_in(batch, outcomes, begun_at)

    def _sort_in(self, batch: Batch, outcomes: Sequence[Outcome], begun_at: float) -> None:
        intake = self.intake
        if begun_at < intake.settles_at:
            intake.early += batch.paths
        for path, outcome in zip(batch.paths, outcomes, strict=True):
            if isinstance(outcome, str):
                intake.taken[path] = outcome
            elif isinstance(outcome, Changed):
                intake.unsettled[path] = outcome.how
            else:
                intake.unreadable[path] = f"cannot be read: {outcome.why}"
        if self.work.size_cap >= 0:
            intake.written.update(self._stored(batch, outcomes))
        intake.files_read += len(batch.paths)
        intake.bytes_read += batch.size
        self.shown.tell(intake)

    def _stored(self, batch: Batch, outcomes: Sequence[Outcome]) -> Iterator[str]:
        for stamp, outcome in zip(batch.stamps, outcomes, strict=True):
            if isinstance(outcome, str) and size_in(stamp) <= self.work.size_cap:
                sha256 = sha256_in(outcome)
                if sha256 not in self.work.trusted:
                    yield sha256


class _Shown:
    """Progress, told ten times a second."""

    def __init__(self, progress: Done) -> None:
        self._progress, self._last = progress, time.monotonic()

    def tell(self, intake: Intake) -> None:
        """Call when more was read."""
        now = time.monotonic()
        if now - self._last > _PROGRESS_S:
            self._progress(intake.files_read, intake.bytes_read)
            self._last = now


def manifest_rows(
    paths: Iterable[str], taken: Mapping[str, Read], listing: Listing, roots: Roots, size_cap: int
) -> Iterator[str]:
    """What was taken, as the files of a manifest; made one by one."""
    too_large = f"larger than {size_cap:,} bytes: hashed, and not kept"
    modified = lru_cache(maxsize=4096)(lambda seconds: quoted(modified_at(seconds)))
    ends = lru_cache(maxsize=None)(row_end)
    for path in paths:
        known, (size, mtime_ns, _) = taken[path], listing.files[path].split(" ", 2)
        yield file_row(
            roots.name_of(path),
            path,
            sha256_in(known),
            size,
            modified(int(mtime_ns) // 10**9),
            ends(kind_and_content_in(known), None if int(size) <= size_cap else too_large),
        )


def unread_entries(intake: Intake, listing: Listing, roots: Roots) -> tuple[Unread, ...]:
    """All that was not taken, ordered by path."""

    def entries(reasons: Mapping[str, str], why: Why) -> Iterable[Unread]:
        for path, reason in reasons.items():
            yield Unread(root=roots.name_of(path), path=path, why=why, reason=reason)

    found = [
        *listing.unread,
        *entries(intake.unreadable, "unreadable"),
        *entries(intake.unsettled, "unsettled"),
    ]
    return tuple(sorted(found, key=lambda entry: entry.path))
