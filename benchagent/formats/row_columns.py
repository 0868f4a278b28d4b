"""The columns of rows, by their names and by what stands in them.

A name says which quantity a column holds; whether another one tells under what a row was measured,
only its cells do. Without those settings, numbers of two drivers or engines would be pooled.
"""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from benchagent.formats.call_columns import Columns, plan_columns
from benchagent.formats.call_records import read_record, states_failure
from benchagent.formats.columns import Meaning, is_bare_rate
from benchagent.formats.settings import read_setting, read_time
from benchagent.mappings.rows import Row, Rows
from benchagent.measurements.artifact_text import Json, Numeral
from benchagent.measurements.model_names import names_model, names_quantization
from benchagent.measurements.readings import Record, Refusal
from benchagent.quantities.numbers import parse_number

# What a call said, or what somebody says of it.
_PROSE: Final = (
    "response", "answer", "output", "text", "note", "comment", "observation", "raw", "path", "file",
)  # fmt: skip
# How something ended, which is no setting of it.
_OUTCOMES: Final = ("status", "state", "valid", "reason", "result", "success", "passed")
_NAMES_OF_ROWS: Final = frozenset(
    ("id", "uuid", "request_id", "session_id", "hash", "date", "time")
)
# They name all other settings together, so that facts leave them out where those are told.
_NAMES_OF_SETTINGS: Final = frozenset(("label", "config_name", "config_id"))
# What was asked or done, which is no setting either.
_ASKED: Final = ("prompt", "task", "dataset")
# By these, a row may be of several answers at once.
_CLIENTS: Final = frozenset(("concurrency", "max_concurrency", "num_parallel"))
_TOGETHER: Final = _CLIENTS | {"batch_size"}
# Tests in which a prompt was read and nothing, or not only something, generated.
_PREFILL: Final = re.compile(
    r"pp ?[0-9]*(?:\+tg ?[0-9]+)?(?: ?@ ?d ?[0-9]+)?|prefill|prompt[ _-]?(?:processing|eval)",
    re.IGNORECASE,
)
_LONGEST_SETTING: Final = 60
# How far two ways to write one number (`0.15 s`, `150.2 ms`) may part.
_ROUNDED: Final = 0.005
# In so many rows, a column of which no text comes again names rows and not settings.
_MANY_ROWS: Final = 20


def plan_rows(rows: Rows) -> Columns:
    """What each column holds; two of one quantity are none, unless they say the same."""
    plan = _read_bare_rates(rows, plan_columns(rows.labels))
    kept = _single_readings(rows, plan)
    texts = [at for at, cells in _unread_cells(rows, plan) if _is_setting(rows.labels[at], cells)]
    status = _find_status(rows, plan) if plan.status is None else plan.status
    model = plan.model
    if model is None and rows.model is None:
        model = next((at for at in texts if _name_models(rows, at)), None)
    read = {model, status, *texts, *(at for at, _ in kept)}
    doubled = {at for at, _ in plan.readings} - {at for at, _ in kept}
    return replace(
        plan,
        readings=kept,
        settings=_name_settings(rows, plan, [at for at in texts if at != model]),
        model=model,
        status=status,
        unknown=tuple(
            label
            for at, label in enumerate(rows.labels)
            if at in doubled or (label in plan.unknown and at not in read)
        ),
    )


def read_rows(
    rows: Rows, columns: Columns, *, benchmark: str
) -> Iterator[tuple[Row, Record, list[Refusal]]]:
    """Each row, its record, and those of its cells that should hold numbers and do not."""
    for at, row in enumerate(rows.rows):
        record, refused = read_record(
            columns,
            row.cells,
            row.locate,
            name=row.name,
            sequence=at,
            benchmark=benchmark,
            model=rows.model,
        )
        yield row, record, refused


def _single_readings(rows: Rows, plan: Columns) -> tuple[tuple[int, Meaning], ...]:
    alike: dict[tuple[str, str], list[tuple[int, Meaning]]] = {}
    for at, meaning in plan.readings:
        alike.setdefault((meaning.metric, meaning.statistic), []).append((at, meaning))
    return tuple(kept for readings in alike.values() for kept in _choose(rows, readings))


def _choose(rows: Rows, readings: Sequence[tuple[int, Meaning]]) -> Sequence[tuple[int, Meaning]]:
    """Of columns of one quantity those to read: all, where a row fills one of them at most."""
    first, *others = readings
    filled = ([row.cells[at] not in (None, "") for at, _ in readings] for row in rows.rows)
    if not others or all(sum(cells) < 2 for cells in filled):
        return readings
    return [first] if all(_say_the_same(rows, first, other) for other in others) else []


def _several_together(rows: Rows, plan: Columns) -> set[str]:
    """The settings by which some row is of several answers at once."""
    found: set[str] = set()
    for at, name in plan.settings:
        if name in _TOGETHER:
            counts = [read_setting(row.cells[at]) for row in rows.rows]
            if any(isinstance(n, int | float) and n > 1 for n in counts):
                found.add(name)
    return found


def _read_bare_rates(rows: Rows, plan: Columns) -> Columns:
    """A rate that does not say whose: a batch's is that of all in it.

    Of clients, and where tests of prefill stand among the rows, nobody knows.
    """
    together = _several_together(rows, plan)
    unknown = bool(together & _CLIENTS) or _tell_of_prefill(rows, plan)
    if not together and not unknown:
        return plan
    readings: list[tuple[int, Meaning]] = []
    unread: list[str] = []
    for at, meaning in plan.readings:
        bare = meaning.metric == "decode_rate" and is_bare_rate(rows.labels[at])
        if bare and unknown:
            unread.append(rows.labels[at])
        else:
            readings.append((at, meaning._replace(metric="throughput") if bare else meaning))
    return replace(plan, readings=tuple(readings), unknown=(*plan.unknown, *unread))


def _tell_of_prefill(rows: Rows, plan: Columns) -> bool:
    return any(
        isinstance(cell, str) and _PREFILL.fullmatch(cell.strip()) is not None
        for at, cells in _unread_cells(rows, plan)
        if may_be_setting(rows.labels[at], cells)
        for cell in cells
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


def _find_status(rows: Rows, plan: Columns) -> int | None:
    """The column of outcomes, whatever it is called, that says of some row that it failed."""
    for at, cells in _unread_cells(rows, plan):
        named = any(word in rows.labels[at].lower() for word in _OUTCOMES)
        if named and any(isinstance(cell, str) and states_failure(cell) for cell in cells):
            return at
    return None


def _name_settings(rows: Rows, plan: Columns, texts: list[int]) -> tuple[tuple[int, str], ...]:
    """All settings; a name of the others is a variant where none of them is told."""
    named = [(at, "_".join(rows.labels[at].lower().split())) for at in texts]
    settings = [*_name_tags(rows, plan.settings), *named]
    if not _tells_by_name_alone(plan, settings):
        return tuple(settings)
    return tuple((at, "variant" if n in _NAMES_OF_SETTINGS else n) for at, n in settings)


def _tells_by_name_alone(plan: Columns, settings: Iterable[tuple[int, str]]) -> bool:
    """Whether nothing but a name of all settings together says how a row was run."""
    names = {name for _, name in settings if not name.startswith(_ASKED)}
    return plan.options is None and bool(names) and names <= _NAMES_OF_SETTINGS


def _name_tags(rows: Rows, settings: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    """A column `tag` is a quantisation only where its cells are."""
    return [
        (at, name if name != "quantization" or _hold_quantizations(rows, at) else "tag")
        for at, name in settings
    ]


def _hold_quantizations(rows: Rows, at: int) -> bool:
    if rows.labels[at].lower() != "tag":
        return True
    cells = [row.cells[at] for row in rows.rows]
    return any(isinstance(cell, str) and names_quantization(cell) for cell in cells)


def _unread_cells(rows: Rows, plan: Columns) -> list[tuple[int, list[Json]]]:
    return [
        (at, [row.cells[at] for row in rows.rows])
        for at, label in enumerate(rows.labels)
        if label in plan.unknown
    ]


def leaves_open(columns: Columns) -> bool:
    """Whether names alone leave open what a column is, other than by a text in it."""
    labels = {label.lower() for label in columns.labels}
    together = any(name in _TOGETHER for _, name in columns.settings)
    outcome = any(word in label.lower() for label in columns.unknown for word in _OUTCOMES)
    by_name = _tells_by_name_alone(columns, columns.settings)
    return together or outcome or by_name or "tag" in labels


def may_be_setting(label: str, cells: Iterable[Json]) -> bool:
    """Whether a column of this name with these cells could be one, however often they come."""
    return not _names_no_setting(label) and any(_is_word(cell) for cell in cells)


def _names_no_setting(label: str) -> bool:
    name = label.lower()
    said = any(word in name for word in (*_PROSE, *_OUTCOMES))
    return said or name in _NAMES_OF_ROWS


def _is_setting(label: str, cells: Sequence[Json]) -> bool:
    """Whether a column holds short texts, or yes and no, that say how a row was run."""
    filled = [cell for cell in cells if cell not in (None, "")]
    if len(filled) >= _MANY_ROWS and len(set(map(str, filled))) == len(filled):
        return False
    return may_be_setting(label, filled) and all(map(_is_word, filled))


def _is_word(cell: Json) -> bool:
    if isinstance(cell, bool):
        return True
    if not isinstance(cell, str) or isinstance(cell, Numeral) or len(cell) > _LONGEST_SETTING:
        return False
    worded = any(letter.isalpha() for letter in cell)
    return worded and isinstance(read_setting(cell), str) and read_time(cell) is None


def _name_models(rows: Rows, at: int) -> bool:
    cells = [row.cells[at] for row in rows.rows]
    return all(isinstance(cell, str) and names_model(cell) for cell in cells)
