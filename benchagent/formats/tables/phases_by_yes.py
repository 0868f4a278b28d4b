"""Columns whose yes says that a run was cold: `coldRun`, `is_warm`."""

import re
from dataclasses import replace
from typing import Final

from benchagent.formats.tables.call_columns import Columns
from benchagent.mappings.rows import Rows
from benchagent.measurements.readings import Phase
from benchagent.quantities.names import join_words
from benchagent.quantities.numbers import read_yes

_COLD: Final = re.compile(r"(?:is_|was_)?(cold|warm)(?:_(?:run|start|call))?")


def read_phases_by_yes(rows: Rows, plan: Columns) -> Columns:
    """The columns, with the one whose yes says that a run was cold, or warm, as its phase.

    Where another column tells the phase, none of these does.
    """
    for at in plan.unread if plan.phase is None else []:
        match = _COLD.fullmatch(join_words(rows.labels[at]))
        filled = [cell for cell in rows.column(at) if cell not in (None, "")]
        if match and filled and all(read_yes(str(cell)) is not None for cell in filled):
            phase: Phase = "cold" if match[1] == "cold" else "warm"
            unknown = tuple(label for label in plan.unknown if label != rows.labels[at])
            return replace(plan, phase_by_yes=(at, phase), unknown=unknown)
    return plan
