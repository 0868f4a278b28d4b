"""Markdown's marks in a line of prose, and where its sentences end."""
# ruff: noqa: RUF001 - quotes, dashes and signs are read as people type them

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

# A capital begins a sentence, and so does the name of a model: "phi4:14b is …"
_GAP: Final = r"[\"'”’)\]*_`]*\s+(?=[\"'“‘(\[*_`]*(?:[A-Z0-9“‘`]|[a-z][\w.-]{0,40}:?\d|[a-z]{2,12}-[a-z]{2,12}\s))"
_SENTENCE_END: Final = re.compile(rf"[.!?](?P<gap>{_GAP})")
# where a paragraph has several lines, a bold label begins a sentence too
_LINE_END: Final = re.compile(rf"(?P<gap>(?<=[.!?]){_GAP}|\s*\n(?=\s*\*\*[^*\n]{{1,60}}:))")
_ABBREVIATION: Final = re.compile(
    r"\b(?:e\.g|i\.e|vs|approx|ca|cf|no|fig|resp|max|min|avg)\.[*_`)]*$", re.IGNORECASE
)
# Nobody breaks lines by hand that are longer.
_WIDEST: Final = 120
_FIRST_WORD: Final = re.compile(r"\s*\S+")
# What no sentence ends with, and what none begins with.
_GOES_ON_AFTER: Final = re.compile(
    r"(?:[,;(\[/&+=–—-]|\b(?:an?|the|and|or|of|to|in|on|at|by|for|with|from|than|is|are|was|were|its|"
    r"about|over|per|as|that|which))\s*$",
    re.IGNORECASE,
)
_GOES_ON: Final = re.compile(
    r"\s*(?:[,;)\]/&+=–—-]|(?:and|or|but|of|to|in|on|at|by|for|with|from|than|is|are|was|were|has|had|"
    r"that|which|while|whereas|as|per|respectively)\b|[\d(])",
    re.IGNORECASE,
)
_LONGEST_LABEL: Final = 160
_LONGEST_END: Final = 24  # an abbreviation with the markup that closes behind it
_MARKUP: Final = re.compile(
    r"(?=[!\[*_~`$<\\])(?:(?P<link>!?\[(?P<label>[^\[\]\n]*)\]\([^()\s]*(?:\s\"[^\"\n]*\")?\))"
    r"|\*{1,3}|(?<!\w)_{1,3}(?=\S)|(?<=\S)_{1,3}(?!\w)|~~|`+|\$(?=\s?[\d.])|(?<=\d)\$|<[/a-zA-Z][^<>\n]{0,200}>|\\(?=[\\`*_{}\[\]<>()#+!|~$&]))"
)
_MARKS: Final = re.compile(r"[*_`\[<~\\$]")
# stars and backticks are markup wherever they stand
_MORE_MARKS: Final = re.compile(r"[_\[<~\\$]")
_STARS: Final = str.maketrans("*`", "  ")


def mask(text: str) -> str:
    """The text with its markup as spaces; a link keeps its label, a comment nothing."""
    if not _MARKS.search(text):
        return text
    if not _MORE_MARKS.search(text):
        return text.translate(_STARS)
    return _MARKUP.sub(_blank, text)


def _blank(found: re.Match[str]) -> str:
    if found["link"] is None:
        return " " * len(found[0])
    label, whole = found["label"], found[0]
    before = whole.index("[") + 1
    return " " * before + mask(label) + " " * (len(whole) - before - len(label))


def is_label(paragraph: str) -> bool:
    """Whether a paragraph only names what the items under it are of: `**a:7b** (runs.csv)`."""
    plain = paragraph.rstrip()
    return (
        plain.startswith(("**", "__"))
        and len(plain) < _LONGEST_LABEL
        and "\n" not in plain
        and not plain.endswith((".", "!", "?", ";", ","))
    )


def split_sentences(text: str) -> Iterator[tuple[int, str]]:
    at = 0
    inner = text[:-1]
    if "\n" not in text and not ("." in inner or "!" in inner or "?" in inner):
        if text.strip():
            yield 0, text.rstrip()
        return
    ends = (_LINE_END if "\n" in text else _SENTENCE_END).finditer(text)
    spans = [found.span("gap") for found in ends]
    if "\n" in text and (broken := _find_broken(text)):
        spans = sorted({*spans, *broken})
    for end, after in spans:
        if end < at or _ABBREVIATION.search(text, max(at, end - _LONGEST_END), end):
            continue
        yield at, text[at:end]
        at = after
    if text[at:].strip():
        yield at, text[at:].rstrip()


def _find_broken(text: str) -> list[tuple[int, int]]:
    """Where a line ends though the next word had room on it: in chats that ends a sentence."""
    lines = text.split("\n")
    if any(line.rstrip().endswith(":") for line in lines):
        return []  # what follows hangs under it
    width = max(map(len, lines))
    found: list[tuple[int, int]] = []
    at = 0
    for line, following in pairwise(lines):
        end, at = at + len(line), at + len(line) + 1
        word = _FIRST_WORD.match(following)
        full = len(line) + 1 + len(word[0].strip() if word else "") > width <= _WIDEST
        if not full and not _GOES_ON_AFTER.search(line) and not _GOES_ON.match(following):
            found.append((end, at + len(following) - len(following.lstrip())))
    return found
