# pyright: reportAttributeAccessIssue=false
# pyarrow.compute makes its functions at import, where no type checker sees them.
"""Columns of texts that repeat, as numbers into a list of them."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchagent.arrays import Integers, Ints, Mask

Codes = np.ndarray[Any, np.dtype[np.int32]]

_FIRST: Final = 4096


def encode(column: pa.Array | pa.ChunkedArray) -> pa.DictionaryArray:
    """A column as one array of numbers into the list of its different texts."""
    whole = _in_one_piece(column) if isinstance(column, pa.ChunkedArray) else column
    return whole if pa.types.is_dictionary(whole.type) else whole.dictionary_encode()


def _in_one_piece(column: pa.ChunkedArray) -> pa.Array:
    if column.num_chunks == 1:  # or it would be copied
        return column.chunk(0)
    return pa.concat_arrays(column.chunks) if column.chunks else pa.array([], column.type)


def codes_of(column: pa.DictionaryArray) -> Codes:
    """The numbers of a column, -1 where it holds nothing."""
    return column.indices.fill_null(-1).to_numpy()


def name_codes(codes: Integers, names: pa.Array) -> pa.DictionaryArray:
    """The column of these numbers into a list of texts, -1 being nothing."""
    missing = codes < 0
    mask = missing if missing.any() else None
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32(), mask=mask), names)


def read_rows(table: pa.Table, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """The rows of some columns as Python's values; each different text is made once."""
    return zip(*(read_cells(table[name]) for name in columns), strict=True)


def read_cells(column: pa.Array | pa.ChunkedArray) -> list[Any]:
    """A column as Python's values; each different text of one that names things is made once."""
    if not pa.types.is_dictionary(column.type):
        return column.to_pylist()
    encoded = encode(column)
    names = [*encoded.dictionary.to_pylist(), None]
    return [names[code] for code in codes_of(encoded).tolist()]


def shed(column: pa.Array | pa.ChunkedArray) -> pa.DictionaryArray:
    """The column with a list of those texts alone that it holds, in the order of their first."""
    encoded = encode(column)
    every = np.arange(len(encoded.dictionary))
    # most columns hold all their texts among the first rows, and none can follow then
    for rows in (encoded.indices[:_FIRST], encoded.indices):
        used = rows.unique().drop_null().to_numpy()
        if np.array_equal(used, every):
            return encoded
    place = np.full(len(encoded.dictionary) + 1, -1)
    place[used] = np.arange(len(used))
    return name_codes(place[codes_of(encoded)], encoded.dictionary.take(pa.array(used)))


def find_word(column: pa.ChunkedArray | pa.DictionaryArray, *wanted: str) -> Mask:
    """Where a column holds one of these words; each different word is looked at once."""
    encoded = encode(column)
    words = np.array([name in wanted for name in encoded.dictionary.to_pylist()] + [False])
    if not words.any():
        return np.zeros(len(encoded), np.bool_)
    return words[codes_of(encoded)]


def put_word(
    column: pa.ChunkedArray | pa.DictionaryArray, word: str, rows: Mask
) -> pa.DictionaryArray:
    """The column with `word` in some rows."""
    encoded = encode(column)
    if not rows.any():
        return encoded
    names = encoded.dictionary.to_pylist()
    names += [] if word in names else [word]
    codes = np.where(rows, names.index(word), codes_of(encoded))
    return name_codes(codes, pa.array(names, pa.string()))


def keep_where(column: pa.DictionaryArray, rows: Mask) -> pa.DictionaryArray:
    """The column with nothing in all other rows."""
    return name_codes(np.where(rows, codes_of(column), -1), column.dictionary)


def fill_in(
    column: pa.ChunkedArray | pa.DictionaryArray, other: pa.ChunkedArray | pa.DictionaryArray
) -> pa.DictionaryArray:
    """The column with what the other holds where it holds nothing itself."""
    encoded = encode(column)
    missing = codes_of(encoded) < 0
    if not missing.any():
        return encoded
    filling = encode(other)
    texts = filling.dictionary.to_pylist()
    names = list(dict.fromkeys([*encoded.dictionary.to_pylist(), *texts]))
    number = {name: at for at, name in enumerate(names)}
    of_filling = np.array([*(number[text] for text in texts), -1])
    codes = np.where(missing, of_filling[codes_of(filling)], codes_of(encoded))
    return name_codes(codes, pa.array(names, pa.string()))


def join_names(first: pa.DictionaryArray, rows: Ints, second: pa.DictionaryArray) -> pa.StringArray:
    """Texts of two columns joined in pairs, each different pair once where they repeat.

    Args:
        first: a column without gaps.
        rows: the row of `first` that stands before each of `second`.
        second: the other, without gaps.
    """
    n_first, n_second = len(first.dictionary), len(second.dictionary)
    if n_first * n_second > len(second):
        before = first.dictionary.take(pa.array(codes_of(first)[rows]))
        return pc.binary_join_element_wise(before, second.cast(pa.string()), "")
    pairs = pc.binary_join_element_wise(
        first.dictionary.take(pa.array(np.repeat(np.arange(n_first), n_second))),
        second.dictionary.take(pa.array(np.tile(np.arange(n_second), n_first))),
        "",
    )
    return pairs.take(pa.array(codes_of(first)[rows] * n_second + codes_of(second)))
