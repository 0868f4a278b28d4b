"""A difference tested again with something else held alike: is there anything left of it?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np

from benchagent.arrays import Floats, Ints
from benchagent.facts.derivations.comparisons.contrasts import compare_arms
from benchagent.facts.derivations.rows.frame import number_rows
from benchagent.facts.derivations.rows.rounds import Rounds, in_shared_blocks, kind_in
from benchagent.facts.estimates import are_outcomes
from benchagent.facts.fact import Fact, vary
from benchagent.findings.finding import Finding
from benchagent.inquiries.catalogue import Catalogue
from benchagent.inquiries.dimensions import Dimension
from benchagent.inquiries.family import Family, adjust_together, find_test
from benchagent.inquiries.unanswerable import count_runs
from benchagent.wording import quoted

SURE: Final = 0.05
# Less than this share of a difference is nothing left of it.
_LEFT: Final = 0.5
LINKS: Final = "links tested"

Outcome = Literal["in-step", "vanishes", "stays", "untestable"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Retest:
    """What became of a difference.

    Attributes:
        outcome: `in-step`: the two never changed apart; `vanishes`: held alike, nothing is left;
            `stays`: it is there all the same; `untestable`: too little was run apart.
        facts: what this rests on.
        test, adjusted: the new test, and after Holm over all links tested.
        count: the runs that changed in step.
        shrank: whether less than half of the difference is left.
    """

    finding: Finding
    dimension: Dimension
    outcome: Outcome
    facts: tuple[Fact, ...] = ()
    test: Fact | None = None
    adjusted: Fact | None = None
    count: Fact | None = None
    shrank: bool = False


def test_of(finding: Finding, facts: Mapping[str, Fact]) -> Fact | None:
    """The rank test that a finding of a difference rests on; None where it rests on none."""
    waiting = [facts[id] for id in finding.facts]
    while waiting:
        fact = waiting.pop()
        if fact.kind == "test" and fact.arms and fact.method != "smallest-p":
            return fact
        if fact.method == "holm":
            waiting += [facts[id] for id in fact.facts if id in facts]
    return None


def shows_none(finding: Finding, facts: Mapping[str, Fact]) -> bool:
    """Whether a finding rests on tests and none of them is clear: nothing to find a cause of."""
    tests = [facts[id] for id in finding.facts if facts[id].kind == "test"]
    return bool(tests) and all(test.value >= SURE for test in tests)


def retest_all(
    asked: Sequence[tuple[Finding, Dimension]], facts: Mapping[str, Fact], known: Catalogue
) -> tuple[Retest, ...]:
    """Each difference again, with Holm over all of them."""
    drafts = [_retest(finding, dimension, facts, known) for finding, dimension in asked]
    family = adjust_together((fact for draft in drafts for fact in draft.facts), LINKS)
    return tuple(_settle(draft, family) for draft in drafts)


def _settle(draft: Retest, family: Family) -> Retest:
    found = family.adjusted.get(draft.test.id) if draft.test else None
    if found is None:
        return draft
    outcome: Outcome = "untestable"
    if found.value < SURE:
        outcome = "stays"
    elif draft.shrank:
        outcome = "vanishes"
    facts = (*draft.facts, found, *family.counts)
    return replace(draft, outcome=outcome, adjusted=found, facts=facts)


def _retest(
    finding: Finding, dimension: Dimension, facts: Mapping[str, Fact], known: Catalogue
) -> Retest:
    draft = Retest(finding=finding, dimension=dimension, outcome="untestable")
    test = test_of(finding, facts)
    if test is None or test.option == dimension.name:
        return draft
    ids = known.frame.ids
    rows = np.searchsorted(ids, test.measurements)
    if (rows >= len(ids)).any() or (ids[np.minimum(rows, len(ids) - 1)] != test.measurements).any():
        return draft
    codes = dimension.codes[rows]
    if (codes < 0).any() or len(np.unique(codes)) < 2:
        return draft
    arm, block = np.array(test.arms), np.array(test.blocks)
    if not in_shared_blocks(arm, codes).any():
        return _in_step(draft, test, rows, known)
    within = number_rows(block, codes)
    kept = in_shared_blocks(arm, within)
    if not kept.any():
        return draft
    values = known.frame.values[rows]
    label = f"{test.label}, with {quoted(dimension.name)} held alike"
    template = vary(test, label=label, about="inquiry", of=finding.id, level=dimension.name)
    found = list(
        compare_arms(
            np.array(test.measurements)[kept],
            values[kept],
            arm[kept],
            within[kept],
            template,
            _rounds_of(test, kept),
        )
    )
    before, after = _spread(values, arm, block), _spread(values[kept], arm[kept], within[kept])
    return replace(
        draft,
        facts=tuple(found),
        test=find_test(found),
        shrank=after < _LEFT * before,
    )


def _rounds_of(test: Fact, kept: np.ndarray) -> Rounds | None:
    """The rounds of the first test, as far as they are left."""
    if not test.rounds:
        return None
    every = np.ones(int(kept.sum()), dtype=np.bool_)
    kind = kind_in(test.label)
    return Rounds(every, np.array(test.rounds)[kept], np.array(test.strata)[kept], kind)


def _spread(values: Floats, arm: Ints, block: Ints) -> float:
    """How far apart the arms lie once blocks are set aside: their medians, of outcomes their means."""
    _, numbers = np.unique(block, return_inverse=True)
    centred = values - (np.bincount(numbers, weights=values) / np.bincount(numbers))[numbers]
    centre = np.mean if are_outcomes(values) else np.median
    centres = [float(centre(centred[arm == each])) for each in np.unique(arm)]
    return max(centres) - min(centres)


def _in_step(draft: Retest, test: Fact, rows: Ints, known: Catalogue) -> Retest:
    named = quoted(draft.dimension.name)
    label = f"runs behind the finding in which {named} never changed apart from what is compared"
    count = count_runs(known, rows, "runs-in-step", label, of=draft.finding.id)
    count = vary(count, metric=test.metric, subject=test.subject, option=draft.dimension.name)
    return replace(draft, outcome="in-step", facts=(count,), count=count)
