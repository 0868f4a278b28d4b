"""Results in rows of somebody's own making, read by what their columns' names say."""

import pytest

from benchagent.formats import parse_bytes
from benchagent.measurements.readings import Unparsed
from benchagent_tests.artifacts import parse_text, statistics_of


def test_one_quantity_in_two_units_is_read_once():
    parsed = parse_text(
        "model,ttft_s,ttft_ms,tokens_s\nkiwi:1b,0.15,150.2,40\nkiwi:1b,0.2,200,41\n"
    )
    assert [r.locator for r in parsed.records[0].readings if r.metric == "ttft"] == [
        "row=1,column=ttft_s"
    ]
    assert parsed.reason == "columns not understood: ttft_ms"


def test_of_two_columns_of_one_quantity_neither_is_read():
    parsed = parse_text(
        "engine,tok/s,decode_tps,ttft_ms\nsparrow,20.0,31.0,90\nwren,30.0,32.0,80\n"
    )
    assert statistics_of(parsed) == {("ttft", "value"): 90.0}
    assert parsed.reason == "columns not understood: tok/s, decode_tps"


def test_of_two_columns_of_one_quantity_both_are_read_where_no_row_has_both():
    parsed = parse_text("engine,tg_tok_s,decode_tps\nsparrow,20.0,\nwren,,31.0\n")
    assert [record.failure for record in parsed.records] == [None, None]
    assert [statistics_of(parsed, row)["decode_rate", "value"] for row in range(2)] == [20.0, 31.0]


@pytest.mark.parametrize(
    "text",
    [
        "meeting,duration_s\nstandup,900\n",  # a time of something else
        "file,size_mb\na.bin,12\n",
        "gpu,utilisation,watts\n0,50,120\n",
    ],
)
def test_rows_without_a_result_and_its_unit_stay_unknown(text: str):
    assert isinstance(parse_bytes("own.csv", text.encode()), Unparsed)


TIMINGS = """\
total duration:       4.5s
load duration:        20ms
eval count:           90 token(s)
eval duration:        4s
eval rate:            22.50 tokens/s
"""


def test_timings_pasted_into_markdown_are_read():
    parsed = parse_text(f"## Metrics\n```\n{TIMINGS}```\n", "finch_1b laptop.md")
    assert parsed.format == "ollama-verbose"
    assert statistics_of(parsed)["decode_rate", "value"] == 22.5


def test_a_cell_may_say_the_unit_that_its_column_leaves_out():
    parsed = parse_text("| model | Peak RAM |\n|---|---|\n| finch:1b | 7157 MB |\n", "report.md")
    assert statistics_of(parsed) == {("memory", "max"): 7.157e9}


def test_a_write_up_with_tables_of_its_own_stays_one():
    text = f"| model | tokens/s |\n|---|---|\n| finch:1b | 22.5 |\n\n```\n{TIMINGS}```\n"
    assert parse_text(text, "report.md").format == "markdown"


def test_rows_of_a_table_of_sizes_and_qualities_did_not_fail():
    parsed = parse_text("quant,size_mb,perplexity\nq4,800,9.1\nq8,1500,8.8\n")
    assert [record.failure for record in parsed.records] == [None, None]


def test_a_number_in_an_object_of_an_unknown_name_is_not_read_by_its_own_name_alone() -> None:
    parsed = parse_text('[{"engine": "wren", "ttft_ms": 90, "budget": {"load_s": 5}}]', "a.json")
    assert {r.metric for record in parsed.records for r in record.readings} == {"ttft"}
    assert parsed.reason == "columns not understood: budget_load_s"
