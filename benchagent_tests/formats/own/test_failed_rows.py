"""Which rows of people's tables failed, and which only lack a number."""

import json
from typing import Any

import pytest

from benchagent.formats import parse_bytes
from benchagent.measurements.readings import Unparsed
from benchagent_tests.artifacts import SAMPLES, parse_text, statistics_of


def test_a_row_whose_status_says_so_is_a_failed_run():
    failure = parse_text((SAMPLES / "result_rows.csv").read_text()).records[-1].failure
    assert failure is not None
    assert failure.reason == "its status is oom"


def test_a_header_that_comes_again_is_no_failed_run():
    header, row = "model,ttft_s,tokens_s", "kiwi:1b,0.5,40"
    parsed = parse_text("\n".join([header, row, header, row]) + "\n")
    assert [record.failure for record in parsed.records] == [None, None]
    assert [refusal.reason for refusal in parsed.refusals] == ["the header again"]


def test_words_in_a_column_of_results_make_no_table_of_results():
    found = parse_bytes("own.json", json.dumps({"ttft_ms": "soon", "note": "as fast"}).encode())
    assert isinstance(found, Unparsed)


def test_a_column_of_outcomes_says_what_failed_whatever_it_is_called():
    text = "model,ttft_ms,tps,vram_gb,output_valid\nkiwi:1b,,,7.9,ERROR\nkiwi:1b,90,22.6,7.9,True\n"
    failed, fine = parse_text(text).records
    assert failed.failure is not None
    assert failed.failure.reason == "its output_valid is ERROR"
    assert fine.failure is None
    assert fine.config == {}


def test_a_yes_in_a_column_called_oom_says_that_the_row_failed():
    text = "ctx,tok_s,vram_gb,oom\n2048,31.4,6.2,False\n65536,0,23.9,True\n"
    fine, failed = parse_text(text).records
    assert (fine.failure, fine.config) == (None, {"num_ctx": 2048})
    assert failed.failure is not None
    assert failed.failure.reason == "its oom is True"
    assert failed.readings == ()


@pytest.mark.parametrize(
    ("column", "cells", "config", "reason"),
    [
        ("on_overflow", ("error", "truncate"), {"on_overflow": "error"}, None),
        ("output_valid", ("yes", "no"), {}, "columns not understood: output_valid"),
    ],
)
def test_a_column_says_what_failed_only_by_its_name_and_a_word_for_it(
    column: str, cells: tuple[str, str], config: dict[str, str], reason: str | None
):
    parsed = parse_text(f"{column},ttft_ms\n{cells[0]},90\n{cells[1]},91\n")
    assert [record.failure for record in parsed.records] == [None, None]
    assert parsed.records[0].config == config
    assert parsed.reason == reason


def test_a_row_with_a_size_and_no_time_or_rate_failed():
    text = "model,ttft_ms,tps,size_gb\nkiwi:1b,,,7.9\nkiwi:1b,90,22.6,7.9\n"
    failed, fine = parse_text(text).records
    assert failed.failure is not None
    assert failed.failure.recorded_as == "blank"
    assert fine.failure is None


def test_a_row_whose_memory_alone_was_measured_did_run():
    text = "quant,ttft_ms,tps,rss_gb,notes\nq4,,,1.7,clock not read here\nq8,90,22.6,2.3,\n"
    halfway, whole = parse_text(text).records
    assert (halfway.failure, whole.failure) == (None, None)
    assert [reading.metric for reading in halfway.readings] == ["memory"]


def test_a_line_left_blank_is_no_failed_run():
    parsed = parse_text("flag,tps_mean,tps_min,observations\n--mmap,20.5,19.1,\n,,,to be tried\n")
    assert [record.failure for record in parsed.records] == [None]
    assert parsed.refusals[-1].locator == "row=2"


def test_a_sentence_below_a_table_is_no_failed_run() -> None:
    table = "model,ttft_ms,tps\nkiwi:1b,90,22.6\nmyown,,\n"
    parsed = parse_text(f"{table}all of it with temperature 0,,\n")
    assert [record.subject for record in parsed.records] == ["kiwi:1b", "myown"]
    assert [refusal.reason for refusal in parsed.refusals] == ["a note, which is no run"]


def test_a_line_without_any_field_of_a_result_is_no_failed_run() -> None:
    lines = [
        {"event": "start", "model": "tit:1b"},
        {"event": "done", "model": "tit:1b", "stats": {"ttft_ms": 90.5}},
        {"event": "done", "model": "tit:1b", "stats": {"ttft_ms": None}},
    ]
    parsed = parse_text("\n".join(map(json.dumps, lines)) + "\n", "events.jsonl")
    assert [bool(record.failure) for record in parsed.records] == [False, True]
    assert [refusal.locator for refusal in parsed.refusals] == ["line=1"]


@pytest.mark.parametrize(
    "text",
    [
        "quantity,heron:8b,owl:3b\nTTFT (ms),91,80\nTPOT (ms),9\nDecode (tok/s),40,50\n",
        "model,metric,value,unit\na,ttft,91,ms\na,tpot\na,decode rate,40,tok/s\n",
    ],
)
def test_a_row_with_too_few_cells_is_refused_in_every_layout(text: str) -> None:
    assert [refusal.locator for refusal in parse_text(text).refusals] == ["row=2"]


@pytest.mark.parametrize("cells", ["90,81,", ",,", "0,0,0"])
def test_a_row_that_says_that_it_failed_is_one_failed_run_of_those_side_by_side(cells: str) -> None:
    parsed = parse_text(
        f"model,ttft_ms_1,ttft_ms_2,ttft_ms_3,error\nowl:7b,{cells},killed\nowl:1b,7,8,9,\n"
    )
    failed = [(r.subject, r.failure.locator) for r in parsed.records if r.failure]
    assert failed == [("owl:7b", "row=1,column=error")]
    assert [statistics_of(parsed, at) for at in (1, 2, 3)] == [
        {("ttft", "value"): n} for n in (7, 8, 9)
    ]


@pytest.mark.parametrize(
    ("runs", "failed"),
    [
        ([{"ttft_ms": 91}], ["/0", None]),  # what failed is none of them
        ([{"ttft_ms": 91, "error": "killed"}], ["/0/runs/0"]),
        ([{"ttft_ms": 0}], ["/0/runs/0"]),
        ([], ["/0"]),
    ],
)
def test_a_failure_above_a_list_of_runs_is_told_once(
    runs: list[dict[str, Any]], failed: list[str | None]
) -> None:
    said = [
        {"model": "lark:3b", "error": "out of memory", "runs": runs},
        {"model": "lark:1b", "error": None, "runs": [{"ttft_ms": 50}]},
    ]
    records = parse_text(json.dumps(said), "own.json").records
    assert [record.name if record.failure else None for record in records] == [*failed, None]


@pytest.mark.parametrize(
    ("label", "failed"),
    [("success_count", False), ("passed", False), ("result_code", True), ("http_status", True)],
)
def test_a_count_of_successes_is_no_code_of_a_failure(label: str, failed: bool):
    parsed = parse_text(json.dumps({"ttft_ms": 38, label: 430}), "own.json")
    assert (parsed.records[0].failure is not None) == failed


def test_a_row_of_another_test_of_the_same_script_has_not_failed():
    text = "model,test,ttft_ms,tps,needles_found\nkiwi:1b,speed,90,22.6,\nkiwi:1b,recall,,,17\n"
    parsed = parse_text(text)
    assert [record.failure for record in parsed.records] == [None]
    assert [refusal.locator for refusal in parsed.refusals] == ["row=2"]


def test_a_row_that_failed_and_yet_has_a_number_of_its_own_column_has_failed():
    text = "model,ttft_ms,tps,gpu_clock_at_end\nkiwi:1b,90,22.6,1800\nkiwi:1b,,,1790\n"
    assert [record.failure is None for record in parse_text(text).records] == [True, False]


@pytest.mark.parametrize(("label", "well"), [("status", "ok"), ("success", "True")])
def test_a_row_that_went_well_by_its_own_word_has_not_failed_for_want_of_a_number(
    label: str, well: str
):
    text = f"model,phase,tok_s,{label}\nkiwi:1b,speed,41.5,{well}\nkiwi:1b,memory,,{well}\n"
    parsed = parse_text(text)
    assert [record.failure for record in parsed.records] == [None]
    [refusal] = parsed.refusals
    assert refusal.reason == "it went well by its own word, and gives none of the results"


@pytest.mark.parametrize(("label", "cell"), [("status", ""), ("status", "oom"), ("note", "ok")])
def test_a_row_of_blanks_of_which_nothing_says_that_it_went_well_has_failed(label: str, cell: str):
    text = f"model,phase,tok_s,{label}\nkiwi:1b,speed,41.5,ok\nkiwi:1b,memory,,{cell}\n"
    assert [bool(record.failure) for record in parse_text(text).records] == [False, True]


@pytest.mark.parametrize(
    ("status", "cells", "failed"),
    [
        ("degenerate_answer", ",,1m38s", True),
        ("degenerate_answer", "7.1,,1m38s", False),  # something was measured
        ("ok", ",,1m38s", False),
        ("skipped", ",,0s", False),  # it was never run
        ("", ",,1m38s", False),
    ],
)
def test_a_row_that_ended_in_no_known_way_and_took_its_time_for_nothing_failed(
    status: str, cells: str, failed: bool
):
    head = "model,decode_tps,prefill_tps,elapsed,status\n"
    text = f"{head}kiwi:1b,9.5,61.2,26s,ok\nlark:3b,{cells},{status}\n"
    records = parse_text(text).records
    told = [record.failure.reason for record in records if record.failure]
    assert told == ([f"its status is {status}"] if failed else [])


def test_a_word_that_no_row_denies_is_no_failure() -> None:
    text = "model,decode_tps,elapsed,status\nkiwi:1b,9.5,26s,cold\nkiwi:1b,,25s,partial\n"
    assert [record.failure for record in parse_text(text).records] == [None, None]
