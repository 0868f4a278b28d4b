"""The spellings of units, and what each is worth in its canonical one."""

import re
from functools import lru_cache
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
    **dict.fromkeys(("req/s", "requests/s", "requests/sec", "rps"), Unit("req/s")),
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
    **dict.fromkeys(("images/s", "image/s", "imgs/s", "img/s"), Unit("images/s")),
    **dict.fromkeys(("docs/s", "doc/s", "documents/s", "document/s"), Unit("docs/s")),
    **dict.fromkeys(("sentences/s", "sentence/s"), Unit("sentences/s")),
    **dict.fromkeys(("samples/s", "sample/s"), Unit("samples/s")),
    **dict.fromkeys(("queries/s", "query/s", "qps"), Unit("queries/s")),
    **dict.fromkeys(("frames/s", "frame/s", "fps"), Unit("frames/s")),
    **dict.fromkeys(("steps/s", "step/s"), Unit("steps/s")),
    **dict.fromkeys(("it/s", "its/s", "iterations/s", "iteration/s"), Unit("it/s")),
    **dict.fromkeys(("usd", "$"), Unit("USD")),
    **dict.fromkeys(("usd/1m tokens", "usd/mtok", "usd/m tokens"), Unit("USD/1M tokens")),
    "usd/million tokens": Unit("USD/1M tokens"),
    **dict.fromkeys(("usd/1k tokens", "usd/ktok"), Unit("USD/1M tokens", 3)),
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
    "kj": Unit("J", 3),
    "wh": Unit("J", 0, 3600),
    "kwh": Unit("J", 3, 3600),
    **dict.fromkeys(("j/token", "j/tok", "joules/token", "joule/token"), Unit("J/token")),
    **dict.fromkeys(("j/output token", "joules/output token"), Unit("J/token")),
    **dict.fromkeys(("mj/token", "mj/tok"), Unit("J/token", -3)),
    **dict.fromkeys(("tok/j", "tokens/j", "token/j", "tokens/joule"), Unit("tok/J")),
    **dict.fromkeys(("output tokens/j", "output tokens/joule"), Unit("tok/J")),
    **dict.fromkeys(("°c", "celsius"), Unit("°C")),
    "hz": Unit("Hz"),
    "khz": Unit("Hz", 3),
    "mhz": Unit("Hz", 6),
    "ghz": Unit("Hz", 9),
}

# what one iteration of a benchmark takes
_EACH: Final = re.compile(r"/(?:iter|op)$")
# `images/sec`, `docs per second`, `$/1M tok`, `$ per 1M tokens`
_PER: Final = re.compile(r" ?(?:\bper\b|/) ?")
_SECOND: Final = re.compile(r"/(?:secs?|seconds?)$")
_DOLLARS: Final = re.compile(r"^\$(?=/)")
# In capitals a million of what the small letter is a thousandth of.
_MEGA: Final = re.compile(r"\bM(?:J|Wh)\b")

CANONICAL_UNITS: Final = frozenset(unit.canonical for unit in _SPELLINGS.values())


@lru_cache(maxsize=4096)
def find_unit(text: str) -> Unit | None:
    """The unit that a text spells (`s`, `tokens/s`, `GB`, `ns/iter`), whatever its case.

    Millions of joules are no unit here: whoever writes `MJ` may mean thousandths too.
    """
    spelled = _EACH.sub("", " ".join(text.split()).lower())
    found = _SPELLINGS.get(spelled) or _SPELLINGS.get(_respell(spelled))
    return None if found and spells_mega(text) else found


def spells_mega(text: str) -> bool:
    """Whether a unit is written with the capital of a million where small letters say a thousandth."""
    return _MEGA.search(text) is not None


def _respell(text: str) -> str:
    quotient = _SECOND.sub("/s", _PER.sub("/", text))
    return _DOLLARS.sub("usd", quotient)
