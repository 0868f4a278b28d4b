"""What the columns of files of one shape hold, as a model proposed it or as a person says it."""

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Final

PREFIX: Final = "columns-"


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedColumn:
    """One column and what it is said to hold.

    Attributes:
        unit: as people write it (`s`).
        counts: whether its numbers are measurements; else they only bear others out.
        definition: how the source computes it, where the numbers show it.
    """

    column: str
    metric: str
    unit: str
    counts: bool
    definition: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnMapping:
    """How files of one shape are to be read.

    Attributes:
        shape: of the files (`Rows.shape`).
        identities: names of those that their numbers have to keep.
        subject: the column that names what was measured; None where no column does.
        settings: columns that say under what it was measured, taken as they stand.
    """

    shape: str
    columns: tuple[MappedColumn, ...]
    identities: tuple[str, ...]
    subject: str | None = None
    settings: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name of its format; mappings that differ in anything have different names."""
        return PREFIX + _digest(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidColumns:
    """What a person says that columns of files of one shape hold.

    Attributes:
        shape: of the files (`Rows.shape`).
        holds: each column and what it holds (`formats.tables.said_columns`).
    """

    shape: str
    holds: tuple[tuple[str, str], ...]

    @property
    def name(self) -> str:
        """Different for what differs in anything."""
        return "said-" + _digest(self)


def _digest(mapping: ColumnMapping | SaidColumns) -> str:
    said = json.dumps(asdict(mapping), sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(said.encode()).hexdigest()[:12]
