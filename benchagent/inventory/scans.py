"""From roots to the snapshot that they hold now, reading only what has changed.

A scan looks at every file, waits until those that are new have settled, reads them and names the
set. What cannot become a snapshot, since something is still being written or a root lost its
files, is a `NoSnapshot` with the reason in one sentence.
"""

import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchagent.collection import collection_paused
from benchagent.inventory.blobs import prepare_blobs, stored_blobs, sync_blobs
from benchagent.inventory.intake import (
    Intake,
    Plan,
    Progress,
    batches_of,
    manifest_rows,
    plan_intake,
    see_early_again,
    take_in,
    unread_entries,
)
from benchagent.inventory.listing import OUT_MARKER, Listing, count_files, walk
from benchagent.inventory.no_snapshot import NoSnapshot, lost_root, nothing_there, unsettled
from benchagent.inventory.observations import observe, read_observations
from benchagent.inventory.reading import Batch, sha256_in
from benchagent.inventory.rescan import (
    LastScan,
    fingerprint,
    read_last_scan,
    read_memory,
    write_memory,
)
from benchagent.inventory.roots import Roots, require_outside
from benchagent.inventory.second_reader import SecondReader, is_worth_it
from benchagent.inventory.snapshots import (
    Head,
    contents_sha256,
    find_key,
    first_seen,
    manifest_path,
    new_key,
    read_snapshot,
    states_identity,
    write_manifest,
)
from benchagent.inventory.taking import mtime_ns_in
from benchagent.store import (
    FREE_FLOOR,
    StoreError,
    locked,
    make_folder,
    require_free_space,
    write_atomically,
)

SIZE_CAP = 256 * 1024 * 1024
SETTLE_S = 1.0
_MANIFEST_BYTES_PER_FILE = 1000
_JUST_NS = 10 * 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanOptions:
    """How a scan goes about it.

    Attributes:
        rehash: read every file and store it again, whatever is remembered.
        settle_s: a file that the last scan did not see as it is now is read this many seconds
            after it was seen first; None, for a sensor, leaves it to the next scan.
        leave_out_unsettled: take the snapshot without files that are still being written.
        allow_emptied: believe that a root which had files has none.
        size_cap: a file of more bytes is hashed and not stored.
        free_floor: bytes of disk that stay free.
        wait_s: how long to wait for another scan of the same output folder; None is for ever.
    """

    rehash: bool = False
    settle_s: float | None = SETTLE_S
    leave_out_unsettled: bool = False
    allow_emptied: bool = False
    size_cap: int = SIZE_CAP
    free_floor: int = FREE_FLOOR
    wait_s: float | None = None


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
    options: ScanOptions = ScanOptions(),
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
        write_atomically(out / OUT_MARKER, "benchagent writes here and reads no artifacts here.\n")
    lock = locked(out / "locks" / "scan.lock", doing="scanning", wait_s=options.wait_s)
    with lock, collection_paused(), SecondReader(out) as second:
        return _scan(roots, out, options, progress or _silently, second)


def _silently(_done: int, _total: int, _bytes: int) -> None:
    pass


def _scan(
    roots: Roots, out: Path, options: ScanOptions, progress: Progress, second: SecondReader
) -> Scan | NoSnapshot:
    started = time.monotonic()
    last = None if options.rehash else read_last_scan(out, roots.place)

    def start_early(files: int) -> None:
        if last is None and options.settle_s is not None and is_worth_it(files):
            second.start()  # all is to be read; it takes a while to start

    listing = walk(roots.present, start_early)
    seen = fingerprint(listing, options.size_cap)
    if last and last.fingerprint == seen and manifest_path(out, last.key).exists():
        observe(out, last.key, roots.place, last.files)
        return Scan(key=last.key, new=False, files=len(listing.files), files_read=0, bytes_read=0)
    plan = plan_intake(
        listing,
        read_memory(out, roots.place),
        stored_blobs(out),
        size_cap=options.size_cap,
        rehash=options.rehash,
    )
    intake = _begin(plan, started, options)
    try:
        _read(plan, intake, listing, roots, out, options, progress, second)
        result = _conclude(intake, listing, roots, out, options)
    except BaseException:
        # A first scan of a large folder that is stopped half-way goes on from there.
        with suppress(StoreError):
            _remember(intake, listing, out, roots.place, None)
        raise
    last = None
    if isinstance(result, Scan) and not intake.unsettled and not intake.unreadable:
        counts = count_files(roots, intake.taken)
        last = LastScan(fingerprint=seen, key=result.key, files=counts)
    _remember(intake, listing, out, roots.place, last)
    return result


def _begin(plan: Plan, started: float, options: ScanOptions) -> Intake:
    intake = Intake(taken=dict(plan.known))
    if plan.moving and options.settle_s is None:
        how = "the last scan did not see it as it is now"
        intake.unsettled = dict.fromkeys(plan.moving, how)
    elif plan.moving and options.settle_s:
        intake.settles_at = started + options.settle_s
    return intake


def _read(
    plan: Plan,
    intake: Intake,
    listing: Listing,
    roots: Roots,
    out: Path,
    options: ScanOptions,
    progress: Progress,
    second: SecondReader,
) -> None:
    if intake.unsettled and not options.leave_out_unsettled:
        return
    paths = [path for path in plan.to_read if path not in intake.unsettled]
    if not paths:
        return
    waiting = _just_written(plan, listing) if intake.settles_at else set[str]()
    now, later = (
        batches_of([path for path in paths if (path in waiting) is wait], listing, options.size_cap)
        for wait in (False, True)
    )
    needed = sum(batch.to_store for batch in (*now, *later))
    needed += _MANIFEST_BYTES_PER_FILE * len(listing.files)
    require_free_space(out, needed, floor=options.free_floor)
    prepare_blobs(out)

    def take(batches: list[Batch]) -> None:
        take_in(
            batches,
            intake,
            listing,
            roots,
            out,
            second,
            trusted=plan.trusted,
            size_cap=options.size_cap,
            progress=lambda done, size: progress(done, total, size),
        )

    total = len(paths)
    progress(0, total, 0)
    take(now)
    time.sleep(max(0.0, intake.settles_at - time.monotonic()))
    see_early_again(intake, listing, roots)
    take(later)
    progress(total, total, intake.bytes_read)
    sync_blobs(out, intake.written)


def _just_written(plan: Plan, listing: Listing) -> set[str]:
    """Files that are better read when they have settled than before.

    The others are read while we wait and seen again after. Of a file that is written in the same
    tick of a clock in which it is read, its time would not tell. Only this order depends on our
    clock, never whether a file has settled.
    """
    since = time.time_ns() - _JUST_NS
    return {path for path in plan.moving if mtime_ns_in(listing.files[path]) > since}


def _remember(
    intake: Intake, listing: Listing, out: Path, place: str, last: LastScan | None
) -> None:
    sync_blobs(out, intake.written)
    write_memory(out, place, listing, intake.taken, last)


def _conclude(
    intake: Intake, listing: Listing, roots: Roots, out: Path, options: ScanOptions
) -> Scan | NoSnapshot:
    if intake.unsettled and not options.leave_out_unsettled:
        return unsettled(intake.unsettled)
    counts = count_files(roots, intake.taken)
    if not options.allow_emptied and (lost := lost_root(roots, counts, read_observations(out))):
        return lost
    if not intake.taken:
        return nothing_there(roots, intake, listing)
    key, new = _register(intake, listing, roots, out, options)
    observe(out, key, roots.place, counts)
    return Scan(
        key=key,
        new=new,
        files=len(intake.taken),
        files_read=intake.files_read,
        bytes_read=intake.bytes_read,
    )


def _register(
    intake: Intake, listing: Listing, roots: Roots, out: Path, options: ScanOptions
) -> tuple[str, bool]:
    taken = intake.taken
    paths = sorted(taken)
    sha256 = contents_sha256(paths, roots.name_of, lambda path: sha256_in(taken[path]))
    known = find_key(out, sha256)
    key = known or new_key(sha256, datetime.now(UTC))
    if not known or not _is_sound(out, key, sha256, thoroughly=options.rehash):
        head = Head(key, sha256, first_seen(key), roots.missing)
        files = manifest_rows(paths, taken, listing, roots, options.size_cap)
        write_manifest(out, head, files, unread_entries(intake, listing, roots))
    return key, not known


def _is_sound(out: Path, key: str, sha256: str, *, thoroughly: bool) -> bool:
    if not thoroughly:
        return states_identity(out, key, sha256)
    try:
        read_snapshot(out, key)
    except StoreError:
        return False
    return True
