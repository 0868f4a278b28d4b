"""Claims that need no number: what dominates, what is missing, what goes together, who is faster."""
# ruff: noqa: RUF001 - quotes, dashes and signs are read as people type them

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from benchagent.verification.judging.words import (
    judge_correlation,
    judge_definition,
    judge_influence,
    judge_presence,
)
from benchagent.verification.question import Asked, Knowledge
from benchagent.verification.reading.asking import ask_span, say
from benchagent.verification.reading.best_levels import BEST_WORDS
from benchagent.verification.reading.comparisons import COMPARING_WORDS, read_comparisons
from benchagent.verification.reading.multiples import read_multiples
from benchagent.verification.reading.topics import MUCH_WORDS, read_topics
from benchagent.verification.text.letters import words_in
from benchagent.verification.text.multiples import MULTIPLE_WORDS
from benchagent.verification.text.roles import is_advice
from benchagent.verification.text.sentence import Sentence
from benchagent.verification.text.terms import find_metrics

_LACK_WORDS: Final = frozenset("lack lacks lacking absence absent no not t".split())
_LACK: Final = re.compile(
    r"\b(?:the\s+)?(?:lack|absence)\s+of\s+(?P<a>[^.;:]{3,110}?)(?=[.;:]|,\s*(?:the|which|it|this|we)\b|\s+(?:limits?|hinders?|makes?|prevents?|that|which|means)\b|$)"
    r"|\b(?:lacks?|lacking|(?:do|does|did)(?:\s+not|n['’]t)\s+(?:contain|include|hold|record|provide|have))\s+(?:any\s+)?(?P<b>[^.;:,]{3,80})"
    r"|\b(?:there (?:is|are|was|were) )?no\s+(?P<c>[\w /-]{3,50}?)\s+(?:(?:data|values?|metrics?|figures?|numbers?|measurements?)\s+)?(?:is|are|was|were|has been|have been)\s+(?:recorded|available|present|found|measured|reported|included|provided)"
    r"|\bthere (?:is|are|was|were) no\s+(?P<d>[\w /-]{3,60})",
    re.IGNORECASE,
)
_METRICS: Final = re.compile(
    r"\b(?:performance|benchmark|quantitative|numeric(?:al)?)\s+(?:metrics?|data|numbers?|results?|measurements?|figures)\b|"
    r"\b(?:core|key|detailed|comprehensive|explicit)\s+(?:performance\s+)?metrics?\b",
    re.IGNORECASE,
)
_CORRELATION: Final = re.compile(
    r"\b(?:an?\s+|the\s+)?(?:\w+\s+){0,2}?correlation\s+(?:was\s+\w+\s+)?between\s+(?P<a>[^.;:]{2,90}?)\s+and\s+(?P<b>[^.;:]{2,60}?)(?=[.;:,]|\s+(?:was|is|were|that|which|suggest\w*|indicat\w*)\b|$)"
    r"|(?P<c>[\w\s‘’'`\"/()]{3,60}?)\s+(?:(?:strongly|clearly|positively|negatively|inversely|weakly)\s+)*(?:correlates?|correlated|is correlated|are correlated)\s+(?:strongly\s+|positively\s+|negatively\s+)?with\s+(?P<d>[^.;:,]{2,60})",
    re.IGNORECASE,
)
_CORRELATION_WORDS: Final = frozenset("correlation correlate correlates correlated".split())
_NO_CORRELATION: Final = re.compile(r"\b(?:no|not|without|weak(?:ly)?|lack of)\b", re.IGNORECASE)
_ACRONYM: Final = re.compile(
    r"\b(?P<words>[A-Z][\w-]*(?:[ -][A-Za-z][\w-]*){1,4})\s*\((?P<short>[A-Z]{3,5})s?\)"
)
# what each of them ends in: a cheap look, since the words may begin anywhere
_SHORT: Final = re.compile(r"\([A-Z]{3,5}s?\)")
_INFLUENCED: Final = re.compile(
    r"\b(?:(?:heavily|strongly|largely|mostly|mainly)\s+)?(?:influenced|driven|determined|skewed|affected)\s+by\s+(?:the\s+)?(?P<what>[^.;,]{2,50})",
    re.IGNORECASE,
)

_INFLUENCE_WORDS: Final = frozenset("influenced driven determined skewed affected".split())

Reader = Callable[[Sentence, Knowledge], Iterator[Asked]]


def read_words(sentence: Sentence, knowledge: Knowledge) -> Iterator[Asked]:
    """What a passage claims in words."""
    passage = sentence.passage
    if passage.shape == "cell" and len(passage.text.split()) < 4:
        return
    words = words_in(passage.text)
    for rare, read in _READERS:
        if not words.isdisjoint(rare):
            yield from read(sentence, knowledge)
    yield from _read_definitions(sentence)


def _read_presence(sentence: Sentence, _: Knowledge) -> Iterator[Asked]:
    passage = sentence.passage
    text = passage.text
    for match in _LACK.finditer(text):
        what = next(match[name] for name in "abcd" if match[name])
        metrics = tuple(m for word in find_metrics(what) for m in word.meaning)
        general = bool(_METRICS.search(what))
        if (not metrics and not general) or is_advice(passage, match.start()):
            continue
        if re.search(
            r"(?i)\b(?:standard|defined|clear|consistent|correlation|between|for each|per)\b", what
        ):
            continue
        subjects = frozenset(s for m in sentence.mentions for s in m.subjects)
        kinds = frozenset(str(kind.meaning) for kind in sentence.kinds)
        judge = partial(judge_presence, metrics, general, subjects, kinds)
        end = match.end()
        if text.rfind("(", match.start(), end) > text.rfind(")", match.start(), end):
            end = text.rfind("(", match.start(), end)  # "the lack of metrics (e.g., latency)"
        yield ask_span(sentence, "presence", match.start(), end, judge, what)


def _read_correlations(sentence: Sentence, _: Knowledge) -> Iterator[Asked]:
    passage = sentence.passage
    for match in _CORRELATION.finditer(passage.text):
        if is_advice(passage, match.start()) or _NO_CORRELATION.search(match[0][:30]):
            continue
        first, second = (match["a"], match["b"]) if match["a"] else (match["c"], match["d"])
        judge = partial(judge_correlation, first, second)
        yield ask_span(sentence, "correlation", match.start(), match.end(), judge)


def _read_definitions(sentence: Sentence) -> Iterator[Asked]:
    if not _SHORT.search(sentence.passage.text):
        return
    for match in _ACRONYM.finditer(sentence.passage.text):
        verdict = judge_definition(match["words"], match["short"])
        if verdict:
            judge = partial(say, verdict)
            yield ask_span(sentence, "definition", match.start(), match.end(), judge)


def _read_influences(sentence: Sentence, _: Knowledge) -> Iterator[Asked]:
    passage = sentence.passage
    if not sentence.mentions:
        return
    for match in _INFLUENCED.finditer(passage.text):
        named = [m for m in sentence.mentions if match.start() <= m.start < match.end()]
        words = find_metrics(passage.text[: match.start()]) or find_metrics(passage.row)
        if not named or not words or is_advice(passage, match.start()):
            continue
        judge = partial(judge_influence, named[0].subjects, tuple(words[0].meaning))
        yield ask_span(sentence, "correlation", match.start(), match.end(), judge, named[0].text)


# What a text can claim, by the words without one of which it does not.
_READERS: Final[tuple[tuple[frozenset[str], Reader], ...]] = (
    (MUCH_WORDS, read_topics),
    (_LACK_WORDS, _read_presence),
    (_CORRELATION_WORDS, _read_correlations),
    (_INFLUENCE_WORDS, _read_influences),
    (COMPARING_WORDS | BEST_WORDS, read_comparisons),
    (MULTIPLE_WORDS, read_multiples),
)
