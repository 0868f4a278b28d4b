"""Numbers side by side with what they are of: rows of a table, held column by column.

The facts of a snapshot come from hundreds of small questions ("which rows are of this metric?",
"which were run alike?"). Each is one operation on arrays here; a data frame of pandas takes a
millisecond for each, which for a folder of a few files was nearly all the time that its facts took.

Of millions of rows each byte counts: columns are read one after the other and only the rows that
are asked for are kept, a name is a number as short as the list of names allows, and a part of the
rows takes a column out of the whole when it is first asked for.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchagent.arrays import Floats, Integers, Ints, Mask
from benchagent.facts.derivations.rows.names import Names, Words, shorten
from benchagent.facts.fact import Evidence
from benchagent.stored_table import AnyTable

# Beyond it, a number for every combination of names would overflow.
_MOST_COMBINATIONS: Final = 2**62
Column = NDArray[Any] | Names | pa.Array


class Frame:
    """Rows of numbers; a part of them shares the names with the whole.

    Columns are of three kinds: numbers, those of measurements with `id` and `value`, NaN where a
    row has none; names that many rows share; and texts that are seldom looked at, as Arrow has them.
    """

    __slots__ = ("_columns", "_rows", "_taken")

    def __init__(self, columns: Mapping[str, Column], rows: Ints | None = None) -> None:
        """Of these columns all rows, or some by place."""
        self._columns, self._rows = columns, rows
        self._taken: dict[str, Column] = {}

    @classmethod
    def of(
        cls,
        table: AnyTable,
        columns: Sequence[str],
        *,
        texts: Sequence[str] = (),
        rows: Mask | None = None,
    ) -> Self:
        """Columns of a table, of all rows or those of a mask; those of `texts` stay texts."""
        chosen = None if rows is None or rows.all() else pa.array(rows)
        found: dict[str, Column] = {}
        for name in (*columns, *texts):
            column = _whole(table.select([name]), chosen)
            found[name] = column if name in texts else _without_arrow(column)
        return cls(found)

    def __len__(self) -> int:
        """How many rows."""
        if self._rows is not None:
            return len(self._rows)
        first = next(iter(self._columns.values()))
        return len(first.codes if isinstance(first, Names) else first)

    def _column(self, name: str) -> Column:
        if self._rows is None:
            return self._columns[name]
        if name not in self._taken:
            self._taken[name] = self._columns[name].take(self._rows)
        return self._taken[name]

    @property
    def ids(self) -> Ints:
        """The column `id`, in order."""
        return self.numbers("id")

    @property
    def values(self) -> Floats:
        """The column `value`."""
        return self.numbers("value")

    def numbers(self, column: str) -> NDArray[Any]:
        """A column of numbers."""
        found = self._column(column)
        assert isinstance(found, np.ndarray), column
        return found

    def names(self, column: str) -> Names:
        """A column of names."""
        found = self._column(column)
        assert isinstance(found, Names), column
        return found

    def texts(self, column: str, rows: Ints | None = None) -> pa.Array:
        """A column of texts of all rows, or of some by place."""
        if rows is not None and self._rows is not None:
            rows = self._rows[rows]
        found = self._columns[column]
        assert isinstance(found, pa.Array), column
        chosen = self._rows if rows is None else rows
        return found if chosen is None else found.take(pa.array(chosen))

    def codes(self, column: str) -> Integers:
        """The place of each row's name in `different`, -1 where it has none."""
        return self.names(column).codes

    def _words(self, column: str) -> Words:
        found = self._columns[column]
        assert isinstance(found, Names), column
        return found.words

    def different(self, column: str) -> list[str]:
        """The names of a column, also those that no row of this part has."""
        return self._words(column).texts[:-1].tolist()

    def used(self, column: str, rows: Mask | Ints | None = None) -> list[str]:
        """The names of a column that rows have: all of them, or those of a mask or places."""
        codes = self.codes(column) if rows is None else self.codes(column)[rows]
        return self._words(column).at(np.flatnonzero(np.bincount(codes + 1)[1:]))

    def cells(self, column: str, rows: Ints | None = None) -> list[str | None]:
        """The name of each row, or of the rows given."""
        codes = self.codes(column)
        return self._words(column).at(codes if rows is None else codes[rows])

    def records(
        self, columns: Sequence[str], rows: Ints | None = None
    ) -> Iterator[tuple[Any, ...]]:
        """Names of each row side by side."""
        return zip(*(self.cells(column, rows) for column in columns), strict=True)

    def has(self, column: str, *wanted: str) -> Mask:
        """Which rows have one of these names."""
        places = self._words(column).places
        codes = [places[name] for name in wanted if name in places]
        if len(codes) == 1:
            return self.codes(column) == codes[0]
        return np.isin(self.codes(column), codes)

    def known(self, column: str) -> Mask:
        """Which rows have a name at all."""
        return self.codes(column) >= 0

    def take(self, rows: Ints | Mask) -> Self:
        """Some of the rows, by place or by mask."""
        at: Ints = (
            np.flatnonzero(rows) if rows.dtype == np.bool_ else rows.astype(np.int64, copy=False)
        )
        if len(at) == len(self) and np.array_equal(at, np.arange(len(at))):
            return self
        return type(self)(self._columns, at if self._rows is None else self._rows[at])

    def with_names(self, **columns: Names) -> Self:
        """The same rows with further columns."""
        own = {name: self._column(name) for name in self._columns}
        return type(self)({**own, **columns})

    def without(self, *columns: str) -> Self:
        """The same rows without some columns."""
        kept = {name: self._columns[name] for name in self._columns if name not in columns}
        return type(self)(kept, self._rows)

    def number(self, columns: Sequence[str]) -> Ints:
        """One number per different row of names, in the order of first appearance."""
        codes = ((self.codes(name), len(self._words(name))) for name in columns)
        return _number(len(self), codes)

    def first_of_each(self, columns: Sequence[str]) -> Ints:
        """The place of the first row of each different row of names."""
        return first_of_each(self.number(columns))


def measured_once(evidence: Evidence) -> Mask:
    """Which rows are no summary, no claim and no part of a file that repeats another one."""
    told = Frame.of(evidence.measurements, ["kind", "duplicate_of"])
    return told.has("kind", "measured") & ~told.known("duplicate_of")


def number_rows(*columns: Integers) -> Ints:
    """One number per different row of codes, none below -1, in the order of first appearance."""
    codes = ((column, int(column.max(initial=-1)) + 1) for column in columns)
    return _number(len(columns[0]), codes)


def _number(n_rows: int, columns: Iterable[tuple[Integers, int]]) -> Ints:
    """Of columns of codes, each with the number that is beyond all of them."""
    found, size = np.zeros(n_rows, dtype=np.int64), 1
    for codes, beyond in columns:
        if size * (beyond + 1) > _MOST_COMBINATIONS:
            found, size = _in_order_of_appearance(found), n_rows
        found *= beyond + 1
        found += codes
        found += 1
        size *= beyond + 1
    return _in_order_of_appearance(found)


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


def _whole(table: pa.Table, rows: pa.Array | None) -> pa.Array:
    """The rows of a column in one piece, whose names have one list."""
    [column] = table.unify_dictionaries().columns
    return (column if rows is None else column.filter(rows)).combine_chunks()


def _without_arrow(column: pa.Array) -> Column:
    if not (pa.types.is_dictionary(column.type) or pa.types.is_string(column.type)):
        if column.null_count and column.null_count == len(column):
            return np.broadcast_to(np.nan, len(column))
        return column.to_numpy(zero_copy_only=False)
    encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    words = Words(encoded.dictionary)
    indices = encoded.indices
    codes = (indices.fill_null(-1) if indices.null_count else indices).to_numpy()
    return Names(shorten(codes, words), words)
