"""Markdown's marks in a line of prose, and where its sentences end."""
# ruff: noqa: RUF001 - quotes, dashes and signs are read as people type them

import re
from collections.abc import Iterator
from typing import Final

_GAP: Final = r"[\"'”’)\]*_`]*\s+(?=[\"'“‘(\[*_`]*[A-Z0-9“‘`])"


_SENTENCE_END: Final = re.compile(rf"[.!?](?P<gap>{_GAP})")


# where a paragraph has several lines, a bold label begins a sentence too
_LINE_END: Final = re.compile(rf"(?P<gap>(?<=[.!?]){_GAP}|\s*\n(?=\s*\*\*[^*\n]{{1,60}}:))")


_ABBREVIATION: Final = re.compile(
    r"\b(?:e\.g|i\.e|vs|approx|ca|cf|no|fig|resp|max|min|avg)\.[*_`)]*$", re.IGNORECASE
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
    for found in (_LINE_END if "\n" in text else _SENTENCE_END).finditer(text):
        end = found.start("gap")
        if _ABBREVIATION.search(text, max(at, end - _LONGEST_END), end):
            continue
        yield at, text[at:end]
        at = found.end()
    if text[at:].strip():
        yield at, text[at:].rstrip()
