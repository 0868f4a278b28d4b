"""Rows of runs that were never made, and zeros that are no failures."""

import json

import pytest

from benchagent_tests.artifacts import parse_text, statistics_of

DID_RUN = {"model": "lark:3b", "tok_s": 51.2, "ttft_ms": 120.5}


def parse_rows(*rows: dict[str, object]):
    return parse_text(json.dumps({"results": [DID_RUN, *rows]}), "own.json")


@pytest.mark.parametrize(
    "said",
    [
        {"status": "not run"},
        {"status": "SKIPPED", "note": "does not fit"},
        {"note": "skipped: no memory left"},
        {"comment": "not tested yet"},
        {"status": "planned"},
        {"tok_s": "not run"},
        # a script's zeros for what it never started
        {"status": "skipped", "tok_s": 0, "ttft_ms": 0},
    ],
)
def test_what_was_never_run_is_listed_and_has_not_failed(said: dict[str, object]):
    parsed = parse_rows({"model": "lark:12b", "tok_s": None, "ttft_ms": None, **said})
    assert [record.subject for record in parsed.records] == ["lark:3b"]
    assert [record.failure for record in parsed.records] == [None]
    [refused] = parsed.refusals
    assert refused.locator == "/results/1"
    assert refused.reason == "it says that it was not run: neither a run nor a failure"


@pytest.mark.parametrize(
    ("said", "failed"),
    [
        ({"status": "oom"}, True),
        ({"note": "ran out of memory"}, True),
        # it did run, whatever was left out
        ({"tok_s": 33.0, "note": "skipped warm-up"}, False),
        ({"tok_s": 33.0, "status": "skipped"}, False),
    ],
)
def test_what_did_run_is_no_less_a_run_for_a_word(said: dict[str, object], failed: bool):
    parsed = parse_rows({"model": "lark:12b", "tok_s": None, "ttft_ms": None, **said})
    assert [record.failure is not None for record in parsed.records] == [False, failed]


@pytest.mark.parametrize("counter", ["errors", "n_errors", "failed_requests", "error_count"])
def test_a_zero_beside_a_count_of_no_errors_is_no_failed_run(counter: str):
    rows = [{"users": n, "latency_ms": ms, counter: 0} for n, ms in ((1, 0), (8, 812.4))]
    parsed = parse_text(json.dumps(rows), "own.json")
    assert [record.failure for record in parsed.records] == [None, None]
    assert statistics_of(parsed) == {}
    assert statistics_of(parsed, 1) == {("latency", "value"): 812.4}
    [refused] = parsed.refusals
    assert refused.locator == "/0/latency_ms"
    assert refused.reason == "0 is no time or rate, and no error was counted: it was not measured"


@pytest.mark.parametrize("beside", [{}, {"errors": 3}, {"errors": None}])
def test_zeros_that_count_no_run_without_errors_are_a_failed_run(beside: dict[str, object]):
    rows = [{"users": 1, "latency_ms": 0, **beside}, {"users": 8, "latency_ms": 812.4}]
    failure = parse_text(json.dumps(rows), "own.json").records[0].failure
    assert failure is not None
    assert failure.recorded_as == "zero"


def test_a_score_of_nothing_right_is_a_result():
    rows = [{"model": "lark:3b", "accuracy": 0.0}, {"model": "lark:12b", "accuracy": 0.4}]
    parsed = parse_text(json.dumps(rows), "own.json")
    assert [record.failure for record in parsed.records] == [None, None]
    assert statistics_of(parsed) == {("accuracy", "value"): 0}


def test_calls_that_were_timed_have_not_failed_for_having_generated_no_token():
    said = {"items": 400, "latency_ms": {"p50": 11423.3, "p95": 12087.5}, "output_tokens": 0}
    parsed = parse_text(json.dumps({"model": "lark:3b", **said}), "own.json")
    assert [record.failure for record in parsed.records] == [None]
    assert statistics_of(parsed)["latency", "median"] == 11423.3


@pytest.mark.parametrize("name", ["rc", "returncode", "exit_code", "exitCode"])
def test_a_program_that_ended_with_an_error_is_a_failed_run(name: str):
    rows = [{"ngl": 20, "elapsed_s": 97.2, "tok_s": 31.5, name: 0}]
    rows += [{"ngl": 99, "elapsed_s": 3.6, "tok_s": None, name: 1}]
    fine, failed = parse_text(json.dumps({"model": "lark:3b", "runs": rows}), "own.json").records
    assert fine.failure is None
    assert failed.failure is not None
    assert failed.failure.locator == f"/runs/1/{name}"


def test_a_code_that_is_none_of_a_program_leaves_the_numbers():
    rows = [{"rc": 2, "tok_s": 31.5, "model": "lark:3b"}, {"rc": 3, "tok_s": 30.5}]
    parsed = parse_text(json.dumps(rows), "own.json")
    assert [record.failure for record in parsed.records] == [None, None]
