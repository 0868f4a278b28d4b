"""Tables in which a model stands above the rows that are about it, as a sheet's merged cells are exported."""

from collections.abc import Iterator, Sequence

from benchagent.formats.tables.call_columns import Columns
from benchagent.mappings.rows import Row, Rows


def fill_models(rows: Rows, columns: Columns) -> Rows:
    """The rows, each with the model above it, if blank cells below a model can mean nothing else.

    That is if several models have as many rows each, and no two rows of one the same settings.
    """
    at = columns.model
    if at is None or not any(row.cells[at] == "" for row in rows.rows):
        return rows
    blocks = list(_part(rows.rows, at))
    sizes = {len(block) for block in blocks}
    alike = len(blocks) > 1 and len(sizes) == 1 and blocks[0][0].cells[at] != ""
    if not alike or not all(_differ(block, columns) for block in blocks):
        return rows
    filled = [
        row._replace(cells=[block[0].cells[at] if i == at else c for i, c in enumerate(row.cells)])
        for block in blocks
        for row in block
    ]
    return rows._replace(rows=filled)


def _part(rows: Sequence[Row], at: int) -> Iterator[list[Row]]:
    block: list[Row] = []
    for row in rows:
        if row.cells[at] != "" and block:
            yield block
            block = []
        block.append(row)
    if block:
        yield block


def _differ(block: Sequence[Row], columns: Columns) -> bool:
    """Whether each row of a block has settings, and others than the rest."""
    settings = [tuple(str(row.cells[at]) for at, _ in columns.settings) for row in block]
    return all(any(told) for told in settings) and len(set(settings)) == len(settings)
