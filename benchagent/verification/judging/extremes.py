"""Whether a value is the one of several that a text tells of: the best, the lowest, the second."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from benchagent.verification.binding.binding import Binding
from benchagent.verification.evidence.corpus import Corpus
from benchagent.verification.evidence.datums import Datum
from benchagent.verification.evidence.own_columns import better_of

# of a name such as `peak_vram_mb`
_SAYS_SO: Final = frozenset("peak max min highest lowest best worst".split())
_NUMBER: Final = re.compile(r"\d+")


def is_of_other_run(datum: Datum, nth: int, corpus: Corpus) -> bool:
    """Whether a number is of another run than the nth, or of several; one that is only named may be it.

    Runs are counted in the order of their file, among those of the same settings and among all.
    """
    if datum.origin not in ("measured", "leaf"):
        return datum.origin != "value"
    rows = corpus.index.by_metric.get(datum.metric or "", ())
    same = [d for d in rows if _source_of(d) == _source_of(datum)]
    alike = [d for d in same if d.settings == datum.settings]
    ranks = [sorted(map(_place_of, own)).index(_place_of(datum)) for own in (same, alike)]
    return len(alike) > 1 and nth not in {rank + 1 for rank in ranks}


def _source_of(datum: Datum) -> tuple[object, ...]:
    return datum.origin, datum.subject, datum.paths, datum.statistics


def _place_of(datum: Datum) -> tuple[int, ...]:
    return tuple(map(int, _NUMBER.findall(datum.source.locator or "")))


def is_no_extreme(datum: Datum, binding: Binding, corpus: Corpus) -> bool:
    """Whether a text tells an extreme and others like this value go further.

    Like it are those at other levels of the same settings, and those of other subjects under the
    same ones where the text names these or there are none.
    """
    named = datum.statistics & {"max", "min"}
    if not datum.metric or datum.origin.startswith("fact"):
        return False
    high = _wants_high(binding, datum.metric)
    if named:
        return high is not None and ("max" if high else "min") not in named
    if datum.words & _SAYS_SO or _is_alone(datum, corpus):
        return False
    groups = [[d.value for d in own] for own in _find_peers(datum, binding, corpus)]
    groups = [values for values in groups if min(values) < max(values)]
    return bool(groups) and not any(_is_end(datum.value, values, high) for values in groups)


def _is_alone(datum: Datum, corpus: Corpus) -> bool:
    """Whether it is the one number of its subject and file: the peak that somebody wrote down."""
    if "value" not in datum.statistics:
        return False
    rows = corpus.index.by_metric.get(datum.metric or "", ())
    own = [
        d
        for d in rows
        if (d.subject, d.paths, d.origin) == (datum.subject, datum.paths, datum.origin)
    ]
    return len(own) == 1


def _wants_high(binding: Binding, metric: str) -> bool | None:
    """Whether the greatest is meant; None where nobody says what is good."""
    said = binding.statistic or ""
    if said.startswith(("highest", "lowest")):
        return said.startswith("highest")
    better, best = better_of(metric), said.startswith("top")
    return None if better == "neither" else (better == "higher") == best


def _is_end(value: float, values: Iterable[float], high: bool | None) -> bool:
    low_end, high_end = min(values), max(values)
    return value in {True: (high_end,), False: (low_end,), None: (low_end, high_end)}[high]


def _find_peers(datum: Datum, binding: Binding, corpus: Corpus) -> Iterator[list[Datum]]:
    rows = corpus.index.by_metric.get(datum.metric or "", ())
    same = [d for d in rows if (d.statistics, d.origin) == (datum.statistics, datum.origin)]
    alike = [d for d in same if _kind_of(d) == _kind_of(datum)]
    yield alike
    yield [d for d in alike if d.subject == datum.subject]
    told = datum.settings & binding.settings
    if told:
        yield [d for d in alike if d.settings >= told]
        yield [d for d in alike if d.settings >= told and d.subject == datum.subject]
    varied = {setting for setting in datum.settings if setting.partition("=")[0] in corpus.varied}
    if varied <= binding.settings:
        yield [d for d in alike if d.settings == datum.settings]


def _kind_of(datum: Datum) -> tuple[object, ...]:
    names = frozenset(setting.partition("=")[0] for setting in datum.settings)
    return datum.unit, datum.phase, datum.inner, names
