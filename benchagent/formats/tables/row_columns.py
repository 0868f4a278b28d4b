"""The columns of rows, by their names and by what stands in them.

A name says which quantity a column holds; whether another one tells under what a row was measured,
only its cells do. Without those settings, numbers of two drivers or engines would be pooled.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Final

from benchagent.formats.settings import read_setting
from benchagent.formats.tables.bare_rates import TOGETHER, read_bare_rates
from benchagent.formats.tables.call_columns import Columns, find_setting, plan_columns
from benchagent.formats.tables.call_failures import (
    denotes_failure,
    flags_failure,
    holds_exit_codes,
    may_hold_exit_codes,
    states_failure,
)
from benchagent.formats.tables.call_records import read_index, read_phase
from benchagent.formats.tables.doubled_columns import choose_readings, take_turns
from benchagent.formats.tables.doubtful_numbers import tells_thinking
from benchagent.formats.tables.setting_columns import (
    NAMES_OF_SETTINGS,
    is_setting,
    is_word,
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
from benchagent.formats.tables.verdicts import names_verdict, read_verdicts
from benchagent.formats.tables.whole_rows import (
    DURATION,
    counts_anything,
    counts_requests,
    read_whole_rows,
)
from benchagent.mappings.cell_units import names_replies
from benchagent.mappings.rows import Rows
from benchagent.measurements.json_trees import Json
from benchagent.measurements.model_names import names_model, names_quantization
from benchagent.quantities.names import join_words
from benchagent.quantities.numbers import parse_number, read_truth

# What was asked or done, which is no setting either.
_ASKED: Final = ("prompt", "task", "dataset")
# Numbers in a column of such a name are codes and no counts.
_CODES: Final = frozenset(("status", "code"))
# What says of which test a row is: numbers of two are never pooled nor compared.
_STAGE: Final = "test_name"
# What many models have in common, each of which has a name of its own: `gemma3`.
_KINDS: Final = re.compile(r"(?:^|_)(?:family|families|arch|architecture|tokenizer)$")
# Of numbers alone these words are settings; of others they say anything.
_NUMBERED: Final = {"context": "num_ctx"}

Cells = Callable[[int], Iterable[Json]]


def plan_rows(rows: Rows) -> Columns:
    """What each column holds; two of one quantity are none, unless they say the same."""
    plan = _give_up_roles(rows, plan_columns(rows.labels, rows.units, rows.said))
    plan = _give_up_words(rows, _give_up_engines(rows, plan))
    plan = scale_shares(rows, read_bare_rates(rows, learn_statistics(rows, plan)))
    # one answer each, whose rows are no sums: their durations are theirs
    plan = read_verdicts(rows, read_whole_rows(rows, plan))
    kept = choose_readings(rows, plan)
    first = _first_result(plan)
    status = _find_status(rows, plan) if plan.status is None else plan.status
    told = [
        at
        for at in plan.unread
        if at not in (plan.stage, plan.statistic, status)
        and is_setting(rows.labels[at], rows.column(at), before_results=at < first)
        and not names_runs(rows.labels[at], rows.column(at), rows.labels)
    ]
    model = plan.model
    if model is None and rows.model is None:
        model = next((at for at in told if _name_models(rows, at)), None)
    read = {model, status, plan.stage, plan.statistic, *told, *(at for at, _ in kept)}
    doubled = {at for at, _ in plan.readings} - {at for at, _ in kept}
    return replace(
        plan,
        readings=kept,
        settings=_name_settings(rows, plan, [at for at in told if at != model]),
        model=model,
        status=status,
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
        or any(map(tells_percentile, columns.labels))
        or any(map(tells_thinking, columns.labels))
        or _tells_by_name_alone(columns, columns.settings)
        or any(tells_outcome(label) or flags_failure(label) for label in columns.unknown)
        or any(map(may_hold_exit_codes, columns.unknown))
        or any(map(counts_requests, columns.unknown))
        or any(map(counts_anything, columns.unknown))
        or any(map(names_verdict, columns.unknown))
        or (columns.status is not None and any(map(tells_unfinished, cells(columns.status))))
        or bool(_misfits(columns, cells))
        or any(_holds_names(cells(at)) for at, _ in columns.readings)
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


def _misfits(plan: Columns, cells: Cells) -> dict[str, int]:
    """The roles that the names of columns give them and a cell denies."""
    found: dict[str, int] = {}
    if plan.repetition is not None:
        told = cells(plan.repetition)
        filled = [cell for cell in told if cell not in (None, "") and not tells_sum(cell)]
        if any(read_index([cell], 0, default=None) is None for cell in filled):
            found["repetition"] = plan.repetition
    if plan.phase is not None:
        filled = [cell for cell in cells(plan.phase) if cell not in (None, "")]
        if any(read_phase(cell) is None for cell in filled):
            found["phase"] = plan.phase
    return found


def _give_up_roles(rows: Rows, plan: Columns) -> Columns:
    """Columns whose cells are nothing that their names promise, taken as any other ones.

    What is called a run may say that it was cold, or what was done in it.
    """
    for role, at in _misfits(plan, rows.column).items():
        plan = replace(
            plan,
            **{role: None},
            roles=plan.roles - {at},
            unknown=(*plan.unknown, rows.labels[at]),
        )
        filled = [cell for cell in rows.column(at) if cell not in (None, "")]
        if role == "repetition" and plan.phase is None and all(map(read_phase, filled)):
            plan = replace(plan, phase=at, roles=plan.roles | {at}, unknown=plan.unknown[:-1])
    return plan


def _give_up_engines(rows: Rows, plan: Columns) -> Columns:
    """Without columns called `runtime` that hold numbers: how long a run took is no setting of it."""
    timed = [at for at, name in plan.settings if name == "runtime" and _holds_numbers(rows, at)]
    return replace(
        plan,
        settings=tuple(pair for pair in plan.settings if pair[0] not in timed),
        unknown=(*plan.unknown, *(rows.labels[at] for at in timed)),
    )


def _give_up_words(rows: Rows, plan: Columns) -> Columns:
    """Without columns of a quantity that hold names alone: `small` and `base` are no numbers of it."""
    named = [at for at, _ in plan.readings if _holds_names(rows.column(at))]
    return replace(
        plan,
        readings=tuple(pair for pair in plan.readings if pair[0] not in named),
        unknown=(*plan.unknown, *(rows.labels[at] for at in named)),
    )


def _holds_names(cells: Iterable[Json]) -> bool:
    """Whether all cells are names, two or more, and none says how a run ended."""
    names: set[str] = set()
    for cell in cells:
        if cell in (None, ""):
            continue
        # `52 tok/s` is a number with its unit
        named = isinstance(cell, str) and cell[:1].isalpha() and is_word(cell)
        if not named or read_truth(str(cell)) is not None or states_failure(cell):
            return False
        names.add(str(cell))
    return len(names) > 1


def _holds_numbers(rows: Rows, at: int) -> bool:
    filled = [cell for cell in rows.column(at) if cell not in (None, "")]
    return all(isinstance(cell, str) and parse_number(cell) is not None for cell in filled)


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


def _name_settings(rows: Rows, plan: Columns, told: list[int]) -> tuple[tuple[int, str], ...]:
    """All settings; a name of the others is a variant where none of them is told."""
    named = [(at, _name_setting(rows, at)) for at in told]
    if plan.stage is not None:
        named.append((plan.stage, _STAGE))
    settings = [*_join_aliases(rows, _name_tags(rows, plan.settings)), *named]
    if not _tells_by_name_alone(plan, settings):
        return tuple(settings)
    return tuple((at, "variant" if n in NAMES_OF_SETTINGS else n) for at, n in settings)


def _name_setting(rows: Rows, at: int) -> str:
    name = join_words(rows.labels[at])
    return _NUMBERED.get(name, name) if _holds_numbers(rows, at) else name


def _tells_by_name_alone(plan: Columns, settings: Iterable[tuple[int, str]]) -> bool:
    """Whether nothing but a name of all settings together says how a row was run."""
    names = {name for _, name in settings if not name.startswith(_ASKED)}
    return plan.options is None and bool(names) and names <= NAMES_OF_SETTINGS


def _name_tags(rows: Rows, settings: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    """A column `tag` is a quantisation only where its cells are."""
    return [
        (at, name if name != "quantization" or _hold_quantizations(rows, at) else "tag")
        for at, name in settings
    ]


def _join_aliases(rows: Rows, settings: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    """Two columns of one setting (`ctx`, `num_ctx`) are one where no row says two things."""
    of = {name: at for at, name in settings}
    joined: list[tuple[int, str]] = []
    for at, name in settings:
        canonical = find_setting(name) or name
        first = of.get(canonical, at)
        if first == at:
            joined.append((at, name))
        elif take_turns(rows, [first, at]):
            joined.append((at, canonical))
        elif any(
            read_setting(row.cells[at]) not in (None, read_setting(row.cells[first]))
            for row in rows.rows
        ):
            joined.append((at, name))
    return joined


def _hold_quantizations(rows: Rows, at: int) -> bool:
    if rows.labels[at].lower() != "tag":
        return True
    return any(isinstance(cell, str) and names_quantization(cell) for cell in rows.column(at))


def _name_models(rows: Rows, at: int) -> bool:
    """Whether a column names what was measured, and not only of which kind it is."""
    if _KINDS.search(join_words(rows.labels[at])):
        return False
    return all(isinstance(cell, str) and names_model(cell) for cell in rows.column(at))
