"""The unit that a header or a label gives to the numbers under it."""

import re
from typing import Final

from benchagent.quantities.metrics import METRICS
from benchagent.quantities.units import Unit
from benchagent.verification.kept import remember
from benchagent.verification.text.figures import spell_unit

_UNIT_IN_HEADER: Final = re.compile(
    r"[(\[]\s*([^()\[\]]*)[)\]]|\bin\s+(ms|s|us|[µμ]s|(?:milli|micro)?seconds|[MGK]i?B)\b"
)
# "[min; max]" tells of no minutes
_STATISTICS: Final = re.compile(r"\s*min\W+max\W*", re.IGNORECASE)
_RATE_IN_HEADER: Final = re.compile(
    r"\btok(?:en)?s?\s*(?:/|per)\s*s(?:ec(?:ond)?)?\b", re.IGNORECASE
)


@remember(4096)
def unit_of(text: str) -> str:
    """The unit that a header or label gives: `TTFT (s)`, `Tokens/s`; empty for none."""
    if match := _RATE_IN_HEADER.search(text):
        return match[0].lower()
    for match in _UNIT_IN_HEADER.finditer(text):
        if _STATISTICS.fullmatch(match[1] or ""):
            continue
        for word in re.split(r"[\s,;-]+", match[1] or match[2] or ""):
            if word and spell_unit(word):
                return word.lower()
        if match[1] and spell_unit(match[1]):
            return match[1].lower()
    return ""


def metrics_in(unit: Unit | None) -> tuple[str, ...]:
    """The metrics that are given in a unit."""
    return tuple(name for name, metric in METRICS.items() if unit and metric.unit == unit.canonical)
