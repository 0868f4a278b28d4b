"""Which statistic a text says a number is: the word before it, or the one that follows it."""

import re
from collections.abc import Sequence
from itertools import accumulate
from typing import Final

from benchagent.verification.text.figures import Figure
from benchagent.verification.text.passage import Passage
from benchagent.verification.text.sentence import Sentence
from benchagent.verification.text.terms import Word, find_statistics

_NEAR: Final = 60
_PERCENTILE: Final = re.compile(r"p[0-9.]+")
_LABELS: Final = re.compile(r"\W*(?:(?:is|was|of)\s)?\W*")
_ENDS: Final = re.compile(r";|:\s")
_CUTS: Final = re.compile(r"[,;\n]")
_NEW_CLAUSE: Final = re.compile(r"\b(?:while|whereas|but)\b", re.IGNORECASE)
DEVIATIONS: Final = frozenset({"stddev", "stderr"})
_DIGIT: Final = re.compile(r"\d")
# between a number and a statistic that follows it: "2.48 s at most", "63 ms (median)"
_FOLLOWS: Final = re.compile(
    r"[ \t]*\(?(?:(?:on|in|as|is|was)\s+)?(?:(?:the|an?)\s+)?", re.IGNORECASE
)
_GIVE_OR_TAKE: Final = re.compile(r"(?:±|\+/?[-−])\s*$")  # noqa: RUF001
# Which way an extreme lies; "best" and "slowest" say it of some metrics only.
_HIGHEST: Final = frozenset(
    "highest peak peaks peaked peaking largest longest greatest outlier outliers spike spikes".split()
)
_LOWEST: Final = frozenset("lowest smallest shortest least".split())
EXTREMES: Final = frozenset(
    f"{way}{of}" for way in ("top", "bottom", "highest", "lowest") for of in ("", " run")
)
_RUN: Final = re.compile(
    r"\s+(?:(?:single|individual|measured|warm|cold)\s+)*(?:runs?|calls?|trials?|repetitions?|requests?)\b",
    re.IGNORECASE,
)
_OWN_NUMBER: Final = re.compile(r"\s*(?:[:=]|of|is|was|at)?\s*[~≈]?[\d.]*\d")


def find_statistic(figure: Figure, sentence: Sentence, surroundings: Sequence[str]) -> str | None:
    """The statistic that the text gives a number; None where it gives none.

    What stands behind a `±` is a deviation: which one, texts seldom say.
    """
    passage = sentence.passage
    if _GIVE_OR_TAKE.search(passage.text[: figure.start]):
        return "deviation"
    if passage.column and (found := find_statistics(passage.column)):
        listed = len(found) == len(sentence.figures)  # "mean [min; max]" over "5 [4; 7]"
        own = found[sentence.figures.index(figure) if listed else 0]
        return _say(own, passage.column)
    follower = [w for w in sentence.statistics if _follows(w, figure, sentence)]
    if follower:
        return _say(follower[0], passage.text)
    before = [word for word in sentence.statistics if word.end <= figure.start]
    open_before = [word for word in before if not _is_spent(word, figure, sentence)]
    if open_before:
        word = open_before[-1]
        between = [f for f in sentence.figures if word.end <= f.start and f.end <= figure.start]
        gap = passage.text[between[-1].end : figure.start] if between else ""
        carried = len(gap) <= _NEAR and not sentence.vocabulary.find(gap) and not _ENDS.search(gap)
        if not between or carried:
            return _say(word, passage.text)
    behind = _CUTS.split(passage.text[figure.end : figure.end + 28])[0]
    if (found := find_statistics(behind)) and not _DIGIT.search(behind[: found[0].start]):
        own = _OWN_NUMBER.match(passage.text, figure.end + found[0].end)
        if not own and not _is_of_next(figure.end + found[0].end, figure, sentence):
            return _say(found[0], behind)
    if open_before:
        return None
    for text in surroundings:
        if text not in passage.headings and (found := find_statistics(text)):
            return _say(found[0], text)
    return _find_titled(passage) if passage.shape == "cell" else None


def _say(word: Word, text: str) -> str:
    """A statistic by its word, an extreme by its direction too: "highest", "bottom run".

    The best of runs is no mean: "the slowest run of `x`".
    """
    meaning = str(word.meaning)
    if meaning not in ("top", "bottom"):
        return meaning
    said = text[word.start : word.end].lower()
    way = "highest" if said in _HIGHEST else "lowest" if said in _LOWEST else meaning
    return f"{way} run" if _RUN.match(text, word.end) else way


def _find_titled(passage: Passage) -> str | None:
    """The one percentile that the heading of a table names: "medians of the p99 reported"."""
    words = find_statistics(passage.headings[0]) if passage.headings else ()
    named = {str(word.meaning) for word in words if _PERCENTILE.fullmatch(str(word.meaning))}
    return named.pop() if len(named) == 1 else None


def _follows(word: Word, figure: Figure, sentence: Sentence) -> bool:
    """Whether a statistic stands just behind a number, and is not that of the next one."""
    if word.start < figure.end or word.start - figure.end > 16:
        return False
    text = sentence.passage.text
    gap = _FOLLOWS.fullmatch(text, figure.end, word.start)
    return gap is not None and not _OWN_NUMBER.match(text, word.end)


def _is_of_next(end: int, figure: Figure, sentence: Sentence) -> bool:
    """Whether a statistic is that of a metric behind it: "TTFT took 3 s and its mean latency …".

    So it is in "3.8 requests/s with a mean TTFT of 115 ms", where the next number is its own.
    """
    text = sentence.passage.text
    own = any(word.end <= figure.start for word in sentence.metrics)
    behind = [word for word in sentence.metrics if 0 <= word.start - end <= 1]
    return any(own or _OWN_NUMBER.match(text, word.end) for word in behind)


def _is_spent(word: Word, figure: Figure, sentence: Sentence) -> bool:
    """Whether a statistic belongs to an earlier number, or stands in brackets that have closed."""
    between = sentence.passage.text[word.end : figure.start]
    # "(minimum 0.04 ms), the other (of 3) 0.76 ms" but "TTFT (p99): 398 ms"
    if _closes(between) and not _LABELS.fullmatch(between):
        return True
    # "a mean of 8.2 ms with a standard deviation of 0.2 ms, while `y` needs 0.3 ms"
    if word.meaning in DEVIATIONS and _NEW_CLAUSE.search(between) and _DIGIT.search(between):
        return True
    return any(f.end <= word.start and _follows(word, f, sentence) for f in sentence.figures)


def _closes(text: str) -> bool:
    """Whether a bracket closes that was open before."""
    depths = accumulate({"(": 1, ")": -1}.get(character, 0) for character in text)
    return any(depth < 0 for depth in depths)
