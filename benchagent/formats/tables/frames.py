"""Tables as pandas writes them in JSON: a column under each name, or rows without names.

`{"ttft_ms": {"0": 88.2, "1": 90.1}}` has a column under its name, `{"columns": […], "data": [[…]]}`
its rows as lists, and in `index` what they are called.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from benchagent.formats.tables.columns import find_statistic, names_quantity
from benchagent.mappings.rows import Row, Rows
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.grids import label_columns
from benchagent.measurements.json_trees import Json, as_list, as_object, as_text
from benchagent.measurements.locators import pointer_locator

_MOST_FIELDS: Final = 200


def find_frames(artifact: Artifact) -> Iterator[Rows]:
    """The rows of a file that is a table written so."""
    document = as_object(artifact.tree)
    if 1 < len(document) <= _MOST_FIELDS:
        yield from _find_columns(document)
        yield from _find_lists(document)


def _find_columns(document: dict[str, Json]) -> Iterator[Rows]:
    columns = {name: as_object(values) for name, values in document.items()}
    keys = [*next(iter(columns.values()))]
    alike = all([*values] == keys for values in columns.values())
    flat = not any(isinstance(cell, dict | list) for c in columns.values() for cell in c.values())
    if not keys or not alike or not flat or any(map(find_statistic, keys)):
        return
    if not any(names_quantity(name) for name in columns):
        return
    yield Rows(
        "",
        [*columns],
        [
            Row(
                0,
                ["" if values[key] is None else values[key] for values in columns.values()],
                None if key.isdecimal() else key,
                {name: pointer_locator(name, key) for name in columns},
            )
            for key in keys
        ],
    )


def _find_lists(document: dict[str, Json]) -> Iterator[Rows]:
    names = [as_text(name) for name in as_list(document.get("columns"))]
    lists = [as_list(cells) for cells in as_list(document.get("data"))]
    if not names or None in names or not lists or any(len(c) != len(names) for c in lists):
        return
    index = as_list(document.get("index"))
    if any(isinstance(name, dict | list) for name in index):
        return
    # what names the rows is one more column; numbers only count them
    named = len(index) == len(lists) and any(map(as_text, index))
    labels = label_columns([*(["variant"] if named else []), *(name for name in names if name)])
    yield Rows("", labels, list(_name_rows(labels, index if named else None, lists)))


def _name_rows(
    labels: Sequence[str], index: Sequence[Json] | None, lists: Sequence[Sequence[Json]]
) -> Iterator[Row]:
    for at, cells in enumerate(lists):
        places = [pointer_locator("data", at, i) for i in range(len(cells))]
        if index is not None:
            places, cells = [pointer_locator("index", at), *places], [index[at], *cells]
        filled = ["" if cell is None else cell for cell in cells]
        yield Row(0, filled, None, dict(zip(labels, places, strict=True)))
