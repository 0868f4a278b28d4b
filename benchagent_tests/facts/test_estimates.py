import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from benchagent.facts.estimates import (
    Floats,
    depends_on_order,
    mean_interval,
    mean_ratio_interval,
    median_interval,
    ratio_interval,
    summarise,
)
from benchagent.facts.rank_tests import SEED, rank_test, smallest_p
from benchagent.facts.significance import (
    can_be_significant,
    holm,
    order_stretches,
    order_trend,
    trend_within,
    welch_p,
)

_numbers = st.floats(min_value=-1e9, max_value=1e9, allow_nan=False)


def test_no_interval_of_a_mean_is_made_up_below_five_samples():
    assert mean_interval([1.0, 2.0, 3.0, 4.0]) is None
    assert mean_interval([1.0, 2.0, 3.0, 4.0, 5.0]) is not None


def test_no_interval_of_a_median_is_made_up_below_six_samples():
    assert median_interval([1.0, 2.0, 3.0, 4.0, 5.0]) is None
    assert median_interval([6.0, 1.0, 2.0, 3.0, 4.0, 5.0]) == (1.0, 6.0)


@pytest.mark.parametrize(
    ("n", "places"),
    [
        # the order statistics of the tables (Conover 1999), counted from one
        (8, (1, 8)),
        (9, (2, 8)),
        (15, (4, 12)),
        (20, (6, 15)),
    ],
)
def test_the_interval_of_a_median_is_a_pair_of_order_statistics(n: int, places: tuple[int, int]):
    assert median_interval([float(i) for i in range(1, n + 1)]) == places


def test_the_interval_of_a_mean_is_students():
    low, high = mean_interval([10.0, 12.0, 14.0, 16.0, 18.0]) or (0, 0)
    half = stats.t.ppf(0.975, 4) * math.sqrt(10.0) / math.sqrt(5)
    assert (low, high) == pytest.approx((14 - half, 14 + half))


@pytest.mark.parametrize(
    ("values", "depends"),
    [
        ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0], True),  # it slows down from run to run
        ([10.0] * 6 + [15.0] * 6, True),  # it throttled half-way
        ([10.0, 15.0, 10.1, 15.1, 10.2, 15.2, 10.3, 15.3], False),  # two prompts in turn
        ([5.0] * 8, False),
        ([1.0, 2.0, 3.0, 4.0, 5.0], False),  # too few to tell
    ],
)
def test_runs_that_resemble_the_ones_before_them_depend_on_their_order(
    values: list[float], depends: bool
):
    assert depends_on_order(values) == depends


def test_independent_runs_seldom_seem_to_depend_on_their_order_and_drifting_ones_mostly_do():
    rng = np.random.default_rng(3)
    noise = rng.normal(size=(400, 60))
    drifting = np.zeros_like(noise)
    for at in range(1, 60):
        drifting[:, at] = 0.7 * drifting[:, at - 1] + noise[:, at]
    assert np.mean([depends_on_order(series[-24:]) for series in noise]) < 0.08
    assert np.mean([depends_on_order(series[-24:]) for series in drifting]) > 0.8


Draw = Callable[[np.random.Generator, tuple[int, ...]], Floats]

# the draws, and their mean
SHAPES: dict[str, tuple[Draw, float]] = {
    "normal": (lambda rng, size: rng.normal(50, 3, size), 50.0),
    "log-normal": (lambda rng, size: np.exp(rng.normal(0, 0.7, size)), math.exp(0.7**2 / 2)),
    "waiting": (lambda rng, size: 10 + rng.exponential(10, size), 20.0),
    "two heaps": (
        lambda rng, size: rng.choice([20.0, 34.0], size) + rng.normal(0, 0.3, size),
        27.0,
    ),
    "ties": (lambda rng, size: rng.integers(20, 23, size).astype(float), 21.0),
}


def test_prompts_asked_one_after_the_other_are_no_stretches_and_a_slow_middle_is():
    rng = np.random.default_rng(4)
    prompt = [at // 8 for at in range(40)]
    calm = rng.normal(0, 1, 40)
    slow = calm + np.array([4.0 if 13 <= at < 27 else 0.0 for at in range(40)])
    by_prompt = calm + 9 * np.array(prompt)
    correlation, p = order_stretches(slow, [0] * 40)
    assert (correlation > 0.4, p < 0.001) == (True, True)
    assert order_stretches(by_prompt, [0] * 40)[1] < 0.001
    assert order_stretches(by_prompt, prompt)[1] > 0.05
    assert order_stretches([5.0] * 20, [0] * 20) == (0.0, 1.0)


@pytest.mark.parametrize("n", [5, 6, 8, 15])
@pytest.mark.parametrize("shape", SHAPES)
def test_intervals_of_ratios_keep_their_coverage_at_small_n(n: int, shape: str):
    draw, _ = SHAPES[shape]
    pairs = draw(np.random.default_rng(7), (600, 2, n))
    found = [ratio_interval(one, other) for one, other in pairs]
    covered = sum(interval is not None and interval.low <= 1 <= interval.high for interval in found)
    assert covered / 600 > 0.95


@pytest.mark.parametrize(("n", "least"), [(5, 0.87), (6, 0.9), (8, 0.9), (15, 0.9)])
@pytest.mark.parametrize("shape", SHAPES)
def test_intervals_of_means_keep_most_of_their_coverage_where_samples_are_skewed(
    n: int, least: float, shape: str
):
    draw, mean = SHAPES[shape]
    found = [mean_interval(sample) for sample in draw(np.random.default_rng(8), (600, n))]
    covered = sum(each is not None and each.low <= mean <= each.high for each in found)
    assert covered / 600 > least


def test_the_interval_of_a_skewed_mean_reaches_further_on_the_side_of_the_tail():
    values = [10.0, 10.0, 11.0, 11.0, 12.0, 30.0]
    low, high = mean_interval(values) or (0, 0)
    mirrored = mean_interval([-value for value in values]) or (0, 0)
    assert high - 14 > 2 * (14 - low) > 0
    assert mirrored == pytest.approx((-high, -low))


def test_halls_cubic_takes_the_ends_of_a_mean_to_those_of_students_t():
    values = [10.0, 10.0, 11.0, 11.0, 12.0, 30.0]
    n, mean, skewness = 6, 14.0, float(stats.skew(values))

    ends = [(mean - end) / stats.tstd(values) for end in mean_interval(values) or ()]

    made_symmetric = [
        t + skewness * t**2 / 3 + skewness**2 * t**3 / 27 + skewness / (6 * n) for t in ends
    ]
    half = float(stats.t.ppf(0.975, n - 1)) / math.sqrt(n)
    assert made_symmetric == pytest.approx([half, -half])


def test_equal_samples_have_an_interval_without_width():
    assert mean_interval([7.0] * 6) == (7.0, 7.0)
    assert ratio_interval([7.0] * 6, [3.5] * 6) == pytest.approx((2.0, 2.0))


def test_the_interval_of_a_ratio_is_made_of_those_of_its_medians():
    # of 6 values the interval of the median is the range; the other side is certain
    low, high = ratio_interval([1.0, 2.0, 2.0, 2.0, 2.0, 8.0], [1.0] * 6) or (0, 0)
    assert (low, high) == pytest.approx((1.0, 8.0))
    # an uncertain upper end below the line takes from the lower end of the ratio alone
    low, high = ratio_interval([1.0, 2.0, 2.0, 2.0, 2.0, 8.0], [1.0] * 5 + [4.0]) or (0, 0)
    assert (low, high) == pytest.approx((2 / math.exp(math.hypot(math.log(2), math.log(4))), 8.0))


def test_a_ratio_of_times_that_are_not_positive_has_no_interval():
    assert ratio_interval([0.0, 1, 2, 3, 4], [1.0, 2, 3, 4, 5]) is None


@pytest.mark.parametrize(("n", "spread"), [(5, 0.3), (10, 0.1), (10, 0.5), (30, 0.5)])
def test_the_ratio_of_reported_means_is_covered_by_its_interval(n: int, spread: float):
    rng = np.random.default_rng(SEED)
    scale = math.sqrt(math.log(1 + spread**2))
    draws = np.exp(rng.normal(-(scale**2) / 2, scale, (2, 600, n)))
    found = [
        mean_ratio_interval(
            *(
                (2 ** (1 - at) * s.mean(), s.std(ddof=1) * 2 ** (1 - at), n)
                for at, s in enumerate(pair)
            )
        )
        for pair in draws.swapaxes(0, 1)
    ]
    told = [interval for interval in found if interval]
    assert len(told) > 550
    assert sum(interval.low <= 2 <= interval.high for interval in told) / len(told) > 0.925


@pytest.mark.parametrize(
    ("one", "why"),
    [
        ((5.0, 0.1, 4), "too few"),
        ((0.0, 0.0, 9), "no time is zero"),
        ((5.0, 9.0, 9), "a few slow calls make the mean"),
    ],
)
def test_reported_means_that_are_too_uncertain_have_no_interval(
    one: tuple[float, float, int], why: str
):
    assert mean_ratio_interval(one, (5.0, 0.1, 9)) is None, why
    assert welch_p(one, (5.0, 0.1, 9)) is None, why


def test_means_without_any_spread_differ_or_do_not():
    assert welch_p((5.0, 0.0, 9), (5.0, 0.0, 9)) == 1.0
    assert welch_p((5.0, 0.0, 9), (5.1, 0.0, 9)) == 0.0


def test_one_number_has_no_spread():
    assert summarise([5.0], "median").spread is None


def test_two_arms_of_one_size_can_change_their_names():
    # 20 arrangements of three and three, each with its mirror image
    assert smallest_p([0, 0, 0, 1, 1, 1], [0] * 6) == pytest.approx(0.1)


def test_welch_agrees_with_scipy_where_the_spread_is_small():
    one, other = (10.0, 0.01, 10), (10.012, 0.02, 10)
    expected = stats.ttest_ind_from_stats(*one, *other, equal_var=False).pvalue
    assert welch_p(one, other) == pytest.approx(float(expected), rel=0.01)


@given(st.lists(_numbers, min_size=1, max_size=40), st.randoms(use_true_random=False))
def test_a_summary_does_not_depend_on_order(values: list[float], random):
    shuffled = values.copy()
    random.shuffle(shuffled)
    for method in ("median", "mean", "minimum", "maximum"):
        assert summarise(values, method) == summarise(shuffled, method)


def test_several_numbers_have_no_single_value():
    with pytest.raises(ValueError, match="cannot take the 'value' of 2 numbers"):
        summarise([1.0, 2.0], "value")


def test_holm_multiplies_the_smallest_most_and_keeps_the_order():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([]) == []


def test_tests_too_small_to_show_anything_do_not_burden_the_others():
    # three tests of four against four can never reach 0.05 after correction
    assert can_be_significant([0.001, 0.125, 0.125, 0.125], 0.05) == [True, False, False, False]
    assert can_be_significant([0.02, 0.02], 0.05) == [True, True]
    assert can_be_significant([0.05], 0.05) == [True]


def test_a_difference_within_every_block_is_seen_through_the_differences_between_them():
    # prompts differ a hundredfold; the second arm is one per cent faster on each
    base = [10.0, 1000.0, 30.0, 500.0, 70.0, 200.0, 90.0, 400.0]
    values = [v for b in base for v in (b, b * 1.01)]
    blocks = [i for i in range(8) for _ in range(2)]
    found = rank_test(values, [0, 1] * 8, blocks)
    assert found is not None
    assert found.p < 0.02
    unblocked = rank_test(values, [0, 1] * 8, [0] * 16)
    assert unblocked is not None
    assert unblocked.p > 0.5


def test_a_difference_between_blocks_is_not_taken_for_one_between_arms():
    # arm 1 stands more often in the slow block; within blocks both arms are alike
    rng = np.random.default_rng(3)
    arms = np.array([0] * 18 + [1] * 6 + [0] * 6 + [1] * 18)
    blocks = np.repeat([0, 1], 24)
    values = rng.normal(0, 1, 48) + 20 * blocks
    found = rank_test(values, arms, blocks)
    assert found is not None
    assert found.p > 0.05


def test_chance_alone_is_called_a_difference_no_more_often_than_promised():
    rng = np.random.default_rng(11)
    blocks = np.repeat(np.arange(6), 4)
    found = [rank_test(rng.lognormal(0, 1, 24), [0, 1] * 12, blocks) for _ in range(200)]
    assert sum(test is not None and test.p <= 0.05 for test in found) <= 20


def test_blocks_with_one_arm_say_nothing():
    assert rank_test([1.0, 2.0, 3.0], [0, 0, 1], [0, 0, 1]) is None
    with_idle = rank_test([1.0, 2.0, 3.0, 4.0, 9.0], [0, 0, 1, 1, 1], [0, 0, 0, 0, 7])
    without = rank_test([1.0, 2.0, 3.0, 4.0], [0, 0, 1, 1], [0] * 4)
    assert with_idle == without


def test_equal_values_differ_in_nothing():
    found = rank_test([0.1 + 0.2, 0.3, 0.3, 0.1 + 0.2], [0, 0, 1, 1], [0, 0, 0, 0])
    assert found is not None
    assert found.p == 1.0


@pytest.mark.parametrize(
    ("arms", "blocks", "smallest"),
    [
        # three against three: 20 arrangements, and naming the arms the other way is no other one
        ([0, 0, 0, 1, 1, 1], [0] * 6, 2 / 20),
        # four pairs: each can stand one way or the other
        ([0, 1] * 4, [0, 0, 1, 1, 2, 2, 3, 3], 2 / 16),
        # unequal arms cannot change names
        ([0, 1, 1], [0, 0, 0], 1 / 3),
    ],
)
def test_the_smallest_p_follows_from_the_arrangement(
    arms: list[int], blocks: list[int], smallest: float
):
    assert smallest_p(arms, blocks) == pytest.approx(smallest)


@given(
    st.lists(st.tuples(_numbers, st.integers(0, 2), st.integers(0, 3)), min_size=2, max_size=14),
    st.randoms(use_true_random=False),
)
def test_a_test_does_not_depend_on_order(samples: list[tuple[float, int, int]], random):
    shuffled = samples.copy()
    random.shuffle(shuffled)
    one, other = (
        rank_test([v for v, _, _ in s], [a for _, a, _ in s], [b for _, _, b in s])
        for s in (samples, shuffled)
    )
    assert one == other


@pytest.mark.parametrize("n", [3, 4, 5, 6])
def test_small_samples_of_one_block_are_tested_as_mann_and_whitney_do(n: int):
    rng = np.random.default_rng(n)
    one, other = rng.normal(0, 1, n), rng.normal(1, 1, n)
    found = rank_test([*one, *other], [0] * n + [1] * n, [0] * 2 * n)
    assert found is not None
    assert found.p == pytest.approx(stats.mannwhitneyu(one, other, method="exact").pvalue)


def test_large_samples_are_tested_by_the_normal_theory():
    rng = np.random.default_rng(5)
    arms = np.arange(2000) % 2
    found = rank_test(rng.normal(0, 1, 2000) + 0.2 * arms, arms, np.zeros(2000, dtype=int))
    assert found is not None
    assert found.method == "aligned-rank-kruskal-wallis"
    assert found.p < 0.001


def test_a_trend_rises_or_is_none():
    assert order_trend([1.0, 2.0, 3.0, 4.0, 5.0])[0] == pytest.approx(1)
    assert order_trend([2.0, 2.0, 2.0]) == (0.0, 1.0)


def test_a_ladder_that_is_climbed_once_rises_from_step_to_step_and_not_along_one():
    steps = [at // 5 for at in range(20)]
    noise = [0.3, -0.2, 0.1, -0.3, 0.2]
    climbed = [10.0 * step + noise[at % 5] for at, step in enumerate(steps)]
    drifting = [10.0 * step + at + noise[at % 5] for at, step in enumerate(steps)]
    assert order_trend(climbed)[1] < 0.001
    pairs, p = trend_within(climbed, steps)
    assert pairs == 40
    assert p > 0.2
    assert trend_within(drifting, steps)[1] < 0.001
