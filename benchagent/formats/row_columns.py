"""The columns of rows, by their names and by what stands in them.

A name says which quantity a column holds; whether another one tells under what a row was measured,
only its cells do. Without those settings, numbers of two drivers or engines would be pooled.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from benchagent.formats.call_columns import Columns, plan_columns
from benchagent.formats.columns import Meaning
from benchagent.formats.settings import read_setting, read_time
from benchagent.mappings.rows import Rows
from benchagent.measurements.artifact_text import Json, Numeral
from benchagent.measurements.model_names import names_model
from benchagent.quantities.numbers import parse_number

# What a call said, or what somebody says of it.
_PROSE: Final = ("response", "answer", "output", "text", "note", "comment", "raw", "path", "file")
_NAMES_OF_ROWS: Final = frozenset(
    ("id", "uuid", "request_id", "session_id", "hash", "date", "time")
)
_LONGEST_SETTING: Final = 60
# How far two ways to write one number (`0.15 s`, `150.2 ms`) may part.
_ROUNDED: Final = 0.005
# In so many rows, a column of which no text comes again names rows and not settings.
_MANY_ROWS: Final = 20


def plan_rows(rows: Rows) -> Columns:
    """What each column holds; two of one quantity are none, unless they say the same."""
    plan = plan_columns(rows.labels)
    kept = _single_readings(rows, plan)
    texts = [at for at, cells in _unread_cells(rows, plan) if _is_setting(rows.labels[at], cells)]
    model = plan.model
    if model is None and rows.model is None:
        model = next((at for at in texts if _name_models(rows, at)), None)
    settings = [(at, "_".join(rows.labels[at].lower().split())) for at in texts if at != model]
    read = {model, *texts, *(at for at, _ in kept)}
    doubled = {at for at, _ in plan.readings} - {at for at, _ in kept}
    return replace(
        plan,
        readings=kept,
        settings=(*plan.settings, *settings),
        model=model,
        unknown=tuple(
            label
            for at, label in enumerate(rows.labels)
            if at in doubled or (label in plan.unknown and at not in read)
        ),
    )


def _single_readings(rows: Rows, plan: Columns) -> tuple[tuple[int, Meaning], ...]:
    alike: dict[tuple[str, str], list[tuple[int, Meaning]]] = {}
    for at, meaning in plan.readings:
        alike.setdefault((meaning.metric, meaning.statistic), []).append((at, meaning))
    return tuple(
        readings[0]
        for readings in alike.values()
        if all(_say_the_same(rows, readings[0], other) for other in readings[1:])
    )


def _say_the_same(rows: Rows, one: tuple[int, Meaning], other: tuple[int, Meaning]) -> bool:
    pairs = [
        [
            parse_number(cell, unit=meaning.unit) if isinstance(cell, str) else None
            for cell, meaning in ((row.cells[one[0]], one[1]), (row.cells[other[0]], other[1]))
        ]
        for row in rows.rows
    ]
    return all(a is None or b is None or math.isclose(a, b, rel_tol=_ROUNDED) for a, b in pairs)


def _unread_cells(rows: Rows, plan: Columns) -> list[tuple[int, list[Json]]]:
    return [
        (at, [row.cells[at] for row in rows.rows])
        for at, label in enumerate(rows.labels)
        if label in plan.unknown
    ]


def may_be_setting(label: str, cells: Iterable[Json]) -> bool:
    """Whether a column of this name with these cells could be one, however often they come."""
    return not _names_no_setting(label) and any(_is_text(cell) for cell in cells)


def _names_no_setting(label: str) -> bool:
    name = label.lower()
    return name in _NAMES_OF_ROWS or any(word in name for word in _PROSE)


def _is_setting(label: str, cells: Sequence[Json]) -> bool:
    """Whether a column holds short texts that say how a row was run."""
    texts = [str(cell) for cell in cells if cell not in (None, "")]
    if len(texts) >= _MANY_ROWS and len(set(texts)) == len(texts):
        return False
    filled = [cell for cell in cells if cell not in (None, "")]
    return may_be_setting(label, filled) and all(_is_text(cell) for cell in filled)


def _is_text(cell: Json) -> bool:
    if not isinstance(cell, str) or isinstance(cell, Numeral) or len(cell) > _LONGEST_SETTING:
        return False
    return isinstance(read_setting(cell), str) and read_time(cell) is None


def _name_models(rows: Rows, at: int) -> bool:
    cells = [row.cells[at] for row in rows.rows]
    return all(isinstance(cell, str) and names_model(cell) for cell in cells)
