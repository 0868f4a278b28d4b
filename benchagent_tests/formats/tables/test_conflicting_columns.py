"""Columns of which one cannot be what its name says beside the other."""

import pytest

from benchagent.formats.impossible_numbers import NO_TIME
from benchagent.formats.tables.conflicting_columns import COPIED, OUTLASTS
from benchagent_tests.artifacts import parse_text

RATES = "model,prompt_eval_rate_tps,eval_rate_tps\n"


def reasons(text: str) -> dict[str, str]:
    return {each.locator: each.reason for each in parse_text(text, name="x.csv").refusals}


def test_the_rates_of_a_prompt_and_of_its_answer_that_are_the_same_in_every_row_are_refused():
    text = RATES + "owl:3b,48.21,48.21\nowl:8b,19.4,19.4\nfinch:1b,101.7,101.7\n"

    found = reasons(text)

    assert found["row=2,column=eval_rate_tps"] == COPIED.format("prompt_eval_rate_tps")
    assert found["row=2,column=prompt_eval_rate_tps"] == COPIED.format("eval_rate_tps")
    assert len(found) == 6


@pytest.mark.parametrize(
    "rows",
    [
        "owl:3b,48.21,48.21\nowl:8b,19.4,19.4\n",  # too few to tell
        "owl:3b,48.21,48.21\nowl:8b,19.4,19.4\nfinch:1b,101.7,98.2\n",
        "owl:3b,48,48\nowl:3b,48,48\nowl:3b,48,48\n",  # one number, thrice
    ],
)
def test_rates_that_may_be_the_same_by_chance_are_read(rows: str):
    assert not reasons(RATES + rows)


def test_a_part_that_outlasts_its_whole_in_most_rows_is_refused():
    text = (
        "model,total_duration_s,eval_duration_s,load_duration_s\n"
        "owl:3b,11.03,36019.29,6.7\nowl:8b,45.79,22206.05,8.7\nfinch:1b,175.68,3.73,12.9\n"
    )

    assert reasons(text) == {
        f"row={row},column=eval_duration_s": OUTLASTS.format("total_duration_s")
        for row in (1, 2, 3)
    }


@pytest.mark.parametrize(
    "rows",
    [
        "owl:3b,11030,11.04\nowl:8b,45790,45.5\nfinch:1b,1020,1.06\n",  # by two clocks
        "owl:3b,11030,41.2\nowl:8b,45790,45.5\nfinch:1b,1020,1.0\n",  # in one row
        "owl:3b,11030,41.2\nowl:8b,45790,91.1\n",  # too few to tell
    ],
)
def test_a_part_that_may_be_as_long_as_its_whole_is_read(rows: str):
    assert not reasons(f"model,total_duration_ms,eval_duration_s\n{rows}")


def test_no_time_to_a_first_token_is_refused_where_something_else_was_measured():
    text = "model,ttft_ms,latency_ms,output_tokens\nowl:3b,0.0,812.4,64\nowl:3b,41.5,790.1,64\n"

    assert reasons(text) == {"row=1,column=ttft_ms": NO_TIME}


def test_rows_of_zeros_failed_as_before():
    text = "model,ttft_ms,latency_ms\nowl:3b,0,0\nowl:3b,41.5,790.1\n"

    failure = parse_text(text, name="x.csv").records[0].failure

    assert failure is not None
    assert failure.recorded_as == "zero"
