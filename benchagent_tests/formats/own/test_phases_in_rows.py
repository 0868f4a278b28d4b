"""How rows say that they were cold or warm."""

import json

import pytest

from benchagent_tests.artifacts import parse_text


@pytest.mark.parametrize("name", ["coldRun", "is_cold", "cold_start"])
def test_a_yes_under_cold_says_that_a_run_was_cold(name: str):
    rows = [{"model": "a", "ttft_ms": 41 * n, name: n == 9} for n in (9, 1, 1)]
    records = parse_text(json.dumps(rows), "own.json").records
    assert [record.phase for record in records] == ["cold", "warm", "warm"]
    assert [record.config for record in records] == [{}] * 3


def test_a_yes_under_warm_says_that_a_run_was_warm():
    records = parse_text("model,ttft_ms,warm\na,90,no\na,41,yes\n").records
    assert [record.phase for record in records] == ["cold", "warm"]


@pytest.mark.parametrize("cells", [("0.5", "0.6"), ("s3", "disk")])
def test_what_is_no_yes_under_cold_is_no_phase(cells: tuple[str, str]):
    records = parse_text(f"model,ttft_ms,cold_start\na,90,{cells[0]}\na,41,{cells[1]}\n").records
    assert [record.phase for record in records] == [None, None]
