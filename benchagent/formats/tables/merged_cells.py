"""Tables in which a model or setting stands above the rows that are about it, as merged cells are exported."""

from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import pairwise

from benchagent.formats.tables.call_columns import Columns
from benchagent.formats.tables.call_records import read_index
from benchagent.mappings.rows import Row, Rows
from benchagent.measurements.json_trees import Json


def fill_merged(rows: Rows, columns: Columns, no_runs: Collection[int]) -> Rows:
    """The rows, each with the model and settings above it, if blank cells below them can mean nothing else.

    A setting is that of the rows below it whose run numbers go on from its own. A model is that of the
    rows below it if several models have as many settings each, and no two rows of one the same
    settings and run; so is a setting that stands beside the models alone.

    Args:
        rows: of the file.
        columns: what they hold.
        no_runs: the places of rows that are no runs: sums, notes.
    """
    model = columns.model
    left_out = {*no_runs, *(at for at, row in enumerate(rows.rows) if not any(row.cells))}
    runs = [row for at, row in enumerate(rows.rows) if at not in left_out]
    if model is None or not any(row.cells[model] == "" for row in runs):
        return rows
    numbered = [at for at, _ in columns.settings if _numbered_below(runs, columns, at)]
    runs = _fill(runs, numbered, lambda row, at: row.cells[at] != "")
    blocks = list(_part(runs, model))
    beside = [at for at, _ in columns.settings if _stands_beside(runs, model, at)]
    settings = [at for at, _ in columns.settings if at not in beside]
    sizes = {len({_told(row, settings) for row in block}) for block in blocks}
    alike = len(blocks) > 1 and len(sizes) == 1 and blocks[0][0].cells[model] != ""
    if not alike or not all(_differ(block, columns, settings) for block in blocks):
        return rows
    filled = iter(_fill(runs, [model, *beside], lambda row, _: row.cells[model] != ""))
    return rows._replace(
        rows=[row if at in left_out else next(filled) for at, row in enumerate(rows.rows)]
    )


def _numbered_below(runs: Sequence[Row], columns: Columns, at: int) -> bool:
    """Whether runs are counted from the same number on below each setting of a column, without a gap."""
    if columns.repetition is None or runs[0].cells[at] == "":
        return False
    numbers = [read_index(row.cells, columns.repetition, default=None) for row in runs]
    for (before, number), row in zip(pairwise(numbers), runs[1:], strict=True):
        wanted = numbers[0] if row.cells[at] != "" or before is None else before + 1
        if number is None or number != wanted:
            return False
    return any(row.cells[at] == "" for row in runs)


def _stands_beside(runs: Sequence[Row], model: int, at: int) -> bool:
    return all((row.cells[at] == "") == (row.cells[model] == "") for row in runs)


def _fill(
    runs: Sequence[Row], places: Sequence[int], begins: Callable[[Row, int], bool]
) -> list[Row]:
    """The rows, some of their cells as in the last row above them at which a block of those begins."""
    above: dict[int, Json] = {}
    filled: list[Row] = []
    for row in runs:
        above |= {at: row.cells[at] for at in places if begins(row, at)}
        filled.append(row._replace(cells=[above.get(i, cell) for i, cell in enumerate(row.cells)]))
    return filled


def _part(runs: Sequence[Row], at: int) -> Iterator[list[Row]]:
    block: list[Row] = []
    for row in runs:
        if row.cells[at] != "" and block:
            yield block
            block = []
        block.append(row)
    if block:
        yield block


def _told(row: Row, settings: Sequence[int]) -> tuple[str, ...]:
    return tuple(str(row.cells[at]) for at in settings)


def _differ(block: Sequence[Row], columns: Columns, settings: Sequence[int]) -> bool:
    """Whether each row of a block has settings, and others than the rest or another run of them."""
    run = columns.repetition
    told = [(_told(row, settings), run is not None and str(row.cells[run])) for row in block]
    return all(any(words) for words, _ in told) and len(set(told)) == len(told)
