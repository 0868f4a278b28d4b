"""Logs and notes whose lines name their numbers one by one."""

import pytest

from benchagent.formats import parse_bytes
from benchagent.measurements.locators import Places, read_value
from benchagent.measurements.readings import Parsed, Record, Unparsed
from benchagent_tests.artifacts import SAMPLES, parse_text, statistics_of

HEADED = """=== wren:1b threads=4 ===
run 1: ttft 612 ms, 14.2 tok/s, total 9.1 s
run 2: ERROR timeout after 120s
=== Notes ===
run 1: ttft 512 ms, 24.2 tok/s
"""


def parse(text: str, name: str = "own.log") -> Parsed:
    parsed = parse_bytes(name, text.encode())
    assert isinstance(parsed, Parsed), parsed
    places = Places(text.encode())
    for reading in (reading for record in parsed.records for reading in record.readings):
        assert read_value(places.read(reading.locator), reading.raw_unit) == reading.value
    return parsed


def numbers_of(record: Record) -> dict[str, float]:
    return {reading.metric: reading.value for reading in record.readings}


def test_a_line_of_pairs_is_a_run():
    parsed = parse((SAMPLES / "result_lines.log").read_text())
    first, _, failed = parsed.records
    assert (first.subject, dict(first.config), first.repetition) == (
        "lark:3b",
        {"num_ctx": 1024},
        1,
    )
    assert numbers_of(first) == {"ttft": 212.0, "decode_rate": 31.2}
    assert failed.failure is not None
    assert failed.failure.reason == "its status is error"


def test_lines_below_a_heading_are_of_its_model_up_to_the_next_one():
    first, failed = parse(HEADED).records
    assert (first.subject, dict(first.config), first.repetition) == (
        "wren:1b",
        {"num_thread": 4},
        1,
    )
    assert numbers_of(first) == {"ttft": 612.0, "decode_rate": 14.2, "total_time": 9100.0}
    assert failed.failure is not None
    assert failed.failure.reason == "ERROR timeout after 120s"


def test_a_block_of_single_numbers_is_a_run():
    block = "Model: finch:2b\nquantization: q4_0\ngeneration rate: {} tokens/s\nload time: 1.9 s\n"
    records = parse(f"{block.format(14.25)}\n{block.format(9.5)}", "sum.txt").records
    assert [numbers_of(record) for record in records] == [
        {"decode_rate": 14.25, "load_time": 1900.0},
        {"decode_rate": 9.5, "load_time": 1900.0},
    ]
    assert dict(records[0].config) == {"quantization": "q4_0"}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("ttft_ms=212 tok_s=31.2 ctx=1024\n", "own.log"),  # of no model
        ("With lark:3b we had 41 tok/s, 0.3 s to first token, and more.\n", "own.txt"),
        ("make(model=llama3:8b, ttft_ms=12.0, tok_s=100.0)\n", "notes.txt"),  # a program's
        ("model=llama3:8b ttft_ms=12.0 tok_s=100.0\n", "own.sh"),
        ("MODEL=llama3:8b TTFT_MS=2000 MIN_TPS=1 ./check\n", "readme.txt"),  # a shell's
        ("model=lark:3b size=12 speed=14\n", "own.log"),  # of no unit
    ],
)
def test_what_may_be_no_measurement_is_not_read(text: str, name: str):
    assert isinstance(parse_bytes(name, text.encode()), Unparsed)


def test_lines_of_notes_are_claims_about_the_model_of_their_heading():
    text = """# Laptop

## lark:3b

> Write a haiku

17.31 tok/sec • 91 tokens • 0.83s to first token • Stop reason: EOS Token Found

## Monday

- model: wren:1b
- tokens/s: 47.6
- TTFT: 580 ms

We reached 90 tok/s, 0.1 s to first token, once.
"""
    first, second = parse(text, "notes.md").records
    assert (first.subject, numbers_of(first)) == ("lark:3b", {"decode_rate": 17.31, "ttft": 830.0})
    assert (second.subject, numbers_of(second)) == ("wren:1b", {"decode_rate": 47.6, "ttft": 580.0})
    assert {reading.kind for reading in (*first.readings, *second.readings)} == {"claimed"}


def test_a_rate_behind_another_name_is_no_setting_of_the_numbers_beside_it() -> None:
    text = "## qwen3-4b\n\n- decode rate: 30.1 tok/s\n- ctx 8192: 79.6 tok/s gen\n"
    [record] = parse_text(text, "notes.md").records
    assert record.config == {}


def test_a_number_with_its_spread_is_a_mean_in_a_list_too() -> None:
    text = "## qwen3-4b\n\n- Decode rate: **11.71 \N{PLUS-MINUS SIGN} 0.03 t/s**\n"
    parsed = parse_text(text, "notes.md")
    assert statistics_of(parsed) == {("decode_rate", "mean"): 11.71}
    assert parsed.records[0].readings[0].raw_value == "11.71"


def test_the_mean_of_one_test_is_not_read_without_its_test() -> None:
    text = "## qwen3-4b\n\n- load time: 2 s\n- tg128: 11.71 \N{PLUS-MINUS SIGN} 0.03 t/s\n"
    assert statistics_of(parse_text(text, "notes.md")) == {("load_time", "value"): 2000}
