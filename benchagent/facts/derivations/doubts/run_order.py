"""What the order of runs tells: values that drift or come in stretches, options changed in step."""

import json
import math
from collections.abc import Iterator
from typing import Final

import numpy as np

from benchagent.arrays import Ints
from benchagent.facts.derivations.comparisons.contrasts import adjust_for_family, comparable_samples
from benchagent.facts.derivations.comparisons.option_levels import (
    levels_by_configuration,
    varied_options,
)
from benchagent.facts.derivations.counted_once.samples import Group, Samples, split_into_groups
from benchagent.facts.derivations.descriptions.corpus import count_of
from benchagent.facts.derivations.descriptions.statistics import SUBJECT, settings_of
from benchagent.facts.derivations.doubts.ordered_settings import follows_settings, is_ranked
from benchagent.facts.derivations.rows.frame import Frame, number_rows
from benchagent.facts.derivations.rows.machines import NO_MACHINE
from benchagent.facts.derivations.rows.runs import name_run
from benchagent.facts.derivations.rows.settings import write_json
from benchagent.facts.fact import Fact, vary
from benchagent.facts.ids import Ids
from benchagent.facts.significance import SIGNIFICANT, order_stretches, order_trend
from benchagent.wording import name_phase, name_quantity, name_subject, quoted, quoted_setting

# Below this many runs in one file no trend can be told from chance after Holm.
_FEWEST: Final = 10
# Two cold calls share a value by chance too often to be worth telling.
_FEWEST_COLD: Final = 3
# Fewer values of one prompt and configuration tell little of what is usual for it.
_FEWEST_IN_BLOCK: Final = 5
# Shuffled runs come in turns less often than this.
_SELDOM: Final = 0.01
_SERIES: Final = [*SUBJECT, "phase", "source_path", "machine"]
THIRDS: Final = ("first third", "second third", "last third")


def find_order_effects(samples: Samples) -> Iterator[Fact]:
    """Trends along files, and the options that were changed only in blocks of runs."""
    trends: list[Fact] = []
    stretches: list[Fact] = []
    ordered = list(_long_groups(samples.frame))
    ranked = {_file_of(group) for group, order in ordered if is_ranked(samples.frame, group, order)}
    for group, order in ordered:
        follows = _file_of(group) in ranked or follows_settings(samples.frame, group, order)
        stretch = _stretches(samples.frame, group, order)
        trend = [] if follows else _trend(group, order)
        trends += trend
        stretches += stretch
        yield from (*trend, *stretch)
        if any(fact.kind == "test" and fact.value < SIGNIFICANT for fact in trend + stretch):
            for third, part in zip(THIRDS, np.array_split(order, len(THIRDS)), strict=True):
                yield _median_of_third((trend or stretch)[0], group, part, third)
    for tests, words in ((trends, "run order"), (stretches, "the run before")):
        yield from adjust_for_family(
            tests, lambda fact, words=words: f"{words} against {quoted(fact.metric or '')}"
        )
    yield from _blocks_and_turns(samples.frame)
    yield from _cold_levels(samples.frame)


def _long_groups(frame: Frame) -> Iterator[tuple[Group, Ints]]:
    """The groups with runs enough to tell a trend, each with the order of its runs."""
    for group in split_into_groups(comparable_samples(frame), _SERIES):
        if group.n >= _FEWEST:
            places = np.searchsorted(frame.ids, group.ids)
            yield group, np.lexsort((np.asarray(group.ids), frame.numbers("sequence")[places]))


def _file_of(group: Group) -> tuple[str | None, ...]:
    return (group.key["source_path"], group.key["subject"])


def _trend(group: Group, order: Ints) -> list[Fact]:
    """Kendall's tau of the values against their place in the file, and its p-value."""
    tau, p = order_trend(group.values[order])
    fact = _describe(group, order, "kendall-tau", "Kendall's tau", "run order", tau)
    return [fact, _p_value(fact, p)]


def _stretches(frame: Frame, group: Group, order: Ints) -> list[Fact]:
    """How alike successive values are, and its p-value."""
    rows = np.searchsorted(frame.ids, np.asarray(group.ids)[order])
    block = number_rows(*(frame.codes(name)[rows] for name in ("settings", "item")))
    if group.n < _FEWEST_IN_BLOCK * (int(block.max()) + 1):
        return []
    alike, p = order_stretches(group.values[order], block.tolist())
    fact = vary(
        _describe(group, order, "succession", "rank correlation", "the run before", alike),
        blocks=Ids(block),
    )
    return [fact, _p_value(fact, p)]


def _median_of_third(fact: Fact, group: Group, places: Ints, third: str) -> Fact:
    values = group.values[places]
    label = (
        f"median {name_quantity(fact.metric or '')} of "
        f"{name_subject(fact.subject, None, fact.workload)}, {third} of the runs in "
        f"{quoted(fact.of or '')}{name_phase(fact.phase)}"
    )
    return vary(
        fact,
        label=label,
        value=float(np.median(values)),
        unit=group.key["unit"],
        method="median",
        level=write_json(third),
        n=len(values),
        measurements=Ids(np.asarray(group.ids)[places]),
    )


def _p_value(fact: Fact, p: float) -> Fact:
    what = fact.label.partition(", ")[2]
    return vary(fact, kind="test", label=f"p-value, {what}", value=p, method=f"{fact.method}-p")


def _describe(
    group: Group, order: Ints, method: str, words: str, against: str, value: float
) -> Fact:
    key = group.key
    return Fact(
        kind="statistic",
        label=(
            f"{words}, {name_quantity(key['metric'] or '')} of "
            f"{name_subject(key['subject'], None, key['workload'])} against {against} in "
            f"{quoted(key['source_path'] or '')}{name_phase(key['phase'])}"
        ),
        value=value,
        unit=None,
        about="order",
        of=key["source_path"],
        metric=key["metric"],
        definition=key["definition"],
        method=method,
        n=group.n,
        benchmark=key["benchmark"],
        subject=key["subject"],
        workload=key["workload"] or None,
        config=None if key["machine"] == NO_MACHINE else key["machine"],
        phase=key["phase"],
        measurements=Ids(np.asarray(group.ids)[order]),
    )


def _blocks_and_turns(frame: Frame) -> Iterator[Fact]:
    """Counts of runs, per file and subject, in which an option's values were not shuffled.

    They were run one by one, or in turns of one order.
    """
    runs = frame.take(frame.first_of_each(["source_path", "record", "subject"]))
    levels = _Levels(runs)
    columns = ["benchmark", "subject", "workload", "series", "source_path"]
    for group in split_into_groups(runs, columns):
        order = np.lexsort((np.asarray(group.ids), runs.numbers("sequence")[group.rows]))
        rows = group.rows[order]
        for option in varied_options(settings_of(runs, group)):
            found = levels.of(option, rows)
            if _is_in_blocks(found):
                yield _runs_of(runs, group, option, "runs-in-blocks", "only in blocks")
            elif _is_in_turns(found):
                yield _runs_of(runs, group, option, "runs-in-turns", "in turns of one order")


class _Levels:
    """Which value of an option each run has, as a number; -1 where it has none."""

    def __init__(self, runs: Frame) -> None:
        self._runs = runs
        self._codes = runs.codes("settings")
        self._levels: dict[str, Ints] = {}

    def of(self, option: str, rows: Ints) -> Ints:
        """The values of the runs that record the option, in the order of the rows."""
        if option not in self._levels:
            self._levels[option] = levels_by_configuration(self._runs, option)
        levels = self._levels[option][self._codes[rows]]
        return levels[levels >= 0]


def _is_in_blocks(levels: Ints) -> bool:
    """Whether each value was run in one go, two times or more, before the next one was."""
    changes = int(np.count_nonzero(np.diff(levels)))
    _, sizes = np.unique(levels, return_counts=True)
    return changes == len(sizes) - 1 and int(sizes.min()) >= 2


def _is_in_turns(levels: Ints) -> bool:
    """Whether the values followed each other in one order again and again, as no shuffling would."""
    _, sizes = np.unique(levels, return_counts=True)
    turn = len(sizes)
    if turn < 2 or not np.array_equal(levels[turn:], levels[:-turn]):
        return False
    arrangements = math.lgamma(len(levels) + 1) - sum(math.lgamma(n + 1) for n in sizes.tolist())
    return math.lgamma(turn + 1) - arrangements < math.log(_SELDOM)


def _runs_of(runs: Frame, group: Group, option: str, what: str, how: str) -> Fact:
    source = group.key["source_path"] or ""
    records = runs.cells("record", group.rows)
    subject, workload = group.key["subject"], group.key["workload"] or None
    label = (
        f"runs of {name_subject(subject, None, workload)} in {quoted(source)} that changed "
        f"{quoted(option)} {how}"
    )
    counted = count_of(
        what, "runs", label, (name_run(source, str(r)) for r in records), about="order"
    )
    return vary(
        counted,
        option=option,
        of=source,
        subject=subject,
        workload=workload,
        benchmark=group.key["benchmark"],
    )


def _cold_levels(frame: Frame) -> Iterator[Fact]:
    """Counts of cold calls, per file and subject, where all fall on one value of an option."""
    calls = frame.take(frame.known("phase"))
    calls = calls.take(calls.first_of_each(["source_path", "record", "subject"]))
    levels, cold_calls = _Levels(calls), calls.has("phase", "cold")
    for group in split_into_groups(calls, ["benchmark", "subject", "series", "source_path"]):
        cold = group.rows[cold_calls[group.rows]]
        if len(cold) < _FEWEST_COLD or len(cold) == group.n:
            continue
        for option in varied_options(settings_of(calls, group)):
            found = levels.of(option, cold)
            if len(found) == len(cold) and len(np.unique(found)) == 1:
                yield _cold_at_level(calls, group, cold, option)


def _cold_at_level(calls: Frame, group: Group, cold: Ints, option: str) -> Fact:
    source = group.key["source_path"] or ""
    level = write_json(json.loads(calls.cells("settings", cold[:1])[0] or "{}")[option])
    label = (
        f"cold calls of {name_subject(group.key['subject'])} in {quoted(source)}, all at "
        f"{quoted_setting(option, level)}"
    )
    records = calls.cells("record", cold)
    counted = count_of(
        "cold-runs-at-level",
        "calls",
        label,
        (name_run(source, str(r)) for r in records),
        about="phase",
    )
    return vary(
        counted,
        option=option,
        level=level,
        of=source,
        subject=group.key["subject"],
        benchmark=group.key["benchmark"],
        phase="cold",
    )
