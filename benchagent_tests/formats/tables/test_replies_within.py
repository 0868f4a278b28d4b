"""Replies of model servers that people keep among keys of their own."""

import json
from typing import Any

import pytest

from benchagent_tests.artifacts import numbers_of, parse_sample, parse_text

OLLAMA: dict[str, Any] = {
    "model": "wren:1b",
    "created_at": "2026-03-02T10:00:11Z",
    "done": True,
    "total_duration": 4_000_000_000,
    "load_duration": 20_000_000,
    "prompt_eval_count": 10,
    "prompt_eval_duration": 100_000_000,
    "eval_count": 50,
    "eval_duration": 2_500_000_000,
}
NUMBERS = {
    "total_time": 4000,
    "load_time": 20,
    "prompt_tokens": 10,
    "prompt_eval_time": 100,
    "output_tokens": 50,
    "eval_time": 2500,
}
TIMINGS: dict[str, Any] = {
    "prompt_n": 40,
    "prompt_ms": 200.0,
    "prompt_per_second": 200.0,
    "predicted_n": 80,
    "predicted_ms": 4000.0,
    "predicted_per_second": 20.0,
}


def test_a_script_that_keeps_whole_replies_has_a_record_per_call_with_its_own_settings():
    parsed = parse_sample("replies_within.json")

    first, *_, last = parsed.records
    assert (first.subject, first.repetition, first.config["arm"]) == ("smollm2:135m", 0, "short")
    assert first.config["num_predict"] == 8
    assert first.measured_at == ("2026-11-23T11:21:13.060084Z", "utc")
    assert numbers_of(first) == {
        "total_time": 1804.283906,
        "load_time": 0.681201,
        "prompt_tokens": 40,
        "prompt_eval_time": 1509.655761,
        "output_tokens": 8,
        "eval_time": 280.392022,
        "duration": 1811.6,
    }
    assert first.readings[0].locator == "/calls/0/response/total_duration"
    assert last.failure is not None
    assert last.failure.reason.startswith("model 'smollm2:1b' not found")
    assert last.failure.locator == "/calls/3/response/error"


@pytest.mark.parametrize(
    ("text", "config"),
    [
        # beside the keys of a reply
        ('{"arm": "A", "run": 1, %s}', {"arm": "A"}),
        # under a name, in a list that stands under a name
        ('{"calls": [{"arm": "A", "reply": {%s}, "messages": [{"role": "user"}]}]}', {"arm": "A"}),
        # in lists that are named after what was tried
        ('{"tuned": [{%s}], "plain": [{%s}]}', {"variant": "tuned"}),
        ('[{"request": {"model": "wren:1b", "options": {"num_ctx": 64}}, "o": {%s}}]', {"num_ctx": 64}),
    ],
)  # fmt: skip
def test_a_reply_is_read_as_one_wherever_it_stands(text: str, config: dict[str, Any]):
    reply = json.dumps(OLLAMA)[1:-1]

    record = parse_text(text.replace("%s", reply), name="x.json").records[0]

    assert record.subject == "wren:1b"
    assert numbers_of(record) == NUMBERS
    assert record.config == config


def _proxied(**resp: Any) -> str:
    request = {"model": "wren:1b", "options": {"num_ctx": 64}}
    return json.dumps({"req": request, "status": 200, "timing": {"total_ms": 9.5}, "resp": resp})


PART: dict[str, Any] = {key: OLLAMA[key] for key in ("done", "eval_count", "eval_duration")}


def test_what_a_proxy_keeps_of_a_reply_is_read_in_nanoseconds() -> None:
    failed = json.dumps({"req": {"model": "wren:1b"}, "status": 500, "resp": {"error": "exit 2"}})
    parsed = parse_text(f"{_proxied(**PART)}\n{failed}\n", name="x.jsonl")

    call, error = parsed.records
    assert (call.subject, call.config) == ("wren:1b", {"num_ctx": 64})
    assert numbers_of(call) == {"output_tokens": 50, "eval_time": 2500, "total_time": 9.5}
    assert error.failure is not None
    assert error.failure.reason == "exit 2"


@pytest.mark.parametrize(
    "resp",
    [
        {**PART, "eval_duration": 2_500_000, "eval_count": 50},  # microseconds: 20,000 a second
        {**PART, "eval_duration": 2.5},
        {**PART, "took": 3},  # a script's own
    ],
)
def test_a_part_of_a_reply_that_another_may_have_written_is_none(resp: dict[str, Any]) -> None:
    parsed = parse_text(f"{_proxied(**resp)}\n", name="x.jsonl")
    assert "eval_time" not in numbers_of(parsed.records[0])
    assert "eval_duration" in (parsed.reason or "")


def test_a_status_of_http_is_said_as_it_stands() -> None:
    lines = (
        '{"model": "wren:1b", "ttft_ms": 9, "status": 200}\n{"model": "wren:1b", "status": 503}\n'
    )
    failed = parse_text(lines, name="x.jsonl").records[1].failure
    assert failed is not None
    assert failed.reason == "its status is 503"


def test_what_two_arms_gave_is_told_apart_by_a_key_beside_the_replys_own():
    lines = "\n".join(json.dumps({"arm": arm, **OLLAMA}) for arm in "ABAB")

    records = parse_text(lines, name="x.jsonl").records

    assert [record.config for record in records] == [{"arm": arm} for arm in "ABAB"]


def test_timings_of_llamas_server_are_read_among_a_scripts_keys():
    result = {"model": "wren.gguf", "choices": [{"index": 0}], "timings": TIMINGS}
    runs = [{"ngl": ngl, "trial": 1, "result": result} for ngl in (0, 99)]

    records = parse_text(json.dumps(runs), name="x.json").records

    assert [record.config for record in records] == [{"num_gpu": 0}, {"num_gpu": 99}]
    assert numbers_of(records[0]) == {
        "prompt_tokens": 40,
        "prompt_eval_time": 200,
        "prefill_rate": 200,
        "output_tokens": 80,
        "eval_time": 4000,
        "decode_rate": 20,
    }


def test_an_answer_of_one_token_has_no_rate_there_either():
    timings = {**TIMINGS, "predicted_n": 1, "predicted_ms": 0.001, "predicted_per_second": 1e6}
    parsed = parse_text(json.dumps([{"ngl": 1, "r": {"timings": timings}}]), name="x.json")

    assert not {"decode_rate", "eval_time"} & numbers_of(parsed.records[0]).keys()


def test_the_tokens_that_openais_api_counts_stand_with_the_clients_time():
    reply = {
        "object": "chat.completion",
        "created": 1780000000,
        "model": "org/wren",
        "choices": [{"index": 0}],
        "usage": {"prompt_tokens": 9, "completion_tokens": 30, "total_tokens": 39},
    }
    text = json.dumps({"runs": [{"engine": "vllm", "latency_s": 1.5, "reply": reply}]})

    record = parse_text(text, name="x.json").records[0]

    assert (record.subject, record.config) == ("org/wren", {"engine": "vllm"})
    assert numbers_of(record) == {
        "prompt_tokens": 9,
        "output_tokens": 30,
        "total_tokens": 39,
        "latency": 1500,
    }


def test_seconds_under_ollamas_names_are_no_nanoseconds():
    calls = [{"arm": "A", "r": OLLAMA}, {"arm": "B", "r": {**OLLAMA, "total_duration": 4.5}}]
    parsed = parse_text(json.dumps({"calls": calls}), name="x.json")

    assert [record.config["arm"] for record in parsed.records] == ["A"]
    refused = {refusal.locator: refusal.reason for refusal in parsed.refusals}
    assert refused["/calls/1/r/total_duration"] == "'4.5' is written as no such server does"


@pytest.mark.parametrize(("total", "unit"), [("4000000000", "ms"), ("4.0", None), ("4", None)])
def test_replies_put_into_a_table_have_nanoseconds_if_they_are_as_large(
    total: str, unit: str | None
):
    text = f"arm,model,total_duration,eval_count,ttft_ms\nA,wren:1b,{total},50,20\n"

    record = parse_text(text).records[0]

    assert {r.metric: r.unit for r in record.readings}["total_time"] == unit


def test_a_model_that_a_script_calls_otherwise_than_the_server_is_called_as_it_does():
    calls = [{"model": f"wren-{name}", "r": OLLAMA} for name in ("tuned", "plain")]
    records = parse_text(json.dumps(calls), name="x.json").records

    assert [record.subject for record in records] == ["wren-tuned:latest", "wren-plain:latest"]
    assert {record.config["served_model"] for record in records} == {"wren:1b"}
