"""Bare numbers that count things other than files: runs, models, samples; and `n` and `p`."""

import re
from dataclasses import replace
from functools import partial
from typing import Final

from benchagent.verification.binding.binding import Binding
from benchagent.verification.judging.counts import judge_number, judge_whole
from benchagent.verification.question import Asked
from benchagent.verification.reading.asking import ask
from benchagent.verification.reading.counts import NOUN
from benchagent.verification.reading.ranges import is_measured_cell
from benchagent.verification.text.figures import Figure
from benchagent.verification.text.sentence import Sentence

_SIGN: Final = re.compile(
    r"\b(?P<sign>n|p|tau|τ|ratio|interval)\b(?:[- ]values?)?[\s(]*(?:of|is|was)?\s*(?:=|of|:|<)?[\s*(]*$",
    re.IGNORECASE,
)
_SIGNS_OF_TESTS: Final = ("p", "tau", "τ", "ratio", "interval")
_P_VALUE: Final = re.compile(r"\W*p(?:[- ]values?)?\b", re.IGNORECASE)
_OF_PHASE: Final = re.compile(r"[\s)]*(cold|warm)\b", re.IGNORECASE)
_REPEATED: Final = ("run", "call", "row", "record", "test", "request", "measurement")
_EACH: Final = re.compile(r"\b(?:each|every|per|both|respectively)\b", re.IGNORECASE)
_OF_ALL: Final = re.compile(
    r"(?:\b(?:a|the) total of|\bthere (?:are|were)|\b(?:in total|altogether|all told|in all|overall)\s*,?)"
    r"(?:\s+(?:exactly|about|roughly|around|some))?\W*$",
    re.IGNORECASE,
)
_IN_ALL: Final = re.compile(
    r"(?:\s+[\w-]+){1,3}?\s+(?:in total|altogether|all told|in all|overall)\b", re.IGNORECASE
)
# "run in blocks of one subject" tells how they were run, and counts none
_BLOCKS_OF: Final = re.compile(r"\bblocks? of $", re.IGNORECASE)
_SAMPLES_COLUMN: Final = re.compile(r"\W*(?:n|samples?|runs?|calls?|values)\W*$", re.IGNORECASE)


def read_number(figure: Figure, sentence: Sentence, binding: Binding) -> Asked | None:
    """A count of what stands behind a number, or the value of a test; None where it is neither."""
    named = _name_counted(figure, sentence)
    if named is None:
        return None
    phase = _OF_PHASE.match(sentence.passage.text, figure.end)  # "a cold call, and 17 calls"
    own = replace(binding, phase=phase[1].lower() if phase else None)
    of_all = named.startswith(_REPEATED) and _tells_of_all(figure, sentence)
    judge = partial(judge_whole if of_all else judge_number, figure, own, named)
    kind = "metric" if named in _SIGNS_OF_TESTS else "count"
    return ask(figure, sentence, kind, judge, binding.said_of)


def _tells_of_all(figure: Figure, sentence: Sentence) -> bool:
    """Whether a count is said to be that of all there are: "24 runs in total"."""
    text = sentence.passage.text
    if sentence.passage.shape == "cell" or _EACH.search(text):
        return False
    return bool(_OF_ALL.search(text[: figure.start]) or _IN_ALL.match(text, figure.end))


def _name_counted(figure: Figure, sentence: Sentence) -> str | None:
    """What a bare number counts, or the sign that it is the value of: `n`, `p`, "runs"."""
    passage, text = sentence.passage, sentence.passage.text
    counts = _SAMPLES_COLUMN.match(passage.column) is not None
    of_test = _P_VALUE.match(passage.row) or _P_VALUE.match(passage.column)
    if of_test and is_measured_cell(sentence) and not counts:
        return "p"
    sign = _SIGN.search(text[max(0, figure.start - 20) : figure.start])
    if sign and not sentence.vocabulary.has_own(sign["sign"]):
        return sign["sign"].lower()
    if counts and passage.shape == "cell" and figure.step == 1:
        return "n"
    noun = None if _BLOCKS_OF.search(text[: figure.start]) else NOUN.match(text, figure.end)
    # "5 measurement rounds" are rounds
    plural = noun and (noun["noun"][-1] in "sS" or figure.value == 1)
    return noun["noun"].lower() if noun and plural else None
