"""Reports that write 12,5 ms and 1.234,5 ms: the comma parts the decimals, the point the thousands."""

import re
from typing import Final

from benchagent.verification.text.figures import UNITS

_ALONE: Final = r"(?<![\w.,:/\\#@-])"
_ENDS: Final = r"(?![.,]?\w)"
# With a unit, or alone in a cell: "1,2" may be a list else.
_TELLING: Final = rf"[\s*`\u202f\u00a0]{{0,3}}(?:(?:{UNITS})|\|)"
_MAYBE: Final = re.compile(r"\d,\d")
_COMMA: Final = re.compile(
    rf"{_ALONE}\d{{1,3}}(?:(?:\.\d{{3}})*,(?:\d\d?|\d{{4,}})|(?:\.\d{{3}})+,\d+){_ENDS}{_TELLING}",
    re.IGNORECASE,
)
_POINT: Final = re.compile(
    rf"{_ALONE}(?:\d+|\d{{1,3}}(?:,\d{{3}})+)\.\d+{_ENDS}{_TELLING}", re.IGNORECASE
)
_NUMBER: Final = re.compile(rf"{_ALONE}(?:\d{{1,3}}(?:\.\d{{3}})+(?:,\d+)?|\d+,\d+){_ENDS}")
_SWAP: Final = str.maketrans(",.", ".,")


def spell_with_points(text: str) -> str:
    """The text, place for place, with decimal points if most of its decimals have commas."""
    if not _MAYBE.search(text):
        return text
    commas = len(_COMMA.findall(text))
    if not commas or commas <= len(_POINT.findall(text)):
        return text
    return _NUMBER.sub(lambda found: found[0].translate(_SWAP), text)
