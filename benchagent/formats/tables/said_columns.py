"""What a person says that a column holds, in one word: `ttft:ms`, `decode_rate:tok/s:p95`, `model`.

A measurement is a metric, its unit and, where it is not the single value of a run, a statistic. A
metric that only counts needs no unit. Any other word is a part that columns play.
"""

from difflib import get_close_matches
from typing import Final

from benchagent.errors import ExplainedError
from benchagent.formats.tables.columns import Meaning, find_statistic
from benchagent.quantities.metrics import all_metrics, find_metric
from benchagent.quantities.units import Unit, find_unit

# Nothing of the column is read.
LEFT_OUT: Final = "-"
SETTING: Final = "setting"
ROLES: Final = (
    *("model", "repetition", "sequence", "phase", "time"),
    *("success", "status", "error", "answer", "options", "n"),
)
_COUNTED: Final = ("tokens", "chars", "words", "1")


class NotSaid(ExplainedError):
    """A word that says nothing of a column; the message says what would."""


def read_said(word: str) -> Meaning | str:
    """What a column holds by a person's word: a measurement, or the part that it plays.

    Args:
        word: `METRIC:UNIT`, `METRIC:UNIT:STATISTIC`, `setting`, `setting:NAME`, `-` or one of `ROLES`.

    Raises:
        NotSaid: it is none of these.
    """
    first, _, rest = word.partition(":")
    if word in (LEFT_OUT, *ROLES) or (first == SETTING and (rest or word == SETTING)):
        return word
    metric = find_metric(first)
    if metric is None:
        known = [*(each.id for each in all_metrics()), *ROLES, SETTING]
        near = get_close_matches(first, known, n=3, cutoff=0.5)
        meant = f"; did you mean {' or '.join(near)}?" if near else ";"
        raise NotSaid(
            f"{word!r} is no metric{meant} `benchagent columns metrics` lists them; else a column "
            f"is {SETTING}, {', '.join(ROLES)} or {LEFT_OUT} (not read)"
        )
    spelled, _, statistic = rest.partition(":")
    unit = _read_unit(word, metric.unit, spelled)
    named = find_statistic(statistic) if statistic not in ("", "value") else "value"
    if named is None:
        raise NotSaid(f"{word!r}: {statistic!r} is no statistic; mean, median, stddev, p95 are")
    return Meaning(first, named, unit, spelled or None)


def name_said_setting(holds: str, name: str) -> str | None:
    """The setting that a column is said to hold, `name` where it has none of its own; else None."""
    first, _, own = holds.partition(":")
    return (own or name) if first == SETTING else None


def _read_unit(word: str, canonical: str, spelled: str) -> Unit:
    if not spelled and canonical in _COUNTED:
        return Unit(canonical)
    unit = find_unit(spelled) if spelled else None
    if unit is None or unit.canonical != canonical:
        such = "ms or s" if canonical == "ms" else canonical
        metric = word.partition(":")[0]
        raise NotSaid(f"{word!r}: say its unit, such as {such}: `{metric}:{such.split()[0]}`")
    return unit
