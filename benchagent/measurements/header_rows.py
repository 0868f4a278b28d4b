"""Headers of two or three rows: quantities, which statistic of each stands below, and names on the left.

So pandas writes what it aggregated, and a sheet whose cells were merged is exported alike.
"""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

STATISTIC: Final = re.compile(
    r"mean|avg|average|median|std|stddev|sd|var|sem|min|max|sum|count|size|n|p[0-9]{1,2}|[0-9]{1,2}%",
    re.IGNORECASE,
)
_FEWEST: Final = 2


class Header(NamedTuple):
    """The names of columns, and the rows below all that they were made of."""

    names: list[str]
    rows: list[list[str]]


def join_header(names: list[str], rows: list[list[str]]) -> Header:
    """The header, with the statistics that a row of nothing else below it names.

    Args:
        names: the first row of the table.
        rows: those below it.
    """
    below = [cell.strip() for cell in rows[0]] if rows else []
    told = [at for at, cell in enumerate(below) if cell]
    statistics = all(STATISTIC.fullmatch(below[at]) for at in told)
    if len(below) != len(names) or len(told) < _FEWEST or not statistics or not names[told[0]]:
        return Header(names, rows)
    joined: list[str] = []
    above = ""
    for name, statistic in zip(names, below, strict=True):
        # a merged cell stands over those that are blank beside it
        above = name or above
        joined.append(f"{statistic} {above}" if statistic else name)
    header = _name_left(joined, told, rows[1:])
    # levels (`min`, `max`) may be what a table is about
    numbers = all(
        any(map(str.isdecimal, row[at])) for row in header.rows[:1] for at in told if at < len(row)
    )
    return header if numbers else Header(names, rows)


def _name_left(names: list[str], told: Sequence[int], rows: list[list[str]]) -> Header:
    """The names of the columns left of the numbers, where a row holds these alone."""
    left = [cell.strip() for cell in rows[0][: told[0]]] if rows else []
    if not any(left) or any(cell.strip() for cell in rows[0][told[0] :]):
        return Header(names, rows)
    return Header(
        [*(new or name for new, name in zip(left, names, strict=False)), *names[told[0] :]],
        rows[1:],
    )
