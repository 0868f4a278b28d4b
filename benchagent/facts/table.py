"""Facts as a table, for Parquet and for questions in SQL, and back."""

from collections.abc import Iterable
from dataclasses import fields
from typing import Any, Final

import pyarrow as pa

from benchagent.facts.fact import Fact

_INTEGERS: Final = frozenset({"n"})
_FLOATS: Final = frozenset({"value", "spread", "ci_low", "ci_high"})
_ID_LISTS: Final = frozenset({"measurements", "arms", "blocks", "rounds", "strata"})
_NAME_LISTS: Final = frozenset({"sources", "facts"})


def _type_of(name: str) -> pa.DataType:
    if name in _INTEGERS:
        return pa.int64()
    if name in _FLOATS:
        return pa.float64()
    if name in _ID_LISTS:
        return pa.list_(pa.int64())
    return pa.list_(pa.string()) if name in _NAME_LISTS else pa.string()


# The class's own texts: a keyword that is another text of the same letters is found by comparing it
# with each of them.
_FIELDS: Final = [field.name for field in fields(Fact)]
FACT_SCHEMA: Final = pa.schema([(name, _type_of(name)) for name in _FIELDS])


def facts_table(facts: Iterable[Fact]) -> pa.Table:
    """Facts as a table (`FACT_SCHEMA`)."""
    found = list(facts)
    cells = {name: [getattr(fact, name) for fact in found] for name in _FIELDS}
    return pa.Table.from_pydict(cells, schema=FACT_SCHEMA)


def facts_from_table(table: pa.Table) -> tuple[Fact, ...]:
    """The facts that `facts_table` wrote."""
    columns: dict[str, list[Any]] = {name: table[name].to_pylist() for name in _FIELDS}
    for name in _ID_LISTS | _NAME_LISTS:
        columns[name] = [tuple(cell) for cell in columns[name]]
    rows = zip(*columns.values(), strict=True)
    return tuple(Fact(**dict(zip(columns, row, strict=True))) for row in rows)
