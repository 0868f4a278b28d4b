"""Who is said to have the most of something: "X has the highest decode rate"."""

import re
from collections.abc import Iterator
from functools import partial
from typing import Final

from benchagent.verification.judging.comparisons import judge_superlative
from benchagent.verification.judging.contrasts import Condition
from benchagent.verification.judging.everywhere import find_rivals
from benchagent.verification.judging.yardsticks import Yardstick, default_metrics
from benchagent.verification.question import Asked, Knowledge
from benchagent.verification.reading.asking import ask_span
from benchagent.verification.reading.contrasts import find_clause
from benchagent.verification.reading.everywhere import find_shared, hold_where_said
from benchagent.verification.reading.metrics_compared import find_speeds
from benchagent.verification.text.clauses import find_clause_end, find_clause_start
from benchagent.verification.text.letters import joined_words_in
from benchagent.verification.text.roles import is_advice
from benchagent.verification.text.sentence import Sentence
from benchagent.verification.text.terms import Word

_OF_CALLS: Final = re.compile(
    r"[^.;,]{0,40}\b(?:calls?|runs?|requests?|prompts?|responses?|config\w*|settings?|rows?|cases?|tests?|"
    r"values?|samples?|backends?)\b|\s+first[- ]tokens?\b|\s*[~≈(]?\s*\d",
    re.IGNORECASE,
)
_BEST: Final = re.compile(
    r"\b(?P<word>fastest|slowest|highest|lowest|best|worst|quickest|largest|smallest|longest|shortest|wins|won)\b",
    re.IGNORECASE,
)
# Just before a name that only says what the best is of.
_OF_NAME: Final = re.compile(r"\b(?:of|for|with|at|in|among)\s(?:\s*the\s)?\W*$", re.IGNORECASE)
# "x: the fastest of all"
_LABELS: Final = re.compile(r"[`*\s]*:[*\s]*")


def read_superlatives(sentence: Sentence, read: set[int], knowledge: Knowledge) -> Iterator[Asked]:
    """Subjects said to be the best; `read` is where levels of settings are, which are read apart."""
    passage = sentence.passage
    for match in _BEST.finditer(passage.text):
        if match.start() in read or is_advice(passage, match.start()):
            continue
        if re.search(r"(?i)\bsecond[- ]$", passage.text[: match.start()]):
            continue
        yield from _read_superlative(match, sentence, knowledge)


def _read_superlative(
    match: re.Match[str], sentence: Sentence, knowledge: Knowledge
) -> Iterator[Asked]:
    """`X has the highest decode rate`: one subject in the clause, its metric just after the word."""
    text = sentence.passage.text
    start, end = find_clause_start(text, match.start()), find_clause_end(text, match.end())
    named = [m for m in sentence.mentions if start <= m.start < end]
    labels = [m for m in sentence.mentions if _LABELS.fullmatch(text, m.end, start)]
    behind = sentence.vocabulary.find(text[match.end() : match.end() + 30])
    metrics = tuple(behind[0].meaning) if behind else default_metrics(match["word"])
    metrics = metrics if behind or not metrics else find_speeds(knowledge) or metrics
    named = named or labels
    if len(named) != 1 or not metrics or sentence.passage.shape == "cell":
        return
    if _OF_CALLS.match(text, match.end()):
        return  # "the slowest q8_0 call", "the fastest 86 ms": calls are ranked, not models
    if _OF_NAME.search(text[: named[0].start]):
        return
    statistic = next((str(w.meaning) for w in _statistics_at(sentence, *match.span())), None)
    yardstick = Yardstick(match["word"], metrics, statistic)
    if yardstick.is_upward() is not None:
        subjects = named[0].subjects
        judge = partial(judge_superlative, subjects, yardstick, joined_words_in(text))
        shared = find_shared(sentence, match.start())
        rivals = partial(find_rivals, Condition(subjects, ()), shared, metrics)
        judge = hold_where_said(judge, sentence, match.start(), yardstick, rivals)
        vague = named is labels or match["word"].lower() in ("wins", "won")
        if vague and judge(knowledge).ruling == "unsupported":
            return  # "x: best quality", "x wins on price"
        yield ask_span(sentence, "comparison", match.start(), match.end(), judge, named[0].text)


def _statistics_at(sentence: Sentence, start: int, end: int) -> list[Word]:
    """What statistic the best is of: "the lowest mean TTFT", "its median is the lowest"."""
    clause = find_clause(sentence.passage.text, start, narrow=True)
    own = [w for w in sentence.statistics if clause[0] <= w.start < clause[1]]
    own = [w for w in own if not (start <= w.start < end)]
    return sorted(own, key=lambda word: (word.start < start, abs(word.start - end)))
