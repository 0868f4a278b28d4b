"""Tables of single runs, known by a column whose numbers are those of a file's runs one after the other.

A write-up calls prompts by names of its own, so that no setting tells which run a row is of. A whole
column of numbers does, where each of them is that of one run and the runs stand in the same order.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from benchagent.arrays import Ints
from benchagent.facts.derivations.write_ups.raw_numbers import ByFile, Candidate
from benchagent.facts.derivations.write_ups.stated_numbers import Statement
from benchagent.facts.derivations.write_ups.traced import Traced, tells
from benchagent.facts.derivations.write_ups.whereabouts import Whereabouts

_FEWEST_RUNS: Final = 5
_FEWEST_OF_A_COLUMN: Final = 2
_SINGLE: Final = "value"
_COUNTS: Final = ("tokens", "chars")
_SCATTERED: Final = 1.5

_Rows = Sequence[Mapping[str, Statement]]


def trace_runs(table: Sequence[Statement], among: Whereabouts) -> Iterator[Traced]:
    """Numbers of a table whose rows are runs of one file: those that are right, and those that are not."""
    rows = _read_rows(table)
    if len(rows) < _FEWEST_RUNS:
        return
    for metric in rows[0]:
        if runs := _find_runs([row.get(metric) for row in rows], among):
            yield from _compare(rows, runs, among)
            return


def _read_rows(table: Sequence[Statement]) -> _Rows:
    """The single numbers of each row by their metric; none where a row has two of one."""
    rows: dict[str, dict[str, Statement]] = defaultdict(dict)
    for statement in table:
        if statement.statistic != _SINGLE or statement.metric in rows[statement.record]:
            return []
        rows[statement.record][statement.metric] = statement
    return [*rows.values()]


def _find_runs(column: Sequence[Statement | None], among: Whereabouts) -> list[int]:
    """One run of a file for each number of a column, if there is just one such file."""
    near: list[Ints] = []
    for statement in column:
        if statement is None or not tells(statement):
            return []
        near.append(among.rows_near(statement))
    of: dict[tuple[str, str], list[list[int]]] = {}
    for rows in near:
        found: dict[tuple[str, str], list[int]] = defaultdict(list)
        for row in rows.tolist():
            found[among.place_of(row)].append(int(among.run[row]))
        of = {key: [*of.get(key, []), runs] for key, runs in found.items() if of or rows is near[0]}
    whole = [runs for runs in of.values() if len(runs) == len(near)]
    in_order = [[run for [run] in runs] for runs in whole if _stand_in_order(runs)]
    return in_order[0] if in_order else []


def _stand_in_order(runs: Sequence[Sequence[int]]) -> bool:
    """Whether each number is that of one run, and the runs follow one another."""
    one_each = all(len(each) == 1 for each in runs)
    return one_each and all(a[0] < b[0] for a, b in pairwise(runs))


def _compare(rows: _Rows, runs: Sequence[int], among: Whereabouts) -> Iterator[Traced]:
    """Each number of the rows beside that of its run."""
    columns: dict[str, list[Traced]] = defaultdict(list)
    for row, run in zip(rows, runs, strict=True):
        at = among.rows_of(run)
        for metric, statement in row.items():
            if (own := among.of_quantity(at, statement)) is not None:
                columns[metric].append(_beside(statement, own, among))
    for column in columns.values():
        right = [one for one in column if one.near]
        wrong = [one for one in column if not one.near]
        yield from right
        known = len(right) >= max(_FEWEST_OF_A_COLUMN, len(wrong))
        if known or (not right and _is_unmistakable(wrong, among)):
            yield from wrong


def _is_unmistakable(column: Sequence[Traced], among: Whereabouts) -> bool:
    """Whether a column of which nothing is right can be of nothing else than what it is called.

    Times and rates are taken in several ways, and another tokenizer counts all texts a little
    higher or lower. Counts that are off by a factor of another size in each row are those of nothing.
    """
    ratios: list[float] = []
    for one in column:
        [own] = among.raw.values[one.found.rows].tolist()
        if one.statement.unit not in _COUNTS or min(own, one.statement.value) <= 0:
            return False
        ratios.append(one.statement.value / own)
    return max(ratios) >= _SCATTERED * min(ratios)


def _beside(statement: Statement, own: int, among: Whereabouts) -> Traced:
    rows: Ints = np.array([own], dtype=np.int64)
    _, subject = among.place_of(own)
    [phase] = among.raw.cells["phase"][rows].tolist()
    off = abs(float(among.raw.values[own]) - statement.value)
    within = statement.rounding * (1 + 1e-9) + float(among.raw.half_steps(rows)[0])
    near = Candidate(rows, phase, _SINGLE) if off <= within else None
    return Traced(
        statement._replace(subject=subject, settings=statement.asked), ByFile(among.raw, rows), near
    )
