"""What stands behind a word of comparison is what another is compared with, and not what is told of."""

import re
from typing import Final

_WITH: Final = re.compile(
    r"\b(?:than|over|versus|vs\.?|against|instead of|compared (?:to|with)|relative to)\s*"
    r"(?:(?:the|its|plain)\s+)?\W*$",
    re.IGNORECASE,
)
_REACH: Final = 40


def is_compared_with(text: str, start: int) -> bool:
    """Whether what begins at a place is what another is compared with: "than X", "instead of 3 s"."""
    return _WITH.search(text[max(0, start - _REACH) : start]) is not None
