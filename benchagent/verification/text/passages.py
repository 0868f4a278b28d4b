"""A report taken apart as Markdown: headings, sentences, list items, cells and code blocks.

Models write Markdown that no parser accepts whole (a bold run closed but never opened, a table
glued to a sentence), so blocks are told line by line. A passage keeps its place: its `text` has
exactly the length of the span it came from, markup replaced by spaces, so that an offset in the
one is an offset in the other.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from benchagent.markdown_text import HEADING
from benchagent.verification.text.markup import is_label, mask, split_sentences
from benchagent.verification.text.passage import Passage
from benchagent.verification.text.spelling import spell_plainly
from benchagent.verification.text.tables import is_table, read_aligned, read_table, tell_cells

_FENCE: Final = re.compile(r"\s*(`{3,}|~{3,})\s*([\w+-]*)")
_BOLD_HEADING: Final = re.compile(
    r"\s*(?:#+\s*)?(?:\*\*|__)\s*(?:\d+[.)]\s*)?((?:(?!\*\*|__).){2,90}?)\s*:?\s*(?:\*\*|__)\s*:?\s*$"
)
# `… 2781 ## QAT` ends an item and begins a section
_GLUED_HEADING: Final = re.compile(r"(?<=[^\s#`]) (?=#{2,6} [A-Z0-9\d][^#\n]{1,80}$)", re.MULTILINE)
_ITEM: Final = re.compile(r"(\s*)([-*+•]|\d{1,3}[.)])\s+")
# `model: a:7b` over a list
_KEYED: Final = re.compile(
    r"(?:model|subject|file|backend|engine|config\w*)\s*[:=]\s*\S+\s*", re.IGNORECASE
)
_RULE: Final = re.compile(r"\s*(?:-{3,}|\*{3,}|_{3,}|={3,})\s*$")
_UNDERLINE: Final = re.compile(r" {0,3}(?:={3,}|-{3,})\s*")
_COMMENT: Final = re.compile(r"<!--.*?-->", re.DOTALL)


@dataclass(slots=True)
class _Place:
    """Where the walk over the lines is."""

    headings: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    items: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    titles: tuple[str, ...] = ()
    lead: str = ""
    tables: int = 0

    def enter(self, level: int, title: str) -> None:
        self.headings = [known for known in self.headings if known[0] < level]
        self.headings.append((level, title))
        self.titles = tuple([title for _, title in reversed(self.headings)])
        self.items, self.lead = [], ""

    def enter_table(self, lines: list[str], at: int) -> tuple[str, ...]:
        """What a table stands under; a list above it, a blank line between, has ended."""
        self.tables += 1
        if not lines[at].startswith(" ") and at and not lines[at - 1].strip():
            self.items = []
        return self.above()

    def above(self) -> tuple[str, ...]:
        items = tuple([text for _, text in reversed(self.items)])
        return (*items, self.lead) if self.lead else items


def read_passages(text: str) -> Iterator[Passage]:
    """Everything that a report says, in order."""
    if "<!--" in text:
        text = _COMMENT.sub(_keep_lines, text)
    text = spell_plainly(text)
    if " ##" in text:
        text = _GLUED_HEADING.sub("\n", text)
    lines = text.split("\n")
    starts = _line_starts(lines)
    place = _Place()
    at = 0
    while at < len(lines):
        line = lines[at]
        if not line.strip():
            if not place.items and at and lines[at - 1].strip().endswith(":"):
                place.lead = mask(lines[at - 1]).strip()
            at += 1
        elif fence := _FENCE.match(line):
            end = _find_fence_end(lines, at + 1, fence[1])
            yield from _read_fenced(text, lines, starts, at, end, fence[2].lower(), place)
            at = end + 1
        elif heading := _read_heading(line):
            level, title = heading
            place.enter(level, mask(title).strip())
            yield Passage(shape="heading", start=starts[at], text=mask(line), raw=line)
            at += 1
        elif table := read_table(lines, starts, at):
            yield from tell_cells(table, place.titles, place.enter_table(lines, at), place.tables)
            at = table.end
        elif _is_underlined(lines, at):
            place.enter(1 if lines[at + 1].lstrip()[0] == "=" else 2, mask(line).strip())
            yield Passage(shape="heading", start=starts[at], text=mask(line), raw=line)
            at += 2
        elif _RULE.match(line):
            at += 1
        elif "   " in line and (table := read_aligned(lines, starts, at, len(lines))):
            yield from tell_cells(table, place.titles, place.enter_table(lines, at), place.tables)
            at = table.end
        else:
            end = _find_block_end(lines, at)
            yield from _read_block(lines, starts, at, end, place)
            at = end


def _keep_lines(found: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", found[0])


def _line_starts(lines: list[str]) -> list[int]:
    starts: list[int] = []
    at = 0
    for line in lines:
        starts.append(at)
        at += len(line) + 1
    return starts


def _find_fence_end(lines: list[str], at: int, fence: str) -> int:
    while at < len(lines) and not lines[at].strip().startswith(fence):
        at += 1
    return at


def _read_heading(line: str) -> tuple[int, str] | None:
    if "#" in line and (match := HEADING.match(line)):
        return len(line) - len(line.lstrip(" #")), match[1]
    bold = _BOLD_HEADING.match(line) if "**" in line or "__" in line else None
    return (7, bold[1]) if bold else None


def _is_underlined(lines: list[str], at: int) -> bool:
    """Whether the next line makes a heading of this one, alone in its paragraph."""
    alone = at == 0 or not lines[at - 1].strip()
    if not alone or at + 1 == len(lines) or not _UNDERLINE.fullmatch(lines[at + 1]):
        return False
    return not _RULE.match(lines[at]) and not _ITEM.match(lines[at]) and "|" not in lines[at]


def _find_block_end(lines: list[str], at: int) -> int:
    """The line after a paragraph or list item; a lazy continuation belongs to it."""
    end = at + 1
    while (
        end < len(lines)
        and lines[end].strip()
        and not _ITEM.match(lines[end])
        and not _FENCE.match(lines[end])
        and not _read_heading(lines[end])
        and not _RULE.match(lines[end])
        and not is_table(lines, end)
    ):
        end += 1
    return end


def _read_fenced(
    text: str,
    lines: list[str],
    starts: list[int],
    at: int,
    end: int,
    language: str,
    place: _Place,
) -> Iterator[Passage]:
    """A block of code, or the table that stands there for its blanks to be kept."""
    table = read_aligned(lines, starts, at + 1, end) if at + 1 < end else None
    if language in ("", "text", "txt") and table and table.end == end:
        yield from tell_cells(table, place.titles, place.enter_table(lines, at), place.tables)
        return
    first = starts[at + 1] if at + 1 < len(lines) else len(text)
    last = starts[end] - 1 if end < len(lines) else len(text)
    raw = text[first : max(first, last)]
    yield Passage(
        shape="code",
        start=first,
        text=raw,
        raw=raw,
        headings=place.titles,
        above=place.above(),
        language=language,
    )


def _read_block(
    lines: list[str], starts: list[int], at: int, end: int, place: _Place
) -> Iterator[Passage]:
    raw = "\n".join(lines[at:end])
    item = _ITEM.match(raw)
    skip = item.end() if item else len(raw) - len(raw.lstrip())
    indent = len(item[1].expandtabs(4)) if item else len(raw) - len(raw.lstrip())
    if item or indent == 0:
        place.items = [known for known in place.items if known[0] < indent]
    if not item and indent == 0:
        place.items, place.lead = [], ""
    above = place.above()
    body = raw[skip:].lstrip("> ")
    start = starts[at] + len(raw) - len(body)
    masked = ""
    all_masked = mask(body)
    for offset, piece in split_sentences(body):
        before = " ".join(masked.split())
        masked = all_masked[offset : offset + len(piece)]
        yield Passage(
            shape="sentence",
            start=start + offset,
            text=masked,
            raw=piece,
            headings=place.titles,
            above=above,
            before=before,
        )
    if item:
        place.items.append((indent, " ".join(all_masked.split())))
    elif all_masked.rstrip().endswith(":") or is_label(body) or _KEYED.fullmatch(body):
        place.lead = " ".join(all_masked.split())
