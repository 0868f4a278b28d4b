"""Times that several runs share to the last digit, since a limit stopped them: none of them ended then.

Whoever waits 120 seconds at most records 120.0 of all that would have taken longer, often as a
success. The median of such times is the limit's, and without them it is that of the quick ones.
"""

from collections.abc import Sequence
from typing import Final

from benchagent.formats.tables.call_columns import Columns
from benchagent.mappings.rows import Row
from benchagent.quantities.numbers import parse_cell, write_number

_TIMED: Final = frozenset(("latency", "total_time", "ttft", "eval_time", "prompt_eval_time"))
# People wait 30 seconds, or 120; and a third run hits a whole number of them by no chance.
STEP_OF_LIMITS_MS: Final = 5000
SHORTEST_LIMIT_MS: Final = 10_000
_FEWEST: Final = 3


def find_clipped(rows: Sequence[Row], columns: Columns) -> dict[str, tuple[int, str]]:
    """Rows that a limit stopped, by name: the place of the column that tells, and how it does."""
    found: dict[str, tuple[int, str]] = {}
    for at, meaning in columns.readings:
        if meaning.metric not in _TIMED or meaning.statistic != "value" or meaning.unit is None:
            continue
        times = [parse_cell(row.cells[at], unit=meaning.unit) for row in rows]
        known = [time for time in times if time is not None]
        limit = max(known, default=0.0)
        others = [time for time in known if time < limit]
        set_by_people = limit >= SHORTEST_LIMIT_MS and limit % STEP_OF_LIMITS_MS == 0
        if not set_by_people or len(known) - len(others) < _FEWEST or not _are_fine(others):
            continue
        stopped = [row for row, time in zip(rows, times, strict=True) if time == limit]
        said = (
            f"stopped by a limit: as of {len(stopped)} runs its time is {write_number(limit, 'ms')} "
            "to the last digit, and none is longer"
        )
        found |= {row.name: (at, said) for row in stopped if row.name not in found}
    return found


def _are_fine(times: Sequence[float]) -> bool:
    """Whether most times are no whole seconds, so that equal ones are not merely rounded."""
    return 2 * sum(1 for time in times if time % 1000) > len(times)
