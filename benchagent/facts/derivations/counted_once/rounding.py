"""How far a written number may be from the one that it was rounded from."""

import re
from typing import Final

# The digits of a cell that may be bold, in code, or followed by its unit, whatever parts them.
_WRITTEN: Final = re.compile(r"[0-9]+(?:[.,\s'\u2019][0-9]+)*")


def half_step(raw_value: str, value: float) -> float:
    """Half of the last digit that a source wrote, in the unit of `value`."""
    written = _WRITTEN.search(raw_value)
    digits = int(re.sub(r"[^0-9]", "", written[0])) if written else 0
    return 0.5 * abs(value / digits) if digits else 0.0
