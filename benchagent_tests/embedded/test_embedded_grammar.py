"""Grammars from JSON schemas, read back by an interpreter of EBNF that knows nothing of schemas."""

import json
import re
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from benchagent.embedded.grammar.grammar import json_grammar, schema_grammar
from benchagent.embedded.grammar.numbers import integer_range, number_range

_TOKEN = re.compile(r'\s+|"(?:\\.|[^"\\])*"|\[(?:\\.|[^\]\\])*\]|\{\d+(?:,\d*)?\}|\w+|[()|*+?]')


def as_regex(grammar: str, rule: str = "root") -> str:
    """Write a grammar without recursion as one regular expression."""
    rules = dict(line.split(" ::= ", 1) for line in grammar.splitlines())
    done: dict[str, str] = {}

    def expand(name: str) -> str:
        if name not in done:
            done[name] = "".join(piece(token) for token in _TOKEN.findall(rules[name]))
            assert "".join(_TOKEN.findall(rules[name])) == rules[name], name
        return f"(?:{done[name]})"

    def piece(token: str) -> str:
        if token.isspace():
            return ""
        if token[0] == '"':
            text = re.sub(r"\\(.)", r"\1", token[1:-1])
            return f"(?:{re.escape(text)})"
        return expand(token) if token in rules else "(?:" if token == "(" else token

    return expand(rule)


def accepts(grammar: str, value: object) -> bool:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return re.fullmatch(as_regex(grammar), text) is not None


def an_object(**properties: object) -> dict[str, object]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


CHOICES = an_object(
    a_headline={"type": "string", "enum": ["decode rate", "cold starts"]},
    b_order={
        "type": "array",
        "items": {"type": "string", "enum": ["A", "B", "C", "D"]},
        "minItems": 2,
        "maxItems": 3,
    },
    c_wording=an_object(A={"enum": ["a", "b"]}, B={"enum": ["a", "b"]}),
)


@pytest.mark.parametrize(
    ("change", "accepted"),
    [
        ({}, True),
        ({"a_headline": "tokens"}, False),  # not in the enumeration
        ({"b_order": ["A"]}, False),  # too short
        ({"b_order": ["A", "B", "C", "D"]}, False),  # too long
        ({"b_order": ["A", "A"]}, True),  # repeats are allowed unless uniqueItems
        ({"c_wording": {"A": "a"}}, False),  # a required property is missing
        ({"d_more": 1}, False),  # an unknown property
    ],
)
def test_a_reply_of_enumerations_keeps_to_them(change: dict[str, object], accepted: bool):
    reply: dict[str, object] = {
        "a_headline": "cold starts",
        "b_order": ["C", "A"],
        "c_wording": {"A": "a", "B": "b"},
    }
    assert accepts(schema_grammar(CHOICES), reply | change) is accepted


@pytest.mark.parametrize("text", ["größer", "é0", "ßE", "ñ\x7fa", 'ü"b', "中a 😀0"])
def test_a_literal_ends_where_the_engine_would_misread_the_next_letter(text: str):
    grammar = schema_grammar({"const": text})
    assert accepts(grammar, text)
    assert not re.search(r"[\x7f-\xff][0-9A-Fa-f]", grammar)


def test_no_blank_is_allowed_between_tokens():
    grammar = schema_grammar(an_object(a={"enum": [1]}))
    assert re.fullmatch(as_regex(grammar), '{"a":1}')
    assert not re.fullmatch(as_regex(grammar), '{"a": 1}')


@pytest.mark.parametrize(
    ("items", "accepted"),
    [
        (["A", "B"], True),
        (["C", "A", "B"], True),
        (["A"], False),  # fewer than minItems
        (["A", "A"], False),  # a repeat
        (["A", "B", "A"], False),  # a repeat further on
        (["A", "B", "C", "D"], False),  # more than maxItems
    ],
)
def test_unique_items_never_repeat(items: list[str], accepted: bool):
    choices = {"enum": ["A", "B", "C", "D"]}
    schema = {"type": "array", "items": choices, "minItems": 2, "maxItems": 3, "uniqueItems": True}
    assert accepts(schema_grammar(schema), items) is accepted


@pytest.mark.parametrize(
    ("value", "accepted"),
    [
        ({"must": 1}, True),
        ({"first": 1, "must": 2}, True),
        ({"first": 1, "must": 2, "last": 3}, True),
        ({"must": 2, "last": 3}, True),
        ({"first": 1}, False),  # the required one is missing
        ({"last": 3, "must": 2}, False),  # properties come in the schema's order
        ({}, False),
    ],
)
def test_optional_properties_may_be_left_out_and_commas_come_right(
    value: dict[str, int], accepted: bool
):
    digit = {"type": "integer", "minimum": 0, "maximum": 9}
    schema = {
        "type": "object",
        "properties": {"first": digit, "must": digit, "last": digit},
        "required": ["must"],
    }
    assert accepts(schema_grammar(schema), value) is accepted


def test_an_object_of_optional_properties_may_be_empty():
    schema = {"type": "object", "properties": {"a": {"const": 1}, "b": {"const": 2}}}
    grammar = schema_grammar(schema)
    for value in ({}, {"a": 1}, {"b": 2}, {"a": 1, "b": 2}):
        assert accepts(grammar, value)


class Cause(BaseModel):
    kind: Literal["cold"]
    share: float = Field(ge=0, le=1)


class Noise(BaseModel):
    kind: Literal["noise"]
    runs: int = Field(ge=2, le=250)


class Statement(BaseModel):
    """A model as its author would write it, with everything pydantic puts into a schema."""

    fact: str = Field(pattern=r"^F[0-9a-f]{3}$", description="which fact")
    note: str | None = None
    cause: Annotated[Cause | Noise, Field(discriminator="kind")]
    codes: list[Literal["x", "y"]] = Field(min_length=1, max_length=2)
    pair: tuple[int, bool]
    by_name: dict[str, int] = {}


def test_what_the_grammar_accepts_of_a_pydantic_schema_pydantic_accepts():
    grammar = schema_grammar(Statement.model_json_schema())
    reply = {
        "fact": "F0a9",
        "note": None,
        "cause": {"kind": "noise", "runs": 250},
        "codes": ["y"],
        "pair": [-12, True],
        "by_name": {"gemma3 270m": 3},
    }
    assert accepts(grammar, reply)
    assert Statement.model_validate(reply)
    assert not accepts(grammar, reply | {"cause": {"kind": "noise", "runs": 251}})
    assert not accepts(grammar, reply | {"fact": "F0a9b"})


@given(st.integers(-1200, 1200), st.integers(-1200, 1200), st.integers(-1300, 1300))
def test_whole_numbers_keep_their_bounds(low: int, high: int, value: int):
    low, high = sorted((low, high))
    grammar = f"root ::= {integer_range(low, high)}"
    assert accepts(grammar, value) is (low <= value <= high)


@given(st.integers(-(10**14), 10**14))
def test_a_whole_number_without_bounds_is_accepted_once_written_plainly(value: int):
    grammar = f"root ::= {integer_range(None, None)}"
    assert accepts(grammar, value)
    assert not re.fullmatch(as_regex(grammar), f"0{abs(value)}")


@given(
    st.integers(-30, 30),
    st.integers(0, 40),
    st.sampled_from(["low", "above"]),
    st.sampled_from(["high", "below"]),
    st.decimals(-75, 75, places=2),
)
def test_decimal_numbers_keep_their_bounds(
    low: int, width: int, lower: str, upper: str, value: Any
):
    high = low + width
    try:
        expression = number_range(
            low if lower == "low" else None,
            high if upper == "high" else None,
            above=low if lower == "above" else None,
            below=high if upper == "below" else None,
        )
    except ValueError:
        assert width == 0
        return
    plain = f"{value.normalize() + 0:f}"
    on_open_edge = (lower == "above" and value == low) or (upper == "below" and value == high)
    matched = re.fullmatch(as_regex(f"root ::= {expression}"), plain) is not None
    assert matched is (low <= value <= high and not on_open_edge)


@pytest.mark.parametrize(
    ("schema", "yes", "no"),
    [
        ({"minimum": 0, "maximum": 1}, ["0", "0.25", "1", "1.0"], ["1.01", "-0.1", "2", "01"]),
        ({"exclusiveMinimum": 0}, ["0.001", "7", "12.5"], ["0", "0.0", "0.00", "-1"]),
        ({"minimum": -2, "exclusiveMaximum": 2}, ["-2", "-0.5", "0", "1.99"], ["2", "-2.5", "2.0"]),
        ({}, ["0", "-3.25", "123456789012345"], ["1e5", "+1", ".5", "1."]),
    ],
)
def test_a_number_is_written_plainly_within_its_bounds(
    schema: dict[str, int], yes: list[str], no: list[str]
):
    pattern = as_regex(schema_grammar({"type": "number", **schema}))
    assert [text for text in yes if not re.fullmatch(pattern, text)] == []
    assert [text for text in no if re.fullmatch(pattern, text)] == []


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        (r"^[A-Z]{2}-\d{3}$", ["AB-123"], ["ab-123", "AB-12", "AB-1234"]),
        (r"^(yes|no)$", ["yes", "no"], ["yesno", "maybe"]),
        (r"a+b?", ["aab", "a"], ["b", "xaab"]),  # unanchored: just what it matches
        (r"^[^a-z]*$", ["A1 #", ""], ["a", "é"]),  # a negated class stays printable ASCII
        (r'^a"b\\c$', ['a"b\\c'], ["abc"]),  # JSON escapes them
        (r"^[\]\-x]$", ["]", "-", "x"], ["y"]),
        (r"^(?:ab){2,3}$", ["abab", "ababab"], ["ab", "abababab"]),
        (r"^\w+\s\w+$", ["one two"], ["one", "one  two"]),
        (r"^\$1\.5$", ["$1.5"], ["$1x5"]),
        (r"^größer$", ["größer"], ["grosser"]),
    ],
)
def test_a_pattern_admits_what_it_matches(pattern: str, yes: list[str], no: list[str]):
    grammar = schema_grammar({"type": "string", "pattern": pattern})
    assert [text for text in yes if not accepts(grammar, text)] == []
    assert [text for text in no if accepts(grammar, text)] == []


@given(st.text(alphabet='ab1-_.*+?()[]{}|^$\\"é é', max_size=12))
def test_a_pattern_becomes_a_grammar_that_reads_or_a_sentence(pattern: str):
    try:
        grammar = schema_grammar({"type": "string", "pattern": pattern})
    except ValueError:
        return
    re.compile(as_regex(grammar))


@pytest.mark.parametrize(
    ("schema", "yes", "no"),
    [
        ({"maxLength": 3}, ["", "abc"], ["abcd", "é"]),
        ({"minLength": 1}, ["a", "two words"], ["", " a", "a  b", "line\nbreak", 'quo"te']),
        ({"maxLength": 300}, ["x" * 240], ["x" * 241]),  # narrower than asked, never wider
        ({"format": "date"}, ["2025-11-28"], ["2025-02-29", "2025-13-01"]),
        ({"format": "date-time"}, ["2025-11-28T23:59:59Z"], ["2025-11-28 23:59:59"]),
        ({"format": "uuid"}, ["123e4567-e89b-12d3-a456-426614174000"], ["123e4567"]),
    ],
)
def test_strings_keep_their_length_and_need_no_escape(
    schema: dict[str, Any], yes: list[str], no: list[str]
):
    grammar = schema_grammar({"type": "string", **schema})
    assert [text for text in yes if not accepts(grammar, text)] == []
    assert [text for text in no if accepts(grammar, text)] == []


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ({"type": "string", "not": {"const": "a"}}, "$: keyword 'not' is not supported"),
        ({"type": "object", "patternProperties": {}}, "'patternProperties' is not supported"),
        ({"type": "number", "multipleOf": 2}, "'multipleOf' is not supported"),
        ({"type": "text"}, "type is 'text'"),
        ({"type": []}, "type is []"),
        ({"enum": []}, "no value of enum"),
        ({"enum": ["a"], "type": "integer"}, "no value of enum"),
        ({"enum": ["\ud800"]}, "half a surrogate pair"),
        ({"anyOf": []}, "anyOf is []"),
        ({"anyOf": [{"const": 1}], "type": "integer"}, "'type' beside 'anyOf'"),
        ({"oneOf": [{"type": "integer"}, {"type": "number"}]}, "could satisfy together"),
        ({"allOf": [{"type": "integer"}, {"minimum": 2}]}, "allOf with several"),
        ({"$ref": "https://example.org/s.json"}, "expected one within the schema"),
        ({"$ref": "#/$defs/Gone"}, "leads nowhere"),
        ({"$ref": "#"}, "refers to itself without an end"),
        ({"type": "integer", "minimum": 3, "maximum": 2}, "no number lies between 3 and 2"),
        ({"type": "number", "minimum": 0.5}, "is not whole"),
        ({"type": "integer", "minimum": "1"}, "minimum is '1', expected a number"),
        ({"type": "array", "minItems": 3, "maxItems": 2}, "3 to 2 items"),
        ({"type": "array", "minItems": 1.5}, "minItems is 1.5"),
        ({"type": "array", "items": {"type": "string"}, "uniqueItems": True}, "uniqueItems is"),
        ({"type": "string", "pattern": "^a$", "maxLength": 3}, "pattern cannot be combined"),
        ({"type": "string", "pattern": "(?=a)"}, "look-around"),
        ({"type": "string", "pattern": "(a{1,99}){1,99}"}, "too many to try"),
        ({"type": "string", "format": "email"}, "format is 'email'"),
        ({"type": "string", "minLength": 500}, "minLength is 500"),
        ({"type": "object", "required": ["a"]}, "requires 'a'"),
        ("yes", "$: is 'yes', expected a schema object"),
        (False, "$: is False, expected a schema object"),
    ],
)
def test_a_schema_that_is_not_understood_in_full_is_refused(schema: object, message: str):
    with pytest.raises(ValueError, match=re.escape(message)):
        schema_grammar(schema)


def test_a_refusal_says_where_in_the_schema():
    schema = an_object(a={"type": "array", "items": an_object(b={"type": "string", "if": {}})})
    with pytest.raises(ValueError, match=r"^\$\.a\.items\.b: keyword 'if'"):
        schema_grammar(schema)


def test_a_schema_that_refers_to_itself_with_an_end_is_a_rule_that_does():
    tree = an_object(name={"const": "n"})
    tree["properties"] = {
        "name": {"const": "n"},
        "next": {"anyOf": [{"$ref": "#"}, {"type": "null"}]},
    }
    grammar = schema_grammar(tree)
    assert grammar.startswith("root ::= ")
    tree["required"], tree["properties"] = ["next"], {"next": {"$ref": "#"}}
    with pytest.raises(ValueError, match="without an end"):
        schema_grammar(tree)


def test_a_schema_nested_without_bound_is_refused_and_not_a_crash():
    schema: dict[str, object] = {"type": "null"}
    for _ in range(200):
        schema = {"type": "array", "items": schema}
    with pytest.raises(ValueError, match="nested deeper than 64"):
        schema_grammar(schema)


def test_too_many_orders_of_unique_items_are_refused():
    letters = {"enum": [f"F{number}" for number in range(30)]}
    with pytest.raises(ValueError, match="more than 4000 grammar rules"):
        schema_grammar({"type": "array", "items": letters, "maxItems": 20, "uniqueItems": True})


def test_json_without_a_schema_is_an_object_at_the_root():
    grammar = json_grammar()
    assert accepts(grammar, {"a": [1, {"b": None}], "c d": "two words"})
    assert not accepts(grammar, [1])
    assert not accepts(grammar, "text")
