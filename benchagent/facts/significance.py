"""Whether a difference is more than chance, and after how many comparisons.

Numbers in, p-values out. `docs/decisions/statistics.md` says why each method was chosen.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import scipy

from benchagent.arrays import Floats
from benchagent.facts.estimates import mean_ratio_interval, succession

SIGNIFICANT: Final = 0.05


def holm(p_values: Sequence[float]) -> list[float]:
    """P-values adjusted for all comparisons made (Holm 1979), in the order given."""
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    adjusted = [1.0] * len(p_values)
    running = 0.0
    for place, i in enumerate(order):
        running = max(running, min(1.0, (len(p_values) - place) * p_values[i]))
        adjusted[i] = running
    return adjusted


def can_be_significant(attainable: Sequence[float], alpha: float) -> list[bool]:
    """Which of many tests could come out significant after correction (Tarone 1990).

    Whether one can depends on its sample sizes alone, so leaving out those that cannot takes
    nothing from the guarantee, and the others pay for fewer comparisons.
    """
    made, ranked = 1, sorted(attainable)
    while bisect_right(ranked, alpha / made) > made:
        made += 1
    return [p <= alpha / made for p in attainable]


def level_over_families(smallest: Sequence[float], alpha: float) -> float:
    """At which level each family's own tests count, so that `alpha` holds over all families.

    Families are selected by their smallest adjusted p-value (Benjamini and Hochberg 1995), and the
    tests within are held to `alpha` times the share of families selected (Benjamini and Bogomolov
    2014). Where nothing has an effect, one folder in 1 / `alpha` has any test below the level.

    Args:
        smallest: of each family, the smallest p-value adjusted for the family; at least one.
        alpha: the share of false families among those selected that is borne.
    """
    families = len(smallest)
    ranked = enumerate(sorted(smallest), start=1)
    selected = max((place for place, p in ranked if p * families <= alpha * place), default=1)
    return alpha * selected / families


def welch_p(one: tuple[float, float, int], other: tuple[float, float, int]) -> float | None:
    """Whether two means differ, from (mean, standard deviation, n) of each; None below n = 5.

    Welch's t-test on logarithms, the test that `mean_ratio_interval` belongs to.
    """
    interval = mean_ratio_interval(one, other)
    if interval is None:
        return None
    errors = [(spread / mean) ** 2 / n for mean, spread, n in (one, other)]
    difference = abs(math.log(one[0] / other[0]))
    if sum(errors) == 0:
        return 1.0 if difference == 0 else 0.0
    parts = zip(errors, (one[2], other[2]), strict=True)
    freedom = sum(errors) ** 2 / sum(error**2 / (n - 1) for error, n in parts)
    return 2 * float(scipy.stats.t.sf(difference / math.sqrt(sum(errors)), freedom))


def fisher_p(failed: int, held: int, others_failed: int, others_held: int) -> float:
    """Whether two shares of failed runs differ (Fisher's exact test, two-sided)."""
    result: Any = scipy.stats.fisher_exact([[failed, held], [others_failed, others_held]])
    return float(result.pvalue)


def order_trend(values: Sequence[float] | Floats) -> tuple[float, float]:
    """Kendall's tau of values against the order in which they are given, and its p-value."""
    result: Any = scipy.stats.kendalltau(
        np.arange(len(values)), np.asarray(values, dtype=np.float64)
    )
    tau, p = float(result.statistic), float(result.pvalue)
    return (0.0, 1.0) if math.isnan(tau) else (tau, p)


def trend_within(values: Sequence[float] | Floats, blocks: Sequence[int]) -> tuple[int, float]:
    """Whether values rise or fall with the order within blocks, whatever they do from one to the next.

    The sum over blocks of Kendall's S, without ties (Hirsch, Slack and Smith 1982).

    Args:
        values: in the order in which they were measured.
        blocks: which block each value belongs to; blocks are numbered from 0 without a gap.

    Returns:
        How many pairs of one block there are, and the p-value (two-sided, normal).
    """
    numbers, block = np.asarray(values, dtype=np.float64), np.asarray(blocks)
    places = np.argsort(block, kind="stable")
    score, variance, pairs = 0.0, 0.0, 0
    for rows in np.split(places, np.cumsum(np.bincount(block))[:-1]):
        n = len(rows)
        later, earlier = np.tril_indices(n, -1)
        score += float(np.sign(numbers[rows][later] - numbers[rows][earlier]).sum())
        variance += n * (n - 1) * (2 * n + 5) / 18
        pairs += n * (n - 1) // 2
    if score == 0 or variance == 0:
        return pairs, 1.0
    return pairs, 2 * float(scipy.stats.norm.sf((abs(score) - 1) / math.sqrt(variance)))


def order_stretches(values: Sequence[float] | Floats, blocks: Sequence[int]) -> tuple[float, float]:
    """The rank correlation of values with the ones before them, and its p-value (one-sided).

    Each value is taken less the median of its block, so that prompts and settings that come in
    stretches do not count (Wald and Wolfowitz 1943). Where nothing varies the two are 0 and 1.

    Args:
        values: in the order in which they were measured.
        blocks: which block each value belongs to; blocks are numbered from 0 without a gap.
    """
    numbers, block = np.array(values, dtype=np.float64), np.asarray(blocks)
    places = np.argsort(block, kind="stable")
    for rows in np.split(places, np.cumsum(np.bincount(block))[:-1]):
        numbers[rows] -= np.median(numbers[rows])
    alike = succession(numbers)
    return (0.0, 1.0) if alike is None else (alike.correlation, float(scipy.stats.norm.sf(alike.z)))
