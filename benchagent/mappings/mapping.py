"""A reading of files of one shape: which column holds which metric, in which unit."""

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
        said = json.dumps(asdict(self), sort_keys=True, ensure_ascii=True)
        return PREFIX + hashlib.sha256(said.encode()).hexdigest()[:12]
