"""An evidence file: what the writer of a report knew beside the data.

Its values are known by their names alone. A name is read as a column's name would be; a value
that stands in a file of the data too has the unit and the origin that it has there.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from benchagent.formats.tables.columns import read_column
from benchagent.verification.claims import Source
from benchagent.verification.evidence.datums import Datum, DatumIndex, words_of
from benchagent.verification.text.names import find_paths

_COUNT: Final = re.compile(r"(\w+) files\s*\((\d[\d,]*)\)", re.IGNORECASE)
_TOTAL: Final = re.compile(r"total files[^:\n]*:\s*(\d[\d,]*)", re.IGNORECASE)
_LATEST: Final = re.compile(
    r"latest modif\w*:?\s*(\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d)?)", re.IGNORECASE
)
_KINDS: Final = {"markdown": "md", "md": "md", "csv": "csv", "json": "json"}
_DIGITS: Final = 1e-7


class EvidenceError(ValueError):
    """An evidence file that cannot be read; says where and what was expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What a printed file listing says; empty where there is none."""

    total: int | None = None
    counts: Mapping[str, int] = field(default_factory=dict[str, int])
    latest: Mapping[str, datetime] = field(default_factory=dict[str, datetime])
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the writer of one report knew beside the data."""

    as_of: datetime | None = None
    listing: Listing = Listing()
    values: Mapping[str, float] = field(default_factory=dict[str, float])
    source: str = ""


def read_known(path: Path) -> Known:
    """An evidence file.

    Raises:
        EvidenceError: it is no JSON object of `as_of`, `listing` and `values`.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EvidenceError(
            f"{path}: {error}, expected JSON with as_of, listing, values"
        ) from error
    if not isinstance(found, dict):
        raise EvidenceError(f"{path}: found {type(found).__name__}, expected a JSON object")
    return Known(
        as_of=_read_moment(path, found.get("as_of")),
        listing=read_listing(str(found.get("listing") or "")),
        values=dict(_read_values(found.get("values") or {})),
        source=path.name,
    )


def _read_moment(path: Path, text: object) -> datetime | None:
    if text is None:
        return None
    plain = re.sub(r"(\.\d{1,6})\d*", r"\1", str(text)).replace("Z", "+00:00")
    try:
        moment = datetime.fromisoformat(plain)
    except ValueError as error:
        raise EvidenceError(f"{path}: as_of is {text!r}, expected an ISO 8601 time") from error
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _read_values(values: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    for name, value in values.items():
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield name, float(value)


def read_listing(text: str) -> Listing:
    """Counts, latest modifications and paths of a listing printed for people."""
    counts: dict[str, int] = {}
    latest: dict[str, datetime] = {}
    kind = ""
    total = _TOTAL.search(text)
    for line in text.splitlines():
        if match := _COUNT.search(line):
            kind = _KINDS.get(match[1].lower(), match[1].lower())
            counts[kind] = int(match[2].replace(",", ""))
        if match := _LATEST.search(line):
            latest[kind] = datetime.fromisoformat(match[1])  # UTC, as the listing says
    paths = tuple(name.text for line in text.splitlines() for name in find_paths(line))
    number = int(total[1].replace(",", "")) if total else None
    return Listing(total=number, counts=counts, latest=latest, paths=paths)


def datums_of_values(known: Known, data: DatumIndex) -> Iterator[Datum]:
    """Each named value as a datum, with what its name and its origin in the data tell of it."""
    for name, value in known.values.items():
        words = words_of(name)
        leaf = re.split(r"[.\]]", name)[-1] or name
        meaning = read_column(re.sub(r"^(?:csv|json|markdown|md)_", "", leaf))
        scaled = _scaled(value, meaning.unit.exponent if meaning and meaning.unit else 0)
        near = abs(scaled) * _DIGITS
        origins = [
            datum
            for datum in data.between(scaled - near, scaled + near)
            if datum.origin == "measured"
        ]
        exact = origins if len(f"{value:.12g}".replace(".", "").strip("0")) >= 6 else []
        first = exact[0] if exact else None
        statistic = _statistic(words, meaning.statistic if meaning else "value", first)
        yield Datum(
            value=scaled,
            unit=meaning.unit.canonical
            if meaning and meaning.unit
            else first.unit
            if first
            else None,
            metric=meaning.metric if meaning else first.metric if first else None,
            statistics=frozenset({statistic}),
            subject=None,
            words=words,
            paths=frozenset(path for datum in exact for path in datum.paths),
            source=Source(name=name, path=first.source.path if first else None),
            origin="value",
            label=name,
        )


def _scaled(value: float, exponent: int) -> float:
    return float(f"{value!r}e{exponent}") if exponent and "e" not in repr(value) else value


def _statistic(words: frozenset[str], statistic: str, first: Datum | None) -> str:
    for word in words:
        if word in ("p50", "median"):
            return "median"
        if word.startswith("p") and word[1:].isdigit():
            return word
    if words & {"overall", "avg", "average", "mean"}:
        return "mean"
    if "total" in words and statistic == "value":
        return "total"
    return statistic if statistic != "value" or not first else next(iter(first.statistics))
