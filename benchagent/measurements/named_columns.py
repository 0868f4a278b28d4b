# pyright: reportAttributeAccessIssue=false
# pyarrow.compute makes its functions at import, where no type checker sees them.
"""Columns of texts that repeat, as numbers into a list of them."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

Flags = np.ndarray[Any, np.dtype[np.bool_]]
Codes = np.ndarray[Any, np.dtype[np.int32]]


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


def name_codes(
    codes: np.ndarray[Any, np.dtype[np.integer[Any]]], names: pa.Array
) -> pa.DictionaryArray:
    """The column of these numbers into a list of texts, -1 being nothing."""
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32(), mask=codes < 0), names)


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
    used = encoded.indices.unique().drop_null().to_numpy()
    if np.array_equal(used, np.arange(len(encoded.dictionary))):
        return encoded
    place = np.full(len(encoded.dictionary) + 1, -1)
    place[used] = np.arange(len(used))
    return name_codes(place[codes_of(encoded)], encoded.dictionary.take(pa.array(used)))


def find_word(column: pa.ChunkedArray | pa.DictionaryArray, *wanted: str) -> Flags:
    """Where a column holds one of these words; each different word is looked at once."""
    encoded = encode(column)
    words = np.array([name in wanted for name in encoded.dictionary.to_pylist()] + [False])
    if not words.any():
        return np.zeros(len(encoded), np.bool_)
    return words[codes_of(encoded)]


def put_word(
    column: pa.ChunkedArray | pa.DictionaryArray, word: str, rows: Flags
) -> pa.DictionaryArray:
    """The column with `word` in some rows."""
    encoded = encode(column)
    if not rows.any():
        return encoded
    names = encoded.dictionary.to_pylist()
    names += [] if word in names else [word]
    codes = np.where(rows, names.index(word), codes_of(encoded))
    return name_codes(codes, pa.array(names, pa.string()))


def keep_where(column: pa.DictionaryArray, rows: Flags) -> pa.DictionaryArray:
    """The column with nothing in all other rows."""
    return name_codes(np.where(rows, codes_of(column), -1), column.dictionary)
