"""Rows below the others that were not run: what compares these, and what was wanted of them."""

import pytest

from benchagent_tests.artifacts import parse_text

ROWS = "kiwi:1b,40.5,31.2\nlark:3b,80.1,20.4\n"
COMPARING = ["Speedup", "Δ", "Δ %", "Diff", "Improvement (%)", "Ratio", "vs baseline", "% change"]


@pytest.mark.parametrize(
    "word", [*COMPARING, "Best", "Target", "SLO", "Geomean", "Std dev", "Rank"]
)
def test_a_row_that_is_about_others_is_no_model(word: str):
    parsed = parse_text(f"model,ttft_ms,decode_tps\n{ROWS}{word},1.98,1.53\n")
    assert [record.subject for record in parsed.records] == ["kiwi:1b", "lark:3b"]
    assert [(r.locator, r.reason) for r in parsed.refusals] == [
        ("row=3", "it compares other rows, or says what was wanted of them: no run")
    ]


@pytest.mark.parametrize("word", COMPARING)
def test_a_row_that_compares_engines_is_none(word: str):
    parsed = parse_text(f"engine,ttft_ms,decode_tps\nwren,40,31\nlark,80,20\n{word},1.98,1.53\n")
    assert [record.config["engine"] for record in parsed.records] == ["wren", "lark"]


@pytest.mark.parametrize("word", ["best", "max", "target", "baseline", "min"])
def test_a_preset_may_be_called_so(word: str):
    parsed = parse_text(f"preset,ttft_ms,decode_tps\nfast,40,31\n{word},80,20\n")
    assert [record.config["preset"] for record in parsed.records] == ["fast", word]


@pytest.mark.parametrize(
    "word",
    [
        "Avg.",
        "Average (3 runs)",
        "Mean ± SD",
        "TOTAL:",
        "Overall avg",
        "Grand total",
        "合计",
        "Итого",
    ],
)
def test_a_word_for_a_sum_is_one_however_it_is_written(word: str):
    parsed = parse_text(f"model,ttft_ms,decode_tps\n{ROWS}{word},60.3,25.8\n")
    assert len(parsed.records) == 2
    assert [(r.locator, r.reason) for r in parsed.refusals] == [("row=3", "it sums up other rows")]


@pytest.mark.parametrize(
    "model", ["max-3b", "bestmodel:7b", "human", "baseline", "target-lm", "ratio-1b"]
)
def test_a_model_may_have_such_a_word_in_its_name(model: str):
    parsed = parse_text(f"model,ttft_ms,decode_tps\n{ROWS}{model},60.3,25.8\n")
    assert len(parsed.records) == 3


def test_a_column_that_compares_those_beside_it_is_no_variant():
    parsed = parse_text("metric,A100,H100,Ratio\nttft_ms,40,20,2\ndecode tok/s,30,60,2\n")
    assert [record.config for record in parsed.records] == [
        {"variant": "A100"},
        {"variant": "H100"},
    ]
    assert [refusal.locator for refusal in parsed.refusals] == ["row=1,column=Ratio"]
