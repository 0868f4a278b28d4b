"""Every value that the data give, measured or computed from measured ones, and what it is of.

A datum is a number with what it is said of: metric, statistic, subject, conditions, place. Rows of
the measurement table are datums; so are the means, medians and extremes of the rows alike in
subject, file, phase or settings, since a true report may give any of them; so are facts, the named
values of an evidence file, and numbers of files that no format knows.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import attrgetter, itemgetter
from sys import intern
from typing import Final, NamedTuple

from benchagent.verification.claims import Source
from benchagent.verification.kept import remember


class Datum(NamedTuple):
    """One value of the data: a tuple, since a small folder has ten thousand of them.

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
        shared: of a group, the settings that all of its values were measured under.
    """

    value: float
    unit: str | None
    metric: str | None
    statistics: frozenset[str]
    source: Source
    subject: str | None = None
    phase: str | None = None
    settings: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    paths: frozenset[str] = frozenset()
    n: int | None = None
    origin: str = "measured"
    label: str = ""
    inner: str = ""
    nameless: bool = False
    shared: frozenset[str] = frozenset()


# A subject and a phase, as far as the data name them.
_Whose = tuple[str | None, str | None]


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
        sizes: how many values lie behind the datums of each subject and phase.
        summaries: of a metric, what was put together over all files and settings.
    """

    datums: list[Datum] = field(default_factory=list[Datum])
    _values: list[float] = field(default_factory=list[float])
    _kinds: list[int] = field(default_factory=list[int])
    by_metric: dict[str, list[Datum]] = field(default_factory=dict[str, list[Datum]])
    extremes: dict[str, list[Extremes]] = field(default_factory=dict[str, list[Extremes]])
    sizes: dict[_Whose, set[int]] = field(default_factory=dict[_Whose, set[int]])
    summaries: dict[str, list[Datum]] = field(default_factory=dict[str, list[Datum]])

    @classmethod
    def of(cls, datums: Iterable[Datum]) -> "DatumIndex":
        """An index of these datums."""
        ordered = sorted(datums, key=attrgetter("value"))
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
            _kinds=_find_kinds(ordered),
            by_metric=dict(by_metric),
            extremes=_find_extremes(ordered),
            sizes=_find_sizes(ordered),
            summaries=summaries,
        )

    def sizes_of(self, subjects: Collection[str] | None, phase: str | None = None) -> set[int]:
        """How many values lie behind the datums of these subjects and this phase; of all for None."""
        return set[int]().union(
            *(
                sizes
                for (subject, own), sizes in self.sizes.items()
                if (subjects is None or subject in subjects) and (phase is None or own == phase)
            )
        )

    def between(self, low: float, high: float) -> Sequence[Datum]:
        """The datums whose value lies in a closed interval."""
        first, end = self._find(low, high)
        return self.datums[first:end]

    def suiting(self, low: float, high: float, suits: Callable[[Datum], bool]) -> Iterator[Datum]:
        """The datums of an interval that suit, where `suits` answers alike for all of a kind.

        Of a kind are those alike in metric, unit, statistics, subject, phase, origin and `inner`:
        it is asked once for all of them.
        """
        first, end = self._find(low, high)
        asked: dict[int, bool] = {}
        for place, kind in enumerate(self._kinds[first:end], first):
            suiting = asked.get(kind)
            if suiting is None:
                suiting = asked[kind] = suits(self.datums[kind])
            if suiting:
                yield self.datums[place]

    def _find(self, low: float, high: float) -> tuple[int, int]:
        first = bisect_left(self._values, low)
        return first, bisect_right(self._values, high, first)


_OF_KIND: Final = ("metric", "unit", "statistics", "subject", "phase", "origin", "inner")
_kind_of = itemgetter(*map(Datum._fields.index, _OF_KIND))


def _find_kinds(datums: Iterable[Datum]) -> list[int]:
    """Of each datum, the place of the first one of its kind."""
    first: dict[tuple[object, ...], int] = {}
    return [first.setdefault(kind, place) for place, kind in enumerate(map(_kind_of, datums))]


def _find_sizes(datums: Iterable[Datum]) -> dict[_Whose, set[int]]:
    found: dict[_Whose, set[int]] = defaultdict(set)
    for datum in datums:
        if datum.n:
            found[datum.subject, datum.phase].add(datum.n)
    return dict(found)


_OF_EXTREMES: Final = frozenset({"min", "max", "mean"})


def _find_extremes(datums: Iterable[Datum]) -> dict[str, list[Extremes]]:
    groups: dict[tuple[object, ...], dict[str, Datum]] = defaultdict(dict)
    for d in datums:
        if d.origin in ("group", "leaf group") and (names := d.statistics & _OF_EXTREMES):
            key = (d.metric, d.subject, d.phase, d.settings, _column_of(d), d.paths, d.n, d.inner)
            for name in names:
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


@lru_cache(maxsize=65_536)
def one_of(name: str) -> frozenset[str]:
    """A set of one name; hundreds of thousands of datums share a few, which would take 0.2 kB each."""
    return frozenset({name})


@remember(65_536)
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
    return frozenset(intern(part.lower()) for part in parts if part)
