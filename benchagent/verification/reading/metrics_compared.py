"""In what a text compares: the metric that its clause names, else what may be meant."""

import re
from collections.abc import Iterable
from typing import Final

from benchagent.verification.evidence.own_columns import better_of, is_speed
from benchagent.verification.question import Knowledge
from benchagent.verification.reading.contrasts import find_clause
from benchagent.verification.text.sentence import Sentence, Span
from benchagent.verification.text.terms import Word

_FAST: Final = re.compile(r"\b(?:fast|slow|quick)(?:er|est|ly)?\b", re.IGNORECASE)
_REACH: Final = 12
# What is fast at something else than its work: "faster to load", "the fastest startup".
_AT_WORK: Final = re.compile(
    r"(?:\s+as\s+(?:fast|slow|quick)(?:ly)?|\s+(?:fast|slow|quick)er)?\s+(?:to|at|in)\s+(?!generat|decod|infer|this\b|the\b)[a-z]+",
    re.IGNORECASE,
)
# Who beats another is faster, where the text does not say in what.
_BEATEN_IN: Final = ("decode_rate", "throughput", "latency")
_BEATS: Final = re.compile(
    r"(?:out|under)perform|beat|surpass|lag|trail|fall|w[io]n", re.IGNORECASE
)
_LAST_WORD: Final = re.compile(r"([\w.:-]+)\W*$")
_PLAIN_BEFORE: Final = frozenset(
    "is was are were be been being runs run ran running generates generate generated decodes decode "
    "decoded performs performed works worked serves served goes went becomes became gets got tokens "
    "about roughly nearly almost around approximately some up to over than more least most the a by far "
    "much slightly clearly significantly noticeably considerably consistently still also even only just "
    "gen times x".split()
)


def find_metrics_compared(
    sentence: Sentence, start: int, end: int, knowledge: Knowledge
) -> tuple[str, ...]:
    """What is compared at a place: the metric that the clause names, else what may be meant."""
    text = sentence.passage.text
    clause = find_clause(text, start)
    own = find_clause(text, start, narrow=True)
    words = [w for w in sentence.metrics if own[0] <= w.start < own[1]]
    if not words and not _is_of_speed(text, start, end):
        words = [w for w in sentence.metrics if clause[0] <= w.start < clause[1]]
    units = [(figure.start, figure.end) for figure in sentence.figures]
    named = [w for w in words if not any(a < w.end and w.start < b for a, b in units)] or words
    named.sort(key=lambda word: (word.start < start, abs(word.start - end)))
    if named:
        return _known(named[0], knowledge)
    if percentile := find_percentile(sentence, clause):
        return tuple(
            metric
            for metric, datums in knowledge.corpus.index.by_metric.items()
            if any(percentile in d.statistics and d.origin == "measured" for d in datums)
        )
    passage = sentence.passage
    beats = _BEATS.match(text, start) is not None
    if not beats and not _is_of_speed(text, start, end):
        return ()
    around = (*passage.above, passage.before, *passage.headings[:2])
    told = [w for text in around for w in sentence.vocabulary.find(text)]
    meant = [metric for word in told for metric in _known(word, knowledge)]
    meant += [*find_speeds(knowledge), *(_BEATEN_IN if beats else ())]
    return tuple(dict.fromkeys(meant))


def _is_of_speed(text: str, start: int, end: int) -> bool:
    """Whether "faster" stands there and says of what by itself: not "starts faster", "fastest to stop"."""
    if not _FAST.search(text[start : end + _REACH]) or _AT_WORK.match(text, end):
        return False
    word = _LAST_WORD.search(text[:start])
    return word is None or word[1].lower() in _PLAIN_BEFORE or not word[1].isalpha()


def _known(word: Word, knowledge: Knowledge) -> tuple[str, ...]:
    """The metrics of the data that a word may mean; a throughput is any rate of theirs."""
    held = knowledge.corpus.settings_of_metric.keys()
    known = tuple(metric for metric in word.meaning if metric in held)
    return known or (_rates(held) if "throughput" in word.meaning else ())


def find_speeds(knowledge: Knowledge) -> tuple[str, ...]:
    """What "faster" is of where no metric is named: the decode rate, else the data's own rates."""
    held = knowledge.corpus.settings_of_metric.keys()
    if "decode_rate" in held:
        return ("decode_rate",)
    times = (m for m in sorted(held) if m == "latency" or is_speed(m))
    return _rates(held) or tuple(times)


def _rates(metrics: Iterable[str]) -> tuple[str, ...]:
    return tuple(m for m in sorted(metrics) if is_speed(m) and better_of(m) == "higher")


def find_percentile(sentence: Sentence, clause: Span) -> str | None:
    """The percentile that a clause is about: its metric need not be named."""
    said = [str(w.meaning) for w in sentence.statistics if clause[0] <= w.start < clause[1]]
    found = [name for name in said if name == "median" or name[1:].isdigit()]
    return found[-1] if found else None
