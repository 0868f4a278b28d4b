"""A column `n`: a sweep of something, or how many runs a row sums up."""

from collections.abc import Sequence

import pytest

from benchagent_tests.artifacts import parse_text

Numbers = Sequence[tuple[int, str]]
MODELS = ("kiwi:1b", "lark:3b")


def statistics(numbers: Numbers, *, times: int = 1, more: str = "ttft_ms", twice: bool = True):
    rows = [
        f"{model},{n},{cells}"
        for _ in range(times)
        for model in MODELS[: 2 if twice else 1]
        for n, cells in numbers
    ]
    parsed = parse_text(f"model,n,{more}\n" + "\n".join(rows) + "\n")
    return {reading.statistic for record in parsed.records for reading in record.readings}


LENGTHS = [(128, "40"), (256, "80"), (512, "160")]


@pytest.mark.parametrize(("times", "twice"), [(1, True), (4, True), (4, False)])
def test_amounts_that_come_again_in_one_grid_are_a_sweep(times: int, twice: bool):
    assert statistics(LENGTHS, times=times, twice=twice) == {"value"}


@pytest.mark.parametrize(
    ("numbers", "columns"),
    [
        ([(3, "40"), (3, "41")], "ttft_ms"),  # how often each was run
        ([(1, "40"), (2, "80"), (4, "160")], "ttft_ms"),  # as many as there are rows of it
        ([(10, "1,40"), (20, "2,80"), (40, "4,160")], "concurrency,ttft_ms"),  # of each load
        ([(10, "4"), (20, "8"), (40, "16")], "elapsed_s"),  # of all that is counted
        ([(n, f"{n / 10},{n / 2}") for n in (10, 20, 40)], "ttft_ms,tok/s"),  # all answers' rate
        ([(n, f"{n},4") for n in (10, 20, 40)], "mean_ttft_ms,ttft_ms"),  # sums, by their names
    ],
)
def test_amounts_that_may_be_counts_are_of_no_single_run(numbers: Numbers, columns: str):
    assert "value" not in statistics(numbers, more=columns)


def test_amounts_of_one_model_once_each_may_be_counts():
    assert statistics(LENGTHS, twice=False) == {"summary"}


def test_amounts_that_differ_from_model_to_model_are_counts():
    rows = ["kiwi:1b,100,4", "kiwi:1b,98,5", "kiwi:1b,97,5", "lark:3b,100,7", "lark:3b,99,7"]
    parsed = parse_text("model,n,ttft_ms\n" + "\n".join(rows) + "\n")
    assert {reading.statistic for r in parsed.records for reading in r.readings} == {"summary"}
