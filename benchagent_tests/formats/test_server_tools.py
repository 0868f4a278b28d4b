"""What servers of models say of themselves, and tools that send them requests say of them."""

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


def test_samples_of_nvidias_tool_are_telemetry_in_the_units_of_their_headings():
    parsed = parse_sample("nvidia_smi.csv")
    assert [(record.subject, record.config) for record in parsed.records[:2]] == [
        ("NVIDIA GeForce RTX 4090", {"gpu_index": 0}),
        ("Tesla P4", {"gpu_index": 1}),
    ]
    assert {record.benchmark for record in parsed.records} == {"telemetry"}
    assert parsed.records[0].measured_at == "2025-11-20T10:00:00.123000"
    assert numbers_of(parsed.records[2]) == {
        "gpu_utilization": 0.97, "vram": 6423 * 2**20, "power": 322.87, "temperature_c": 58,
        "clock_rate": 2.715e9,
    }  # fmt: skip
    assert "power" not in numbers_of(parsed.records[1])


def test_units_in_headings_alone_are_those_of_the_cells_too():
    text = (SAMPLES / "nvidia_smi.csv").read_text()
    header, _, rows = text.partition("\n")
    for unit in (" %", " MiB", " W", " MHz"):
        rows = rows.replace(unit, "")
    bare = parse_text(f"{header}\n{rows}").records
    assert [numbers_of(record) for record in bare] == [
        numbers_of(record) for record in parse_sample("nvidia_smi.csv").records
    ]


def test_locusts_times_are_read_where_no_request_failed():
    parsed = parse_sample("locust_stats.csv")
    [record] = parsed.records
    assert record.config == {"workload": "GET /v1/models"}
    assert numbers_of(record) == {
        "mean latency": 121.41345661931315, "min latency": 25.24321600503754,
        "max latency": 372.36638698959723, "request_rate": 7.991702000543479,
    }  # fmt: skip
    assert [refusal.locator for refusal in parsed.refusals] == ["row=1", "row=3"]


@pytest.mark.parametrize("count", ["", "3.0", "nan"])
def test_a_row_of_locust_that_does_not_count_its_failures_is_refused(count: str):
    text = (SAMPLES / "locust_stats.csv").read_text()
    parsed = parse_text(text.replace("completions,92,3,", f"completions,92,{count},"), name="a.csv")
    assert [record.name for record in parsed.records] == ["row=2"]
    assert [refusal.locator for refusal in parsed.refusals] == ["row=1", "row=3"]


def test_wrks_latencies_are_read_where_every_answer_was_a_success():
    parsed = parse_sample("wrk.txt")
    first, second = parsed.records
    assert first.config["concurrency"] == 4
    assert numbers_of(first) == {
        "mean latency": 76.56, "stddev latency": 11.27, "max latency": 96.03,
        "median latency": 76.02, "p75 latency": 84.01, "p90 latency": 88, "p99 latency": 92.02,
        "request_rate": 51.59,
    }  # fmt: skip
    assert {r.n for r in second.readings if r.metric == "latency"} == {25}
    assert [refusal.reason.partition(":")[0] for refusal in parsed.refusals] == [
        "Non-2xx or 3xx responses"
    ] * 2


def test_of_two_spreads_of_wrk2_the_corrected_one_is_read():
    text = (SAMPLES / "wrk.txt").read_text()
    again = "  Latency Distribution (HdrHistogram - Uncorrected Latency)\n     50%    1.00ms\n"
    twice = text.replace("  155 requests in", f"{again}  155 requests in", 1)
    read, expected = parse_text(twice, name="wrk.txt"), parse_text(text, name="wrk.txt")
    assert [r.raw_value for r in read.records[0].readings] == [
        r.raw_value for r in expected.records[0].readings
    ]


@pytest.mark.parametrize(
    ("written", "ms"), [("1.52s", 1520.0), ("310.20us", 0.3102), ("1.02m", 61200.0)]
)
def test_each_time_of_wrk_has_its_own_unit(written: str, ms: float):
    text = (SAMPLES / "wrk.txt").read_text().replace("76.56ms", written)
    assert numbers_of(parse_text(text, name="wrk.txt").records[0])["mean latency"] == ms


def test_a_request_of_hey_that_got_an_error_failed_however_fast():
    records = parse_sample("hey.csv").records
    assert [record.name for record in records if record.failure] == ["row=3", "row=10"]
    assert numbers_of(records[0]) == {"latency": 35.3}


def test_promptfoos_table_has_a_score_for_each_prompt_and_provider_and_errors_failed():
    records = parse_sample("promptfoo.csv").records
    assert [(record.subject, numbers_of(record).get("score")) for record in records] == [
        ("echo", 1), ("echo", 1), ("breaks", None), ("breaks", None),
        ("echo", 0), ("echo", 0), ("breaks", None), ("breaks", None),
    ]  # fmt: skip
    assert records[1].config == {
        "prompt_template": "Repeat {{word}}, twice", "prompt_index": 0, "word": "wren"
    }  # fmt: skip
    failures = [record.failure for record in records if record.failure]
    assert {failure.reason for failure in failures} == {"its status is ERROR, no reason given"}
    assert failures[0].locator == "row=1,column=Status#3"


def test_hyperfines_table_for_asciidoc_has_a_cell_per_line():
    first, second = parse_sample("hyperfine.adoc").records
    assert (first.subject, second.subject) == ("sleep 0.02", "sleep 0.01")
    assert numbers_of(first) == {
        "mean latency": 71.7, "stddev latency": 33.2, "min latency": 32.1, "max latency": 104.7
    }  # fmt: skip
    assert {(r.locator, r.kind) for r in second.readings if r.statistic == "min"} == {
        ("line=17,chars=3-6", "derived")
    }


def test_a_row_of_hyperfines_asciidoc_over_a_time_of_zero_gives_no_means():
    text = (SAMPLES / "hyperfine.adoc").read_text().replace("| 11.2", "| 0.0")
    parsed = parse_text(text, name="runs.adoc")
    assert [record.subject for record in parsed.records] == ["sleep 0.02"]
    assert [refusal.locator for refusal in parsed.refusals] == ["line=15"]


def test_a_text_that_speaks_of_timings_is_no_log():
    text = "The prompt eval time = the eval time = nothing.\n"
    assert not isinstance(parse_bytes("notes.txt", text.encode()), Parsed)


def test_a_reply_without_timings_is_no_call_of_llamas_server():
    reply = {"object": "chat.completion", "usage": {"completion_tokens": 3}, "timings": {"x": 1}}
    assert not isinstance(parse_bytes("a.json", json.dumps(reply).encode()), Parsed)
