"""Every value that the data give, measured or computed from measured ones, and what it is of.

A datum is a number with what it is said of: metric, statistic, subject, conditions, place. Rows of
the measurement table are datums; so are the means, medians and extremes of the rows alike in
subject, file, phase or settings, since a true report may give any of them; so are facts, the named
values of an evidence file, and numbers of files that no format knows.
"""

import json
import math
import statistics
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, NamedTuple

import pyarrow as pa

from benchagent.facts.fact import Fact
from benchagent.verification.claims import Source

_MOST_FOR_SETTINGS: Final = 200_000
_METHODS: Final = {"maximum": "max", "minimum": "min", "mean": "mean", "median": "median"}
_SUMMED: Final = frozenset({"tokens", "ms", "chars", "words", "bytes"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Datum:
    """One value of the data.

    Attributes:
        value: in `unit` (canonical), None for a unit that is not known.
        statistics: what it is of its samples; `value` for a single one. Several where one number
            is both, such as the median of means.
        subject: lower case; None where the data name none.
        settings: the settings that it was measured under, `name=value`, lower case.
        words: the words of its name, for values known by a name alone.
        paths: the files that it comes from, if few.
        n: samples behind it.
        inner: of a group, the statistic of the values that were put together.
        nameless: the data name no subject for any of its values.
    """

    value: float
    unit: str | None
    metric: str | None
    statistics: frozenset[str]
    subject: str | None = None
    phase: str | None = None
    settings: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    paths: frozenset[str] = frozenset()
    source: Source
    n: int | None = None
    origin: str = "measured"
    label: str = ""
    inner: str = ""
    nameless: bool = False


class Extremes(NamedTuple):
    """The least, the greatest and the mean of one group of values."""

    low: Datum
    high: Datum
    mean: Datum


@dataclass(slots=True)
class DatumIndex:
    """Datums by value, so that a number of a report is looked up by what it says.

    Attributes:
        by_metric: all of a metric, by value.
        extremes: the least, greatest and mean of each group of values, by metric and least.
        sizes: how many values lie behind the datums of each subject.
        summaries: of a metric, what was put together over all files and settings.
    """

    datums: list[Datum] = field(default_factory=list[Datum])
    _values: list[float] = field(default_factory=list[float])
    by_metric: dict[str, list[Datum]] = field(default_factory=dict[str, list[Datum]])
    extremes: dict[str, list[Extremes]] = field(default_factory=dict[str, list[Extremes]])
    sizes: dict[str | None, set[int]] = field(default_factory=dict[str | None, set[int]])
    summaries: dict[str, list[Datum]] = field(default_factory=dict[str, list[Datum]])

    @classmethod
    def of(cls, datums: Iterable[Datum]) -> "DatumIndex":
        """An index of these datums."""
        ordered = sorted(datums, key=lambda datum: datum.value)
        by_metric: dict[str, list[Datum]] = defaultdict(list)
        for datum in ordered:
            if datum.metric:
                by_metric[datum.metric].append(datum)
        summaries = {
            metric: [d for d in found if d.origin == "group" and not d.label and not d.settings]
            for metric, found in by_metric.items()
        }
        return cls(
            datums=ordered,
            _values=[datum.value for datum in ordered],
            by_metric=dict(by_metric),
            extremes=_find_extremes(ordered),
            sizes=_find_sizes(ordered),
            summaries=summaries,
        )

    def sizes_of(self, subjects: Iterable[str] | None) -> set[int]:
        """How many values lie behind the datums of these subjects; of all for None."""
        if subjects is None:
            return set[int]().union(*self.sizes.values())
        return set[int]().union(*(self.sizes.get(subject, set()) for subject in subjects))

    def between(self, low: float, high: float) -> Sequence[Datum]:
        """The datums whose value lies in a closed interval."""
        first = bisect_left(self._values, low)
        last = bisect_left(self._values, high, first)
        while last < len(self._values) and self._values[last] <= high:
            last += 1
        return self.datums[first:last]


def _find_sizes(datums: Iterable[Datum]) -> dict[str | None, set[int]]:
    found: dict[str | None, set[int]] = defaultdict(set)
    for datum in datums:
        if datum.n:
            found[datum.subject].add(datum.n)
    return dict(found)


def _find_extremes(datums: Iterable[Datum]) -> dict[str, list[Extremes]]:
    groups: dict[tuple[object, ...], dict[str, Datum]] = defaultdict(dict)
    for d in datums:
        if d.origin in ("group", "leaf group"):
            key = (d.metric, d.subject, d.phase, d.settings, _column_of(d), d.paths, d.n, d.inner)
            for name in d.statistics & {"min", "max", "mean"}:
                groups[key].setdefault(name, d)
    found: dict[str, list[Extremes]] = defaultdict(list)
    for key, named in groups.items():
        if len(named) == 3:
            found[str(key[0])].append(Extremes(named["min"], named["max"], named["mean"]))
    for listed in found.values():
        listed.sort(key=lambda group: group.low.value)
    return dict(found)


def _column_of(datum: Datum) -> str:
    locator = datum.source.locator
    return (locator or "") if datum.origin == "leaf group" else datum.label


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


def read_settings(config: str) -> frozenset[str]:
    """The settings of a configuration, `name=value` in lower case."""
    found: Mapping[str, Any] = json.loads(config)
    return frozenset(f"{key}={_plain(value)}".lower() for key, value in found.items())


def _plain(value: object) -> str:
    return f"{value:g}" if isinstance(value, int | float) else str(value)


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


Key = tuple[str, str | None, str, str | None, str | None, str | None, frozenset[str]]


def _group(rows: Sequence[_Row]) -> Iterator[Datum]:
    """Statistics of the rows alike in subject, file, phase, benchmark or settings."""
    groups: dict[Key, list[_Row]] = defaultdict(list)
    with_settings = len(rows) <= _MOST_FOR_SETTINGS
    for row in rows:
        if row.statistic in ("value", "mean", "median"):
            for key in _keys(row, with_settings):
                groups[key].append(row)
    for key, members in groups.items():
        if len(members) > 1:
            yield from _describe(key, members)


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


def _describe(key: Key, members: Sequence[_Row]) -> Iterator[Datum]:
    metric, unit, statistic, subject, phase, where, settings = key
    values = [row.value for row in members]
    files = {row.path for row in members}
    paths = frozenset(files) if len(files) <= 8 else frozenset[str]()
    first = members[0]
    locator = first.locator if len(members) == 1 else f"{len(members)} values"
    source = Source(path=first.path if len(files) == 1 else None, locator=locator)
    described = {
        "mean": statistics.fmean(values),
        "median": statistics.median(values),
        "min": min(values),
        "max": max(values),
        "stddev": _deviation(values),
        "p95": _quantile(values, 0.95),
        "p99": _quantile(values, 0.99),
        "p90": _quantile(values, 0.90),
    }
    if unit in _SUMMED and statistic == "value":
        described["total"] = sum(values)
    for name, value in described.items():
        both = {name} if statistic == "value" else {name, *_inner(name, statistic)}
        yield Datum(
            value=value,
            unit=unit,
            metric=metric,
            statistics=frozenset(both),
            subject=subject,
            phase=phase,
            settings=settings,
            paths=paths,
            source=source,
            n=len(members),
            origin="group",
            inner=statistic,
            nameless=subject is None and all(row.subject is None for row in members),
            label=where or "",
        )


def _deviation(values: Sequence[float]) -> float:
    """Of a sample; `statistics.stdev` computes in fractions and takes most of the loading."""
    mean = math.fsum(values) / len(values)
    return math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1))


def datums_of_leaves(leaves: Sequence[Datum]) -> Iterator[Datum]:
    """Statistics of the numbers that stand in one file under one name."""
    columns: dict[tuple[frozenset[str], str], list[Datum]] = defaultdict(list)
    for leaf in leaves:
        columns[(leaf.paths, leaf.label)].append(leaf)
    for (paths, label), members in columns.items():
        if len(members) < 2:
            continue
        values = [leaf.value for leaf in members]
        path = next(iter(paths), None)
        described = {
            "mean": statistics.fmean(values),
            "median": statistics.median(values),
            "min": min(values),
            "max": max(values),
            "total": math.fsum(values),
        }
        for name, value in described.items():
            yield Datum(
                value=value,
                unit=members[0].unit,
                metric=members[0].metric,
                statistics=frozenset({name}),
                words=members[0].words,
                paths=paths,
                source=Source(path=path, locator=f"{len(members)} values of {label}"),
                n=len(members),
                origin="leaf group",
                label=f"the {name} {label}",
            )


def _inner(name: str, statistic: str) -> set[str]:
    """A mean of means is a mean; the least of means is a least and, loosely, a mean."""
    return {statistic} if name in ("mean", "median") else set()


def _quantile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    at = share * (len(ordered) - 1)
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (at - low)


def datums_of_facts(facts: Iterable[Fact]) -> Iterator[Datum]:
    """The value of each fact, and the ends of its interval."""
    for fact in facts:
        method = _METHODS.get(fact.method or "", fact.statistic or "value")
        base = Datum(
            value=fact.value,
            unit=fact.unit,
            metric=fact.metric,
            statistics=_statistics_of(fact, method),
            subject=fact.subject.lower() if fact.subject else None,
            phase=None if fact.phase == "mixed" else fact.phase,
            settings=_settings_of(fact),
            words=words_of(fact.label),
            paths=frozenset(fact.sources) if len(fact.sources) <= 8 else frozenset(),
            source=Source(fact=fact.id),
            n=fact.n,
            origin=f"fact {fact.about}",
            label=fact.label,
        )
        yield base
        for bound in (fact.ci_low, fact.ci_high):
            if bound is not None:
                yield Datum(
                    value=bound,
                    unit=base.unit,
                    metric=base.metric,
                    statistics=frozenset({"ci"}),
                    subject=base.subject,
                    phase=base.phase,
                    words=base.words,
                    source=base.source,
                    origin=base.origin,
                    label=f"interval of {base.label}",
                )


def _statistics_of(fact: Fact, method: str) -> frozenset[str]:
    if fact.kind == "ratio":
        # A ratio of two means is told as one of the mean, whatever its own name is.
        words = words_of(fact.label)
        named = {name for name in ("mean", "median") if words & {name, f"{name}s"}}
        return frozenset({method, *named})
    if method in ("mean", "median"):
        return frozenset({method, fact.statistic or "value"})
    return frozenset({method})


def _settings_of(fact: Fact) -> frozenset[str]:
    found = set(read_settings(fact.config)) if fact.config else set[str]()
    if fact.option and fact.level and not fact.level.startswith("alike"):
        found.add(f"{fact.option}={_plain_level(fact.level)}".lower())
    return frozenset(found)


def _plain_level(level: str) -> str:
    try:
        return _plain(json.loads(level))
    except ValueError:
        return level


@lru_cache(maxsize=65_536)
def words_of(name: str) -> frozenset[str]:
    """The words of a name, however they are joined: `jsonTotal_tokens[0].s` → json total tokens s."""
    split = "".join(c if c.isalnum() else " " for c in name)
    parts: list[str] = []
    for word in split.split():
        at = 0
        for i in range(1, len(word)):
            if word[i].isupper() and word[i - 1].islower():
                parts.append(word[at:i])
                at = i
        parts.append(word[at:])
    return frozenset(part.lower() for part in parts if part)
