"""Which configuration did best, and whether anything sets it apart from its rivals."""

import json
from collections.abc import Collection, Iterator
from itertools import combinations

import numpy as np

from benchagent.calls.options import LOAD_OPTIONS
from benchagent.facts.derivations.comparisons.competitions import Field, find_fields
from benchagent.facts.derivations.comparisons.contrasts import (
    MOST_PAIRED,
    adjust_for_family,
    compare_arms,
    count_files,
    ratio_of,
)
from benchagent.facts.derivations.comparisons.matched_fields import blocks_of
from benchagent.facts.derivations.counted_once.samples import Samples, correctly_labelled
from benchagent.facts.derivations.rows.frame import Frame
from benchagent.facts.derivations.rows.rounds import find_rounds, in_shared_blocks
from benchagent.facts.fact import Fact, by_name, vary
from benchagent.facts.rank_tests import lead_in_rank, round_centres
from benchagent.facts.significance import SIGNIFICANT
from benchagent.quantities.metrics import find_metric
from benchagent.wording import name_phase, name_quantity, name_subject, quoted, quoted_settings


def rank_configurations(samples: Samples, described: Collection[Fact]) -> Iterator[Fact]:
    """Per subject and metric: how many configurations, the best over the next, tests of pairs."""
    tests: list[Fact] = []
    mislabelled = samples.frame.ids[~correctly_labelled(samples.frame)]
    known = {fact.id for fact in described}
    for field in find_fields(samples.frame, described, mislabelled):
        yield from (fact for fact in field.ranked if fact.id not in known)
        yield from _counts(field)
        yield _count_files(samples.frame, field)
        facts = list(_test_pairs(samples.frame, field))
        tests.extend(facts)
        yield from facts
        if not any(_says_the_reverse(samples.frame, fact, field.ranked[0]) for fact in facts):
            yield from _lead(field)
    yield from adjust_for_family(tests, _family)


def _family(fact: Fact) -> str:
    parts = (
        fact.metric, fact.subject, fact.of, fact.workload, fact.benchmark, fact.definition,
        fact.phase,
    )  # fmt: skip
    return f"configurations against {' '.join(quoted(part) for part in parts if part)}"


def _counts(field: Field) -> Iterator[Fact]:
    ranked, best = field.ranked, field.ranked[0]
    once = [fact for fact in ranked if fact.n == 1]
    overlapping = [fact for fact in ranked[1:] if _overlap(best, fact)]
    for what, words, facts in (
        ("configurations", "configurations compared", ranked),
        ("configurations-told-once", "configurations for which one number stands", once),
        ("overlapping", "configurations whose interval overlaps the best one's", overlapping),
    ):
        label = f"{words}: {name_quantity(best.metric or '')} of "
        label += f"{name_subject(best.subject, best.of, best.workload)}{name_phase(best.phase)}"
        yield vary(
            field.template(label),
            kind="count",
            statistic=what,
            value=len(facts),
            unit="configurations",
            method="count",
            facts=tuple(fact.id for fact in sorted(facts, key=by_name)),
        )


def _count_files(frame: Frame, field: Field) -> Fact:
    measured = np.concatenate([fact.measurements for fact in field.ranked])
    rows, best = np.searchsorted(frame.ids, measured), field.ranked[0]
    compared = f"the configurations compared: {name_quantity(best.metric or '')} of "
    compared += f"{name_subject(best.subject, best.of, best.workload)}{name_phase(best.phase)}"
    return count_files(frame, rows, field.template(compared), compared)


def _overlap(one: Fact, other: Fact) -> bool:
    if one.ci_low is None or one.ci_high is None or other.ci_low is None or other.ci_high is None:
        return False
    return one.ci_low <= other.ci_high and other.ci_low <= one.ci_high


def _lead(field: Field) -> Iterator[Fact]:
    ranked, best = field.ranked, field.ranked[0]
    for what, rival in (("best-over-next", ranked[1]), ("best-over-last", ranked[-1])):
        label = (
            f"{name_quantity(best.metric or '')} of {name_subject(best.subject, best.of, best.workload)}"
            f"{name_phase(best.phase)}: {quoted_settings(best.config or '{}')} over "
            f"{quoted_settings(rival.config or '{}')}"
        )
        label += f", {field.taken}" if field.taken else ""
        template = vary(field.template(label), statistic=what, level=field.taken or None)
        yield from filter(None, [ratio_of(best, rival, template, None)])


def _test_pairs(frame: Frame, field: Field) -> Iterator[Fact]:
    """Every pair, so that the best one is not compared more kindly than it was chosen."""
    ranked = field.ranked
    if len(ranked) > MOST_PAIRED or sum(len(fact.measurements) > 1 for fact in ranked) < 2:
        return
    ids, values = frame.ids, frame.values
    for one, other in combinations(ranked, 2):
        rows = np.sort(np.searchsorted(ids, np.concatenate([one.measurements, other.measurements])))
        arm = np.isin(ids[rows], one.measurements).astype(np.int64)
        block = blocks_of(frame, rows, arm)
        shared = in_shared_blocks(arm, block)
        if not shared.any():
            continue
        rows, arm, block = rows[shared], arm[shared], block[shared]
        loads = _differ_in_loading(one, other)
        rounds = find_rounds(frame, rows, arm, block, loads=loads)
        label = (
            f"p-value of {name_quantity(one.metric or '')} of {name_subject(one.subject, one.of, one.workload)}"
            f"{name_phase(one.phase)}: {quoted_settings(one.config or '{}')} against "
            f"{quoted_settings(other.config or '{}')}"
        )
        template = vary(field.template(label), config=one.config, level=other.config)
        yield from compare_arms(ids[rows], values[rows], arm, block, template, rounds)


def _differ_in_loading(one: Fact, other: Fact) -> bool:
    mine, theirs = (json.loads(fact.config or "{}") for fact in (one, other))
    return any(mine.get(option) != theirs.get(option) for option in LOAD_OPTIONS)


def _says_the_reverse(frame: Frame, test: Fact, best: Fact) -> bool:
    """Whether a test sets the best apart from one that is better where both ran alike.

    A median over prompts of different speed is that of one of them, and the others may disagree.
    """
    of_best = test.kind == "test" and test.config == best.config
    if not of_best or test.method == "smallest-p" or test.value >= SIGNIFICANT:
        return False
    values = frame.values[np.searchsorted(frame.ids, np.asarray(test.measurements))]
    arm, block = np.asarray(test.arms), np.asarray(test.blocks)
    if test.rounds:
        values, arm, block = round_centres(
            values, arm, block, np.asarray(test.rounds), np.asarray(test.strata)
        )
    known = find_metric(test.metric or "")
    better = 1 if known is not None and known.better == "higher" else -1
    return better * lead_in_rank(values, arm, block) < 0
