"""Whether a level of a setting has the most of something, wherever it is compared with others."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from statistics import fmean, median
from typing import Final

from benchagent.quantities.metrics import metric_label
from benchagent.quantities.numbers import write_number
from benchagent.verification.claims import Verdict, contradicted, supported
from benchagent.verification.evidence.datums import Datum
from benchagent.verification.judging.contrasts import (
    Condition,
    choose_verdict,
    find_apart,
    find_rest,
    find_rows,
)
from benchagent.verification.judging.yardsticks import Yardstick
from benchagent.verification.question import Knowledge

# What differs by less is as good.
_TIED: Final = 0.005

# The values of each level of a setting that are alike in all else.
Cell = dict[str, list[float]]


def judge_best_level(
    level: frozenset[str], shared: Condition, yardstick: Yardstick, knowledge: Knowledge
) -> Verdict | None:
    """Whether a level has the most of a metric, or the least where the word says so.

    None where the data do not compare it with other levels, or it is best of some (of one model, in
    the mean) and not of others.
    """
    verdicts: list[Verdict | None] = []
    for metric in yardstick.metrics:
        upward = yardstick.is_upward(metric)
        if upward is not None:
            rows = find_rows(metric, shared, yardstick.statistic, knowledge)
            verdicts += [_judge(own, rows, metric, upward=upward) for own in sorted(level)]
    return choose_verdict([verdict for verdict in verdicts if verdict])


def _judge(setting: str, rows: Sequence[Datum], metric: str, *, upward: bool) -> Verdict | None:
    name = setting.partition("=")[0]
    own = [row for row in rows if setting in row.settings]
    others = [row for row in rows if setting not in row.settings and _level_of(row, name)]
    if not own or not others:
        return None
    cells = _find_cells((*own, *others), name, find_apart((own, others)) | {name})
    of_subject: dict[object, list[Cell]] = defaultdict(list)
    for (subject, *_), cell in cells.items():
        if setting in cell and len(cell) > 1:
            of_subject[subject].append(cell)
    every = [cell for own_cells in of_subject.values() for cell in own_cells]
    if not every:
        return None
    wins = [_is_best(setting, found, upward=upward) for found in (every, *of_subject.values())]
    told = _tell(setting, every, rows[0].unit, metric, upward=upward)
    if all(wins):
        return supported(told, own[0].source)
    if any(wins) or any(_is_best(setting, [cell], upward=upward, tied=False) for cell in every):
        return None
    return contradicted(f"it is another: {told}", own[0].source)


def _level_of(row: Datum, name: str) -> str | None:
    return next((own for own in row.settings if own.partition("=")[0] == name), None)


def _find_cells(
    rows: Iterable[Datum], name: str, dropped: frozenset[str]
) -> dict[tuple[object, ...], Cell]:
    cells: dict[tuple[object, ...], Cell] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        cell = cells[row.subject, *find_rest(row, dropped)]
        cell[_level_of(row, name) or ""].append(row.value)
    return cells


def _is_best(setting: str, cells: Sequence[Cell], *, upward: bool, tied: bool = True) -> bool:
    """Whether no other level has more where both were measured, in the mean or in the median.

    With `tied` false none may have as much either.
    """
    room = _TIED if tied else -_TIED
    others = {level for cell in cells for level in cell} - {setting}
    for summary in (fmean, median):
        ratios = [_ratio(setting, other, cells, summary) for other in others]
        if all(r >= 1 - room if upward else r <= 1 + room for r in ratios):
            return True
    return False


def _ratio(
    one: str, other: str, cells: Sequence[Cell], summary: Callable[[Iterable[float]], float]
) -> float:
    both = [cell for cell in cells if one in cell and other in cell]
    ours, theirs = ([value for cell in both for value in cell[level]] for level in (one, other))
    return summary(ours) / summary(theirs)


def _tell(
    setting: str, cells: Sequence[Cell], unit: str | None, metric: str, *, upward: bool
) -> str:
    """The best level and the one told of, in the mean over what they share."""
    others = {level for cell in cells for level in cell} - {setting}
    sign = 1 if upward else -1
    rival = min(sorted(others), key=lambda level: sign * _ratio(setting, level, cells, fmean))
    both = [cell for cell in cells if setting in cell and rival in cell]
    means = {level: fmean(v for cell in both for v in cell[level]) for level in (setting, rival)}
    first, second = sorted(means, key=lambda level: -sign * means[level])
    return (
        f"{metric_label(metric)} is {write_number(means[first], unit)} with {first} "
        f"and {write_number(means[second], unit)} with {second} in the mean"
    )
