"""Cheap looks at a text, taken once and asked again and again before dear patterns run."""

import re
from collections import defaultdict
from collections.abc import Iterable
from string import ascii_lowercase
from typing import Final

from benchagent.verification.kept import remember

# all but the letters a to z as blanks
_LETTERS: Final = bytes(code if chr(code) in ascii_lowercase else ord(" ") for code in range(256))
_DIGIT: Final = re.compile(r"\d")
_WORD: Final = re.compile(r"[a-z][a-z0-9]*")
_POINTED: Final = re.compile(r"(?<=[a-z])[._-](?=[a-z])", re.IGNORECASE)
# Of a shorter name the letters may as well stand in "e.g." or "a.m.".
_SHORTEST_POINTED: Final = 6
_JOINED: Final = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)+")


def in_lower_case(text: str) -> str:
    """The text in lower case and of the same length: a place in the one is one in the other."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(character.lower()[0] for character in text)  # a Turkish İ becomes two


@remember(2048)
def words_in(text: str) -> frozenset[str]:
    """The runs of ASCII letters in a text, in lower case."""
    letters = text.lower().encode("ascii", "replace").translate(_LETTERS)
    return frozenset(letters.decode("ascii").split())


def spell_pointed(run: str) -> str:
    """A pattern of a run of letters, also where points part it: `llamacpp` is `llama.cpp`."""
    pointed = run.isalpha() and len(run) >= _SHORTEST_POINTED
    return "[._-]?".join(run) if pointed else re.escape(run)


def join_by_beginning(patterns: Iterable[tuple[str, str]]) -> str:
    """One pattern of many, each with the character that it begins with, "" for any.

    Those that begin alike are one alternative, or every word of a text is held against each.
    """
    found: dict[str, list[str]] = defaultdict(list)
    for first, pattern in patterns:
        found[first].append(pattern)
    anywhere = found.pop("", [])
    alike = (rf"(?={re.escape(first)})(?:{'|'.join(own)})" for first, own in found.items())
    return "|".join([*anywhere, *alike])


def unpointed(text: str) -> str:
    """A text without the points inside of words."""
    return _POINTED.sub("", text)


@remember(4096)
def joined_words_in(text: str) -> frozenset[str]:
    """Words with their digits, in lower case, also those that underscores join: `eval_count`."""
    lower = text.lower()
    joined = _JOINED.findall(lower) if "_" in lower else ()
    return frozenset((*_WORD.findall(lower), *joined))


@remember(2048)
def find_digit(text: str) -> int | None:
    """Where the first digit of any script stands."""
    found = _DIGIT.search(text)
    return found.start() if found else None


def has_digits(text: str) -> bool:
    """Whether a digit of any script stands in a text."""
    return find_digit(text) is not None
