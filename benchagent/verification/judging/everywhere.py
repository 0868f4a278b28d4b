"""Whether a comparison holds at every level where both were measured: "faster at every context"."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from statistics import fmean
from typing import Final

from benchagent.quantities.metrics import metric_label
from benchagent.quantities.numbers import write_number
from benchagent.verification.claims import Verdict, contradicted
from benchagent.verification.evidence.datums import Datum
from benchagent.verification.judging.contrasts import (
    Condition,
    Contrast,
    find_apart,
    find_rest,
    find_rows,
)
from benchagent.verification.judging.yardsticks import Yardstick
from benchagent.verification.question import Knowledge

# What differs by less is no exception.
_TIED: Final = 0.005
_STEM: Final = 4
_SUBJECT: Final = "model"

# A level of a setting, or a subject, and the values of either side there.
Place = tuple[str, str]
Sides = tuple[list[float], list[float]]


def hold_everywhere(
    verdict: Verdict,
    contrasts: Sequence[Contrast],
    yardstick: Yardstick,
    nouns: frozenset[str],
    knowledge: Knowledge,
) -> Verdict:
    """What is borne out in the mean, contradicted where one level is an exception.

    Args:
        verdict: of the comparison without its "every".
        contrasts: what is held against what.
        yardstick: in what, and which way.
        nouns: of what the text says "every"; of all settings if they name none of the data.
        knowledge: the data.
    """
    if verdict.ruling != "supported":
        return verdict
    for metric in yardstick.metrics:
        upward = yardstick.is_upward(metric)
        for contrast in contrasts if upward is not None else ():
            places = _compare_at_each(metric, contrast, yardstick.statistic, knowledge)
            named = {place: sides for place, sides in places.items() if _names(nouns, place[0])}
            for place, (ours, theirs) in (named or places).items():
                ratio = fmean(ours) / fmean(theirs)
                if ratio < 1 - _TIED if upward else ratio > 1 + _TIED:
                    unit = find_rows(metric, contrast.shared, yardstick.statistic, knowledge)[
                        0
                    ].unit
                    told = f"{write_number(fmean(ours), unit)} against "
                    told += f"{write_number(fmean(theirs), unit)} of {metric_label(metric)}"
                    return contradicted(f"not everywhere: {told} with {'='.join(place)}")
        if upward is not None and knowledge.corpus.index.by_metric.get(metric):
            break  # the first that the data have is the one that was judged
    return verdict


def find_rivals(
    first: Condition, shared: Condition, metrics: Sequence[str], knowledge: Knowledge
) -> Iterator[Contrast]:
    """A subject or a level against each other one that was measured: of it "the best" is told."""
    rows = [row for metric in metrics for row in find_rows(metric, shared, None, knowledge)]
    if first.subjects:
        for subject in sorted({row.subject for row in rows if row.subject} - first.subjects):
            yield Contrast(first, Condition(frozenset({subject}), ()), shared)
        return
    settings = {setting for row in rows for setting in row.settings}
    for setting in sorted(settings.difference(*first.levels)):
        if setting.partition("=")[0] in first.names():
            yield Contrast(first, Condition(frozenset(), (frozenset({setting}),)), shared)


def _compare_at_each(
    metric: str, contrast: Contrast, statistic: str | None, knowledge: Knowledge
) -> dict[Place, Sides]:
    """The values of both sides at each level of each other setting, from cells that both have."""
    rows = find_rows(metric, contrast.shared, statistic, knowledge)
    sides = [[row for row in rows if own.holds(row)] for own in (contrast.first, contrast.second)]
    names = contrast.first.names() | contrast.second.names() | find_apart(sides)
    of_subjects = bool(contrast.first.subjects)
    cells: dict[tuple[object, ...], Sides] = defaultdict(lambda: ([], []))
    told: dict[tuple[object, ...], Datum] = {}
    for at, side in enumerate(sides):
        for row in side:
            cell = None if of_subjects else row.subject, *find_rest(row, names)
            cells[cell][at].append(row.value)
            told[cell] = row
    found: dict[Place, Sides] = defaultdict(lambda: ([], []))
    for cell, (ours, theirs) in cells.items():
        if ours and theirs:
            for place in _places(told[cell], names, of_subjects=of_subjects):
                found[place][0].append(fmean(ours))
                found[place][1].append(fmean(theirs))
    return found


def _places(row: Datum, names: frozenset[str], *, of_subjects: bool) -> Iterator[Place]:
    for setting in sorted(row.settings):
        name, _, level = setting.partition("=")
        if name not in names:
            yield name, level
    if not of_subjects and row.subject:
        yield _SUBJECT, row.subject


def _names(nouns: frozenset[str], name: str) -> bool:
    """Whether "every offload level" or "all tasks" is said of a setting."""
    stems = {noun[:_STEM] for noun in nouns if len(noun) >= _STEM}
    return any(part[:_STEM] in stems for part in name.split("_"))
