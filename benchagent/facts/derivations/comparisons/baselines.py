"""Variants against the baseline that their own artifact names: how many times better or worse."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

import numpy as np

from benchagent.facts.derivations.comparisons.contrasts import (
    adjust_for_family,
    better_first,
    compare_arms,
    interval_of_ratio,
    ratio_of,
)
from benchagent.facts.derivations.comparisons.reported_means import (
    compare_means,
    interval_of_means,
)
from benchagent.facts.derivations.comparisons.variants import (
    OPTIONS,
    SUBJECT,
    Arm,
    contests,
    of_files_with_baselines,
    pairs,
)
from benchagent.facts.derivations.counted_once.samples import Group, Samples
from benchagent.facts.derivations.descriptions.statistics import (
    Spreads,
    centres_of,
    describe_by,
    reported_spreads,
    with_reported,
)
from benchagent.facts.derivations.rows.frame import Frame
from benchagent.facts.derivations.rows.settings import write_json
from benchagent.facts.fact import Fact, vary
from benchagent.facts.significance import SIGNIFICANT
from benchagent.wording import name_quantity, name_subject, quoted, quoted_setting

REPORTED: Final = "times-better-as-reported"
UNTESTED: Final = "untested-beside-baseline"
# A smaller factor that no test was made of is not worth telling.
_LARGE: Final = 1.25
TIMES_WORSE: Final = "times-worse"


class _Comparison(NamedTuple):
    """A variant beside its baseline: both sides, how many times better, and the tests made."""

    baseline: Fact
    variant: Fact
    ratio: Fact
    tests: tuple[Fact, ...]


def compare_with_baselines(samples: Samples) -> Iterator[Fact]:
    """Each variant's numbers, the baseline's, their ratio, and in how many cases it is clear."""
    frame = of_files_with_baselines(samples.frame)
    if not len(frame):
        return
    compared = list(_compare(frame))
    sides = {side.id: side for one in compared for side in (one.baseline, one.variant)}
    yield from sides.values()
    tests = [test for one in compared for test in one.tests]
    yield from (one.ratio for one in compared)
    yield from (_turn_over(one) for one in compared if one.ratio.value < 1)
    yield from tests
    adjusted = list(
        adjust_for_family(tests, lambda test: f"variants against {quoted(test.metric or '')}")
    )
    yield from adjusted
    p_values = {fact.facts[0]: fact.value for fact in adjusted if fact.method == "holm"}
    alike: dict[tuple[str | None, ...], list[_Comparison]] = defaultdict(list)
    for one in compared:
        ratio = one.ratio
        alike[ratio.option, ratio.level, ratio.metric, ratio.benchmark].append(one)
    for comparisons in alike.values():
        yield from _count_outcomes(comparisons, p_values)


def _compare(frame: Frame) -> Iterator[_Comparison]:
    spreads = reported_spreads(frame)
    for option in OPTIONS:
        for arms in contests(frame, option):
            for base, other in pairs(arms):
                baseline, variant = (_describe(frame, spreads, a, option) for a in (base, other))
                ratio = _improvement(baseline, variant, base.group, other.group)
                if ratio is not None and ratio.value > 0:
                    tests = _test(frame, base, other, ratio)
                    if ratio.statistic == REPORTED:
                        tests = compare_means(variant, baseline, ratio)
                    yield _Comparison(baseline, variant, ratio, tuple(tests))


def _describe(frame: Frame, spreads: Spreads, arm: Arm, option: str) -> Fact:
    group = arm.group
    settings = group.key["settings"] or "{}"
    [method] = centres_of(group)
    [fact] = with_reported([describe_by(method, group, "baseline", settings)], frame, spreads)
    source = group.key["source_path"] or ""
    named = vary(fact, of=source, option=option, level=write_json(arm.level))
    return vary(named, label=f"{fact.label} at {_name_variant(named)} in {quoted(source)}")


def _improvement(baseline: Fact, variant: Fact, base: Group, other: Group) -> Fact | None:
    """How many times better the variant is: above 1 it beats the baseline; 0 if that took no time."""
    lower = better_first(variant.metric or "")(vary(variant, value=1.0))[0] > 0
    above, below = (baseline, variant) if lower else (variant, baseline)
    quantity = name_quantity(variant.metric or "", variant.statistic or "value")
    named = [_name_variant(fact) for fact in (variant, baseline)]
    label = f"times that {named[0]} is better than the baseline {named[1]}: {quantity} of "
    label += f"{name_subject(variant.subject, variant.of, variant.workload)} in "
    template = vary(
        variant,
        label=f"{label}{quoted(variant.of or '')}",
        statistic=REPORTED if variant.statistic != "value" else "times-better",
    )
    if variant.statistic == "value":
        interval = interval_of_ratio(*((base, other) if lower else (other, base)))
    else:
        interval = interval_of_means(above, below)
    return ratio_of(above, below, template, interval)


def _turn_over(one: _Comparison) -> Fact:
    """How many times worse a variant is: what a reader is told of one that lost."""
    ratio = one.ratio
    sides = {side.id: side.value for side in (one.baseline, one.variant)}
    below, above = ratio.facts
    bounded = ratio.ci_low is not None and ratio.ci_high is not None and ratio.ci_low > 0
    return vary(
        ratio,
        label=ratio.label.replace(" is better than ", " is worse than ", 1),
        statistic=TIMES_WORSE,
        value=sides[above] / sides[below],
        ci_low=1 / ratio.ci_high if bounded and ratio.ci_high else None,
        ci_high=1 / ratio.ci_low if bounded and ratio.ci_low else None,
        facts=(above, below),
    )


def _test(frame: Frame, base: Arm, other: Arm, ratio: Fact) -> Iterator[Fact]:
    """A rank test of single numbers, within the items that both were asked."""
    rows = np.sort(np.concatenate([base.group.rows, other.group.rows]))
    ids, values = frame.ids[rows], frame.values[rows]
    arm = np.isin(ids, other.group.ids).astype(np.int64)
    block = frame.codes("item")[rows].astype(np.int64)
    template = vary(ratio, label=f"p-value of {ratio.label}", facts=())
    return compare_arms(ids, values, arm, block, template)


def _count_outcomes(compared: list[_Comparison], p_values: Mapping[str, float]) -> Iterator[Fact]:
    first = compared[0].ratio
    worse = [one.ratio for one in compared if _is_clear(one, p_values) and one.ratio.value < 1]
    better = [one.ratio for one in compared if _is_clear(one, p_values) and one.ratio.value > 1]
    untested = [one.ratio for one in compared if _is_open(one)]
    everything = [one.ratio for one in compared]
    named = _name_variant(first)
    for what, words, unit, facts in (
        ("compared-with-baseline", "comparisons of", "comparisons", everything),
        ("worse-than-baseline", "clearly worse cases of", None, worse),
        ("better-than-baseline", "clearly better cases of", None, better),
        (UNTESTED, "untested comparisons of", "comparisons", untested),
    ):
        ids = tuple(sorted(fact.id for fact in facts))
        if not ids:
            continue
        quantity = name_quantity(first.metric or "")
        yield vary(
            first,
            kind="count",
            label=f"{words} {named} and its baseline, {quantity} in {quoted(first.benchmark or '')}",
            value=len(ids),
            unit=unit,
            of=None,
            subject=None,
            workload=None,
            config=None,
            definition=None,
            statistic=what,
            method="count",
            n=None,
            ci_low=None,
            ci_high=None,
            facts=ids,
        )


def _name_variant(fact: Fact) -> str:
    level = fact.level or ""
    return (
        quoted(json.loads(level))
        if fact.option == SUBJECT
        else quoted_setting(fact.option or "", level)
    )


def _is_clear(one: _Comparison, p_values: Mapping[str, float]) -> bool:
    """Whether chance hardly explains it; of what could not be tested nobody knows."""
    if any(map(_is_scattered, (one.baseline, one.variant))) or one.ratio.value == 1:
        return False
    return any(p_values.get(test.id, 1.0) < SIGNIFICANT for test in one.tests)


def _is_open(one: _Comparison) -> bool:
    """Whether a difference is large and nothing in the file lets it be tested."""
    if one.tests or any(map(_is_scattered, (one.baseline, one.variant))):
        return False
    return not 1 / _LARGE <= one.ratio.value <= _LARGE


def _is_scattered(side: Fact) -> bool:
    """Whether a few slow calls make the mean, so that it is of no use in a comparison."""
    return side.statistic == "mean" and side.spread is not None and side.spread >= side.value
