# pyright: reportAttributeAccessIssue=false
# pyarrow.compute makes its functions at import, where no type checker sees them.
"""Columns of texts that repeat, as numbers into a list of them."""

from typing import Any

import numpy as np
import pyarrow as pa

Flags = np.ndarray[Any, np.dtype[np.bool_]]


def encode(column: pa.ChunkedArray) -> pa.DictionaryArray:
    """A column as one array of numbers into the list of its different texts."""
    whole = column.combine_chunks()
    if isinstance(whole, pa.ChunkedArray):  # a column of no chunks stays one
        whole = pa.concat_arrays(whole.chunks) if whole.chunks else pa.array([], whole.type)
    return whole if pa.types.is_dictionary(whole.type) else whole.dictionary_encode()


def find_word(column: pa.ChunkedArray, word: str) -> Flags:
    """Where a column holds this word; each different word is looked at once."""
    encoded = encode(column)
    words = np.array([name == word for name in encoded.dictionary.to_pylist()] + [False])
    if not words.any():
        return np.zeros(len(encoded), np.bool_)
    return words[encoded.indices.fill_null(-1).to_numpy()]
