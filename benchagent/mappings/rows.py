"""The rows of a table, list or object of objects, however its file writes them.

Files of one shape (the same columns in a table, the same fields in a list) come from one writer,
so that what is known of one is known of all.
"""

import hashlib
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple, TypeVar

from benchagent.mappings.cell_units import (
    find_units_in_cells,
    find_units_of_replies,
    find_units_row,
)
from benchagent.measurements.artifact import Artifact, Entry
from benchagent.measurements.grids import Grid
from benchagent.measurements.json_trees import Json, as_list, as_object, as_text
from benchagent.measurements.locators import Place, pointer_locator, row_locator
from benchagent.measurements.readings import Refusal

_Key = TypeVar("_Key", str, tuple[str, ...])
_MOST_COLUMNS: Final = 200


class Row(NamedTuple):
    """One row: a cell for each label, and where it stands.

    Attributes:
        cells: None where the row has no such field at all, "" where it is blank.
        place: its 1-based number in a table, or its place in JSON or YAML; 0 of what is no row there.
        key: the name that it stands under.
        locators: where its cells stand, of one that is no row or object of its file.
    """

    place: int | Place
    cells: Sequence[Json]
    key: str | None = None
    locators: Mapping[str, str] | None = None

    @property
    def name(self) -> str:
        """The row's own locator, or that of its first cell."""
        if self.place == 0 and self.locators:
            return next(iter(self.locators.values()))
        if isinstance(self.place, int):
            return f"row={self.place}"
        return pointer_locator(*self.place)

    def locate(self, label: str) -> str:
        """The locator of its cell in that column."""
        if self.locators and label in self.locators:
            return self.locators[label]
        if isinstance(self.place, int):
            return row_locator(self.place, label)
        return pointer_locator(*self.place, label)


class Rows(NamedTuple):
    """The rows of one file.

    Attributes:
        shape: equal for all files with these columns: 12 hex digits; empty of known formats.
        refusals: rows that cannot be read, and why.
        model: what was measured, where the file says it beside its rows.
        units: of columns, by place, where cells tell them.
        said: what a person says that columns hold, by their labels.
    """

    shape: str
    labels: Sequence[str]
    rows: Sequence[Row]
    refusals: tuple[Refusal, ...] = ()
    model: str | None = None
    units: Mapping[int, str] = MappingProxyType({})
    said: Mapping[str, str] = MappingProxyType({})

    def column(self, at: int) -> list[Json]:
        """The cells of a column."""
        return [row.cells[at] for row in self.rows]


def find_shape(artifact: Artifact) -> str | None:
    """The shape of a delimited table or of objects in a list or under names; None of all else."""
    if isinstance(artifact.grid, Grid):
        return shape_of_table(artifact.grid.labels) if artifact.grid.rows else None
    return _shape_of_fields(label_fields(find_entries(artifact)))


def find_rows(artifact: Artifact) -> Rows | None:
    """The rows of a file that has a shape; None of any other."""
    if isinstance(artifact.grid, Grid):
        shape = find_shape(artifact)
        return rows_of_grid(artifact.grid, shape) if shape else None
    entries = find_entries(artifact)
    labels = label_fields(entries)
    shape = _shape_of_fields(labels)
    return rows_of_entries(entries, artifact, shape) if shape else None


def rows_of_grid(grid: Grid, shape: str = "") -> Rows:
    """The rows of a delimited table; those that cannot be read are refused."""
    whole, refusals = part_rows(grid)
    below = find_units_row([row for _, row in whole])
    if below:
        (at, _), *whole = whole
        refusals.insert(0, Refusal(locator=f"row={at}", reason="the units of the columns"))
    rows = [Row(at, row) for at, row in whole]
    cells = [row.cells for row in rows]
    units = below or find_units_in_cells(grid.labels, cells)
    units = units or find_units_of_replies(grid.labels, cells)
    return Rows(shape, grid.labels, rows, tuple(refusals), units=units)


def part_rows(grid: Grid) -> tuple[list[tuple[int, list[str]]], list[Refusal]]:
    """The rows of a table that can be read, each with its 1-based number, and why others cannot."""
    whole: list[tuple[int, list[str]]] = []
    refusals: list[Refusal] = []
    for at, row in enumerate(grid.rows, 1):
        if said := grid.refuse_row(row):
            refusals.append(Refusal(locator=f"row={at}", reason=said))
        else:
            whole.append((at, row))
    if grid.damage:
        refusals.append(Refusal(locator=f"row={len(grid.rows) + 1}", reason=grid.damage))
    return whole, refusals


def rows_of_entries(entries: Sequence[Entry], artifact: Artifact, shape: str = "") -> Rows:
    """Objects of a JSON or YAML file as rows, a column for each field that one of them has."""
    labels = label_fields(entries)
    rows = [
        Row(
            entry.place,
            [read_field(as_object(entry.value), name) for name in labels],
            key_of(entry),
        )
        for entry in entries
    ]
    units = find_units_in_cells(labels, [row.cells for row in rows])
    model = as_text(as_object(artifact.tree).get("model")) if rows[0].place != () else None
    return Rows(shape, labels, rows, tuple(artifact.broken_lines), model, units)


def read_field(fields: Mapping[_Key, Json], name: _Key) -> Json:
    """A field as a cell: blank where it is null, None where there is none."""
    value = fields.get(name)
    return "" if value is None and name in fields else value


def key_of(entry: Entry) -> str | None:
    """The name that an object stands under, if it is none of a list."""
    key = entry.place[-1] if entry.place else None
    return key if isinstance(key, str) else None


def find_entries(artifact: Artifact) -> list[Entry]:
    """The entries of the file's list, of its lines, or of what the one object in it holds.

    That is its one list of objects or, where it has none, objects under names of their own.
    """
    entries = artifact.entries
    if len(entries) == 1 and not entries[0].place:
        document = as_object(entries[0].value)
        entries = _find_list(document) or _find_named(document) or entries
    return entries if all(as_object(entry.value) for entry in entries) else []


def holds_objects(value: Json) -> bool:
    """Whether a value is a list of objects, none of them empty."""
    return bool(as_list(value)) and all(map(as_object, as_list(value)))


def _find_list(document: dict[str, Json]) -> list[Entry]:
    lists = [
        [Entry((key, at), value) for at, value in enumerate(as_list(values))]
        for key, values in document.items()
        if holds_objects(values)
    ]
    return lists[0] if len(lists) == 1 else []


def _find_named(document: dict[str, Json], *above: str) -> list[Entry]:
    """The objects that stand side by side under names, all with the same first field."""
    values = list(document.values())
    if len(values) > 1 and all(as_object(value) for value in values):
        first = {next(iter(as_object(value))) for value in values}
        if len(first) == 1:
            return [Entry((*above, key), value) for key, value in document.items()]
    found = [] if above else [_find_named(as_object(value), key) for key, value in document.items()]
    named = [entries for entries in found if entries]
    return named[0] if len(named) == 1 else []


def label_fields(entries: Sequence[Entry]) -> list[str]:
    """The fields that objects have, in the order in which they come up."""
    return list(dict.fromkeys(label for entry in entries for label in as_object(entry.value)))


def shape_of_table(labels: Sequence[str]) -> str | None:
    """The shape of delimited tables with these columns, in this order."""
    return _name_shape("table", labels)


def _shape_of_fields(labels: Sequence[str]) -> str | None:
    return _name_shape("json", sorted(labels))


def _name_shape(kind: str, labels: Sequence[str]) -> str | None:
    if not 1 < len(labels) <= _MOST_COLUMNS:
        return None
    said = "\x00".join((kind, *labels)).encode("utf-8", "surrogatepass")
    return hashlib.sha256(said).hexdigest()[:12]
