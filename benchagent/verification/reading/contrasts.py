"""What a text holds against what: "`q4_0` at 8 threads … than `q8_0`", "from 4 to 8 threads".

Two subjects, or two levels of a setting, one of which is told of and the other only compared with;
all else that the clause names holds for both.
"""
# ruff: noqa: RUF001 - quotes, dashes and arrows are read as people type them

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from benchagent.verification.judging.contrasts import Condition, Contrast
from benchagent.verification.text.compared import is_compared_with
from benchagent.verification.text.sentence import Sentence, Span
from benchagent.verification.text.settings import Level, call_alike, find_settings_in

_ENDS: Final = re.compile(r"(?:[.!?;]|\s[–—-])(?=\s)")
_CLAUSES: Final = re.compile(r"(?:[.!?;:]|\s[–—-])(?=\s)|,(?=\s+(?:and|but|while|which|whereas)\b)")
_FROM: Final = re.compile(r"\b(?:from|between)\s+(?:[a-z_]+\s+){0,2}\W*$", re.IGNORECASE)
_TO: Final = re.compile(
    r"\W*(?:[a-z]+\s+)?(?:->|→|(?:(?:down|up)\s+)?(?:to|and)\b)\s*(?:[a-z_]+\s+){0,2}\W*",
    re.IGNORECASE,
)
_ARROW: Final = re.compile(r"\W*(?:->|→)\s*\W*")
_AGAINST: Final = re.compile(
    r"\b(?:than|as|of|over|versus|vs|against|to|with|what|that|from|behind)\b", re.IGNORECASE
)
_OVER: Final = re.compile(
    r"\b(?:than|over|versus|vs|against|compared|relative|instead)\b", re.IGNORECASE
)
_DOUBTED: Final = re.compile(
    r"\b(?:no|not|nor?|never|neither|hardly|if|unless|whether|could|would|may|might)\b|n['’]t\b",
    re.IGNORECASE,
)
_JOINED: Final = re.compile(r"[\s`*]*(?:(?:both|either|even|all(?: of)?)\s+)?(?:the\s+)?[\s`*]*")
_LISTED: Final = re.compile(r"[\s,`*]*(?:(?:and|or|nor|as well as)\b)?[\s`*]*(?:the\s+)?[\s`*]*")


class Thing(NamedTuple):
    """A subject or a level named in a clause."""

    start: int
    end: int
    names: frozenset[str]
    values: frozenset[str]


SUBJECT: Final = frozenset({"subject"})


def find_clause(text: str, at: int, *, narrow: bool = False) -> Span:
    """The sentence around a place, or its clause."""
    ends = _CLAUSES if narrow else _ENDS
    start = max((m.end() for m in ends.finditer(text, 0, at)), default=0)
    found = ends.search(text, at)
    return start, found.start() if found else len(text)


def find_things(sentence: Sentence, clause: Span) -> list[Thing]:
    """The subjects and levels of a clause, in order."""
    start, end = clause
    found = [
        Thing(m.start, m.end, SUBJECT, m.subjects)
        for m in sentence.mentions
        if start <= m.start < end
    ]
    named = [(thing.start, thing.end) for thing in found]
    for level in find_levels(sentence):
        inside = any(a < level.end and level.start < b for a, b in named)
        if start <= level.start < end and not inside:
            names = frozenset(setting.partition("=")[0] for setting in level.settings)
            found.append(Thing(level.start, level.end, names, level.settings))
    return sorted(found)


def find_levels(sentence: Sentence) -> list[Level]:
    """The levels that a sentence names, also those that it spells out with their setting."""
    numeric = sentence.level_finder.numbers.words.keys()
    spelled = [
        Level(place.start, place.end, call_alike(place.name, place.setting.partition("=")[2]))
        for place in find_settings_in(sentence.passage.text)
    ]
    known = [v for v in spelled if not numeric.isdisjoint(s.partition("=")[0] for s in v.settings)]
    return sorted([*sentence.levels, *known])


def group_things(things: Sequence[Thing]) -> list[list[Thing]]:
    """Those of one kind together: all subjects, all levels of one setting."""
    groups: list[list[Thing]] = []
    for thing in things:
        own = [group for group in groups if group[0].names & thing.names]
        if own:
            own[0].append(thing)
        else:
            groups.append([thing])
    return groups


def find_contrast(sentence: Sentence, start: int, end: int) -> Contrast | None:
    """What a comparison that stands at a place is between, where the text leaves no doubt."""
    text = sentence.passage.text
    for narrow in (False, True):
        clause = find_clause(text, start, narrow=narrow)
        things = find_things(sentence, clause)
        if _DOUBTED.search(text, clause[0], end):
            return None
        if found := _contrast(things, text, start, end):
            return found
    return None


def find_contrasts(sentence: Sentence, start: int, end: int) -> list[Contrast]:
    """What a comparison is between, one by one where it names several: "`x` beats `y` and `z`"."""
    if found := find_contrast(sentence, start, end):
        return [found]
    text = sentence.passage.text
    clause = find_clause(text, start, narrow=True)
    if _DOUBTED.search(text, clause[0], end):
        return []
    things = find_things(sentence, clause)
    groups = (group for group in group_things(things) if group[0].end <= start)
    own = next((group for group in groups if group[-1].start >= end), [])
    listed = [thing for thing in own if thing.start >= end]
    if not listed or not _JOINED.fullmatch(text, end, listed[0].start):
        return []
    if any(not _LISTED.fullmatch(text, a.end, b.start) for a, b in pairwise(listed)):
        return []
    rest = [thing for thing in things if thing not in listed]
    each = [_contrast(sorted([*rest, thing]), text, start, thing.start) for thing in listed]
    return [contrast for contrast in each if contrast] if all(each) else []


def _contrast(things: Sequence[Thing], text: str, start: int, end: int) -> Contrast | None:
    first: list[Thing] = []
    second: list[Thing] = []
    shared: list[Thing] = []
    for group in group_things(things):
        told = {thing.values for thing in group}
        if len(told) == 1:
            shared.append(group[0])
            continue
        pair = _order(group, text, start, end) if len(told) == 2 else None
        if pair is None or pair[0].values & pair[1].values:
            return None
        first.append(pair[0])
        second.append(pair[1])
    if not first or (
        len(first) > 1 and any(a.start > b.start for a, b in zip(first, second, strict=True))
    ):
        return None  # of "from 4 to 8 threads x beats y" nobody knows which is at 8
    return Contrast(condition_of(first), condition_of(second), condition_of(shared))


def condition_of(things: Sequence[Thing]) -> Condition:
    """What these things say of a row."""
    subjects = [thing.values for thing in things if thing.names == SUBJECT]
    levels = tuple(thing.values for thing in things if thing.names != SUBJECT)
    return Condition(subjects[0] if subjects else frozenset(), levels)


def _order(group: Sequence[Thing], text: str, start: int, end: int) -> tuple[Thing, Thing] | None:
    """What is told of and what it is held against, of two that stand in one clause."""
    one = group[0]
    other = next(thing for thing in group if thing.values != one.values)
    between = text[one.end : other.start]
    if _ARROW.fullmatch(between) or (_FROM.search(text[: one.start]) and _TO.fullmatch(between)):
        return other, one
    if one.end <= start and other.start >= end:
        joined = _AGAINST.search(text, start, other.start) or _JOINED.fullmatch(
            text, end, other.start
        )
        return (one, other) if joined else None
    if one.start >= end:
        return (one, other) if _OVER.search(between) else None
    if is_compared_with(text, one.start):
        return other, one
    return (one, other) if is_compared_with(text, other.start) else None
