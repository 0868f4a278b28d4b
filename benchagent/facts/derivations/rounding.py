"""How far a written number may be from the one that it was rounded from."""

import re
from typing import Final

from benchagent.quantities.numbers import parse_number, rounding_of

# The number of a cell that may be bold, in code, or followed by its unit.
_WRITTEN: Final = re.compile(r"[+-]?[0-9][0-9,]*(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")


def half_step(raw_value: str, value: float) -> float:
    """Half of the last digit that a source wrote, in the unit of `value`."""
    number = _WRITTEN.search(raw_value)
    text = number[0].replace(",", "") if number else ""
    written = parse_number(text) if text else None
    if not written:
        return 0.0
    return abs(value / written) * rounding_of(text)
