"""Which metric a text says a number is of: the word nearest to it, the column's, a heading's."""

import re
from typing import Final

from benchagent.quantities.metrics import METRICS
from benchagent.verification.binding.subjects import is_parted
from benchagent.verification.evidence.own_columns import unit_of_metric
from benchagent.verification.text.figures import Figure
from benchagent.verification.text.sentence import Sentence
from benchagent.verification.text.terms import Word, find_metrics
from benchagent.verification.text.units import DERIVED, counts_tokens, spell_unit, unit_of

_CUTS: Final = re.compile(r"[,;:]|\)\s+and\b")
_CUTS_OR_AND: Final = re.compile(rf"{_CUTS.pattern}|\band\b")
# "including prompt evaluation" tells of what else
_BESIDES: Final = re.compile(
    r"\b(?:including|excluding|without|plus|besides|despite|counting)\s+(?:the\s+|its\s+)?$",
    re.IGNORECASE,
)
_NEAR: Final = 60
_CLOSE: Final = 24
_OF: Final = re.compile(r"\b(?:for|of|in)\s+(?:its|the|their|this|that)?\W*$", re.IGNORECASE)
# "of which 2.02 s was model loading", "9.1 s were spent on the prefill"
_SPENT: Final = re.compile(
    r"[\s*)]+(?:of\s+(?:it|this|that|these|those|them|which)\s+)?(?:is|was|are|were|went|goes|go)\s+"
    r"(?:(?:only|just|purely|mostly|simply)\s+)?(?:(?:spent|needed|used|taken)\s+)?"
    r"(?:(?:up\s+)?(?:on|in|to|by|for)\s+)?(?:(?:the|its)\s+)?(?:model[\s-]+)?",
    re.IGNORECASE,
)


def find_metric(figure: Figure, sentence: Sentence) -> tuple[str, ...] | None:
    """The metrics that the text gives a number; None where it gives none."""
    if counts_tokens(figure.unit):  # "1,200 output tokens"
        return tuple(find_metrics(figure.unit)[0].meaning)
    text, headings = sentence.passage.text, sentence.passage.headings
    own = [w for w in sentence.metrics if w.end <= figure.start or w.start >= figure.end]
    own = [w for w in own if not _BESIDES.search(text[max(0, w.start - _CLOSE) : w.start])]
    before = [w for w in own if w.end <= figure.start]
    behind = [
        w
        for w in own
        if figure.end <= w.start <= figure.end + _NEAR and not is_parted(figure, w.start, sentence)
    ]
    if figure.unit in DERIVED:
        close = [w for w in behind if w.start <= figure.end + _CLOSE]
        cuts = _CUTS_OR_AND if before else _CUTS
        close = [w for w in close if not cuts.search(text, figure.end, w.start)]
        for word in (*close, *reversed(before), *behind):
            if isinstance(word.meaning, tuple):
                return word.meaning
    # "prefill rate: mean 536 tok/s, median 541 tok/s": a name tells more than a unit does
    named = [w for w in reversed(before) if figure.unit and not _is_unit(w, sentence)]
    if not named and figure.unit and not any(not _is_unit(w, sentence) for w in before):
        named = _named_behind(figure, sentence)
    spent = _SPENT.match(text, figure.end)
    for found in (
        [w for w in behind if figure.unit and spent and w.start <= spent.end() < w.end],
        named,
        [*reversed(before), *behind],
        *(list(sentence.vocabulary.find(t)) for t in sentence.around if t not in headings),
    ):
        for word in found:
            if isinstance(word.meaning, tuple) and _fits_unit(word.meaning, figure):
                return word.meaning
    if found := _named_in_heading(figure, sentence):
        return found
    nearest_of_all = [w for w in reversed(before) if not _is_unit(w, sentence)]
    nearest_of_all = [w for w in nearest_of_all if not _is_taken(w, figure, sentence)]
    nearest_of_all = [w for w in nearest_of_all if not _is_of_other_unit(w, figure)]
    nearest_of_all += [w for w in behind if not figure.unit]
    if nearest_of_all and isinstance(nearest_of_all[0].meaning, tuple):
        return nearest_of_all[0].meaning
    for text in (sentence.passage.column, sentence.passage.row):
        for word in sentence.vocabulary.find(text):
            if isinstance(word.meaning, tuple):
                return word.meaning
    return None


def _named_in_heading(figure: Figure, sentence: Sentence) -> tuple[str, ...] | None:
    """The metric of a heading, or the one that the sentence before names since."""
    passage, find = sentence.passage, sentence.vocabulary.find
    for text in passage.headings[:2]:
        for word in find(text):
            if isinstance(word.meaning, tuple) and _fits_unit(word.meaning, figure):
                since = [w for w in reversed(find(passage.before)) if figure.unit]
                since = [w for w in since if not unit_of(passage.before[w.start : w.end])]
                fitting = (w.meaning for w in since if isinstance(w.meaning, tuple))
                return next((m for m in fitting if _fits_unit(m, figure)), word.meaning)
    return None


def _named_behind(figure: Figure, sentence: Sentence) -> list[Word]:
    """The one metric that a sentence names after its numbers: "3 s on average … for its TTFT"."""
    later = [w for w in sentence.metrics if w.start >= figure.end and not _is_unit(w, sentence)]
    meanings = {word.meaning for word in later}
    text = sentence.passage.text
    if len(meanings) != 1 or not _OF.search(text[: later[0].start]):
        return []
    return later[:1]


def _is_unit(word: Word, sentence: Sentence) -> bool:
    """Whether a metric's word is the unit of a number: the `tokens` of "512-1024 tokens"."""
    return any(f.start < word.end and word.start < f.end for f in sentence.figures)


def _is_of_other_unit(word: Word, figure: Figure) -> bool:
    """Whether a word means columns of the data alone, none of which has a number's unit."""
    if not figure.unit or not isinstance(word.meaning, tuple):
        return False
    return METRICS.keys().isdisjoint(word.meaning) and not _fits_unit(word.meaning, figure)


def _is_taken(word: Word, figure: Figure, sentence: Sentence) -> bool:
    """Whether a number between a metric and this one is that metric's: `TTFT 7.84 s, 238 tok/s`."""
    between = [f for f in sentence.figures if word.end <= f.start and f.end <= figure.start]
    if not isinstance(word.meaning, tuple):
        return False
    if between and figure.unit and not _fits_unit(word.meaning, figure):
        return True
    return any(f.unit and f.unit != figure.unit and _fits_unit(word.meaning, f) for f in between)


def _fits_unit(metrics: tuple[str, ...], figure: Figure) -> bool:
    unit = spell_unit(figure.unit) if figure.unit else None
    if unit is None:
        return True
    units = {unit_of_metric(metric) for metric in metrics}
    # a file need not say that an error rate is in percent
    return unit.canonical in units or (None in units and unit.canonical == "ratio")


def is_named(metrics: tuple[str, ...], sentence: Sentence) -> bool:
    """Whether a word of the sentence, the row, the column or an item above names the metrics."""
    if any(word.meaning == metrics and not _is_unit(word, sentence) for word in sentence.metrics):
        return True
    passage = sentence.passage
    above = (passage.column, passage.row, *passage.above)
    return any(word.meaning == metrics for text in above for word in sentence.vocabulary.find(text))
