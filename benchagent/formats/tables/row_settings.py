"""Under what each row was measured: what its settings are called, and which column names its model.

Two columns may be one setting (`ctx`, `num_ctx`), and a name of all settings together is only one of
them where nothing else tells how a row was run.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from benchagent.formats.settings import read_setting
from benchagent.formats.tables.call_columns import Columns, find_setting
from benchagent.formats.tables.denied_columns import holds_numbers
from benchagent.formats.tables.doubled_columns import take_turns
from benchagent.formats.tables.setting_columns import NAMES_OF_SETTINGS
from benchagent.formats.tables.tests_in_headings import WORKLOAD
from benchagent.mappings.rows import Rows
from benchagent.measurements.model_names import names_model, names_quantization
from benchagent.quantities.names import join_words

# What was asked or done, which is no setting either.
_ASKED: Final = ("prompt", "task", "dataset")
# What many models have in common, each of which has a name of its own: `gemma3`.
_KINDS: Final = re.compile(r"(?:^|_)(?:family|families|arch|architecture|tokenizer)$")
# Of numbers alone these words are settings; of others they say anything.
_NUMBERED: Final = {"context": "num_ctx"}


def name_settings(rows: Rows, plan: Columns, told: list[int]) -> tuple[tuple[int, str], ...]:
    """All settings; a name of the others is a variant where none of them is told."""
    named = [(at, _name_setting(rows, at)) for at in told]
    if plan.stage is not None:
        named.append((plan.stage, WORKLOAD))
    settings = [*_join_aliases(rows, _name_tags(rows, plan.settings)), *named]
    if not tells_by_name_alone(plan, settings):
        return tuple(settings)
    return tuple((at, "variant" if n in NAMES_OF_SETTINGS else n) for at, n in settings)


def _name_setting(rows: Rows, at: int) -> str:
    name = join_words(rows.labels[at])
    return _NUMBERED.get(name, name) if holds_numbers(rows, at) else name


def tells_by_name_alone(plan: Columns, settings: Iterable[tuple[int, str]]) -> bool:
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


def name_models(rows: Rows, at: int) -> bool:
    """Whether a column names what was measured, and not only of which kind it is."""
    if _KINDS.search(join_words(rows.labels[at])):
        return False
    return all(isinstance(cell, str) and names_model(cell) for cell in rows.column(at))
