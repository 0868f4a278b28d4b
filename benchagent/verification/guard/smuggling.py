"""Numbers that a sentence could hold beside its references: in words, signs, other scripts.

A model's sentence brings its figures as references alone. What else says how much, or changes what
a reference says (a sign before it, a unit after it, "up to"), is a figure that nobody computed.
"""

import re
import unicodedata

from benchagent.references import REFERENCE
from benchagent.verification.guard.lexicon import (
    BOUNDS,
    FOREIGN_NUMBERS,
    NUMBER_PARTS,
    NUMBER_WORDS,
    QUANTIFIERS,
    SCALES,
    UNITS,
)

QUOTED = re.compile(r"`([^`]*)`")
WORD = re.compile(r"[^\W\d_]+(?:[-'][^\W\d_]+)*")
# Punctuation of prose beside ASCII letters and those of Latin-1; all else can draw a number.
_PLAIN = frozenset(" .,;:!?'\"()-/%&\N{EN DASH}\N{EM DASH}\N{LEFT DOUBLE QUOTATION MARK}"
                   "\N{RIGHT DOUBLE QUOTATION MARK}\N{HORIZONTAL ELLIPSIS}")  # fmt: skip
_ROMAN = re.compile(
    r"(?=[MDCLXVI])M{0,4}(?:CM|CD|D?C{0,4})(?:XC|XL|L?X{0,4})(?:IX|IV|V?I{0,4})", re.IGNORECASE
)
_ROMAN_WORDS = frozenset("i mix di mi xi vi dim mid did lid mild ill".split())
_UNIT_SIGN = re.compile(
    r"(?<![\w/])(?:tok(?:ens?)?/s(?:ec)?|t/s|tps|[mnµu]s|[kmgt]i?b|[kmg]?hz|%|x)(?!\w)",
    re.IGNORECASE,
)
_BOUND = re.compile(rf"\b({'|'.join(sorted(BOUNDS, key=len, reverse=True))}) ?$", re.IGNORECASE)
_BEFORE = re.compile(r"(?:^|[\s(\"'])$")
_AFTER = re.compile(r"^(?:[\s.,;:!?)\"']|$)")


def find_smuggled(text: str, stated: str) -> str | None:
    """Why a sentence says a number of its own; None where it does not.

    Args:
        text: the sentence, its references as `{F…}`, NFKC.
        stated: what the findings state, without names: words that stand there say nothing new.
    """
    prose = QUOTED.sub(" ", REFERENCE.sub(" ", text))
    known = words_in(stated)
    return (
        _figure(prose)
        or _stranger(prose)
        or _number_word(prose, known)
        or _roman(prose, stated)
        or _lone_unit(prose, stated)
        or _changed_reference(text, stated)
    )


def words_in(text: str) -> frozenset[str]:
    """The words of a text, casefolded, `n't` apart."""
    return frozenset(word.casefold() for word in WORD.findall(text.replace("n't", " n't ")))


def _figure(prose: str) -> str | None:
    digits = [character for character in prose if character.isnumeric()]
    return f"{digits[0]!r} is a figure of its own" if digits else None


def _stranger(prose: str) -> str | None:
    for character in prose:
        is_letter = character.isalpha() and ord(character) < 0x180
        if not is_letter and character not in _PLAIN:
            name = unicodedata.name(character, "a character without a name")
            return f"{character!r} ({name}) is no letter or mark of plain prose"
    return None


def _number_word(prose: str, known: frozenset[str]) -> str | None:
    for word in sorted(words_in(prose) - known):
        parts = {word, *re.split(r"[-']", word)}
        if parts & (NUMBER_WORDS | FOREIGN_NUMBERS) or NUMBER_PARTS.fullmatch(word):
            return f"{word!r} is a figure in words"
        if word in QUANTIFIERS:
            return f"{word!r} says how many, and the finding does not"
    return None


def _roman(prose: str, stated: str) -> str | None:
    known = set(WORD.findall(stated))
    for word in WORD.findall(prose):
        numeral = _ROMAN.fullmatch(word) and word not in known
        if numeral and (word.isupper() or word.casefold() not in _ROMAN_WORDS):
            return f"{word!r} is a figure in Roman numerals"
    return None


def _lone_unit(prose: str, stated: str) -> str | None:
    """A unit stands with a figure, and figures bring their own."""
    for found in _UNIT_SIGN.finditer(prose):
        if found[0] == "%":
            return "it holds a percent sign without a figure"
        if not re.search(rf"(?<!\w){re.escape(found[0])}(?!\w)", stated):
            return f"{found[0]!r} is a unit without a figure"
    return None


def _changed_reference(text: str, stated: str) -> str | None:
    """Something at a reference that makes another number of it."""
    known = words_in(stated)
    for found in REFERENCE.finditer(text):
        before, after = text[: found.start()], text[found.end() :]
        if not _BEFORE.search(before) or not _AFTER.search(after):
            return "a sign stands at a figure and changes it"
        following = re.match(r"\s*([^\W\d_]+)", after)
        if following and following[1].casefold() in (UNITS | SCALES) - known:
            return f"{following[1]!r} after a figure changes it"
        bound = _BOUND.search(before)
        if bound and bound[1].casefold() not in stated.casefold():
            return f"{bound[1]!r} before a figure changes it"
    return None
