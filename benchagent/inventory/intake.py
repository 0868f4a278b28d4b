"""The files of a listing, taken into the store: those that are remembered unread, the others read."""

import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from benchagent.inventory.listing import (
    Listing,
    SourceFile,
    Unread,
    Why,
    modified_at,
    source_paths,
)
from benchagent.inventory.reading import Fresh, Outcome, Read, ToRead, read_files
from benchagent.inventory.rescan import Remembered
from benchagent.inventory.roots import Roots
from benchagent.inventory.second_reader import SecondReader, is_worth_it
from benchagent.inventory.taking import (
    Changed,
    NotStored,
    Stamp,
    see_again,
    size_in,
)
from benchagent.store import explained

Progress = Callable[[int, int, int], object]
Done = Callable[[int, int], object]

_PROGRESS_S = 0.1
# Two batches are under way to the second process at a time; the answer to one fits into a pipe.
_BATCH_FILES = 100
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
    read_before = {old.read.sha256 for old in memory.values() if old.read}
    plan = Plan(
        known={}, to_read=[], moving=set(), trusted=set() if rehash else read_before & set(stored)
    )
    for path, stamp in listing.files.items():
        old = memory.get(path)
        if old and old.stamp == stamp and not rehash and old.read:
            if old.read.sha256 in plan.trusted or size_in(stamp) > size_cap:
                plan.known[path] = old.read
                continue
        elif old is None or _settling(old.stamp) != _settling(stamp):
            plan.moving.add(path)
        plan.to_read.append(path)
    return plan


def _settling(stamp: Stamp) -> list[str]:
    """What must hold still: size and time of modification."""
    return stamp.split(" ", 2)[:2]


def take_in(
    paths: Sequence[str],
    intake: Intake,
    listing: Listing,
    roots: Roots,
    out: Path,
    *,
    trusted: Collection[str],
    size_cap: int,
    progress: Done,
) -> None:
    """Read the files at `paths` into `intake`, storing what is neither `trusted` nor too large.

    The output folder was made ready by `prepare_blobs`.
    """
    stamps = listing.files

    def find(batch: Iterable[str]) -> list[ToRead]:
        sizes = map(size_in, map(stamps.__getitem__, batch))
        return [
            ToRead(path, source, stamps[path], size, size <= size_cap)
            for (path, source), size in zip(source_paths(listing, roots, batch), sizes, strict=True)
        ]

    queue = deque(_batches(paths, listing))
    reading = _Reading(out, queue, find, set(trusted), intake, listing, _Shown(progress))
    if is_worth_it(len(paths), sum(size_in(stamps[path]) for path in paths)):
        with SecondReader(out, trusted, queue, find) as second:
            try:
                while queue:
                    reading.work_off(second)
                    second.wait()
            finally:
                reading.sort_in_answered(second)
    else:
        reading.work_off(None)


def see_early_again(intake: Intake, listing: Listing, roots: Roots) -> None:
    """Take out again what was read early and has changed since."""
    early = (path for path in intake.early if path in intake.taken)
    for path, source in source_paths(listing, roots, early):
        if changed := see_again(source, listing.files[path]):
            del intake.taken[path]
            intake.unsettled[path] = changed.how
    intake.early.clear()


def _batches(paths: Sequence[str], listing: Listing) -> Iterator[list[str]]:
    """Paths in their order, in batches of files that take some hundredths of a second."""
    batch: list[str] = []
    size = 0
    for path in paths:
        batch.append(path)
        size += size_in(listing.files[path])
        if len(batch) == _BATCH_FILES or size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


class _Reading(NamedTuple):
    """The reading of files by this process, and what the second one gave."""

    out: Path
    queue: deque[list[str]]
    find: Callable[[Iterable[str]], list[ToRead]]
    have: set[str]
    intake: Intake
    listing: Listing
    shown: "_Shown"

    def work_off(self, second: SecondReader | None) -> None:
        """Read batches until the queue is empty."""
        while self.queue:
            with suppress(IndexError):  # the second reader took the last one
                self._read(self.queue.popleft())
            if second:
                self.sort_in_answered(second)

    def _read(self, batch: list[str]) -> None:
        begun_at = time.monotonic()
        try:
            outcomes = list(read_files(str(self.out), self.find(batch), self.have))
        except NotStored as error:
            with explained(self.out):
                raise error.__cause__ or error from None
        self._sort_in(batch, outcomes, begun_at)

    def sort_in_answered(self, second: SecondReader) -> None:
        """Take over what the second process has read."""
        for batch, asked_at, outcomes in second.take_answered():
            self._sort_in(batch, outcomes, asked_at)

    def _sort_in(self, batch: Sequence[str], outcomes: Sequence[Outcome], begun_at: float) -> None:
        intake, stamps = self.intake, self.listing.files
        if begun_at < intake.settles_at:
            intake.early += batch
        for path, outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, Fresh):
                intake.taken[path] = outcome.read
                if outcome.written:
                    intake.written.add(outcome.read.sha256)
            elif isinstance(outcome, Changed):
                intake.unsettled[path] = outcome.how
            else:
                intake.unreadable[path] = f"cannot be read: {outcome.why}"
        intake.files_read += len(batch)
        intake.bytes_read += sum(size_in(stamps[path]) for path in batch)
        self.shown.tell(intake)


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


def source_files(
    taken: Mapping[str, Read], listing: Listing, roots: Roots, size_cap: int
) -> Iterator[SourceFile]:
    """What was taken, as the files of a snapshot, ordered by path; made one by one."""
    too_large = f"larger than {size_cap:,} bytes: hashed, and not kept"
    times = lru_cache(maxsize=4096)(modified_at)
    for path in sorted(taken):
        read, stamp = taken[path], listing.files[path]
        size_text, mtime_ns, _ = stamp.split(" ", 2)
        size = int(size_text)
        retained = size <= size_cap
        yield SourceFile(
            root=roots.name_of(path),
            path=path,
            sha256=read.sha256,
            size=size,
            modified_at=times(int(mtime_ns) // 10**9),
            kind=read.kind,
            content=read.content,
            retained=retained,
            reason=None if retained else too_large,
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
