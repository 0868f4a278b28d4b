"""Numbers in prose, each with its unit, its rounding and its exact place.

A digit inside a name (`q4_0`, `gemma3:270m`, `run_12.csv`, "RTX 4080") is no number, nor is a
list's or a section's number. A number in words is one, and so is one in another script.
"""
# ruff: noqa: RUF001 - quotes, dashes and signs are read as people type them

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Final, NamedTuple

from benchagent.quantities.units import Unit
from benchagent.verification.text.letters import find_digit, words_in
from benchagent.verification.text.units import DERIVED, UNITS, spell_unit

_WORDS: Final = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
        "fifteen sixteen seventeen eighteen nineteen".split()
    )
} | {
    word: 10 * value
    for value, word in enumerate(
        "twenty thirty forty fifty sixty seventy eighty ninety hundred".split(), start=2
    )
}
_NUMBER_WORDS: Final = frozenset(_WORDS)
# 1,234,567 and, in lakhs and crores, 12,34,567
_DIGITS: Final = (
    r"(?:\d{1,3}(?:[,'’\u202f\u00a0]\d{3})+(?:\.\d+)?|\d{1,2}(?:,\d{2})+,\d{3}(?:\.\d+)?"
    r"|\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d{1,3})?"
)
# Markup between a number and its unit is blanks by now: "**12.5** ms".
_GAP: Final = r"[\s\u202f\u00a0-]?[ \u00a0]{0,20}"
_NUMBER: Final = re.compile(
    rf"(?=[-+−–$€.\d])(?<![\w.:/\\#@])(?<![A-Za-z_]-)(?P<sign>[-+−–](?=[\d.]))?[$€]?(?P<digits>{_DIGITS})"
    rf"(?P<plus>\+)?(?P<gap>{_GAP})(?P<unit>{UNITS})?(?!\w)(?!/[^\d\s])(?!\.\d)(?!:\d)",
    re.IGNORECASE,
)
_LONGEST_OPENING: Final = len("-$.")  # what a number may begin with before its first digit
_WORD_NUMBER: Final = re.compile(
    r"\b(?P<tens>twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)?"
    rf"(?P<join>[-\s])?\b(?P<one>{'|'.join(sorted(_WORDS, key=len, reverse=True))})\b"
    rf"(?P<hundred>\s+hundred\b)?(?:[\s-](?P<unit>{UNITS}))?",
    re.IGNORECASE,
)
_OTHER_DIGIT: Final = re.compile(r"(?![0-9])\d")
_GROUPED: Final = re.compile(r"[,'’\u202f\u00a0]")
_SIGNED_BEFORE: Final = re.compile(r"[\w)]\s?$")
_HEDGE: Final = re.compile(
    r"(?:≈|~|∼|\b(?:about|approximately|approx\.?|around|roughly|nearly|almost|circa|ca\.?|some|"
    r"close to|hovers? around|on the order of))\s*(?:the\s+|an?\s+)?$",
    re.IGNORECASE,
)
_BOUND: Final = re.compile(
    r"(?P<low>≥|>=|>|\b(?:at least|over|more than|above|exceed(?:s|ing)?|upwards of|no fewer than|"
    r"not less than|greater than|beyond))\s*$|(?P<high>≤|<=|<|\b(?:at most|up to|under|less than|"
    r"below|within|no more than|not more than|fewer than))\s*$",
    re.IGNORECASE,
)
_OF: Final = re.compile(r"[ *)]{1,4}of (?:the )?\W*")
_LONG_TIMES: Final = frozenset("h hour hours min mins minute minutes".split())
_GOES_ON: Final = re.compile(r"\s*(?:,|and)?\s*")
# what a number that is neither "about" nor "at least" often stands behind
_PLAIN_ENDS: Final = ("", ":", "=", "|", "(", ",", ";")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number of a text.

    Attributes:
        start, end: the span in the text given, unit included.
        value: as written, without its unit.
        unit: the unit's spelling, lower case, "" for none.
        step: worth of the last digit shown.
        hedged: said to be about.
        bound: `low` for "at least", `high` for "at most".
        worded: written in words.
        signed: written with its sign, as changes are.
    """

    start: int
    end: int
    value: float
    unit: str
    step: float
    hedged: bool = False
    bound: str = ""
    worded: bool = False
    signed: bool = False

    def known_unit(self) -> Unit | None:
        """The unit as the package knows it."""
        return spell_unit(self.unit)


def find_figures(text: str) -> Iterator[Figure]:
    """The numbers of a masked text, in order."""
    return read_outside((), find_numerals(text))


class Numeral(NamedTuple):
    """A number that was found and not yet read: most stand in names, where nobody reads them."""

    start: int
    end: int
    match: re.Match[str]
    worded: bool


def read_outside(names: Sequence[tuple[int, int]], found: Sequence[Numeral]) -> Iterator[Figure]:
    """Those numbers that stand in no name, none of them twice."""
    last: Figure | None = None
    for start, end, match, worded in found:
        if (last and start < last.end) or _touches(start, end, names):
            continue
        if figure := _read_words(match) if worded else _read(match):
            joined = _join(last, figure, match.string) if last else None
            if last and not joined:
                yield last
            last = joined or figure
    if last:
        yield last


def _join(one: Figure, other: Figure, text: str) -> Figure | None:
    """`10 min 8 s` as the one duration that it is."""
    if one.unit not in _LONG_TIMES or one.step < 1:
        return None
    long, short = one.known_unit(), other.known_unit()
    if not long or not short or short.canonical != "ms":
        return None
    ratio = long.worth / short.worth
    if other.value >= ratio or not _GOES_ON.fullmatch(text, one.end, other.start):
        return None
    return replace(other, start=one.start, value=one.value * ratio + other.value,
                   hedged=one.hedged, bound=one.bound)  # fmt: skip


def _touches(start: int, end: int, spans: Sequence[tuple[int, int]]) -> bool:
    for a, b in spans:  # noqa: SIM110 - a loop takes half the time of `any`, some fifty times a report
        if a < end and start < b:
            return True
    return False


def find_numerals(text: str) -> list[Numeral]:
    """The numbers of a masked text, also those inside names, in order."""
    first = find_digit(text)
    worded = not _NUMBER_WORDS.isdisjoint(words_in(text))
    if first is None and not worded:
        return []
    plain = _plain_digits(text)
    found: list[Numeral] = []
    if first is not None:
        matches = _NUMBER.finditer(plain, max(0, first - _LONGEST_OPENING))
        found += [Numeral(*match.span("digits"), match, worded=False) for match in matches]
    if worded:
        for match in _WORD_NUMBER.finditer(plain):
            start = match.start("tens" if match["tens"] else "one")
            end = match.end("hundred" if match["hundred"] else "one")
            found.append(Numeral(start, end, match, worded=True))
        found.sort(key=itemgetter(0))
    return found


def _plain_digits(text: str) -> str:
    """Digits of any script as ASCII, one for one."""
    if text.isascii() or not _OTHER_DIGIT.search(text):
        return text
    return "".join(
        str(unicodedata.digit(c)) if not c.isascii() and c.isdecimal() else c for c in text
    )


def _read(match: re.Match[str]) -> Figure:
    text = match.string
    digits = _GROUPED.sub("", match["digits"])
    mantissa, _, exponent = digits.lower().partition("e")
    decimals = len(mantissa.partition(".")[2])
    unit = match["unit"] or ""
    start = match.start("digits")
    sign = match["sign"] or ""
    negative = sign in ("-", "−") and not _SIGNED_BEFORE.search(text[: match.start()])
    before = text[max(0, start - 24) : start]
    told = before[-2:].strip() not in _PLAIN_ENDS
    bound = _BOUND.search(before) if told else None
    return Figure(
        start=start,
        end=match.end("unit") if unit else match.end("digits"),
        value=-float(digits) if negative else float(digits),
        unit=" ".join(unit.lower().split()),
        step=10.0 ** (int(exponent or 0) - decimals),
        hedged=(told and _HEDGE.search(before) is not None) or bool(match["plus"]),
        bound="low" if match["plus"] else (bound.lastgroup or "") if bound else "",
        signed=bool(sign) and (negative or sign == "+"),
    )


def _read_words(match: re.Match[str]) -> Figure | None:
    one, tens = match["one"].lower(), match["tens"]
    if tens and not match["join"]:
        return None
    value = _WORDS[one] + (_WORDS[tens.lower()] if tens else 0)
    if one == "hundred" or (tens and _WORDS[one] > 9):
        return None
    if match["hundred"]:
        value *= 100
    unit = match["unit"] or ""
    if unit.lower().startswith("byte"):
        return None  # "byte for byte" and the like
    start = match.start("tens") if tens else match.start("one")
    end = match.end("hundred") if match["hundred"] else match.end("one")
    return Figure(
        start=start,
        end=match.end("unit") if unit else end,
        value=float(value),
        unit=" ".join(unit.lower().split()),
        step=1.0,
        worded=True,
    )


def match_of(figure: Figure, text: str) -> re.Match[str] | None:
    """The "of" behind a quantity: "the 644 s of `x`", where "twice that of `x`" is none of it."""
    return _OF.match(text, figure.end) if figure.unit and figure.unit not in DERIVED else None
