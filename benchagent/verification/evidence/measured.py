"""Measured rows as datums, and the means, medians and extremes of rows that are alike."""

import json
import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import combinations
from typing import Any, Final, NamedTuple

import pyarrow as pa

from benchagent.facts.derivations.rows.machines import names_machine, read_machine
from benchagent.measurements.named_columns import read_rows
from benchagent.quantities.metrics import METRICS
from benchagent.verification.claims import Source
from benchagent.verification.evidence.datums import Datum, one_of

OF_NUMBER: Final = (
    "kind", "metric", "unit", "statistic", "subject", "phase", "source_path", "benchmark", "config",
    "environment", "duplicate_of", "value", "locator", "n",
)  # fmt: skip
_MOST_FOR_SETTINGS: Final = 200_000
# Of so many settings any two are put together as well.
_MOST_PAIRED: Final = 5
# A sum of whole numbers without a unit may be told as the number that it is.
_COUNTED: Final = frozenset({"total", "count"})
_SUMMED: Final = frozenset({"tokens", "ms", "chars", "words", "bytes", "J"})


class Measure(NamedTuple):
    """What was measured."""

    metric: str
    unit: str | None
    statistic: str


class _Scope(NamedTuple):
    """Of what values are put together: all that are alike in these."""

    subject: str | None
    phase: str | None
    where: str | None
    settings: frozenset[str]


class Row(NamedTuple):
    """A measured number with what it is of."""

    measure: Measure
    subject: str | None
    phase: str | None
    path: str
    benchmark: str
    settings: frozenset[str]
    duplicate: bool
    value: float
    locator: str
    n: int | None


Told = Callable[[str, str, str | None], tuple[str | None, frozenset[str]]]


def datums_of_measurements(measurements: pa.Table, told: Told) -> Iterator[Datum]:
    """Every measured row, and what follows from rows that are alike; no claimed number.

    Args:
        measurements: `MEASUREMENT_SCHEMA`.
        told: the settings that stand beside a number where its format knows none (`Conditions.of`).
    """
    rows = [_add_settings(row, told) for row in _read_rows(measurements)]
    for row in rows:
        yield Datum(
            value=row.value,
            unit=row.measure.unit,
            metric=row.measure.metric,
            statistics=one_of(row.measure.statistic),
            subject=row.subject,
            phase=row.phase,
            settings=row.settings,
            paths=one_of(row.path),
            source=Source(path=row.path, locator=row.locator),
            n=row.n,
            nameless=row.subject is None,
        )
    yield from group_rows(rows)


def _add_settings(row: Row, told: Told) -> Row:
    _, beside = told(row.path, row.locator, row.subject)
    if not beside:
        return row
    known = {setting.partition("=")[2] for setting in row.settings}
    names = {setting.partition("=")[0] for setting in row.settings}
    fresh = {s for s in beside if s.partition("=")[2] not in known}
    fresh = {s for s in fresh if s.partition("=")[0] not in names}
    return row._replace(settings=row.settings | fresh) if fresh else row


Summary = tuple[tuple[str, float], ...]


def spell_level(value: object) -> str:
    """A level as the settings of a datum have it: numbers without what they need not show."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return f"{value:g}" if is_number else str(value)


def read_settings(config: str) -> frozenset[str]:
    """The settings of a configuration, `name=value` in lower case."""
    found: Mapping[str, Any] = json.loads(config)
    return frozenset(f"{key}={spell_level(value)}".lower() for key, value in found.items())


class SettingsOfRuns:
    """Under which settings runs were made; with their machine, where the data tell several apart."""

    def __init__(self, measurements: pa.Table) -> None:
        environments: list[str | None] = measurements["environment"].unique().to_pylist()
        machines = {each: read_machine(each or "{}") for each in environments}
        told = Counter(name for name, _ in {at for m in machines.values() for at in m.items()})
        self._machines = {
            each: read_settings(json.dumps({k: v for k, v in machine.items() if told[k] > 1}))
            for each, machine in machines.items()
        }
        self._known: dict[tuple[str, str | None], frozenset[str]] = {}

    def of(self, config: str, environment: str | None) -> frozenset[str]:
        """The settings of a run, `name=value` in lower case."""
        if (config, environment) not in self._known:
            own = read_settings(config) | self._machines[environment]
            self._known[config, environment] = own
        return self._known[config, environment]


def _read_rows(measurements: pa.Table) -> Iterator[Row]:
    settings = SettingsOfRuns(measurements)
    for row in read_rows(measurements, OF_NUMBER):
        kind, metric, unit, statistic, subject, phase, path, benchmark, config = row[:9]
        environment, copied = row[9:11]
        if kind == "claimed":
            continue
        yield Row(
            Measure(metric, unit, statistic),
            subject.lower() if subject else None,
            phase,
            path,
            benchmark,
            settings.of(config, environment),
            copied is not None,
            *row[11:],
        )


def complete_machines(facts: Iterable[Datum], measured: Iterable[Datum]) -> Iterator[Datum]:
    """Facts that name a machine by what tells it from others, with all that every run of it says.

    A card is told of nowhere once the host is, and yet no number of it is one of another card.
    """
    said: dict[str, frozenset[str]] = {}
    for settings in {datum.settings for datum in measured if datum.origin == "measured"}:
        own = frozenset(each for each in settings if names_machine(each.partition("=")[0]))
        for each in own:
            said[each] = said.get(each, own) & own
    for fact in facts:
        more = frozenset[str]().union(*(said.get(each, ()) for each in fact.settings))
        yield fact._replace(settings=fact.settings | more) if more - fact.settings else fact


def group_rows(rows: Sequence[Row]) -> Iterator[Datum]:
    """Statistics of the rows alike in subject, file, phase, benchmark or settings."""
    groups: dict[tuple[Measure, _Scope], list[Row]] = defaultdict(list)
    with_settings = len(rows) <= _MOST_FOR_SETTINGS
    # The numbers of one call are of one scope each.
    scopes: dict[tuple[object, ...], list[_Scope]] = {}
    for row in rows:
        if row.measure.statistic in ("value", "mean", "median"):
            alike = row[1:7]
            if alike not in scopes:
                scopes[alike] = list(_scopes(row, with_settings))
            for scope in scopes[alike]:
                groups[row.measure, scope].append(row)
    # Rows of one model are also those of all models where there is no other: one set of numbers.
    known: dict[tuple[float, ...], Summary] = {}
    for (measure, scope), members in groups.items():
        if len(members) > 1:
            values = tuple([row.value for row in members])
            if values not in known:
                known[values] = _summarise(values)
            yield from _describe(measure, scope, members, known[values])


def _scopes(row: Row, with_settings: bool) -> Iterator[_Scope]:
    for subject in dict.fromkeys((row.subject, None)):
        for phase in dict.fromkeys((row.phase, None)):
            if not row.duplicate:
                yield _Scope(subject, phase, None, frozenset())
                if row.benchmark:
                    yield _Scope(subject, phase, f"benchmark {row.benchmark}", frozenset())
            yield _Scope(subject, phase, row.path, frozenset())
            if with_settings and not row.duplicate:
                for setting in sorted(row.settings):
                    yield _Scope(subject, phase, None, frozenset({setting}))
                    yield _Scope(subject, phase, row.path, frozenset({setting}))
                if len(row.settings) > 1 and subject:
                    yield _Scope(subject, phase, None, row.settings)
                if 2 < len(row.settings) <= _MOST_PAIRED and (subject or not row.subject):
                    for two in combinations(sorted(row.settings), 2):
                        yield _Scope(subject, phase, None, frozenset(two))


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


def _describe(
    measure: Measure, scope: _Scope, members: Sequence[Row], summary: Summary
) -> Iterator[Datum]:
    metric, unit, statistic = measure
    files = {row.path for row in members}
    first = members[0]
    source = Source(path=first.path if len(files) == 1 else None, locator=f"{len(members)} values")
    summed = unit in _SUMMED or (unit is None and metric not in METRICS)
    is_summed = statistic == "value" and summed
    # In the order of a datum's fields: by name, making it takes twice as long.
    alike = (
        source,
        scope.subject,
        scope.phase,
        scope.settings,
        frozenset[str](),
        frozenset(files) if len(files) <= 8 else frozenset[str](),
        len(members),
        "group",
        scope.where or "",
        statistic,
        scope.subject is None and all(row.subject is None for row in members),
        frozenset.intersection(*{row.settings for row in members}),
    )
    for name, value in summary:
        if name != "total" or is_summed:
            counted = name == "total" and unit is None and value.is_integer()
            told = _COUNTED if counted else _both(name, statistic)
            yield Datum(value, unit, metric, told, *alike)


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
