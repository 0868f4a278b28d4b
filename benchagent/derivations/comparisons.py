"""One subject against another, over what both were run with."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from benchagent.derivations.contrasts import (
    adjust_for_family,
    better_first,
    comparable_samples,
    in_shared_blocks,
    interval_of_ratio,
    number_rows,
    ratio_of,
    test_difference,
)
from benchagent.derivations.samples import Group, Samples, split_into_groups
from benchagent.derivations.statistics import SUBJECT, describe_by, shared_settings
from benchagent.estimates import Ints
from benchagent.facts import Fact, vary
from benchagent.wording import name_phase, name_quantity, name_subject

# Pairs grow with the square; subjects beyond these, by how often they were measured, stand alone.
_MOST_SUBJECTS: Final = 12
_CONTEST: Final = ["benchmark", "metric", "definition", "unit", "statistic", "phase"]


class _Match(NamedTuple):
    """Numbers of two subjects in blocks that hold both; `same_file` where the blocks say so too."""

    rows: Ints
    arm: Ints
    block: Ints
    same_file: bool


def compare_subjects(samples: Samples) -> Iterator[Fact]:
    """Medians over what both were run with, their ratio, and whether chance explains it."""
    tests: list[Fact] = []
    frame = comparable_samples(samples.frame)
    frame = frame[frame["subject"].notna()].reset_index(drop=True)
    contests: dict[tuple[str | None, ...], list[Group]] = defaultdict(list)
    for group in split_into_groups(frame, [*SUBJECT, "phase"]):
        contests[tuple(group.key[name] for name in _CONTEST)].append(group)
    for groups in contests.values():
        groups.sort(key=lambda group: (-group.n, group.key["subject"] or ""))
        for one, other in combinations(groups[:_MOST_SUBJECTS], 2):
            facts = list(_compare(frame, one, other))
            tests.extend(facts)
            yield from facts
    yield from adjust_for_family(tests, lambda fact: f"subjects against {fact.metric}")


def _compare(frame: pd.DataFrame, one: Group, other: Group) -> Iterator[Fact]:
    match = _match(frame, one, other)
    if match is None:
        return
    sides = [_side(frame, group, match, arm) for arm, group in enumerate((one, other))]
    facts = [
        _median_beside(frame, side, versus)
        for side, versus in zip(sides, reversed(sides), strict=True)
    ]
    yield from facts
    better = better_first(one.key["metric"] or "")
    order = sorted((0, 1), key=lambda at: better(facts[at]))
    best, worst = (facts[at] for at in order)
    where = "same file" if match.same_file else "different files"
    label = (
        f"{name_quantity(best.metric or '')}{name_phase(best.phase)}: "
        f"{name_subject(best.subject)} over {name_subject(worst.subject)}, {where}"
    )
    template = vary(best, label=label, config=None, level=where)
    interval = interval_of_ratio(*(sides[at] for at in order))
    yield from filter(None, [ratio_of(best, worst, template, interval)])
    ids, values = frame["id"].to_numpy()[match.rows], frame["value"].to_numpy()[match.rows]
    test = vary(template, label=f"p-value of {label}")
    yield from test_difference(ids, values, match.arm, match.block, test)


def _match(frame: pd.DataFrame, one: Group, other: Group) -> _Match | None:
    """Blocks of equal settings and item, within a file where both subjects stand in one."""
    rows = np.concatenate([one.rows, other.rows])
    arm = np.repeat([0, 1], [one.n, other.n])
    order = np.argsort(rows)
    rows, arm = rows[order], arm[order]
    codes = {
        name: frame[name].cat.codes.to_numpy()[rows] for name in ("settings", "item", "source_path")
    }
    for names in (("settings", "item", "source_path"), ("settings", "item")):
        block = number_rows(*(codes[name] for name in names))
        kept = in_shared_blocks(arm, block)
        if kept.any():
            return _Match(rows[kept], arm[kept], block[kept], "source_path" in names)
    return None


def _side(frame: pd.DataFrame, group: Group, match: _Match, arm: int) -> Group:
    rows = match.rows[match.arm == arm]
    ids = frame["id"].to_numpy()[rows]
    return Group(group.key, frame["value"].to_numpy()[rows], tuple(ids.tolist()), rows)


def _median_beside(frame: pd.DataFrame, side: Group, versus: Group) -> Fact:
    method = "median" if side.n > 1 else "value"
    fact = describe_by(method, side, "comparison", shared_settings(frame, side))
    rival = versus.key["subject"]
    label = f"{fact.label}, runs matched with {name_subject(rival)}"
    return vary(fact, label=label, of=rival)
