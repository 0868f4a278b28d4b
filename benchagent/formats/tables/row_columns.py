"""The columns of rows, by their names and by what stands in them.

A name says which quantity a column holds; whether another one tells under what a row was measured,
only its cells do. Without those settings, numbers of two drivers or engines would be pooled.
"""

from dataclasses import replace
from typing import Final

from benchagent.formats.tables.bare_rates import TOGETHER, read_bare_rates
from benchagent.formats.tables.call_columns import Columns, find_setting, plan_columns
from benchagent.formats.tables.call_failures import (
    denotes_failure,
    flags_failure,
    holds_exit_codes,
    may_hold_exit_codes,
    states_success,
)
from benchagent.formats.tables.denied_columns import (
    Cells,
    find_misfits,
    give_up_denied,
    holds_names,
    may_be_sold,
)
from benchagent.formats.tables.doubled_columns import choose_readings
from benchagent.formats.tables.doubtful_numbers import tells_thinking
from benchagent.formats.tables.phases_by_yes import read_phases_by_yes
from benchagent.formats.tables.row_settings import (
    name_models,
    name_settings,
    tells_by_name_alone,
)
from benchagent.formats.tables.rows_about_others import is_about, name_column
from benchagent.formats.tables.setting_columns import (
    is_setting,
    may_be_setting,
    names_runs,
    tells_outcome,
)
from benchagent.formats.tables.shares import leaves_scale_open, scale_shares
from benchagent.formats.tables.summing_rows import (
    learn_statistics,
    named_by,
    tells_percentile,
    tells_sum,
    tells_unfinished,
    tells_warm_up,
)
from benchagent.formats.tables.tests_in_headings import find_test
from benchagent.formats.tables.verdicts import names_verdict, read_verdicts
from benchagent.formats.tables.whole_rows import (
    DURATION,
    counts_anything,
    counts_requests,
    read_throughputs,
    read_whole_rows,
)
from benchagent.formats.tables.word_counts import may_count_words
from benchagent.mappings.cell_units import names_replies
from benchagent.mappings.rows import Rows
from benchagent.quantities.names import join_words
from benchagent.quantities.numbers import parse_number

# Numbers in a column of such a name are codes and no counts.
_CODES: Final = frozenset(("status", "code"))


def plan_rows(rows: Rows) -> Columns:
    """What each column holds; two of one quantity are none, unless they say the same."""
    plan = give_up_denied(rows, plan_columns(rows.labels, rows.units, rows.said))
    plan = read_throughputs(rows, learn_statistics(rows, plan))
    plan = scale_shares(rows, read_bare_rates(rows, plan))
    # one answer each, whose rows are no sums: their durations are theirs
    plan = read_verdicts(rows, read_whole_rows(rows, plan))
    kept = choose_readings(rows, plan)
    first = _first_result(plan)
    status = _find_status(rows, plan) if plan.status is None else plan.status
    plan = read_phases_by_yes(rows, plan)
    told = [
        at
        for at in plan.unread
        if at not in (plan.stage, plan.statistic, status)
        and is_setting(rows.labels[at], rows.column(at), before_results=at < first)
        and not names_runs(rows.labels[at], rows.column(at), rows.labels)
    ]
    model = plan.model
    if model is None and rows.model is None:
        model = next((at for at in told if name_models(rows, at)), None)
    read = {model, status, plan.stage, plan.statistic, *told, *(at for at, _ in kept)}
    doubled = {at for at, _ in plan.readings} - {at for at, _ in kept}
    return replace(
        plan,
        readings=kept,
        settings=name_settings(rows, plan, [at for at in told if at != model]),
        model=model,
        status=status,
        tells_well=status is not None and any(map(states_success, rows.column(status))),
        unknown=tuple(
            label
            for at, label in enumerate(rows.labels)
            if at in doubled or (label in plan.unknown and at not in read)
        ),
    )


def _first_result(plan: Columns) -> int:
    """The place of the first column that holds numbers which were measured."""
    return min((at for at, _ in plan.readings), default=0)


def leaves_open(columns: Columns, cells: Cells) -> bool:
    """Whether names alone leave open what a column is, or two claim to be one quantity.

    Args:
        columns: what the names say.
        cells: the different cells of a column.
    """
    quantities = [(meaning.metric, meaning.statistic) for _, meaning in columns.readings]
    names = [name for _, name in columns.settings]
    called = [find_setting(join_words(columns.labels[at])) for at, _ in columns.settings]
    first = _first_result(columns)
    return (
        len(set(quantities)) < len(quantities)
        or any(metric == DURATION for metric, _ in quantities)
        or len(set(called)) < len(called)
        or not TOGETHER.isdisjoint(names)
        or "tag" in map(str.lower, columns.labels)
        or names_replies(columns.labels)
        or (columns.model is not None and "" in cells(columns.model))
        or any(leaves_scale_open(meaning) for _, meaning in columns.readings)
        or may_count_words(columns)
        or any(map(tells_percentile, columns.labels))
        or any(find_test(columns.labels[at], meaning) for at, meaning in columns.readings)
        or any(map(tells_thinking, columns.labels))
        or tells_by_name_alone(columns, columns.settings)
        or any(tells_outcome(label) or flags_failure(label) for label in columns.unknown)
        or any(map(may_hold_exit_codes, columns.unknown))
        or any(map(counts_requests, columns.unknown))
        or any(map(counts_anything, columns.unknown))
        or any(map(names_verdict, columns.unknown))
        or (columns.status is not None and any(map(tells_unfinished, cells(columns.status))))
        or bool(find_misfits(columns, cells))
        or any(holds_names(cells(at)) for at, _ in columns.readings)
        or _tells_about_others(columns, cells)
        or any(may_be_sold(columns.labels[at], cells(at)) for at, _ in columns.readings)
        or any(
            tells_sum(cell) or tells_warm_up(cell)
            for at in named_by(columns)
            for cell in (columns.labels[at], *cells(at))
        )
        or any(
            may_be_setting(columns.labels[at], cells(at), before_results=at < first)
            for at in columns.unread
        )
    )


def _tells_about_others(columns: Columns, cells: Cells) -> bool:
    at = name_column(columns)
    model = at == columns.model
    return at is not None and any(is_about(cell, model=model) for cell in cells(at))


def _find_status(rows: Rows, plan: Columns) -> int | None:
    """The column of outcomes, whatever it is called, that says of some row that it failed."""
    for at in plan.unread:
        label = rows.labels[at]
        if holds_exit_codes(label, rows.column(at)) and any(
            denotes_failure(label, cell) for cell in rows.column(at)
        ):
            return at
        if (tells_outcome(label) or flags_failure(label)) and any(
            isinstance(cell, str | bool) and _fails(label, cell) for cell in rows.column(at)
        ):
            return at
    return None


def _fails(label: str, cell: str | bool) -> bool:
    """Whether a cell says of a failure; of a number (`successes: 432`) only a code of HTTP does."""
    code = join_words(label).rpartition("_")[2] in _CODES
    is_number = isinstance(cell, str) and parse_number(cell) is not None
    return denotes_failure(label, cell) and (code or not is_number)
