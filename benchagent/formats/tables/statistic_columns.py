"""Tables with a row for each quantity and a column for each of its statistics: `Metric,Min,Mean,Max,P95`.

Each cell is one number of the quantity that its row names, in the unit of that name, of a column of
units or of the statistic's own heading (`p95_ms`).
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from benchagent.formats.tables.columns import find_statistic, read_column, split_statistic
from benchagent.formats.tables.setting_columns import find_named_setting
from benchagent.mappings.rows import Row, Rows
from benchagent.measurements.json_trees import as_text
from benchagent.quantities.names import find_named_unit, join_words, split_brackets
from benchagent.quantities.numbers import parse_cell

NAME, UNIT, STATISTIC, VALUE = "metric", "unit", "statistic", "value"
UNITS: Final = frozenset(("unit", "units"))
# Why a statistic is not read that stands beside columns of something else.
OF_OTHERS: Final = "a statistic of the columns beside it"
# How many numbers a statistic is of, which may differ from row to row.
_COUNTS: Final = frozenset("n count samples runs num_runs n_runs".split())


class _Statistic(NamedTuple):
    """A column that is one statistic of whatever its rows name."""

    at: int
    name: str
    unit: str


def part_statistics(rows: Rows) -> Rows | None:
    """A row for each number of such a table; None of any other."""
    statistics = [*_find_statistics(rows)]
    unit = next((at for at, label in enumerate(rows.labels) if label.lower() in UNITS), None)
    taken = {unit, *(found.at for found in statistics)}
    left = [at for at in range(len(rows.labels)) if at not in taken]
    named = next((at for at in left if _names_quantities(rows, at)), None)
    if not statistics or named is None:
        return None
    others = [at for at in left if at != named]
    if any(_may_be_result(rows, at) for at in others):
        return None
    labels = [*(rows.labels[at] for at in others), NAME, UNIT, STATISTIC, VALUE]
    if len(set(map(join_words, labels))) < len(labels):
        return None
    told = [as_text(row.cells[unit]) or "" if unit is not None else "" for row in rows.rows]
    parted = [
        Row(
            row.place,
            [
                *(row.cells[at] for at in others),
                row.cells[named],
                found.unit or spelled,
                found.name,
                row.cells[found.at],
            ],
            None,
            {label: row.locate(label) for label in labels[: len(others)]}
            | {VALUE: row.locate(rows.labels[found.at])},
        )
        for row, spelled in zip(rows.rows, told, strict=True)
        for found in statistics
    ]
    return rows._replace(shape="", labels=labels, rows=parted, units={})


def read_statistic(label: str) -> tuple[str, str] | None:
    """The statistic and the unit, if any, that are all that a heading says (`Mean`, `p95 (ms)`)."""
    plain, spelled = split_brackets(label)
    if found := find_statistic(plain):
        return found, spelled or ""
    named = None if spelled else find_named_unit(join_words(plain))
    found = find_statistic(named.before) if named and named.before else None
    return (found, named.spelled) if named and found else None


def with_unit(name: str, unit: str) -> str:
    """The name of a quantity with its unit, unless it tells one itself."""
    meaning = read_column(name)
    told = meaning is not None and meaning.raw_unit is not None
    return name if told or not unit.strip() else f"{name} ({unit.strip()})"


def _find_statistics(rows: Rows) -> Iterator[_Statistic]:
    for at, label in enumerate(rows.labels):
        if found := read_statistic(label):
            yield _Statistic(at, *found)


def _names_quantities(rows: Rows, at: int) -> bool:
    """Whether at least half of the texts in a column are quantities that we know by those alone."""
    names = {as_text(row.cells[at]) or "" for row in rows.rows}
    known = [name for name in names if _is_quantity(name)]
    return bool(known) and 2 * len(known) >= len(names)


def _is_quantity(name: str) -> bool:
    """Whether a name is that of a quantity, of which no statistic is told yet."""
    whole = split_statistic(join_words(split_brackets(name)[0]))
    return read_column(name) is not None and len(whole) == 1


def _may_be_result(rows: Rows, at: int) -> bool:
    """Whether a column holds numbers of nobody knows what: of a model that it is called by, perhaps."""
    label = rows.labels[at]
    if join_words(label) in _COUNTS or find_named_setting(label) is not None:
        return False
    return any(parse_cell(cell) is not None for cell in rows.column(at))
