"""A proposed reading of columns, tried on the numbers of the files themselves.

A column counts if an identity with other columns holds and would show a wrong number in it, if it
could not change places with another column unnoticed, and if its unit stands in its own name or in
that of a column that the arithmetic ties it to. What cannot be tested is not used.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np

from benchagent.formats.call_columns import Columns, plan_columns
from benchagent.formats.call_records import denies_success, tells_error
from benchagent.formats.columns import names_statistic, read_column
from benchagent.formats.profiles import guess_unit
from benchagent.formats.settings import read_setting
from benchagent.mappings.identities import (
    COUNTED,
    FEWEST_ROWS,
    IDENTITIES,
    NEARLY_ALL,
    Identity,
    Numbers,
    Tried,
    try_identity,
)
from benchagent.mappings.mapping import ColumnMapping, MappedColumn
from benchagent.mappings.rows import Row, Rows
from benchagent.measurements.artifact_text import Json, Numeral
from benchagent.quantities.metrics import METRICS
from benchagent.quantities.units import Unit, find_unit


class Named(NamedTuple):
    """What a column is said to hold, its unit as people write it."""

    column: str
    metric: str
    unit: str


class Trial(NamedTuple):
    """What became of a proposal.

    Attributes:
        mapping: what is left of it; None where no column counts.
        refused: why a column does not count, by its name.
    """

    mapping: ColumnMapping | None
    refused: Mapping[str, str]


def pool(files: Sequence[Rows]) -> Rows:
    """The rows of files of one shape, the columns in the order of the first."""
    labels = files[0].labels
    rows: list[Row] = []
    for file in files:
        at = [file.labels.index(label) for label in labels]
        rows += [row._replace(cells=[row.cells[place] for place in at]) for row in file.rows]
    return Rows(files[0].shape, labels, rows)


def tell_success(plan: Columns, row: Sequence[Json]) -> bool:
    """Whether nothing in a row says that its run failed."""
    if plan.error is not None and tells_error(row[plan.error]):
        return False
    return plan.success is None or not denies_success(row[plan.success])


def try_columns(rows: Rows, named: Sequence[Named], subject: str | None) -> Trial:
    """What of a proposal the rows bear out.

    Args:
        rows: of one file, or of several of one shape.
        named: what columns are said to hold.
        subject: the column that is said to name what was measured.
    """
    plan = plan_columns(rows.labels)
    sound = [row.cells for row in rows.rows if tell_success(plan, row.cells)]
    cells = {label: [row[at] for row in sound] for at, label in enumerate(rows.labels)}
    named = list(dict.fromkeys(named))
    refused = _refuse_twice(named)
    for each in named:
        reason = _refuse_alone(each, cells[each.column])
        if reason:
            refused.setdefault(each.column, reason)
    reading = _Reading(
        {each.metric: each for each in named if each.column not in refused},
        {each.column: Numbers.of(cells[each.column]) for each in named},
    )
    tries = reading.try_all()
    borne = [identity for identity, tried in tries.items() if tried.bears_out]
    refused |= _refuse_untested(reading, tries)
    refused |= _refuse_exchangeable(reading, borne, refused)
    refused |= _refuse_without_unit(reading, borne, refused)
    tied = {metric for identity in borne for metric in identity.metrics}
    columns = tuple(
        MappedColumn(
            column=each.column,
            metric=metric,
            unit=each.unit,
            counts=each.column not in refused,
            definition=_find_definition(metric, borne),
        )
        for metric, each in reading.named.items()
        if metric in tied
    )
    if not any(column.counts for column in columns):
        return Trial(None, refused)
    taken = {each.column for each in named}
    known = plan.model is not None or subject in taken
    subject = subject if subject and not known and _names_things(cells[subject]) else None
    mapping = ColumnMapping(
        shape=rows.shape,
        columns=columns,
        identities=tuple(identity.name for identity in borne),
        subject=subject,
        settings=_find_settings(plan, cells, {*taken, subject}),
    )
    return Trial(mapping, refused)


class _Reading(NamedTuple):
    """Columns by what they are said to hold, and their numbers as they stand."""

    named: Mapping[str, Named]
    numbers: Mapping[str, Numbers]

    def read(self, metric: str) -> Numbers:
        each = self.named[metric]
        return self.numbers[each.column].read_in(_unit(each.unit))

    def try_all(self) -> dict[Identity, Tried]:
        """Every identity between metrics that there are."""
        numbers = {metric: self.read(metric) for metric in self.named}
        return {
            identity: try_identity(identity, numbers)
            for identity in IDENTITIES
            if numbers.keys() >= set(identity.metrics)
        }

    def exchanged(self, one: str, other: str) -> "_Reading":
        """The same with two columns in each other's place."""
        first, second = self.named[one], self.named[other]
        places = {
            one: first._replace(column=second.column),
            other: second._replace(column=first.column),
        }
        return self._replace(named={**self.named, **places})


def _unit(text: str) -> Unit:
    unit = find_unit(text)
    if unit is None:
        raise ValueError(f"unit {text!r}, expected one that quantities.find_unit knows")
    return unit


def _refuse_twice(named: Sequence[Named]) -> dict[str, str]:
    columns, metrics = [each.column for each in named], [each.metric for each in named]
    refused = {
        each.column: f"two columns are called {each.metric}"
        for each in named
        if metrics.count(each.metric) > 1
    }
    return refused | {
        column: "it is called two things" for column in columns if columns.count(column) > 1
    }


def _refuse_alone(each: Named, cells: Sequence[Json]) -> str | None:
    """Why a column cannot hold what it is said to hold, from itself alone."""
    values = Numbers.of(cells).values
    filled = sum(cell is not None and cell != "" for cell in cells)
    numbers = values[np.isfinite(values)]
    if not filled or len(numbers) < NEARLY_ALL * filled:
        return "it does not hold numbers"
    if names_statistic(each.column):
        return "its name says that its numbers sum up others"
    if (numbers < 0).any():
        return f"no {each.metric} is negative"
    return _refuse_name(each) or _refuse_fractions(each.metric, numbers)


def _refuse_name(each: Named) -> str | None:
    """Why its name, or the unit that it is said to be in, speaks against a metric."""
    unit, own = _unit(each.unit), unit_in_name(each.column)
    if unit.canonical != METRICS[each.metric].unit:
        return f"no {each.metric} is in {each.unit}"
    if own is not None and own != unit:
        return "its name gives it another unit"
    meaning = read_column(each.column)
    if meaning and meaning.metric != each.metric:
        return f"its name says {meaning.metric}"
    return None


def _refuse_fractions(metric: str, numbers: np.ndarray) -> str | None:
    if METRICS[metric].unit == COUNTED and (numbers != np.round(numbers)).any():
        return "tokens are counted in whole numbers"
    return None


def unit_in_name(column: str) -> Unit | None:
    """The unit that the name of a column gives its numbers, if any."""
    meaning = read_column(column)
    if meaning:
        return meaning.unit
    guess = guess_unit(column)
    return find_unit(guess) if guess else None


def _refuse_untested(reading: _Reading, tries: Mapping[Identity, Tried]) -> dict[str, str]:
    refused: dict[str, str] = {}
    for metric, each in reading.named.items():
        about = {identity: tried for identity, tried in tries.items() if metric in identity.metrics}
        if any(t.bears_out and t.shown_by[metric] >= FEWEST_ROWS for t in about.values()):
            continue
        broken = [identity.name for identity, tried in about.items() if not tried.holds]
        if not about:
            refused[each.column] = "nothing else in the files tests it"
        elif len(broken) == len(about):
            refused[each.column] = f"it is not so that {' or '.join(broken)}"
        else:
            refused[each.column] = "too few rows would show a wrong number in it"
    return refused


def _refuse_exchangeable(
    reading: _Reading, borne: Sequence[Identity], refused: Mapping[str, str]
) -> dict[str, str]:
    """Columns that could stand in each other's place without anything failing."""
    found: dict[str, str] = {}
    tied = sorted({metric for identity in borne for metric in identity.metrics})
    for one, other in combinations(tied, 2):
        first, second = reading.named[one], reading.named[other]
        if {first.column, second.column} <= refused.keys():
            continue
        exchanged = reading.exchanged(one, other)
        if any(_refuse_exchanged(exchanged, metric) for metric in (one, other)):
            continue
        tries = exchanged.try_all()
        if all(tries[each].holds for each in borne if {one, other} & set(each.metrics)):
            found[first.column] = f"{other} could stand in its place"
            found[second.column] = f"{one} could stand in its place"
    return {column: why for column, why in found.items() if column not in refused}


def _refuse_exchanged(reading: _Reading, metric: str) -> str | None:
    each = reading.named[metric]
    values = reading.numbers[each.column].values
    return _refuse_name(each) or _refuse_fractions(metric, values[np.isfinite(values)])


def _refuse_without_unit(
    reading: _Reading, borne: Sequence[Identity], refused: Mapping[str, str]
) -> dict[str, str]:
    """Columns whose unit is in no name that they are tied to: all could be in another one."""
    groups: list[set[str]] = []
    for identity in borne:
        tied = {metric for metric in identity.metrics if METRICS[metric].unit != COUNTED}
        joined = [group for group in groups if group & tied]
        groups = [group for group in groups if group not in joined]
        groups.append(tied.union(*joined))
    return {
        reading.named[metric].column: "no name of a column says in which unit it is"
        for group in groups
        if not any(unit_in_name(reading.named[metric].column) for metric in group)
        for metric in group
        if reading.named[metric].column not in refused
    }


def _find_definition(metric: str, borne: Sequence[Identity]) -> str | None:
    """The definition that the numbers show, if they show one alone."""
    shown = {identity.definition for identity in borne if identity.metric == metric}
    return shown.pop() if len(shown) == 1 else None


def _names_things(cells: Sequence[Json]) -> bool:
    texts = [cell for cell in cells if isinstance(cell, str) and not isinstance(cell, Numeral)]
    named = [text for text in texts if isinstance(read_setting(text), str)]
    return len(named) >= NEARLY_ALL * len(cells)


def _find_settings(
    plan: Columns, cells: Mapping[str, Sequence[Json]], taken: set[str | None]
) -> tuple[str, ...]:
    """Columns that no number was read from and whose values come again: under what was measured."""
    known = {at for at, _ in (*plan.settings, *plan.environment)}
    known |= {
        at
        for at in (
            plan.model, plan.time, plan.error, plan.success, plan.options, plan.repetition,
            plan.sequence, plan.phase,
        )
        if at is not None
    }  # fmt: skip
    found: list[str] = []
    for at, (label, column) in enumerate(cells.items()):
        if at in known or label in taken or any(isinstance(cell, dict | list) for cell in column):
            continue
        values = {str(cell) for cell in column}
        if 2 * len(values) <= len(column) and values != {""}:
            found.append(label)
    return tuple(found)
