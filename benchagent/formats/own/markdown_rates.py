"""The rates in a write-up's table that do not say whose they are, as in any other table."""

from collections.abc import Mapping, Sequence

from benchagent.formats.own.markdown_cells import MetricCell, strip_cell
from benchagent.formats.tables.bare_rates import read_bare_rates
from benchagent.formats.tables.call_columns import plan_columns
from benchagent.formats.tables.columns import Meaning
from benchagent.mappings.rows import Row, Rows
from benchagent.measurements.markdown_tables import MarkdownTable


def settle_bare_rates(
    table: MarkdownTable, cells: Sequence[MetricCell], units: Mapping[int, str]
) -> list[MetricCell]:
    """The columns of metrics, each bare rate as what it is of; without those of nobody knows whom.

    Args:
        table: the table.
        cells: what its columns hold, by their names.
        units: of columns, by place, where cells tell them.
    """
    rows = Rows(
        shape="",
        labels=table.labels,
        rows=[Row(line, list(map(strip_cell, row))) for line, row in table.rows],
        units=units,
    )
    plan = plan_columns(table.labels, units)
    named = _by_label(table, plan.readings)
    settled = _by_label(table, read_bare_rates(rows, plan).readings)
    return [
        cell._replace(meaning=cell.meaning._replace(metric=settled[cell.label].metric))
        if cell.label in settled
        else cell
        for cell in cells
        if cell.label in settled or cell.label not in named
    ]


def _by_label(table: MarkdownTable, readings: Sequence[tuple[int, Meaning]]) -> dict[str, Meaning]:
    return {table.labels[at]: meaning for at, meaning in readings}
