"""Columns whose cells are not what their names promise: they are taken as any other ones.

What is called a run may say that it was cold, and what is called a runtime how long it took.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from benchagent.formats.tables.call_columns import Columns
from benchagent.formats.tables.call_failures import states_failure
from benchagent.formats.tables.call_records import read_index, read_phase
from benchagent.formats.tables.setting_columns import is_word
from benchagent.formats.tables.summing_rows import tells_sum
from benchagent.mappings.rows import Rows
from benchagent.measurements.json_trees import Json
from benchagent.quantities.names import join_words
from benchagent.quantities.numbers import parse_number, read_truth

# Memory without a word of its being used, in gigabytes or in the unit of its cells.
_MEMORY: Final = re.compile(r"(?:system_|gpu_|total_)?v?ram(?:_?\(?gi?b\)?)?")
_GIGABYTES: Final = re.compile(r"(?:\.0+)? ?(?:Gi?B?)?$", re.IGNORECASE)
_SOLD_GB: Final = frozenset(
    "1 2 3 4 6 8 10 11 12 16 18 20 24 32 36 40 48 64 80 96 128 141 192 256 512".split()
)
Cells = Callable[[int], Iterable[Json]]


def give_up_denied(rows: Rows, plan: Columns) -> Columns:
    """Without the meanings that cells deny: of roles, of engines, and of quantities that hold names."""
    plan = _give_up_engines(rows, _give_up_roles(rows, plan))
    return _give_up_machines(rows, _give_up_words(rows, plan))


def find_misfits(plan: Columns, cells: Cells) -> dict[str, int]:
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
    """Columns whose cells are no part that their names promise, taken as any other ones."""
    for role, at in find_misfits(plan, rows.column).items():
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
    timed = [at for at, name in plan.settings if name == "runtime" and holds_numbers(rows, at)]
    return replace(
        plan,
        settings=tuple(pair for pair in plan.settings if pair[0] not in timed),
        unknown=(*plan.unknown, *(rows.labels[at] for at in timed)),
    )


def _give_up_words(rows: Rows, plan: Columns) -> Columns:
    """Without columns of a quantity that hold names alone: `small` and `base` are no numbers of it."""
    named = [at for at, _ in plan.readings if holds_names(rows.column(at))]
    return replace(
        plan,
        readings=tuple(pair for pair in plan.readings if pair[0] not in named),
        unknown=(*plan.unknown, *(rows.labels[at] for at in named)),
    )


def _give_up_machines(rows: Rows, plan: Columns) -> Columns:
    """Without a column `VRAM (GB)` that holds sizes in which memory is sold: what was used, or what was there."""
    sold = [
        at
        for at, _ in plan.readings
        if at not in plan.said and may_be_sold(rows.labels[at], rows.column(at))
    ]
    return replace(
        plan,
        readings=tuple(pair for pair in plan.readings if pair[0] not in sold),
        unknown=(*plan.unknown, *(rows.labels[at] for at in sold)),
    )


def may_be_sold(label: str, cells: Iterable[Json]) -> bool:
    """Whether a column of memory holds sizes in which it is sold, and not a word of its being used."""
    if not _MEMORY.fullmatch(join_words(label)):
        return False
    sizes = [_GIGABYTES.sub("", str(cell).strip()) for cell in cells if cell]
    return bool(sizes) and _SOLD_GB.issuperset(sizes)


def holds_names(cells: Iterable[Json]) -> bool:
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


def holds_numbers(rows: Rows, at: int) -> bool:
    """Whether all cells of a column that are filled are numbers."""
    filled = [cell for cell in rows.column(at) if cell not in (None, "")]
    return all(isinstance(cell, str) and parse_number(cell) is not None for cell in filled)
