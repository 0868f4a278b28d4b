"""The load times of many calls, and the gap between those that found the model and those that did not.

The load times of one subject's calls fall into two heaps where some had to load the model, and the
widest gap between them (as a ratio) is where cold begins.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np

from benchagent.arrays import Floats

# Ollama's bookkeeping for a loaded model varies by a factor of two and stays below 300 ms;
# loading weights takes several times the slowest of it.
_CLEAR_GAP: Final = 3.0
_VARIES: Final = 2.0
_SMALLEST_MS: Final = 1.0
_FEWEST_CALLS: Final = 3


class Gap(NamedTuple):
    """The place between warm and cold load times, in milliseconds, and how wide it is."""

    below: float
    above: float

    @property
    def threshold_ms(self) -> float:
        """The geometric middle."""
        return (self.below * self.above) ** 0.5

    @property
    def ratio(self) -> float:
        """How many times the fastest cold load is slower than the slowest warm one."""
        return self.above / self.below


class _Octave(NamedTuple):
    least: float
    most: float
    n: int


_NONE: Final = _Octave(np.inf, 0.0, 0)


class LoadTimes:
    """The load times of many calls, in milliseconds: all that it takes to see where they part.

    Below one millisecond all times count as equal: nothing is loaded in that time. A clear gap is
    wider than an octave, so of each octave the least, the most and the count say it exactly.
    """

    def __init__(self, times_ms: Sequence[float] | Floats = ()) -> None:
        """Start with these load times."""
        self._octaves: dict[int, _Octave] = {}
        self.add(times_ms)

    def add(self, times_ms: Sequence[float] | Floats) -> None:
        """Count more load times."""
        times = np.maximum(np.asarray(times_ms, dtype=np.float64), _SMALLEST_MS)
        octaves = np.frexp(times)[1]  # of a millisecond the first
        n = np.bincount(octaves)
        least, most = np.full(len(n), np.inf), np.zeros(len(n))
        np.minimum.at(least, octaves, times)
        np.maximum.at(most, octaves, times)
        for octave in np.flatnonzero(n).tolist():
            found = _Octave(float(least[octave]), float(most[octave]), int(n[octave]))
            known = self._octaves.get(octave, _NONE)
            self._octaves[octave] = _Octave(
                min(found.least, known.least), max(found.most, known.most), found.n + known.n
            )

    def __len__(self) -> int:
        return sum(octave.n for octave in self._octaves.values())

    @property
    def slowest(self) -> float:
        """The longest of them."""
        return max(octave.most for octave in self._octaves.values())

    def count_cold(self, gap: Gap) -> int:
        """How many lie above a gap, which is one between octaves."""
        octaves = self._octaves.values()
        return sum(octave.n for octave in octaves if octave.least > gap.threshold_ms)

    def gaps(self) -> Iterator[Gap]:
        """Between one octave and the next, from the fastest on."""
        ordered = [self._octaves[at] for at in sorted(self._octaves)]
        for faster, slower in pairwise(ordered):
            yield Gap(faster.most, slower.least)


def find_gap(times: LoadTimes) -> Gap | None:
    """Where the load times of calls part into warm and cold, if they clearly do."""
    if len(times) < _FEWEST_CALLS:
        return None
    widest = max(times.gaps(), key=lambda gap: gap.ratio, default=None)
    return widest if widest and widest.ratio >= _CLEAR_GAP else None


def find_gaps(times: Mapping[str, LoadTimes]) -> dict[str, Gap]:
    """Where the load times of the subjects of one benchmark part, for those of which it is clear.

    A subject whose calls do not part was loaded beforehand if they are as fast as the warm calls of
    those that do, and far from the cold ones.
    """
    own = {of: gap for of, each in times.items() if (gap := find_gap(each))}
    if not own:
        return {}
    warm = max(gap.below for gap in own.values())
    cold = min(gap.above for gap in own.values())
    found: dict[str, Gap] = {}
    for of, each in times.items():
        if of in own:
            found[of] = own[of]
        elif len(each) and each.slowest <= _VARIES * warm:
            below = max(warm, each.slowest)
            if cold >= _CLEAR_GAP * below:
                found[of] = Gap(below, cold)
    return found
