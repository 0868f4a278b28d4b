"""The row of a table that a column holds all others against: `vs f16`, `Speedup` over a `1.0x`."""

import re
from collections.abc import Sequence
from typing import Final

Cells = tuple[tuple[str, str], ...]

_AGAINST: Final = re.compile(
    r"\b(?:vs\.?|versus|over|against|relative to|compared (?:to|with))\s+(?P<base>.+)",
    re.IGNORECASE,
)
_TELLS_CHANGE: Final = re.compile(
    r"\bvs\b|\bversus\b|baseline|speed-?ups?|\brelative\b|\bchange\b|\bdelta\b|\bsavings?\b|\bsaved\b|Δ",
    re.IGNORECASE,
)
# What stands there in the row itself.
_IS_BASE: Final = re.compile(
    r"\W*(?:base(?:line)?|ref(?:erence)?|1(?:\.0+)?\s?[x×]|[+±]?0(?:\.0+)?\s?%|[-–—])\W*",  # noqa: RUF001
    re.IGNORECASE,
)
_WORD: Final = re.compile(r"\w+(?:\.\w+)?")


def find_base(column: str, rows: Sequence[Cells]) -> Cells:
    """The one row that a column's header names, or in whose cell nothing is gained.

    Args:
        column: the header.
        rows: header and text of every cell of each row.
    """
    told = _AGAINST.search(column)
    named = _words(told["base"]) if told else frozenset[str]()
    by_name = [row for row in rows if named and named <= _words(" ".join(row[0]))] if rows else []
    if len(by_name) == 1:
        return by_name[0]
    if not _TELLS_CHANGE.search(column):
        return ()
    own = [
        row for row in rows if any(header == column and _IS_BASE.fullmatch(c) for header, c in row)
    ]
    return own[0] if len(own) == 1 else ()


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.lower()))
