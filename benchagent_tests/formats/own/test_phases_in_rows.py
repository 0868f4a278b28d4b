"""How rows say that they were cold or warm."""

import json

import pytest

from benchagent.formats import parse_bytes
from benchagent.measurements.readings import Unparsed
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


def test_cold_and_warm_side_by_side_are_a_run_each():
    rows = [{"model": m, "cold_latency_ms": c, "warm_latency_ms": w} for m, c, w in COLD_AND_WARM]
    for name, text in (("own.json", json.dumps(rows)), ("own.csv", CSV)):
        records = parse_text(text, name).records
        assert [(r.subject, r.phase, r.readings[0].value) for r in records] == [
            ("a", "cold", 900),
            ("a", "warm", 90),
            ("b", "cold", 800),
            ("b", "warm", 80),
        ]


COLD_AND_WARM = [("a", 900, 90), ("b", 800, 80)]
CSV = "model,cold_latency_ms,warm_latency_ms\na,900,90\nb,800,80\n"


@pytest.mark.parametrize("names", [("cold_ttft_ms", "hot_ttft_ms"), ("cold_ratio", "warm_ratio")])
def test_one_of_both_alone_is_not_guessed(names: tuple[str, str]):
    rows = [{"model": "a", names[0]: 41.5, names[1]: 43.5}]
    assert isinstance(parse_bytes("own.json", json.dumps(rows).encode()), Unparsed)
