"""What a text compares: two subjects, or two levels of one setting."""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from benchagent.verification.binding.binding import Binding
from benchagent.verification.question import Knowledge
from benchagent.verification.text.compared import is_object
from benchagent.verification.text.figures import Figure
from benchagent.verification.text.sentence import Sentence
from benchagent.verification.text.settings import read_settings_in


class Pair(NamedTuple):
    """Two things compared; `plain` where the text says "X … than Y" in so many words."""

    first: frozenset[str]
    second: frozenset[str]
    plain: bool


def find_pairs(
    figure: Figure, sentence: Sentence, binding: Binding, knowledge: Knowledge
) -> list[Pair]:
    """What is compared, the likeliest first: "X is … faster than Y", else neighbours."""
    passage = sentence.passage
    mentions = list(sentence.mentions)
    after = [m for m in mentions if m.start >= figure.end]
    thing = after[0] if after and is_object(passage.text, after[0].start) else None
    doers = [m for m in mentions if m.end <= figure.start and not is_object(passage.text, m.start)]
    doer = doers[-1].subjects if doers else None
    if doer is None and thing is not None and binding.subjects:
        doer = binding.subjects if binding.subjects != thing.subjects else None
        doer = doer or _subjects_of(passage.row, knowledge)
    if doer is None:
        doer = _subjects_of(passage.row, knowledge)
    if thing is not None and doer and doer != thing.subjects:
        return [Pair(doer, thing.subjects, True)]
    found: list[Pair] = []
    if column := _subjects_of(passage.column, knowledge):
        own = doer or _subjects_of(passage.row, knowledge)
        found += [Pair(own, column, False)] if own and own != column else []
    if doer and thing is None and (before := [m for m in mentions if m.end <= figure.start]):
        found += [Pair(a.subjects, b.subjects, False) for a, b in pairwise(before)]
    found += [Pair(a.subjects, b.subjects, False) for a, b in pairwise(mentions)]
    if not found:
        found += _pairs_around(sentence, binding, knowledge)
    return found


def _pairs_around(sentence: Sentence, binding: Binding, knowledge: Knowledge) -> list[Pair]:
    """A row, item or sentence about one, whose other side a lead-in or heading names."""
    passage = sentence.passage
    own = binding.subjects or _subjects_of(passage.row, knowledge)
    found: list[Pair] = []
    for text in (*passage.above, passage.before, *passage.headings[:2]):
        named = [m.subjects for m in knowledge.corpus.finder.find(text, text)] if text else []
        if own is None:
            found += [Pair(a, b, False) for a, b in pairwise(named)]
        else:
            found += [Pair(own, other, False) for other in named if other != own]
    return found


def _subjects_of(text: str, knowledge: Knowledge) -> frozenset[str] | None:
    found = knowledge.corpus.finder.find(text, text) if text else []
    return found[-1].subjects if found else None


def find_level_pairs(
    sentence: Sentence, knowledge: Knowledge
) -> Iterator[tuple[frozenset[str], frozenset[str]]]:
    """Two levels of one setting: of the sentence, or of the row and the sentence."""
    passage = sentence.passage
    named = [level.settings for level in sentence.levels]
    if len(named) < 2:  # "`q8_0` needs 39% less" of what the sentence before tells of another
        named += [level.settings for level in knowledge.corpus.levels.find(passage.before)]
    for text in (passage.row, passage.column, *(cell for _, cell in passage.cells[:3])):
        if text and len(text) < 60:
            named += [level.settings for level in knowledge.corpus.levels.find(text)]
    named += [frozenset({setting}) for setting in sorted(set(read_settings_in(passage.text)))]
    for at, first in enumerate(named):
        for second in named[at + 1 :]:
            names = {s.partition("=")[0] for s in first} & {s.partition("=")[0] for s in second}
            if names and first != second:
                yield first, second
