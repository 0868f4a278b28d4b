"""Whether a value is of the statistic that a text names, or leaves unnamed."""

from typing import Final

from benchagent.quantities.metrics import METRICS
from benchagent.verification.binding.binding import Binding
from benchagent.verification.binding.statistics import DEVIATIONS, EXTREMES
from benchagent.verification.evidence.datums import Datum

# `summary`: of which kind, its column does not say
_LOOSE: Final = frozenset(
    {"value", "mean", "median", "total", "summary", "best-over-next", "best-over-last"}
)
_EXTREME: Final = _LOOSE | {"max", "min"}
_OF_RUN: Final = frozenset({"value", "max", "min"})
SPREADS: Final = frozenset({"stddev", "stderr", "p90", "p95", "p99"})
# What no text means that does not say so.
_NAMED: Final = SPREADS | {"max", "min", "ci"}
_SPELLED: Final = {"median": ("median", "p50")}


def is_of_statistic(datum: Datum, binding: Binding) -> bool:
    """Whether a value is of the statistic named; where none is, of one that goes without saying."""
    said = binding.statistic
    if datum.origin == "leaf" and said and not datum.words.isdisjoint(_SPELLED.get(said, (said,))):
        return True  # `publish_p99_ms` is a name
    if said is None:
        summed = datum.origin == "group" and datum.statistics == {"total"}
        if summed and (datum.unit == "ms" or datum.metric not in METRICS):
            return False  # no text leaves unnamed that times, or error rates, were summed up
        told_by_name = datum.origin.startswith("fact") and datum.statistics.isdisjoint(_NAMED)
        return bool(datum.statistics & _LOOSE) or told_by_name
    if said in EXTREMES:
        of_run = _OF_RUN - {"value"} if datum.origin.startswith("fact") else _OF_RUN
        return bool(datum.statistics & (of_run if said.endswith(" run") else _EXTREME))
    if said == "spread":
        return bool(datum.statistics & {"min", "max", "ci", *DEVIATIONS})
    if said == "range":
        return bool(datum.statistics & {"min", "max", "ci", binding.ranged})
    if said == "total":
        return (
            bool(datum.statistics & {"total", "value", "files", "count"}) or datum.origin == "leaf"
        )
    if said == "mean":
        return "mean" in datum.statistics
    if said == "deviation":
        return bool(datum.statistics & DEVIATIONS)
    if said == "ci":
        return bool(datum.statistics & {"ci", "ci_low", "ci_high"})
    over, between, within = said.partition("_of_")
    if between:
        of_group = over in datum.statistics and datum.inner == within.removesuffix("s")
        return said in datum.statistics or of_group
    if said in SPREADS and datum.inner in ("mean", "median"):
        return False  # of what sums up calls, and not of calls
    return said in datum.statistics or any(
        statistic.startswith(said) and "_of_" not in statistic for statistic in datum.statistics
    )
