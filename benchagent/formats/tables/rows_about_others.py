"""Rows that were not run: how much faster one of the others was (`Speedup`, `Δ %`), or what was wanted (`Target`).

Their numbers stand in the columns of results, and are none.
"""

import re
from typing import Final

from benchagent.formats.tables.call_columns import Columns
from benchagent.mappings.rows import Rows
from benchagent.measurements.json_trees import Json
from benchagent.quantities.names import join_words, split_brackets

# No engine or variant is called so either.
_COMPARE: Final = (
    r"speed[ _-]?ups?|(?:relative_)?(?:diff|difference|improvement|change|delta|\N{GREEK SMALL LETTER DELTA})"
    r"|improvement_factor|gain|ratio|(?:percent|pct)_(?:change|diff|gain)|vs_.+"
)
# Where models are named, these are none.
_NO_MODELS: Final = (
    r"best|worst|winner|max|min|maximum|minimum|theoretical(?:_max)?|targets?|goals?|expected|slo|sla|specs?|"
    r"limits?|thresholds?|required|requirements?|claimed|estimated?|rank|ranking|n|count|cv|std_dev|stddev|sd|"
    r"\N{GREEK SMALL LETTER SIGMA}|geo_?mean|geometric_mean|harmonic_mean"
)
_COMPARING: Final = re.compile(_COMPARE)
_ABOUT: Final = re.compile(f"{_COMPARE}|{_NO_MODELS}")
_SIGNS: Final = " .:%*"
_LONGEST: Final = 40


def find_about_others(rows: Rows, columns: Columns) -> set[int]:
    """The places of rows that are about other rows, by a word in the column that names them."""
    at = name_column(columns)
    if at is None:
        return set()
    model = at == columns.model
    found = {place for place, cell in enumerate(rows.column(at)) if is_about(cell, model=model)}
    return found if len(found) < len(rows.rows) else set()


def name_column(columns: Columns) -> int | None:
    """The column that names what each row is of: that of models, or the first where it is a setting."""
    first = any(at == 0 for at, _ in columns.settings)
    return columns.model if columns.model is not None else 0 if first else None


def is_about(cell: Json, *, model: bool) -> bool:
    """Whether a cell is a word for what is computed from other rows, or wanted of them.

    Args:
        cell: of the column that names rows.
        model: whether that column names models.
    """
    if not isinstance(cell, str) or not 0 < len(cell) <= _LONGEST:
        return False
    plain, _ = split_brackets(cell.strip(_SIGNS))
    return (_ABOUT if model else _COMPARING).fullmatch(join_words(plain.strip(_SIGNS))) is not None
