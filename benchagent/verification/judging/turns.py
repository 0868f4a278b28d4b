"""Whether a percentage tells by how much something fell or rose: it is of what there was before."""

import re
from typing import Final, Literal

from benchagent.verification.text.figures import Figure
from benchagent.verification.text.multiples import COSTS, FALLS
from benchagent.verification.text.sentence import Sentence
from benchagent.verification.text.units import PERCENT

# A fall and a rise are told in percent of what there was before.
_FALLS: Final = re.compile(rf"\b(?:{FALLS}|{COSTS})\b", re.IGNORECASE)
_RISES: Final = re.compile(
    r"\b(?:increas\w+|rais\w+|ris(?:es?|ing)|rose|gr[eo]w\w*|climb\w*|gain\w*|jump\w*)\b",
    re.IGNORECASE,
)
# What is more or less by a part is so of what it is held against; a speed may be told of a time.
_LESS: Final = re.compile(r"\s*(?:less|lower|fewer|shorter|smaller)\b", re.IGNORECASE)
_MORE: Final = re.compile(r"\s*(?:more|higher|greater|longer|larger|bigger)\b", re.IGNORECASE)
_SLOWER: Final = re.compile(r"\s*slower\b", re.IGNORECASE)
_QUICKER: Final = re.compile(r"\s*(?:faster|quicker)\b", re.IGNORECASE)
_CLAUSE_ENDS: Final = re.compile(r"[.;]\s")
_GOES_ON: Final = re.compile(r"[,;:.]|\b(?:and|but|while)\b")
_REACH: Final = 90

Turn = Literal["fall", "rise"]


def find_turn(figure: Figure, sentence: Sentence, *, of_rate: bool) -> Turn | None:
    """Whether a percentage tells by how much something fell or rose, where only one may be meant."""
    if figure.unit not in PERCENT or sentence.passage.shape == "cell":
        return None
    text = sentence.passage.text
    if _LESS.match(text, figure.end) or (of_rate and _SLOWER.match(text, figure.end)):
        return "fall"
    if _MORE.match(text, figure.end) or (of_rate and _QUICKER.match(text, figure.end)):
        return "rise"
    near = _CLAUSE_ENDS.split(text[max(0, figure.start - _REACH) : figure.start])[-1]
    near += _GOES_ON.split(text[figure.end : figure.end + 24])[0]
    falls, rises = _FALLS.search(near), _RISES.search(near)
    if bool(falls) == bool(rises):
        return None
    return "fall" if falls else "rise"
