"""How many times as much: the rows of one against those of another that are alike in all else."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from statistics import fmean, median
from typing import Final, NamedTuple

from benchagent.quantities.metrics import metric_label
from benchagent.quantities.numbers import write_number
from benchagent.verification.claims import Source, Verdict, contradicted, supported, unsupported
from benchagent.verification.evidence.datums import Datum
from benchagent.verification.evidence.own_columns import better_of
from benchagent.verification.judging.yardsticks import Yardstick
from benchagent.verification.question import Knowledge
from benchagent.verification.text.multiples import Multiple

_CENTRAL: Final = ("value", "mean", "median")
_SUMMARIES: Final[tuple[Callable[[Iterable[float]], float], ...]] = (fmean, median, max, min)
# What differs by less is no side.
_TIED: Final = 0.005


class Condition(NamedTuple):
    """Of whom, and under which levels: of each set of settings any one."""

    subjects: frozenset[str]
    levels: tuple[frozenset[str], ...]

    def holds(self, row: Datum) -> bool:
        """Whether a row was measured so."""
        if self.subjects and row.subject not in self.subjects:
            return False
        return not any(level.isdisjoint(row.settings) for level in self.levels)

    def names(self) -> frozenset[str]:
        """The settings whose levels are told."""
        return frozenset(setting.partition("=")[0] for level in self.levels for setting in level)


class Contrast(NamedTuple):
    """What is told of, what it is held against, and what holds for both."""

    first: Condition
    second: Condition
    shared: Condition


class Ratios(NamedTuple):
    """How many times as much the first has: over all, and in each cell alike in all else."""

    whole: tuple[float, ...]
    cells: tuple[float, ...]
    told: str
    sources: tuple[Source, ...]


def judge_multiple(
    multiple: Multiple,
    contrast: Contrast,
    metrics: Sequence[str],
    statistic: str | None,
    in_text: str | None,
    knowledge: Knowledge,
) -> Verdict | None:
    """Whether one thing has as many times what the other has; None where no rows tell.

    What comes out from two numbers of the text itself (`in_text`) only has to have the right side.
    """
    verdicts: list[Verdict] = []
    for metric in metrics:
        ratios = compare_rows(metric, contrast, statistic, knowledge)
        better = better_of(metric)
        if ratios is None or (multiple.of_speed and better == "neither"):
            continue
        turned = multiple.of_speed and better == "lower"
        ratios = _turn(ratios) if turned else ratios
        meant = multiple.of_time() if turned else multiple
        verdicts.append(_judge_ratios(meant, ratios, in_text))
    return choose_verdict(verdicts)


def judge_side(contrast: Contrast, yardstick: Yardstick, knowledge: Knowledge) -> Verdict | None:
    """Whether one thing has more than the other, or less where the word says so."""
    verdicts: list[Verdict] = []
    for metric in yardstick.metrics:
        ratios = compare_rows(metric, contrast, yardstick.statistic, knowledge)
        upward = yardstick.is_upward(metric)
        if ratios is None or upward is None:
            continue
        ratios = ratios if upward else _turn(ratios)
        if any(ratio > 1 for ratio in ratios.whole[:2]):
            verdicts.append(supported(ratios.told, *ratios.sources))
        elif all(ratio < 1 - _TIED for ratio in (*ratios.whole[:2], *ratios.cells)):
            verdicts.append(_other_way(ratios))
    return choose_verdict(verdicts)


def choose_verdict(verdicts: Sequence[Verdict]) -> Verdict | None:
    """Of several quantities that may be meant: wrong is what is wrong of all of them."""
    for ruling in ("supported", "unsupported", "contradicted"):
        for verdict in verdicts:
            if verdict.ruling == ruling:
                return verdict
    return None


def all_hold(verdicts: Sequence[Verdict | None]) -> Verdict | None:
    """Of several things said at once: wrong if any is, and None where the data do not tell of one."""
    known = [verdict for verdict in verdicts if verdict]
    wrong = [verdict for verdict in known if verdict.ruling == "contradicted"]
    return next(iter([*wrong, *known]), None) if wrong or len(known) == len(verdicts) else None


def _other_way(ratios: Ratios) -> Verdict:
    return contradicted(f"it is the other way round: {ratios.told}", *ratios.sources)


def _judge_ratios(multiple: Multiple, ratios: Ratios, in_text: str | None) -> Verdict:
    every = (*ratios.whole, *ratios.cells)
    if any(map(multiple.fits, every)):
        return supported(ratios.told, *ratios.sources)
    if not any(multiple.is_on_side(ratio) for ratio in every):
        return _other_way(ratios)
    if in_text:
        return supported(in_text)
    if any(map(multiple.loosely().fits, every)):
        return unsupported(f"only in a reading that few have: {ratios.told}")
    low, high = min(every), max(every)
    near = (
        low,
        high,
        *(bound for own in multiple.intervals for bound in own if low <= bound <= high),
    )
    if any(multiple.fits(ratio, multiple.slack) for ratio in near):
        return unsupported(f"in no comparison alike in all else: {ratios.told}")
    return contradicted(ratios.told, *ratios.sources)


def _turn(ratios: Ratios) -> Ratios:
    return ratios._replace(
        whole=tuple(1 / ratio for ratio in ratios.whole),
        cells=tuple(1 / ratio for ratio in ratios.cells),
    )


def compare_rows(
    metric: str, contrast: Contrast, statistic: str | None, knowledge: Knowledge
) -> Ratios | None:
    """The ratios of the rows of two conditions, cell by cell of all else."""
    rows = find_rows(metric, contrast.shared, statistic, knowledge)
    sides = [[row for row in rows if own.holds(row)] for own in (contrast.first, contrast.second)]
    if not all(sides):
        return None
    compared = contrast.first.names() | contrast.second.names()
    names = compared | find_apart(sides)
    subjects = bool(contrast.first.subjects)
    first, second = (_cells_of(side, names, subjects=subjects) for side in sides)
    alike = [cell for cell in first if cell in second]
    if not alike:
        return None
    cells = tuple(fmean(first[cell]) / fmean(second[cell]) for cell in alike)
    ours, theirs = ([value for cell in alike for value in side[cell]] for side in (first, second))
    whole = tuple(summary(ours) / summary(theirs) for summary in _SUMMARIES)
    means = (write_number(fmean(values), rows[0].unit) for values in (ours, theirs))
    told = f"{' against '.join(means)} of {metric_label(metric)} in the mean"
    if len(cells) > 1:
        told += f", {min(cells):.3g} to {max(cells):.3g} times where all else is alike"
    return Ratios((*whole, fmean(cells), median(cells)), cells, told, _sources(sides))


def find_rows(
    metric: str, shared: Condition, statistic: str | None, knowledge: Knowledge
) -> list[Datum]:
    """The rows of a metric under a condition, of the statistic named or of what lies in the middle."""
    by_name = statistic is not None and statistic not in _CENTRAL
    wanted = frozenset({statistic} if by_name and statistic else _CENTRAL)
    return [
        row
        for row in knowledge.corpus.index.by_metric.get(metric, ())
        if row.origin in ("measured", "leaf")
        and row.value > 0
        and not wanted.isdisjoint(row.statistics)
        and shared.holds(row)
    ]


def find_apart(sides: Sequence[Sequence[Datum]]) -> frozenset[str]:
    """The settings that tell the two sides apart as well: the card of another host."""
    levels: list[dict[str, set[str]]] = []
    for side in sides:
        own: dict[str, set[str]] = defaultdict(set)
        for setting in frozenset[str]().union(*(row.settings for row in side)):
            name, _, level = setting.partition("=")
            own[name].add(level)
        levels.append(own)
    return frozenset(
        n for n in levels[0].keys() & levels[1] if levels[0][n].isdisjoint(levels[1][n])
    )


def _cells_of(
    rows: Iterable[Datum], names: frozenset[str], *, subjects: bool
) -> dict[tuple[object, ...], list[float]]:
    cells: dict[tuple[object, ...], list[float]] = defaultdict(list)
    for row in rows:
        cells[None if subjects else row.subject, *find_rest(row, names)].append(row.value)
    return cells


def find_rest(row: Datum, names: frozenset[str]) -> tuple[object, ...]:
    """What else holds of a row than its subject and the settings of these names."""
    rest = frozenset(own for own in row.settings if own.partition("=")[0] not in names)
    return rest, row.phase, row.statistics


def _sources(sides: Sequence[Sequence[Datum]]) -> tuple[Source, ...]:
    return tuple(side[0].source for side in sides)
