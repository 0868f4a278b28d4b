"""The files of a snapshot as its listing tells them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
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
