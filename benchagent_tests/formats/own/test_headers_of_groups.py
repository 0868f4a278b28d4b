"""A row of groups above the names of columns, as a sheet with merged cells is exported."""

import pytest

from benchagent.formats import parse_bytes
from benchagent.measurements.readings import Unparsed
from benchagent_tests.artifacts import numbers_of, parse_text

OF_STAGES = {
    "prompt_eval_time": 512.0,
    "prefill_rate": 2000.0,
    "eval_time": 1280.0,
    "decode_rate": 100.0,
}


@pytest.mark.parametrize(
    "header",
    [
        ",,Prefill,,Decode,\nmodel,ctx,ms,tok/s,ms,tok/s",
        # merged downwards too, and below a title
        "Runs of May,,,,,\nModel,,Prefill,,Decode,\n,ctx,ms,tok/s,ms,tok/s",
        # as pandas writes them, and with a group over what was tried
        ",,Prefill,Prefill,Decode,Decode\nmodel,ctx,ms,tok/s,ms,tok/s",
        "Setup,,Prefill,,Decode,\nmodel,ctx,ms,tok/s,ms,tok/s",
    ],
)
def test_a_number_is_of_the_group_above_its_column(header: str):
    [record] = parse_text(f"{header}\nkiwi:1b,1024,512,2000,1280,100\n").records
    assert (record.subject, record.config) == ("kiwi:1b", {"num_ctx": 1024})
    assert numbers_of(record) == OF_STAGES


def test_statistics_below_quantities_are_of_these():
    text = ",,TTFT (ms),,TPOT (ms),\nmodel,ctx,p50,p99,p50,p99\nkiwi:1b,1024,51,90,7,9\n"
    [record] = parse_text(text).records
    assert numbers_of(record) == {
        "median ttft": 51.0,
        "p99 ttft": 90.0,
        "median tpot": 7.0,
        "p99 tpot": 9.0,
    }


@pytest.mark.parametrize(
    ("groups", "found"),
    [
        ("kiwi:1b,,lark:3b,", [("kiwi:1b", {"num_ctx": 512}), ("lark:3b", {"num_ctx": 512})]),
        (
            "bs=1,,bs=8,",
            [(None, {"num_ctx": 512, "batch_size": n}) for n in (1, 8)],
        ),
    ],
)
def test_models_and_settings_above_columns_part_their_numbers(
    groups: str, found: list[tuple[str | None, dict[str, int]]]
):
    parsed = parse_text(f",{groups}\nctx,ttft_ms,decode tok/s,ttft_ms,decode tok/s\n512,1,2,3,4\n")
    assert [(r.subject, dict(r.config)) for r in parsed.records] == found
    assert [numbers_of(r) for r in parsed.records] == [
        {"ttft": 1.0, "decode_rate": 2.0},
        {"ttft": 3.0, "decode_rate": 4.0},
    ]


def test_what_stands_below_groups_of_nobody_knows_what_is_not_read():
    text = ",North,,South,\nmodel,ttft_ms,tok/s,ttft_ms,tok/s\nkiwi:1b,1,2,3,4\n"
    assert isinstance(parse_bytes("own.csv", text.encode()), Unparsed)


def test_one_stage_above_all_numbers_is_theirs():
    [record] = parse_text(",,Prefill,\nmodel,ctx,tok/s,ms\nkiwi:1b,1024,2000,512\n").records
    assert numbers_of(record) == {"prefill_rate": 2000.0, "prompt_eval_time": 512.0}


@pytest.mark.parametrize("title", ["Runs of May,,,", ",Runs of May,,", "Date,2026-05-01,,"])
def test_a_title_is_no_group(title: str):
    [record] = parse_text(f"{title}\nmodel,ctx,tok/s,ttft_ms\nkiwi:1b,1024,40,90\n").records
    assert numbers_of(record) == {"decode_rate": 40.0, "ttft": 90.0}


def test_a_table_whose_first_row_is_of_words_has_no_groups():
    [one, other] = parse_text(
        "model,engine,quant,gpu,tok/s\nkiwi:1b,wren,wren,,\nkiwi:1b,a,b,c,4\n"
    ).records
    assert (one.failure is not None, numbers_of(other)) == (True, {"decode_rate": 4.0})
