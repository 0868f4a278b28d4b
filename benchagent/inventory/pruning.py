"""Old snapshots retired, and the content that no other snapshot holds.

A retired snapshot first loses its name, so that a crash at any moment leaves whole snapshots and
perhaps some rubbish, which the next prune removes.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from benchagent.inventory.blobs import mend_blobs, remove_blobs, stored_blobs
from benchagent.inventory.observations import current_key, read_observations
from benchagent.inventory.snapshots import list_snapshots, read_snapshot, snapshot_folder
from benchagent.store import explained, locked, remove_folder, sync_folder

_RETIRED = ".retired-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """What was removed: snapshots, blobs and their bytes."""

    keys: tuple[str, ...]
    blobs: int
    bytes_freed: int


def retired_keys(out: Path, *, keep: int, in_use: Collection[str]) -> tuple[str, ...]:
    """The snapshots that `prune` would retire: all but the `keep` seen last and those in use."""
    ranks = {seen.key: rank for rank, seen in enumerate(read_observations(out))}
    # One that was registered and, by a crash, never observed counts as older than all others.
    by_age = sorted(list_snapshots(out), key=lambda key: (ranks.get(key, -1), key), reverse=True)
    spared = {*by_age[: max(keep, 0)], *in_use, current_key(out)}
    return tuple(sorted(key for key in by_age if key not in spared))


def prune(
    out: Path,
    *,
    keep: int,
    in_use: Callable[[], Collection[str]] = tuple,
    forget: Callable[[Collection[str]], object] = tuple,
) -> Pruned:
    """Retire old snapshots with all that belongs to them, and content that none holds any more.

    Args:
        out: the output folder.
        keep: how many snapshots to keep, counted from the one seen last.
        in_use: gives keys to keep besides, asked when no scan is waited for any more; the current
            snapshot is always kept.
        forget: given the keys that go, before they do: where this is killed in between, the next
            retirement finds their files and gives the same keys.

    Raises:
        SnapshotDamaged: a snapshot to keep cannot be read, so its content is not known; nothing
            was removed.
    """
    with locked(out / "locks" / "scan.lock", doing="scanning"):
        keys = retired_keys(out, keep=keep, in_use=in_use())
        kept = {
            file.sha256
            for key in list_snapshots(out)
            if key not in keys
            for file in read_snapshot(out, key).files
        }
        forget(keys)
        _retire(out, keys)
        orphans = stored_blobs(out) - kept
        freed = remove_blobs(out, orphans)
        mend_blobs(out)
    return Pruned(keys=keys, blobs=len(orphans), bytes_freed=freed)


def _retire(out: Path, keys: Collection[str]) -> None:
    with explained(out):
        for key in keys:
            folder = snapshot_folder(out, key)
            folder.rename(folder.with_name(_RETIRED + key))
        if (out / "snapshots").exists():
            sync_folder(out / "snapshots")
            for folder in (out / "snapshots").glob(f"{_RETIRED}*"):
                remove_folder(folder)
