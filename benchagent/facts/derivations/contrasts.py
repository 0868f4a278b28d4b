"""One thing set against another: ratios of medians, rank tests, and Holm over all tests made."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchagent.facts.derivations.samples import Group
from benchagent.facts.estimates import Floats, Interval, Ints, ratio_interval
from benchagent.facts.fact import Fact, vary
from benchagent.facts.significance import can_be_significant, holm, rank_test
from benchagent.quantities import find_metric

# Parts of the time to first token: testing them too would ask the same question again.
SIGNIFICANT: Final = 0.05
ACROSS_FILES: Final = "from different files"
_COMPONENTS: Final = frozenset(("load_time", "prompt_eval_time"))


def is_compared(metric: str) -> bool:
    """Whether a reader wants this metric higher or lower, and it is no part of another one."""
    known = find_metric(metric)
    return known is not None and known.better != "neither" and metric not in _COMPONENTS


def comparable_samples(frame: pd.DataFrame) -> pd.DataFrame:
    """Single values of compared metrics; cold calls measure the loading and stay out."""
    metrics = [metric for metric in frame["metric"].unique() if is_compared(str(metric))]
    return frame[
        (frame["statistic"] == "value") & frame["metric"].isin(metrics) & (frame["phase"] != "cold")
    ]


def better_first(metric: str) -> Callable[[Fact], tuple[float, str]]:
    """A sort key that puts the fact with the better value first, ties by id."""
    known = find_metric(metric)
    sign = -1.0 if known is not None and known.better == "higher" else 1.0
    return lambda fact: (sign * fact.value, fact.id)


def ratio_of(above: Fact, below: Fact, template: Fact, interval: Interval | None) -> Fact | None:
    """How many times one value is the other; None where the divisor is not positive."""
    if below.value <= 0:
        return None
    return vary(
        template,
        kind="ratio",
        value=above.value / below.value,
        unit="ratio",
        method="ratio",
        n=None,
        spread=None,
        ci_low=interval.low if interval else None,
        ci_high=interval.high if interval else None,
        measurements=(),
        facts=(above.id, below.id),
    )


def interval_of_ratio(above: Group, below: Group) -> Interval | None:
    """The interval of a ratio of medians, where both sides have five samples or more."""
    return ratio_interval(above.values, below.values)


def number_rows(*columns: NDArray[np.integer[Any]]) -> Ints:
    """One number per different row of codes, in the order of first appearance."""
    _, first, inverse = np.unique(
        np.column_stack(columns), axis=0, return_index=True, return_inverse=True
    )
    return np.argsort(np.argsort(first))[inverse]


def in_shared_blocks(arm: Ints, block: Ints) -> NDArray[np.bool_]:
    """Which samples stand in a block that holds two arms or more."""
    if len(arm) == 0:
        return np.zeros(0, dtype=np.bool_)
    pairs = np.unique(np.column_stack([block, arm]), axis=0)
    return (np.bincount(pairs[:, 0]) >= 2)[block]


def compare_arms(
    ids: Ints, values: Floats, arm: Ints, block: Ints, template: Fact
) -> Iterator[Fact]:
    """The p-value of a rank test over matched samples, and the smallest that it could have been.

    Samples come in the order of their ids; nothing where no block holds two arms.
    """
    test = rank_test(values, arm, block)
    if test is None:
        return
    fact = vary(
        template,
        kind="test",
        value=test.p,
        unit=None,
        method=test.method,
        n=test.n,
        spread=None,
        ci_low=None,
        ci_high=None,
        measurements=tuple(ids.tolist()),
        arms=tuple(arm.tolist()),
        blocks=tuple(block.tolist()),
    )
    yield fact
    label = f"smallest attainable {template.label}"
    yield vary(fact, label=label, value=test.attainable, method="smallest-p")


def adjust_for_family(tests: Iterable[Fact], family: Callable[[Fact], str]) -> Iterator[Fact]:
    """P-values after Holm over the tests of one family that could show anything, and their count.

    A test too small to come out significant whatever its data gets no adjusted p-value.
    """
    families: dict[str, list[tuple[Fact, float]]] = defaultdict(list)
    for fact, attainable in _with_attainable(tests):
        families[family(fact)].append((fact, attainable))
    for name, found in sorted(families.items()):
        able = can_be_significant([attainable for _, attainable in found], SIGNIFICANT)
        members = [fact for (fact, _), can in zip(found, able, strict=True) if can]
        if members:
            yield from _adjust(sorted(members, key=lambda fact: fact.id), name)


def _with_attainable(tests: Iterable[Fact]) -> Iterator[tuple[Fact, float]]:
    """Each test with the smallest p-value it could give; a trend has no such bound here."""
    found = [fact for fact in tests if fact.kind == "test"]
    smallest = {
        (fact.measurements, fact.arms, fact.blocks): fact.value
        for fact in found
        if fact.method == "smallest-p"
    }
    for fact in found:
        if fact.method != "smallest-p":
            yield fact, smallest.get((fact.measurements, fact.arms, fact.blocks), 0.0)


def _adjust(members: list[Fact], name: str) -> Iterator[Fact]:
    made = Fact(
        kind="count",
        label=f"comparisons made: {name}",
        value=len(members),
        unit="comparisons",
        about=members[0].about,
        of=name,
        metric=members[0].metric,
        statistic="comparisons",
        method="count",
        facts=tuple(fact.id for fact in members),
    )
    yield made
    adjusted = holm([fact.value for fact in members])
    for fact, p in zip(members, adjusted, strict=True):
        yield vary(
            fact,
            label=f"{fact.label}, Holm over {name}",
            value=p,
            method="holm",
            measurements=(),
            arms=(),
            blocks=(),
            facts=(fact.id, made.id),
        )
