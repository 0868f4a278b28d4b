"""A report in the one spelling that is read, place for place: points, blanks and `~` for homes."""
# ruff: noqa: RUF001 - dashes and signs are read as people type them

import re
from html import unescape
from typing import Final

from benchagent.privacy import hide_homes_in_place
from benchagent.verification.text.units import UNITS

_ALONE: Final = r"(?<![\w.,:/\\#@-])"
_ENDS: Final = r"(?![.,]?\w)"
# With a unit, or alone in a cell: "1,2" may be a list else.
_TELLING: Final = rf"[\s*`\u202f\u00a0]{{0,3}}(?:(?:{UNITS})|\|)"
_MAYBE: Final = re.compile(r"\d,(?:\d\d?(?!\d)|\d{4})|\d\.\d{3},\d")
_COMMA: Final = re.compile(
    rf"{_ALONE}\d{{1,3}}(?:(?:\.\d{{3}})*,(?:\d\d?|\d{{4,}})|(?:\.\d{{3}})+,\d+){_ENDS}{_TELLING}",
    re.IGNORECASE,
)
_POINT: Final = re.compile(
    rf"{_ALONE}(?:\d+|\d{{1,3}}(?:,\d{{3}})+)\.\d+{_ENDS}{_TELLING}", re.IGNORECASE
)
_NUMBER: Final = re.compile(rf"{_ALONE}(?:\d{{1,3}}(?:\.\d{{3}})+(?:,\d+)?|\d+,\d+){_ENDS}")
_ENTITY: Final = re.compile(r"&(?:#\d{1,6}|[a-z]{2,8});", re.IGNORECASE)
# what only LaTeX has: a command with an argument, an escaped per cent, a thin space
_LATEX: Final = re.compile(r"\\(?:text|math|emph|times|pm|sigma|approx|overline)|\\[%,]")
_COMMAND: Final = re.compile(
    r"\\(?:text\w*|math\w+|emph|overline|operatorname|num|SI)\{(?P<argument>[^{}]*(?:\{[^{}]*\}[^{}]*)*)\}"
    r"|\\[a-zA-Z]+|\\[%,;:! ]|\$"
)
_SIGNS: Final = {
    r"\times": "×", r"\pm": "±", r"\approx": "≈", r"\sim": "~", r"\le": "≤", r"\leq": "≤", r"\ge": "≥",
    r"\geq": "≥", r"\sigma": "σ", r"\mu": "µ", r"\to": "→", r"\rightarrow": "→", r"\%": " %",
}  # fmt: skip
_DASHES: Final = re.compile(r"(?<=\d)\s*--\s*(?=\d)")
_SWAP: Final = str.maketrans(",.", ".,")


def spell_plainly(text: str) -> str:
    """The text, as long as it was, in the spelling of the measurements."""
    if "&" in text:
        text = _ENTITY.sub(lambda found: unescape(found[0]).ljust(len(found[0])), text)
    if "\\" in text and _LATEX.search(text):
        text = _spell_latex(text)
    return hide_homes_in_place(_spell_with_points(text))


def _spell_latex(text: str) -> str:
    """What LaTeX sets, as long as its source: of a sign the sign, of a typeface the letters."""
    text = _COMMAND.sub(_blank_command, text)
    return _DASHES.sub(lambda found: "–".center(len(found[0])), text)


def _blank_command(found: re.Match[str]) -> str:
    if found["argument"] is not None:
        inner = _COMMAND.sub(_blank_command, found["argument"])
        return " " * (len(found[0]) - len(inner) - 1) + inner + " "
    return _SIGNS.get(found[0], "").ljust(len(found[0]))


def _spell_with_points(text: str) -> str:
    """With decimal points if most of its decimals have commas: 1.234,5 ms."""
    if not _MAYBE.search(text):
        return text
    commas = len(_COMMA.findall(text))
    if not commas or commas <= len(_POINT.findall(text)):
        return text
    return _NUMBER.sub(lambda found: found[0].translate(_SWAP), text)
