"""Ranges, and numbers that have no unit but a label."""
# ruff: noqa: RUF001 - quotes, dashes and signs are read as people type them

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Final

from benchagent.verification.asking import ask
from benchagent.verification.binding import Binding, Sentence, bind, unit_of
from benchagent.verification.datums import words_of
from benchagent.verification.figures import Figure
from benchagent.verification.judging_ranges import judge_range
from benchagent.verification.lexicon_metrics import find_metrics
from benchagent.verification.passages import Passage
from benchagent.verification.question import Asked, Knowledge
from benchagent.verification.subjects_in_text import SubjectFinder

_COUNT_COLUMN: Final = re.compile(
    r"\W*(?:n|#|no\.?|counts?|runs?|samples?|calls?|values|ids?|rank|run id|source)\W*$",
    re.IGNORECASE,
)
_TO: Final = re.compile(r"\s*(?:-|–|—|\bto\b|\.\.\.?|…)\s*", re.IGNORECASE)


def range_end(figure: Figure, sentence: Sentence) -> Figure | None:
    """The other end of `8.0 - 22.0`, `from 0.07 s to 15.5 s`, `between 3 and 5 ms`."""
    text = sentence.passage.text
    for other in sentence.figures:
        if other.start >= figure.end:
            between = text[figure.end : other.start]
            if _TO.fullmatch(between) and figure.unit in ("", other.unit):
                return other
            joined = re.fullmatch(r"\s+and\s+", between)
            opened = re.search(r"(?i)\bbetween\s*$", text[: figure.start])
            return other if joined and opened and figure.unit in ("", other.unit) else None
    return None


def read_range(
    figure: Figure, other: Figure, sentence: Sentence, finder: SubjectFinder, knowledge: Knowledge
) -> Iterator[Asked]:
    """A range as one claim, or its ends as two where each has its unit."""
    if (other.unit and other.known_unit() is None) or figure.value > other.value:
        return
    low = replace(figure, unit=figure.unit or other.unit)
    binding = bind(low, sentence, finder)
    if not (low.unit or is_labelled(figure, sentence, binding, knowledge)):
        return
    if low.unit in ("%", "percent", "x", "times"):
        return
    if figure.unit:
        for end, is_high in ((figure, False), (other, True)):
            judge = partial(judge_range, low, other, binding, "high" if is_high else "low")
            yield ask(end, sentence, "metric", judge, binding.said_of)
        return
    asked = ask(
        figure,
        sentence,
        "metric",
        partial(judge_range, low, other, binding, "both"),
        binding.said_of,
    )
    end = sentence.passage.start + other.end
    claim = replace(asked.claim, end=end, value=(figure.value, other.value), unit=low.unit or None)
    yield Asked(claim, asked.judge)


def is_labelled(figure: Figure, sentence: Sentence, binding: Binding, knowledge: Knowledge) -> bool:
    """Whether a number without a unit is the value of something that the text names."""
    passage = sentence.passage
    if passage.shape == "cell":
        return is_measured_cell(passage)
    before = passage.text[: figure.start]
    close = before[-48:]
    if find_metrics(close) and re.search(
        r"(?:[:=(]|\b(?:of|is|was|are|at|to|from|averages?|around|approximately|about|and|reached|between))\s*(?:\w+\s+)?[~≈]?\s*$",
        close,
    ):
        return True
    if not re.search(r"[:=]\s*[~≈]?\s*$", close):
        return False
    label = words_of(re.split(r"[.;]\s", before)[-1])
    return any(len(label & datum.words) >= 2 for datum in knowledge.values.datums)


def is_measured_cell(passage: Passage) -> bool:
    """Whether a cell that is a bare number is a value of the metric of its column or row."""
    if re.search(r"[A-Za-z]{3,}", passage.text):
        return False
    texts = [text for _, text in passage.cells]
    own = " ".join(passage.text.split())
    if passage.row in texts and own in texts[: texts.index(passage.row)]:
        return False  # a number before the row's name counts the rows
    if find_metrics(passage.column) or unit_of(passage.column):
        return True
    return bool(find_metrics(passage.row)) and not _COUNT_COLUMN.match(passage.column)
