"""Rows that stand for many requests: what of them is of all, and what of one."""

import json

import pytest

from benchagent.formats import parse_bytes
from benchagent.measurements.readings import Unparsed
from benchagent_tests.artifacts import parse_text, statistics_of


@pytest.mark.parametrize(
    ("count", "metric"),
    [
        ('"num_requests": 40', "duration"),
        ('"successful_requests": 39', "duration"),
        ('"requests_per_s": 2.5', "duration"),
        ('"requests": 1', "total_time"),
        ('"prompt_id": 40', "total_time"),
    ],
)
def test_how_long_many_requests_took_is_no_time_of_one(count: str, metric: str):
    parsed = parse_text(f'[{{{count}, "p95_latency_ms": 812, "total_time_s": 16}}]', "load.json")
    assert {told: value for (told, _), value in statistics_of(parsed).items()}[metric] == 16_000


def test_the_throughput_of_a_row_of_many_requests_is_of_all_of_them():
    summary = {"requests_completed": 80, "throughput_tok_s": 950.0, "ttft_ms": {"p50": 41}}
    parsed = parse_text(json.dumps({"runs": [{"request_rate": 4, "summary": summary}]}), "s.json")
    assert statistics_of(parsed) == {("throughput", "value"): 950, ("ttft", "median"): 41}
    assert parsed.records[0].config == {"request_rate": 4}


def test_a_rate_or_count_of_tokens_beside_many_requests_may_be_of_each_or_of_all():
    parsed = parse_text("requests,ttft_ms,tok/s,output_tokens\n25,80,640,5200\n")
    assert statistics_of(parsed) == {("ttft", "summary"): 80}
    assert parsed.reason == "columns not understood: requests, tok/s, output_tokens"


def test_tokens_of_many_requests_alone_are_no_result():
    said = {"model": "plover:3b", "num_requests": 64, "output_tokens": 9000}
    assert isinstance(parse_bytes("own.json", json.dumps(said).encode()), Unparsed)


def test_requests_answered_in_a_second_are_known_by_the_word_throughput():
    parsed = parse_text('{"p50_latency_ms": 90, "throughput_rps": 11, "target_rps": 20}', "l.json")
    assert statistics_of(parsed) == {("latency", "median"): 90, ("request_rate", "value"): 11}


@pytest.mark.parametrize("count", ["num_prompts", "n_prompts", "total_prompts"])
def test_the_throughput_beside_a_count_of_prompts_is_of_all_of_them(count: str):
    said = {"model": "lark:3b", count: 100, "throughput_tok_s": 812.3, "ttft_ms": {"p50": 41}}
    parsed = parse_text(json.dumps(said), "own.json")
    assert statistics_of(parsed) == {("throughput", "value"): 812.3, ("ttft", "median"): 41}


@pytest.mark.parametrize("count", ["n", "samples", "num_samples", "iterations"])
def test_a_throughput_beside_a_count_of_nobody_knows_what_may_be_of_each_or_of_all(count: str):
    rows = [{"model": "lark:3b", count: 100, "throughput_tok_s": 812.3, "ttft_ms": 41}]
    parsed = parse_text(json.dumps(rows), "own.json")
    assert statistics_of(parsed) == {("ttft", "summary"): 41}
    assert parsed.reason == f"columns not understood: {count}, throughput_tok_s"


@pytest.mark.parametrize(
    "said",
    [
        {"n": 1, "throughput_tok_s": 51.5},  # of one there is nothing else to be of
        {"n": 20, "mean_throughput_tok_s": 51.5},
        {"n_prompt": 512, "throughput_tok_s": 51.5},  # how long the one prompt was
    ],
)
def test_a_throughput_of_one_answer_stays_one(said: dict[str, float]):
    parsed = parse_text(json.dumps([{"model": "lark:3b", "ttft_ms": 41, **said}]), "own.json")
    [rate] = [r for r in parsed.records[0].readings if r.metric != "ttft"]
    assert (rate.metric, rate.value) == ("decode_rate", 51.5)


@pytest.mark.parametrize(
    ("counts", "statistic"),
    [
        (("n", "10", "10"), "summary"),
        (("num_prompts", "50", "80"), "summary"),
        (("samples", "5", "5"), "summary"),
        (("requests", "25", "25"), "summary"),
        # they number the rows, or say that each is alone
        (("n", "1", "2"), "value"),
        (("n", "1", "1"), "value"),
        (("sample", "5", "5"), "value"),
    ],
)
def test_of_a_row_that_counts_what_it_sums_up_no_name_tells_the_mean(
    counts: tuple[str, str, str], statistic: str
):
    label, one, other = counts
    text = f"model,{label},tok_s,ttft_ms\nlark:3b,{one},41.2,200\nwren:7b,{other},21.2,300\n"
    told = {(r.statistic, r.n) for record in parse_text(text).records for r in record.readings}
    assert told == {(statistic, None)}


def test_the_throughput_of_many_requests_of_several_clients_is_of_all_of_them():
    rows = [{"concurrency": n, "total_requests": 184, "throughput_tok_s": 262} for n in (8, 10)]
    parsed = parse_text(json.dumps({"model": "lark:3b", "runs": rows}), "own.json")
    assert [statistics_of(parsed, at) for at in (0, 1)] == [{("throughput", "value"): 262}] * 2


@pytest.mark.parametrize(("failed", "n"), [(0, 40), (1, None)])
def test_a_median_of_requests_of_which_some_failed_stands_on_fewer(failed: int, n: int | None):
    said = {"request_count": 40, "failure_count": failed, "ttft_ms": {"median": 41}}
    parsed = parse_text(json.dumps({"model": "lark:3b", **said}), "own.json")
    assert [reading.n for reading in parsed.records[0].readings] == [n]


@pytest.mark.parametrize("count", ["num_requests", "num_samples"])
def test_a_total_latency_of_many_requests_may_be_their_sum(count: str):
    parsed = parse_text(f'[{{"{count}": 40, "ttft_ms": 41, "total_latency_ms": 9000}}]', "l.json")
    assert [reading.metric for reading in parsed.records[0].readings] == ["ttft"]
