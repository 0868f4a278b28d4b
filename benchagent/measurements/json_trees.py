"""JSON as a tree with nothing lost of its numbers: each stays the text that it was."""

import json
from collections.abc import Iterable
from functools import lru_cache
from typing import cast

from benchagent.measurements.artifact_text import Unreadable
from benchagent.quantities.decimal_commas import DecimalComma
from benchagent.quantities.numbers import parse_number
from benchagent.quantities.units import Unit


class Numeral(str):
    """A number of a JSON text, still as it was written."""

    __slots__ = ()


class _CommaNumeral(DecimalComma, Numeral):
    """A number of a table whose comma is the decimal sign."""

    __slots__ = ()


def as_numeral(cell: str) -> Numeral:
    """A cell's text as the number that it should be; a decimal comma stays one."""
    return _CommaNumeral(cell) if isinstance(cell, DecimalComma) else Numeral(cell)


Json = str | bool | Numeral | list["Json"] | dict[str, "Json"] | None


def read_json(text: str) -> Json | Unreadable:
    """A JSON text as a tree whose numbers are `Numeral`s (`NaN` too: whoever needs it refuses)."""
    try:
        tree = json.loads(text, parse_float=Numeral, parse_int=Numeral, parse_constant=Numeral)
        return _replace_surrogates(tree) if "\\ud" in text or "\\uD" in text else tree
    except json.JSONDecodeError as error:
        return Unreadable(f"line {error.lineno}: not valid JSON: {error.msg}")
    except RecursionError:
        return Unreadable("JSON nested too deeply to be read")


def _replace_surrogates(tree: Json) -> Json:
    """The tree with halves of a character, which JSON can escape and no file can hold, replaced."""
    if isinstance(tree, Numeral):
        return tree
    if isinstance(tree, str):
        return tree.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(tree, list):
        return [_replace_surrogates(entry) for entry in tree]
    if isinstance(tree, dict):
        return {str(_replace_surrogates(key)): _replace_surrogates(tree[key]) for key in tree}
    return tree


def find_pointer(document: Json, pointer: str) -> Json:
    """The value at a JSON pointer (RFC 6901).

    Raises:
        KeyError: nothing stands there.
    """
    place = document
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(place, dict):
            place = place[key]
        elif isinstance(place, list) and _is_index(key) and int(key) < len(place):
            place = place[int(key)]
        else:
            raise KeyError(pointer)
    return place


def _is_index(key: str) -> bool:
    return key.isascii() and key.isdecimal() and len(key) < 12


def write_pointer(parts: Iterable[str | int]) -> str:
    """The JSON pointer that leads through these keys and indexes."""
    return "".join([f"/{part}" if isinstance(part, int) else _step(part) for part in parts])


@lru_cache(maxsize=4096)
def _step(key: str) -> str:
    return f"/{key.replace('~', '~0').replace('/', '~1')}"


def as_object(value: Json) -> dict[str, Json]:
    """The value if it is an object, else an empty one."""
    return cast("dict[str, Json]", value) if isinstance(value, dict) else {}


def as_list(value: Json) -> list[Json]:
    """The value if it is a list, else an empty one."""
    return cast("list[Json]", value) if isinstance(value, list) else []


def as_text(value: Json) -> str | None:
    """The value if it is a string with something in it, else None."""
    text = value.strip() if isinstance(value, str) and not isinstance(value, Numeral) else ""
    return text or None


def number_of(value: Json, *, unit: Unit | None = None) -> float | None:
    """The value if it is a finite number, in the canonical unit; else None."""
    return parse_number(value, unit=unit) if isinstance(value, Numeral) else None
