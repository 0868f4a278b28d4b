"""What was run alike but for its machine, so that nothing tells the two apart."""

import json
from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
from typing import Final

import numpy as np

from benchagent.arrays import Ints
from benchagent.facts.derivations.comparisons.contrasts import comparable_samples
from benchagent.facts.derivations.comparisons.option_levels import (
    levels_by_configuration,
    varied_options,
)
from benchagent.facts.derivations.counted_once.samples import Group, Samples, split_into_groups
from benchagent.facts.derivations.descriptions.corpus import count_of
from benchagent.facts.derivations.descriptions.statistics import settings_of
from benchagent.facts.derivations.rows.frame import Frame, number_rows
from benchagent.facts.derivations.rows.machines import NO_MACHINE, machine_of
from benchagent.facts.derivations.rows.rounds import in_shared_blocks
from benchagent.facts.derivations.rows.runs import name_run
from benchagent.facts.derivations.rows.settings import write_json
from benchagent.facts.fact import About, Fact, vary
from benchagent.wording import join_names, name_subject, quoted

RUNS_APART: Final = "runs-on-machines-apart"
# More pairs are a fleet, of which the first ones say all.
_MOST_SUBJECTS: Final = 12


def find_machines_apart(samples: Samples) -> Iterator[Fact]:
    """Counts of runs of two subjects, or of an option's values, that share no machine."""
    frame = comparable_samples(samples.frame)
    frame = frame.take(frame.known("subject"))
    if len(frame.used("machine")) < 2:
        return
    runs = frame.take(frame.first_of_each(["source_path", "record", "subject"]))
    yield from _subjects(runs)
    yield from _options(runs)


def _subjects(runs: Frame) -> Iterator[Fact]:
    contests: dict[tuple[str | None, ...], list[Group]] = defaultdict(list)
    for group in split_into_groups(runs, ["benchmark", "workload", "subject"]):
        contests[group.key["benchmark"], group.key["workload"]].append(group)
    bare = _without(runs, set())
    for groups in contests.values():
        groups.sort(key=lambda group: (-group.n, group.key["subject"] or ""))
        for one, other in combinations(groups[:_MOST_SUBJECTS], 2):
            rows = np.concatenate([one.rows, other.rows])
            arm = np.repeat([0, 1], [one.n, other.n])
            apart = _apart(runs, rows, arm, bare)
            if len(apart):
                pair = join_names([name_subject(each.key["subject"]) for each in (one, other)])
                fact = _count(runs, one, apart, pair, "comparison")
                yield vary(fact, of=other.key["subject"])


def _options(runs: Frame) -> Iterator[Fact]:
    for group in split_into_groups(runs, ["benchmark", "workload", "subject"]):
        settings = settings_of(runs, group)
        own = {name for found in settings for name in machine_of(found)}
        for option in varied_options(settings):
            if option in own:
                continue
            level = levels_by_configuration(runs, option)[runs.codes("settings")[group.rows]]
            rows, arm = group.rows[level >= 0], level[level >= 0]
            apart = _apart(runs, rows, arm, _without(runs, {option}))
            if len(apart):
                whose = f"{name_subject(group.key['subject'])} by {quoted(option)}"
                yield vary(_count(runs, group, apart, whose, "option"), option=option)


def _without(runs: Frame, names: set[str]) -> Ints:
    """A number per row for its settings but for some and its machine."""
    numbers: dict[str, int] = {}
    found: list[int] = []
    for text in runs.different("settings"):
        entries: dict[str, object] = json.loads(text)
        left_out = names | set(machine_of(entries))
        rest = write_json({key: value for key, value in entries.items() if key not in left_out})
        found.append(numbers.setdefault(rest, len(numbers)))
    return np.array(found, dtype=np.int64)[runs.codes("settings")]


def _apart(runs: Frame, rows: Ints, arm: Ints, bare: Ints) -> Ints:
    """The runs that are alike but for the machine, where none are alike on one.

    None where one of them does not name its machine: it may be that of the others.
    """
    rest, item, machine = bare[rows], runs.codes("item")[rows], runs.codes("machine")[rows]
    if in_shared_blocks(arm, number_rows(rest, item, machine)).any():
        return rows[:0]
    apart = rows[in_shared_blocks(arm, number_rows(rest, item))]
    return rows[:0] if NO_MACHINE in runs.used("machine", apart) else apart


def _count(runs: Frame, group: Group, rows: Ints, whose: str, about: About) -> Fact:
    told = runs.records(["source_path", "record"], np.sort(rows))
    label = f"runs of {whose} in {quoted(group.key['benchmark'] or '')} that share no machine"
    names = (name_run(str(path), str(record)) for path, record in told)
    counted = count_of(RUNS_APART, "runs", label, names, about=about)
    return vary(
        counted,
        subject=group.key["subject"],
        benchmark=group.key["benchmark"],
        workload=group.key["workload"] or None,
    )
