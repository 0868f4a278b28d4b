"""One subject against another, over what both were run with."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
from typing import Final, NamedTuple

import numpy as np

from benchagent.arrays import Ints
from benchagent.facts.derivations.comparisons.contrasts import (
    ACROSS_FILES,
    SAME_QUESTIONS,
    adjust_for_family,
    better_first,
    comparable_samples,
    compare_arms,
    count_files,
    interval_of_ratio,
    ratio_of,
)
from benchagent.facts.derivations.comparisons.evenness import AS_MANY, even_out
from benchagent.facts.derivations.counted_once.samples import (
    Group,
    Samples,
    group_of,
    split_into_groups,
)
from benchagent.facts.derivations.descriptions.statistics import (
    SUBJECT,
    centres_of,
    describe_by,
    shared_settings,
)
from benchagent.facts.derivations.rows.frame import Frame, number_rows
from benchagent.facts.derivations.rows.machines import say_within
from benchagent.facts.derivations.rows.rounds import Rounds, find_rounds, in_shared_blocks
from benchagent.facts.fact import Fact, vary
from benchagent.wording import gives_answers, name_phase, name_quantity, name_subject, quoted

IN_BLOCKS: Final = "run in blocks of one subject"
# Pairs grow with the square; subjects beyond these, by how often they were measured, stand alone.
_MOST_SUBJECTS: Final = 12
# Two values can be compared where all of these agree.
CONTEST: Final = ["benchmark", "workload", "metric", "definition", "unit", "statistic", "phase"]


class _Match(NamedTuple):
    """Numbers of two subjects in blocks that hold both, and in what they are alike."""

    rows: Ints
    arm: Ints
    block: Ints
    alike: str
    rounds: Rounds | None


def compare_subjects(samples: Samples) -> Iterator[Fact]:
    """Medians over what both were run with, their ratio, and whether chance explains it."""
    tests: list[Fact] = []
    frame = comparable_samples(samples.frame)
    frame = frame.take(frame.known("subject"))
    contests: dict[tuple[str | None, ...], list[Group]] = defaultdict(list)
    for group in split_into_groups(frame, [*SUBJECT, "phase"]):
        contests[tuple(group.key[name] for name in CONTEST)].append(group)
    for groups in contests.values():
        groups.sort(key=lambda group: (-group.n, group.key["subject"] or ""))
        for one, other in combinations(groups[:_MOST_SUBJECTS], 2):
            facts = list(_compare(frame, one, other))
            tests.extend(facts)
            yield from facts
    yield from adjust_for_family(tests, _family)


def _family(fact: Fact) -> str:
    """Within a file and across files are two questions: machine and day differ in the second."""
    where = "across files" if ACROSS_FILES in (fact.level or "") else "within files"
    return f"subjects against {quoted(fact.metric or '')} {where}"


def _compare(frame: Frame, one: Group, other: Group) -> Iterator[Fact]:
    match = _match(frame, one, other)
    if match is None:
        return
    sides = [_side(frame, group, match, arm) for arm, group in enumerate((one, other))]
    facts = [
        _centre_beside(frame, method, side, versus)
        for method, side, versus in zip(centres_of(*sides), sides, reversed(sides), strict=True)
    ]
    yield from facts
    better = better_first(one.key["metric"] or "")
    order = sorted((0, 1), key=lambda at: better(facts[at]))
    best, worst = (facts[at] for at in order)
    label = (
        f"{name_quantity(best.metric or '')}{name_phase(best.phase)}: "
        f"{name_subject(best.subject)} over {name_subject(worst.subject)}, {match.alike}"
    )
    template = vary(best, label=label, config=None, level=match.alike)
    interval = interval_of_ratio(*(sides[at] for at in order)) if match.rounds is None else None
    yield from filter(None, [ratio_of(best, worst, template, interval)])
    yield count_files(frame, match.rows, template, f"what was compared: {label}")
    ids, values = frame.ids[match.rows], frame.values[match.rows]
    test = vary(template, label=f"p-value of {label}")
    yield from compare_arms(ids, values, match.arm, match.block, test, match.rounds)


def _match(frame: Frame, one: Group, other: Group) -> _Match | None:
    """Blocks of equal settings and item, within a file where both subjects stand in one."""
    rows = np.concatenate([one.rows, other.rows])
    arm = np.repeat([0, 1], [one.n, other.n])
    order = np.argsort(rows)
    rows, arm = rows[order], arm[order]
    codes = {name: frame.codes(name)[rows] for name in ("settings", "item", "source_path")}
    for names in (("settings", "item", "source_path"), ("settings", "item")):
        block = number_rows(*(codes[name] for name in names))
        kept = in_shared_blocks(arm, block)
        if kept.any():
            alike = "alike in recorded settings and prompt"
            if not gives_answers(one.key["benchmark"]):
                alike = "alike in recorded settings"
            elif "" in frame.cells("item", rows[kept]):
                alike = "alike in recorded settings, their prompts unknown"
            if "source_path" not in names:
                alike += f", {ACROSS_FILES}"
            match = _evened(frame, _Match(rows[kept], arm[kept], block[kept], alike, None))
            return _in_rounds(frame, match)
    return None


def _evened(frame: Frame, match: _Match) -> _Match:
    even = even_out(frame.values[match.rows], match.arm, match.block)
    if even is not None:
        rows, arm, block = match.rows[even], match.arm[even], match.block[even]
        match = _Match(rows, arm, block, f"{match.alike}, {AS_MANY}", None)
    return match._replace(alike=say_within(frame, match.rows, match.arm, match.alike))


def _in_rounds(frame: Frame, match: _Match) -> _Match:
    """The match with its rounds, where every round held both subjects.

    Most files hold one subject after the other, once: a block each could show nothing, whatever
    the numbers, so their calls are compared and the blocks are named.
    """
    runs = match.rows, match.arm, match.block
    rounds = find_rounds(frame, *runs, loads=True)
    if rounds is not None and rounds.too_few_questions:
        return match._replace(alike=f"{match.alike}, {SAME_QUESTIONS}")
    if rounds is not None and rounds.paired:
        return match._replace(rounds=rounds)
    if ACROSS_FILES in match.alike or find_rounds(frame, *runs, loads=False) is None:
        return match
    return match._replace(alike=f"{match.alike}, {IN_BLOCKS}")


def _side(frame: Frame, group: Group, match: _Match, arm: int) -> Group:
    return group_of(frame, match.rows[match.arm == arm], group.key)


def _centre_beside(frame: Frame, method: str, side: Group, versus: Group) -> Fact:
    fact = describe_by(method, side, "comparison", shared_settings(frame, side))
    rival = versus.key["subject"]
    label = f"{fact.label}, runs matched with {name_subject(rival)}"
    return vary(fact, label=label, of=rival)
