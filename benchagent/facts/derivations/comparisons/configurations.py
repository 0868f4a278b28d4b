"""Which configuration did best, and whether anything sets it apart from its rivals."""

import json
from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Final

import numpy as np

from benchagent.calls.options import LOAD_OPTIONS
from benchagent.facts.derivations.comparisons.competitions import Field, find_fields
from benchagent.facts.derivations.comparisons.contrasts import (
    adjust_for_family,
    compare_arms,
    count_files,
    ratio_of,
)
from benchagent.facts.derivations.counted_once.samples import Samples, correctly_labelled
from benchagent.facts.derivations.rows.frame import Frame, number_rows
from benchagent.facts.derivations.rows.rounds import find_rounds, in_shared_blocks
from benchagent.facts.fact import Fact, by_name, vary
from benchagent.wording import name_phase, name_quantity, name_subject, quoted, quoted_settings

# All pairs of a dozen are 66 comparisons; past that no repetition count in practice reaches
# significance after Holm, and a grid is better asked option by option.
MOST_PAIRED: Final = 12


def rank_configurations(samples: Samples, described: Iterable[Fact]) -> Iterator[Fact]:
    """Per subject and metric: how many configurations, the best over the next, tests of pairs."""
    tests: list[Fact] = []
    mislabelled = samples.frame.ids[~correctly_labelled(samples.frame)]
    for field in find_fields(samples.frame, described, mislabelled):
        yield from _counts(field)
        yield _count_files(samples.frame, field)
        yield from _lead(field)
        facts = list(_test_pairs(samples.frame, field))
        tests.extend(facts)
        yield from facts
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
        template = vary(field.template(label), statistic=what)
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
        block = _blocks(frame, rows, arm)
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


def _blocks(frame: Frame, rows: np.ndarray, arm: np.ndarray) -> np.ndarray:
    """Blocks by file and item, or by item where no file holds both."""
    source, item = (frame.codes(name)[rows] for name in ("source_path", "item"))
    block = number_rows(source, item)
    return block if in_shared_blocks(arm, block).any() else number_rows(item)
