"""Intervals that hold at the small sample sizes of benchmark folders.

Nothing here knows about measurements: numbers in, numbers out, the same for the same numbers in
any order but for `depends_on_order`. `docs/decisions/statistics.md` says why each method was chosen.

`import scipy` alone loads SciPy's parts when they are first used: its statistics take a second, which
a process that derives no facts does not pay.
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
import scipy

from benchagent.arrays import Floats

# Relative standard error of a mean from which the logarithm of it is too skewed.
_MOST_UNCERTAIN = 0.3
# Below it no sample of independent values is told from others.
_FEWEST_IN_ORDER = 6
_ONE_IN_TWENTY = 1.645
_SYMMETRIC = 1e-9
_NORMAL_QUANTILE = NormalDist().inv_cdf(0.975)


class Interval(NamedTuple):
    """A 95 % confidence interval."""

    low: float
    high: float


class Summary(NamedTuple):
    """What a sample says of one statistic; no spread below n = 2, no interval where n is small."""

    value: float
    n: int
    spread: float | None
    interval: Interval | None


def summarise(values: Sequence[float] | Floats, method: str) -> Summary:
    """The `median`, `mean`, `minimum` or `maximum` of a sample, the `share` of ones, or its only `value`.

    Raises:
        ValueError: for another method, an empty sample, or `value` of several numbers.
    """
    numbers, spread = _sort(np.asarray(values, dtype=np.float64).tobytes())
    n = len(numbers)
    if method == "median" and n:
        return Summary(float(np.median(numbers)), n, spread, median_interval(numbers))
    if method == "mean" and n:
        return Summary(float(np.mean(numbers)), n, spread, mean_interval(numbers))
    if method == "share" and n:
        return Summary(float(np.mean(numbers)), n, spread, share_interval(numbers))
    if method in ("minimum", "maximum") and n:
        return Summary(float(numbers[0 if method == "minimum" else -1]), n, spread, None)
    if method == "value" and n == 1:
        return Summary(float(numbers[0]), 1, None, None)
    raise ValueError(f"cannot take the {method!r} of {n} numbers")


# A sample is asked for its median, mean and ends one after the other.
@lru_cache(maxsize=1)
def _sort(sample: bytes) -> tuple[Floats, float | None]:
    """The numbers of a sample in order, and their standard deviation."""
    numbers = np.sort(np.frombuffer(sample, dtype=np.float64))
    return numbers, float(np.std(numbers, ddof=1)) if len(numbers) > 1 else None


def depends_on_order(values: Sequence[float] | Floats) -> bool:
    """Whether successive values are more alike than those of one sample in 20 in random order.

    By the correlation of ranks with the ranks before them (Wald and Wolfowitz 1943, one-sided). A
    machine that warms up, prompts asked one after the other and values from different files all
    show in it.
    """
    if len(values) < _FEWEST_IN_ORDER:
        return False
    return _depends_on_order(np.asarray(values, dtype=np.float64).tobytes())


@lru_cache(maxsize=1)
def _depends_on_order(sample: bytes) -> bool:
    values = np.frombuffer(sample, dtype=np.float64)
    alike = succession(values)
    return alike is not None and alike.z > _ONE_IN_TWENTY


class Succession(NamedTuple):
    """The correlation of ranks with the ranks before them, and its z-score: near normal by chance."""

    correlation: float
    z: float


def succession(values: Sequence[float] | Floats) -> Succession | None:
    """How much successive values are alike (Wald and Wolfowitz 1943); None where all are equal."""
    ranks = scipy.stats.rankdata(np.asarray(values, dtype=np.float64))
    n = len(ranks)
    centred = ranks - ranks.mean()
    total = float(np.sum(centred**2))
    if total == 0:
        return None
    alike = float(np.sum(centred[1:] * centred[:-1])) / total
    return Succession(alike, (alike + 1 / n) * math.sqrt(n))


@lru_cache(maxsize=4096)
def _median_ranks(n: int) -> tuple[int, int] | None:
    """0-based order statistics whose span covers the median of any distribution with 95 %."""
    below = int(scipy.stats.binom.ppf(0.025, n, 0.5))
    if n < 1 or scipy.stats.binom.cdf(below, n, 0.5) > 0.025:
        below -= 1
    return None if below < 0 else (below, n - 1 - below)


def median_interval(values: Sequence[float] | Floats) -> Interval | None:
    """Where the median lies, by order statistics; None below n = 6, where 95 % is out of reach."""
    ranks = _median_ranks(len(values))
    if ranks is None:
        return None
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    return Interval(float(ordered[ranks[0]]), float(ordered[ranks[1]]))


@lru_cache(maxsize=4096)
def _t_quantile(n: int) -> float:
    return float(scipy.stats.t.ppf(0.975, n - 1))


def mean_interval(values: Sequence[float] | Floats) -> Interval | None:
    """Where the mean lies, by Student's t corrected for skewness (Hall 1992); None below n = 5.

    Times have a tail to the right, where the plain interval ends too early.
    """
    n = len(values)
    if n < 5:
        return None
    numbers = np.sort(np.asarray(values, dtype=np.float64))
    mean, spread = float(np.mean(numbers)), float(np.std(numbers, ddof=1))
    half = _t_quantile(n) / math.sqrt(n)
    skewness = _skewness(numbers)
    low, high = (spread * _undo_skewness(t, skewness, n) for t in (half, -half))
    return Interval(mean - low, mean - high)


def are_outcomes(values: Sequence[float] | Floats) -> bool:
    """Whether each of several values is 0 or 1: an answer was right or it was not."""
    return len(values) > 1 and bool(np.isin(values, (0.0, 1.0)).all())


def share_interval(outcomes: Sequence[float] | Floats) -> Interval | None:
    """Where the share of ones lies, by Wilson's score (1927); None below n = 5."""
    n = len(outcomes)
    if n < 5:
        return None
    share, z = float(np.mean(outcomes)), _NORMAL_QUANTILE
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return Interval(max(0.0, middle - half), min(1.0, middle + half))


def _skewness(numbers: Floats) -> float:
    off = numbers - np.mean(numbers)
    scale = float(np.max(np.abs(off)))
    if scale == 0:
        return 0.0
    off = off / scale
    return float(np.mean(off**3) / np.mean(off**2) ** 1.5)


def _undo_skewness(t: float, skewness: float, n: int) -> float:
    """The inverse of Hall's cubic transformation, which makes a skewed mean's t symmetric."""
    if abs(skewness) < _SYMMETRIC:
        return t
    return 3 / skewness * (math.cbrt(1 + skewness * (t - skewness / (6 * n))) - 1)


def ratio_interval(
    above: Sequence[float] | Floats, below: Sequence[float] | Floats
) -> Interval | None:
    """Where the ratio of two medians lies, from where each of them lies (Zou and Donner 2008).

    On logarithms, with the order statistics of `median_interval`, at n = 5 the range: none of it
    needs a shape, so samples of two heaps are covered too. None with fewer than five samples on a
    side or with a value that is not positive.
    """
    if min(len(above), len(below)) < 5 or min(np.min(above), np.min(below)) <= 0:
        return None
    a, b = (
        _bounds_of_median(np.log(np.asarray(side, dtype=np.float64))) for side in (above, below)
    )
    centre = a.middle - b.middle
    low = math.hypot(a.middle - a.low, b.high - b.middle)
    high = math.hypot(a.high - a.middle, b.middle - b.low)
    return Interval(math.exp(centre - low), math.exp(centre + high))


class _Bounds(NamedTuple):
    low: float
    middle: float
    high: float


def _bounds_of_median(logarithms: Floats) -> _Bounds:
    ordered = np.sort(logarithms)
    low, high = _median_ranks(len(ordered)) or (0, -1)
    return _Bounds(float(ordered[low]), float(np.median(ordered)), float(ordered[high]))


def mean_ratio_interval(
    above: tuple[float, float, int], below: tuple[float, float, int]
) -> Interval | None:
    """Where the ratio of two means lies, from (mean, standard deviation, n) of each.

    By Welch's t on logarithms. None below n = 5, and where a mean is so uncertain that its
    logarithm is no longer near normal.
    """
    errors: list[float] = []
    for mean, spread, n in (above, below):
        if n < 5 or mean <= 0 or spread / mean / math.sqrt(n) > _MOST_UNCERTAIN:
            return None
        errors.append((spread / mean) ** 2 / n)
    variance = sum(errors)
    ratio = above[0] / below[0]
    if variance == 0:
        return Interval(ratio, ratio)
    parts = zip(errors, (above[2], below[2]), strict=True)
    freedom = variance**2 / sum(error**2 / (n - 1) for error, n in parts)
    half = float(scipy.stats.t.ppf(0.975, freedom)) * math.sqrt(variance)
    return Interval(ratio * math.exp(-half), ratio * math.exp(half))
