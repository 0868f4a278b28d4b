"""The unit in the name of a column, however its writer joined the words.

`ttft_ms`, `Ttft[ms]`, `TTFT (ms)` and `ttftMs` are one name. A unit stands in brackets or is the last
word; `tokens_per_s`, `tok_s` and `tokens/s` are one rate. What could be something else is no unit:
`score_b` is of a variant B and `size_b` counts billions, `level_h` is no time and `size_x` no ratio,
`wall_min` is the least of them, `first_token` is no count. MB are a million bytes, as they say,
though some writers divide by 1024 twice; a `…_mib` is never read as one.
"""

import re
from functools import lru_cache
from typing import Final, NamedTuple

from benchagent.quantities.translated_names import translate
from benchagent.quantities.units import Unit, find_unit

_JOINS: Final = re.compile(r"[\s_,-]+")
# also the wide ones of Chinese and Japanese
_BRACKETS: Final = re.compile(
    r"(.*?)\s*[(\[\uff08](?:in\s+)?([^()\[\]\uff08\uff09]+)[)\]\uff09]\s*"
)
# `ttftMs`, `evalDurationNs`; the capitals of `GiB`, `kHz` and `kWh` begin no word
_CAMEL_CASE: Final = re.compile(r"[a-z]+[A-Z0-9][a-zA-Z0-9]*")
_WORD_IN_CAMEL_CASE: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])(?!B$|Hz$)(?!(?<=^k)Wh$)")
# What is done in a time: a second after it divides, in `mb_s` and `images_s` too.
_DONE: Final = (
    "tok|tokens?|req|requests?|words?|chars?|bytes|[kmgt]?i?b|[kmg]?bits?|ops?|it|iters?|"
    "iterations?|steps?|imgs?|images?|frames?|samples?|items?|rows?|lines?|files?|docs?|pages?|"
    "quer(?:y|ies)|calls?|messages?|events?|documents?|sentences?"
)
_RATE: Final = re.compile(
    rf"(?:(?P<before>.*)_)?(?:(?P<done>(?:{_DONE})(?=/|_)|t(?=/))(?P<per>/|_per_|_)(?:s|secs?|seconds?)|tps)"
)
# `time_to_first_token_s` are seconds, and no tokens in one.
_OF_ONE_TOKEN: Final = re.compile(r".*(?:^|_)(?:first|per|per_output)_token_(?:s|secs?|seconds?)")
# Of one letter these are units at the end of a name, and these words are none there.
_LETTERS: Final = {"s": "s", "w": "w", "j": "j", "c": "°c", "$": "$"}
_NO_UNITS: Final = frozenset(
    ("min", "token", "char", "character", "word", "byte", "second", "minute", "1")
)
# What is done in these is often left to a short name: `tok_s`, `req_s`.
_SHORT_RATES: Final = frozenset(("tok/s", "req/s", "words/s", "items/s", "bytes/s"))
# A quantity that is counted is named by its unit.
_COUNTED: Final = frozenset(("tok", "tokens", "chars", "characters", "words", "ratio"))


class NamedUnit(NamedTuple):
    """A unit that ends a name, and the words before it.

    Attributes:
        before: empty where the name is a unit and nothing else.
        spelled: as `find_unit` reads it.
        quantity: what was measured, the unit left out unless the quantity is named by it, as in
            `output_tokens` and `requests_per_s`.
    """

    before: str
    spelled: str
    unit: Unit
    quantity: str


@lru_cache(maxsize=4096)
def join_words(name: str) -> str:
    """The words of a name in lower case, joined alike whatever stands between them."""
    name = name.strip()
    if _CAMEL_CASE.fullmatch(name):
        name = _WORD_IN_CAMEL_CASE.sub("_", name)
    # only what stands for a space: in `TTFT \u0394` the sign makes it another quantity
    words = _JOINS.sub("_", name.lower().rstrip("?")).strip("_")
    return translate(words)


def split_brackets(name: str) -> tuple[str, str | None]:
    """A name and what stands in brackets behind it."""
    match = _BRACKETS.fullmatch(name.strip())
    # `speed/(tok/s)`, as physicists head their columns
    return (match[1].rstrip("/ "), match[2].strip()) if match else (name, None)


@lru_cache(maxsize=4096)
def find_named_unit(words: str) -> NamedUnit | None:
    """The unit that ends a name of joined words, if one does."""
    if (match := _RATE.fullmatch(words)) and not _OF_ONE_TOKEN.fullmatch(words):
        done = match["done"]
        of_tokens = done is None or done == "t" or done.startswith("tok")
        spelled = "tok/s" if of_tokens else f"{done}/s"
        unit = find_unit(spelled)
        # `images_s` may be the seconds that they took
        told = match["per"] != "_" or (unit is not None and unit.canonical in _SHORT_RATES)
        return NamedUnit(match["before"] or "", spelled, unit, words) if unit and told else None
    before, _, spelled = words.rpartition("_")
    before = before.removesuffix("_in")
    if spelled.endswith("%"):  # nothing need stand before the sign
        before, spelled = words[:-1].rstrip("_"), "%"
    elif len(spelled) == 1:
        spelled = _LETTERS.get(spelled, "") if before else ""
    unit = None if spelled in _NO_UNITS else find_unit(spelled)
    if unit is None or before.rpartition("_")[2] == "per":
        return None
    return NamedUnit(before, spelled, unit, words if spelled in _COUNTED else before)
