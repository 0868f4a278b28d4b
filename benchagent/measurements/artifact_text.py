"""An artifact's bytes as text, grid or tree, with nothing lost of the numbers in it.

Formats read through these, and so does whoever goes back to a locator: JSON numbers stay the text
that they were, columns of the same name stay apart, and what cannot be read is said in words.
"""

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, cast

from benchagent.measurements.archives import ZIP, NoArchive, unpack_log
from benchagent.measurements.header_rows import join_header
from benchagent.measurements.readings import ReasonCode
from benchagent.quantities.decimal_commas import DecimalComma, mark_commas

_LONGEST_LINE: Final = 4_000_000
_MOST_COLUMNS: Final = 10_000
_MOST_PROSE: Final = 20
# A title, or what it is of and that: `Date | 2026-01-17`.
_MOST_IN_TITLE: Final = 2
_LOOKED_AT: Final = 200
# UTF-16 read as Latin-1 and written as UTF-8, which a Windows console's redirect can do
_MANGLED_UTF16: Final = "ÿþ"
# A comment, and what tells Excel how the cells are parted.
_ABOVE: Final = ("#", "sep=")
_NUMBER_OF_COLUMN: Final = re.compile(r"#[0-9]+'*$")
_DELIMITERS: Final = frozenset(",;\t|")
_ASSIGNMENT: Final = re.compile(r"window\.\w{1,80}\s{0,9}=\s{0,9}(?=[{\[])")


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Bytes that are no text, or text that is not what it looks like, and why."""

    reason: str
    code: ReasonCode = "unreadable"


class Numeral(str):
    """A number of a JSON text, still as it was written."""

    __slots__ = ()


class _CommaNumeral(DecimalComma, Numeral):
    """A number of a table whose comma is the decimal sign."""

    __slots__ = ()


def as_numeral(cell: str) -> Numeral:
    """A cell's text as the number that it should be; a decimal comma stays one."""
    return _CommaNumeral(cell) if isinstance(cell, DecimalComma) else Numeral(cell)


Json = str | bool | Numeral | list["Json"] | dict[str, "Json"] | None


def decode_text(data: bytes) -> str | Unreadable:
    """The text that the bytes are: UTF-8, UTF-16 with a mark, else Windows' Latin-1.

    Of an archived log, the text that it unpacks to; of a script that begins by assigning an object
    to the window (`window.BENCHMARK_DATA = {…`), what it assigns.
    """
    if data.startswith(ZIP):
        return _decode_archive(data)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _decode_utf16(data)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _decode_latin1(data)
    if "\0" in text[:4096]:
        return _say_binary(text)
    assignment = _ASSIGNMENT.match(text)
    return text[assignment.end() :].rstrip().removesuffix(";") if assignment else text


def _decode_archive(data: bytes) -> str | Unreadable:
    try:
        return unpack_log(data).decode("utf-8")
    except UnicodeDecodeError as error:
        return Unreadable(f"an archive (zip) whose text is no UTF-8: {error.reason}")
    except NoArchive as error:
        return Unreadable(str(error), code="unknown-format")


def _decode_utf16(data: bytes) -> str | Unreadable:
    try:
        return data.decode("utf-16")
    except UnicodeDecodeError as error:
        return Unreadable(f"UTF-16 text that breaks off or is damaged: {error.reason}")


def _decode_latin1(data: bytes) -> str | Unreadable:
    head = data[:4096]
    controls = sum(byte < 32 and byte not in b"\t\n\r\f" for byte in head)
    if controls:
        return _name_binary(repr(head[:8]))
    return data.decode("cp1252", errors="replace")


def _say_binary(text: str) -> Unreadable:
    if text.startswith(_MANGLED_UTF16):
        words = " ".join(text.removeprefix(_MANGLED_UTF16).replace("\0", "").split())
        return Unreadable(f"unreadable UTF-16, encoded a second time; it says {words[:200]!r}")
    return _name_binary(repr(text[:8]))


def _name_binary(begins: str) -> Unreadable:
    return Unreadable(f"binary data (it begins with {begins}), expected text", code="binary")


def split_lines(text: str) -> list[str]:
    """The lines as an editor counts them: broken at newlines only."""
    return [line.removesuffix("\r") for line in text.split("\n")]


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
    damage = None
    try:
        rows.extend(row for row in reader if row)
    except csv.Error as error:
        damage = f"line {reader.line_num}: {error}"
    while rows and rows[0][0].startswith(_ABOVE):
        rows.pop(0)
    rows = rows[_count_prose(rows) :]
    if not rows:
        if damage:
            return Unreadable(damage)
        return Unreadable("empty: no header, no records", code="empty")
    if len(rows[0]) > _MOST_COLUMNS:
        return Unreadable(f"{len(rows[0]):,} columns; a table has at most {_MOST_COLUMNS:,}")
    header, rows = join_header([name.strip() for name in rows[0]], rows[1:])
    for at, row in enumerate(rows):
        if _begins_table(row, header):
            damage = f"another table begins below row {at}"
            rows = rows[:at]
            break
    if delimiter != "," or '"' in text:
        rows = mark_commas(rows, delimiter)
    return Grid(labels=label_columns(header), rows=rows, damage=damage)


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
    named = header <= _MOST_PROSE and not any(map(_begins_with_digit, rows[header]))
    return header if named else 0


def _count_filled(row: Sequence[str]) -> int:
    return sum(1 for cell in row if cell.strip())


def _begins_table(row: Sequence[str], header: Sequence[str]) -> bool:
    """Whether a row is the header of other columns: it begins as the header does, and is no data."""
    if len(row) < 2 or not header[0] or row[0].strip() != header[0]:
        return False
    names = [cell.strip() for cell in row]
    return names != header and not any(_begins_with_digit(name) for name in names)


def _begins_with_digit(text: str) -> bool:
    return text.lstrip("+-.")[:1].isdecimal()


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


def read_json(text: str) -> Json | Unreadable:
    """A JSON text as a tree whose numbers are `Numeral`s (`NaN` too: whoever needs it refuses)."""
    try:
        tree = json.loads(text, parse_float=Numeral, parse_int=Numeral, parse_constant=Numeral)
        return _replace_surrogates(tree) if "\\ud" in text or "\\uD" in text else tree
    except json.JSONDecodeError as error:
        return Unreadable(f"line {error.lineno}: not valid JSON: {error.msg}")
    except RecursionError:
        return Unreadable("JSON nested too deeply to be read")


def _replace_surrogates(tree: Json) -> Json:
    """The tree with halves of a character, which JSON can escape and no file can hold, replaced."""
    if isinstance(tree, Numeral):
        return tree
    if isinstance(tree, str):
        return tree.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(tree, list):
        return [_replace_surrogates(entry) for entry in tree]
    if isinstance(tree, dict):
        return {str(_replace_surrogates(key)): _replace_surrogates(tree[key]) for key in tree}
    return tree


def find_pointer(document: Json, pointer: str) -> Json:
    """The value at a JSON pointer (RFC 6901).

    Raises:
        KeyError: nothing stands there.
    """
    place = document
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(place, dict):
            place = place[key]
        elif isinstance(place, list) and _is_index(key) and int(key) < len(place):
            place = place[int(key)]
        else:
            raise KeyError(pointer)
    return place


def _is_index(key: str) -> bool:
    return key.isascii() and key.isdecimal() and len(key) < 12


def write_pointer(parts: Iterable[str | int]) -> str:
    """The JSON pointer that leads through these keys and indexes."""
    return "".join([f"/{part}" if isinstance(part, int) else _step(part) for part in parts])


@lru_cache(maxsize=4096)
def _step(key: str) -> str:
    return f"/{key.replace('~', '~0').replace('/', '~1')}"


def as_object(value: Json) -> dict[str, Json]:
    """The value if it is an object, else an empty one."""
    return cast("dict[str, Json]", value) if isinstance(value, dict) else {}


def as_list(value: Json) -> list[Json]:
    """The value if it is a list, else an empty one."""
    return cast("list[Json]", value) if isinstance(value, list) else []


def as_text(value: Json) -> str | None:
    """The value if it is a string with something in it, else None."""
    text = value.strip() if isinstance(value, str) and not isinstance(value, Numeral) else ""
    return text or None
