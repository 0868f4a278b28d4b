"""What a column that nothing is read from may hold, for the person who can say so.

A part of its name is a quantity that we know, or a word of one. That is offered and never counted:
`wall_latency_s` may be one answer's latency or how long twenty of them took.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from benchagent.formats.tables.columns import Meaning, read_column
from benchagent.formats.tables.said_columns import SETTING
from benchagent.quantities.metrics import find_metric
from benchagent.quantities.names import join_words

# The unit that a person has to fill in.
UNKNOWN_UNIT: Final = "?"
_CLOCKED: Final = ("wall", "latency", "elapsed", "took", "time", "seconds")
_BY_WORD: Final = {
    **dict.fromkeys(("tokens", "toks", "tok"), "output_tokens"),
    **dict.fromkeys(("tps", "speed", "throughput"), "decode_rate"),
    **dict.fromkeys(_CLOCKED, "latency"),
    **dict.fromkeys(("accuracy", "acc", "correct", "passed", "pass"), "accuracy"),
    **dict.fromkeys(("score", "quality", "rating", "grade"), "score"),
    **dict.fromkeys(("memory", "mem", "ram", "rss"), "memory"),
    **dict.fromkeys(("power", "watts"), "power"),
    **dict.fromkeys(("cost", "price"), "cost"),
}
_OF_ALL_REQUESTS: Final = frozenset(("output", "total", "e2e", "overall", "aggregate", "system"))
# What was made of a quantity is that quantity no more.
_MADE_OF: Final = frozenset(
    "norm normalized rank delta diff ratio factor gain change saved saving index id".split()
)
_ASKED_FOR: Final = ("cfg", "config", "param", "params", "arg", "args", "option", "options")
# Units that a metric is kept in whatever its numbers were written in.
_WRITTEN_OTHERWISE: Final = ("ms", "bytes", "J", "Hz")


def find_likely(name: str) -> str | None:
    """What a column of numbers of this name may hold, in the words in which a person says it.

    It is the longest part of the name that is a known quantity, or a single word of it; `latency:?`
    where no unit is told.
    """
    words = join_words(name).split("_")
    if words[0] in _ASKED_FOR:
        return SETTING
    if not _MADE_OF.isdisjoint(words):
        return None
    meaning = next(filter(None, map(read_column, _parts(words))), None) or _by_word(words)
    if meaning and meaning.metric == "decode_rate" and not _OF_ALL_REQUESTS.isdisjoint(words):
        meaning = meaning._replace(metric="throughput")
    return say_meaning(meaning) if meaning else None


def say_meaning(meaning: Meaning) -> str:
    """`ttft:ms`, `latency:s:p95`: a column's meaning as a person says it."""
    unit = meaning.raw_unit or (meaning.unit.canonical if meaning.unit else _unit_of(meaning))
    said = f"{meaning.metric}:{unit}"
    return said if meaning.statistic == "value" else f"{said}:{meaning.statistic}"


def _unit_of(meaning: Meaning) -> str:
    metric = find_metric(meaning.metric)
    return metric.unit if metric and metric.unit not in _WRITTEN_OTHERWISE else UNKNOWN_UNIT


def _by_word(words: Sequence[str]) -> Meaning | None:
    metric = next((_BY_WORD[word] for word in words if word in _BY_WORD), None)
    return Meaning(metric, "value", None, None) if metric else None


def _parts(words: Sequence[str]) -> Iterator[str]:
    """A name, then what is left of it without words at its ends, the longest first."""
    for length in range(len(words), 0, -1):
        for start in range(len(words) - length, -1, -1):
            yield "_".join(words[start : start + length])
