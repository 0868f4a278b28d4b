"""Whether the answer of a row was right: a column `correct` of 0 and 1, or of true and false.

Each is the accuracy of one answer, so that their mean is that of all. A column of other numbers
counts right answers, and of a few rows with 0 and 1 alone it may; so may it under any name that a
person says to be an accuracy or another share.
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
    said = [held for held in plan.readings if held[0] in plan.said and _are_verdicts(rows, *held)]
    if len(said) == 1:
        [(at, meaning)] = said
        read = dict(plan.readings) | {at: meaning._replace(raw_unit=None)}
        return replace(plan, readings=tuple(read.items()), verdict=at)
    told = [at for at in plan.unread if names_verdict(rows.labels[at])]
    graded = any(meaning.metric == _ACCURACY.metric for _, meaning in plan.readings)
    if len(told) != 1 or graded or plan.n is not None:
        return plan
    [at] = told
    cells = _lower_cells(rows, at)
    if len(cells) < _FEWEST or not _VERDICTS.issuperset(cells):
        return plan
    return replace(
        plan,
        readings=(*plan.readings, (at, _ACCURACY)),
        unknown=tuple(label for label in plan.unknown if label != rows.labels[at]),
        verdict=at,
    )


def _are_verdicts(rows: Rows, at: int, meaning: Meaning) -> bool:
    is_share = meaning.unit == _ACCURACY.unit and meaning.statistic == _ACCURACY.statistic
    return is_share and _VERDICTS.issuperset(_lower_cells(rows, at))


def _lower_cells(rows: Rows, at: int) -> list[str]:
    return [str(cell).strip().lower() for cell in rows.column(at) if cell not in (None, "")]
