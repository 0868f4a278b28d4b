"""Comparisons that are said to hold everywhere: "at every batch size", "in all tasks", "always"."""

import re
from collections.abc import Callable, Iterable
from typing import Final

from benchagent.verification.claims import Verdict
from benchagent.verification.judging.contrasts import Condition, Contrast
from benchagent.verification.judging.everywhere import hold_everywhere
from benchagent.verification.judging.yardsticks import Yardstick
from benchagent.verification.question import Judge, Knowledge
from benchagent.verification.reading.contrasts import (
    SUBJECT,
    condition_of,
    find_clause,
    find_things,
    group_things,
)
from benchagent.verification.text.letters import words_in
from benchagent.verification.text.sentence import Sentence

_EVERYWHERE: Final = re.compile(
    r"\b(?:at|for|in|on|across|under|with|over)\s+(?:every|each|all|both)\b"
    r"(?:\s+of)?(?:\s+(?:the|these|those|our))?(?P<noun>(?:\s+[\w-]+){0,3})"
    r"|\b(?:everywhere|consistently|always|invariably|without exception)\b",
    re.IGNORECASE,
)


def hold_where_said(
    judge: Judge,
    sentence: Sentence,
    start: int,
    yardstick: Yardstick,
    find_contrasts: Callable[[Knowledge], Iterable[Contrast]],
) -> Judge:
    """The judge of a comparison, also at every level where the text says "every"."""
    text = sentence.passage.text
    said = _EVERYWHERE.search(text, *find_clause(text, start, narrow=True))
    if said is None:
        return judge
    nouns = words_in(said["noun"] or "")

    def judge_everywhere(knowledge: Knowledge) -> Verdict:
        contrasts = list(find_contrasts(knowledge))
        return hold_everywhere(judge(knowledge), contrasts, yardstick, nouns, knowledge)

    return judge_everywhere


def find_shared(sentence: Sentence, start: int) -> Condition:
    """The levels that a clause names once each: they hold for all that it compares."""
    clause = find_clause(sentence.passage.text, start, narrow=True)
    things = [thing for thing in find_things(sentence, clause) if thing.names != SUBJECT]
    groups = group_things(things)
    return condition_of([own[0] for own in groups if len({thing.values for thing in own}) == 1])
