"""Whether arms differ, by ranks alone, at the small sample sizes of benchmark folders.

The same for the same numbers in any order and on every run.
`docs/decisions/statistics.md` says why each method was chosen.
"""

import math
from collections.abc import Sequence
from itertools import product
from typing import Final, NamedTuple

import numpy as np
import scipy

from benchagent.arrays import Floats, Ints
from benchagent.facts.estimates import are_outcomes

SEED: Final = 20250930
# Each observation costs one draw per permutation: above this many the normal theory is good.
MOST_PERMUTED: Final = 600
# Up to here all arrangements are gone through, and the p-value is exact.
MOST_ENUMERATED: Final = 5_000
_CHUNK: Final = 1000
_FEWEST_CHUNKS: Final = 10
# Holm over hundreds of comparisons needs p-values below 1e-4, where the sample is small enough.
_MOST_CHUNKS: Final = 50
_MOST_KEYS: Final = 6_000_000
# A p-value this far from every threshold needs no more draws (Besag and Clifford 1991).
_ENOUGH_EXCEEDANCES: Final = 200


class RankTest(NamedTuple):
    """Whether arms differ, and whether this many samples could have shown it at all.

    Attributes:
        p: two-sided p-value.
        attainable: the smallest p-value that samples of these sizes can give.
        method: `blocked-rank-permutation`, or `aligned-rank-kruskal-wallis` for large samples.
        n: samples used: those of blocks that hold at least two arms.
    """

    p: float
    attainable: float
    method: str
    n: int


def rank_test(
    values: Sequence[float] | Floats, arms: Sequence[int] | Ints, blocks: Sequence[int] | Ints
) -> RankTest | None:
    """Whether arms differ once blocks are set aside: a rank test that permutes within blocks.

    Values are aligned by their block's mean and ranked (Hodges and Lehmann 1962); the statistic
    is that of Kruskal and Wallis. Blocks with one arm say nothing and are left out. None when
    fewer than two arms are left.
    """
    found = _matched(np.asarray(values, np.float64), np.asarray(arms), np.asarray(blocks))
    if found is None:
        return None
    numbers, arm, block = found
    aligned = _align(numbers, block)
    attainable = _smallest_p(arm, block)
    if np.all(aligned == aligned[0]):
        return RankTest(1.0, attainable, "blocked-rank-permutation", len(numbers))
    ranks = scipy.stats.rankdata(aligned)
    if len(numbers) > MOST_PERMUTED:
        p = float(scipy.stats.kruskal(*(ranks[arm == a] for a in np.unique(arm))).pvalue)
        return RankTest(p, attainable, "aligned-rank-kruskal-wallis", len(numbers))
    log_count = _log_arrangements(_arm_counts(arm, block))
    if log_count <= math.log(MOST_ENUMERATED):
        p = _exact_p(ranks, arm, block)
    else:
        p = max(attainable, _permuted_p(ranks, arm, block))
    return RankTest(p, attainable, "blocked-rank-permutation", len(numbers))


def lead_in_rank(values: Floats, arms: Ints, blocks: Ints) -> float:
    """How far the first of two arms, by number, ranks below the other on the mean in `rank_test`."""
    found = _matched(values, arms, blocks)
    if found is None:
        return 0.0
    numbers, arm, block = found
    ranks = scipy.stats.rankdata(_align(numbers, block))
    return float(ranks[arm == 1].mean() - ranks[arm == 0].mean())


def aligned_f_p(
    values: Sequence[float] | Floats, arms: Sequence[int] | Ints, blocks: Sequence[int] | Ints
) -> float:
    """Whether arms lie apart by more than normal noise once blocks are set aside (Fisher's F).

    Of the same samples as `rank_test`, which looks past how far apart they lie. Arms that blocks
    hold unequally often share what they differ by with their blocks, so p is then too large.
    """
    found = _matched(np.asarray(values, np.float64), np.asarray(arms), np.asarray(blocks))
    if found is None:
        return 1.0
    numbers, arm, block = found
    aligned = numbers - (_sums(numbers, block) / np.bincount(block))[block]
    between = float(np.sum(_sums(aligned, arm) ** 2 / np.bincount(arm)))
    within = float(np.sum(aligned**2)) - between
    arms_free = int(arm.max())
    rest_free = len(numbers) - (int(block.max()) + 1) - arms_free
    if rest_free < 1 or between <= 0:
        return 1.0
    if within <= 1e-12 * between:
        return 0.0
    return float(scipy.stats.f.sf(between / arms_free / (within / rest_free), arms_free, rest_free))


class RoundCentres(NamedTuple):
    """One number per round, with its arm and the stratum within which rounds may change places."""

    centres: Floats
    arms: Ints
    strata: Ints


def round_centres(
    values: Sequence[float] | Floats,
    arms: Sequence[int] | Ints,
    blocks: Sequence[int] | Ints,
    rounds: Sequence[int] | Ints,
    strata: Sequence[int] | Ints,
) -> RoundCentres:
    """What each round of calls amounts to, where calls of one round are not independent.

    The median over a round's values (of outcomes, 0 or 1, their mean), each less the mean of its
    block, so that a round in which a slow prompt is missing looks no faster for it. All calls of a
    round share arm and stratum.
    """
    numbers = np.asarray(values, dtype=np.float64)
    _, block = np.unique(np.asarray(blocks), return_inverse=True)
    _, first, member = np.unique(np.asarray(rounds), return_index=True, return_inverse=True)
    aligned = _align(numbers, block)
    if are_outcomes(numbers):
        centres = np.round(_sums(aligned, member) / np.bincount(member), 12)
    else:
        centres = medians_by(member, aligned)
    return RoundCentres(centres, np.asarray(arms)[first], np.asarray(strata)[first])


def medians_by(groups: Ints, values: Floats) -> Floats:
    """The median of each group, by its number; every number from zero on has values."""
    ordered = values[np.lexsort((values, groups))]
    sizes = np.bincount(groups)
    starts = np.cumsum(sizes) - sizes
    return (ordered[starts + (sizes - 1) // 2] + ordered[starts + sizes // 2]) / 2


def multiples_of_medians(values: Sequence[float] | Floats, blocks: Sequence[int] | Ints) -> Floats:
    """Each value as a multiple of the median of its block; blocks are numbered without a gap."""
    numbers, block = np.asarray(values, dtype=np.float64), np.asarray(blocks, dtype=np.int64)
    return numbers / medians_by(block, numbers)[block]


def _align(numbers: Floats, block: Ints) -> Floats:
    """Each number less the mean of its block."""
    aligned = numbers - (_sums(numbers, block) / np.bincount(block))[block]
    # Alignment leaves differences of rounding where there were none in the data.
    return np.round(aligned, 12 - _magnitude(numbers))


def _magnitude(numbers: Floats) -> int:
    largest = float(np.max(np.abs(numbers)))
    return math.ceil(math.log10(largest)) if largest > 0 else 0


def _sums(numbers: Floats, groups: Ints) -> Floats:
    return np.asarray(np.bincount(groups, weights=numbers), dtype=np.float64)


def _matched(values: Floats, arms: Ints, blocks: Ints) -> tuple[Floats, Ints, Ints] | None:
    """Samples of blocks with two arms or more, in an order that depends on the samples alone."""
    _, block = np.unique(blocks, return_inverse=True)
    one_arm = np.empty(len(block), dtype=arms.dtype)
    one_arm[block] = arms
    useful = np.bincount(block, weights=arms != one_arm[block]) > 0
    kept = np.flatnonzero(useful[block])
    if len(kept) == 0:
        return None
    order = kept[np.lexsort((values[kept], arms[kept], block[kept]))]
    _, arm = np.unique(arms[order], return_inverse=True)
    _, block = np.unique(block[order], return_inverse=True)
    return values[order], arm.astype(np.int64), block.astype(np.int64)


def smallest_p(arms: Sequence[int] | Ints, blocks: Sequence[int] | Ints) -> float:
    """The smallest p-value that a rank test of samples so arranged can give.

    One over the arrangements that permutation within blocks can tell apart; arms of equal size in
    every block can change names without changing the statistic, so that many arrangements share
    the largest one.
    """
    found = _matched(np.zeros(len(arms)), np.asarray(arms), np.asarray(blocks))
    return _smallest_p(*found[1:]) if found else 1.0


def _smallest_p(arm: Ints, block: Ints) -> float:
    counts = _arm_counts(arm, block)
    _, alike = np.unique(counts.T, axis=0, return_counts=True)
    log_names = float(np.sum(scipy.special.gammaln(alike + 1.0)))
    return min(1.0, math.exp(log_names - _log_arrangements(counts)))


def _arm_counts(arm: Ints, block: Ints) -> Ints:
    """How many samples of each arm (column) a block (row) holds."""
    counts = np.zeros((int(block.max()) + 1, int(arm.max()) + 1), dtype=np.int64)
    np.add.at(counts, (block, arm), 1)
    return counts


def _log_arrangements(counts: Ints) -> float:
    per_block = scipy.special.gammaln(counts.sum(axis=1) + 1.0) - scipy.special.gammaln(
        counts + 1.0
    ).sum(axis=1)
    return float(np.sum(per_block))


def _exact_p(ranks: Floats, arm: Ints, block: Ints) -> float:
    """The share of all arrangements within blocks that are at least as extreme as the data."""
    blocks = [_arrangements(tuple(arm[block == b].tolist())) for b in range(int(block.max()) + 1)]
    every = np.array([[a for part in parts for a in part] for parts in product(*blocks)])
    centred = ranks - ranks.mean()
    statistic = np.zeros(len(every))
    for a in range(int(arm.max()) + 1):
        statistic += np.where(every == a, centred, 0.0).sum(axis=1) ** 2 / np.sum(arm == a)
    [own] = np.flatnonzero(np.all(every == arm, axis=1))
    return float(np.mean(statistic >= statistic[own] - 1e-9))


def _arrangements(arms: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Every different order of the arms of one block."""
    if not arms:
        return [()]
    return [
        (arm, *rest)
        for arm in sorted(set(arms))
        for rest in _arrangements((*arms[: arms.index(arm)], *arms[arms.index(arm) + 1 :]))
    ]


def _permuted_p(ranks: Floats, arm: Ints, block: Ints) -> float:
    """The share of within-block permutations at least as extreme as the data, data included."""
    rng = np.random.default_rng(SEED)
    member = np.eye(int(arm.max()) + 1)[arm]
    sizes = member.sum(axis=0)
    centred = ranks - ranks.mean()
    observed = float(np.sum((centred @ member) ** 2 / sizes))
    exceeded = drawn = 0
    affordable = _MOST_KEYS // (_CHUNK * len(ranks))
    for _ in range(min(_MOST_CHUNKS, max(_FEWEST_CHUNKS, affordable))):
        keys = rng.random((_CHUNK, len(ranks))) + block
        shuffled = centred[np.argsort(keys, axis=1)]
        drawn += _CHUNK
        exceeded += int(np.sum(np.sum((shuffled @ member) ** 2 / sizes, axis=1) >= observed - 1e-9))
        if exceeded >= _ENOUGH_EXCEEDANCES:
            break
    return (exceeded + 1) / (drawn + 1)
