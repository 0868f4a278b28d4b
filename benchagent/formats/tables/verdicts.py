"""Whether the answer of a row was right: a column `correct` of 0 and 1, or of true and false.

Each is the accuracy of one answer, so that their mean is that of all. A column of other numbers
counts right answers, and of a few rows with 0 and 1 alone it may.
"""

from dataclasses import replace
from typing import Final

from benchagent.formats.tables.call_columns import Columns
from benchagent.formats.tables.columns import Meaning
from benchagent.mappings.rows import Rows
from benchagent.quantities.names import join_words
from benchagent.quantities.units import Unit

_NAMES: Final = frozenset(("correct", "is_correct"))
_VERDICTS: Final = frozenset(("0", "1", "0.0", "1.0", "true", "false"))
_FEWEST: Final = 5
_ACCURACY: Final = Meaning("accuracy", "value", Unit("ratio"), None)


def names_verdict(label: str) -> bool:
    """Whether a column of this name may say that an answer was right."""
    return join_words(label) in _NAMES


def read_verdicts(rows: Rows, plan: Columns) -> Columns:
    """The columns, with the one that says which answers were right as their accuracy."""
    told = [at for at in plan.unread if names_verdict(rows.labels[at])]
    graded = any(meaning.metric == _ACCURACY.metric for _, meaning in plan.readings)
    if len(told) != 1 or graded or plan.n is not None:
        return plan
    [at] = told
    said = [str(cell).strip().lower() for cell in rows.column(at) if cell not in (None, "")]
    if len(said) < _FEWEST or not _VERDICTS.issuperset(said):
        return plan
    return replace(
        plan,
        readings=(*plan.readings, (at, _ACCURACY)),
        unknown=tuple(label for label in plan.unknown if label != rows.labels[at]),
        verdict=at,
    )
