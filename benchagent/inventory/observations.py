"""When which snapshot was seen where: one line per scan in `observations.jsonl`, newest last.

The newest line names the current snapshot. Lines count by their order, not by their clock.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

from benchagent.inventory.snapshots import manifest_path
from benchagent.store import StoreError, append_line, write_atomically

_LONG = 1024 * 1024
_KEPT = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One scan that found a snapshot.

    Attributes:
        at: UTC by our clock, `2026-11-21T21:46:43Z`.
        key: the snapshot.
        place: the roots that were scanned (`Roots.place`).
        files: how many files each root had.
    """

    at: str
    key: str
    place: str
    files: Mapping[str, int]


def observe(out: Path, key: str, place: str, files: Mapping[str, int]) -> None:
    """Make `key` the current snapshot; only under the scan's lock."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    seen = Observation(at=now, key=key, place=place, files=dict(files))
    append_line(_path(out), json.dumps(asdict(seen)))
    if _path(out).stat().st_size > _LONG:
        _shorten(out)


def _shorten(out: Path) -> None:
    """Keep the first and the last of equal observations in a row, and of these the newest."""
    kept: list[Observation] = []
    for _, run in groupby(read_observations(out), key=lambda seen: (seen.key, seen.place)):
        first, *rest = run
        kept += [first, *rest[-1:]]
    lines = (json.dumps(asdict(seen)) + "\n" for seen in kept[-_KEPT:])
    write_atomically(_path(out), "".join(lines))


def read_observations(out: Path) -> tuple[Observation, ...]:
    """All observations, oldest first; a line that a crash cut short is none."""
    try:
        lines = _path(out).read_bytes().splitlines()
    except FileNotFoundError:
        return ()
    return tuple(seen for line in lines if (seen := _observation(line)))


def _observation(line: bytes) -> Observation | None:
    try:
        return Observation(**json.loads(line))
    except (ValueError, TypeError):
        return None


def current_key(out: Path) -> str | None:
    """The snapshot that was seen last and is still there; None before the first."""
    for seen in reversed(read_observations(out)):
        if _is_there(out, seen.key):
            return seen.key
    return None


def _is_there(out: Path, key: str) -> bool:
    try:
        return manifest_path(out, key).exists()
    except StoreError:
        return False


def _path(out: Path) -> Path:
    return out / "observations.jsonl"
