"""What stands behind a word of comparison is what another is compared with, and not what is told of."""

import re
from typing import Final

_WITH: Final = re.compile(
    r"\b(?:than|over|versus|vs\.?|against|instead of|compared (?:to|with)|relative to)\s*"
    r"(?:(?:the|its|plain)\s+)?\W*$",
    re.IGNORECASE,
)
# "as many as X", "of X", "6.6x the decode rate of X", "twice what X does"
_OBJECT: Final = re.compile(
    r"\b(?:as|of|from|behind)\W*(?:(?:the|its|plain)\s+)?\W*$"
    r"|\d\s?(?:x|×|times|-?fold)\s+(?:what|that of|the)\s+\W*$",  # noqa: RUF001
    re.IGNORECASE,
)
_REACH: Final = 40


def is_compared_with(text: str, start: int) -> bool:
    """Whether what begins at a place is what another is compared with: "than X", "instead of 3 s"."""
    return _WITH.search(text[max(0, start - _REACH) : start]) is not None


def is_object(text: str, start: int) -> bool:
    """Whether what begins at a place may be so by a lesser word too: "as fast as X", "3x the X"."""
    return is_compared_with(text, start) or bool(
        _OBJECT.search(text[max(0, start - _REACH) : start])
    )
