"""Why a column does not count as what it is said to hold."""

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np

from benchagent.formats.tables.columns import names_statistic, read_column
from benchagent.mappings.column_reading import ColumnReading, Named, unit_in_name, unit_of
from benchagent.mappings.identities import (
    COUNTED,
    FEWEST_ROWS,
    NEARLY_ALL,
    Identity,
    Numbers,
    Tried,
)
from benchagent.measurements.json_trees import Json
from benchagent.quantities.metrics import METRICS


def refuse_twice(named: Sequence[Named]) -> dict[str, str]:
    """Columns that are called two things, or the same as another one."""
    columns, metrics = [each.column for each in named], [each.metric for each in named]
    refused = {
        each.column: f"two columns are called {each.metric}"
        for each in named
        if metrics.count(each.metric) > 1
    }
    return refused | {
        column: "it is called two things" for column in columns if columns.count(column) > 1
    }


def refuse_alone(each: Named, cells: Sequence[Json]) -> str | None:
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
    unit, own = unit_of(each.unit), unit_in_name(each.column)
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


def refuse_untested(reading: ColumnReading, tries: Mapping[Identity, Tried]) -> dict[str, str]:
    """Columns that no identity bears out."""
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


def refuse_exchangeable(
    reading: ColumnReading, borne: Sequence[Identity], refused: Mapping[str, str]
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


def _refuse_exchanged(reading: ColumnReading, metric: str) -> str | None:
    each = reading.named[metric]
    values = reading.numbers[each.column].values
    return _refuse_name(each) or _refuse_fractions(metric, values[np.isfinite(values)])


def refuse_without_unit(
    reading: ColumnReading, borne: Sequence[Identity], refused: Mapping[str, str]
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
