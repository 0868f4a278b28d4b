"""What columns of no known format are said to hold, and the numbers that they hold then."""

from collections.abc import Mapping
from typing import NamedTuple

from benchagent.formats.tables.columns import read_column, unit_at_end
from benchagent.mappings.identities import IDENTITIES, Identity, Numbers, Tried, try_identity
from benchagent.quantities.units import Unit, find_unit


class Named(NamedTuple):
    """What a column is said to hold, its unit as people write it."""

    column: str
    metric: str
    unit: str


class ColumnReading(NamedTuple):
    """Columns by what they are said to hold, and their numbers as they stand."""

    named: Mapping[str, Named]
    numbers: Mapping[str, Numbers]

    def read(self, metric: str) -> Numbers:
        """The numbers of a metric in its canonical unit."""
        each = self.named[metric]
        return self.numbers[each.column].read_in(unit_of(each.unit))

    def try_all(self) -> dict[Identity, Tried]:
        """Try every identity whose metrics are all there."""
        numbers = {metric: self.read(metric) for metric in self.named}
        return {
            identity: try_identity(identity, numbers)
            for identity in IDENTITIES
            if numbers.keys() >= set(identity.metrics)
        }

    def exchanged(self, one: str, other: str) -> "ColumnReading":
        """The same reading with two columns exchanged."""
        first, second = self.named[one], self.named[other]
        places = {
            one: first._replace(column=second.column),
            other: second._replace(column=first.column),
        }
        return self._replace(named={**self.named, **places})


def unit_of(text: str) -> Unit:
    """The unit that a proposal names."""
    unit = find_unit(text)
    if unit is None:
        raise ValueError(f"unit {text!r}, expected one that quantities.units knows")
    return unit


def unit_in_name(column: str) -> Unit | None:
    """The unit that the name of a column gives its numbers, if any."""
    if meaning := read_column(column):
        return meaning.unit
    end = unit_at_end(column)
    return end[1] if end else None
