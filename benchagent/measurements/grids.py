"""A delimited text as a grid, with columns of the same name kept apart."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from benchagent.measurements.artifact_text import Unreadable
from benchagent.measurements.header_groups import join_groups
from benchagent.measurements.header_rows import join_header
from benchagent.measurements.table_ends import begins_with_digit, find_end
from benchagent.quantities.decimal_commas import mark_commas

_LONGEST_LINE: Final = 4_000_000
_MOST_COLUMNS: Final = 10_000
_MOST_PROSE: Final = 20
# A title, or what it is of and that: `Date | 2026-01-17`.
_MOST_IN_TITLE: Final = 2
_FEWEST_CELLS: Final = 2
_LOOKED_AT: Final = 200
# A comment, and what tells Excel how the cells are parted.
_ABOVE: Final = ("#", "sep=")
_NUMBER_OF_COLUMN: Final = re.compile(r"#[0-9]+'*$")
_DELIMITERS: Final = frozenset(",;\t|")


def label_columns(header: Sequence[str]) -> list[str]:
    """A name for each column that no other has: `x`, `x#2` for the second `x`, `#3` if nameless."""
    labels: list[str] = []
    taken = set(header)
    seen: dict[str, int] = {}
    for place, name in enumerate(header, start=1):
        count = seen[name] = seen.get(name, 0) + 1
        label = name if name and count == 1 else f"{name}#{count if name else place}"
        while label != name and label in taken:
            label += "'"
        taken.add(label)
        labels.append(label)
    return labels


def header_of(label: str) -> str:
    """The name in the header that `label_columns` made this label of."""
    return _NUMBER_OF_COLUMN.sub("", label)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A delimited file: its columns and its records, the first of which is row 1.

    Attributes:
        labels: one per column, all different (`label_columns`).
        rows: every record after the header; blank lines are none.
        damage: why the reading stopped before the end of the file, if it did.
    """

    labels: list[str]
    rows: list[list[str]]
    damage: str | None = None

    def refuse_row(self, row: Sequence[str]) -> str | None:
        """Why a row cannot be read, or None where it can."""
        if len(row) != len(self.labels):
            wanted = f"the header has {len(self.labels)}"
            return f"{len(row)} cells, {wanted}: no telling which is which"
        again = all(cell.strip() == label for cell, label in zip(row, self.labels, strict=True))
        return "the header again" if again else None


def read_grid(text: str) -> Grid | Unreadable:
    """A delimited text as a grid: comma, semicolon, tab or bar, comments or prose above the header.

    Of several tables below each other it is the first; a header may have several rows. Where the
    comma is the decimal sign, its numbers are `DecimalComma`s.
    """
    delimiter = _find_delimiter(text)
    reader = csv.reader(_bounded_lines(text), delimiter=delimiter)
    rows: list[list[str]] = []
    gaps: list[bool] = []
    damage = None
    gap = False
    try:
        for row in reader:
            if row:
                rows.append(row)
                gaps.append(gap)
            # a title alone parts tables as a blank line does
            gap = _count_filled(row) < _FEWEST_CELLS
    except csv.Error as error:
        damage = f"line {reader.line_num}: {error}"
    while rows and rows[0][0].startswith(_ABOVE):
        rows.pop(0)
    rows = _join_groups(rows, _count_prose(rows))
    if not rows:
        if damage:
            return Unreadable(damage)
        return Unreadable("empty: no header, no records", code="empty")
    if len(rows[0]) > _MOST_COLUMNS:
        return Unreadable(f"{len(rows[0]):,} columns; a table has at most {_MOST_COLUMNS:,}")
    header, rows = join_header([name.strip() for name in rows[0]], rows[1:])
    end = find_end(rows, header, gaps[len(gaps) - len(rows) :])
    if end is not None:
        damage = f"another table begins below row {end}"
        rows = rows[:end]
    if delimiter != "," or '"' in text:
        rows = mark_commas(rows, delimiter)
    return Grid(labels=label_columns(header), rows=rows, damage=damage)


def _join_groups(rows: list[list[str]], prose: int) -> list[list[str]]:
    """The rows from the header on, which names the groups that stand above it or in its place.

    A third row of names is that of a tool, which reads its own.
    """
    for at in range(max(prose - 1, 0), prose + 1):
        numbered = any(map(begins_with_digit, next(iter(rows[at + 2 : at + 3]), ())))
        if numbered and (header := join_groups(rows[at], rows[at + 1])):
            return [header, *rows[at + 2 :]]
    return rows[prose:]


def _count_prose(rows: Sequence[Sequence[str]]) -> int:
    """The rows above the header, where the first is no header: what most rows below are as wide as.

    `Load Average: 1.61, 1.87, 1.58` may stand there too, so that a comma makes no header. A sheet
    fills its titles up with blank cells, which are no width.
    """
    if not rows:
        return 0
    if len(rows[0]) > 1:
        return _count_titles(rows)
    widths = [len(row) for row in rows]
    for at, width in enumerate(widths[:_MOST_PROSE]):
        below = widths[at + 1 :]
        if width > 1 and 2 * below.count(width) > len(below):
            return at
    return 0


def _count_titles(rows: Sequence[Sequence[str]]) -> int:
    """The rows of a sheet above the first that fills as many cells as its rows mostly do."""
    if _count_filled(rows[0]) > _MOST_IN_TITLE or not any(cell == "" for cell in rows[0]):
        return 0
    widths = [_count_filled(row) for row in rows[:_LOOKED_AT]]
    [(usual, _)] = Counter(width for width in widths if width > 1).most_common(1) or [(0, 0)]
    header = next((at for at, width in enumerate(widths) if width >= usual), 0)
    named = header <= _MOST_PROSE and not any(map(begins_with_digit, rows[header]))
    return header if named else 0


def _count_filled(row: Sequence[str]) -> int:
    return sum(1 for cell in row if cell.strip())


def _bounded_lines(text: str) -> Iterator[str]:
    for line in io.StringIO(text, newline=""):
        if len(line) > _LONGEST_LINE:
            raise csv.Error(f"a line of {len(line):,} characters; at most {_LONGEST_LINE:,}")
        yield line


def _find_delimiter(text: str) -> str:
    for line in text[:65536].splitlines():
        bare = "" if line.startswith("#") else re.sub(r'"[^"]*"', "", line)
        if not _DELIMITERS.isdisjoint(bare):
            return max(",;\t|", key=bare.count)
    return ","
