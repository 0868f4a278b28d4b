"""Whether a number tells how far two things lie apart, and of what metric."""

import re
from dataclasses import replace
from typing import Final

from benchagent.verification.binding.binding import Binding
from benchagent.verification.evidence.own_columns import better_of
from benchagent.verification.judging.ratios import COMPARING
from benchagent.verification.text.figures import Figure
from benchagent.verification.text.sentence import Sentence

_DELTA: Final = re.compile(r"\bdeltas?\b|Δ|\bdifferences?\b|\bchange\b|\bgap\b", re.IGNORECASE)
_APART: Final = re.compile(
    r"\s*(?:faster|slower|quicker|more|less|fewer|higher|lower|longer|shorter|larger|smaller|bigger|heavier|lighter|ahead|behind|better|worse|extra)\b"
    r"(?!\s+or\b)|\s+(?:difference|gap|gain|saving|advantage|reduction|increase|improvement)\b",
    re.IGNORECASE,
)
_APART_BEFORE: Final = re.compile(
    r"\b(?:difference|gap|delta|gains?|gained|sav(?:es?|ed|ing)|margin|advantage|lead|costs?|loses?|lost|adds?|added|adding)\b[^.;]{0,60}$"
    r"|\b(?:faster|slower|higher|lower|longer|shorter|more|less|rose|fell|drop\w*|increas\w+|decreas\w+|"
    r"reduc\w+|improv\w+|differs?|gr[eo]w\w*)\s+by\s+\W*(?:(?:about|roughly|some|only)\s+)?$",
    re.IGNORECASE,
)
_JUST_BEFORE: Final = re.compile(
    r"\b(?:gain(?:s|ed)?|los(?:es?|t)|add(?:s|ed)?|costs?|sav(?:es?|ed)|by)\s+"
    r"(?:(?:only|just|about|roughly|some|another|an extra)\s+)?\W*$",
    re.IGNORECASE,
)
_CUTS: Final = re.compile(r"[.;:]\s|[()]")


# "370 MB for `a` and 161 MB for `b`": the second is told as the first is
_GOES_ON: Final = re.compile(
    r"(?:\s+(?:per|for|with|of|in|on|by|at)\s[^,;.]{1,40}?)?(?:,|,?\s+(?:and|but))\s[^,;:.\d]{0,40}"
)


def is_difference(figure: Figure, sentence: Sentence) -> bool:
    """Whether a number with a unit says how far two others lie apart: "63 ms less"."""
    passage = sentence.passage
    text = passage.text
    if figure.signed or _DELTA.search(f"{passage.column} | {passage.row}"):
        return True
    ends = [f.end for f in sentence.figures if f.end <= figure.start]
    before = text[max(0, figure.start - 80, *ends) : figure.start]
    before = _CUTS.split(before)[-1]
    if figure.bound and not _APART.match(text, figure.end):
        return False  # "while keeping TTFT under 0.1 s"
    if _APART.match(text, figure.end) or _APART_BEFORE.search(before):
        return True
    last = next((f for f in reversed(sentence.figures) if f.end <= figure.start), None)
    if last is None or last.unit != figure.unit or last.signed:
        return False
    goes_on = _GOES_ON.fullmatch(text, last.end, figure.start)
    named = any(last.end <= word.start < figure.start for word in sentence.metrics)
    return bool(goes_on) and not named and is_difference(last, sentence)


def is_bare_difference(figure: Figure, sentence: Sentence) -> bool:
    """Whether a number without a unit says how far two others lie apart: "loses 0.016 recall"."""
    before = sentence.passage.text[max(0, figure.start - 30) : figure.start]
    return sentence.passage.shape != "cell" and _JUST_BEFORE.search(before) is not None


def speed_metric(figure: Figure, sentence: Sentence, binding: Binding) -> Binding:
    """`generates tokens 34% faster` is about the rate, though it names the tokens."""
    counted = all(better_of(metric) == "neither" for metric in binding.metrics or ())
    near = sentence.passage.text[figure.end : figure.end + 24]
    if binding.metrics and counted and re.search(r"(?i)\b(?:fast|slow|quick)er\b", near):
        return replace(binding, metrics=("decode_rate",))
    return binding


def states_comparison(figure: Figure, sentence: Sentence, binding: Binding) -> bool:
    """Whether a percentage or a factor compares anything that its sentence tells of."""
    text = sentence.passage.text
    near = text[max(0, figure.start - 60) : figure.end + 40]
    column = sentence.passage.column
    if COMPARING.search(near) or _DELTA.search(column) or sentence.passage.base:
        return True
    return binding.metrics is not None and figure.unit != "x"
