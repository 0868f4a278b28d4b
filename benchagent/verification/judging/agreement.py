"""In what a value of the data is not what a text says of its number."""

import re
from collections.abc import Iterable, Iterator, Set
from typing import Final, Literal

from benchagent.formats.tables.call_columns import find_setting
from benchagent.quantities.metrics import METRICS
from benchagent.quantities.units import Unit
from benchagent.verification.binding.binding import Binding
from benchagent.verification.binding.statistics import EXTREMES
from benchagent.verification.evidence.corpus import Corpus
from benchagent.verification.evidence.datums import Datum
from benchagent.verification.judging.conditions import has_settings, mixes_phases
from benchagent.verification.judging.extremes import is_no_extreme, is_of_other_run
from benchagent.verification.judging.quantities import is_of_metric, is_told_by_unit
from benchagent.verification.judging.statistics import SPREADS, is_of_statistic
from benchagent.verification.kept import remember

Aspect = Literal["metric", "unit", "statistic", "subject", "settings", "phase", "file", "kind"]

_STATING: Final = frozenset("state states stated claim claims claimed says said writes md".split())
_NOWHERE: Final = frozenset[str]()
_WORD: Final = re.compile(r"[a-z0-9]+(?:\.[0-9]+)?")


def find_disagreements(
    datum: Datum, binding: Binding, unit: Unit | None, corpus: Corpus
) -> Iterator[Aspect]:
    """In what a value is not what the text says of the number; one aspect may come twice."""
    yield from _find_of_kind(datum, binding, unit)
    yield from _find_of_itself(datum, binding, corpus)


def may_agree(datum: Datum, binding: Binding, unit: Unit | None) -> bool:
    """Whether values of this kind (`DatumIndex.suiting`) may be what the text says."""
    return next(_find_of_kind(datum, binding, unit), None) is None


def agrees(datum: Datum, binding: Binding, corpus: Corpus) -> bool:
    """Whether a value of a kind that may agree is what the text says."""
    return next(_find_of_itself(datum, binding, corpus), None) is None


def _find_of_kind(datum: Datum, binding: Binding, unit: Unit | None) -> Iterator[Aspect]:
    """What is against all values of a kind."""
    if datum.metric in METRICS and not is_of_metric(datum, binding):
        yield "metric"
    if unit and datum.unit != unit.canonical and not _may_have(unit, datum):
        yield "unit"
    if not is_of_statistic(datum, binding):
        yield "statistic"
    if not _may_be_of_subject(datum, binding):
        yield "subject"
    if binding.phase and datum.phase and datum.phase != binding.phase:
        yield "phase"
    spread = bool(datum.statistics & SPREADS) and datum.origin == "group" and datum.subject
    if spread and binding.subjects is None and not binding.paths:
        yield "subject"  # of so many spreads some one has any digits
    if datum.origin == "fact claim" and not binding.words & _STATING:
        yield "file"  # what a write-up states is no measurement


def _may_have(unit: Unit, datum: Datum) -> bool:
    """Whether the unit of a value that nobody says may be this one.

    The 99 of a column `ngl` is no 99 tok/s; that of an `n_ctx` may be told in tokens.
    """
    if datum.unit is not None or datum.metric in METRICS:
        return False
    return unit.canonical == "tokens" or not _names_setting(datum.label)


@remember(4096)
def _names_setting(label: str) -> bool:
    column = re.split(r"[. ]", label.lower())[-1]  # also of "the max ngl", `options.num_ctx`
    return find_setting(column) is not None


def _find_of_itself(datum: Datum, binding: Binding, corpus: Corpus) -> Iterator[Aspect]:
    """What is against a value whatever its kind."""
    if datum.metric not in METRICS and not (
        is_of_metric(datum, binding) or is_told_by_unit(datum, binding, corpus)
    ):
        yield "metric"
    if not _is_of_subject(datum, binding, corpus):
        yield "subject"
    if not has_settings(datum, binding, corpus):
        yield "settings"
    if binding.nth is not None and is_of_other_run(datum, binding.nth, corpus):
        yield "statistic"
    if binding.statistic in EXTREMES and is_no_extreme(datum, binding, corpus):
        yield "statistic"
    if binding.phase and not datum.phase and mixes_phases(datum, binding.phase, corpus):
        yield "phase"
    if not is_of_file(datum, binding, corpus):
        yield "file"
    if binding.kinds and not _same_kind(datum, binding, corpus):
        yield "kind"


def _same_kind(datum: Datum, binding: Binding, corpus: Corpus) -> bool:
    """Whether a value comes from a kind of file that the text names."""
    if datum.origin == "value":
        words = (("csv", "csv"), ("json", "json"), ("md", "markdown"))
        named = {kind for kind, word in words if word in datum.words}
        return not named or bool(named & binding.kinds)
    kinds = {corpus.files[path].kind for path in datum.paths if path in corpus.files}
    return not kinds or bool(kinds & binding.kinds)


def _may_be_of_subject(datum: Datum, binding: Binding) -> bool:
    if binding.unknown:
        return False
    if binding.subjects is None or not datum.subject:
        return True
    return datum.subject in binding.subjects


def _is_of_subject(datum: Datum, binding: Binding, corpus: Corpus) -> bool:
    """Whether a value that may be of a subject by its kind is so by what else it says of itself."""
    if binding.subjects is None:
        return True
    compared = binding.against if datum.origin == "fact comparison" else None
    if compared and not names_any(datum.label, compared):
        return False
    if datum.subject:
        return True
    if binding.far and datum.nameless:
        return True  # the heading names a subject, the file none
    if datum.origin.startswith("fact"):
        return names_any(datum.label, binding.subjects) or _is_of_row(datum, binding)
    if datum.origin.startswith("leaf"):
        told_apart = (corpus.subjects_of_table.get(path, _NOWHERE) for path in datum.paths)
        if any(subjects & binding.subjects for subjects in told_apart):
            return False  # what is of one of them alone has its name
        if any(_is_all_of(path, binding.subjects, corpus) for path in datum.paths):
            return True
        if binding.far and not _names_subjects(datum.paths, corpus):
            return True
        parts = {part for subject in binding.subjects for part in subject.split(":") if part}
        named = [_words_of_path(part) for part in parts]
        return any(words <= _words_of_path(path) for path in datum.paths for words in named)
    return False


def _is_all_of(path: str, subjects: Set[str], corpus: Corpus) -> bool:
    """Whether all that was measured in a file is of these."""
    own = {subject for subject, paths in corpus.paths_of_subject.items() if path in paths}
    return bool(own) and own <= subjects


@remember(8192)
def _words_of_path(path: str) -> frozenset[str]:
    """The words of a path, none of them in part: `gemma3_270m.csv` has `gemma3`, and no `c`."""
    return frozenset(_WORD.findall(path.lower()))


def _is_of_row(datum: Datum, binding: Binding) -> bool:
    """Whether the name is that of the row in which a write-up states the number."""
    said = (binding.said_of or "").lower()
    return datum.origin == "fact claim" and any(
        level == said for _, _, level in (setting.partition("=") for setting in datum.settings)
    )


def names_any(label: str, subjects: Iterable[str]) -> bool:
    """Whether what a fact says of itself names one of these."""
    lower = label.lower()
    return any(f"`{subject}`" in lower for subject in subjects)


def is_of_file(datum: Datum, binding: Binding, corpus: Corpus) -> bool:
    """Whether a value can come from the files that the text names."""
    if not binding.paths:
        return True
    wanted = frozenset(path for name in binding.paths for path in corpus.find_files(name))
    of_both = datum.origin == "fact comparison" and datum.unit in (None, "ratio")
    if wanted and binding.subjects and not binding.far and not of_both:
        own = (corpus.paths_of_subject.get(subject, _NOWHERE) for subject in binding.subjects)
        if not any(paths & wanted for paths in own) and _names_subjects(wanted, corpus):
            return False  # whatever the value, it does not stand there for this subject
    if not wanted:
        return True
    if datum.origin == "group":  # what others are put together with is not of these alone
        return datum.paths <= wanted if datum.paths else _hold_all(wanted, datum.metric, corpus)
    if datum.paths:
        return bool(datum.paths & wanted)
    measured_in = corpus.paths_of_subject.get(datum.subject or "", wanted)
    # what compares two subjects is told of the files of either
    if not of_both and datum.origin != "fact claim" and measured_in.isdisjoint(wanted):
        return False
    return _may_hold(wanted, datum.metric, corpus)


def _hold_all(paths: Set[str], metric: str | None, corpus: Corpus) -> bool:
    """Whether no other file has anything of a metric."""
    held = corpus.metrics_of_path.items()
    return not any(metric in metrics for path, metrics in held if path not in paths)


def _may_hold(paths: Set[str], metric: str | None, corpus: Corpus) -> bool:
    """Whether a value that no file is told of may be of these: a file holds what was read of it."""
    if metric not in corpus.metrics:
        return True
    held = (corpus.metrics_of_path.get(path) for path in paths)
    return any(metrics is None or metric in metrics for metrics in held)


def _names_subjects(paths: Set[str], corpus: Corpus) -> bool:
    return any(paths & own for own in corpus.paths_of_subject.values())
