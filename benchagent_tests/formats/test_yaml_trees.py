"""YAML that holds numbers of benchmarks, and YAML that would be something else than it looks."""

import pytest

from benchagent.formats import parse_bytes
from benchagent.measurements.artifact_text import Unreadable
from benchagent.measurements.json_trees import Json, Numeral
from benchagent.measurements.yaml_trees import read_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.50", Numeral("1.50")),  # as it was written
        ("-3", Numeral("-3")),
        ("1.5e-05", Numeral("1.5e-05")),
        (".nan", Numeral(".nan")),  # no number to whoever asks for one, and no text either
        ("1e5", "1e5"),  # a text to YAML 1.1, a number to 1.2
        ("1_000", "1_000"),  # a thousand to YAML 1.1
        ("1:30", "1:30"),  # ninety to YAML 1.1
        ("010", "010"),  # eight to YAML 1.1, ten to 1.2
        ("0x1f", "0x1f"),
        ("'5'", "5"),
        ("!!float 3", "3"),  # of a type that the file names
        ("no", "no"),  # false to YAML 1.1: Norway
        ("true", True),
        ("~", None),
        ("", None),
    ],
)
def test_only_what_every_yaml_calls_a_number_is_one(text: str, value: Json):
    tree = read_yaml(f"a: {text}\n")
    assert tree == {"a": value}
    assert isinstance(tree, dict)
    assert type(tree["a"]) is type(value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: *x\nb: &x [1]\n", "line 1: a YAML alias of nothing that ends before it"),
        ("a: &x [1]\nb: &x [2, *x]\n", "line 2: a YAML alias of nothing that ends before it"),
        ("a: &x b\n*x : 1\n", "line 2: a YAML alias of nothing that ends before it"),
        ("a: &x {b: 1}\nc:\n  <<: *x\n", "line 3: YAML with merged mappings or named keys"),
        ("a: 1\n---\nb: 2\n", "line 2: a second YAML document; one is read"),
        ("? [a]\n: 1\n", "line 1: a YAML mapping whose key is no plain text"),
        ("- " * 300 + "1", "line 1: YAML nested more than 200 deep"),
        ("a:\n\tb: 1\n", "line 2: not valid YAML: "),
        ("a: [1\n", "line 2: not valid YAML: "),
        ("a: \x07\n", "not valid YAML: it has characters that YAML does not allow"),
    ],
)
def test_yaml_that_is_not_read_says_where_and_why(text: str, reason: str):
    found = read_yaml(text)
    assert isinstance(found, Unreadable)
    assert found.reason.startswith(reason)


def test_an_alias_is_what_it_names():
    assert read_yaml("a: &x {b: 1.50}\nc: [*x, &y 2, *y]\nd: &x 3\ne: *x\n") == {
        "a": {"b": "1.50"},
        "c": [{"b": "1.50"}, "2", "2"],
        "d": "3",
        "e": "3",
    }


def test_aliases_build_no_tower():
    lines = ["a0: &a0 [1]", *(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 300))]
    found = read_yaml("\n".join(lines))
    assert isinstance(found, Unreadable)
    assert found.reason.endswith("YAML nested more than 200 deep")


def test_a_billion_laughs_are_refused():
    laughs = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10)
    )
    outcome = parse_bytes("x.yaml", laughs.encode())
    assert outcome.reason == "line 7: YAML whose aliases stand for too much"


def test_an_unknown_yaml_is_told_by_its_keys():
    outcome = parse_bytes("x.yml", b"model: fox\nruns:\n- colour: 1.5\n")
    assert outcome.reason is not None
    assert outcome.reason.startswith("YAML object of no known format: keys model (texts)")
