"""What a column is called that nobody knows: its quantity, statistic and unit, out of its name.

`energy_j` is an energy in joules, `p99_ms` a percentile, `images_per_s` a rate of its own. Such a
quantity is a metric by that name, beside the ones that every format shares.
"""

import re
from functools import lru_cache
from typing import Final, NamedTuple

from benchagent.formats.tables.columns import read_column, split_statistic
from benchagent.quantities.metrics import METRICS, Direction, find_metric
from benchagent.quantities.names import find_named_unit, join_words
from benchagent.quantities.units import Unit

_OTHER_SIGNS: Final = re.compile(r"[^a-z0-9.µμ%°]+")
# How much is done in a time.
_DONE: Final = (
    r"fps|qps|tps|rps|iops|ops|per_s|per_sec|per_second|per_min|kb_s|mb_s|gb_s|throughput|speed"
)
_SPEED: Final = re.compile(rf"(?:^|_)(?:{_DONE}|rtf|latency|time|duration)(?:_|$)")
_HIGHER: Final = re.compile(
    rf"(?:^|_)(?:{_DONE}|recall|precision|acc|accuracy|f1|bleu|rouge|score)(?:_|$)"
)
_LOWER: Final = re.compile(
    r"(?:^|_)(?:wer|cer|err|errors?|miss|failures?|loss|rtf|latency|time|energy|temp|"
    r"temperature|mem|memory|rss|size|cost|p\d\d)(?:_|$)"
)
# Of these a reader wants much, unless they are of something bad: `error_rate`, `time_per_image`.
_QUOTIENT: Final = re.compile(r"(?:^|_)(?:per|rate|ratio)(?:_|$)")


class OwnColumn(NamedTuple):
    """A quantity by the name that the data give it."""

    metric: str
    statistic: str
    unit: Unit | None


@lru_cache(maxsize=4096)
def read_own_column(name: str) -> OwnColumn | None:
    """The quantity that a column's name tells of, known or not; None for a name without letters."""
    if meaning := read_column(name):
        return OwnColumn(meaning.metric, meaning.statistic, meaning.unit)
    plain = _OTHER_SIGNS.sub("_", join_words(name)).strip("_")
    if not re.search(r"[a-z]", plain):
        return None
    statistic, quantity = _statistic_of(plain)
    end = find_named_unit(quantity)
    if end is None:
        return OwnColumn(quantity, statistic, None)
    shared = METRICS.get(end.before)
    is_shared = shared is not None and shared.unit == end.unit.canonical
    return OwnColumn(end.before if is_shared else quantity, statistic, end.unit)


def unit_of_metric(metric: str) -> str | None:
    """The canonical unit of a metric; None where nobody says it."""
    if known := find_metric(metric):
        return known.unit
    own = read_own_column(metric)
    return own.unit.canonical if own and own.unit else None


def may_lack_unit(metric: str) -> bool:
    """Whether a column of this name says no unit: a word error rate of 4.25 may be in percent."""
    own = read_own_column(metric) if metric not in METRICS else None
    return own is not None and own.unit is None


def _statistic_of(plain: str) -> tuple[str, str]:
    for statistic, quantity in split_statistic(plain)[1:]:
        # a peak is what was measured, and a minute what it was measured per
        if quantity and not plain.startswith("peak_") and not quantity.endswith("_per"):
            return statistic, quantity
    return "value", plain


def is_speed(metric: str) -> bool:
    """Whether "faster" may be said of a metric of the data's own."""
    timed = _SPEED.search(metric) is not None or unit_of_metric(metric) == "ms"
    return metric not in METRICS and timed


def better_of(metric: str) -> Direction:
    """Which direction of a metric a reader wants, as far as its name tells."""
    if known := find_metric(metric):
        return known.better
    if _HIGHER.search(metric):
        return "higher"
    if _LOWER.search(metric):
        return "lower"
    return "higher" if _QUOTIENT.search(metric) else "neither"
