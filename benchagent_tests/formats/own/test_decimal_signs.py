"""Whether a comma, a point or a space parts the decimals or the thousands of a table."""

import pytest

from benchagent_tests.artifacts import parse_text, values_of


@pytest.mark.parametrize(
    ("delimiter", "cells", "values"),
    [
        (";", "0.5 12,5", [0.5]),  # half of it is written in one way, half in the other
        (";", "1,234 2,345", [1.234, 2.345]),
        (";", "0,5 1.234,5", [0.5, 1234.5]),
        ("\t", "1,234 2,345", [1234.0, 2345.0]),  # thousands, for all we know
        ("\t", "1,234 2,3", [1.234, 2.3]),
        (";", "3 4", [3.0, 4.0]),
        (",", '"12,5" "1,234"', [12.5, 1.234]),  # a cell with a comma is quoted there
        (",", '"1,234" "2,345"', [1234.0, 2345.0]),
        (";", "12,5tok/s 1.234tok/s", [12.5, 1234.0]),
    ],
)
def test_a_comma_is_the_decimal_sign_where_the_table_shows_it(
    delimiter: str, cells: str, values: list[float]
) -> None:
    rows = "".join(f"{delimiter.join(('wren', cell))}\n" for cell in cells.split())
    parsed = parse_text(f"engine{delimiter}decode tok/s\n{rows}")
    assert [r.value for record in parsed.records for r in record.readings] == values


def test_a_version_in_a_table_with_decimal_commas_stays_what_it_is() -> None:
    rows = [f"{driver};4.096;{ms}" for driver in ("550.120", "560.350") for ms in ("12,5", "9,5")]
    parsed = parse_text("\n".join(["driver;ctx;ttft_ms", *rows]))
    assert [dict(record.config) for record in parsed.records[1:3]] == [
        {"driver": "550.120", "num_ctx": 4096},
        {"driver": "560.350", "num_ctx": 4096},
    ]


def test_a_column_with_points_is_no_reason_to_take_decimal_commas_for_thousands() -> None:
    text = "engine;cuda;ttft_ms;tok/s\nwren;12.4;90,5;12,345\nowl;12.4;80,25;52,4\n"
    assert values_of(text) == [
        {"ttft": 90.5, "decode_rate": 12.345},
        {"ttft": 80.25, "decode_rate": 52.4},
    ]


def test_spaces_may_part_thousands_where_a_comma_parts_the_decimals() -> None:
    text = "model;ttft_ms\nwren:1b;1\N{NARROW NO-BREAK SPACE}234,5\nwren:2b;2 000,25\n"
    assert values_of(text) == [{"ttft": 1234.5}, {"ttft": 2000.25}]


def test_what_tells_excel_how_cells_are_parted_is_no_header() -> None:
    assert values_of("sep=;\nModell;tok/s\nlark:3b;12,5\n") == [{"decode_rate": 12.5}]


def test_an_apostrophe_may_part_thousands() -> None:
    assert values_of("model,tok/s\nlark:3b,1'234.5\nlark:1b,987.65\n") == [
        {"decode_rate": 1234.5},
        {"decode_rate": 987.65},
    ]
