"""The files of a snapshot as its listing tells them, and how a report may ask for them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import PurePosixPath

import pyarrow as pa


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedFile:
    """One file of the data."""

    path: str
    kind: str
    size: int
    modified_at: datetime | None
    n_measurements: int
    duplicate_of: str | None

    @property
    def name(self) -> str:
        """Without its folders."""
        return PurePosixPath(self.path).name


@dataclass(frozen=True, slots=True, kw_only=True)
class FileIndex:
    """What a report asks of the files again and again.

    Attributes:
        roots: the first parts of their paths.
        by_stem: the paths of files and folders by what they are called up to a dot, lower case.
        latest: when the newest file of each kind was modified.
        modified_days: on which days files were.
    """

    roots: frozenset[str]
    by_stem: Mapping[str, tuple[str, ...]]
    latest: Mapping[str, datetime]
    modified_days: frozenset[date]


def index_files(files: Iterable[ListedFile]) -> FileIndex:
    """These files, indexed."""
    files = tuple(files)
    by_stem: dict[str, dict[str, None]] = defaultdict(dict)
    latest: dict[str, datetime] = {}
    for file in files:
        for stem in _stems_of(file.path.lower()):
            by_stem[stem][file.path] = None
        if file.modified_at:
            latest[file.kind] = max(latest.get(file.kind, file.modified_at), file.modified_at)
    return FileIndex(
        roots=frozenset(file.path.partition("/")[0] for file in files),
        by_stem={stem: tuple(paths) for stem, paths in by_stem.items()},
        latest=latest,
        modified_days=frozenset(file.modified_at.date() for file in files if file.modified_at),
    )


def _stems_of(path: str) -> Iterator[str]:
    """Of `runs/a.b.json` both `a` and `a.b`."""
    for part in path.split("/"):
        pieces = part.split(".")
        for end in range(1, len(pieces)):
            yield ".".join(pieces[:end])


def list_files(files: pa.Table) -> Iterator[ListedFile]:
    for row in files.to_pylist():
        if row.get("why") is None:
            yield ListedFile(
                path=row["path"],
                kind=row["kind"] or "other",
                size=row["size"] or 0,
                modified_at=_moment(row["modified_at"]),
                n_measurements=row["n_measurements"] or 0,
                duplicate_of=row["duplicate_of"],
            )


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    return (moment.astimezone(UTC) if moment.tzinfo else moment).replace(tzinfo=None)
