"""What LLMPerf writes: sums over requests, and the requests."""

from statistics import fmean, stdev

import pytest

from benchagent_tests.artifacts import numbers_of, parse_sample, reading_at


def test_the_sums_are_those_of_the_requests_that_were_answered():
    [run] = parse_sample("llmperf.json").records
    requests = [r for r in parse_sample("llmperf_requests.json").records if not r.failure]
    told = numbers_of(run)
    for metric in ("ttft", "tpot", "latency", "prompt_tokens", "output_tokens"):
        values = [numbers_of(request)[metric] for request in requests]
        assert told[f"mean {metric}"] == pytest.approx(fmean(values))
        assert told[f"stddev {metric}"] == pytest.approx(stdev(values))
    assert (told["requests_sent"], told["requests_completed"]) == (12, 11)


def test_what_it_calls_the_latency_between_tokens_has_the_wait_for_the_first_in_it():
    first, *_ = parse_sample("llmperf_requests.json").records
    numbers = numbers_of(first)
    assert "itl" not in numbers
    assert numbers["tpot"] == pytest.approx(numbers["latency"] / numbers["output_tokens"], rel=1e-3)
    [tpot] = [reading for reading in first.readings if reading.metric == "tpot"]
    assert tpot.definition == "tpot.last_token/n"


def test_a_length_that_was_asked_for_is_no_measurement():
    parsed = parse_sample("llmperf.json")
    locators = {reading.locator for record in parsed.records for reading in record.readings}
    assert "/mean_input_tokens" not in locators
    assert parsed.records[0].config == {"concurrency": 3, "workload": "550 in, 150 out"}
    assert reading_at(parsed, "/results_number_input_tokens_mean").n == 11


def test_a_request_with_an_error_code_failed():
    failures = [r.failure for r in parse_sample("llmperf_requests.json").records if r.failure]
    assert [(f.reason, f.locator) for f in failures] == [("server is busy", "/4/error_msg")]
