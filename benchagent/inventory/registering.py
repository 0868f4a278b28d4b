"""What a scan saw becomes a snapshot: its identity, its manifest, what it says of each file."""

import heapq
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from benchagent.inventory.listing import Listing, Unread
from benchagent.inventory.manifests import Head, write_manifest
from benchagent.inventory.options import ScanOptions
from benchagent.inventory.outcomes import has_changed, is_read, reason_in
from benchagent.inventory.roots import Roots
from benchagent.inventory.sightings import Sightings
from benchagent.inventory.snapshots import (
    by_name,
    contents_sha256,
    find_key,
    first_seen,
    manifest_path,
    new_key,
    read_snapshot,
    states_identity,
)
from benchagent.inventory.tallying import Tally, identified, is_composed
from benchagent.store import StoreError


def register(
    seen: Sightings,
    tally: Tally,
    unread: Iterable[Unread],
    roots: Roots,
    out: Path,
    options: ScanOptions,
) -> tuple[str, bool]:
    """The key of what was seen, and whether it is new; its manifest is then in its place."""
    sha256 = _sha256(seen, tally, roots)
    known = find_key(out, sha256)
    key = known or new_key(sha256, datetime.now(UTC))
    if not known or not _is_sound(out, key, sha256, thoroughly=options.rehash):
        head = Head(key, sha256, first_seen(key), roots.missing)
        write_manifest(manifest_path(out, key), head, tally.listed, unread)
    return key, not known


def _sha256(seen: Sightings, tally: Tally, roots: Roots) -> str:
    """The identity of what was taken; where a path is not in NFC, by another pass."""
    if not tally.decomposed:
        return tally.identity.sha256()
    taken = (row for row in seen if is_read(row[2]) and is_composed(row[0]))
    rest = (content for row in taken for content in identified([row], roots))
    return contents_sha256(heapq.merge(rest, sorted(tally.decomposed, key=by_name), key=by_name))


def _is_sound(out: Path, key: str, sha256: str, *, thoroughly: bool) -> bool:
    if not thoroughly:
        return states_identity(out, key, sha256)
    try:
        read_snapshot(out, key)
    except StoreError:
        return False
    return True


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
