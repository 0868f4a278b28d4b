"""Whether a value is of the quantity that a text names: by its metric, its words or its unit."""

from collections.abc import Set
from typing import Final

from benchagent.quantities.metrics import METRICS
from benchagent.verification.binding.binding import Binding
from benchagent.verification.evidence.corpus import Corpus
from benchagent.verification.evidence.datums import Datum, words_of
from benchagent.verification.text.terms import SHARED_METRICS

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
    "decode": ("decoding", "generation", "generating", "generates"),
    "prefill": ("prompt", "prompts"),
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
_NOWHERE: Final = frozenset[str]()
_SHORTEST_PART: Final = 2
_SHORTEST_WHOLE: Final = 5


def _is_put_together(word: str, words: Set[str]) -> bool:
    """Whether a word is two of a text: the `startup` of "start-up"."""
    return len(word) >= _SHORTEST_WHOLE and any(
        word[:at] in words and word[at:] in words
        for at in range(_SHORTEST_PART, len(word) - _SHORTEST_PART + 1)
    )


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
    told = binding.words.union(*map(words_of, binding.metrics or ()))
    shared = named & told
    if binding.words & _USED:
        shared |= named & {"used"}
    for short, words in _SPELLED_OUT.items():
        if short in binding.words and words <= named:
            shared |= words
    shared |= {word for word in named - shared if not told.isdisjoint(_SHORT_FOR.get(word, ()))}
    shared |= {word for word in named - shared if _is_put_together(word, binding.words)}
    if shared and binding.unit and datum.unit:
        shared |= named & _IN_UNITS.get(datum.unit, _NOWHERE)
    return len(shared) >= min(2, len(named)) and len(shared) * 2 >= min(len(named), 4)


def is_told_by_unit(datum: Datum, binding: Binding, corpus: Corpus) -> bool:
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


def may_be_called(datum: Datum, binding: Binding) -> bool:
    """Whether a text may mean a column by a name that all share: `ops_per_sec` is a throughput."""
    return datum.metric not in METRICS and SHARED_METRICS.issuperset(binding.metrics or ())
