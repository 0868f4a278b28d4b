"""What llama.cpp's other programs wrote: batches, perplexities, logs and the server's replies."""

import pytest

from benchagent.formats import parse_bytes
from benchagent.measurements.readings import Record, Unparsed
from benchagent_tests.artifacts import SAMPLES, numbers_of, parse_sample, parse_text


def definition_of(record: Record) -> str | None:
    [rate] = [reading for reading in record.readings if reading.metric == "decode_rate"]
    return rate.definition


def test_a_batch_of_llamas_benchmark_has_the_rates_of_all_its_sequences():
    records = parse_sample("llama_batched_bench.jsonl").records
    assert [(r.config["workload"], r.config["parallel"]) for r in records] == [
        ("pp64+tg16", 1), ("pp64+tg16", 2), ("pp64+tg16", 4),
        ("pp128+tg16", 1), ("pp128+tg16", 2), ("pp128+tg16", 4),
    ]  # fmt: skip
    assert numbers_of(records[2]) == {
        "prompt_eval_time": 25.705, "prefill_rate": 9959.151367,
        "eval_time": 145.256, "decode_rate": 440.60144,
    }  # fmt: skip
    # 4 sequences of 64 tokens, and of 16
    assert pytest.approx(9959.15, rel=1e-4) == 4 * 64 / 25.705e-3
    assert pytest.approx(440.60, rel=1e-4) == 4 * 16 / 145.256e-3


def test_the_table_of_llamas_batches_is_read_with_the_settings_above_it():
    records = parse_sample("llama_batched_bench.txt").records
    assert len(records) == 6
    assert records[2].config == {
        "n_kv_max": 2048, "n_batch": 512, "n_ubatch": 512, "flash_attn": -1, "is_pp_shared": 0,
        "is_tg_separate": 0, "n_gpu_layers": -1, "n_threads": 1, "n_threads_batch": 1,
        "workload": "pp64+tg16", "parallel": 4,
    }  # fmt: skip
    assert numbers_of(records[2]) == {
        "prompt_eval_time": 66, "prefill_rate": 3884.08, "eval_time": 150, "decode_rate": 425.66
    }  # fmt: skip


def test_a_batch_without_an_answer_has_no_rate_of_one():
    text = (SAMPLES / "llama_batched_bench.txt").read_text()
    head, rule, row = text[text.index("|    PP") :].splitlines()[:3]
    row = row.replace("|     16 |", "|      0 |").replace("0.242 |    66.19", "0.000 |     0.00")
    whole = {"prompt_eval_time": 3, "prefill_rate": 21541.57}
    for rate in ("0.00", " nan", "-nan"):
        rows = (head, rule, row.replace(" 0.00 |", f" {rate} |"))
        [record] = parse_text("\n".join(rows), name="a.txt").records
        assert numbers_of(record) == whole
    line = (SAMPLES / "llama_batched_bench.jsonl").read_text().partition("\n")[0]
    line = line.replace('"tg": 16', '"tg": 0').replace("199.242889", "0.000000")
    [record] = parse_text(line, name="a.jsonl").records
    assert numbers_of(record).keys() == whole.keys()


def test_a_write_up_with_a_table_of_llamas_batches_stays_a_write_up():
    table = (SAMPLES / "llama_batched_bench.txt").read_text().partition("\n\n")[2]
    other = "| model | ttft_ms |\n|---|---|\n| a | 12 |\n\n"
    assert parse_text(table, name="a.md").format == "llama-batched-bench"
    assert parse_text(f"{other}{table}", name="a.md").format == "markdown"


def test_of_llamas_perplexity_the_last_estimate_is_read_and_no_timing():
    [record] = parse_sample("llama_perplexity.txt").records
    assert (record.subject, record.config) == ("wren-tiny-f16", {"n_chunks": 6, "num_ctx": 256})
    # `prompt eval time = 10.33 ms / 1536 tokens` of three seconds is a time that nothing waited for
    assert numbers_of(record) == {"perplexity": 35882.0279, "stderr perplexity": 479.28684}


def test_the_last_estimates_that_were_searched_out_of_logs_are_of_what_stands_above_them():
    text = "##### qwen2.5-3b-Q4_K_M.gguf\n0.51.3 I Final estimate: PPL = 9.2105 +/- 0.0431\n"
    text += "##### both\nFinal estimate: PPL = 9.3 +/- 0.05\n"
    first, second = parse_text(text, name="ppl.txt").records
    assert (first.subject, second.subject) == ("qwen2.5-3b-Q4_K_M.gguf", None)
    assert numbers_of(first) == {"perplexity": 9.2105, "stderr perplexity": 0.0431}


def test_a_perplexity_that_is_no_number_is_told():
    text = (SAMPLES / "llama_perplexity.txt").read_text()
    lost = text.replace("PPL = 35882.0279 +/- 479.28684", "PPL = nan +/- nan")
    outcome = parse_bytes("a.log", lost.encode())
    assert isinstance(outcome, Unparsed)
    assert "'nan' is no finite number" in outcome.reason


def test_a_perplexity_that_was_broken_off_gives_no_timings_either():
    text = (SAMPLES / "llama_perplexity.txt").read_text()
    cut = "".join(line for line in text.splitlines(keepends=True) if "Final" not in line)
    outcome = parse_bytes("a.log", cut.encode())
    assert isinstance(outcome, Unparsed)
    assert outcome.format == "llama-perplexity"


def test_of_a_divergence_the_perplexity_is_the_models_and_not_its_bases():
    records = parse_sample("llama_kl_divergence.txt").records
    assert numbers_of(records[0]) == {
        "perplexity": 35882.027724, "stderr perplexity": 479.286966
    }  # fmt: skip
    assert [reading.metric for record in records[1:] for reading in record.readings] == [
        "llama-perplexity:kl_divergence", "llama-perplexity:kl_divergence",
        "llama-perplexity:same_top_token", "llama-perplexity:same_top_token",
    ]  # fmt: skip


def test_llamas_command_line_counts_the_runs_after_the_first_token():
    [record] = parse_sample("llama_completion.txt").records
    assert record.subject == "wren-tiny-f16.gguf"
    assert numbers_of(record) == {
        "load_time": 161.38, "prompt_eval_time": 1.69, "prompt_tokens": 6, "prefill_rate": 3556.61,
        "eval_time": 38.69, "decode_rate": 594.45, "total_time": 133.2,
    }  # fmt: skip
    assert definition_of(record) == "decode.(n-1)/eval"


def test_a_server_of_2026_leaves_the_first_token_out_of_its_rate():
    replies = parse_sample("llama_server_2026.jsonl").records
    assert [record.failure is None for record in replies] == [True, True, True, False, False]
    assert definition_of(replies[0]) == "decode.(n-1)/eval"
    assert pytest.approx(numbers_of(replies[0])["decode_rate"]) == 23 / 37.838e-3
    log = parse_sample("llama_server_log.txt").records
    assert definition_of(log[0]) == "decode.(n-1)/eval"
    # what it wrote before
    assert definition_of(parse_sample("llama_server.json").records[0]) == "decode.eval_count/eval"
    assert definition_of(parse_sample("llama_log.txt").records[1]) == "decode.eval_count/eval"


@pytest.mark.parametrize("kind", ["chat.completion.chunk", "text_completion"])
def test_of_a_stream_that_tells_its_timings_with_every_token_those_of_its_end_are_the_answers(
    kind: str,
):
    stream = (SAMPLES / "llama_server_stream.jsonl").read_text()
    parsed = parse_text(stream.replace("chat.completion.chunk", kind), name="a.jsonl")
    assert [record.name for record in parsed.records] == ["line=8", "line=13"]
    assert [numbers_of(record)["output_tokens"] for record in parsed.records] == [6, 4]


def test_a_stream_that_was_broken_off_is_no_answer():
    stream = (SAMPLES / "llama_server_stream.jsonl").read_text().splitlines(keepends=True)
    [record] = parse_text("".join(stream[:7] + stream[8:]), name="a.jsonl").records
    assert record.name == "line=12"
    outcome = parse_bytes("a.jsonl", "".join(stream[:7]).encode())
    assert isinstance(outcome, Unparsed)
    assert outcome.reason == "no answer in it was finished"


def test_a_rate_that_no_time_fits_has_no_definition():
    timings = (
        '"prompt_ms": 1, "predicted_n": 5, "predicted_ms": 1e200, "predicted_per_second": 1e200'
    )
    [record] = parse_text(f'{{"timings": {{{timings}}}}}', name="a.json").records
    assert definition_of(record) is None


def test_a_rate_too_coarse_to_tell_one_token_has_no_definition():
    log = """\
prompt eval time =     480.31 ms /    21 tokens (   22.87 ms per token,    43.72 tokens per second)
       eval time =  800000.00 ms /  2000 tokens (  400.00 ms per token,     2.50 tokens per second)
"""
    [record] = parse_text(log, name="a.log").records
    assert definition_of(record) is None
    assert numbers_of(record)["decode_rate"] == 2.5


def test_the_file_that_a_server_says_it_loads_is_its_model():
    text = (SAMPLES / "llama_log.txt").read_text()
    [_, *lines] = text.splitlines()
    lines = ["srv    load_model: loading model '/models/finch-2b-q5_0.gguf'", *lines]
    told = "\n".join(line for line in lines if "loaded meta data" not in line)
    records = parse_text(told, name="server.log").records
    assert {record.subject for record in records} == {"/models/finch-2b-q5_0.gguf"}


TIMINGS = """\
llama_perf_context_print: prompt eval time =     100.00 ms /    10 tokens (   10.00 ms per token,   100.00 tokens per second)
llama_perf_context_print:        eval time =    2000.00 ms /    99 runs   (   20.20 ms per token,    49.50 tokens per second)
"""


def test_a_heading_above_timings_names_their_model_and_settings():
    log = (
        f"=== qwen2-2b-q5_0.gguf ngl=8 run=1 ===\n{TIMINGS}"
        f"=== qwen2-2b-q5_0.gguf ngl=16 run=1 ===\n{TIMINGS}"
        f"== Running in interactive mode. ==\n{TIMINGS}"
    )
    told = [(r.subject, r.config) for r in parse_text(log, name="sweep.log").records]
    assert told == [
        ("qwen2-2b-q5_0.gguf", {"num_gpu": 8}),
        ("qwen2-2b-q5_0.gguf", {"num_gpu": 16}),
        (None, {}),
    ]


def test_the_file_that_a_log_says_it_loads_is_the_model_below_any_heading():
    loads = "llama.cpp: loading model from /models/wren-1b.gguf\n"
    log = (
        f"=== qwen2-2b ngl=8 ===\n{loads}== Running in interactive mode. ==\n{TIMINGS}"
        f"=== qwen2-2b ngl=16 ===\n{loads}{TIMINGS}"
    )
    told = [(r.subject, r.config) for r in parse_text(log, name="sweep.log").records]
    assert told == [("/models/wren-1b.gguf", {}), ("/models/wren-1b.gguf", {"num_gpu": 16})]
