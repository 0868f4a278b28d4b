"""How many files, of which kinds, and what became of each."""

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pyarrow as pa

from benchagent.facts.fact import About, Evidence, Fact
from benchagent.wording import quoted

# What the first bytes look like, by the kind that a file's name promises.
_KEPT_PROMISES = {"json": ("json",), "csv": ("text",), "md": ("text", "json")}


class ListedFile(NamedTuple):
    """One row of `Evidence.files`."""

    path: str
    root: str
    kind: str
    modified_at: float | None
    n_measurements: int
    n_failed: int
    reason_code: str | None
    reason: str | None
    duplicate_of: str | None
    content: str | None


def read_files(files: pa.Table) -> tuple[ListedFile, ...]:
    """The listing of a snapshot, by path; `root` is the first part of a path unless it is given."""
    rows = (_read_file(row) for row in files.to_pylist())
    return tuple(sorted(rows, key=lambda file: file.path))


def _read_file(row: dict[str, Any]) -> ListedFile:
    path = row["path"]
    folder = path.partition("/")[0] if "/" in path else ""
    return ListedFile(
        path=path,
        root=row.get("root") or folder,
        kind=row.get("kind") or "other",
        modified_at=_seconds(row.get("modified_at")),
        n_measurements=row.get("n_measurements") or 0,
        n_failed=row.get("n_failed") or 0,
        reason_code=row.get("reason_code"),
        reason=row.get("reason"),
        duplicate_of=row.get("duplicate_of"),
        content=row.get("content"),
    )


def _seconds(moment: object) -> float | None:
    """A modification time in seconds since the epoch; a time without offset is UTC."""
    if moment is None or isinstance(moment, int | float):
        return moment
    when = moment if isinstance(moment, datetime) else datetime.fromisoformat(str(moment))
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()


def count_of(
    what: str,
    unit: str,
    label: str,
    sources: Iterable[str],
    *,
    of: str | None = None,
    about: About = "corpus",
) -> Fact:
    """A count of files or runs by name; the same name twice counts once."""
    named = tuple(sorted(set(sources)))
    return Fact(
        kind="count",
        label=label,
        value=len(named),
        unit=unit,
        about=about,
        of=of,
        statistic=what,
        method="count",
        sources=named,
    )


def count_files(evidence: Evidence) -> Iterator[Fact]:
    """Counts of files, and the latest modification of one."""
    files = read_files(evidence.files)
    yield count_of("files", "files", "files in the snapshot", (file.path for file in files))
    yield from _count_by(files, "files-of-kind", "files of the kind", lambda file: file.kind)
    yield from _count_by(files, "files-in-root", "files in the root", lambda file: file.root)
    for root in sorted(set(evidence.missing_roots)):
        label = f"files in the missing root {quoted(root)}"
        yield count_of("files-in-missing-root", "files", label, (), of=root)
    yield from _count_outcomes(evidence, files)
    yield from _latest_modification(files)


def _count_by(
    files: Iterable[ListedFile], what: str, label: str, part: Callable[[ListedFile], str]
) -> Iterator[Fact]:
    parts: dict[str, list[str]] = defaultdict(list)
    for file in files:
        parts[part(file)].append(file.path)
    for name, paths in sorted(parts.items()):
        yield count_of(what, "files", f"{label} {quoted(name)}", paths, of=name)


def _count_outcomes(evidence: Evidence, files: tuple[ListedFile, ...]) -> Iterator[Fact]:
    silent = [file for file in files if not (file.n_measurements or file.n_failed)]
    read = [file.path for file in files if file.n_measurements]
    yield count_of("files-with-measurements", "files", "files that gave measurements", read)
    yield count_of(
        "files-without-measurements",
        "files",
        "files that gave neither measurements nor failed runs",
        (file.path for file in silent),
    )
    yield from _count_by(
        [file for file in silent if file.reason],
        "files-by-reason",
        "files without measurements, listed as",
        lambda file: file.reason or "",
    )
    copies = [file.path for file in files if file.duplicate_of]
    yield count_of("duplicate-files", "files", "files that repeat another one exactly", copies)
    originals = [file.duplicate_of for file in files if file.duplicate_of]
    yield count_of("duplicated-files", "files", "files that another one repeats", originals)
    yield count_of(
        "misnamed-files",
        "files",
        "files whose content is not what their name says",
        (file.path for file in files if is_misnamed(file) and not _is_damaged(file)),
    )
    yield count_of(
        "unknown-formats",
        "files",
        "files of no known format",
        (file.path for file in silent if file.reason_code == "unknown-format"),
    )
    yield count_of(
        "unreadable-files",
        "files",
        "files that could not be read as what they are",
        [
            *(file.path for file in silent if _is_damaged(file)),
            *evidence.unreadable,
        ],
    )
    collisions = sorted(_colliding(file.path for file in files))
    label = "files whose names differ only in case or in how characters are composed"
    yield count_of("colliding-names", "files", label, collisions)


def _is_damaged(file: ListedFile) -> bool:
    return file.reason_code == "unreadable"


def is_misnamed(file: ListedFile) -> bool:
    """Whether the first bytes of a file are something else than its name promises."""
    promised = _KEPT_PROMISES.get(file.kind)
    return promised is not None and file.content is not None and file.content not in promised


def _colliding(paths: Iterable[str]) -> Iterator[str]:
    folded: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        folded[unicodedata.normalize("NFC", path).casefold()].append(path)
    for alike in folded.values():
        if len(alike) > 1:
            yield from alike


def _latest_modification(files: tuple[ListedFile, ...]) -> Iterator[Fact]:
    dated = [(file.modified_at, file.path) for file in files if file.modified_at is not None]
    if dated:
        latest, path = max(dated)
        yield Fact(
            kind="time",
            label="latest modification of a file, as the file system tells it",
            value=latest,
            unit="utc",
            statistic="latest-modification",
            method="latest",
            sources=(path,),
        )
