"""Results in rows of somebody's own making, read by what their columns' names say."""

import json

import pytest

from benchagent.facts.derivations.settings import split_config
from benchagent.formats import parse_bytes
from benchagent.formats.settings import read_ollama_model
from benchagent.formats.tables.columns import read_column
from benchagent.measurements.model_names import names_model
from benchagent.measurements.readings import Parsed, Unparsed
from benchagent_tests.artifacts import SAMPLES


def parse(text: str, name: str = "own.csv") -> Parsed:
    parsed = parse_bytes(name, text.encode())
    assert isinstance(parsed, Parsed), parsed
    return parsed


def numbers_of(parsed: Parsed, row: int = 0) -> dict[tuple[str, str], float]:
    return {(r.metric, r.statistic): r.value for r in parsed.records[row].readings}


# --- columns ------------------------------------------------------------------------------------


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
        ("perplexity", "perplexity", "value", "1"),
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
    ],
)
def test_a_column_that_could_be_two_things_means_nothing(name: str):
    assert read_column(name) is None


# --- rows ---------------------------------------------------------------------------------------


def test_a_row_has_its_numbers_in_their_units_and_its_texts_as_settings():
    parsed = parse((SAMPLES / "result_rows.csv").read_text())
    assert numbers_of(parsed) == {
        ("prefill_rate", "value"): 812.4,
        ("decode_rate", "value"): 38.11,
        ("vram", "max"): 5120 * 2**20,
        ("perplexity", "value"): 7.912,
    }
    assert parsed.records[0].subject is None
    assert parsed.records[0].config == {"quantization": "q8_0", "gpu": "RTX 3060", "num_ctx": 4096}
    assert parsed.reason == "columns not understood: notes"


def test_a_row_whose_status_says_so_is_a_failed_run():
    failure = parse((SAMPLES / "result_rows.csv").read_text()).records[-1].failure
    assert failure is not None
    assert failure.reason == "its status is oom"


def test_objects_under_names_are_variants_of_the_model_of_their_file():
    parsed = parse((SAMPLES / "result_rows.json").read_text(), "results.json")
    assert [(r.subject, dict(r.config)) for r in parsed.records] == [
        ("plover:3b-instruct", {"quantization": "F16"}),
        ("plover:3b-instruct", {"quantization": "Q5_K_M"}),
    ]
    assert parsed.records[1].readings[2].locator == "/variants/Q5_K_M/gen_tok_s"


def test_objects_under_the_names_of_models_are_about_them():
    said = {
        "phi3:mini": {"tokens_per_second": 31.5, "score": 3},
        "llama3.2:1b": {"tokens_per_second": 80.0, "score": 2},
    }
    parsed = parse(json.dumps(said), "speeds.json")
    assert [record.subject for record in parsed.records] == ["phi3:mini", "llama3.2:1b"]


def test_a_text_column_whose_cells_are_models_says_what_was_measured():
    parsed = parse("name,gpu,tok/s\nqwen2.5:7b,A4000,41.0\nphi3:mini,A4000,77.5\n")
    assert [record.subject for record in parsed.records] == ["qwen2.5:7b", "phi3:mini"]
    assert parsed.records[0].config == {"gpu": "A4000"}


def test_one_quantity_in_two_units_is_read_once():
    parsed = parse("model,ttft_s,ttft_ms,tokens_s\nkiwi:1b,0.15,150.2,40\nkiwi:1b,0.2,200,41\n")
    assert [r.locator for r in parsed.records[0].readings if r.metric == "ttft"] == [
        "row=1,column=ttft_s"
    ]
    assert parsed.reason == "columns not understood: ttft_ms"


def test_text_columns_of_calls_are_settings_too():
    text = "model,driver,ttft_ms,tokens_s\nkiwi:1b,551.2,90,40\nkiwi:1b,r560,80,41\n"
    parsed = parse(text)
    assert parsed.format == "llm-calls-csv"
    assert [dict(record.config) for record in parsed.records] == [{}, {}]
    parsed = parse(text.replace("551.2", "r551"))
    assert [dict(record.config) for record in parsed.records] == [
        {"driver": "r551"},
        {"driver": "r560"},
    ]


@pytest.mark.parametrize(
    ("column", "setting"),
    [("ubatch", "n_ubatch"), ("tp", "tensor_parallel_size"), ("fa", "flash_attn")],
)
def test_an_option_that_is_a_number_keeps_its_rows_apart(column: str, setting: str):
    parsed = parse(f"{column},tg_tok_s\n0,20.5\n8,31.0\n")
    assert [record.config for record in parsed.records] == [{setting: 0}, {setting: 8}]


@pytest.mark.parametrize("name", ["label", "config_name", "Config ID"])
def test_rows_that_only_a_name_tells_apart_are_not_pooled(name: str):
    parsed = parse(f"{name},prompt_id,tg_tok_s\nplain,1,20.5\nfused,1,31.0\n")
    configs = [json.dumps(dict(record.config)) for record in parsed.records]
    assert [split_config(config).settings for config in configs] == [
        '{"variant":"plain"}',
        '{"variant":"fused"}',
    ]


def test_a_name_of_the_settings_beside_it_stays_one():
    parsed = parse("label,threads,tg_tok_s\nfew,4,20.5\nmany,8,31.0\n")
    assert parsed.records[0].config == {"label": "few", "num_thread": 4}


def test_a_yes_or_no_of_json_is_a_setting_as_the_word_of_a_table_is():
    said = [{"mmap": True, "tg_tok_s": 20.5}, {"mmap": False, "tg_tok_s": 31.0}]
    parsed = parse(json.dumps(said), "own.json")
    assert [record.config for record in parsed.records] == [{"mmap": True}, {"mmap": False}]


def test_phases_of_work_are_no_phases_of_a_cache():
    parsed = parse("phase,model,tok/s\nprefill,kiwi:1b,800\ndecode,kiwi:1b,31\n")
    assert [record.phase for record in parsed.records] == [None, None]
    assert [record.readings[0].metric for record in parsed.records] == [
        "prefill_rate",
        "decode_rate",
    ]


@pytest.mark.parametrize(
    ("runs", "repetitions"), [("1 2", [1, 2]), ("run1 run2", [1, 2]), ("#3 #4", [3, 4])]
)
def test_a_run_that_is_numbered_is_a_repetition(runs: str, repetitions: list[int]):
    rows = "".join(f"{run},90,40\n" for run in runs.split())
    records = parse(f"run,ttft_ms,tokens_s\n{rows}").records
    assert [record.repetition for record in records] == repetitions
    assert [record.config for record in records] == [{}, {}]


def test_a_run_that_has_a_name_is_no_repetition():
    records = parse("run,ttft_ms,tokens_s\nplain,90,40\nfused,80,44\n").records
    assert [record.repetition for record in records] == [None, None]
    assert [record.config for record in records] == [{"variant": "plain"}, {"variant": "fused"}]


def test_a_run_that_says_that_it_was_cold_tells_its_phase():
    records = parse("run,ttft_ms,tokens_s\ncold,900,40\nwarm_1,80,44\nWarm 2,81,44\n").records
    assert [record.phase for record in records] == ["cold", "warm", "warm"]
    assert {len(record.config) for record in records} == {0}


@pytest.mark.parametrize("cells", ["4096,8192 2048,8192", "4096,4096 8192,8192", "4096, ,8192"])
def test_two_columns_of_one_setting_are_both_kept_where_they_differ(cells: str):
    rows = "".join(f"{pair},31.0\n" for pair in cells.split())
    configs = [record.config for record in parse(f"ctx,num_ctx,tg_tok_s\n{rows}").records]
    assert (
        configs
        == {
            "4096,8192 2048,8192": [{"ctx": 4096, "num_ctx": 8192}, {"ctx": 2048, "num_ctx": 8192}],
            "4096,4096 8192,8192": [{"num_ctx": 4096}, {"num_ctx": 8192}],
            "4096, ,8192": [{"num_ctx": 4096}, {"num_ctx": 8192}],  # no row says both
        }[cells]
    )


@pytest.mark.parametrize(
    ("column", "cells", "is_one"),
    [
        ("offloaded_layers", "0 12 12 24", True),
        ("use_lookahead", "0 1 0 1", True),
        ("draft_len", "2 4 6 8", True),  # what it is called says enough
        ("lanes", "1 1 2 2", True),  # whole numbers that come again
        ("lanes", "1 2 3 4", False),
        ("lanes", "0.5 0.5 0.7 0.7", False),
        ("row_id", "1 1 2 2", False),
        ("cache_hits", "0 12 12 24", False),  # what came of it
        ("quality_score", "8 8 9 9", False),
        ("queue_ms", "1 1 2 2", False),
    ],
)
def test_a_number_is_a_setting_where_its_name_or_its_coming_again_says_so(
    column: str, cells: str, is_one: bool
):
    rows = "".join(f"{cell},31.{at}\n" for at, cell in enumerate(cells.split()))
    parsed = parse(f"{column},tg_tok_s\n{rows}")
    assert {column in record.config for record in parsed.records} == {is_one}
    assert parsed.reason == (None if is_one else f"columns not understood: {column}")


def test_a_number_behind_the_results_is_no_setting_for_coming_again():
    parsed = parse("tg_tok_s,stars\n31,4\n32,4\n33,5\n34,5\n")
    assert [record.config for record in parsed.records] == [{}, {}, {}, {}]


def test_many_configurations_that_each_have_a_name_are_not_pooled():
    birds = "owl jay emu kea tui roc auk moa ibis rook crow wren lark dove swan gull tern kite coot rail"
    rows = "".join(f"{bird},{at}.5\n" for at, bird in enumerate(birds.split(), start=20))
    records = parse(f"engine_build,tg_tok_s\n{rows}").records
    assert [record.config for record in records[:2]] == [
        {"engine_build": "owl"},
        {"engine_build": "jay"},
    ]


def test_a_row_that_sums_up_runs_gives_no_single_value():
    parsed = parse("engine,runs,tg_tok_s,size_gb\nwren,5,31.0,2.1\nlark,1,30.0,2.1\n")
    told = [[(r.metric, r.statistic, r.n) for r in record.readings] for record in parsed.records]
    assert told == [
        [("decode_rate", "summary", 5), ("model_size", "value", 5)],
        [("decode_rate", "value", 1), ("model_size", "value", 1)],
    ]


def test_a_text_that_never_comes_again_names_rows_and_is_no_setting():
    rows = "".join(f"kiwi:1b,call-{n}x,{90 + n},40.5\n" for n in range(24))
    parsed = parse(f"model,tag_of_call,ttft_ms,tokens_s\n{rows}")
    assert {len(record.config) for record in parsed.records} == {0}


def test_of_two_columns_of_one_quantity_neither_is_read():
    parsed = parse("engine,tok/s,decode_tps,ttft_ms\nsparrow,20.0,31.0,90\nwren,30.0,32.0,80\n")
    assert numbers_of(parsed) == {("ttft", "value"): 90.0}
    assert parsed.reason == "columns not understood: tok/s, decode_tps"


def test_of_two_columns_of_one_quantity_both_are_read_where_no_row_has_both():
    parsed = parse("engine,tg_tok_s,decode_tps\nsparrow,20.0,\nwren,,31.0\n")
    assert [record.failure for record in parsed.records] == [None, None]
    assert [numbers_of(parsed, row)["decode_rate", "value"] for row in range(2)] == [20.0, 31.0]


@pytest.mark.parametrize(
    "text",
    [
        "meeting,duration_s\nstandup,900\n",  # a time of something else
        "file,size_mb\na.bin,12\n",
        "gpu,utilisation,watts\n0,50,120\n",
    ],
)
def test_rows_without_a_result_and_its_unit_stay_unknown(text: str):
    assert isinstance(parse_bytes("own.csv", text.encode()), Unparsed)


# --- tables below each other --------------------------------------------------------------------

TWO_TABLES = """\
variant,size_gb,decode_tps
q4,1.8,30.1
q8,3.4,17.2

# by context
variant,context,decode_tps
q4,512,31.5
"""


def test_a_second_table_is_not_read_by_the_columns_of_the_first():
    parsed = parse(TWO_TABLES)
    assert [numbers_of(parsed, row) for row in range(2)] == [
        {("model_size", "value"): 1.8e9, ("decode_rate", "value"): 30.1},
        {("model_size", "value"): 3.4e9, ("decode_rate", "value"): 17.2},
    ]
    assert len(parsed.records) == 2
    assert any("another table begins" in refusal.reason for refusal in parsed.refusals)


def test_a_header_that_comes_again_is_no_failed_run():
    header, row = "model,ttft_s,tokens_s", "kiwi:1b,0.5,40"
    parsed = parse("\n".join([header, row, header, row]) + "\n")
    assert [record.failure for record in parsed.records] == [None, None]
    assert [refusal.reason for refusal in parsed.refusals] == ["the header again"]


def test_a_header_that_comes_again_is_no_other_value_of_an_option():
    header, row = "model,num_ctx,ttft_s,tokens_s", "kiwi:1b,4096,0.5,40"
    parsed = parse("\n".join([header, row, header, row]) + "\n")
    assert {record.benchmark for record in parsed.records} == {"llm-call"}


def test_rows_that_repeat_the_first_name_are_data():
    parsed = parse("variant,decode_tps\nvariant 1,30.1\nvariant 2,17.2\n")
    assert len(parsed.records) == 2


# --- names and pasted terminals -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "is_model"),
    [
        ("gemma3:1b", True),
        ("Qwen2.5-3B-Instruct", True),
        ("meta-llama/Meta-Llama-3.1-8B", True),
        ("llama.cpp (-t 8)", False),  # runs models
        ("Q8_0", False),
        ("12:30", False),
        ("RTX 3060", False),
    ],
)
def test_a_name_of_a_model_is_told_from_other_names(text: str, is_model: bool):
    assert names_model(text) is is_model


TIMINGS = """\
total duration:       4.5s
load duration:        20ms
eval count:           90 token(s)
eval duration:        4s
eval rate:            22.50 tokens/s
"""


def test_timings_pasted_into_markdown_are_read():
    parsed = parse(f"## Metrics\n```\n{TIMINGS}```\n", "finch_1b laptop.md")
    assert parsed.format == "ollama-verbose"
    assert numbers_of(parsed)["decode_rate", "value"] == 22.5


def test_a_cell_may_say_the_unit_that_its_column_leaves_out():
    parsed = parse("| model | Peak RAM |\n|---|---|\n| finch:1b | 7157 MB |\n", "report.md")
    assert numbers_of(parsed) == {("memory", "max"): 7.157e9}


def test_a_write_up_with_tables_of_its_own_stays_one():
    text = f"| model | tokens/s |\n|---|---|\n| finch:1b | 22.5 |\n\n```\n{TIMINGS}```\n"
    assert parse(text, "report.md").format == "markdown"


def test_words_in_a_column_of_results_make_no_table_of_results():
    found = parse_bytes("own.json", json.dumps({"ttft_ms": "soon", "note": "as fast"}).encode())
    assert isinstance(found, Unparsed)


# --- rows that failed, and rows that are no runs ------------------------------------------------


def test_a_column_of_outcomes_says_what_failed_whatever_it_is_called():
    text = "model,ttft_ms,tps,vram_gb,output_valid\nkiwi:1b,,,7.9,ERROR\nkiwi:1b,90,22.6,7.9,True\n"
    failed, fine = parse(text).records
    assert failed.failure is not None
    assert failed.failure.reason == "its output_valid is ERROR"
    assert fine.failure is None
    assert fine.config == {}


@pytest.mark.parametrize(
    ("column", "cells", "config", "reason"),
    [
        ("on_overflow", ("error", "truncate"), {"on_overflow": "error"}, None),
        ("output_valid", ("yes", "no"), {}, "columns not understood: output_valid"),
    ],
)
def test_a_column_says_what_failed_only_by_its_name_and_a_word_for_it(
    column: str, cells: tuple[str, str], config: dict[str, str], reason: str | None
):
    parsed = parse(f"{column},ttft_ms\n{cells[0]},90\n{cells[1]},91\n")
    assert [record.failure for record in parsed.records] == [None, None]
    assert parsed.records[0].config == config
    assert parsed.reason == reason


def test_a_row_with_a_size_and_no_time_or_rate_failed():
    text = "model,ttft_ms,tps,vram_gb\nkiwi:1b,,,7.9\nkiwi:1b,90,22.6,7.9\n"
    failed, fine = parse(text).records
    assert failed.failure is not None
    assert failed.failure.recorded_as == "blank"
    assert fine.failure is None


def test_rows_of_a_table_of_sizes_and_qualities_did_not_fail():
    parsed = parse("quant,size_mb,perplexity\nq4,800,9.1\nq8,1500,8.8\n")
    assert [record.failure for record in parsed.records] == [None, None]


def test_a_line_left_blank_is_no_failed_run():
    parsed = parse("flag,tps_mean,tps_min,observations\n--mmap,20.5,19.1,\n,,,to be tried\n")
    assert [record.failure for record in parsed.records] == [None]
    assert parsed.refusals[-1].locator == "row=2"


@pytest.mark.parametrize(
    ("tracked", "names", "told"),
    [
        ("State,Created,Runtime", ("bold-sun-12", "dry-lake-13"), False),
        ("Run ID,Source Type,Duration", ("bold-sun-12", "dry-lake-13"), False),
        # what somebody wrote may be all that tells two runs apart
        ("State,Created,Runtime", ("baseline", "with-flash"), True),
        ("State,Created,Runtime", ("bold-sun-12", "bold-sun-12"), True),
        # of a table of somebody's own it may be what was run
        ("notes,host,Runtime", ("owl-chat-7", "owl-code-13"), True),
    ],
)
def test_a_name_that_a_tracker_made_up_for_a_run_is_no_setting_of_it(
    tracked: str, names: tuple[str, str], told: bool
):
    rows = [f"{name},a,b,60,owl:7b,4,{50 + at}.5" for at, name in enumerate(names)]
    parsed = parse("\n".join([f"Name,{tracked},model,batch_size,tok/s", *rows]))
    assert [record.config.get("name") for record in parsed.records] == (
        list(names) if told else [None, None]
    )


def test_how_a_row_ended_is_no_setting_of_it():
    text = "model,ttft_ms,tps,status,prefill_status\nkiwi:1b,90,22.6,ok,oom\n"
    assert parse(text).records[0].config == {}


# --- whose rate ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "cell", "metric"),
    [
        ("batch_size", "1", "decode_rate"),
        ("batch_size", "8", "throughput"),  # of the eight together
        ("concurrency", "1", "decode_rate"),
        ("concurrency", "4", None),  # of one of the four, or of all: nothing tells
        ("clients", "4", None),
        ("n_parallel", "4", None),
    ],
)
def test_a_bare_rate_of_several_answers_is_no_decode_rate(
    column: str, cell: str, metric: str | None
):
    parsed = parse(f"{column},latency_ms,tokens_per_sec\n{cell},500,120\n")
    rates = [r.metric for r in parsed.records[0].readings if r.unit == "tok/s"]
    assert rates == ([metric] if metric else [])


@pytest.mark.parametrize("name", ["Throughput (tok/s)", "Speed (t/s)", "Tokens/s (avg)", "TPS"])
def test_a_bare_rate_is_one_wherever_its_unit_stands(name: str):
    parsed = parse(f"concurrency,latency_ms,{name}\n4,500,120\n")
    assert numbers_of(parsed) == {("latency", "value"): 500.0}
    assert parsed.reason == f"columns not understood: {name}"


@pytest.mark.parametrize("test", ["pp512", "pp 512 @ d4096", "Prefill", "prompt processing"])
def test_a_bare_rate_is_of_what_its_row_tests(test: str):
    parsed = parse(f"test,t/s,total_time_s\n{test},800.5,0.6\ntg128,31.0,4.1\n")
    assert numbers_of(parsed)["prefill_rate", "value"] == 800.5
    assert numbers_of(parsed, 1)["decode_rate", "value"] == 31.0
    assert [record.config for record in parsed.records] == [
        {"test_name": test},
        {"test_name": "tg128"},
    ]


def test_a_bare_rate_of_reading_and_generating_together_is_neither():
    parsed = parse("test,t/s\npp512,800.5\npp512+tg128,90.0\n")
    assert numbers_of(parsed) == {("prefill_rate", "value"): 800.5}
    assert (parsed.records[1].readings, parsed.records[1].failure) == ((), None)
    assert [refusal.locator for refusal in parsed.refusals] == ["row=2,column=t/s"]


def test_a_bare_rate_beside_other_tests_than_prefill_is_of_nobody_knows_what():
    parsed = parse("phase,t/s,total_time_s\nprefill,800.5,0.6\nwarm-down,31.0,4.1\n")
    assert numbers_of(parsed, 1) == {("total_time", "value"): 4100.0}
    assert parsed.reason == "columns not understood: t/s"


def test_a_rate_that_says_that_it_is_of_decoding_stays_one():
    parsed = parse("concurrency,latency_ms,decode_tps\n4,500,120\n")
    assert ("decode_rate", "value") in numbers_of(parsed)


def test_a_tag_is_a_quantisation_only_where_it_is_one():
    rows = "model,tag,ttft_ms,tps\nkiwi:1b,{},90,20\n"
    assert parse(rows.format("q4_0")).records[0].config == {"quantization": "q4_0"}
    assert parse(rows.format("nightly")).records[0].config == {"tag": "nightly"}


def test_models_of_one_file_name_in_two_folders_stay_apart():
    text = "model,ttft_ms,tps\n/home/a/Kiwi-1B.gguf,90,20\n/home/b/Kiwi-1B.gguf,80,22\n"
    assert [record.subject for record in parse(text).records] == [
        "/home/a/Kiwi-1B.gguf",
        "/home/b/Kiwi-1B.gguf",
    ]


def test_a_file_has_no_tag_that_ollama_left_out():
    assert (read_ollama_model("kiwi"), read_ollama_model("kiwi.gguf")) == (
        "kiwi:latest",
        "kiwi.gguf",
    )


def test_a_column_named_by_its_unit_alone_is_not_read():
    assert isinstance(parse_bytes("own.csv", b"label,ms\ncold_prefill,2410\n"), Unparsed)


def test_the_number_that_a_run_has_by_itself_is_no_setting_of_it():
    text = "run_id,model,num_ctx,decode_tok_s\na1,wren:1b,512,40.1\nb2,wren:1b,512,41.0\n"

    assert [record.config for record in parse(text).records] == [{"num_ctx": 512}] * 2
