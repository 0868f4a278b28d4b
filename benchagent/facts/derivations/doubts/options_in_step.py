"""Options that were not shuffled: changed in stretches of runs, in turns, or only with cold calls."""

import json
import math
from collections.abc import Iterator
from typing import Final

import numpy as np

from benchagent.arrays import Ints
from benchagent.facts.derivations.comparisons.option_levels import (
    levels_by_configuration,
    varied_options,
)
from benchagent.facts.derivations.counted_once.samples import Group, split_into_groups
from benchagent.facts.derivations.descriptions.corpus import count_of
from benchagent.facts.derivations.descriptions.statistics import settings_of
from benchagent.facts.derivations.rows.frame import Frame
from benchagent.facts.derivations.rows.runs import name_run
from benchagent.facts.derivations.rows.settings import write_json
from benchagent.facts.fact import Fact, vary
from benchagent.wording import name_subject, quoted, quoted_setting

# Two cold calls share a value by chance too often to be worth telling.
_FEWEST_COLD: Final = 3
# Shuffled runs come in turns less often than this.
_SELDOM: Final = 0.01


def count_blocks_and_turns(frame: Frame) -> Iterator[Fact]:
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


def count_cold_levels(frame: Frame) -> Iterator[Fact]:
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
