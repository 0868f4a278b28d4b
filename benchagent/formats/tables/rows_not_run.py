"""Rows of runs that were never made: skipped, planned, or left out, as a word in them says.

They are neither runs nor failures: what a script did not start cannot have failed.
"""

import re
from typing import Final

from benchagent.formats.tables.call_columns import Columns
from benchagent.mappings.rows import Row, Rows
from benchagent.measurements.json_trees import Json
from benchagent.quantities.names import join_words
from benchagent.quantities.numbers import parse_cell

# `not run`, `not tested yet`, `skipped (OOM)`, but not `did not run: crashed`, which was tried.
_NEVER: Final = re.compile(
    r"(?:not_(?:yet_)?(?:been_)?(?:run|tested|measured|started|attempted|executed|benchmarked)"
    r"|never_run|untested|skipped)(?:_.*)?|skip|planned|todo|to_do|tbd"
)
_BETWEEN: Final = re.compile(r"\W+")
_LONGEST: Final = 80


def find_not_run(rows: Rows, columns: Columns) -> set[int]:
    """The places of rows without a result that say that they were never run."""
    results = [at for at, _ in columns.readings]
    return {
        place
        for place, row in enumerate(rows.rows)
        if not any(_is_result(row.cells[at]) for at in results) and _says_so(row, columns)
    }


def _is_result(cell: Json) -> bool:
    """Whether a cell holds anything but nothing: zeros are written for what never started too."""
    number = parse_cell(cell)
    return number not in (None, 0) or cell is True


def _says_so(row: Row, columns: Columns) -> bool:
    named = {at for at, _ in columns.settings} | {columns.model, columns.answer}
    return any(_tells_never(cell) for at, cell in enumerate(row.cells) if at not in named)


def _tells_never(cell: Json) -> bool:
    text = cell if isinstance(cell, str) and len(cell) <= _LONGEST else ""
    return _NEVER.fullmatch(join_words(_BETWEEN.sub(" ", text).strip())) is not None
