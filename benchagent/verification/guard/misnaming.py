"""What a sentence says that its figures are: metric, statistic, phase, and what is counted.

A reference is always a true number; beside the wrong words it is a false figure all the same. So
each word of the field must be one that the findings use, and a word that sets one of their facts
apart from the others must stand nearest to a figure that it belongs to.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from benchagent.facts.fact import Fact
from benchagent.references import REFERENCE, write_figure
from benchagent.verification.guard.smuggling import QUOTED, WORD, words_in
from benchagent.verification.text.terms import find_metrics, find_statistics

# Enough of a word to know it in its other forms: failed, fails, failing.
_STEM = 4
_PHASES = frozenset(["cold", "warm"])
# They stand in labels of counts and say nothing of what is counted.
_COMMON = frozenset(
    "that with from them they this these gave given give have were been does only over into once "
    "each file files number numbers value values counted some same known which where what".split()
)
_BREAK = re.compile(
    r"[,;.!?()]|\b(?:and|but|while|whereas|against|versus|beside|than)\b", re.IGNORECASE
)
_STATISTICS = frozenset(["median", "mean", "min", "max", "stddev", "stderr", "ci"])
_STEMS_OF_PARTS = {"interval": frozenset(["ci", "inte"]), "spread": frozenset(["stdd", "spre"])}


class _Piece(NamedTuple):
    """A part of a sentence with at least one reference in it."""

    text: str
    references: list[re.Match[str]]


def find_misnamed(
    text: str, cited: Sequence[str], facts: Mapping[str, Fact], stated: str
) -> str | None:
    """Why a figure is called something that it is not; None where none is.

    Args:
        text: the sentence, its references as `{F…}`.
        cited: ids of the facts that the findings cite.
        facts: all facts by id.
        stated: what the findings state, without names.
    """
    return _unknown_term(text, stated) or _misplaced_word(text, [facts[id] for id in cited])


def _unknown_term(text: str, stated: str) -> str | None:
    """A metric, statistic or phase that the findings do not speak of."""
    prose = _plain(text)
    for find in (find_metrics, find_statistics):
        meanings = {meaning for word in find(stated) for meaning in _meanings(word.meaning)}
        for word in find(prose):
            spoken = prose[word.start : word.end]
            if not set(_meanings(word.meaning)) & meanings:
                return f"{spoken!r} is nothing that the finding speaks of"
    new = words_in(prose) & _PHASES - words_in(stated)
    return f"{min(new)!r} is nothing that the finding speaks of" if new else None


def _meanings(meaning: str | tuple[str, ...]) -> tuple[str, ...]:
    return (meaning,) if isinstance(meaning, str) else meaning


def _misplaced_word(text: str, facts: Sequence[Fact]) -> str | None:
    known = {fact.id: fact for fact in facts}
    stems = {fact.id: _stems_of(fact) for fact in facts}
    shared = frozenset[str].intersection(*stems.values()) if stems else frozenset[str]()
    telling = frozenset[str]().union(*stems.values()) - shared
    for piece in _pieces(text):
        for word in WORD.finditer(_plain(piece.text)):
            stem = _stem(word[0])
            if stem not in telling or word[0].casefold() in _COMMON:
                continue
            owner = _nearest(word.start(), piece.references)
            own = stems.get(owner[1], telling) | _STEMS_OF_PARTS.get(owner[2], frozenset())
            if stem not in own:
                figure = write_figure(known[owner[1]], owner[2])
                return f"{word[0]!r} stands beside {figure!r}, and does not belong to it"
    return None


def _stems_of(fact: Fact) -> frozenset[str]:
    """What sets a fact apart: of a count its label, of a value its statistic, metric and phase."""
    label = _plain(fact.label)
    words = {fact.method or "", fact.statistic or ""}
    words |= {label[word.start : word.end] for word in find_metrics(label)}
    if fact.kind == "count":
        words |= {word for word in WORD.findall(label) if word.casefold() not in _COMMON}
    else:
        words |= words_in(label) & _PHASES
    return frozenset(_stem(word) for word in words if len(word) >= _STEM)


def _stem(word: str) -> str:
    word = word.casefold()
    statistic = next((found.meaning for found in find_statistics(word)), None)
    return str(statistic if statistic in _STATISTICS else word)[:_STEM]


def _pieces(text: str) -> Iterator[_Piece]:
    """The sentence in pieces, each long enough to hold a reference."""
    start = 0
    ends = [found.start() for found in _BREAK.finditer(_plain(text, keep_references=True))]
    for end in [*ends, len(text)]:
        references = list(REFERENCE.finditer(text[start:end]))
        if references:
            yield _Piece(text[start:end], references)
            start = end


def _nearest(at: int, references: Sequence[re.Match[str]]) -> re.Match[str]:
    return min(references, key=lambda found: min(abs(found.start() - at), abs(found.end() - at)))


def _plain(text: str, *, keep_references: bool = False) -> str:
    """The text with names, and references, as blanks of the same length."""
    blanked = QUOTED.sub(lambda found: " " * len(found[0]), text)
    if keep_references:
        return blanked
    return REFERENCE.sub(lambda found: " " * len(found[0]), blanked)
