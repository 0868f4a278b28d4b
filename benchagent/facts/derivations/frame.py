"""Numbers side by side with what they are of: rows of a table, held column by column.

The facts of a snapshot come from hundreds of small questions ("which rows are of this metric?",
"which were run alike?"). Each is one operation on arrays here; a data frame of pandas takes a
millisecond for each, which for a folder of a few files was nearly all the time that its facts took.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchagent.facts.estimates import Floats, Ints

Codes = NDArray[np.int32]
Mask = NDArray[np.bool_]
# Beyond it, a number for every combination of names would overflow.
_MOST_COMBINATIONS: Final = 2**62


class Words:
    """Different names, each once, known by their places."""

    def __init__(self, array: pa.Array) -> None:
        """From Arrow's array; Python's texts are made of it when they are first asked for."""
        self._array = array

    def __len__(self) -> int:
        """How many."""
        return len(self._array)

    @cached_property
    def texts(self) -> NDArray[np.object_]:
        """The names, and None in the last place, so that -1 finds it."""
        found = np.empty(len(self._array) + 1, dtype=object)
        found[:-1] = self._array.to_pylist()
        return found

    @cached_property
    def places(self) -> Mapping[str, int]:
        """The place of each."""
        return {text: place for place, text in enumerate(self.texts[:-1])}


@dataclass(frozen=True, slots=True)
class Names:
    """A column of names: the place of each row's among the different ones, -1 where it has none."""

    codes: Codes
    words: Words

    @classmethod
    def of(cls, texts: Sequence[str], codes: NDArray[np.integer[Any]]) -> Self:
        """A column whose rows have these texts, equal ones taken together and in order."""
        different, place = np.unique(np.array(texts, dtype=object), return_inverse=True)
        words = Words(pa.array(different.tolist(), pa.string()))
        return cls(place.astype(np.int32)[codes], words)


@dataclass(frozen=True, slots=True)
class Frame:
    """Rows of numbers; a part of them shares the names with the whole.

    Attributes:
        numbers: columns of numbers, those of measurements with `id` and `value`; NaN where a row
            has none.
        names: columns of names that many rows share.
        texts: columns of texts that are seldom looked at, as Arrow has them.
    """

    numbers: Mapping[str, NDArray[Any]]
    names: Mapping[str, Names]
    texts: Mapping[str, pa.Array]

    @classmethod
    def of(cls, table: pa.Table, columns: Sequence[str], *, texts: Sequence[str] = ()) -> Self:
        """Columns of a table; those of `texts` stay as Arrow has them."""
        numbers: dict[str, NDArray[Any]] = {}
        names: dict[str, Names] = {}
        for name, column in zip(columns, _whole(table.select(columns)), strict=True):
            if pa.types.is_dictionary(column.type) or pa.types.is_string(column.type):
                names[name] = _names(column)
            else:
                numbers[name] = column.to_numpy(zero_copy_only=False)
        kept = dict(zip(texts, _whole(table.select(texts)), strict=True))
        return cls(numbers, names, kept)

    def __len__(self) -> int:
        """How many rows."""
        columns = [*self.numbers.values(), *(column.codes for column in self.names.values())]
        return len(columns[0])

    @property
    def ids(self) -> Ints:
        """The column `id`, in order."""
        return self.numbers["id"]

    @property
    def values(self) -> Floats:
        """The column `value`."""
        return self.numbers["value"]

    def codes(self, column: str) -> Codes:
        """The place of each row's name in `different`, -1 where it has none."""
        return self.names[column].codes

    def different(self, column: str) -> list[str]:
        """The names of a column, also those that no row of this part has."""
        return self.names[column].words.texts[:-1].tolist()

    def used(self, column: str, rows: Mask | None = None) -> list[str]:
        """The names of a column that rows have: all of them, or those of a mask."""
        codes = self.codes(column) if rows is None else self.codes(column)[rows]
        places = np.flatnonzero(np.bincount(codes + 1)[1:])
        return self.names[column].words.texts[places].tolist()

    def cells(self, column: str, rows: Ints | None = None) -> list[str | None]:
        """The name of each row, or of the rows given."""
        codes = self.codes(column)
        return self.names[column].words.texts[codes if rows is None else codes[rows]].tolist()

    def records(
        self, columns: Sequence[str], rows: Ints | None = None
    ) -> Iterator[tuple[Any, ...]]:
        """Names of each row side by side."""
        return zip(*(self.cells(column, rows) for column in columns), strict=True)

    def has(self, column: str, *wanted: str) -> Mask:
        """Which rows have one of these names."""
        places = self.names[column].words.places
        codes = [places[name] for name in wanted if name in places]
        if len(codes) == 1:
            return self.codes(column) == codes[0]
        return np.isin(self.codes(column), codes)

    def known(self, column: str) -> Mask:
        """Which rows have a name at all."""
        return self.codes(column) >= 0

    def take(self, rows: Ints | Mask) -> Self:
        """Some of the rows, by place or by mask."""
        at = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows
        return type(self)(
            {name: column[at] for name, column in self.numbers.items()},
            {name: Names(each.codes[at], each.words) for name, each in self.names.items()},
            {name: column.take(pa.array(at)) for name, column in self.texts.items()},
        )

    def with_names(self, **columns: Names) -> Self:
        """The same rows with further columns."""
        return type(self)(self.numbers, {**self.names, **columns}, self.texts)

    def number(self, columns: Sequence[str]) -> Ints:
        """One number per different row of names, in the order of first appearance."""
        found, size = np.zeros(len(self), dtype=np.int64), 1
        for name in columns:
            more = len(self.names[name].words) + 1
            if size * more > _MOST_COMBINATIONS:
                found, size = _in_order_of_appearance(found), len(self)
            found, size = found * more + (self.codes(name) + 1), size * more
        return _in_order_of_appearance(found)

    def first_of_each(self, columns: Sequence[str]) -> Ints:
        """The place of the first row of each different row of names."""
        return first_of_each(self.number(columns))


def first_of_each(numbers: Ints) -> Ints:
    """Where each number stands first, of numbers given in the order of first appearance."""
    return np.flatnonzero(np.diff(np.maximum.accumulate(numbers), prepend=-1))


def split(numbers: Ints) -> list[Ints]:
    """The places of each number, of numbers given from zero on without a gap."""
    if len(numbers) == 0:
        return []
    # Sorting is much faster by short numbers.
    order = np.argsort(numbers.astype(np.min_scalar_type(int(numbers.max()))), kind="stable")
    return np.split(order, np.cumsum(np.bincount(numbers))[:-1])


def _in_order_of_appearance(codes: Ints) -> Ints:
    encoded = pa.array(codes).dictionary_encode()
    return encoded.indices.to_numpy().astype(np.int64)


def _whole(table: pa.Table) -> list[pa.Array]:
    """Columns in one piece each, whose names have one list."""
    return [column.combine_chunks() for column in table.unify_dictionaries().columns]


def _names(column: pa.Array) -> Names:
    encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    indices = encoded.indices
    codes = (indices.fill_null(-1) if indices.null_count else indices).to_numpy()
    return Names(codes.astype(np.int32, copy=False), Words(encoded.dictionary))
