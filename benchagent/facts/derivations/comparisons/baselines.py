"""Variants against the baseline that their own artifact names: how many times better or worse.

A file that runs a model as `eager` and as `tensorrt`, or a kernel as `baseline_gelu` and as
`fused_gelu`, says itself what the second one should beat. Where one of them ran on the CPU in spite
of its label, and the other did not, two devices would be compared and not two variants.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

import numpy as np

from benchagent.facts.derivations.comparisons.contrasts import (
    adjust_for_family,
    better_first,
    compare_arms,
    interval_of_ratio,
    is_compared,
    ratio_of,
)
from benchagent.facts.derivations.counted_once.samples import (
    MISLABELLED,
    Group,
    Samples,
    split_into_groups,
)
from benchagent.facts.derivations.descriptions.statistics import (
    Spreads,
    describe_by,
    reported_spreads,
    with_reported,
)
from benchagent.facts.derivations.rows.frame import Frame
from benchagent.facts.derivations.rows.settings import write_json
from benchagent.facts.estimates import Interval, mean_ratio_interval
from benchagent.facts.fact import Fact, vary
from benchagent.facts.significance import SIGNIFICANT, welch_p
from benchagent.wording import name_quantity, name_subject, quoted, quoted_setting

# What a variant is called by; `subject` where the file knows nothing else of it.
_VARIANT_SETTINGS: Final = (
    "backend", "variant", "implementation", "engine", "compiler", "optimization", "quantization",
)  # fmt: skip
SUBJECT: Final = "subject"
REPORTED: Final = "times-better-as-reported"
_BASELINE: Final = re.compile(
    r"(?:^|[^a-z])(?:baseline|eager|reference|vanilla|naive|unoptimi[sz]ed)(?:$|[^a-z])"
)
# One number per variant and metric is compared: the first of these that both sides give.
_CENTRES: Final = ("value", "median", "mean")
# Without an interval, a smaller factor than this is not told as better or worse.
_CLEAR_FACTOR: Final = 1.25
_CONTEST: Final = [
    "source_path", "benchmark", "subject", "series", "workload", "metric", "definition", "unit",
]  # fmt: skip


TIMES_WORSE: Final = "times-worse"


class _Arm(NamedTuple):
    """The numbers of one variant under one set of other settings."""

    level: str
    rest: Mapping[str, object]
    group: Group


class _Comparison(NamedTuple):
    """A variant beside its baseline: both sides, how many times better, and the tests made."""

    baseline: Fact
    variant: Fact
    ratio: Fact
    tests: tuple[Fact, ...]


def compare_with_baselines(samples: Samples) -> Iterator[Fact]:
    """Each variant's numbers, the baseline's, their ratio, and in how many cases it is clear."""
    frame = _of_files_with_baselines(samples.frame)
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
    for option in (*_VARIANT_SETTINGS, SUBJECT):
        for arms in _contests(frame, option):
            for base, other in _pairs(arms):
                baseline, variant = (_describe(frame, spreads, a, option) for a in (base, other))
                ratio = _improvement(baseline, variant, base.group, other.group)
                if ratio is not None and ratio.value > 0:
                    tests = _test(frame, base, other, ratio)
                    if ratio.statistic == REPORTED:
                        tests = _test_reported(baseline, variant, ratio)
                    yield _Comparison(baseline, variant, ratio, tuple(tests))


def _of_files_with_baselines(frame: Frame) -> Frame:
    """The compared numbers of files in which a variant or a subject is named as a baseline."""
    named = frame.has("subject", *filter(_is_baseline, frame.used("subject")))
    named |= frame.has("settings", *filter(_names_baseline, frame.used("settings")))
    kept = frame.has("source_path", *frame.used("source_path", named))
    kept &= frame.has("metric", *filter(is_compared, frame.used("metric")))
    return frame.take(kept & ~frame.has("phase", "cold"))


def _names_baseline(settings: str) -> bool:
    entries: dict[str, object] = json.loads(settings)
    return any(_is_baseline(entries.get(option)) for option in _VARIANT_SETTINGS)


def _is_baseline(level: object) -> bool:
    return isinstance(level, str) and _BASELINE.search(level.lower()) is not None


def _contests(frame: Frame, option: str) -> Iterator[list[_Arm]]:
    """Variants of one thing in one file, with one statistic of one metric each."""
    columns = [name for name in _CONTEST if not (option == SUBJECT and name in (SUBJECT, "series"))]
    for group in split_into_groups(frame, columns):
        rows = frame.take(group.rows)
        for statistic in _CENTRES:
            arms = list(_arms(frame, rows.take(rows.has("statistic", statistic)), option))
            if len({arm.level for arm in arms}) >= 2 and any(_is_baseline(a.level) for a in arms):
                yield arms
                break


def _arms(frame: Frame, rows: Frame, option: str) -> Iterator[_Arm]:
    for group in split_into_groups(
        rows, [*_CONTEST, "statistic", "phase", "settings", MISLABELLED]
    ):
        rest: dict[str, Any] = json.loads(group.key["settings"] or "{}")
        level = group.key[SUBJECT] if option == SUBJECT else rest.pop(option, None)
        if isinstance(level, str):
            places = np.searchsorted(frame.ids, group.ids)
            yield _Arm(level, rest, Group(group.key, group.values, group.ids, places))


def _pairs(arms: list[_Arm]) -> Iterator[tuple[_Arm, _Arm]]:
    """Each variant with the only baseline that agrees with it in all that both record."""
    baselines = [arm for arm in arms if _is_baseline(arm.level)]
    for arm in arms:
        alike = [
            other
            for other in baselines
            if _agree(arm.rest, other.rest)
            and arm.group.key[MISLABELLED] == other.group.key[MISLABELLED]
        ]
        if arm not in baselines and len(alike) == 1:
            yield alike[0], arm


def _agree(one: Mapping[str, object], other: Mapping[str, object]) -> bool:
    return all(other[key] == value for key, value in one.items() if key in other)


def _describe(frame: Frame, spreads: Spreads, arm: _Arm, option: str) -> Fact:
    group = arm.group
    settings = group.key["settings"] or "{}"
    method = "value" if group.n == 1 else "median"
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
        interval = _interval_of_reported(above, below)
    return ratio_of(above, below, template, interval)


def _interval_of_reported(above: Fact, below: Fact) -> Interval | None:
    if above.statistic != "mean" or above.spread is None or below.spread is None:
        return None
    return mean_ratio_interval(
        (above.value, above.spread, above.n or 0), (below.value, below.spread, below.n or 0)
    )


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


def _test(frame: Frame, base: _Arm, other: _Arm, ratio: Fact) -> Iterator[Fact]:
    """A rank test of single numbers, within the items that both were asked."""
    rows = np.sort(np.concatenate([base.group.rows, other.group.rows]))
    ids, values = frame.ids[rows], frame.values[rows]
    arm = np.isin(ids, other.group.ids).astype(np.int64)
    block = frame.codes("item")[rows].astype(np.int64)
    template = vary(ratio, label=f"p-value of {ratio.label}", facts=())
    return compare_arms(ids, values, arm, block, template)


def _test_reported(baseline: Fact, variant: Fact, ratio: Fact) -> Iterator[Fact]:
    """Welch's t-test of the logarithms, from the means, spreads and sizes that a tool reports."""
    sides = (variant, baseline)
    if any(side.statistic != "mean" or side.spread is None or side.n is None for side in sides):
        return
    p = welch_p(*((side.value, side.spread or 0.0, side.n or 0) for side in sides))
    if p is not None:
        yield vary(
            ratio,
            kind="test",
            label=f"p-value of {ratio.label}",
            value=p,
            unit=None,
            method="welch-of-means",
            ci_low=None,
            ci_high=None,
            facts=(variant.id, baseline.id),
        )


def _count_outcomes(compared: list[_Comparison], p_values: Mapping[str, float]) -> Iterator[Fact]:
    first = compared[0].ratio
    worse = [one.ratio for one in compared if _is_clear(one, p_values) and one.ratio.value < 1]
    better = [one.ratio for one in compared if _is_clear(one, p_values) and one.ratio.value > 1]
    everything = [one.ratio for one in compared]
    named = _name_variant(first)
    for what, words, facts in (
        ("compared-with-baseline", "comparisons of", everything),
        ("worse-than-baseline", "clearly worse cases of", worse),
        ("better-than-baseline", "clearly better cases of", better),
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
            unit="comparisons" if facts is everything else None,
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
    """Whether chance hardly explains it, or, where no sizes are told, whether it is large."""
    if any(map(_is_scattered, (one.baseline, one.variant))):
        return False
    if one.tests:
        return min(p_values.get(test.id, 1.0) for test in one.tests) < SIGNIFICANT
    return not 1 / _CLEAR_FACTOR <= one.ratio.value <= _CLEAR_FACTOR


def _is_scattered(side: Fact) -> bool:
    """Whether a few slow calls make the mean, so that it is of no use in a comparison."""
    return side.statistic == "mean" and side.spread is not None and side.spread >= side.value
