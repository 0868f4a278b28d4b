"""Measured rows as datums, and the means, medians and extremes of rows that are alike."""

import json
import math
import statistics
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import pyarrow as pa

from benchagent.verification.claims import Source
from benchagent.verification.evidence.datums import Datum

_MOST_FOR_SETTINGS: Final = 200_000


_SUMMED: Final = frozenset({"tokens", "ms", "chars", "words", "bytes"})


@dataclass(frozen=True, slots=True)
class _Row:
    metric: str
    unit: str | None
    statistic: str
    subject: str | None
    phase: str | None
    path: str
    benchmark: str
    settings: frozenset[str]
    value: float
    locator: str
    n: int | None
    duplicate: bool


def datums_of_measurements(measurements: pa.Table) -> Iterator[Datum]:
    """Every measured row, and what follows from rows that are alike; no claimed number."""
    rows = list(_read_rows(measurements))
    for row in rows:
        yield Datum(
            value=row.value,
            unit=row.unit,
            metric=row.metric,
            statistics=frozenset({row.statistic}),
            subject=row.subject,
            phase=row.phase,
            settings=row.settings,
            paths=frozenset({row.path}),
            source=Source(path=row.path, locator=row.locator),
            n=row.n,
            nameless=row.subject is None,
        )
    yield from _group(rows)


Summary = tuple[tuple[str, float], ...]
Key = tuple[str, str | None, str, str | None, str | None, str | None, frozenset[str]]


def spell_level(value: object) -> str:
    """A level as the settings of a datum have it: numbers without what they need not show."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return f"{value:g}" if is_number else str(value)


def read_settings(config: str) -> frozenset[str]:
    """The settings of a configuration, `name=value` in lower case."""
    found: Mapping[str, Any] = json.loads(config)
    return frozenset(f"{key}={spell_level(value)}".lower() for key, value in found.items())


def _read_rows(measurements: pa.Table) -> Iterator[_Row]:
    columns = (
        "metric unit statistic subject phase source_path benchmark config value locator n "
        "duplicate_of kind"
    ).split()
    settings: dict[str, frozenset[str]] = {}
    for row in measurements.select(columns).to_pylist():
        if row["kind"] == "claimed":
            continue
        if row["config"] not in settings:
            settings[row["config"]] = read_settings(row["config"])
        yield _Row(
            row["metric"],
            row["unit"],
            row["statistic"],
            row["subject"].lower() if row["subject"] else None,
            row["phase"],
            row["source_path"],
            row["benchmark"],
            settings[row["config"]],
            row["value"],
            row["locator"],
            row["n"],
            row["duplicate_of"] is not None,
        )


def _group(rows: Sequence[_Row]) -> Iterator[Datum]:
    """Statistics of the rows alike in subject, file, phase, benchmark or settings."""
    groups: dict[Key, list[_Row]] = defaultdict(list)
    with_settings = len(rows) <= _MOST_FOR_SETTINGS
    for row in rows:
        if row.statistic in ("value", "mean", "median"):
            for key in _keys(row, with_settings):
                groups[key].append(row)
    # Rows of one model are also those of all models where there is no other: one set of numbers.
    known: dict[tuple[float, ...], Summary] = {}
    for key, members in groups.items():
        if len(members) > 1:
            values = tuple([row.value for row in members])
            if values not in known:
                known[values] = _summarise(values)
            yield from _describe(key, members, known[values])


def _keys(row: _Row, with_settings: bool) -> Iterator[Key]:
    for subject in dict.fromkeys((row.subject, None)):
        for phase in dict.fromkeys((row.phase, None)):
            base = (row.metric, row.unit, row.statistic, subject, phase)
            if not row.duplicate:
                yield (*base, None, frozenset())
                yield (*base, f"benchmark {row.benchmark}", frozenset())
            yield (*base, row.path, frozenset())
            if with_settings and not row.duplicate:
                for setting in sorted(row.settings):
                    yield (*base, None, frozenset({setting}))
                    yield (*base, row.path, frozenset({setting}))
                if len(row.settings) > 1 and subject:
                    yield (*base, None, row.settings)


def _summarise(values: Sequence[float]) -> Summary:
    ordered = sorted(values)
    deviation = _deviation(values)
    return (
        ("mean", statistics.fmean(values)),
        ("median", statistics.median(ordered)),
        ("min", min(values)),
        ("max", max(values)),
        ("stddev", deviation),
        # of all there are and no sample: numpy's own
        ("stddev", deviation * math.sqrt(1 - 1 / len(values))),
        ("p95", _quantile(ordered, 0.95)),
        ("p99", _quantile(ordered, 0.99)),
        ("p90", _quantile(ordered, 0.90)),
        ("total", sum(values)),
    )


def _describe(key: Key, members: Sequence[_Row], summary: Summary) -> Iterator[Datum]:
    metric, unit, statistic, subject, phase, where, settings = key
    files = {row.path for row in members}
    paths = frozenset(files) if len(files) <= 8 else frozenset[str]()
    first = members[0]
    locator = first.locator if len(members) == 1 else f"{len(members)} values"
    source = Source(path=first.path if len(files) == 1 else None, locator=locator)
    nameless = subject is None and all(row.subject is None for row in members)
    is_summed = unit in _SUMMED and statistic == "value"
    for name, value in summary:
        if name == "total" and not is_summed:
            continue
        yield Datum(
            value=value,
            unit=unit,
            metric=metric,
            statistics=_both(name, statistic),
            subject=subject,
            phase=phase,
            settings=settings,
            paths=paths,
            source=source,
            n=len(members),
            origin="group",
            inner=statistic,
            nameless=nameless,
            label=where or "",
        )


def _deviation(values: Sequence[float]) -> float:
    """Of a sample; `statistics.stdev` computes in fractions and takes most of the loading."""
    mean = math.fsum(values) / len(values)
    return math.sqrt(math.fsum([(value - mean) ** 2 for value in values]) / (len(values) - 1))


@lru_cache(maxsize=1024)
def _both(name: str, statistic: str) -> frozenset[str]:
    """A mean of means is a mean; the least of means is a least and, loosely, a mean."""
    if statistic != "value" and name in ("mean", "median"):
        return frozenset({name, statistic})
    return frozenset({name})


def _quantile(ordered: Sequence[float], share: float) -> float:
    at = share * (len(ordered) - 1)
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (at - low)
