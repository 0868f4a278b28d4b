"""Where the table of a delimited text ends: at the header of another one, which some files have below it.

That header may begin as the first one does, stand below a blank line, or name a unit. The numbers
below it are of its columns, and not of those that the first header names.
"""

import re
from collections.abc import Sequence
from typing import Final

# What stands in place of a number, so that a row of texts is no header.
_NO_NAMES: Final = frozenset(
    "n/a na nan none null - -- ? oom failed fail failure error timeout skipped pending crashed".split()
)
_WORD: Final = re.compile(r"[\s:;,(\[]+")
# A name that is written for a program, or tells a unit.
_OF_HEADERS: Final = frozenset("_([")


def find_end(
    rows: Sequence[Sequence[str]], header: Sequence[str], gaps: Sequence[bool]
) -> int | None:
    """The place of the first row that is the header of another table, if one is.

    Args:
        rows: those below the header.
        header: the names of the columns.
        gaps: of each row, whether the line above it is blank or holds one cell alone.
    """
    first = rows[0] if rows and len(rows[0]) == len(header) else ()
    held = [c for c, cell in enumerate(first) if begins_with_digit(cell.strip())]
    for at, row in enumerate(rows):
        if _begins_alike(row, header) or _begins_other(rows, at, header, held, gap=gaps[at]):
            return at
    return None


def begins_with_digit(text: str) -> bool:
    """Whether a cell begins as a number does."""
    return text.lstrip("+-.")[:1].isdecimal()


def _begins_alike(row: Sequence[str], header: Sequence[str]) -> bool:
    """Whether a row is the header of other columns: it begins as the header does, and is no data."""
    if len(row) < 2 or not header[0] or row[0].strip() != header[0]:
        return False
    names = [cell.strip() for cell in row]
    return names != header and not any(begins_with_digit(name) for name in names)


def _begins_other(
    rows: Sequence[Sequence[str]],
    at: int,
    header: Sequence[str],
    held: Sequence[int],
    *,
    gap: bool,
) -> bool:
    """Whether a row names the columns of the rows below it, in which numbers stood above it."""
    row = rows[at]
    # rows of another width are refused each; most have a number where the first one has
    if len(row) != len(header) or not held or begins_with_digit(row[held[0]].strip()):
        return False
    names, after = [cell.strip() for cell in row], rows[at + 1] if at + 1 < len(rows) else ()
    if len(after) != len(names) or names == header or not _are_names(names):
        return False
    numbered = [c for c in held if begins_with_digit(after[c].strip())]
    told = gap or any(_OF_HEADERS.intersection(names[c]) for c in numbered)
    return bool(numbered) and told


def _are_names(names: Sequence[str]) -> bool:
    """Whether all cells may be names of columns: different texts, none of which says that there is none."""
    alone = len(set(names)) == len(names) and all(names)
    first = (_WORD.split(name.lower(), maxsplit=1)[0] for name in names)
    return alone and _NO_NAMES.isdisjoint(first) and not any(map(begins_with_digit, names))
