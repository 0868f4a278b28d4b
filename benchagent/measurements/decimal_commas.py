"""Tables whose numbers have a comma before the decimals, as half of the world writes them."""

import re
from collections.abc import Sequence
from typing import Final

# `1.234,5` and `12,5`; `1.234` there is a thousand
_DECIMAL_COMMA: Final = re.compile(r"[+-]?(?:[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]+),[0-9]+")
_GROUPED_BY_POINTS: Final = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:\.[0-9]{3})+")
_DECIMAL_POINT: Final = re.compile(r"[+-]?[0-9]*(?:,[0-9]{3})*\.[0-9]+(?:[eE][+-]?[0-9]+)?")
_GROUPED_BY_COMMAS: Final = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:,[0-9]{3})+")


def write_points(rows: list[list[str]], delimiter: str) -> list[list[str]]:
    """The rows, their numbers with a point where the comma was the decimal sign."""
    if delimiter == "," or not _has_decimal_commas(rows, delimiter):
        return rows
    return [[_write_point(cell) for cell in row] for row in rows]


def _has_decimal_commas(rows: Sequence[Sequence[str]], delimiter: str) -> bool:
    """Whether some number has a comma before its decimals, and none a point.

    Who parts cells by semicolons does so since the comma is taken; a tab proves nothing, so there
    one of the numbers has to be no thousand.
    """
    cells = [cell.strip() for row in rows for cell in row if "," in cell or "." in cell]
    if any(_DECIMAL_POINT.fullmatch(c) and not _GROUPED_BY_POINTS.fullmatch(c) for c in cells):
        return False
    commas = (cell for cell in cells if _DECIMAL_COMMA.fullmatch(cell))
    return any(delimiter == ";" or not _GROUPED_BY_COMMAS.fullmatch(cell) for cell in commas)


def _write_point(cell: str) -> str:
    plain = cell.strip()
    if _DECIMAL_COMMA.fullmatch(plain) or _GROUPED_BY_POINTS.fullmatch(plain):
        return plain.replace(".", "").replace(",", ".")
    return cell
