"""Tables of single answers that say which of them were right."""

import json

import pytest

from benchagent.formats import parse_bytes
from benchagent.measurements.locators import Places, read_value
from benchagent.measurements.readings import Parsed

ANSWERS = (1, 0, 1, 1, 0)


def parse(name: str, text: str) -> Parsed:
    parsed = parse_bytes(name, text.encode())
    assert isinstance(parsed, Parsed), parsed
    places = Places(text.encode())
    for reading in (reading for record in parsed.records for reading in record.readings):
        assert read_value(places.read(reading.locator), reading.raw_unit) == reading.value
    return parsed


def accuracies(parsed: Parsed) -> list[float]:
    return [r.value for record in parsed.records for r in record.readings if r.metric == "accuracy"]


@pytest.mark.parametrize(("right", "wrong"), [(1, 0), (True, False)])
def test_a_line_that_says_whether_its_answer_was_right_has_an_accuracy(
    right: object, wrong: object
):
    lines = [
        {"model": "lark:3b", "qid": at, "correct": right if is_right else wrong, "latency_s": 2.5}
        for at, is_right in enumerate(ANSWERS)
    ]
    parsed = parse("answers.jsonl", "\n".join(map(json.dumps, lines)))
    assert accuracies(parsed) == [*ANSWERS]
    assert not any(record.failure for record in parsed.records)


@pytest.mark.parametrize(("right", "wrong"), [("1", "0"), ("True", "False")])
def test_a_wrong_answer_of_which_nothing_else_is_known_is_no_failed_run(right: str, wrong: str):
    rows = "".join(f"lark:3b,{right if is_right else wrong}\n" for is_right in ANSWERS)
    parsed = parse("quiz.csv", f"model,is_correct\n{rows}")
    assert accuracies(parsed) == [*ANSWERS]
    assert not any(record.failure for record in parsed.records)


@pytest.mark.parametrize(
    "cells",
    [("1", "0", "1", "1", "17"), ("1", "0", "1"), ("yes", "no", "1", "1", "partly")],
)
def test_what_may_count_right_answers_is_no_accuracy(cells: tuple[str, ...]):
    rows = "".join(f"lark:3b,{cell},2.5\n" for cell in cells)
    parsed = parse("quiz.csv", f"model,correct,latency_s\n{rows}")
    assert accuracies(parsed) == []
    assert parsed.reason is None or "correct" in parsed.reason


def test_what_was_answered_and_what_was_right_is_no_setting_of_the_answer():
    rows = "".join(f"lark:3b,history,{'ABCD'[at % 4]},B,2.5\n" for at in range(8))
    [record, *_] = parse("quiz.csv", f"model,topic,prediction,gold,latency_s\n{rows}").records
    assert dict(record.config) == {"topic": "history"}
