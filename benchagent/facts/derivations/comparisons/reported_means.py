"""Means that a tool or script reports beside each other: their ratio, its interval, and a test.

The runs behind them are not there, so they are compared by mean, standard deviation and number of
runs alone.
"""

from collections.abc import Iterator

from benchagent.facts.estimates import Interval, mean_ratio_interval
from benchagent.facts.fact import Fact, vary
from benchagent.facts.significance import welch_p


def interval_of_means(above: Fact, below: Fact) -> Interval | None:
    """The interval of a ratio of two reported means; None where a spread or a size is not told."""
    one, other = _moments(above), _moments(below)
    return mean_ratio_interval(one, other) if one and other else None


def compare_means(one: Fact, other: Fact, template: Fact) -> Iterator[Fact]:
    """Welch's t-test of the logarithms of two reported means, where their spreads and sizes are told."""
    sides = _moments(one), _moments(other)
    p = welch_p(sides[0], sides[1]) if sides[0] and sides[1] else None
    if p is not None:
        yield vary(
            template,
            kind="test",
            label=f"p-value of {template.label}",
            value=p,
            unit=None,
            method="welch-of-means",
            ci_low=None,
            ci_high=None,
            facts=(one.id, other.id),
        )


def _moments(side: Fact) -> tuple[float, float, int] | None:
    """Mean, standard deviation and number of runs, where a file tells all three."""
    if side.statistic != "mean" or side.spread is None or side.n is None:
        return None
    return side.value, side.spread, side.n
