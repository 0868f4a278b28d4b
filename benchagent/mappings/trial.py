"""A proposed reading of columns, tried on the numbers of the files themselves.

A column counts if an identity with other columns holds and would show a wrong number in it, if it
could not change places with another column unnoticed, and if its unit stands in its own name or in
that of a column that the arithmetic ties it to. What cannot be tested is not used.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from benchagent.formats.settings import read_setting
from benchagent.formats.tables.call_columns import Columns, plan_columns
from benchagent.formats.tables.call_failures import failure_cells
from benchagent.formats.tables.setting_columns import is_setting
from benchagent.mappings.column_reading import ColumnReading, Named
from benchagent.mappings.identities import NEARLY_ALL, Identity, Numbers
from benchagent.mappings.mapping import ColumnMapping, MappedColumn
from benchagent.mappings.refusals import (
    refuse_alone,
    refuse_exchangeable,
    refuse_twice,
    refuse_untested,
    refuse_without_unit,
)
from benchagent.mappings.rows import Row, Rows
from benchagent.measurements.json_trees import Json, Numeral


class Trial(NamedTuple):
    """What became of a proposal.

    Attributes:
        mapping: what is left of it; None where no column counts.
        refused: why a column does not count, by its name.
    """

    mapping: ColumnMapping | None
    refused: Mapping[str, str]


def pool(files: Sequence[Rows]) -> Rows:
    """The rows of files of one shape, the columns in the order of the first."""
    labels = files[0].labels
    rows: list[Row] = []
    for file in files:
        at = [file.labels.index(label) for label in labels]
        rows += [row._replace(cells=[row.cells[place] for place in at]) for row in file.rows]
    return Rows(files[0].shape, labels, rows)


def tell_success(plan: Columns, row: Sequence[Json]) -> bool:
    """Whether nothing in a row says that its run failed."""
    return not any(tells(row[at]) for at, tells in failure_cells(plan))


def try_columns(rows: Rows, named: Sequence[Named], subject: str | None) -> Trial:
    """The part of a proposal that the rows bear out.

    Args:
        rows: of one file, or of several of one shape.
        named: what columns are said to hold.
        subject: the column that is said to name what was measured.
    """
    plan = plan_columns(rows.labels)
    sound = [row.cells for row in rows.rows if tell_success(plan, row.cells)]
    cells = {label: [row[at] for row in sound] for at, label in enumerate(rows.labels)}
    named = list(dict.fromkeys(named))
    refused = refuse_twice(named)
    for each in named:
        reason = refuse_alone(each, cells[each.column])
        if reason:
            refused.setdefault(each.column, reason)
    reading = ColumnReading(
        {each.metric: each for each in named if each.column not in refused},
        {each.column: Numbers.of(cells[each.column]) for each in named},
    )
    tries = reading.try_all()
    borne = [identity for identity, tried in tries.items() if tried.bears_out]
    refused |= refuse_untested(reading, tries)
    refused |= refuse_exchangeable(reading, borne, refused)
    refused |= refuse_without_unit(reading, borne, refused)
    tied = {metric for identity in borne for metric in identity.metrics}
    columns = tuple(
        MappedColumn(
            column=each.column,
            metric=metric,
            unit=each.unit,
            counts=each.column not in refused,
            definition=_find_definition(metric, borne),
        )
        for metric, each in reading.named.items()
        if metric in tied
    )
    if not any(column.counts for column in columns):
        return Trial(None, refused)
    taken = {each.column for each in named}
    known = plan.model is not None or subject in taken
    subject = subject if subject and not known and _names_things(cells[subject]) else None
    mapping = ColumnMapping(
        shape=rows.shape,
        columns=columns,
        identities=tuple(identity.name for identity in borne),
        subject=subject,
        settings=_find_settings(plan, cells, taken, subject),
    )
    return Trial(mapping, refused)


def _find_definition(metric: str, borne: Sequence[Identity]) -> str | None:
    """The definition that the numbers show, if they show one alone."""
    shown = {identity.definition for identity in borne if identity.metric == metric}
    return shown.pop() if len(shown) == 1 else None


def _names_things(cells: Sequence[Json]) -> bool:
    texts = [cell for cell in cells if isinstance(cell, str) and not isinstance(cell, Numeral)]
    named = [text for text in texts if isinstance(read_setting(text), str)]
    return len(named) >= NEARLY_ALL * len(cells)


def _find_settings(
    plan: Columns,
    cells: Mapping[str, Sequence[Json]],
    taken: set[str],
    subject: str | None,
) -> tuple[str, ...]:
    """Columns that no number was read from, and that say under what it was measured."""
    known = plan.roles.union(at for at, _ in (*plan.settings, *plan.environment))
    first = min(at for at, label in enumerate(cells) if label in taken)
    return tuple(
        label
        for at, (label, column) in enumerate(cells.items())
        if at not in known and label not in taken and label != subject
        if is_setting(label, column, before_results=at < first)
    )
