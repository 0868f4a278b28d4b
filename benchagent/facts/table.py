"""Facts as a table, for Parquet and for questions in SQL, and back.

The facts of millions of measurements list them several times over; of what is listed no Python
object is made.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pyarrow as pa

from benchagent.facts.fact import ID_LISTS, Fact
from benchagent.facts.ids import Ids
from benchagent.measurements.named_columns import read_cells

_INTEGERS: Final = frozenset({"n"})
_FLOATS: Final = frozenset({"value", "spread", "ci_low", "ci_high"})
_NAME_LISTS: Final = frozenset({"sources", "facts"})


def _type_of(name: str) -> pa.DataType:
    if name in _INTEGERS:
        return pa.int64()
    if name in _FLOATS:
        return pa.float64()
    if name in ID_LISTS:
        return pa.list_(pa.int64())
    return pa.list_(pa.string()) if name in _NAME_LISTS else pa.string()


# The class's own texts: a keyword that is another text of the same letters is found by comparing it
# with each of them.
_FIELDS: Final = [field.name for field in fields(Fact)]
FACT_SCHEMA: Final = pa.schema([(name, _type_of(name)) for name in _FIELDS])


def facts_table(facts: Iterable[Fact]) -> pa.Table:
    """Facts as a table (`FACT_SCHEMA`)."""
    found = list(facts)
    cells: dict[str, Any] = {name: [getattr(fact, name) for fact in found] for name in _FIELDS}
    cells |= {name: _list_ids(cells[name]) for name in ID_LISTS}
    return pa.Table.from_pydict(cells, schema=FACT_SCHEMA)


def _list_ids(lists: Sequence[Sequence[int]]) -> pa.Array:
    ends = np.cumsum([0, *map(len, lists)], dtype=np.int32)
    every = np.concatenate([np.empty(0, np.int64), *(np.asarray(ids) for ids in lists)])
    return pa.ListArray.from_arrays(pa.array(ends), pa.array(every))


def facts_from_table(table: pa.Table) -> tuple[Fact, ...]:
    """The facts that `facts_table` wrote."""
    columns = {name: _cells(table[name], name) for name in _FIELDS}
    rows = zip(*columns.values(), strict=True)
    return tuple(Fact(**dict(zip(columns, row, strict=True))) for row in rows)


def _cells(column: pa.ChunkedArray, name: str) -> Sequence[Any]:
    if name in ID_LISTS:
        parts = (part for lists in column.chunks for part in _parts(lists, pa.Array.to_numpy))
        return list(map(Ids.of, parts))
    if name in _NAME_LISTS:
        return [tuple(part) for lists in column.chunks for part in _parts(lists, _texts)]
    return _texts(column) if pa.types.is_string(column.type) else column.to_pylist()


def _parts(lists: pa.ListArray, read: Callable[[pa.Array], Any]) -> Iterator[Any]:
    """What stands in each list of a column, all of it read at once."""
    every, ends = read(lists.values), lists.offsets.to_pylist()
    return (every[start:end] for start, end in pairwise(ends))


def _texts(column: pa.Array | pa.ChunkedArray) -> list[Any]:
    """The texts of a column, each different one made once."""
    return read_cells(column.dictionary_encode())
