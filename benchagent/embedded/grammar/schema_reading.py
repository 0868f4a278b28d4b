"""What a JSON schema says, read strictly: where it points, what it allows, whether it ends."""

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any, cast
from urllib.parse import unquote

Schema = Mapping[str, Any]

ANNOTATIONS = frozenset(
    "title description default examples $schema $id $comment deprecated readOnly writeOnly "
    "discriminator $defs definitions".split()
)
_BOUNDS = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"})
KEYWORDS: dict[str, frozenset[str]] = {
    "string": frozenset({"minLength", "maxLength", "pattern", "format"}),
    "integer": _BOUNDS,
    "number": _BOUNDS,
    "array": frozenset({"items", "prefixItems", "minItems", "maxItems", "uniqueItems"}),
    "object": frozenset({"properties", "required", "additionalProperties"}),
    "boolean": frozenset(),
    "null": frozenset(),
}
_DECIDING = ("$ref", "const", "enum", "anyOf", "oneOf", "allOf")


def constraints(schema: object, at: str) -> frozenset[str]:
    """Return the keywords of a schema that constrain something.

    Raises:
        ValueError: for what is no schema object.
    """
    if schema is True:
        return frozenset()
    if not isinstance(schema, Mapping):
        raise ValueError(f"{at}: is {schema!r}, expected a schema object")
    return frozenset(cast(Schema, schema)) - ANNOTATIONS


def deciding_keyword(keys: frozenset[str], at: str) -> str | None:
    """Return the keyword that alone says what a place allows (`$ref`, `enum`, `anyOf`, …), if any.

    Raises:
        ValueError: where another constraint stands beside it; only `type` may, beside values.
    """
    found = next((keyword for keyword in _DECIDING if keyword in keys), None)
    if found is None:
        return None
    beside = sorted(keys - {found} - ({"type"} if found in ("const", "enum") else set()))
    if beside:
        raise ValueError(f"{at}: {beside[0]!r} beside {found!r} is not supported; leave one out")
    return found


def types_of(node: Schema, keys: frozenset[str], at: str) -> tuple[str, ...]:
    """Return the JSON types that a schema without a deciding keyword allows.

    Raises:
        ValueError: for an unknown type, or a keyword that belongs to none of the types.
    """
    if "type" in keys:
        given = node["type"]
        kinds = tuple(cast("list[object]", given)) if isinstance(given, list) else (given,)
    else:
        kinds = tuple(kind for kind, known in KEYWORDS.items() if keys <= known)[:1]
    named = tuple(kind for kind in kinds if isinstance(kind, str) and kind in KEYWORDS)
    if len(named) != len(kinds) or ("type" in keys and not named):
        raise ValueError(f"{at}: type is {node['type']!r}, expected {', '.join(KEYWORDS)}")
    unknown = sorted(keys - {"type"} - frozenset[str]().union(*(KEYWORDS[kind] for kind in named)))
    if unknown:
        raise ValueError(
            f"{at}: keyword {unknown[0]!r} is not supported for type {' or '.join(named) or '(none)'}"
            "; leave it out and check the reply yourself"
        )
    # Every integer is a number: side by side they would be two ways of saying the same digits.
    return tuple(k for k in dict.fromkeys(named) if k != "integer" or "number" not in named)


def branches(node: Schema, keyword: str, at: str) -> list[object]:
    """Return the schemas of `anyOf`, `oneOf` or `allOf`."""
    given = node[keyword]
    if not isinstance(given, list) or not given:
        raise ValueError(f"{at}: {keyword} is {given!r}, expected a list of schemas")
    return cast("list[object]", given)


def count(node: Schema, keyword: str, at: str) -> int | None:
    """Return a bound on a length, or None where there is none."""
    value = node.get(keyword)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0 or value % 1:
        raise ValueError(f"{at}: {keyword} is {value!r}, expected a whole number from 0")
    return int(value)


def bound(node: Schema, keyword: str, at: str) -> float | None:
    """Return a bound on a number, or None where there is none."""
    value = node.get(keyword)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{at}: {keyword} is {value!r}, expected a number")
    return value


def resolve(root: object, pointer: object, at: str) -> object:
    """Follow a reference within the schema: `#`, `#/$defs/Name`.

    Raises:
        ValueError: for a reference that leaves the document or leads nowhere.
    """
    if not isinstance(pointer, str) or not (pointer == "#" or pointer.startswith("#/")):
        raise ValueError(f"{at}: $ref is {pointer!r}, expected one within the schema (#/$defs/…)")
    place = root
    for part in pointer.split("/")[1:]:
        key = unquote(part).replace("~1", "/").replace("~0", "~")
        if isinstance(place, Mapping) and key in place:
            place = cast(Schema, place)[key]
        elif (
            isinstance(place, list) and key.isdecimal() and int(key) < len(cast("list[Any]", place))
        ):
            place = cast("list[object]", place)[int(key)]
        else:
            raise ValueError(f"{at}: $ref {pointer!r} leads nowhere in this schema")
    return place


def allowed_values(node: Schema, at: str) -> list[object]:
    """Return the values of `enum` or `const`, each once, as far as a `type` beside them allows.

    Raises:
        ValueError: where no value remains.
    """
    given = node.get("enum", [node.get("const")])
    if not isinstance(given, list):
        raise ValueError(f"{at}: enum is {given!r}, expected a list of values")
    kinds = types_of({"type": node["type"]}, frozenset({"type"}), at) if "type" in node else None
    values: dict[str, object] = {}
    for value in cast("list[object]", given):
        if kinds is None or _type_names(value) & set(kinds):
            values.setdefault(_identity(value), value)
    if not values:
        raise ValueError(f"{at}: no value of enum {given!r} has the type {node.get('type')!r}")
    return list(values.values())


def finite_choices(root: object, schema: object, at: str) -> list[object] | None:
    """Return every value that a schema allows where it enumerates them, else None."""
    node = _followed(root, schema)
    if node is None:
        return None
    keys = constraints(node, at)
    if keys & {"enum", "const"} and deciding_keyword(keys, at):
        return allowed_values(node, at)
    return [True, False] if keys == frozenset({"type"}) and node["type"] == "boolean" else None


def disjoint(root: object, one: object, other: object) -> bool:
    """Tell whether no value satisfies both schemas, as far as types and constants show it."""
    first, second = _followed(root, one), _followed(root, other)
    if first is None or second is None:
        return False
    kinds, others = _kinds(first), _kinds(second)
    if kinds is None or others is None:
        return False
    if not _widened(kinds) & _widened(others):
        return True
    values, other_values = finite_choices({}, first, "$"), finite_choices({}, second, "$")
    if values is not None and other_values is not None:
        return not _shared(values, other_values)
    return kinds == others == {"object"} and _told_apart_by_property(root, first, second)


def _told_apart_by_property(root: object, first: Schema, second: Schema) -> bool:
    shared = set(first.get("required", ())) & set(second.get("required", ()))
    for name in shared:
        values = finite_choices(root, first.get("properties", {}).get(name), "$")
        others = finite_choices(root, second.get("properties", {}).get(name), "$")
        if values is not None and others is not None and not _shared(values, others):
            return True
    return False


def _shared(values: Iterable[object], others: Iterable[object]) -> set[str]:
    return {_identity(value) for value in values} & {_identity(other) for other in others}


def _followed(root: object, schema: object) -> Schema | None:
    seen: set[str] = set()
    while isinstance(schema, Mapping) and set(cast(Schema, schema)) - ANNOTATIONS == {"$ref"}:
        pointer = cast(Schema, schema)["$ref"]
        if pointer in seen:
            return None
        seen.add(pointer)
        schema = resolve(root, pointer, "$")
    return cast(Schema, schema) if isinstance(schema, Mapping) else None


def _kinds(node: Schema) -> set[str] | None:
    if "enum" in node or "const" in node:
        return {name for value in allowed_values(node, "$") for name in _type_names(value)}
    given = node.get("type")
    if isinstance(given, str):
        return {given}
    return set(cast("list[str]", given)) if isinstance(given, list) else None


def _widened(kinds: Iterable[str]) -> set[str]:
    return {"number" if kind == "integer" else kind for kind in kinds}


def _type_names(value: object) -> set[str]:
    if isinstance(value, bool):
        return {"boolean"}
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        return {"integer", "number"}
    kinds = ((float, "number"), (str, "string"), (list, "array"), (dict, "object"))
    return {next((name for kind, name in kinds if isinstance(value, kind)), "null")}


def _identity(value: object) -> str:
    """Write a value so that equal JSON values are equal texts: 1 and 1.0 are one value."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value, sort_keys=True)


def has_end(schema: object, ending: frozenset[str]) -> bool:
    """Tell whether some finite value satisfies a schema, given the references known to end."""
    if not isinstance(schema, Mapping):
        return True
    node = cast(Schema, schema)
    if "$ref" in node:
        return node["$ref"] in ending
    for keyword in ("anyOf", "oneOf", "allOf"):
        if keyword in node:
            return any(has_end(branch, ending) for branch in branches(node, keyword, "$"))
    given = node.get("type")
    if isinstance(given, list) and set(cast("list[str]", given)) - {"object", "array"}:
        return True
    needed = [node.get("properties", {}).get(name) for name in node.get("required", ())]
    needed += node.get("prefixItems", [])
    needed += [node["items"]] if node.get("minItems") and "items" in node else []
    return all(has_end(part, ending) for part in needed)
