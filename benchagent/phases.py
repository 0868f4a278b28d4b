"""Cold and warm model calls, told apart by the data themselves.

A call that had to load the model waited for it; one that found it loaded did not. The load times
of one subject's calls then fall into two heaps, and the widest gap between them (as a ratio) is
the threshold. Where no gap is clear there is no threshold, and the calls have no phase.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

# Ollama's bookkeeping for a loaded model varies by a factor of two and stays below 300 ms;
# loading weights takes several times the slowest of it.
_CLEAR_GAP: Final = 3.0
_SMALLEST_MS: Final = 1.0
_FEWEST_CALLS: Final = 3


class Gap(NamedTuple):
    """The place between warm and cold load times, in milliseconds, and how wide it is."""

    threshold_ms: float
    ratio: float


def find_gap(load_times_ms: Sequence[float]) -> Gap | None:
    """Where the load times of calls part into warm and cold, if they clearly do.

    The threshold is the geometric middle of the gap. Below one millisecond all times count as
    equal: nothing is loaded in that time.
    """
    if len(load_times_ms) < _FEWEST_CALLS:
        return None
    times = sorted(max(time, _SMALLEST_MS) for time in load_times_ms)
    below, above = max(pairwise(times), key=lambda pair: pair[1] / pair[0])
    ratio = above / below
    return Gap((below * above) ** 0.5, ratio) if ratio >= _CLEAR_GAP else None


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseThreshold:
    """Where cold and warm calls part, found from the data of one (benchmark, subject).

    Attributes:
        threshold_ms: load time above which a call is cold, in milliseconds.
        gap: how many times the fastest cold load is slower than the slowest warm one.
    """

    benchmark: str
    subject: str
    threshold_ms: float
    gap: float
    n_cold: int
    n_warm: int
