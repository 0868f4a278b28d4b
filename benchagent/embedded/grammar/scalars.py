"""Strings and numbers as a schema bounds them, as EBNF; what they refuse is a ValueError."""

import math
from collections.abc import Callable

from benchagent.embedded.grammar.numbers import integer_range, number_range
from benchagent.embedded.grammar.pattern import pattern_string
from benchagent.embedded.grammar.schema_reading import Schema, bound, count
from benchagent.embedded.grammar.text import FORMATS, bounded_string


def string_form(node: Schema, at: str) -> str:
    """Return the strings that a schema's length, pattern or format allows."""
    shortest, longest = count(node, "minLength", at), count(node, "maxLength", at)
    given = [key for key in ("pattern", "format") if key in node]
    if given and (len(given) > 1 or shortest is not None or longest is not None):
        raise ValueError(f"{given[0]} cannot be combined with a length or another form")
    if "pattern" in node:
        return pattern_string(str(node["pattern"]))
    if "format" not in node:
        return bounded_string(shortest or 0, longest)
    if node["format"] not in FORMATS:
        raise ValueError(f"format is {node['format']!r}, supported are {', '.join(FORMATS)}")
    return FORMATS[node["format"]]


def integer_form(node: Schema, at: str) -> str:
    """Return the whole numbers within a schema's bounds."""
    lows = _bounds(node, at, ("minimum", math.ceil), ("exclusiveMinimum", _next_whole))
    highs = _bounds(node, at, ("maximum", math.floor), ("exclusiveMaximum", _previous_whole))
    return integer_range(max(lows, default=None), min(highs, default=None))


def number_form(node: Schema, at: str) -> str:
    """Return the decimal numbers within a schema's bounds, which must be whole."""
    (low,), (high,), (above,), (below,) = (
        _bounds(node, at, (key, _whole)) or [None]
        for key in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
    )
    return number_range(low, high, above=above, below=below)


def _bounds(node: Schema, at: str, *keys: tuple[str, Callable[[float], int]]) -> list[int]:
    found = ((bound(node, key, at), whole) for key, whole in keys)
    return [whole(value) for value, whole in found if value is not None]


def _next_whole(value: float) -> int:
    return math.floor(value) + 1


def _previous_whole(value: float) -> int:
    return math.ceil(value) - 1


def _whole(value: float) -> int:
    if value != int(value):
        raise ValueError(f"the bound {value!r} of a number is not whole, which is not supported")
    return int(value)
