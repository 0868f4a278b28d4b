"""What a column is called that nobody knows: its quantity, statistic and unit, out of its name.

`energy_j` is an energy in joules, `p99_ms` a percentile, `images_per_s` a rate of its own. Such a
quantity is a metric by that name, beside the ones that every format shares.
"""

import re
from functools import lru_cache
from typing import Final, NamedTuple

from benchagent.formats.columns import read_column, split_statistic
from benchagent.quantities.metrics import METRICS, Direction
from benchagent.quantities.units import Unit, find_unit

_JOINS: Final = re.compile(r"[^a-z0-9.]+")
# `score_b` is that of variant B and `level_h` no time: of one letter only these are units
_LETTERS: Final = {"s": "s", "w": "w", "j": "j", "c": "°c"}
# what a second divides: `decompress_mb_s` and `ops_s` are rates
_DIVIDED: Final = frozenset("b kb mb gb kib mib gib bytes ops op req requests tokens tok".split())
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
    plain = _JOINS.sub("_", name.lower()).strip("_")
    statistic, quantity = _statistic_of(plain)
    bare, unit = _unit_of(quantity)
    if not re.search(r"[a-z]", bare):
        return None
    shared = METRICS.get(bare)
    is_shared = shared is not None and unit is not None and shared.unit == unit.canonical
    return OwnColumn(bare if is_shared else quantity, statistic, unit)


def unit_of_metric(metric: str) -> str | None:
    """The canonical unit of a metric; None where nobody says it."""
    if metric in METRICS:
        return METRICS[metric].unit
    own = read_own_column(metric)
    return own.unit.canonical if own and own.unit else None


def _statistic_of(plain: str) -> tuple[str, str]:
    for statistic, quantity in split_statistic(plain)[1:]:
        # a peak is what was measured, and a minute what it was measured per
        if quantity and not plain.startswith("peak_") and not quantity.endswith("_per"):
            return statistic, quantity
    return "value", plain


def _unit_of(quantity: str) -> tuple[str, Unit | None]:
    before, _, end = quantity.rpartition("_")
    parts = before.split("_")
    if not before or parts[-1] in _DIVIDED or "per" in parts:
        return quantity, None
    unit = find_unit(_LETTERS.get(end, end)) if len(end) > 1 or end in _LETTERS else None
    if unit is None or unit.canonical in ("tokens", "words", "chars"):
        return quantity, None
    return before, unit


def is_speed(metric: str) -> bool:
    """Whether "faster" may be said of a metric of the data's own."""
    return metric not in METRICS and _SPEED.search(metric) is not None


def better_of(metric: str) -> Direction:
    """Which direction of a metric a reader wants, as far as its name tells."""
    if metric in METRICS:
        return METRICS[metric].better
    if _HIGHER.search(metric):
        return "higher"
    if _LOWER.search(metric):
        return "lower"
    return "higher" if _QUOTIENT.search(metric) else "neither"
