"""What each column of a table holds, in the words in which a person says it, and whether that is so."""

from typing import Final, NamedTuple

from benchagent.formats.tables.call_columns import Columns, find_setting
from benchagent.formats.tables.call_records import read_number
from benchagent.formats.tables.columns import Meaning
from benchagent.formats.tables.likely_columns import find_likely, say_meaning
from benchagent.formats.tables.said_columns import (
    LEFT_OUT,
    ROLES,
    SETTING,
    NotSaid,
    name_said_setting,
    read_said,
)
from benchagent.formats.tables.shares import is_bounded_share
from benchagent.mappings.rows import Rows
from benchagent.quantities.names import join_words
from benchagent.quantities.numbers import parse_cell

_EXAMPLES: Final = 3


class HeldColumn(NamedTuple):
    """One column.

    Attributes:
        column: its name.
        cells: the first few different ones, as they stand.
        holds: `ttft:ms`, `setting`, `model`, …; None where nothing of it is read.
        likely: what numbers of which nothing is read may be by their name, for a person to decide.
    """

    column: str
    cells: list[str]
    holds: str | None
    likely: str | None


def hold_columns(rows: Rows, columns: Columns) -> list[HeldColumn]:
    """Each column of rows, and what it is read as."""
    return [_hold_column(rows, columns, at) for at in range(len(rows.labels))]


def _hold_column(rows: Rows, columns: Columns, at: int) -> HeldColumn:
    label = rows.labels[at]
    cells, holds = _first_cells(rows, at), rows.said.get(label) or _say_holds(columns, at)
    unread = holds is None and any(parse_cell(cell) is not None for cell in cells)
    return HeldColumn(label, cells, holds, find_likely(label) if unread else None)


def _first_cells(rows: Rows, at: int) -> list[str]:
    texts = (str(cell) for cell in rows.column(at) if cell not in (None, ""))
    return [text for _, text in zip(range(_EXAMPLES), dict.fromkeys(texts), strict=False)]


def _say_holds(columns: Columns, at: int) -> str | None:
    for place, meaning in columns.readings:
        if place == at:
            return say_meaning(meaning) if meaning.unit else None
    for place, name in columns.settings:
        if place == at:
            same = name == join_words(columns.labels[at])
            return SETTING if same else f"{SETTING}:{name}"
    if at in dict(columns.environment):
        return SETTING
    return next((role for role in ROLES if getattr(columns, role) == at), None)


def expect_true(rows: Rows, columns: Columns) -> None:
    """That the columns can hold what a person said of them.

    Raises:
        NotSaid: of one they cannot; the message says why and what to do.
    """
    for at, label in enumerate(rows.labels):
        if label in rows.said:
            _expect_true(rows, columns, at, rows.said[label])


def _expect_true(rows: Rows, columns: Columns, at: int, word: str) -> None:
    label, holds = rows.labels[at], read_said(word)
    if isinstance(holds, Meaning):
        _expect_numbers(rows, at, holds)
        if at not in dict(columns.readings):
            raise NotSaid(f"{label}={word}: another column is said to hold that too, and differs")
    elif setting := name_said_setting(holds, join_words(label)):
        if (at, find_setting(setting) or setting) not in columns.settings:
            raise NotSaid(
                f"{label}={word}: another column is that setting already; name it another"
            )
    elif holds != LEFT_OUT and getattr(columns, holds) != at:
        raise NotSaid(f"{label}={word}: its cells are none, or another column is its {holds}")


def _expect_numbers(rows: Rows, at: int, meaning: Meaning) -> None:
    cells = [cell for cell in rows.column(at) if cell not in (None, "")]
    numbers = [number.value for cell in cells if (number := read_number(cell, meaning.unit))]
    if not numbers:
        first = f", as {str(cells[0])[:40]!r} is none" if cells else ""
        raise NotSaid(f"{rows.labels[at]}: no cell of it is a number{first}")
    if is_bounded_share(meaning.metric) and max(numbers) > 1:
        raise NotSaid(
            f"{rows.labels[at]}: {max(numbers):g} is more than all there are; a share in percent is "
            f"{meaning.metric}:%, and a number of right answers is no share"
        )
