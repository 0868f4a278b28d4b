"""In what a value of the data is not what a text says of its number."""

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from typing import Final, Literal

from benchagent.quantities.metrics import METRICS
from benchagent.quantities.units import Unit
from benchagent.verification.binding.binding import Binding
from benchagent.verification.evidence.corpus import Corpus
from benchagent.verification.evidence.datums import Datum, words_of
from benchagent.verification.kept import remember
from benchagent.verification.text.letters import joined_words_in
from benchagent.verification.text.settings import NO_SETTINGS
from benchagent.verification.text.terms import SHARED_METRICS

Aspect = Literal["metric", "unit", "statistic", "subject", "settings", "phase", "file", "kind"]

_LOOSE: Final = frozenset({"value", "mean", "median", "total", "best-over-next", "best-over-last"})
_EXTREME: Final = _LOOSE | {"max", "min"}
_SPREADS: Final = frozenset({"stddev", "stderr", "p90", "p95", "p99"})
_DEVIATIONS: Final = frozenset({"stddev", "stderr"})
_STATING: Final = frozenset("state states stated claim claims claimed says said writes md".split())
# A name of fewer letters is one written short.
_WRITTEN_OUT: Final = 4
_NOWHERE: Final = frozenset[str]()
_WORD: Final = re.compile(r"[a-z0-9]+(?:\.[0-9]+)?")
_COMMON: Final = frozenset(
    "params parameters config options settings bench s ms kb mb gb kib mib gib bytes csv json markdown md per of the in a and by value values".split()
)
# What a card or a machine has, what is used of it, and what a text has to say of it.
_CAPACITY: Final = frozenset("total limit capacity".split())
_USED: Final = frozenset(
    "used uses use using usage footprint consumption consumed consumes peak peaked".split()
)
_LEFT: Final = frozenset("free available reserved".split())
# "uses 1.3 GB" may be of a `peak_memory`.
_QUALIFYING: Final = frozenset(("peak", "max", "avg", "mean"))
_SHORT_FOR: Final = {
    "rss": ("memory", "ram", "resident"),
    "mem": ("memory", "ram"),
    "ram": ("memory",),
    "lat": ("latency",),
    "acc": ("accuracy",),
    "util": ("utilization", "utilisation", "usage"),
    "gen": ("generation", "generated"),
    "generation": ("generated", "generates"),
    "reps": ("repetitions", "repeats"),
}
# What a number with such a unit need not say of itself.
_IN_UNITS: Final = {
    "bytes": frozenset(("memory", "mem", "size")),
    "ms": frozenset(("time", "latency", "duration")),
    "tok/s": frozenset(("tokens", "rate", "throughput", "speed", "tps")),
}
_SPELLED_OUT: Final = {
    "ram": frozenset(("system", "memory")),
    "vram": frozenset(("gpu", "memory")),
}


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


def _is_put_together(word: str, words: Set[str]) -> bool:
    """Whether a word is two of a text: the `startup` of "start-up"."""
    return len(word) > _WRITTEN_OUT and any(
        word[:at] in words and word[at:] in words for at in range(2, len(word) - 1)
    )


def _find_of_kind(datum: Datum, binding: Binding, unit: Unit | None) -> Iterator[Aspect]:
    """What is against all values of a kind."""
    if datum.metric in METRICS and not is_of_metric(datum, binding):
        yield "metric"
    if (
        unit
        and datum.unit != unit.canonical
        and not (datum.unit is None and datum.metric not in METRICS)
    ):
        yield "unit"
    if not _same_statistic(datum, binding):
        yield "statistic"
    if not _may_be_of_subject(datum, binding):
        yield "subject"
    if binding.phase and datum.phase and datum.phase != binding.phase:
        yield "phase"
    spread = bool(datum.statistics & _SPREADS) and datum.origin == "group" and datum.subject
    if spread and binding.subjects is None and not binding.paths:
        yield "subject"  # of so many spreads some one has any digits
    if datum.origin == "fact claim" and not binding.words & _STATING:
        yield "file"  # what a write-up states is no measurement


def _find_of_itself(datum: Datum, binding: Binding, corpus: Corpus) -> Iterator[Aspect]:
    """What is against a value whatever its kind."""
    if datum.metric not in METRICS and not (
        is_of_metric(datum, binding) or _is_told_by_unit(datum, binding, corpus)
    ):
        yield "metric"
    if not _is_of_subject(datum, binding, corpus):
        yield "subject"
    if not _same_settings(datum, binding, corpus):
        yield "settings"
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


def is_of_metric(datum: Datum, binding: Binding) -> bool:
    if datum.metric in METRICS:
        return binding.metrics is None or datum.metric in binding.metrics
    if datum.metric and binding.metrics:
        if datum.metric in binding.metrics:
            return True
        if not SHARED_METRICS.issuperset(binding.metrics):
            return False  # the text names a column of the data, and this is another
    named = (datum.words or words_of(datum.metric or "")) - _COMMON
    named = named - _QUALIFYING or named
    if not named or (named & _CAPACITY and binding.words & _USED):
        return False
    if named & _LEFT and not binding.words & _LEFT:
        return False
    shared = named & binding.words.union(*map(words_of, binding.metrics or ()))
    if binding.words & _USED:
        shared |= named & {"used"}
    for short, words in _SPELLED_OUT.items():
        if short in binding.words and words <= named:
            shared |= words
    told = binding.words.union(*map(words_of, binding.metrics or ()))
    shared |= {word for word in named - shared if not told.isdisjoint(_SHORT_FOR.get(word, ()))}
    shared |= {word for word in named - shared if _is_put_together(word, binding.words)}
    if shared and binding.unit and datum.unit:
        shared |= named & _IN_UNITS.get(datum.unit, _NOWHERE)
    return len(shared) >= min(2, len(named)) and len(shared) * 2 >= min(len(named), 4)


def _is_told_by_unit(datum: Datum, binding: Binding, corpus: Corpus) -> bool:
    """Whether a text that names no quantity, or loosely, can mean this one alone by its unit.

    "needs 52.8 s" is a `wall_s` where nothing else is in seconds; where no quantity is named
    anywhere, the subject or the setting has to be.
    """
    if not datum.unit or not binding.unit or datum.metric is None:
        return False
    if binding.metrics is None:
        return bool(binding.subjects or binding.settings) or datum.metric in corpus.alone
    named = METRICS.keys() & set(binding.metrics)
    loosely = len(named) > 1 or binding.guessed
    alike = any(METRICS[metric].unit == datum.unit for metric in named)
    return datum.metric in corpus.alone and loosely and alike


def _same_statistic(datum: Datum, binding: Binding) -> bool:
    said = binding.statistic
    if said is None:
        summed = datum.origin == "group" and "total" in datum.statistics
        if summed and (datum.unit == "ms" or datum.metric not in METRICS):
            return False  # no text leaves unnamed that times, or error rates, were summed up
        return bool(datum.statistics & _LOOSE) or datum.origin.startswith("fact")
    if said in ("top", "bottom"):
        return bool(datum.statistics & _EXTREME)
    if said == "range":
        return bool(datum.statistics & {"min", "max", "ci", binding.ranged})
    if said == "total":
        return (
            bool(datum.statistics & {"total", "value", "files", "count"}) or datum.origin == "leaf"
        )
    if said == "mean":
        return "mean" in datum.statistics
    if said == "deviation":
        return bool(datum.statistics & _DEVIATIONS)
    if said == "ci":
        return bool(datum.statistics & {"ci", "ci_low", "ci_high"})
    over, between, within = said.partition("_of_")
    if between:
        of_group = over in datum.statistics and datum.inner == within.removesuffix("s")
        return said in datum.statistics or of_group
    if said in _SPREADS and datum.inner in ("mean", "median"):
        return False  # of what sums up calls, and not of calls
    return said in datum.statistics or any(
        statistic.startswith(said) and "_of_" not in statistic for statistic in datum.statistics
    )


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


def _same_settings(datum: Datum, binding: Binding, corpus: Corpus) -> bool:
    """A condition that the text names holds of the value; one that it does not name is no group."""
    said = _levels_said(binding)
    if not datum.settings:
        return not _sums_up_levels(datum, said, corpus)
    own = {name: level for name, _, level in (s.partition("=") for s in datum.settings)}
    if not said:
        averaged = bool(datum.statistics & {"mean", "median"}) and (datum.n or 1) > 1
        narrowed = averaged and datum.origin in ("fact option", "fact configuration")
        grouped = bool(datum.settings) and (datum.origin == "group" or narrowed)
        grouped = grouped and not own.keys() <= binding.words
        grouped = grouped and not set(own.values()) <= binding.levels
        return not grouped or binding.statistic in ("top", "bottom")
    for name, level in own.items():
        levels = said.get(name) or _abbreviated(name, said)
        if levels is None and datum.origin == "group" and name in corpus.varied:
            if name not in binding.words and level not in binding.levels:
                return False
        elif levels is not None and level not in levels:
            return False
    return True


def _sums_up_levels(datum: Datum, said: Mapping[str, set[str]], corpus: Corpus) -> bool:
    """Whether a value is over all levels of a setting of which a text names one."""
    if datum.origin not in ("group", "fact subject") or (datum.n or 1) < 2 or not datum.metric:
        return False
    under = corpus.settings_of_metric.get(datum.metric, _NOWHERE) & corpus.numeric
    return any(len(levels) == 1 and name in under for name, levels in said.items())


def _levels_said(binding: Binding) -> dict[str, set[str]]:
    """The levels that the text gives each setting."""
    said: dict[str, set[str]] = {}
    for setting in sorted(binding.settings):
        name, _, level = setting.partition("=")
        said.setdefault(name, set()).add(level)
    return said


def _abbreviated(name: str, said: Mapping[str, set[str]]) -> set[str] | None:
    """The levels of a setting that the text writes short: `t=8` of `threads`."""
    parts = (name, *name.split("_"))
    short = (word for word in said if len(word) < _WRITTEN_OUT and word not in NO_SETTINGS)
    own = (word for word in short if any(part.startswith(word) for part in parts))
    return next((said[word] for word in own), None)


def may_be_called(datum: Datum, binding: Binding) -> bool:
    """Whether a text may mean a column by a name that all share: `ops_per_sec` is a throughput."""
    return datum.metric not in METRICS and SHARED_METRICS.issuperset(binding.metrics or ())


def leaves_settings_open(datum: Datum, binding: Binding) -> bool:
    """Whether a text does not say clearly under which settings: it names none, or this one too."""
    said = _levels_said(binding)
    own = (setting.partition("=") for setting in datum.settings)
    return all(
        level in said.get(name, {level}) or joined_words_in(level) <= binding.words
        for name, _, level in own
    )


def is_of_file(datum: Datum, binding: Binding, corpus: Corpus) -> bool:
    """Whether a value can come from the files that the text names."""
    if not binding.paths:
        return True
    wanted = {path for name in binding.paths for path in find_files(name, corpus)}
    of_both = datum.origin == "fact comparison" and datum.unit in (None, "ratio")
    if wanted and binding.subjects and not binding.far and not of_both:
        own = (corpus.paths_of_subject.get(subject, _NOWHERE) for subject in binding.subjects)
        if not any(paths & wanted for paths in own) and _names_subjects(wanted, corpus):
            return False  # whatever the value, it does not stand there for this subject
    return not wanted or not datum.paths or bool(datum.paths & wanted)


def _names_subjects(paths: Set[str], corpus: Corpus) -> bool:
    return any(paths & own for own in corpus.paths_of_subject.values())


def find_files(name: str, corpus: Corpus) -> tuple[str, ...]:
    """The files of the data that a name or path means."""
    name = name.removeprefix("./")
    if name in corpus.files:
        return (name,)
    last = name.rpartition("/")[2].lower()
    return tuple(
        path
        for path in corpus.by_name.get(last, ())
        if path.lower().endswith("/" + name.lower()) or path.lower() == name.lower()
    )
