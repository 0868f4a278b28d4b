"""How units are spelled in prose, and which one a header or a label gives to the numbers under it."""
# ruff: noqa: RUF001 - signs are read as people type them

import re
from typing import Final

from benchagent.quantities.metrics import METRICS
from benchagent.quantities.units import Unit, find_unit
from benchagent.verification.kept import remember

UNITS: Final = (
    r"(?:(?:output|generated|completion)\s+)?tok(?:en)?s?\s*(?:/|per|a(?=\s))\s*(?:s(?:ec(?:ond)?s?)?|min(?:ute)?)\b|t/s\b|tps\b"
    r"|(?:req(?:uest)?s?|words?|ops|images?|imgs?|docs?|documents?|sentences?|samples?|quer(?:y|ies)"
    r"|frames?|steps?|it|iterations?)\s*(?:/|per)\s*s(?:ec(?:ond)?)?\b"
    r"|milliseconds?\b|microseconds?\b|nanoseconds?\b|seconds?\b|secs?\b|minutes?\b"
    # "sd 3.6 min 84" tells a minimum, "3 min 8 s" a time
    r"|mins?\b(?!\s*[:=]?\s*\d[\d.,]*+(?!\s*s(?:ec|\b)))"
    r"|hours?\b|days?\b|weeks?\b|months?\b|years?\b"
    r"|ms\b|[µμu]s\b|ns\b|s\b|h\b|bytes?\b|[kmgt]i?b\b|b\b|percent(?:age\s+points?)?\b|pct\b|%"
    r"|(?:(?:output|prompt|input|completion|generated|total)\s+)?tokens?\b(?!\s*(?:/|per\b))|toks?\b|words?\b|char(?:acter)?s?\b|[kmg]?hz\b|watts?\b|w\b|m?j(?:oules?)?\s*(?:/|per)\s*tok(?:en)?\b|tok(?:en)?s?\s*(?:/|per)\s*j(?:oule)?\b|(?:milli)?joules?\b|[mk]?j\b(?:/[a-z]+)?|k?wh\b|°\s?c\b|x\b|×"
    r"|times\b|-?fold\b"
)
# Units of what was computed from two others.
PERCENT: Final = ("%", "percent", "pct")
TIMES: Final = ("x", "times", "×", "-fold", "fold")
DERIVED: Final = (*PERCENT, *TIMES)
_UNIT_IN_HEADER: Final = re.compile(
    r"[(\[]\s*([^()\[\]]*)[)\]]|\bin\s+(ms|s|us|[µμ]s|(?:milli|micro)?seconds|[MGK]i?B)\b"
)
# "[min; max]" tells of no minutes
_STATISTICS: Final = re.compile(r"\s*min\W+max\W*", re.IGNORECASE)
_RATE_IN_HEADER: Final = re.compile(
    r"\btok(?:en)?s?\s*(?:/|per)\s*s(?:ec(?:ond)?)?\b", re.IGNORECASE
)


@remember(1024)
def spell_unit(text: str) -> Unit | None:
    """The unit that a text spells, also in the ways that prose has for it."""
    plain = " ".join(text.lower().split())
    if plain in TIMES:
        return Unit("ratio")
    plain = plain[plain.rfind(" ") + 1 :] if counts_tokens(plain) else plain
    if plain.startswith(("j/", "mj/")) and find_unit(plain) is None:
        plain = plain.partition("/")[0]
    if plain in ("h", "hour", "hours"):
        return Unit("ms", 3, 3600)
    plain = re.sub(
        r"^(?:(?:output|generated|completion)\s+)?tok(?:en)?s?\s*(?:/|per|a(?=\s))\s*s(?:ec(?:ond)?s?)?$",
        "tok/s",
        plain,
    )
    plain = re.sub(r"^requests? per sec(?:ond)?$", "req/s", plain)
    plain = re.sub(r"^words? per sec(?:ond)?$", "words/s", plain)
    return find_unit(plain)


def counts_tokens(unit: str) -> bool:
    """Whether a unit is a kind of tokens: "output tokens", where "joules per token" is none."""
    return unit.endswith((" tokens", " token")) and " per " not in unit and "/" not in unit


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
