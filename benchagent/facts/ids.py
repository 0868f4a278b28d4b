"""Ids of measurements in order, and values by id, held as arrays.

They take eight bytes each, where Python's ints take forty.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self, overload

import numpy as np

from benchagent.arrays import Floats, Integers, Ints


class Ids(Sequence[int]):
    """Whole numbers in a fixed order, to be used as a tuple of them is; equal to one that has them."""

    __slots__ = ("_array",)

    def __init__(self, numbers: Sequence[int] | Integers = ()) -> None:
        """Of these numbers; an array is not copied, and must not change any more."""
        self._array: Ints = np.asarray(numbers, dtype=np.int64)

    @classmethod
    def of(cls, numbers: Sequence[int] | Integers) -> "Ids":
        """These numbers; of none, what all others share that have none."""
        if isinstance(numbers, Ids):
            return numbers
        return cls(numbers) if len(numbers) else NO_IDS

    def __len__(self) -> int:
        """How many."""
        return len(self._array)

    @overload
    def __getitem__(self, at: int) -> int: ...
    @overload
    def __getitem__(self, at: slice) -> Self: ...
    def __getitem__(self, at: int | slice) -> int | Self:
        """One of them, or some in a row."""
        if isinstance(at, slice):
            return type(self)(self._array[at])
        return int(self._array[at])

    def __iter__(self) -> Iterator[int]:
        """Each as Python's int, made of a few thousand at a time."""
        for start in range(0, len(self._array), _AT_ONCE):
            yield from self._array[start : start + _AT_ONCE].tolist()

    def __contains__(self, number: object) -> bool:
        """Whether it is one of them."""
        return bool((self._array == number).any())

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Ints:
        """For NumPy: the array itself, as long as it is asked for no other one."""
        wanted = self._array if dtype is None else self._array.astype(dtype, copy=False)
        return wanted.copy() if copy else wanted

    def __eq__(self, other: object) -> bool:
        """Whether the other one has the same numbers in the same order."""
        if isinstance(other, Ids):
            return np.array_equal(self._array, other._array)
        return tuple(self) == other if isinstance(other, tuple) else NotImplemented

    def __hash__(self) -> int:
        """As a tuple of the same numbers."""
        return hash(tuple(self))

    def __repr__(self) -> str:
        """As a tuple of the same numbers shows itself."""
        return f"Ids({tuple(self)})"


_AT_ONCE = 4096
NO_IDS = Ids()


class Values:
    """The value of each measurement that was read, by its id."""

    def __init__(self, ids: Sequence[int], values: Sequence[float]) -> None:
        """Of ids in any order, and the value of each."""
        known = np.asarray(ids, dtype=np.int64)
        order = np.argsort(known, kind="stable")
        self._ids = known[order]
        self._values = np.asarray(values, dtype=np.float64)[order]

    @classmethod
    def of(cls, values: Mapping[int, float]) -> Self:
        """Those of a mapping."""
        return cls(list(values), list(values.values()))

    def at(self, ids: Sequence[int]) -> Floats:
        """The values of these ids, in their order.

        Raises:
            KeyError: one of them has none; names it.
        """
        wanted = np.asarray(ids, dtype=np.int64)
        places = np.searchsorted(self._ids, wanted)
        known = places < len(self._ids)
        known[known] = self._ids[places[known]] == wanted[known]
        if not known.all():
            raise KeyError(int(wanted[~known][0]))
        return self._values[places]
