"""A JSON schema as a grammar that the engine keeps to: compact, strict, never wider than the schema.

The engine's own converter ignores keywords without a word (`uniqueItems`, `not`, `if`) and allows
endless blanks between tokens. So we write the EBNF ourselves: no blanks, properties in the schema's
order, bounded lists and strings; a keyword we do not know is an error. Every complete reply is
valid by the schema; not every valid document can be a reply.
"""

import re
from collections.abc import Iterable, Mapping
from typing import cast

from benchagent.embedded.grammar.numbers import number_range
from benchagent.embedded.grammar.scalars import integer_form, number_form, string_form
from benchagent.embedded.grammar.schema_reading import (
    Schema,
    allowed_values,
    branches,
    constraints,
    count,
    deciding_keyword,
    disjoint,
    finite_choices,
    has_end,
    resolve,
    types_of,
)
from benchagent.embedded.grammar.text import FREE_STRING, SHARED_RULES, json_literal, literal

_DEEPEST = 64
_MOST_RULES = 4000
_MOST_ITEMS = 256
_ITEMS_UNSAID = 32  # how long a list or map may get whose schema does not say
_ANY_DEPTH = 3  # how deep an object may nest whose schema does not say


def schema_grammar(schema: object) -> str:
    """Write a JSON schema as EBNF whose `root` derives only compact JSON that satisfies it.

    `uniqueItems` is kept for lists of enumerated values. `oneOf` needs branches that no value
    satisfies together.

    Raises:
        ValueError: for a schema that is not understood in full, or that nothing finite satisfies;
            the message says where.
    """
    writer = _Writer(schema)
    root = writer.value(schema, "$", 0)
    writer.check_refs_end()
    return writer.text(root)


def json_grammar() -> str:
    """Write the grammar of any compact JSON object, nested to a bounded depth."""
    writer = _Writer({})
    return writer.text(writer.any_object(_ANY_DEPTH))


class _Writer:
    """The rules of one grammar as they are written."""

    def __init__(self, root: object) -> None:
        self._root = root
        self._rules: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._refs: dict[str, tuple[str, object]] = {}

    def text(self, root: str) -> str:
        """Return the grammar, with those of the shared rules that it uses."""
        rules = {"root": root, **self._rules}
        for name, body in reversed(SHARED_RULES.items()):
            if any(re.search(rf"\b{name}\b", other) for other in rules.values()):
                rules[name] = body
        return "\n".join(f"{name} ::= {body}" for name, body in rules.items())

    def rule(self, body: str) -> str:
        """Give a piece of grammar a name; the same piece keeps its name and is compiled once."""
        if body not in self._names:
            self._names[body] = self._new_name()
            self._rules[self._names[body]] = body
        return self._names[body]

    def _new_name(self) -> str:
        if len(self._rules) >= _MOST_RULES:
            raise ValueError(f"the schema needs more than {_MOST_RULES} grammar rules")
        return f"r{len(self._rules)}"

    def value(self, schema: object, at: str, depth: int) -> str:
        """Return the expression for one place of the schema."""
        if depth > _DEEPEST:
            raise ValueError(f"{at}: the schema is nested deeper than {_DEEPEST} levels")
        keys = constraints(schema, at)
        if not keys:
            return self._any_value(_ANY_DEPTH)
        node = cast(Schema, schema)
        match deciding_keyword(keys, at):
            case "$ref":
                return self._ref(node, at, depth)
            case "enum" | "const":
                return self._enum(node, at)
            case "anyOf" | "oneOf" | "allOf" as keyword:
                return self._union(node, keyword, at, depth)
            case _:
                kinds = types_of(node, keys, at)
                return _alternatives(self._typed(kind, node, at, depth) for kind in kinds)

    def check_refs_end(self) -> None:
        """Refuse a schema with a part that only an endless value could satisfy."""
        ending: frozenset[str] = frozenset()
        while True:
            known = ((p, target) for p, (_, target) in self._refs.items())
            more = frozenset(p for p, target in known if has_end(target, ending))
            if more == ending:
                break
            ending = more
        endless = sorted(self._refs.keys() - ending)
        if endless:
            raise ValueError(
                f"{endless[0]}: refers to itself without an end; no value satisfies it"
            )

    def _ref(self, node: Schema, at: str, depth: int) -> str:
        pointer = str(node["$ref"])
        if pointer not in self._refs:
            target = resolve(self._root, node["$ref"], at)
            name = self._new_name()
            self._rules[name] = ""
            self._refs[pointer] = name, target
            self._rules[name] = self.value(target, pointer, depth + 1)
        return self._refs[pointer][0]

    def _enum(self, node: Schema, at: str) -> str:
        try:
            return _alternatives(json_literal(value) for value in allowed_values(node, at))
        except ValueError as error:
            raise _placed(error, at) from error

    def _union(self, node: Schema, keyword: str, at: str, depth: int) -> str:
        parts = branches(node, keyword, at)
        if keyword == "allOf" and len(parts) > 1:
            raise ValueError(f"{at}: allOf with several schemas is not supported; merge them")
        pairs = [(one, two) for index, one in enumerate(parts) for two in parts[:index]]
        if keyword == "oneOf" and not all(disjoint(self._root, *pair) for pair in pairs):
            raise ValueError(
                f"{at}: oneOf has branches that one value could satisfy together; use anyOf, or "
                "give each a required property with its own const"
            )
        return _alternatives(
            self.value(part, f"{at}.{keyword}[{index}]", depth + 1)
            for index, part in enumerate(parts)
        )

    def _typed(self, kind: str, node: Schema, at: str, depth: int) -> str:
        try:
            match kind:
                case "string":
                    return self.rule(string_form(node, at))
                case "integer":
                    return self.rule(integer_form(node, at))
                case "number":
                    return self.rule(number_form(node, at))
                case "array":
                    return self._array(node, at, depth)
                case "object":
                    return self._object(node, at, depth)
                case "boolean":
                    return '("true" | "false")'
                case _:
                    return '"null"'
        except ValueError as error:
            raise _placed(error, at) from error

    def _array(self, node: Schema, at: str, depth: int) -> str:
        least, most = count(node, "minItems", at) or 0, count(node, "maxItems", at)
        if "prefixItems" in node:
            return self._tuple(node, least, most, at, depth)
        if node.get("items") is False:
            most = 0
        if most is None:
            most = max(least, _ITEMS_UNSAID)
        most = max(least, min(most, _MOST_ITEMS)) if most >= least else most
        if most < least or least > _MOST_ITEMS:
            raise ValueError(f"a list of {least} to {most} items cannot be, or is too long")
        if most == 0:
            return '"[]"'
        if node.get("uniqueItems") and most > 1:
            return self._unique(node, least, most, at)
        item = self.rule(self.value(node.get("items", True), f"{at}.items", depth + 1))
        return _listed("[", "]", item, least, most)

    def _tuple(self, node: Schema, least: int, most: int | None, at: str, depth: int) -> str:
        parts = node["prefixItems"]
        if not isinstance(parts, list) or not parts or node.get("uniqueItems"):
            raise ValueError("prefixItems needs a list of schemas, without uniqueItems")
        places = cast("list[object]", parts)
        if not least <= len(places) <= (len(places) if most is None else most):
            raise ValueError(f"prefixItems has {len(places)} places, which the bounds do not allow")
        items = (self.value(p, f"{at}[{i}]", depth + 1) for i, p in enumerate(places))
        inside = ' "," '.join(items)
        return f'("[" {inside} "]")'

    def _unique(self, node: Schema, least: int, most: int, at: str) -> str:
        values = finite_choices(self._root, node.get("items"), f"{at}.items")
        if values is None:
            raise ValueError("uniqueItems is supported for items with an enum only; leave it out")
        if least > len(values):
            raise ValueError(f"{least} different items are asked of {len(values)} values")
        texts = [json_literal(value) for value in values]
        return f'"[" {self._rest_of(texts, tuple(range(len(texts))), least, most)} "]"'

    def _rest_of(self, texts: list[str], left: tuple[int, ...], least: int, most: int) -> str:
        """Name what may follow in a list without repeats, when these values are left."""
        used = len(texts) - len(left)
        key = f"unique {texts!r} {left!r} {least} {most}"
        if key in self._names:
            return self._names[key]
        name = self._names[key] = self._new_name()
        self._rules[name] = ""
        choices = ['""'] if used >= least else []
        if used < most:
            comma = '"," ' if used else ""
            for index in left:
                rest = tuple(other for other in left if other != index)
                after = self._rest_of(texts, rest, least, most)
                choices.append(f"{comma}{texts[index]} {after}")
        self._rules[name] = " | ".join(choices)
        return name

    def _object(self, node: Schema, at: str, depth: int) -> str:
        properties, required = node.get("properties"), node.get("required", [])
        if not isinstance(properties or {}, Mapping) or not isinstance(required, list):
            raise ValueError("properties must be an object, required a list of names")
        members = cast("Mapping[str, object]", properties or {})
        missing = sorted(set(map(str, cast("list[object]", required))) - set(members))
        if missing:
            raise ValueError(f"requires {missing[0]!r}, which properties does not describe")
        extra = node.get("additionalProperties", properties is None)
        if not members and extra is not False:
            return self._map(extra, at, depth)
        return self._members(members, set(cast("list[str]", required)), at, depth)

    def _map(self, extra: object, at: str, depth: int) -> str:
        if extra is True or not constraints(extra, at):
            return self.any_object(_ANY_DEPTH)
        value = self.value(extra, f"{at}.additionalProperties", depth + 1)
        pair = self.rule(f'{FREE_STRING} ":" {value}')
        return _listed("{", "}", pair, 0, _ITEMS_UNSAID)

    def _members(
        self, members: Mapping[str, object], required: set[str], at: str, depth: int
    ) -> str:
        """Write properties in their order; optional ones may be left out, commas come right."""
        first, more = '""', '""'
        for name in reversed(list(members)):
            value = self.value(members[name], f"{at}.{name}", depth + 1)
            pair = f'{json_literal(name)} ":" {value}'
            if name in required:
                first, more = f"{pair} {more}", f'"," {pair} {more}'
            else:
                pair, rest = self.rule(pair), self.rule(more)
                first, more = f"({pair} {rest} | {self.rule(first)})", f'("," {pair})? {rest}'
        return self.rule(f'"{{" {first} "}}"')

    def any_object(self, depth: int) -> str:
        """Return the expression for any object, its values nested up to a depth."""
        pair = self.rule(f'{FREE_STRING} ":" {self._any_value(depth - 1)}')
        return self.rule(_listed("{", "}", pair, 0, _ITEMS_UNSAID))

    def _any_value(self, depth: int) -> str:
        scalars = f'{FREE_STRING} | {number_range(None, None)} | "true" | "false" | "null"'
        if depth <= 0:
            return self.rule(scalars)
        items = _listed("[", "]", self._any_value(depth - 1), 0, _ITEMS_UNSAID)
        return self.rule(f"{scalars} | {items} | {self.any_object(depth)}")


def _alternatives(parts: Iterable[str]) -> str:
    found = list(dict.fromkeys(parts))
    return found[0] if len(found) == 1 else f"({' | '.join(found)})"


def _listed(opening: str, closing: str, item: str, least: int, most: int) -> str:
    """A bracketed list of items with commas; `most` is at least 1."""
    more = f' ("," {item}){{{max(least - 1, 0)},{most - 1}}}' if most > 1 else ""
    inside = f"{item}{more}" if least else f"({item}{more})?"
    return f"({literal(opening)} {inside} {literal(closing)})"


def _placed(error: ValueError, at: str) -> ValueError:
    """Say where, unless the message already does."""
    text = str(error)
    return error if text.startswith(("$", "#")) else ValueError(f"{at}: {text}")
