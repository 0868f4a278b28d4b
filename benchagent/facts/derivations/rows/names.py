"""Columns of names: each different one once, and for each row its place among them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchagent.arrays import Integers, Ints

_MOST_KEPT: Final = 2**16
_LENGTHS: Final = (np.int8, np.int16, np.int32)


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

    def at(self, codes: Integers) -> list[Any]:
        """The name of each code; of many names, such as those of runs, none is kept."""
        if len(self) > _MOST_KEPT and "texts" not in self.__dict__:
            return self._array.take(pa.array(codes, mask=codes < 0)).to_pylist()
        return self.texts[codes].tolist()

    @cached_property
    def places(self) -> Mapping[str, int]:
        """The place of each."""
        return {text: place for place, text in enumerate(self.texts[:-1])}

    @cached_property
    def ranks(self) -> Ints:
        """For each its place among all in their order."""
        ranks = np.empty(len(self), dtype=np.int64)
        ranks[np.argsort(self.texts[:-1], kind="stable")] = np.arange(len(self))
        return ranks


@dataclass(frozen=True, slots=True)
class Names:
    """A column of names: the place of each row's among the different ones, -1 where it has none.

    Attributes:
        codes: the places, with room for one more than the last.
    """

    codes: Integers
    words: Words

    @classmethod
    def of(cls, texts: Sequence[str], codes: Integers) -> Self:
        """A column whose rows have these texts, equal ones taken together and in order."""
        different, place = np.unique(np.array(texts, dtype=object), return_inverse=True)
        words = Words(pa.array(different.tolist(), pa.string()))
        return cls(shorten(place, words)[codes], words)

    def take(self, rows: Ints) -> Self:
        """Those of some rows."""
        return type(self)(self.codes[rows], self.words)


def shorten(codes: Integers, words: Words) -> Integers:
    """Codes as the shortest numbers with room for one more than the last."""
    return codes.astype(next(t for t in _LENGTHS if len(words) < np.iinfo(t).max))
