"""What is said to dominate the data: kinds of file, models, names."""
# ruff: noqa: RUF001 - quotes, dashes and signs are read as people type them

import re
from collections.abc import Iterator
from functools import partial
from typing import Final

from benchagent.verification.judging.words import Topic, judge_topic
from benchagent.verification.question import Asked, Knowledge
from benchagent.verification.reading.asking import ask_span
from benchagent.verification.text.clauses import find_clause_end, find_clause_start
from benchagent.verification.text.roles import is_advice
from benchagent.verification.text.sentence import Sentence
from benchagent.verification.text.terms import find_kinds, find_metrics

_MOSTLY: Final = re.compile(
    r"\b(?=[a-z])(?:"
    r"(?P<most>(?:primarily|predominantly|mostly|mainly|overwhelmingly|chiefly|largely)\b|"
    r"(?:vast |overwhelming |great |large )?majority\b|bulk of\b|most of\b)|"
    r"(?P<first>(?:dominant|dominat\w+|dominance|heavy concentration|heavily skewed|"
    r"primary (?:focus|subject|model)|main (?:focus|subject|model)|central focus|chief focus)\b)|"
    r"(?P<much>(?:significant|substantial|large|considerable|sizable)\s+(?:portion|share|part|fraction|"
    r"proportion|chunk|number of files)\b|prevalence\b|frequent (?:use|occurrence|appearance)\b))"
)


# A rare word of each of these phrases: a cheap look, before the patterns that they stand for.
MUCH_WORDS: Final = frozenset(
    "primarily predominantly mostly mainly overwhelmingly chiefly largely majority bulk most dominant "
    "dominance dominate dominates dominated dominating domination concentration skewed primary main central chief significant substantial large "
    "considerable sizable prevalence frequent".split()
)


_OF_DATA: Final = re.compile(
    r"\b(?:files?|data(?:set)?|reports?|benchmark\w*|collection|corpus|artifacts?|json|csv|markdown|names?|"
    r"models?|experiments?|tests?)\b",
    re.IGNORECASE,
)


_QUOTED: Final = re.compile(r"[`\"“‘']([A-Za-z][\w.:\-]{1,60})[`\"”’',]")


def read_topics(sentence: Sentence, knowledge: Knowledge) -> Iterator[Asked]:
    """`primarily JSON`, `the majority of files relate to X`, `dominant models: X, Y`."""
    passage = sentence.passage
    text = passage.text
    done = -1
    if not (sentence.mentions or sentence.kinds or _QUOTED.search(passage.raw)):
        return
    for match in _MOSTLY.finditer(sentence.lower):
        if match.start() < done or is_advice(passage, match.start()):
            continue
        if re.search(r"(?i)\b(?:modif|updat|chang)\w*\s*$", text[: match.start()]):
            continue  # which kind changed last is a matter of dates
        clause_end = find_clause_end(text, match.end())
        clause_start = find_clause_start(text, match.start())
        topic = _read_topic(match, sentence, clause_start, clause_end)
        if topic is None or not _OF_DATA.search(
            text[clause_start:clause_end] + " " + passage.text[:80]
        ):
            continue
        if topic.first > match.start() and _MOSTLY.search(sentence.lower, match.end(), topic.first):
            continue  # the word nearer to the names says how much
        start, end = topic.span(match)
        done = end
        yield ask_span(
            sentence, "topic", start, end, partial(judge_topic, topic), ", ".join(topic.names)
        )


def _read_topic(match: re.Match[str], sentence: Sentence, start: int, end: int) -> Topic | None:
    text = sentence.passage.text
    strength = next(name for name in ("most", "first", "much") if match[name])
    spans = ((match.end(), end), (start, match.start()))[: 1 if strength == "most" else 2]
    for a, b in spans:
        fields = [
            (m.start(1), m.end(1), m[1])
            for m in _QUOTED.finditer(sentence.passage.raw)
            if a <= m.start(1) < b
        ]
        mentions = [(m.start, m.end, m.text) for m in sentence.mentions if a <= m.start < b]
        named = sorted(
            {*mentions, *[f for f in fields if not any(x <= f[0] < y for x, y, _ in mentions)]}
        )
        kinds = list(find_kinds(text[a:b]))
        if named and (not kinds or named[0][0] < a + kinds[0].start or a > match.start()):
            return Topic(
                strength=strength, names=tuple(name for _, _, name in named),
                first=named[0][0], last=named[-1][1], scope=_scope(text, match),
            )  # fmt: skip
        if kinds and not find_metrics(text[a : a + kinds[0].start]):
            if a > match.start() and not re.match(r"[^.;]{0,60}$", text[a : a + kinds[0].start]):
                return None
            near = [k for k in kinds if k.start - kinds[0].start < 30]
            return Topic(
                strength=strength, kinds=frozenset(str(k.meaning) for k in near),
                names=tuple(text[a + k.start : a + k.end] for k in near),
                first=a + near[0].start, last=a + near[-1].end,
            )  # fmt: skip
    earlier = [m for m in sentence.mentions if m.end <= start]
    it = re.search(r"\b(?:it|this model|them|these models)\b", text[match.end() : end])
    if it and earlier:
        at = match.end() + it.start()
        return Topic(strength=strength, names=(earlier[-1].text,), first=at, last=at + len(it[0]))
    return None


def _scope(text: str, match: re.Match[str]) -> str:
    """A word of paths that narrows what is spoken of: `compilation` in `compilation benchmarks`."""
    found = re.findall(
        r"\b([a-z]{4,})\s+(?:benchmarks?|files?|data|tests?)\b",
        text[: match.start()],
        re.IGNORECASE,
    )
    return found[-1].lower() if found else ""
