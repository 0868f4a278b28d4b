"""What the name of a column means, however people write it."""

import pytest

from benchagent.formats import parse_bytes
from benchagent.formats.tables.columns import Meaning, read_column
from benchagent.measurements.readings import Unparsed
from benchagent_tests.artifacts import parse_text


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("ttft_s", ("ttft", "value", "ms", "s")),
        ("mean_ttft_s", ("ttft", "mean", "ms", "s")),
        ("eval_s_mean", ("eval_time", "mean", "ms", "s")),
        ("P95 TTFT (s)", ("ttft", "p95", "ms", "s")),
        ("Mean Tokens/s", ("decode_rate", "mean", "tok/s", "tok/s")),
        ("tokens_s", ("decode_rate", "value", "tok/s", "tok/s")),
        ("median_decode_tokens_per_s", ("decode_rate", "median", "tok/s", "tok/s")),
        ("Peak Throughput (tok/s)", ("decode_rate", "max", "tok/s", "tok/s")),
        ("Std (ms)", ("latency", "stddev", "ms", "ms")),
        ("Compile Time (s)", ("compile_time", "value", "ms", "s")),
        ("VRAM (GB)", ("vram", "value", "bytes", "GB")),
        ("model_size_bytes", ("model_size", "value", "bytes", "bytes")),
        ("Throughput", ("decode_rate", "value", None, None)),
        ("eval_count", ("output_tokens", "value", "tokens", None)),
        ("Prompt Processing (pp512) (t/s)", ("prefill_rate", "value", "tok/s", "t/s")),
        ("Text generation (tg 128) t/s", ("decode_rate", "value", "tok/s", "tok/s")),
        ("t/s (pp2048)", ("prefill_rate", "value", "tok/s", "t/s")),
        ("Average Evaluation Rate (tok/s)", ("decode_rate", "mean", "tok/s", "tok/s")),
        # no tokens in a second
        ("time_to_first_token_s", ("ttft", "value", "ms", "s")),
        ("p95_time_to_first_token_seconds", ("ttft", "p95", "ms", "seconds")),
        ("time_per_output_token_s", ("tpot", "value", "ms", "s")),
        ("lat_p50_ms", ("latency", "median", "ms", "ms")),
        ("decode_tps_per_req", ("decode_rate", "value", "tok/s", "tok/s")),
    ],
)
def test_a_column_is_understood_however_people_write_it(name: str, meaning: tuple[str | None, ...]):
    found = read_column(name)
    assert found is not None
    unit = found.unit.canonical if found.unit else None
    assert (found.metric, found.statistic, unit, found.raw_unit) == meaning


@pytest.mark.parametrize(
    "name",
    [
        "TTFT Δ (ms)",  # a difference, not a TTFT
        "Generation (pp512) (t/s)",  # a test of the prompt
        "pp512 (fa=1) (t/s)",  # under a setting
        "Throughput Delta",
        "Efficiency (tok/s per GB)",
        "Tokens per GB",
        "tokens",
        "mean",
        "time",
        "ttft (cats)",
        "",
    ],
)
def test_a_column_of_another_quantity_means_nothing(name: str):
    assert read_column(name) is None


def test_a_meaning_without_a_unit_keeps_its_number_out_of_facts():
    assert read_column("Throughput") == Meaning("decode_rate", "value", None, None)


@pytest.mark.parametrize(
    ("name", "metric", "statistic", "unit"),
    [
        ("decode_tps", "decode_rate", "value", "tok/s"),
        ("tg_tok_s", "decode_rate", "value", "tok/s"),
        ("pp_tok_s", "prefill_rate", "value", "tok/s"),
        ("t/s", "decode_rate", "value", "tok/s"),
        ("Gen tok/s", "decode_rate", "value", "tok/s"),
        ("Prompt tok/s", "prefill_rate", "value", "tok/s"),
        ("Prefill TPS (avg)", "prefill_rate", "mean", "tok/s"),  # a statistic in brackets
        ("Generation Speed (t/s)", "decode_rate", "value", "tok/s"),
        ("ttft_p50_s", "ttft", "median", "ms"),  # the statistic stands before the unit
        ("vram_peak_mib", "vram", "max", "bytes"),
        ("peak_rss_mib", "memory", "max", "bytes"),
        ("prefill_seconds_mean", "prompt_eval_time", "mean", "ms"),
        ("generated_tokens", "output_tokens", "value", "tokens"),
        ("agg_tok_s", "throughput", "value", "tok/s"),  # of all that is answered at once
        ("Aggregate Throughput (tok/s)", "throughput", "value", "tok/s"),
        ("Latency (ms/token)", "tpot", "value", "ms"),
        ("TTFT medio (s)", "ttft", "mean", "ms"),
        ("perplexity", "perplexity", "value", "1"),
        ("lat_p99_ms", "latency", "p99", "ms"),
        ("total_latency_ms", "latency", "value", "ms"),
        ("wall_latency_s", "latency", "value", "ms"),
        ("time_to_first_token_s", "ttft", "value", "ms"),
        ("mean_time_to_first_token_seconds", "ttft", "mean", "ms"),
        ("decode_tps_per_req", "decode_rate", "value", "tok/s"),
        ("generatedTokenCount", "output_tokens", "value", "tokens"),
        ("cost_per_M_tokens_usd", "cost_per_mtok", "value", "USD/1M tokens"),
    ],
)
def test_a_column_of_a_script_is_understood(name: str, metric: str, statistic: str, unit: str):
    found = read_column(name)
    assert found is not None
    assert found.unit is not None
    assert (found.metric, found.statistic, found.unit.canonical) == (metric, statistic, unit)


@pytest.mark.parametrize(
    "name",
    [
        "output_tokens_per_s",  # of one answer, or of all that a server gave
        "e2e_tps",
        "total_tps",
        "words_per_s",
        "img_s",
        "memory_mb",  # of the machine or of the GPU
        "vram_pct",
        "Perplexity (%)",
        "tok/s per W",
        "lat",  # a latitude too
        "tps_per_req",  # of decoding alone, or with the prompt
        "tokens_s_first",
    ],
)
def test_a_column_that_could_be_two_things_means_nothing(name: str):
    assert read_column(name) is None


def test_a_tag_is_a_quantisation_only_where_it_is_one():
    rows = "model,tag,ttft_ms,tps\nkiwi:1b,{},90,20\n"
    assert parse_text(rows.format("q4_0")).records[0].config == {"quantization": "q4_0"}
    assert parse_text(rows.format("nightly")).records[0].config == {"tag": "nightly"}


def test_a_column_named_by_its_unit_alone_is_not_read():
    assert isinstance(parse_bytes("own.csv", b"label,ms\ncold_prefill,2410\n"), Unparsed)


@pytest.mark.parametrize(
    "name",
    [
        "lat",  # a latitude
        "throughput_tps_total",  # of answers, or of prompts too
        "prompt_tps_per_req",
        "cost_per_request",
        "output_token_s",
        "peak_mem_gb",  # of the machine, or of its GPU
    ],
)
def test_a_name_that_leaves_open_of_what_it_is_means_nothing(name: str):
    assert read_column(name) is None


@pytest.mark.parametrize("label", ["run_num", "run_no", "trial_number"])
def test_the_number_of_a_run_is_called_many_things(label: str):
    parsed = parse_text(f"model,{label},tok_s\nlark:3b,1,31.5\nlark:3b,2,31.4\n")
    assert [record.repetition for record in parsed.records] == [1, 2]
    assert [record.config for record in parsed.records] == [{}, {}]


@pytest.mark.parametrize(
    ("header", "metric", "statistic"),
    [
        ("model,output_tokens,inference_time_s", "latency", "value"),
        # of how many answers it was, a score does not tell
        ("model,accuracy,inference_time_s", "duration", "value"),
        ("model,accuracy,Mean Inference Time (s)", "latency", "mean"),
    ],
)
def test_the_time_of_inference_is_of_one_answer_where_its_row_is(
    header: str, metric: str, statistic: str
):
    parsed = parse_text(header + "\nlark:3b,0.5,3.2\n")
    told = {(r.metric, r.statistic, r.value) for r in parsed.records[0].readings}
    assert (metric, statistic, 3200.0) in told
