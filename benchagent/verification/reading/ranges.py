"""Ranges, and numbers that have no unit but a label."""
# ruff: noqa: RUF001 - quotes, dashes and signs are read as people type them

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Final

from benchagent.verification.binding.binding import Binding, bind
from benchagent.verification.evidence.datums import words_of
from benchagent.verification.evidence.own_columns import unit_of_metric
from benchagent.verification.judging.ranges import judge_range
from benchagent.verification.judging.ratios import COMPARING, judge_ratio
from benchagent.verification.judging.values import judge_value
from benchagent.verification.question import Asked, Knowledge
from benchagent.verification.reading.asking import ask
from benchagent.verification.text.figures import Figure
from benchagent.verification.text.passage import Passage
from benchagent.verification.text.sentence import Sentence
from benchagent.verification.text.settings import read_settings_in
from benchagent.verification.text.units import DERIVED, PERCENT, unit_of

_COUNT_COLUMN: Final = re.compile(
    r"\W*(?:n|#|no\.?|counts?|runs?|samples?|calls?|values|ids?|rank|run id|source)\W*$",
    re.IGNORECASE,
)
# "Test 103" and "Figure 2" are names
_NUMBERED: Final = re.compile(
    r"\b(?i:tests?|runs?|configs?|configurations?|phase|steps?|tables?|figures?|sections?|appendix|cases?|"
    r"experiments?|trials?|agents?|scenarios?|reports?|gpu|prompts?|batch|line|version|v)\s+(?:#\s*|no\.?\s*)?$"
    r"|\b[A-Z]{2,}\s+$",
)
_OUT_OF: Final = re.compile(r"\bout of\s+$", re.IGNORECASE)
_CHANGES: Final = re.compile(
    r"\b(?:rais\w+|ris\w+|rose|increas\w+|decreas\w+|drop\w*|fell|falls?|falling|shr[aiu]nk\w*|sink\w*|sank|lift\w*|halv\w*|slash\w*|trim\w*|boost\w*|improv\w+|reduc\w+|gr[eo]w\w*|"
    r"lower\w*|cuts?|went|goes|moves?|moved|mov\w+|chang\w+|climb\w+|jump\w+|declin\w+)\b(?:[^.;]|\.(?=\d)){0,80}\bfrom\s*[~≈]?\s*$",
    re.IGNORECASE,
)
_LEADS: Final = re.compile(
    r"(?:[:=(]|\b(?:of|is|was|are|at|to|from|averages?|around|approximately|about|and|reached|between))"
    r"\s*(?:[a-z]+\s+)?[~≈]?\s*$"
)
_BESIDE: Final = re.compile(r"[\s*`(:=~≈]{1,6}")
_COLON: Final = re.compile(r"[:=]\s*[~≈]?\s*$")
_CUTS: Final = re.compile(r"[.;]\s")
_WORDED: Final = re.compile(r"[A-Za-z]{3,}")
_ARROW: Final = re.compile(r"\s*(?:->|→|⟶|=>)\s*|\s+down to\s+")
_OPENED: Final = re.compile(r"\bbetween\s*$", re.IGNORECASE)
_AND: Final = re.compile(r"\s+and\s+")
_BETWEEN: Final = re.compile(r"\s+and\s+|\s*–\s*")
_TO: Final = re.compile(r"\s*(?:-|–|—|\bto\b|\.\.\.?|…)\s*", re.IGNORECASE)


def range_end(figure: Figure, sentence: Sentence) -> Figure | None:
    """The other end of `8.0 - 22.0`, `from 0.07 s to 15.5 s`, `between 3 and 5 ms`."""
    text = sentence.passage.text
    for other in sentence.figures:
        if other.start >= figure.end:
            between = text[figure.end : other.start]
            if (_TO.fullmatch(between) or _ARROW.fullmatch(between)) and figure.unit in (
                "",
                other.unit,
            ):
                return other
            joined = _AND.fullmatch(between)
            opened = _OPENED.search(text[: figure.start])
            return other if joined and opened and figure.unit in ("", other.unit) else None
    return None


def read_range(
    figure: Figure, other: Figure, sentence: Sentence, knowledge: Knowledge
) -> Iterator[Asked]:
    """A range as one claim, or its ends as two where each has its unit."""
    if other.unit and other.known_unit() is None:
        return
    derived = other.unit in DERIVED
    changes = _ARROW.fullmatch(sentence.passage.text, figure.end, other.start)
    if not derived and (changes or _CHANGES.search(sentence.passage.text[: figure.start])):
        yield from _read_change(figure, other, sentence, knowledge)
        return
    if figure.value > other.value:
        if not _BETWEEN.fullmatch(sentence.passage.text[figure.end : other.start]):
            return  # "from 50 to 30 ms" need be no range
        figure, other = (
            replace(figure, value=other.value, step=other.step),
            replace(other, value=figure.value, step=figure.step),
        )
    low = replace(figure, unit=figure.unit or other.unit)
    binding = bind(low, sentence, knowledge.corpus)
    if not (low.unit or is_labelled(figure, sentence, binding, knowledge)):
        return
    if low.unit in DERIVED and not is_share(low, other.end, sentence, binding):
        yield _read_derived_range(low, other, sentence, binding)
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


def is_share(figure: Figure, end: int, sentence: Sentence, binding: Binding) -> bool:
    """Whether a percentage is the value of a share, such as an accuracy, and compares nothing."""
    if figure.unit not in PERCENT or not binding.metrics or binding.guessed:
        return False
    near = sentence.passage.text[max(0, figure.start - 60) : end + 40]
    shares = all(unit_of_metric(metric) == "ratio" for metric in binding.metrics)
    return shares and not figure.signed and not COMPARING.search(near)


def _read_derived_range(low: Figure, other: Figure, sentence: Sentence, binding: Binding) -> Asked:
    """`15-20% faster`: anything between the ends is meant."""
    middle = replace(
        other,
        value=(low.value + other.value) / 2,
        step=other.value - low.value + other.step,
        hedged=False,
    )
    judge = partial(judge_ratio, middle, sentence, binding)
    asked = ask(low, sentence, "comparison", judge, binding.said_of)
    end = sentence.passage.start + other.end
    value = (low.value, other.value)
    return Asked(replace(asked.claim, end=end, value=value, unit=other.unit), judge)


def _read_change(
    figure: Figure, other: Figure, sentence: Sentence, knowledge: Knowledge
) -> Iterator[Asked]:
    """`raises it from 50 to 80 tok/s`: two values; whose the first is may not be said."""
    unit = other.unit or figure.unit
    named = frozenset[str]().union(*(mention.subjects for mention in sentence.mentions))
    alone = len({mention.subjects for mention in sentence.mentions}) < 2
    for end in (figure, other):
        binding = bind(end, sentence, knowledge.corpus)
        known = replace(end, unit=end.unit or unit)
        if alone and end is figure:
            binding = replace(binding, subjects=None, unknown=None)
            names = {setting.partition("=")[0] for setting in binding.settings}
            if len(names) == len(binding.settings):  # it may be of where the change began
                binding = replace(binding, settings=frozenset())
        if not alone and binding.subjects:  # "from a to b": which end is whose may not be said
            binding = replace(binding, subjects=named)
        binding = replace(binding, unit=known.unit or binding.unit)
        if known.unit or is_labelled(end, sentence, binding, knowledge):
            judge = partial(judge_value, known, binding)
            asked = ask(end, sentence, "metric", judge, binding.said_of)
            yield Asked(replace(asked.claim, unit=known.unit or None), asked.judge)


def is_labelled(figure: Figure, sentence: Sentence, binding: Binding, knowledge: Knowledge) -> bool:
    """Whether a number without a unit is the value of something that the text names."""
    passage = sentence.passage
    if passage.shape == "cell":
        return is_measured_cell(sentence)
    before = passage.text[: figure.start]
    close = before[-48:]
    if _NUMBERED.search(close) or _OUT_OF.search(close):
        return False
    if figure.worded:
        return False
    if _names_its_unit(figure, sentence) or (binding.metrics and _is_listed(figure, sentence)):
        return True
    if sentence.vocabulary.find(close) and _LEADS.search(close):
        return True
    if not _COLON.search(close):
        return False
    label = words_of(_CUTS.split(before)[-1])
    return any(len(label & datum.words) >= 2 for datum in knowledge.values.datums)


def _names_its_unit(figure: Figure, sentence: Sentence) -> bool:
    """Whether a metric stands right behind a number as its unit does: "41.2 qps"."""
    behind = [w for w in sentence.metrics if 0 <= w.start - figure.end <= 1]
    return bool(behind) and not _COLON.match(sentence.passage.text, behind[0].end)


def _is_listed(figure: Figure, sentence: Sentence) -> bool:
    """Whether a number stands right behind a name, a level or a statistic: "a 7.9, b 8.1"."""
    before = [*sentence.mentions, *sentence.levels, *sentence.statistics]
    text = sentence.passage.text
    return any(_BESIDE.fullmatch(text, word.end, figure.start) for word in before)


def is_measured_cell(sentence: Sentence) -> bool:
    """Whether a cell that is a bare number is a value of the metric of its column or row."""
    passage, find = sentence.passage, sentence.vocabulary.find
    if _WORDED.search(passage.text) or counts_rows(passage):
        return False
    if find(passage.column) or unit_of(passage.column) or _is_of_table(sentence):
        return True
    return bool(find(passage.row) or unit_of(passage.row)) and not _COUNT_COLUMN.match(
        passage.column
    )


def _is_of_table(sentence: Sentence) -> bool:
    """Whether a column is a subject's or a level's, of the one metric that stands above the table."""
    passage, column = sentence.passage, sentence.passage.column
    levels = sentence.level_finder
    of_one = read_settings_in(column) or levels.find(column)
    of_one = of_one or levels.numbers.settings_of_title(column)
    if not of_one and not sentence.finder.find(column, column):
        return False
    for text in (*passage.above, *passage.headings[:1]):
        if named := {word.meaning for word in sentence.vocabulary.find(text)}:
            return len(named) == 1
    return False


def counts_rows(passage: Passage) -> bool:
    """Whether a cell stands before the name of its row: it only numbers the rows."""
    texts = [text for _, text in passage.cells]
    own = " ".join(passage.text.split())
    return passage.row in texts and own in texts[: texts.index(passage.row)]
