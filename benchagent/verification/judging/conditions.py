"""Whether a value was measured under the settings that a text names, and no text leaves them open."""

from collections.abc import Mapping
from typing import Final

from benchagent.verification.binding.binding import Binding
from benchagent.verification.binding.statistics import EXTREMES
from benchagent.verification.evidence.corpus import Corpus
from benchagent.verification.evidence.datums import Datum
from benchagent.verification.text.letters import joined_words_in
from benchagent.verification.text.settings import NO_SETTINGS, call_alike

# A name of fewer letters is one written short.
_WRITTEN_OUT: Final = 4
_OF_ONE: Final = frozenset({"median", "min", "max"})
_NOWHERE: Final = frozenset[str]()
_PUT_TOGETHER: Final = ("group", "fact subject", "fact option")


def has_settings(datum: Datum, binding: Binding, corpus: Corpus) -> bool:
    """A condition that the text names holds of the value; one that it does not name is no group."""
    said = _levels_said(binding)
    if _is_of_another(datum, said) or _sums_up_levels(datum, said, corpus):
        return False
    if not datum.settings:
        return True
    own = {name: level for name, _, level in (s.partition("=") for s in datum.settings)}
    if not said:
        averaged = bool(datum.statistics & {"mean", "median"}) and (datum.n or 1) > 1
        narrowed = averaged and datum.origin in ("fact option", "fact configuration")
        grouped = bool(datum.settings) and (datum.origin == "group" or narrowed)
        grouped = grouped and not own.keys() <= binding.words
        grouped = grouped and not set(own.values()) <= binding.levels
        return not grouped or binding.statistic in EXTREMES
    for name, level in own.items():
        levels = said.get(name) or _abbreviated(name, said)
        if levels is None and datum.origin == "group" and name in corpus.varied:
            if name not in binding.words and level not in binding.levels:
                return False
        elif levels is not None and level not in levels:
            return False
    return True


def mixes_phases(datum: Datum, phase: str, corpus: Corpus) -> bool:
    """Whether cold and warm calls are put together to what is no number of either.

    A median or an extreme of all may be told of the calls among which it lies.
    """
    phased = corpus.phased.get(datum.metric or "", _NOWHERE)
    if datum.origin != "group" or not (phased & datum.paths if datum.paths else phased):
        return False
    if not datum.statistics.isdisjoint(_OF_ONE):
        rows = corpus.index.by_metric.get(datum.metric or "", ())
        calls = (r for r in rows if r.origin == "measured" and r.phase == phase)
        own = [call.value for call in calls if call.subject == datum.subject]
        return not own or not min(own) <= datum.value <= max(own)
    return True


def _is_of_another(datum: Datum, said: Mapping[str, set[str]]) -> bool:
    """Whether all that was put together was measured at a level that is not the one named.

    What a file of runs on one machine gives is no number of the other machine.
    """
    shared = {name: level for name, _, level in (s.partition("=") for s in datum.shared)}
    # a level may be one of several settings: "on cpu", of the provider or the device
    return any(
        level not in said.get(name, {level}) and said[name].isdisjoint(shared.values())
        for name, level in shared.items()
    )


def _sums_up_levels(datum: Datum, said: Mapping[str, set[str]], corpus: Corpus) -> bool:
    """Whether a mean is over all levels of a setting of which a text names one.

    The best and the least of all are told beside a single one: "48 tok/s with num_ctx=512, of 29 to
    48".
    """
    whole = datum.origin in _PUT_TOGETHER and (datum.n or 1) > 1
    if not whole or not datum.metric or datum.statistics.isdisjoint(("mean", "median")):
        return False
    own = {setting.partition("=") for setting in datum.settings | datum.shared}
    names, known = (
        {name for name, _, _ in own},
        {datum.subject, datum.phase, *(level for _, _, level in own)},
    )
    under = corpus.settings_of_metric.get(datum.metric, _NOWHERE) - names
    # a level may be one of several settings, and these of some that are not told
    return any(
        len(levels) == 1 and name in under and levels.isdisjoint(known)
        for name, levels in said.items()
    )


def _levels_said(binding: Binding) -> dict[str, set[str]]:
    """The levels that the text gives each setting."""
    said: dict[str, set[str]] = {}
    for setting in sorted(binding.settings):
        name, _, level = setting.partition("=")
        for own in call_alike(name, level):
            said.setdefault(own.partition("=")[0], set()).add(level)
    return said


def _abbreviated(name: str, said: Mapping[str, set[str]]) -> set[str] | None:
    """The levels of a setting that the text writes short: `t=8` of `threads`."""
    parts = (name, *name.split("_"))
    short = (word for word in said if len(word) < _WRITTEN_OUT and word not in NO_SETTINGS)
    own = (word for word in short if any(part.startswith(word) for part in parts))
    return next((said[word] for word in own), None)


def leaves_settings_open(datum: Datum, binding: Binding) -> bool:
    """Whether a text does not say clearly under which settings: it names none, or this one too."""
    said = _levels_said(binding)
    own = (setting.partition("=") for setting in datum.settings)
    return all(
        level in said.get(name, {level}) or joined_words_in(level) <= binding.words
        for name, _, level in own
    )
