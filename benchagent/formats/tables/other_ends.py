"""Rows that ended in a way of which no word is known, where others went well.

`degenerate_response` is no word for a failure that we know. Beside rows that are `ok` it is one, if
nothing is told of its row but how long it took.
"""

from collections.abc import Sequence
from typing import Final

from benchagent.formats.tables.call_columns import Columns
from benchagent.formats.tables.call_failures import Locate, states_success
from benchagent.measurements.json_trees import Json
from benchagent.measurements.readings import Failure, Reading

# A run that failed took its time too.
_HOW_LONG: Final = frozenset(("latency", "duration", "total_time"))


def find_other_end(
    columns: Columns, row: Sequence[Json], locate: Locate, readings: Sequence[Reading]
) -> Failure | None:
    """Why a row failed whose status is another word than those of rows that went well.

    Args:
        columns: what the cells mean.
        row: one cell per column.
        locate: the locator of the row's cell under a label.
        readings: the numbers of the row.
    """
    at = columns.status
    if at is None or not (columns.tells_well and _lacks_results(columns, readings)):
        return None
    said = str(row[at] or "").strip()
    if states_success(said) or not any(map(str.isalpha, said)):
        return None
    label = columns.labels[at]
    return Failure(reason=f"its {label.lower()} is {said}", locator=locate(label))


def _lacks_results(columns: Columns, readings: Sequence[Reading]) -> bool:
    """Whether a row tells how long it took and nothing else, though there are columns for more."""
    told = {reading.metric for reading in readings}
    asked = {meaning.metric for _, meaning in columns.readings}
    return bool(told) and told <= _HOW_LONG and not asked <= _HOW_LONG
