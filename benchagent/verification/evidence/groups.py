"""The means, medians and extremes of numbers that are alike in what they are of."""

import math
import statistics
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import combinations
from typing import Final, NamedTuple

from benchagent.quantities.metrics import METRICS
from benchagent.quantities.percentiles import percentile
from benchagent.verification.claims import Source
from benchagent.verification.evidence.datums import Datum

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


Summary = tuple[tuple[str, float], ...]


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
        ("p95", percentile(ordered, 0.95)),
        ("p99", percentile(ordered, 0.99)),
        ("p90", percentile(ordered, 0.90)),
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
