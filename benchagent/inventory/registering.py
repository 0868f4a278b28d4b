"""What a scan saw becomes a snapshot: its identity, its manifest, what it says of each file."""

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from unicodedata import is_normalized

from benchagent.inventory.listing import Listing, Unread, modified_at
from benchagent.inventory.options import ScanOptions
from benchagent.inventory.outcomes import (
    has_changed,
    is_read,
    kind_and_content_in,
    reason_in,
    sha256_in,
)
from benchagent.inventory.roots import Roots
from benchagent.inventory.sightings import Row, Sightings
from benchagent.inventory.snapshots import (
    Head,
    Identified,
    by_name,
    contents_sha256,
    file_row,
    find_key,
    first_seen,
    new_key,
    quoted,
    read_snapshot,
    row_end,
    states_identity,
    write_manifest,
)
from benchagent.store import StoreError

_FEW = 100


@dataclass(slots=True, kw_only=True)
class Tally:
    """How the files of a scan fared.

    Attributes:
        taken: how many files with content each root has.
        decomposed: of those whose path is not in NFC, what goes into the identity; they are few.
        unreadable: how many could not be read.
        unsettled: how many did not hold still.
        how_changed: what was seen of the first of them, by path.
    """

    taken: Counter[str] = field(default_factory=Counter[str])
    decomposed: list[Identified] = field(default_factory=list[Identified])
    unreadable: int = 0
    unsettled: int = 0
    how_changed: dict[str, str] = field(default_factory=dict[str, str])


def tally_of(seen: Iterable[Row], roots: Roots) -> Tally:
    """Count what a scan saw."""
    tally = Tally(taken=Counter({root.name: 0 for root in roots.present}))
    tally.taken.update(map(roots.name_of, _taken(seen, roots, tally)))
    return tally


def _taken(seen: Iterable[Row], roots: Roots, tally: Tally) -> Iterator[str]:
    """The paths of what was taken; the others are counted."""
    for path, _, outcome in seen:
        if is_read(outcome):
            if not _is_composed(path):
                tally.decomposed.append((roots.name_of(path), path, sha256_in(outcome)))
            yield path
        elif has_changed(outcome):
            tally.unsettled += 1
            if tally.unsettled <= _FEW:
                tally.how_changed[path] = reason_in(outcome)
        else:
            tally.unreadable += 1


def register(
    seen: Sightings,
    tally: Tally,
    unread: Iterable[Unread],
    roots: Roots,
    out: Path,
    options: ScanOptions,
) -> tuple[str, bool]:
    """The key of what was seen, and whether it is new; its manifest is then in its place."""
    sha256 = contents_sha256(_contents(seen, tally, roots))
    known = find_key(out, sha256)
    key = known or new_key(sha256, datetime.now(UTC))
    if not known or not _is_sound(out, key, sha256, thoroughly=options.rehash):
        head = Head(key, sha256, first_seen(key), roots.missing)
        write_manifest(out, head, _manifest_rows(seen, roots, options.size_cap), unread)
    return key, not known


def _contents(seen: Sightings, tally: Tally, roots: Roots) -> Iterator[Identified]:
    """What was taken, ordered `by_name`: as it was seen, but for paths that are not in NFC."""
    rest = (
        (roots.name_of(path), path, sha256_in(outcome))
        for path, _, outcome in seen
        if is_read(outcome) and _is_composed(path)
    )
    return heapq.merge(rest, sorted(tally.decomposed, key=by_name), key=by_name)


def _is_composed(path: str) -> bool:
    return path.isascii() or is_normalized("NFC", path)


def _is_sound(out: Path, key: str, sha256: str, *, thoroughly: bool) -> bool:
    if not thoroughly:
        return states_identity(out, key, sha256)
    try:
        read_snapshot(out, key)
    except StoreError:
        return False
    return True


def _manifest_rows(seen: Sightings, roots: Roots, size_cap: int) -> Iterator[str]:
    """What was taken, as the files of a manifest; made one by one."""
    too_large = f"larger than {size_cap:,} bytes: hashed, and not kept"
    modified = lru_cache(maxsize=4096)(lambda seconds: quoted(modified_at(seconds)))
    ends = lru_cache(maxsize=None)(row_end)
    for path, stamp, outcome in seen:
        if is_read(outcome):
            size, mtime_ns, _ = stamp.split(" ", 2)
            yield file_row(
                roots.name_of(path),
                path,
                sha256_in(outcome),
                size,
                modified(int(mtime_ns) // 10**9),
                ends(kind_and_content_in(outcome), None if int(size) <= size_cap else too_large),
            )


def unread_entries(
    seen: Sightings, tally: Tally, listing: Listing, roots: Roots
) -> tuple[Unread, ...]:
    """All that was not taken, ordered by path."""
    found = list(listing.unread)
    for path, _, outcome in seen if tally.unreadable or tally.unsettled else ():
        if not is_read(outcome):
            why = "unsettled" if has_changed(outcome) else "unreadable"
            root, reason = roots.name_of(path), reason_in(outcome)
            found.append(Unread(root=root, path=path, why=why, reason=reason))
    return tuple(sorted(found, key=lambda entry: entry.path))
