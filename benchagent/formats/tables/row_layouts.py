"""Rows that are laid out in other ways than one below the other with a column for each quantity.

A comparison has a row for each quantity and a column for each model; a log has a row for each
number, which names its quantity. Each becomes plain rows, whose cells know where they stand.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from benchagent.formats.tables.columns import read_column
from benchagent.formats.tables.deep_rows import find_deep_rows
from benchagent.formats.tables.frames import find_frames
from benchagent.formats.tables.named_groups import find_groups
from benchagent.formats.tables.parallel_lists import find_parallel_lists
from benchagent.formats.tables.phases_apart import part_phases
from benchagent.formats.tables.rows_about_others import is_about
from benchagent.formats.tables.setting_columns import find_named_setting
from benchagent.formats.tables.side_by_side import part_headings
from benchagent.formats.tables.statistic_columns import (
    OF_OTHERS,
    UNITS,
    part_statistics,
    read_statistic,
    with_unit,
)
from benchagent.mappings.cell_units import find_units_in_cells
from benchagent.mappings.rows import Row, Rows, find_rows, part_rows
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.grids import Grid, label_columns
from benchagent.measurements.json_trees import Json, as_text
from benchagent.measurements.locators import row_locator
from benchagent.measurements.readings import Refusal
from benchagent.quantities.names import join_words

_VALUES: Final = frozenset(("value", "values", "result", "measurement", "measured"))
_STATISTICS: Final = frozenset(("stat", "statistic", "agg", "aggregation"))
_MOST_FIELDS: Final = 200
_COUNT: Final = re.compile(r"[0-9]{1,9}")


def find_layouts(artifact: Artifact) -> Iterator[Rows]:
    """The rows that a file may have: parted by its headings, as it stands, turned; objects in depth."""
    if isinstance(artifact.grid, Grid):
        yield from part_headings(artifact.grid)
        plain = find_rows(artifact)
        found = [plain] if plain else []
        yield from _spread(filter(None, map(part_statistics, found)))
        yield from found
        yield from _turn(artifact.grid)
        yield from _spread(found)
        yield from part_phases(found)
    else:
        yield from find_frames(artifact)
        deep = [*find_deep_rows(artifact)]
        yield from _spread(filter(None, map(part_statistics, deep)))
        yield from deep
        yield from _spread(deep)
        yield from part_phases(deep)
        yield from find_groups(artifact)
        yield from find_parallel_lists(artifact)


# --- a row for each quantity --------------------------------------------------------------------


def _turn(grid: Grid) -> Iterator[Rows]:
    """Quantities below each other in the first column, what they are of side by side."""
    rows, refusals = part_rows(grid)
    named, others = _quantities(rows, grid), grid.labels[1:]
    if not named or any(map(read_column, others)):
        return
    sums = {label for label in others if read_statistic(label) or is_about(label, model=False)}
    if sums >= {label for label in others if label.lower() not in UNITS}:
        return  # statistics of each quantity, which are no runs of anything
    refusals += [
        Refusal(locator=row_locator(rows[0][0], label), reason=OF_OTHERS) for label in sorted(sums)
    ]
    setting = _find_corner(grid)
    labels = label_columns([*([setting] if setting else []), *named])
    turned = [
        Row(
            0,
            [*([label] if setting else []), *(row[at] for _, row in rows)],
            None if setting or label.lower() in _VALUES else label,
            {
                name: row_locator(number, label)
                for name, (number, _) in zip(labels[-len(rows) :], rows, strict=True)
            },
        )
        for at, label in enumerate(grid.labels)
        if at > 0 and label.lower() not in UNITS and label not in sums
    ]
    units = find_units_in_cells(labels, [row.cells for row in turned])
    yield Rows("", labels, turned, tuple(refusals), units=units)


def _find_corner(grid: Grid) -> str | None:
    """The setting that stands above the names of quantities, where numbers of it stand beside it."""
    beside = [label for label in grid.labels[1:] if label.lower() not in UNITS]
    if find_named_setting(grid.labels[0]) is None:
        return None
    numbers = all(_COUNT.fullmatch(label.strip()) for label in beside)
    return grid.labels[0] if numbers else None


def _quantities(rows: Sequence[tuple[int, list[str]]], grid: Grid) -> list[str]:
    """What the first column names, each with its unit, if most of it are quantities that we know."""
    unit = next((at for at, label in enumerate(grid.labels) if label.lower() in UNITS), None)
    named = [with_unit(row[0].strip(), row[unit] if unit else "") for _, row in rows]
    known = sum(read_column(name) is not None for name in named)
    return named if known > 1 and 2 * known >= len(named) else []


# --- a row for each number ----------------------------------------------------------------------


class _Long(NamedTuple):
    """Which columns of a table of single numbers say what."""

    value: int
    metric: int
    unit: int | None
    statistic: int | None
    others: list[int]


def _spread(layouts: Iterable[Rows]) -> Iterator[Rows]:
    """Rows of one number each, put together where all else in them is the same."""
    for rows in layouts:
        long = _find_long(rows)
        if long is not None and (spread := _put_together(rows, long)):
            yield spread


def _put_together(rows: Rows, long: _Long) -> Rows | None:
    names = [_name_number(long, row) for row in rows.rows]
    labels = [*(rows.labels[at] for at in long.others), *dict.fromkeys(names)]
    if len(set(labels)) < len(labels) or len(labels) > _MOST_FIELDS:
        return None
    place = {label: at for at, label in enumerate(labels)}
    found: list[Row] = []
    unfinished: dict[tuple[Json, ...], tuple[list[Json], dict[str, str]]] = {}
    for row, name in zip(rows.rows, names, strict=True):
        cells = [row.cells[at] for at in long.others]
        same = tuple(map(repr, cells))
        if same not in unfinished or name in unfinished[same][1]:
            unfinished[same] = ([*cells, *([""] * (len(labels) - len(cells)))], {})
            found.append(Row(row.place, unfinished[same][0], None, unfinished[same][1]))
        filled, locators = unfinished[same]
        filled[place[name]] = row.cells[long.value]
        locators[name] = row.locate(rows.labels[long.value])
    return rows._replace(shape="", labels=labels, rows=found, units={})


def _find_long(rows: Rows) -> _Long | None:
    called = {join_words(label): at for at, label in enumerate(rows.labels)}
    value, unit, statistic = (
        next((called[name] for name in sorted(names) if name in called), None)
        for names in (_VALUES, UNITS, _STATISTICS)
    )
    if value is None:
        return None
    taken = {value, unit, statistic}
    for metric in range(len(rows.labels)):
        if metric in taken:
            continue
        others = [at for at in range(len(rows.labels)) if at not in (*taken, metric)]
        long = _Long(value, metric, unit, statistic, others)
        names = {_name_number(long, row) for row in rows.rows}
        known = sum(read_column(name) is not None for name in names)
        if known and 2 * known >= len(names):
            return long
    return None


def _name_number(long: _Long, row: Row) -> str:
    name = _read_text(row.cells[long.metric])
    if long.statistic is not None and (statistic := _read_text(row.cells[long.statistic])):
        name = f"{statistic} {name}"
    return with_unit(name, _read_text(row.cells[long.unit]) if long.unit is not None else "")


def _read_text(cell: Json) -> str:
    return (as_text(cell) or "").strip()
