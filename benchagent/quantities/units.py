"""The spellings of units, and what each is worth in its canonical one."""

import re
from typing import Final, NamedTuple


class Unit(NamedTuple):
    """A spelling of a unit: what it is worth in its canonical one."""

    canonical: str
    exponent: int = 0
    factor: int = 1

    @property
    def worth(self) -> float:
        """How many canonical units one of these is: 1000.0 of a second."""
        return self.factor * 10.0**self.exponent


_SPELLINGS: Final[dict[str, Unit]] = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), Unit("ms", 3)),
    **dict.fromkeys(("ms", "msec", "millisecond", "milliseconds"), Unit("ms")),
    **dict.fromkeys(("us", "µs", "μs", "usec", "microsecond", "microseconds"), Unit("ms", -3)),
    **dict.fromkeys(("ns", "nsec", "nanosecond", "nanoseconds"), Unit("ms", -6)),
    **dict.fromkeys(("min", "minute", "minutes"), Unit("ms", 3, 60)),
    **dict.fromkeys(
        ("tok/s", "tokens/s", "token/s", "t/s", "tokens/sec", "tok/sec", "tokens/second"),
        Unit("tok/s"),
    ),
    **dict.fromkeys(("jetons/s", "jeton/s"), Unit("tok/s")),
    **dict.fromkeys(("tokens per second", "tokens per sec", "tps"), Unit("tok/s")),
    **dict.fromkeys(("req/s", "requests/s", "requests/sec"), Unit("req/s")),
    **dict.fromkeys(("token", "tokens", "tok"), Unit("tokens")),
    **dict.fromkeys(("char", "chars", "character", "characters"), Unit("chars")),
    **dict.fromkeys(("b", "byte", "bytes"), Unit("bytes")),
    "kb": Unit("bytes", 3),
    "mb": Unit("bytes", 6),
    "gb": Unit("bytes", 9),
    "tb": Unit("bytes", 12),
    "kib": Unit("bytes", 0, 2**10),
    "mib": Unit("bytes", 0, 2**20),
    "gib": Unit("bytes", 0, 2**30),
    "bytes/s": Unit("bytes/s"),
    **dict.fromkeys(("items/s", "ops/s", "ops/sec", "iter/sec"), Unit("items/s")),
    **dict.fromkeys(("usd", "$"), Unit("USD")),
    **dict.fromkeys(("word", "words"), Unit("words")),
    **dict.fromkeys(("words/s", "words/sec"), Unit("words/s")),
    # a number that is known to have no dimension: a loss, a score
    "1": Unit("1"),
    "ratio": Unit("ratio"),
    **dict.fromkeys(("%", "percent", "pct"), Unit("ratio", -2)),
    **dict.fromkeys(("x", "\N{MULTIPLICATION SIGN}"), Unit("ratio")),
    **dict.fromkeys(("w", "watt", "watts"), Unit("W")),
    **dict.fromkeys(("j", "joule", "joules"), Unit("J")),
    **dict.fromkeys(("mj", "millijoule", "millijoules"), Unit("J", -3)),
    **dict.fromkeys(("°c", "celsius"), Unit("°C")),
    "hz": Unit("Hz"),
    "khz": Unit("Hz", 3),
    "mhz": Unit("Hz", 6),
    "ghz": Unit("Hz", 9),
}

# what one iteration of a benchmark takes
_EACH: Final = re.compile(r"/(?:iter|op)$")

CANONICAL_UNITS: Final = frozenset(unit.canonical for unit in _SPELLINGS.values())


def find_unit(text: str) -> Unit | None:
    """The unit that a text spells (`s`, `tokens/s`, `GB`, `ns/iter`), whatever its case."""
    return _SPELLINGS.get(_EACH.sub("", " ".join(text.split()).lower()))
