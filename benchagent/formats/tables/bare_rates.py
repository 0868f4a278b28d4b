"""Rates that do not say whose they are: one answer's, that of several together, or a test's.

`tok/s` alone is the decode rate of a call. Beside a batch it is of all in it; beside clients nobody
knows, unless it grows with them, as no rate of one answer does. In a row that names its test (`pp512`,
`prefill`, `tg128`) it is what that test is of.
"""

import re
from collections.abc import Sequence, Set
from dataclasses import replace
from itertools import pairwise
from statistics import median
from typing import Final

from benchagent.formats.settings import read_setting
from benchagent.formats.tables.call_columns import Columns
from benchagent.formats.tables.columns import Meaning, is_bare_rate
from benchagent.formats.tables.setting_columns import may_be_setting
from benchagent.mappings.rows import Rows
from benchagent.measurements.json_trees import Json
from benchagent.measurements.readings import Scalar
from benchagent.quantities.numbers import parse_cell

# By these, a row may be of several answers at once.
_CLIENTS: Final = frozenset(("concurrency", "max_concurrency", "num_parallel"))
TOGETHER: Final = _CLIENTS | {"batch_size"}
# Tests in which a prompt was read, or an answer generated, and in which both were.
_DEPTH: Final = r"(?: ?@ ?d ?[0-9]+)?"
_STAGES: Final = {
    "prefill": re.compile(
        rf"pp ?[0-9]*{_DEPTH}|prefill(?:ing)?|prompt(?:[ _-]?(?:processing|eval(?:uation)?))?"
    ),
    "decode": re.compile(
        rf"tg ?[0-9]*{_DEPTH}|decod(?:e|ing)|(?:(?:text|token)[ _-])?gen(?:erat(?:e|ion))?"
    ),
    "both": re.compile(rf"pp ?[0-9]+ ?\+ ?tg ?[0-9]+{_DEPTH}"),
}
# No answer is generated so much faster since others are generated too.
_GROWN: Final = 2
_FEWEST_LOADS: Final = 2
_FEWEST_UNNAMED: Final = 3
OF_BOTH: Final = "a rate that is not of generating alone, nor of reading the prompt"
_RATES: Final = {"prefill": "prefill_rate", "decode": "decode_rate"}


def metric_of(columns: Columns, row: Sequence[Json], at: int, meaning: Meaning) -> str | None:
    """What a cell is of; None for a rate of reading prompts and generating together."""
    if columns.stage is None or at in columns.said:
        return meaning.metric
    return metric_of_test(columns.labels[at], meaning, row[columns.stage])


def metric_of_test(label: str, meaning: Meaning, test: Json) -> str | None:
    """What a number is of in a row that names its test; None for a rate of both stages or of another."""
    bare = meaning.metric == "decode_rate" and is_bare_rate(label)
    return _RATES.get(_find_stage(test) or "") if bare else meaning.metric


def _is_bare(columns: Columns, at: int, meaning: Meaning) -> bool:
    of_rates = meaning.metric == "decode_rate" and at not in columns.said
    return of_rates and is_bare_rate(columns.labels[at])


def names_stage(name: str) -> bool:
    """Whether a name is that of reading prompts or of generating, and of nothing that was tried."""
    return _find_stage(name) is not None


def _find_stage(cell: Json) -> str | None:
    """Whether a cell names reading prompts (`pp512`), generating (`tg128`) or `both`, if any."""
    text = cell.strip().lower() if isinstance(cell, str) else ""
    return next((stage for stage, named in _STAGES.items() if named.fullmatch(text)), None)


def several_together(rows: Rows, plan: Columns) -> set[str]:
    """The settings by which some row is of several answers at once."""
    found: set[str] = set()
    for at, name in plan.settings:
        if name in TOGETHER:
            counts = [read_setting(cell) for cell in rows.column(at)]
            if any(isinstance(n, int | float) and n > 1 for n in counts):
                found.add(name)
    return found


def read_bare_rates(rows: Rows, plan: Columns) -> Columns:
    """A rate that does not say whose: a batch's is that of all in it, a test's is what it tests.

    Of clients, and where only some rows tell of prefill, nobody knows.
    """
    together = several_together(rows, plan)
    stage, some_tell = _find_stages(rows, plan)
    plan = replace(plan, stage=stage)
    readings: list[tuple[int, Meaning]] = []
    unread: list[str] = []
    for at, meaning in plan.readings:
        bare = _is_bare(plan, at, meaning)
        metric = _find_metric(rows, plan, at, together, some_tell) if bare else meaning.metric
        if metric is None:
            unread.append(rows.labels[at])
        else:
            readings.append((at, meaning._replace(metric=metric)))
    return replace(plan, readings=tuple(readings), unknown=(*plan.unknown, *unread))


def _find_metric(
    rows: Rows, plan: Columns, at: int, together: Set[str], some_tell: bool
) -> str | None:
    """What a bare rate is of, if that is known; where rows name their tests, each tells it later."""
    if together or (some_tell and plan.stage is None):
        of_clients = not together.isdisjoint(_CLIENTS)
        unknown = some_tell or (of_clients and not _grows_with_clients(rows, plan, at))
        return None if unknown or plan.stage is not None else "throughput"
    if plan.stage is None and _grows_with_unnamed(rows, plan, at):
        return None
    return "decode_rate"


def _grows_with_clients(rows: Rows, plan: Columns, at: int) -> bool:
    """Whether a rate is far higher with the most clients than with the fewest."""
    clients = [place for place, name in plan.settings if name in _CLIENTS]
    rates = _medians_by(rows, clients, at)
    return len(rates) >= _FEWEST_LOADS and rates[-1] >= _GROWN * rates[0]


def _grows_with_unnamed(rows: Rows, plan: Columns, at: int) -> bool:
    """Whether a rate is higher at each further count, from 1 on, of a column that we do not know.

    So grows what clients, streams or requests get together, whatever they are called there.
    """
    first = min(place for place, _ in plan.readings)
    for place in plan.unread:
        cells = rows.column(place)
        if may_be_setting(rows.labels[place], cells, before_results=place < first):
            counts = {read_setting(cell) for cell in cells if cell not in (None, "")}
            rates = _medians_by(rows, [place], at) if 1 in counts and _are_counts(counts) else []
            rising = all(one < other for one, other in pairwise(rates))
            if len(rates) >= _FEWEST_UNNAMED and rising and rates[-1] >= _GROWN * rates[0]:
                return True
    return False


def _are_counts(values: Set[Scalar]) -> bool:
    return all(isinstance(n, int) and n > 0 for n in values)


def _medians_by(rows: Rows, places: Sequence[int], at: int) -> list[float]:
    """The median rates at the numbers in some columns, the least number first."""
    rates: dict[int | float, list[float]] = {}
    for place in places:
        for row in rows.rows:
            n, rate = read_setting(row.cells[place]), parse_cell(row.cells[at])
            if isinstance(n, int | float) and rate:
                rates.setdefault(n, []).append(rate)
    return [median(rates[n]) for n in sorted(rates)]


def _find_stages(rows: Rows, plan: Columns) -> tuple[int | None, bool]:
    """The column in which every row says what it tests, and whether any row tells of prefill."""
    some_tell = False
    for at in plan.unread:
        cells = rows.column(at)
        if not may_be_setting(rows.labels[at], cells, before_results=False):
            continue
        stages = [_find_stage(cell) for cell in cells]
        if {"prefill", "both"} & set(stages):
            if all(stages):
                return at, True
            some_tell = True
    return None, some_tell
