"""What a table or tree of no known format holds: its columns, what is in them, a guess at units.

A guess is told, never counted: numbers of an unknown file are no measurements, since a column's
name proves neither what was measured nor in which unit. Whoever writes the files can name their
columns as `benchagent.formats.tables.columns` reads them, or add a format.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from benchagent.formats.tables.columns import unit_at_end
from benchagent.measurements.grids import Grid
from benchagent.measurements.json_trees import Json, as_object
from benchagent.quantities.numbers import parse_cell

_MOST_COLUMNS: Final = 12
_MOST_VALUES: Final = 2000
_LONGEST_NAME: Final = 40


class ColumnProfile(NamedTuple):
    """What one column or field holds.

    Attributes:
        holds: `numbers`, `texts`, `objects`, `lists`, `mixed` or `nothing`.
        unit: the unit that its name suggests, as written there.
    """

    name: str
    holds: str
    unit: str | None
    low: float | None
    high: float | None


def profile_grid(grid: Grid) -> list[ColumnProfile]:
    """The columns of a delimited table."""
    whole = [row for row in grid.rows[:_MOST_VALUES] if len(row) == len(grid.labels)]
    return [profile_column(name, [row[at] for row in whole]) for at, name in enumerate(grid.labels)]


def profile_entries(entries: Sequence[Json]) -> list[ColumnProfile]:
    """The fields of objects that stand in a list or one per line."""
    objects = [as_object(entry) for entry in entries[:_MOST_VALUES]]
    names = dict.fromkeys(name for entry in objects for name in entry)
    return [profile_column(name, [entry.get(name) for entry in objects]) for name in names]


def profile_column(name: str, cells: Iterable[Json]) -> ColumnProfile:
    """One column, by its cells."""
    filled = [cell for cell in cells if cell is not None and cell != ""]
    kinds = {_kind_of(cell) for cell in filled}
    numbers = [number for cell in filled if (number := parse_cell(cell)) is not None]
    guess = unit_at_end(name)
    return ColumnProfile(
        name=name,
        holds=kinds.pop() if len(kinds) == 1 else "mixed" if kinds else "nothing",
        unit=guess[0] if guess and numbers else None,
        low=min(numbers, default=None),
        high=max(numbers, default=None),
    )


def _kind_of(cell: Json) -> str:
    if isinstance(cell, dict | list):
        return "objects" if isinstance(cell, dict) else "lists"
    return "numbers" if parse_cell(cell) is not None else "texts"


def say_columns(columns: Sequence[ColumnProfile]) -> str:
    """The columns in words: `model (texts), wall_s (numbers 0.5 to 2, in s?)`."""
    said = [_say_column(column) for column in columns[:_MOST_COLUMNS]]
    more = len(columns) - _MOST_COLUMNS
    return ", ".join(said) + (f" and {more} more" if more > 0 else "") or "none"


def _say_column(column: ColumnProfile) -> str:
    name = column.name[:_LONGEST_NAME]
    if column.low is None or column.high is None:
        return f"{name} ({column.holds})"
    span = f"{column.low:g}" if column.low == column.high else f"{column.low:g} to {column.high:g}"
    guess = f", in {column.unit}?" if column.unit else ""
    return f"{name} ({column.holds} {span}{guess})"
