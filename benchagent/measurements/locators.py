"""The way back from a number to its place in a file.

A locator is one of six; rows, lines and characters are counted from 1:

- `row=12,column=tokens_s`: a cell of a delimited file, whose first row is below the header.
- `row=12/3,column=times`: what a JSON pointer finds in the list that such a cell holds.
- `line=40,column=Mean (ms)`: a cell of a Markdown table.
- `line=7,chars=22-25`: characters of a line, both included.
- `/results/3/tokens_s`: what a JSON pointer finds in JSON or YAML.
- `line=3/eval_count`: what it finds in a line of JSON Lines.

Reading the file again at a locator gives the text that the number was read from, and nothing that a
format made of it.
"""

import re
from collections.abc import Iterable
from functools import cached_property
from typing import Final, TypeVar

from benchagent.measurements.artifact_text import Unreadable, decode_text, split_lines
from benchagent.measurements.grids import Grid, read_grid
from benchagent.measurements.json_trees import Json, find_pointer, read_json, write_pointer
from benchagent.measurements.markdown_tables import (
    read_cell_number,
    read_markdown_tables,
    strip_markup,
)
from benchagent.measurements.yaml_trees import read_yaml
from benchagent.quantities.decimal_commas import DecimalComma
from benchagent.quantities.numbers import (
    drop_spread,
    parse_duration,
    parse_elapsed,
    parse_number,
    read_truth,
)
from benchagent.quantities.units import find_unit

_CELL: Final = re.compile(r"(row|line)=([1-9][0-9]{0,11})(?:,column=(.*))?", re.DOTALL)
_IN_CELL: Final = re.compile(r"row=([1-9][0-9]{0,11})(/[0-9]{1,11}),column=(.*)", re.DOTALL)
_CHARS: Final = re.compile(r"line=([1-9][0-9]{0,11}),chars=([1-9][0-9]{0,11})-([1-9][0-9]{0,11})")
_IN_LINE: Final = re.compile(r"line=([1-9][0-9]{0,11})(/.*)", re.DOTALL)


class Line(int):
    """A 1-based line of JSON Lines, as the first part of a place in it."""


Place = tuple[str | int, ...]
Found = TypeVar("Found")


class LocatorError(LookupError):
    """A locator that leads nowhere in the file it was used on."""


def row_locator(row: int, column: str, item: int | None = None) -> str:
    """The place of a cell in a delimited file: 1-based record, label of the column.

    Args:
        row: the record.
        column: the label.
        item: of a cell that holds a list as JSON, the 0-based member.
    """
    return f"row={row},column={column}" if item is None else f"row={row}/{item},column={column}"


def line_locator(line: int, column: str | None = None) -> str:
    """The place of a table cell in a text, or of a whole line: 1-based."""
    return f"line={line}" if column is None else f"line={line},column={column}"


def pointer_locator(*parts: str | int) -> str:
    """The place of a value in a JSON file, or in JSON Lines if the first part is a `Line`."""
    if parts and isinstance(parts[0], Line):
        return f"line={parts[0]}{write_pointer(parts[1:])}"
    return write_pointer(parts)


def chars_locator(line: int, start: int, stop: int) -> str:
    """The place of some characters of a line: 0-based half-open here, as a match has them."""
    return f"line={line},chars={start + 1}-{stop}"


class Places:
    """A file opened for going back to its places; it is taken apart once, at the first question."""

    def __init__(self, data: bytes) -> None:
        """Take the file's bytes."""
        self._data = data
        self._lines_read: dict[int, Json] = {}

    def read(self, locator: str) -> str:
        """The text as found at a locator.

        Raises:
            LocatorError: the file has no such place, or is not of the kind that has it.
        """
        try:
            found = self._find(locator)
        except (KeyError, IndexError) as error:
            raise LocatorError(f"{locator!r} is not in the file") from error
        if isinstance(found, str):
            return found
        if isinstance(found, bool):
            return "true" if found else "false"
        raise LocatorError(f"{locator!r} leads to no single value")

    def read_all(self, locators: Iterable[str]) -> list[str]:
        """The texts at many locators of the file, in their order."""
        return [self.read(locator) for locator in locators]

    def _find(self, locator: str) -> Json:
        if locator.startswith("/"):
            return find_pointer(self._document, locator)
        match = _CELL.fullmatch(locator)
        if not match:
            return self._find_in_line(locator)
        number, column = int(match[2]), match[3]
        if match[1] == "row":
            row = self._grid.rows[number - 1]
            return ",".join(row) if column is None else row[self._columns[column]]
        return self._lines[number - 1] if column is None else self._cells[number, column]

    def _find_in_line(self, locator: str) -> Json:
        if match := _IN_LINE.fullmatch(locator):
            return find_pointer(self._read_line(int(match[1])), match[2])
        if match := _CHARS.fullmatch(locator):
            return self._read_chars(*map(int, match.groups()))
        if match := _IN_CELL.fullmatch(locator):
            row = self._grid.rows[int(match[1]) - 1]
            return find_pointer(_expect(read_json(row[self._columns[match[3]]])), match[2])
        raise LocatorError(f"{locator!r} is no locator: expected row=, line= or a JSON pointer")

    def _read_line(self, number: int) -> Json:
        if number not in self._lines_read:
            document = read_json(self._lines[number - 1])
            if isinstance(document, Unreadable):
                raise LocatorError(f"line {number}: {document.reason}")
            self._lines_read[number] = document
        return self._lines_read[number]

    def _read_chars(self, number: int, first: int, last: int) -> str:
        line = self._lines[number - 1]
        if not first <= last <= len(line):
            raise LocatorError(f"line {number} has {len(line)} characters, not {first}-{last}")
        return line[first - 1 : last]

    @cached_property
    def _text(self) -> str:
        return _expect(decode_text(self._data))

    @cached_property
    def _document(self) -> Json:
        is_json = self._text.lstrip()[:1] in ("{", "[")
        return _expect(read_json(self._text) if is_json else read_yaml(self._text))

    @cached_property
    def _grid(self) -> Grid:
        return _expect(read_grid(self._text))

    @cached_property
    def _columns(self) -> dict[str, int]:
        return {label: place for place, label in enumerate(self._grid.labels)}

    @cached_property
    def _lines(self) -> list[str]:
        return split_lines(self._text)

    @cached_property
    def _cells(self) -> dict[tuple[int, str], str]:
        return {
            (line, label): cell
            for table in read_markdown_tables(self._text)
            for line, cells in table.rows
            for label, cell in zip(table.labels, cells, strict=True)
        }


def read_value(raw_value: str, raw_unit: str | None) -> float | None:
    """The number that a text found at a locator says, in its canonical unit; None if it says none.

    Args:
        raw_value: the text: a bare number, or a cell of a write-up (`**101.1 tok/s**`); as
            `Places` found it, since its table tells whether a comma is the decimal sign.
        raw_unit: the unit that the source gives it.
    """
    unit = find_unit(raw_unit) if raw_unit else None
    value = parse_number(raw_value, unit=unit)
    if value is not None:
        return value
    if raw_unit is None and (truth := read_truth(raw_value)) is not None:
        return truth
    plain = raw_value if isinstance(raw_value, DecimalComma) else strip_markup(raw_value)
    number = read_cell_number(drop_spread(plain) or raw_value, unit)
    if number is not None:
        return number.value
    duration = parse_duration(raw_value)
    return parse_elapsed(plain) if duration is None else duration


def _expect(found: Found | Unreadable) -> Found:
    if isinstance(found, Unreadable):
        raise LocatorError(found.reason)
    return found
