"""What `evalscope perf` writes of a run, streamed and in one piece."""

import json

import pytest

from benchagent_tests.artifacts import SAMPLES, numbers_of, parse_sample, parse_text


def test_evalscopes_means_are_of_the_requests_that_succeeded():
    [record] = parse_sample("evalscope_summary.json").records
    assert record.config == {"concurrency": 3}
    assert numbers_of(record) == {
        "mean latency": 122.5, "mean prompt_tokens": 11, "mean output_tokens": 16,
        "mean ttft": 45.03, "mean tpot": 5.16, "mean itl": 5.16,
        "request_rate": 23.2284, "throughput": 371.6543, "duration": 387.5,
    }  # fmt: skip
    assert {r.n for r in record.readings if r.metric == "latency"} == {9}


def test_evalscopes_answers_that_were_not_streamed_have_no_times_of_tokens():
    parsed = parse_sample("evalscope_unstreamed.json")
    [record] = parsed.records
    assert not {"mean ttft", "mean tpot", "mean itl"} & numbers_of(record).keys()
    assert {refusal.locator for refusal in parsed.refusals} == {
        "/Avg TTFT (ms)", "/Avg TPOT (ms)", "/Avg ITL (ms)"
    }  # fmt: skip


def test_evalscope_calls_requests_streamed_that_failed_where_no_answer_was():
    summary = json.loads((SAMPLES / "evalscope_unstreamed.json").read_text())
    summary |= {"Failed Requests": 2, "Stream Requests": 2}
    parsed = parse_text(json.dumps(summary), name="a.json")
    assert "mean ttft" not in numbers_of(parsed.records[0])
    assert "/Avg TTFT (ms)" in {refusal.locator for refusal in parsed.refusals}


def test_a_run_of_evalscope_in_which_no_request_succeeded_failed():
    summary = json.loads((SAMPLES / "evalscope_summary.json").read_text())
    summary |= {"Success Requests": 0, "Avg Latency (s)": -1}
    [record] = parse_text(json.dumps(summary), name="a.json").records
    assert record.failure
    assert not record.readings


def test_evalscopes_percentiles_are_of_one_run():
    [record] = parse_sample("evalscope_percentile.json").records
    numbers = numbers_of(record)
    assert {numbers[f"{name} ttft"] for name in ("min", "p1")} == {35.8516}
    assert numbers["min latency"] == 116.9
    assert numbers["min decode_rate"] == 161.498
    assert len(numbers) == 11 * 8


@pytest.mark.parametrize("named", ["500%", "007%", "\u0665\u0660%", "p50"])
def test_what_is_no_percentile_of_evalscopes_is_refused(named: str):
    rows = json.loads((SAMPLES / "evalscope_percentile.json").read_text())
    rows[3]["Percentiles"] = named
    parsed = parse_text(json.dumps(rows), name="a.json")
    assert [refusal.locator for refusal in parsed.refusals] == ["/3"]
    assert len(parsed.records[0].readings) == 10 * 8


def test_evalscopes_answers_of_one_token_have_no_times_between_tokens():
    summary = json.loads((SAMPLES / "evalscope_summary.json").read_text())
    summary |= {"Avg Output Tokens": 1.0, "Avg TPOT (ms)": 0.0, "Avg ITL (ms)": 0.0}
    parsed = parse_text(json.dumps(summary), name="a.json")
    assert not {"mean tpot", "mean itl"} & numbers_of(parsed.records[0]).keys()
    assert {refusal.locator for refusal in parsed.refusals} == {"/Avg TPOT (ms)", "/Avg ITL (ms)"}


def test_evalscopes_percentiles_of_unstreamed_answers_are_of_latencies_alone():
    rows = json.loads((SAMPLES / "evalscope_percentile.json").read_text())
    for row in rows:
        row |= {"Decode (tok/s)": float("nan"), "TPOT (ms)": 0.0, "ITL (ms)": float("nan")}
        row |= {"TTFT (ms)": row["Latency (s)"] * 1000}
    [record] = parse_text(json.dumps(rows), name="a.json").records
    assert {reading.metric for reading in record.readings} == {
        "latency", "prompt_tokens", "output_tokens", "throughput"
    }  # fmt: skip
