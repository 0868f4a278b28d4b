"""Which rows of calls failed, and what is left of their numbers."""

import json

import pytest

from benchagent_tests.artifacts import numbers_of, parse_sample, parse_text


@pytest.mark.parametrize(
    ("row", "reason", "column"),
    [
        (4, "connection refused", "error"),  # zeros beside an error text
        (5, "timed out", "error"),  # blank cells
    ],
)
def test_a_failed_run_is_not_a_zero(row: int, reason: str, column: str):
    record = parse_sample("prompt_suite_runs.csv").records[row - 1]
    assert record.readings == ()
    assert record.failure is not None
    assert record.failure.reason == reason
    assert record.failure.locator == f"row={row},column={column}"


def test_what_was_not_measured_and_written_as_minus_one_is_no_time():
    parsed = parse_text("model,ttft_s,tokens_s\nyi:6b,-1,-1\nyi:6b,-1,20.5\n")
    nothing, half = parsed.records
    assert nothing.failure is not None
    assert nothing.failure.reason == "'-1' is negative, as no time, rate or count is"
    assert numbers_of(half) == {"decode_rate": 20.5}
    assert [refusal.locator for refusal in parsed.refusals] == ["row=2,column=ttft_s"]


@pytest.mark.parametrize(
    ("answer", "tokens", "failed"),
    [
        ("Error: model runner has stopped", None, True),
        ("HTTPConnectionPool(host='10.0.0.3', port=11434): Max retries exceeded", 0, True),
        ("requests.exceptions.ReadTimeout", None, False),
        ("Error handling has three parts: try, except, finally.", None, False),
        ("The timeout is 30 s.", None, False),
        # the model said so itself
        ("TypeError: that is what Python calls it.", 12, False),
    ],
)
def test_an_error_in_place_of_an_answer_is_a_failed_run_whatever_success_says(
    answer: str, tokens: int | None, failed: bool
):
    call = {"model": "yi:6b", "success": True, "response": answer, "ttft_ms": 90.5, "load_ms": 7.5}
    parsed = parse_text(json.dumps({"results": [call | {"eval_count": tokens}]}), name="calls.json")

    [record] = parsed.records

    assert (record.failure is not None) is failed
    if record.failure:
        assert (record.failure.reason, record.failure.recorded_as) == (answer, "result")


@pytest.mark.parametrize(
    ("column", "said", "reason"),
    [
        ("status", "Timed out", "its status is Timed out"),
        ("status", "503", "its status is 503"),
        ("outcome", "OOM", "its outcome is OOM"),
        ("ok", "False", "marked as not successful, no reason given"),
    ],
)
def test_numbers_beside_a_word_for_failure_are_no_results(column: str, said: str, reason: str):
    parsed = parse_text(f"ttft_s,tokens_s,{column}\n0.5,10.0,{said}\n")
    failure = parsed.records[0].failure
    assert failure is not None
    assert (failure.reason, failure.locator) == (reason, f"row=1,column={column}")
    assert parsed.records[0].readings == ()


@pytest.mark.parametrize(
    ("column", "said"),
    [("status", "ok"), ("status", "200"), ("status", "0"), ("status", ""), ("outcome", "stop")],
)
def test_a_status_that_is_no_failure_leaves_the_numbers(column: str, said: str):
    parsed = parse_text(f"ttft_s,tokens_s,{column}\n0.5,10.0,{said}\n")
    assert parsed.records[0].failure is None
    assert numbers_of(parsed.records[0]) == {"ttft": 500.0, "decode_rate": 10.0}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("0.0,0.00,0,", "every result is zero, no error recorded"),
        (",,,", "every result is blank, no error recorded"),
        ("0.5,0.0,0,", "no token was generated"),
        ("nan,inf,NaN,", "'nan' is no finite number"),
        ("0.5,9.0,9,x", "x"),
    ],
)
def test_a_row_without_a_result_failed_even_if_it_does_not_say_so(row: str, reason: str):
    parsed = parse_text(f"ttft_s,tokens_s,eval_count,error\n0.5,10.0,20,\n{row}\n")
    failure = parsed.records[1].failure
    assert failure is not None
    assert failure.reason == reason
    assert parsed.records[1].readings == ()


@pytest.mark.parametrize("word", ["None", "null", "nan", ""])
def test_an_error_cell_that_says_there_is_none_is_no_error(word: str):
    parsed = parse_text(f"ttft_s,tokens_s,eval_count,error\n0.5,10.0,20,{word}\n")
    assert parsed.records[0].failure is None
