"""Where a true value may lie so that a writer would have written a number as it stands."""

from typing import Final, NamedTuple

from benchagent.quantities.units import Unit
from benchagent.verification.binding.binding import Binding
from benchagent.verification.evidence.own_columns import may_lack_unit, unit_of_metric
from benchagent.verification.text.figures import Figure

ENOUGH_DIGITS: Final = 3
# "about 15.584035" is exact, whatever it says
_PRECISE: Final = 5


class Window(NamedTuple):
    """From where to where a value may lie."""

    low: float
    high: float


def count_digits(figure: Figure) -> int:
    """Significant digits shown."""
    if figure.step >= 1:
        return len(f"{abs(figure.value):.0f}".strip("0"))
    return len(f"{abs(figure.value) / figure.step:.0f}".strip("0"))


def window_of(figure: Figure, worth: float) -> Window:
    """Where the true value may lie so that a writer would have written this number."""
    value, step = figure.value * worth, figure.step * abs(worth)
    slack = 1e-9 * abs(value) + 0.501 * step
    low, high = value - slack, value + slack
    if count_digits(figure) >= ENOUGH_DIGITS:
        high = max(high, value + 0.999 * step)
    if count_digits(figure) >= _PRECISE:
        return Window(min(low, high), max(low, high))
    if figure.hedged or figure.bound:
        slack = max(step, 0.02 * abs(value))
        low, high = value - slack, value + slack
    if figure.bound == "low":
        high = value * 1.1
    if figure.bound == "high":
        low = value * 0.9
    return Window(min(low, high), max(low, high))


def worths_of(unit: Unit | None, binding: Binding) -> list[float]:
    """How many canonical units one of the written number may be."""
    if unit:
        bare = any(map(may_lack_unit, binding.metrics or ()))
        return list(dict.fromkeys((unit.worth, 1.0))) if bare else [unit.worth]
    canonical = {unit_of_metric(metric) for metric in binding.metrics or ()}
    worths = [1.0]
    if "ms" in canonical:
        worths.append(1e3)
    if "ratio" in canonical:
        worths.append(0.01)
    if "bytes" in canonical:
        worths += [1e6, 1e9, 2.0**20, 2.0**30]
    return worths


def binary_worths_of(unit: Unit) -> tuple[float, ...]:
    """What a GB is worth that counts in 1024s, also where a file says GB of a GiB."""
    steps = unit.exponent // 3 or (unit.factor.bit_length() - 1) // 10
    if not steps:
        return ()
    own = 2.0 ** (10 * steps)
    return own, *(own / 2.0 ** (10 * step) * 1e3**step for step in (2, 3))
