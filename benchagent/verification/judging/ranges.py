"""A range: its ends have to be the least and the greatest of the same values."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import Final, Literal

from benchagent.verification.binding.binding import Binding
from benchagent.verification.claims import Verdict, contradicted, supported, unsupported
from benchagent.verification.evidence.datums import Datum
from benchagent.verification.judging.agreement import is_of_file
from benchagent.verification.judging.values import describe, find_agreeing, judge_value
from benchagent.verification.judging.windows import count_digits
from benchagent.verification.question import Knowledge
from benchagent.verification.text.figures import Figure
from benchagent.verification.text.units import spell_unit

_TELLING: Final = 5
End = Literal["low", "high", "both"]


def judge_range(
    low: Figure, high: Figure, binding: Binding, end: End, knowledge: Knowledge
) -> Verdict:
    """Whether values range from one number to the other; `end` says which of them is asked for."""
    pool = _named_pool(binding, knowledge)
    worth = _worth_of(binding)
    if pool and _is(low, min(pool), worth) and _is(high, max(pool), worth):
        return supported(f"the known values range from {min(pool):g} to {max(pool):g}")
    if binding.ranged:
        of_each = replace(binding, statistic=binding.ranged)
        found = [judge_value(figure, of_each, knowledge) for figure in _asked_for(low, high, end)]
        if all(verdict.ruling == "supported" for verdict in found):
            return found[0]
    loose = replace(binding, statistic=None if binding.statistic == "range" else binding.statistic)
    verdicts = [
        _judge_end(figure, loose, statistic, knowledge)
        for figure, statistic in ((low, "min"), (high, "max"))
    ]
    if any(v.ruling != "supported" for v in verdicts):
        inside = _of_one_group(low, high, loose, knowledge) or _enclosed(
            low, high, loose, knowledge
        )
        if inside:
            return inside
    if end != "both":
        return verdicts[0 if end == "low" else 1]
    for ruling in ("contradicted", "unsupported"):
        for verdict in verdicts:
            if verdict.ruling == ruling:
                return verdict
    return verdicts[0]


def _asked_for(low: Figure, high: Figure, end: End) -> tuple[Figure, ...]:
    return {"low": (low,), "high": (high,), "both": (low, high)}[end]


def _of_one_group(
    low: Figure, high: Figure, binding: Binding, knowledge: Knowledge
) -> Verdict | None:
    """Both ends are the extremes of the same values, digit for digit: no chance of a coincidence."""
    worth = _worth_of(binding)
    if count_digits(low) + count_digits(high) < _TELLING or binding.unknown:
        return None
    for metric in binding.metrics or ():
        groups = knowledge.corpus.index.extremes.get(metric, [])
        least = (low.value - low.step) * worth
        first = bisect_left(groups, least, key=lambda group: group.low.value)
        for group in islice(groups, first, None):
            if group.low.value > (low.value + low.step) * worth:
                break
            own = not binding.subjects or group.low.subject in binding.subjects
            own = own and is_of_file(group.low, binding, knowledge.corpus)
            if own and _is(low, group.low.value, worth) and _is(high, group.high.value, worth):
                return supported(f"{describe(group.low)}; {describe(group.high)}")
    return None


def _enclosed(low: Figure, high: Figure, binding: Binding, knowledge: Knowledge) -> Verdict | None:
    """Round ends just outside of the extremes of what the text names, as in "50 to 90 ms"."""
    worth = _worth_of(binding)
    a, b = low.value * worth, high.value * worth
    if not binding.subjects:
        return None
    for metric in binding.metrics or ():
        for group in knowledge.corpus.index.extremes.get(metric, ()):
            own = group.low.subject in binding.subjects
            own = own and is_of_file(group.low, binding, knowledge.corpus)
            if own and _close(a, group.low.value) and _close(group.high.value, b):
                return supported(f"{describe(group.low)}; {describe(group.high)}")
    return None


def _close(lower: float, upper: float) -> bool:
    """Whether the second is the first or a little more."""
    return 0.995 * lower <= upper <= 1.15 * lower


def _judge_end(figure: Figure, binding: Binding, statistic: str, knowledge: Knowledge) -> Verdict:
    """One end: an extreme of all that the text names, or a value that it names as such."""
    extreme = replace(binding, statistic=statistic)
    found = find_agreeing(figure, extreme, knowledge, lambda datum: _is_whole(datum, binding))
    if found:
        return supported(describe(found), found.source)
    if binding.statistic is not None:
        return judge_value(figure, binding, knowledge)
    may_be = partial(_may_end, statistic=statistic, knowledge=knowledge)
    fact = find_agreeing(figure, binding, knowledge, may_be)
    if fact:
        return supported(describe(fact), fact.source)
    truths = _extremes(binding, statistic, knowledge)
    if truths and not binding.guessed:
        return contradicted(f"the data say otherwise: {describe(truths[0])}", truths[0].source)
    return unsupported("no range of the data has this end")


def _may_end(datum: Datum, statistic: str, knowledge: Knowledge) -> bool:
    """Whether a fact may be told as an end: none that lies nearer to the other one."""
    if not datum.origin.startswith("fact"):
        return False
    groups = knowledge.corpus.index.extremes.get(datum.metric or "", [])
    own = [group for group in groups if datum.subject and group.low.subject == datum.subject]
    if not own:
        return True
    low = min(group.low.value for group in own)
    high = max(group.high.value for group in own)
    if not low <= datum.value <= high:
        return True
    is_low = datum.value - low <= high - datum.value
    return is_low == (statistic == "min") or low == high


def _is_whole(datum: Datum, binding: Binding) -> bool:
    """Where no subject, file or setting is named, a range is over everything."""
    narrowed = binding.subjects or binding.paths or binding.settings or binding.phase
    return bool(narrowed) or (datum.subject is None and not datum.settings and not datum.phase)


def _extremes(binding: Binding, statistic: str, knowledge: Knowledge) -> Sequence[Datum]:
    return [
        datum
        for metric in binding.metrics or ()
        for datum in knowledge.corpus.index.summaries.get(metric, ())
        if statistic in datum.statistics
        and (datum.subject in binding.subjects if binding.subjects else datum.subject is None)
        and not datum.phase
    ]


def _named_pool(binding: Binding, knowledge: Knowledge) -> list[float]:
    """The named values of the metric, where the text names no subject."""
    if binding.subjects or binding.unknown or not binding.metrics:
        return []
    return [d.value for d in _of_metric(knowledge.values.datums, binding.metrics)]


def _of_metric(datums: Iterable[Datum], metrics: tuple[str, ...]) -> Iterable[Datum]:
    counted = any(metric.endswith("_tokens") for metric in metrics)
    for datum in datums:
        if (
            datum.metric in metrics
            or (counted and "tokens" in datum.words and datum.unit in (None, "tokens"))
        ) and (
            (not datum.words & {"per", "rate", "second"} and datum.label.rpartition("_")[2] != "s")
            or not counted
        ):
            yield datum


def _worth_of(binding: Binding) -> float:
    unit = spell_unit(binding.unit)
    return unit.worth if unit else 1.0


def _is(figure: Figure, value: float, worth: float) -> bool:
    return abs(figure.value * worth - value) <= figure.step * worth * 0.51 + 1e-9 * abs(value)
