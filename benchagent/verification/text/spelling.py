"""A report in the one spelling that is read, place for place: points, blanks and `~` for homes."""

import re
from html import unescape
from typing import Final

from benchagent.privacy import hide_homes_in_place
from benchagent.verification.text.figures import UNITS

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
_SWAP: Final = str.maketrans(",.", ".,")


def spell_plainly(text: str) -> str:
    """The text, as long as it was, in the spelling of the measurements."""
    if "&" in text:
        text = _ENTITY.sub(lambda found: unescape(found[0]).ljust(len(found[0])), text)
    return hide_homes_in_place(_spell_with_points(text))


def _spell_with_points(text: str) -> str:
    """With decimal points if most of its decimals have commas: 1.234,5 ms."""
    if not _MAYBE.search(text):
        return text
    commas = len(_COMMA.findall(text))
    if not commas or commas <= len(_POINT.findall(text)):
        return text
    return _NUMBER.sub(lambda found: found[0].translate(_SWAP), text)
