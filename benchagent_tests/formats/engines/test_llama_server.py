"""Replies of llama.cpp's server, and the timings that its programs print."""

import json

import pytest

from benchagent.formats import parse_bytes
from benchagent.measurements.readings import Parsed
from benchagent_tests.artifacts import SAMPLES, numbers_of, parse_sample, parse_text


def test_a_reply_of_llamas_server_tells_what_it_did_for_the_answer():
    [record] = parse_sample("llama_server.json").records
    assert record.subject == "wren-3b-q4_k_m.gguf"
    assert {name: round(value, 1) for name, value in numbers_of(record).items()} == {
        "prompt_tokens": 21, "prompt_eval_time": 48.3, "prefill_rate": 434.7,
        "output_tokens": 128, "eval_time": 2504.6, "decode_rate": 51.1,
    }  # fmt: skip


def test_of_replies_in_lines_errors_failed_pieces_are_none_and_no_answer_has_no_rate():
    records = parse_sample("llama_server.jsonl").records
    assert [record.name for record in records] == ["line=1", "line=2", "line=4", "line=5"]
    assert [record.failure and record.failure.reason for record in records] == [
        None, "Loading model", None, None
    ]  # fmt: skip
    # 20 of 21 tokens were still there
    assert numbers_of(records[2])["prompt_tokens"] == 1
    assert numbers_of(records[3]).keys() == {"prompt_tokens", "prompt_eval_time", "prefill_rate"}


def test_an_answer_of_one_token_has_no_time_of_decoding_and_no_rate():
    [record] = parse_sample("llama_server.json").records
    reply = json.loads((SAMPLES / "llama_server.json").read_text())
    timed = {"predicted_n": 1, "predicted_ms": 0.001, "predicted_per_second": 1e6}
    reply["timings"] |= timed
    log = """\
prompt eval time =      48.31 ms /    21 tokens (    2.30 ms per token,   434.69 tokens per second)
       eval time =       0.02 ms /     1 tokens (    0.02 ms per token, 50000.00 tokens per second)
"""
    for [read] in (
        parse_text(json.dumps(reply), name="a.json").records,
        parse_text(log, name="a.log").records,
    ):
        assert numbers_of(read).keys() == numbers_of(record).keys() - {"eval_time", "decode_rate"}
        assert numbers_of(read)["output_tokens"] == 1


def test_a_log_of_llama_gives_a_call_for_each_block_of_timings():
    records = parse_sample("llama_log.txt").records
    assert [(record.name, record.subject) for record in records] == [
        ("line=10", "models/wren-3b-q4_k_m.gguf"),
        ("line=17", "models/wren-1b-q8_0.gguf"),
        ("line=21", "models/wren-1b-q8_0.gguf"),
        ("line=24", "models/wren-1b-q8_0.gguf"),
    ]
    assert records[0].config == {"offloaded_layers": 29, "num_ctx": 4096, "num_thread": 8}
    assert [numbers_of(record).get("decode_rate") for record in records] == [
        50.71, 50.55, 50.54, None
    ]  # fmt: skip
    assert [numbers_of(record).get("load_time") for record in records] == [
        1234.56, None, None, 51.05
    ]  # fmt: skip


def test_the_command_line_times_a_token_less_than_the_server():
    command, server, *_ = parse_sample("llama_log.txt").records
    definitions = [
        {r.metric: r.definition for r in record.readings}["decode_rate"]
        for record in (command, server)
    ]
    assert definitions == ["decode.(n-1)/eval", "decode.eval_count/eval"]
    # 127 runs are no count of the answer's tokens
    assert "output_tokens" not in numbers_of(command)


@pytest.mark.parametrize(
    "before", ["llama_print_timings:", "llama_perf_print:", "0.00.060.463 I llama_perf_print:", ""]
)
def test_timings_of_older_and_newer_programs_of_llama_are_read(before: str):
    text = f"""\
{before}        load time =   576.45 ms
{before}      sample time =   283.10 ms /   400 runs   (    0.71 ms per token,  1412.91 tokens per second)
{before} prompt eval time =   599.83 ms /    19 tokens (   31.57 ms per token,    31.68 tokens per second)
{before}        eval time = 24513.59 ms /   399 runs   (   61.44 ms per token,    16.28 tokens per second)
{before}       total time = 25431.49 ms
"""
    [record] = parse_text(text, name="run.log").records
    assert numbers_of(record) == {
        "load_time": 576.45, "prompt_eval_time": 599.83, "prompt_tokens": 19, "prefill_rate": 31.68,
        "eval_time": 24513.59, "decode_rate": 16.28, "total_time": 25431.49,
    }  # fmt: skip


def test_a_text_that_speaks_of_timings_is_no_log():
    text = "The prompt eval time = the eval time = nothing.\n"
    assert not isinstance(parse_bytes("notes.txt", text.encode()), Parsed)


def test_a_reply_without_timings_is_no_call_of_llamas_server():
    reply = {"object": "chat.completion", "usage": {"completion_tokens": 3}, "timings": {"x": 1}}
    assert not isinstance(parse_bytes("a.json", json.dumps(reply).encode()), Parsed)
