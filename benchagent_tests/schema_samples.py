"""A value that satisfies a JSON schema and is otherwise arbitrary, as from a model under grammar.

Covers what llama.cpp's grammars enforce: type, enum, const, properties, items, prefixItems,
anyOf, oneOf, local $ref, lengths, integer ranges and anchored patterns.
"""

import re._parser as sre_parser  # pyright: ignore[reportMissingImports] -- not in typeshed
import string
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

WORDS = "the runs differ by one median and more load than noise shows here".split()
_PRINTABLE = [c for c in string.printable if c.isprintable()]


def sample(schema: Mapping[str, Any], rng: Random, root: Mapping[str, Any] | None = None) -> Any:
    """A random value for a schema; raises KeyError at what no grammar would take either."""
    root = schema if root is None else root
    if "$ref" in schema:
        return sample(_resolve(schema["$ref"], root), rng, root)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return rng.choice(schema["enum"])
    for union in ("anyOf", "oneOf"):
        if union in schema:
            return sample(rng.choice(schema[union]), rng, root)
    kind = schema.get("type", "object" if "properties" in schema else "string")
    if isinstance(kind, list):
        kind = rng.choice(kind)
    return _KINDS[kind](schema, rng, root)


def _object(schema: Mapping[str, Any], rng: Random, root: Mapping[str, Any]) -> dict[str, Any]:
    required = set(schema.get("required", ()))
    return {
        name: sample(part, rng, root)
        for name, part in schema.get("properties", {}).items()
        if name in required or rng.random() < 0.5
    }


def _array(schema: Mapping[str, Any], rng: Random, root: Mapping[str, Any]) -> list[Any]:
    if "prefixItems" in schema:
        return [sample(part, rng, root) for part in schema["prefixItems"]]
    least = schema.get("minItems", 0)
    count = rng.randint(least, schema.get("maxItems", least + 3))
    return [sample(schema.get("items", {"type": "string"}), rng, root) for _ in range(count)]


def _string(schema: Mapping[str, Any], rng: Random, root: Mapping[str, Any]) -> str:
    if "pattern" in schema:
        return matching(schema["pattern"], rng)
    least = schema.get("minLength", 0)
    text = " ".join(rng.choices(WORDS, k=rng.randint(1, 12)))
    text += "x" * (least - len(text))
    return text[: schema.get("maxLength", len(text))]


def _integer(schema: Mapping[str, Any], rng: Random, root: Mapping[str, Any]) -> int:
    least = schema.get("minimum", schema.get("exclusiveMinimum", -1) + 1)
    most = schema.get("maximum", schema.get("exclusiveMaximum", least + 101) - 1)
    return rng.randint(least, most)


_KINDS = {
    "object": _object,
    "array": _array,
    "string": _string,
    "integer": _integer,
    "number": lambda schema, rng, root: round(rng.uniform(-10, 1000), 3),
    "boolean": lambda schema, rng, root: rng.random() < 0.5,
    "null": lambda schema, rng, root: None,
}


def matching(pattern: str, rng: Random) -> str:
    """A random text that a regular expression matches from end to end."""
    return _expand(sre_parser.parse(pattern).data, rng)


def _expand(parts: Sequence[tuple[Any, Any]], rng: Random) -> str:
    return "".join(_one(op, value, rng) for op, value in parts)


def _one(op: Any, value: Any, rng: Random) -> str:
    if op.name == "LITERAL":
        return chr(value)
    if op.name == "AT":
        return ""
    if op.name == "ANY":
        return rng.choice(_PRINTABLE)
    if op.name == "NOT_LITERAL":
        return rng.choice([c for c in _PRINTABLE if c != chr(value)])
    if op.name == "IN":
        return rng.choice(_members(value))
    if op.name == "BRANCH":
        return _expand(rng.choice(value[1]), rng)
    if op.name == "SUBPATTERN":
        return _expand(value[3], rng)
    if op.name in ("MAX_REPEAT", "MIN_REPEAT"):
        least, most, inner = value
        times = rng.randint(least, min(most, least + 12))
        return "".join(_expand(inner, rng) for _ in range(times))
    raise KeyError(f"{op} in a pattern")


def _members(parts: Sequence[tuple[Any, Any]]) -> list[str]:
    negated = parts[0][0].name == "NEGATE"
    found: set[str] = set()
    for op, value in parts:
        if op.name == "LITERAL":
            found.add(chr(value))
        elif op.name == "RANGE":
            found.update(map(chr, range(value[0], value[1] + 1)))
        elif op.name == "CATEGORY":
            found.update(c for c in _PRINTABLE if _in_category(c, value))
    return sorted(set(_PRINTABLE) - found) if negated else sorted(found)


def _in_category(char: str, category: Any) -> bool:
    return {
        "CATEGORY_DIGIT": char.isdigit(),
        "CATEGORY_NOT_DIGIT": not char.isdigit(),
        "CATEGORY_SPACE": char.isspace(),
        "CATEGORY_NOT_SPACE": not char.isspace(),
        "CATEGORY_WORD": char.isalnum() or char == "_",
        "CATEGORY_NOT_WORD": not (char.isalnum() or char == "_"),
    }[category.name]


def _resolve(reference: str, root: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Any = root
    for step in reference.removeprefix("#/").split("/"):
        found = found[step.replace("~1", "/").replace("~0", "~")]
    return found
