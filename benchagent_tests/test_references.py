import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchagent.quantities.numbers import read_number
from benchagent.references import REFERENCE, cited, render_plain, substitute, write_figure
from benchagent_tests.builders import a_fact


@pytest.mark.parametrize(
    ("fact", "part", "figure"),
    [
        ({}, None, "50.0 tok/s"),
        ({"unit": "ms", "value": 1360.0}, None, "1.36 s"),
        ({"unit": "ratio", "value": 0.75}, None, "0.750"),
        ({}, "n", "9"),
        ({"n": 12345}, "n", "12,345"),
        ({"spread": 1.5}, "spread", "1.50 tok/s"),
        ({"ci_low": 49.0, "ci_high": 51.0}, "interval", "49.0 tok/s to 51.0 tok/s"),
        # counts are whole, and one of something is singular
        ({"kind": "count", "unit": "files", "value": 1.0}, None, "1 file"),
        ({"kind": "count", "unit": "files", "value": 0.0}, None, "0 files"),
        ({"kind": "count", "unit": "runs", "value": 1024.0}, None, "1,024 runs"),
        ({"kind": "count", "unit": None, "value": 3.0}, None, "3"),
        # seconds since the epoch
        ({"kind": "time", "unit": "utc", "value": 0.0}, None, "1970-01-01 00:00:00 UTC"),
    ],
)
def test_a_reference_is_written_as_a_reader_expects(
    fact: dict[str, Any], part: str | None, figure: str
) -> None:
    assert write_figure(a_fact(**fact), part) == figure


@pytest.mark.parametrize("part", ["n", "spread", "interval"])
def test_a_part_that_a_fact_does_not_have_is_an_error_and_not_a_zero(part: str) -> None:
    with pytest.raises(ValueError, match=f"has no {part}"):
        write_figure(a_fact(n=None), part)


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=1e-3, max_value=1e9))
def test_a_figure_is_the_value_to_within_its_last_digit(value: float) -> None:
    read = read_number(write_figure(a_fact(value=value)))

    assert read is not None
    assert read.unit == "tok/s"
    assert abs(read.value - value) <= read.rounding * 1.0001


@pytest.mark.parametrize(
    "text",
    [
        "{F0123456789ab}",
        "{F0123456789ab.n}",
        "{F0123456789ab.spread}",
        "{F0123456789ab.interval}",
    ],
)
def test_a_reference_is_a_fact_with_or_without_a_part(text: str) -> None:
    assert REFERENCE.fullmatch(text)


@pytest.mark.parametrize(
    "text",
    [
        "{F0123456789AB}",
        "{F0123456789a}",
        "{F0123456789abc}",
        "{F0123456789ab.mean}",
        "{ F0123456789ab}",
        "F0123456789ab",
        "{D0123456789ab}",
        "{}",
    ],
)
def test_nothing_else_is_one(text: str) -> None:
    assert not REFERENCE.search(text)
    assert substitute(text, lambda fact, part: "x") == text


def test_the_facts_of_a_sentence_are_named_in_order_with_repeats() -> None:
    one, two = a_fact(1), a_fact(2)

    found = list(cited(f"{{{two.id}}}, {{{one.id}.n}} and {{{two.id}}}."))

    assert found == [two.id, one.id, two.id]


def test_a_sentence_is_written_out_with_its_figures() -> None:
    fact = a_fact(1, 77.84)

    text = f"`fox:1b` decodes {{{fact.id}}} over {{{fact.id}.n}} calls."

    assert render_plain(text, {fact.id: fact}) == "`fox:1b` decodes 77.8 tok/s over 9 calls."


def test_a_figure_is_never_read_as_a_reference_again() -> None:
    fact = a_fact(label="{F000000000001}")

    assert not re.search(r"[{}]", render_plain(f"{{{fact.id}}}", {fact.id: fact}))
