"""Numbers that have a comma before the decimals, as half of the world writes them.

Whether `12,345` is twelve or twelve thousand, a table tells by its other cells. So a cell of such a
table stays the text that it is, and carries how its number is read.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from benchagent.quantities.units import find_unit

# `1.234,5` and `12,5`, and `1 234,5` as the French write it; `1.234` there is a thousand
_THOUSANDS: Final = r"[1-9][0-9]{0,2}(?:%s[0-9]{3})+"
_SPACED: Final = _THOUSANDS % "[ \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]"
_POINTED: Final = _THOUSANDS % r"\."
_DECIMAL_COMMA: Final = re.compile(
    rf"[+-]?(?:{_POINTED}|{_SPACED}|[0-9]+),[0-9]+(?:[eE][+-]?[0-9]+)?"
)
_GROUPED_BY_POINTS: Final = re.compile(rf"[+-]?(?:{_POINTED}|{_SPACED})")
_DECIMAL_POINT: Final = re.compile(r"[+-]?[0-9]*(?:,[0-9]{3})*\.[0-9]+(?:[eE][+-]?[0-9]+)?")
_GROUPED_BY_COMMAS: Final = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:,[0-9]{3})+")
# A number, what it may be off by, and the unit of both.
_NUMBER: Final = r"[+-]?[0-9](?:[0-9.,\s]*[0-9])?(?:[eE][+-]?[0-9]+)?"
_CELL: Final = re.compile(rf"\s*({_NUMBER})(?:\s*(?:±|\+/-|\+-)\s*({_NUMBER}))?\s*([^0-9]*)")
_LONGEST_CELL: Final = 80
# Most cells are such a number and nothing else.
_BARE: Final = re.compile(r"[0-9]{1,20},[0-9]{1,20}")


class DecimalComma(str):
    """A text as it stands, whose number has a comma before its decimals, and points only between thousands."""

    __slots__ = ()


def write_point(text: str) -> str:
    """The text with its decimals behind a point and no thousands parted, if a comma stands there."""
    if not isinstance(text, DecimalComma):
        return text
    if _BARE.fullmatch(text):
        return text.replace(",", ".")
    match = _CELL.fullmatch(text)
    if match is None:
        return str(text)
    number, spread, unit = (part or "" for part in match.groups())
    parts = (_rewrite(number), "±" if spread else "", _rewrite(spread), unit.strip())
    return " ".join(part for part in parts if part)


def _rewrite(number: str) -> str:
    return re.sub(r"[.\s]", "", number).replace(",", ".")


def mark_commas(rows: list[list[str]], delimiter: str) -> list[list[str]]:
    """The rows, their numbers marked where the table shows that its comma is the decimal sign.

    A column with decimal points (`driver`: 550.54) stays as it is.
    """
    pointed = _find_pointed(rows, delimiter)
    if pointed is None:
        return rows
    return [
        [
            DecimalComma(cell) if at not in pointed and _is_marked(cell) else cell
            for at, cell in enumerate(row)
        ]
        for row in rows
    ]


def _find_pointed(rows: Sequence[Sequence[str]], delimiter: str) -> set[int] | None:
    """The columns with decimal points, of a table whose others have commas; None of any other table.

    Who parts cells by semicolons does so since the comma is taken; any other sign proves nothing,
    and neither does it beside points: there one of a column's numbers has to be no thousand.
    """
    with_points: set[int] = set()
    with_commas: set[int] = set()
    may_have_commas = False
    for row in rows:
        for at, cell in enumerate(row):
            if "," not in cell and "." not in cell:
                continue
            for number in _numbers_in(cell):
                if _DECIMAL_COMMA.fullmatch(number):
                    may_have_commas = True
                    if not _GROUPED_BY_COMMAS.fullmatch(number):
                        with_commas.add(at)
                elif _DECIMAL_POINT.fullmatch(number) and not _GROUPED_BY_POINTS.fullmatch(number):
                    with_points.add(at)
    if not with_points:
        shown = bool(with_commas) or (may_have_commas and delimiter == ";")
    else:
        shown = len(with_commas - with_points) > len(with_points)
    return with_points if shown else None


def find_open(cells: Sequence[object]) -> list[int]:
    """Which cells of a column have a comma of unknown meaning: one of them is between no thousands.

    Nobody groups `0,260`, so beside it `1,260` may be little more than one as well. Where the table
    shows that its comma is the decimal sign, none is open.
    """
    places = [
        at
        for at, cell in enumerate(cells)
        if isinstance(cell, str) and not isinstance(cell, DecimalComma) and "," in cell
    ]
    numbers = [number for at in places for number in _numbers_in(str(cells[at]))]
    decimal = any(
        _DECIMAL_COMMA.fullmatch(number) and not _GROUPED_BY_COMMAS.fullmatch(number)
        for number in numbers
    )
    return places if decimal else []


def _is_marked(cell: str) -> bool:
    """Whether a cell is a number that is read in another way than where the point is the sign."""
    if cell.isalnum() or _BARE.fullmatch(cell):
        return not cell.isalnum()
    numbers = [number for number in _numbers_in(cell) if not number.isdecimal()]
    return bool(numbers) and all(
        _DECIMAL_COMMA.fullmatch(number) or _GROUPED_BY_POINTS.fullmatch(number)
        for number in numbers
    )


def _numbers_in(cell: str) -> Iterator[str]:
    """The number of a cell and its spread, if the cell is that and a unit."""
    if _BARE.fullmatch(cell):
        yield cell
        return
    match = _CELL.fullmatch(cell) if len(cell) <= _LONGEST_CELL else None
    if match is not None and (not match[3] or find_unit(match[3])):
        yield from (number for number in match.groups()[:2] if number)
