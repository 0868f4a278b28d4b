"""The files of a listing, taken into the store: those that are remembered unread, the others read."""

import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from benchagent.inventory.blobs import Changed, see_again
from benchagent.inventory.listing import (
    Listing,
    SourceFile,
    Unread,
    Why,
    modified_at,
    source_paths,
)
from benchagent.inventory.reading import Fresh, Outcome, ToRead, read_files
from benchagent.inventory.rescan import Remembered
from benchagent.inventory.roots import Roots
from benchagent.inventory.second_reader import SecondReader, is_worth_it

Progress = Callable[[int, int, int], object]
Done = Callable[[int, int], object]

_PROGRESS_S = 0.1
_BATCH_FILES = 250
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

    known: dict[str, Remembered]
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

    taken: dict[str, Remembered]
    unreadable: dict[str, str] = field(default_factory=dict[str, str])
    unsettled: dict[str, str] = field(default_factory=dict[str, str])
    written: set[str] = field(default_factory=set[str])
    files_read: int = 0
    bytes_read: int = 0
    settles_at: float = 0.0
    early: list[ToRead] = field(default_factory=list[ToRead])


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
            if stamp.size > size_cap or old.read.sha256 in plan.trusted:
                plan.known[path] = old
                continue
        elif old is None or old.stamp[:2] != stamp[:2]:
            plan.moving.add(path)
        plan.to_read.append(path)
    return plan


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
    files = [
        ToRead(path, source, stamp, stamp.size <= size_cap)
        for path, source in source_paths(listing, roots, paths)
        for stamp in (listing.files[path],)
    ]
    queue = deque(_batches(files))
    shown = _Shown(progress)
    if is_worth_it(files):
        with SecondReader(out, trusted, queue) as second:
            try:
                while queue:
                    _read_queue(out, queue, intake, set(trusted), shown, second)
                    second.wait()
            finally:
                _sort_in_answered(second, intake)
    else:
        _read_queue(out, queue, intake, set(trusted), shown, None)


def see_early_again(intake: Intake) -> None:
    """Take out again what was read early and has changed since."""
    for file in intake.early:
        if file.path in intake.taken and (changed := see_again(file.source, file.stamp)):
            del intake.taken[file.path]
            intake.unsettled[file.path] = changed.how
    intake.early.clear()


def _batches(files: Sequence[ToRead]) -> Iterator[list[ToRead]]:
    """Files in their order, in batches that take some hundredths of a second."""
    batch: list[ToRead] = []
    size = 0
    for file in files:
        batch.append(file)
        size += file.stamp.size
        if len(batch) == _BATCH_FILES or size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _read_queue(
    out: Path,
    queue: deque[list[ToRead]],
    intake: Intake,
    have: set[str],
    shown: "_Shown",
    second: SecondReader | None,
) -> None:
    while queue:
        with suppress(IndexError):  # the second reader took the last one
            batch = queue.popleft()
            for file, outcome in zip(batch, read_files(out, batch, have), strict=True):
                now = time.monotonic()
                _sort_in(file, outcome, intake, now)
                shown.tell(intake, now)
        if second:
            _sort_in_answered(second, intake)


def _sort_in_answered(second: SecondReader, intake: Intake) -> None:
    for batch, asked_at, outcomes in second.take_answered():
        for file, outcome in zip(batch, outcomes, strict=True):
            _sort_in(file, outcome, intake, asked_at)


def _sort_in(file: ToRead, outcome: Outcome, intake: Intake, at: float) -> None:
    if at < intake.settles_at:
        intake.early.append(file)
    intake.files_read += 1
    intake.bytes_read += file.stamp.size
    if isinstance(outcome, Fresh):
        intake.taken[file.path] = Remembered(file.stamp, outcome.read)
        if outcome.written:
            intake.written.add(outcome.read.sha256)
    elif isinstance(outcome, Changed):
        intake.unsettled[file.path] = outcome.how
    else:
        intake.unreadable[file.path] = f"cannot be read: {outcome.why}"


class _Shown:
    """Progress, told ten times a second."""

    def __init__(self, progress: Done) -> None:
        self._progress, self._last = progress, time.monotonic()

    def tell(self, intake: Intake, now: float) -> None:
        if now - self._last > _PROGRESS_S:
            self._progress(intake.files_read, intake.bytes_read)
            self._last = now


def source_files(
    taken: Mapping[str, Remembered], roots: Roots, size_cap: int
) -> tuple[SourceFile, ...]:
    """What was taken, as the files of a snapshot, ordered by path."""
    too_large = f"larger than {size_cap:,} bytes: hashed, and not kept"
    times = lru_cache(maxsize=4096)(modified_at)

    def source_file(path: str) -> SourceFile:
        stamp, read = taken[path]
        assert read  # what was taken was read
        retained = stamp.size <= size_cap
        return SourceFile(
            root=roots.name_of(path),
            path=path,
            sha256=read.sha256,
            size=stamp.size,
            modified_at=times(stamp.mtime_ns // 10**9),
            kind=read.kind,
            content=read.content,
            retained=retained,
            reason=None if retained else too_large,
        )

    return tuple(map(source_file, sorted(taken)))


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
