"""The files of a listing, taken into the store: those that are remembered unread, the others read."""

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchagent.inventory.blobs import Changed, Stamp, Taken, Unreadable, prepare_blobs, take_file
from benchagent.inventory.listing import (
    Listing,
    SourceFile,
    Unread,
    Why,
    classify,
    modified_at,
    source_path,
)
from benchagent.inventory.rescan import Read, Remembered
from benchagent.inventory.roots import Roots

Progress = Callable[[int, int, int], object]

_PROGRESS_S = 0.1


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
    moving: list[str]
    trusted: set[str]


@dataclass(slots=True, kw_only=True)
class Intake:
    """What reading gave so far: each file ends up in one of the first three, by path."""

    taken: dict[str, Remembered]
    unreadable: dict[str, str] = field(default_factory=dict[str, str])
    unsettled: dict[str, str] = field(default_factory=dict[str, str])
    written: set[str] = field(default_factory=set[str])
    files_read: int = 0
    bytes_read: int = 0


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
        known={}, to_read=[], moving=[], trusted=set() if rehash else read_before & set(stored)
    )
    for path, stamp in listing.files.items():
        old = memory.get(path)
        if old and old.stamp == stamp and not rehash and old.read:
            if stamp.size > size_cap or old.read.sha256 in plan.trusted:
                plan.known[path] = old
                continue
        elif old is None or old.stamp[:2] != stamp[:2]:
            plan.moving.append(path)
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
    progress: Progress,
) -> None:
    """Read the files at `paths` into `intake`, storing what is neither `trusted` nor too large."""
    if not paths:
        return
    prepare_blobs(out)
    have = set(trusted)
    shown = time.monotonic()
    progress(0, len(paths), 0)
    for path in paths:
        stamp = listing.files[path]
        outcome = take_file(
            out,
            source_path(listing, roots, path),
            stamp,
            retain=stamp.size <= size_cap,
            trusted=have,
        )
        _sort_in(path, stamp, outcome, intake)
        if isinstance(outcome, Taken):
            have.add(outcome.sha256)
        if time.monotonic() - shown > _PROGRESS_S:
            progress(intake.files_read, len(paths), intake.bytes_read)
            shown = time.monotonic()
    progress(len(paths), len(paths), intake.bytes_read)


def _sort_in(
    path: str, stamp: Stamp, outcome: Taken | Changed | Unreadable, intake: Intake
) -> None:
    intake.files_read += 1
    intake.bytes_read += stamp.size
    match outcome:
        case Taken(sha256, head, written):
            intake.taken[path] = Remembered(stamp, Read(sha256, *classify(path, head)))
            if written:
                intake.written.add(sha256)
        case Changed(how):
            intake.unsettled[path] = how
        case Unreadable(why):
            intake.unreadable[path] = f"cannot be read: {why}"


def source_files(
    taken: Mapping[str, Remembered], roots: Roots, size_cap: int
) -> tuple[SourceFile, ...]:
    """What was taken, as the files of a snapshot, ordered by path."""
    return tuple(
        _source_file(path, taken[path], roots.name_of(path), size_cap) for path in sorted(taken)
    )


def _source_file(path: str, file: Remembered, root: str, size_cap: int) -> SourceFile:
    stamp, read = file
    assert read  # what was taken was read
    retained = stamp.size <= size_cap
    too_large = f"larger than {size_cap:,} bytes: hashed, and not kept"
    return SourceFile(
        root=root,
        path=path,
        sha256=read.sha256,
        size=stamp.size,
        modified_at=modified_at(stamp.mtime_ns),
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
