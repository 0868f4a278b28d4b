"""The tables of a Markdown text, each cell with the line that it stands on.

Write-ups that went through other tools have tables glued to the sentence before them or after
them; a renderer shows those as text, a reader still sees a table, and so do we.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from markdown_it import MarkdownIt

from benchagent.markdown_text import BAR, DASHES, HEADING
from benchagent.measurements.artifact_text import split_lines
from benchagent.measurements.grids import label_columns
from benchagent.quantities.decimal_commas import DecimalComma, mark_commas, write_point
from benchagent.quantities.numbers import parse_number
from benchagent.quantities.units import Unit, find_unit

_MARKUP: Final = re.compile(r"\*\*|__|~~|`|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w)")
_NUMBER: Final = re.compile(r"([0-9][0-9.,]*(?:[eE][+-]?[0-9]+)?)\s*([^0-9]*)")
_LONGEST_ROW: Final = 20_000
# One of these is in whatever hides lines: a fence, HTML, an indented block.
_HIDING: Final = ("```", "~~~", "<", "    ", "\t")


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkdownTable:
    """One table: its columns, and its rows by line.

    Attributes:
        labels: one per column, without markup, all different.
        rows: 1-based line and the cells as found, trimmed; as many cells as there are columns. A
            number whose comma is the decimal sign is a `DecimalComma`.
        shifted: lines with more cells than the table has columns: no telling which is which.
        heading: the heading that it stands under.
    """

    labels: list[str]
    rows: list[tuple[int, list[str]]]
    shifted: list[int]
    heading: str | None


def read_markdown_tables(text: str) -> list[MarkdownTable]:
    """Every table of the text that is not inside a code block or HTML."""
    if "|" not in text:
        return []
    lines = split_lines(text)
    hidden = _hidden_lines(text)
    tables: list[MarkdownTable] = []
    heading = None
    at = 0
    while at < len(lines):
        if at not in hidden and (match := HEADING.match(lines[at])):
            heading = strip_markup(match[1])
        header = None if at in hidden else _find_header(lines, at)
        if header:
            table, at = _read_table(lines, at, header, heading)
            tables.append(table)
        else:
            at += 1
    return tables


def strip_markup(text: str) -> str:
    """A cell or heading without bold, italics and backticks."""
    return _MARKUP.sub("", text).replace("\\|", "|").strip()


def _hidden_lines(text: str) -> set[int]:
    if not any(mark in text for mark in _HIDING):
        return set()
    blocks = MarkdownIt("commonmark").disable(["inline", "reference"]).parse(text)
    hidden: set[int] = set()
    for block in blocks:
        if block.type in {"fence", "code_block", "html_block"} and block.map:
            hidden.update(range(*block.map))
    return hidden


def _find_header(lines: list[str], at: int) -> list[str] | None:
    """The header cells when line `at` is a header: the line below it says so."""
    if at + 1 >= len(lines) or "|" not in lines[at] or len(lines[at + 1]) > _LONGEST_ROW:
        return None
    if not DASHES.fullmatch(lines[at + 1]):
        return None
    width = len(_split_row(lines[at + 1]))
    cells = _split_row(lines[at])
    # the sentence that the table is glued to may hold pipes of its own
    glued = len(cells) > width and not lines[at].lstrip().startswith("|")
    return cells[-width:] if len(cells) == width or glued else None


def _read_table(
    lines: list[str], at: int, header: list[str], heading: str | None
) -> tuple[MarkdownTable, int]:
    rows: list[tuple[int, list[str]]] = []
    shifted: list[int] = []
    width = len(header)
    at += 2
    while at < len(lines) and _is_row(lines, at):
        cells = _split_row(lines[at])
        glued = len(cells) > width and not lines[at].rstrip().endswith("|")
        if len(cells) == width or glued:
            rows.append((at + 1, cells[:width]))
        else:
            shifted.append(at + 1)
        at += 1
    rows = list(zip([line for line, _ in rows], _mark(cells for _, cells in rows), strict=True))
    labels = label_columns([strip_markup(name) for name in header])
    return MarkdownTable(labels=labels, rows=rows, shifted=shifted, heading=heading), at


def _mark(rows: Iterable[list[str]]) -> Iterator[list[str]]:
    """The rows, with numbers whose comma is the decimal sign marked, and without markup, if any is."""
    found = [*rows]
    for row, marked in zip(
        found, mark_commas([list(map(strip_markup, row)) for row in found], "|"), strict=True
    ):
        yield [
            new if isinstance(new, DecimalComma) else old
            for old, new in zip(row, marked, strict=True)
        ]


def _is_row(lines: list[str], at: int) -> bool:
    return "|" in lines[at] and len(lines[at]) <= _LONGEST_ROW and not _find_header(lines, at)


def _split_row(line: str) -> list[str]:
    line = line.strip()
    cells = BAR.split(line)
    if line.startswith("|"):
        cells = cells[1:]
    if line.endswith("|") and not line.endswith("\\|"):
        cells = cells[:-1]
    return [cell.strip() for cell in cells]


class CellNumber(NamedTuple):
    """A cell's number in the canonical unit; `raw_unit` if the cell itself names one."""

    value: float
    unit: str | None
    raw_unit: str | None


def read_cell_number(text: str, unit: Unit | None) -> CellNumber | None:
    """The number of a table cell (`**101.1 tok/s**`), if it is one and its unit certain."""
    match = _NUMBER.fullmatch(strip_markup(write_point(text)))
    if not match:
        return None
    # a tick or cross after the number is not part of its unit
    unit_text = re.sub(r"[^\w/%°]+$", "", match[2]).strip()
    own = find_unit(unit_text) if unit_text else None
    if (unit_text and not own) or (own and unit and own.canonical != unit.canonical):
        return None
    certain = own or unit
    value = parse_number(match[1], unit=certain)
    if certain is None or value is None:
        return None
    return CellNumber(value, certain.canonical, unit_text or None)
