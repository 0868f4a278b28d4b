"""Tables of a report, in Markdown or HTML, as cells that know their row and column."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from benchagent.markdown_text import BAR, DASHES
from benchagent.verification.text.base_rows import Cells, find_base
from benchagent.verification.text.markup import mask
from benchagent.verification.text.passage import Passage

_WORDED: Final = re.compile(r"[^\W\d_]{2}")
# what two blanks or a tab set apart
_FIELD: Final = re.compile(r"\S+(?: \S+)*")
_NUMERAL: Final = re.compile(r"[-+±~]?[\d.,]*\d(?:\s?[%a-zµ/]{1,6})?", re.IGNORECASE)
_RULED: Final = re.compile(r"[\s=+|-]*-{3,}[\s=+|-]*|\s*={3,}[\s=]*")
_FEWEST_COLUMNS: Final = 3
_FEWEST_ROWS: Final = 2
# "min / median / max (s)" over "3 / 5 / 9", "mean [min; max]" over "5 [3; 9]"
_PARTS: Final = re.compile(
    r"\s+/\s+|(?<=[a-z\d])/(?!\s|s\b|sec|min\b)|\s*[\[\];|]\s*", re.IGNORECASE
)
_UNIT_BEHIND: Final = re.compile(r"\s*(?P<unit>[(\[][^()\[\]]{1,8}[)\]])\s*$")
_OPENS: Final = re.compile(r"\s*(?:<div[^<>]*>\s*)?<table\b", re.IGNORECASE)
_CLOSES: Final = re.compile(r"</table\s*>", re.IGNORECASE)
_ROW: Final = re.compile(
    r"<tr\b[^<>]*>(.*?)(?=<tr\b|</t(?:r|body|head|able)\b|$)", re.IGNORECASE | re.DOTALL
)
_CELL: Final = re.compile(
    r"<t[dh]\b[^<>]*>(.*?)(?=<t[dh]\b|</t[dh]\b|$)", re.IGNORECASE | re.DOTALL
)


class Cell(NamedTuple):
    """What stands between two bars, and where in the report."""

    start: int
    raw: str


class Table(NamedTuple):
    """A table with its header apart; `end` is the line after it."""

    header: tuple[str, ...]
    rows: Sequence[Sequence[Cell]]
    end: int


def read_table(lines: list[str], starts: list[int], at: int) -> Table | None:
    """The table that begins in a line, if one does."""
    if is_table(lines, at):
        return _read_bars(lines, starts, at)
    if "<" in lines[at] and _OPENS.match(lines[at]):
        return _read_html(lines, starts, at)
    return None


def is_table(lines: list[str], at: int) -> bool:
    """Whether a table of bars begins in a line: the next one only rules."""
    return (
        "|" in lines[at]
        and at + 1 < len(lines)
        and "-" in lines[at + 1]
        and bool(DASHES.fullmatch(lines[at + 1]))
    )


def read_aligned(lines: list[str], starts: list[int], at: int, stop: int) -> Table | None:
    """A table whose columns blanks set apart, if one begins in a line before `stop`.

    Its header has as many fields as the rows under it, and most fields of these are numbers.
    """
    header = [lines[at][a:b] for a, b in _field_spans(lines[at])]
    if len(header) < _FEWEST_COLUMNS or any(map(_NUMERAL.fullmatch, header)):
        return None
    first = at + 2 if at + 1 < stop and _RULED.fullmatch(lines[at + 1]) else at + 1
    end = first
    while end < stop and _is_aligned(lines[end], len(header)):
        end += 1
    if end - first < _FEWEST_ROWS:
        return None
    rows = [
        [Cell(starts[number] + a, lines[number][a:b]) for a, b in _field_spans(lines[number])]
        for number in range(first, end)
    ]
    return Table(tuple(mask(name).strip() for name in header), rows, end)


def _is_aligned(line: str, columns: int) -> bool:
    fields = [line[a:b] for a, b in _field_spans(line)]
    numbers = sum(1 for text in fields if _NUMERAL.fullmatch(text))
    return len(fields) == columns and 2 * numbers >= columns


def _field_spans(line: str) -> list[tuple[int, int]]:
    return [found.span() for found in _FIELD.finditer(line)]


def _read_bars(lines: list[str], starts: list[int], at: int) -> Table:
    end = at + 2
    while end < len(lines) and "|" in lines[end] and not is_table(lines, end):
        end += 1
    header = [mask(lines[at][a:b]).strip() for a, b in _cell_spans(lines[at])]
    # a table glued to the words before it has them in its first cell
    header = header[-len(_cell_spans(lines[at + 1])) :]
    rows = [
        [Cell(starts[number] + a, lines[number][a:b]) for a, b in _cell_spans(lines[number])]
        for number in range(at + 2, end)
    ]
    return Table(tuple(header), rows, end)


def _read_html(lines: list[str], starts: list[int], at: int) -> Table | None:
    end = at
    while end < len(lines) and not _CLOSES.search(lines[end]):
        end += 1
    if end == len(lines):
        return None
    text, first = "\n".join(lines[at : end + 1]), starts[at]
    rows = [
        [Cell(first + cell.start(1), cell[1]) for cell in _CELL.finditer(text, *row.span(1))]
        for row in _ROW.finditer(text)
    ]
    if not rows:
        return None
    header = tuple(" ".join(mask(cell.raw).split()) for cell in rows[0])
    return Table(header, rows[1:], end + 1)


def tell_cells(
    table: Table, headings: tuple[str, ...], above: tuple[str, ...], number: int
) -> Iterator[Passage]:
    """Each cell that holds something, with what its row and column say of it.

    Args:
        table: as it was read.
        headings: that it stands under.
        above: the items and the lead-in that it hangs under.
        number: which table of the report it is.
    """
    told = [_tell_row(table, found) for found in table.rows]
    bases = [find_base(column, told) for column in table.header]
    for found, cells in zip(table.rows, told, strict=True):
        masked = [mask(cell.raw) for cell in found]
        columns, plain = [header for header, _ in cells], [text for _, text in cells]
        row = _row_label(plain)
        for index, (start, raw) in enumerate(found):
            if not raw.strip():
                continue
            for a, b, column in _tell_apart(masked[index], " ".join(columns[index].split())):
                yield Passage(
                    shape="cell",
                    start=start + a,
                    text=masked[index][a:b],
                    raw=raw[a:b],
                    headings=headings,
                    above=above,
                    before=" ".join(text.strip() for text in masked[1:index]),
                    row=row if plain[index] != row else "",
                    column=column,
                    table=number,
                    cells=cells,
                    base=bases[index] if index < len(bases) else (),
                )


def _tell_row(table: Table, row: Sequence[Cell]) -> Cells:
    """Header and text of every cell of a row."""
    columns = [*table.header, *[""] * (len(row) - len(table.header))]
    plain = [" ".join(mask(cell.raw).split()) for cell in row]
    return tuple(zip(columns, plain, strict=False))


def _tell_apart(cell: str, column: str) -> list[tuple[int, int, str]]:
    """Several numbers of one cell, each with its part of the header; else the cell as it is."""
    unit = _UNIT_BEHIND.search(column)
    names = [name for name in _PARTS.split(column[: unit.start()] if unit else column) if name]
    edges = [0, *(at for found in _PARTS.finditer(cell) for at in found.span()), len(cell)]
    spans = [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if cell[a:b].strip()]
    numbers = all(_NUMERAL.fullmatch(cell[a:b].strip()) for a, b in spans)
    if len(names) < 2 or len(spans) != len(names) or not numbers:
        return [(0, len(cell), column)]
    behind = f" {unit['unit']}" if unit else ""
    lead, comma, first = names[0].rpartition(",")  # "latency, min / max": both are of the latency
    told = [f"{lead}{comma} {name.strip()}{behind}".strip() for name in (first, *names[1:])]
    return [(a, b, name) for (a, b), name in zip(spans, told, strict=True)]


def _row_label(plain: list[str]) -> str:
    """The first cell with a word in it: a number before it only counts the rows."""
    worded = [text for text in plain if _WORDED.search(text)]
    return worded[0] if worded else plain[0] if plain else ""


def _cell_spans(line: str) -> list[tuple[int, int]]:
    bars = [found.start() for found in BAR.finditer(line)]
    left = len(line) - len(line.lstrip())
    right = len(line.rstrip())
    edges = [left - 1, *bars, right]
    spans = [(a + 1, b) for a, b in pairwise(edges)]
    if bars and bars[0] == left:
        spans = spans[1:]
    if bars and bars[-1] == right - 1:
        spans = spans[:-1]
    return spans
