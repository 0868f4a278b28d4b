"""The table whose rows are model calls."""

from collections.abc import Iterable
from dataclasses import fields
from types import UnionType
from typing import Literal, get_args, get_origin, get_type_hints

import pyarrow as pa

from benchagent.calls.model_call import GROUPS, OWN_FIELDS, ModelCall

_ARROW: dict[type, pa.DataType] = {
    str: pa.string(),
    int: pa.int64(),
    float: pa.float64(),
    bool: pa.bool_(),
}


def _columns(kind: type, names: Iterable[str]) -> list[pa.Field]:
    hints = get_type_hints(kind)
    return [pa.field(name, _ARROW[_scalar(hints[name])]) for name in names]


def _scalar(hint: object) -> type:
    options = [arg for arg in get_args(hint) if arg is not type(None)]
    if isinstance(hint, UnionType) or (options and get_origin(hint) is not Literal):
        return _scalar(options[0])
    return str if get_origin(hint) is Literal else hint  # pyright: ignore[reportReturnType]


CALL_SCHEMA = pa.schema(
    _columns(ModelCall, OWN_FIELDS)
    + [
        column
        for kind in GROUPS.values()
        for column in _columns(kind, [f.name for f in fields(kind)])
    ]
)
