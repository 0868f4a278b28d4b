"""Percentiles of numbers that are at hand."""

from collections.abc import Sequence


def percentile(ordered: Sequence[float], share: float) -> float:
    """The value below which a share (0 to 1) lies, by linear interpolation between order statistics.

    >>> percentile([10.0, 20.0, 30.0], 0.5)
    20.0
    """
    at = share * (len(ordered) - 1)
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (at - low)
