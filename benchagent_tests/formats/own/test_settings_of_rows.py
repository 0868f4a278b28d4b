"""Which columns and keys of people's making are settings of a row's numbers."""

import json

import pytest

from benchagent.formats import parse_bytes
from benchagent.measurements.readings import Parsed
from benchagent_tests.artifacts import SAMPLES, parse_text, statistics_of, values_of


def test_a_row_has_its_numbers_in_their_units_and_its_texts_as_settings():
    parsed = parse_text((SAMPLES / "result_rows.csv").read_text())
    assert statistics_of(parsed) == {
        ("prefill_rate", "value"): 812.4,
        ("decode_rate", "value"): 38.11,
        ("vram", "max"): 5120 * 2**20,
        ("perplexity", "value"): 7.912,
    }
    assert parsed.records[0].subject is None
    assert parsed.records[0].config == {"quantization": "q8_0", "gpu": "RTX 3060", "num_ctx": 4096}
    assert parsed.reason == "columns not understood: notes"


def test_text_columns_of_calls_are_settings_too():
    text = "model,driver,ttft_ms,tokens_s\nkiwi:1b,551.2,90,40\nkiwi:1b,r560,80,41\n"
    parsed = parse_text(text)
    assert parsed.format == "llm-calls-csv"
    assert [record.config["driver"] for record in parsed.records] == ["551.2", "r560"]
    parsed = parse_text(text.replace("551.2", "r551"))
    assert [dict(record.config) for record in parsed.records] == [
        {"driver": "r551"},
        {"driver": "r560"},
    ]


@pytest.mark.parametrize(
    ("column", "setting"),
    [("ubatch", "n_ubatch"), ("tp", "tensor_parallel_size"), ("fa", "flash_attn")],
)
def test_an_option_that_is_a_number_keeps_its_rows_apart(column: str, setting: str):
    parsed = parse_text(f"{column},tg_tok_s\n0,20.5\n8,31.0\n")
    assert [record.config for record in parsed.records] == [{setting: 0}, {setting: 8}]


def test_a_name_of_the_settings_beside_it_stays_one():
    parsed = parse_text("label,threads,tg_tok_s\nfew,4,20.5\nmany,8,31.0\n")
    assert parsed.records[0].config == {"label": "few", "num_thread": 4}


def test_a_yes_or_no_of_json_is_a_setting_as_the_word_of_a_table_is():
    said = [{"mmap": True, "tg_tok_s": 20.5}, {"mmap": False, "tg_tok_s": 31.0}]
    parsed = parse_text(json.dumps(said), "own.json")
    assert [record.config for record in parsed.records] == [{"mmap": True}, {"mmap": False}]


def test_phases_of_work_are_no_phases_of_a_cache():
    parsed = parse_text("phase,model,tok/s\nprefill,kiwi:1b,800\ndecode,kiwi:1b,31\n")
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
    records = parse_text(f"run,ttft_ms,tokens_s\n{rows}").records
    assert [record.repetition for record in records] == repetitions
    assert [record.config for record in records] == [{}, {}]


def test_a_run_that_has_a_name_is_no_repetition():
    records = parse_text("run,ttft_ms,tokens_s\nplain,90,40\nfused,80,44\n").records
    assert [record.repetition for record in records] == [None, None]
    assert [record.config for record in records] == [{"variant": "plain"}, {"variant": "fused"}]


def test_a_run_that_says_that_it_was_cold_tells_its_phase():
    records = parse_text("run,ttft_ms,tokens_s\ncold,900,40\nwarm_1,80,44\nWarm 2,81,44\n").records
    assert [record.phase for record in records] == ["cold", "warm", "warm"]
    assert {len(record.config) for record in records} == {0}


@pytest.mark.parametrize("cells", ["4096,8192 2048,8192", "4096,4096 8192,8192", "4096, ,8192"])
def test_two_columns_of_one_setting_are_both_kept_where_they_differ(cells: str):
    rows = "".join(f"{pair},31.0\n" for pair in cells.split())
    configs = [record.config for record in parse_text(f"ctx,num_ctx,tg_tok_s\n{rows}").records]
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
    parsed = parse_text(f"{column},tg_tok_s\n{rows}")
    assert {column in record.config for record in parsed.records} == {is_one}
    assert parsed.reason == (None if is_one else f"columns not understood: {column}")


def test_a_number_behind_the_results_is_no_setting_for_coming_again():
    parsed = parse_text("tg_tok_s,stars\n31,4\n32,4\n33,5\n34,5\n")
    assert [record.config for record in parsed.records] == [{}, {}, {}, {}]


def test_a_text_that_never_comes_again_names_rows_and_is_no_setting():
    rows = "".join(f"kiwi:1b,call-{n}x,{90 + n},40.5\n" for n in range(24))
    parsed = parse_text(f"model,tag_of_call,ttft_ms,tokens_s\n{rows}")
    assert {len(record.config) for record in parsed.records} == {0}


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
    parsed = parse_text("\n".join([f"Name,{tracked},model,batch_size,tok/s", *rows]))
    assert [record.config.get("name") for record in parsed.records] == (
        list(names) if told else [None, None]
    )


def test_how_a_row_ended_is_no_setting_of_it():
    text = "model,ttft_ms,tps,status,prefill_status\nkiwi:1b,90,22.6,ok,oom\n"
    assert parse_text(text).records[0].config == {}


def test_the_number_that_a_run_has_by_itself_is_no_setting_of_it():
    text = "run_id,model,num_ctx,decode_tok_s\na1,wren:1b,512,40.1\nb2,wren:1b,512,41.0\n"

    assert [record.config for record in parse_text(text).records] == [{"num_ctx": 512}] * 2


def test_settings_beside_the_numbers_of_calls_keep_them_apart() -> None:
    calls = [{"ttft_s": 0.5, "tokens_s": 40.0, "config": {"num_ctx": ctx}} for ctx in (2048, 8192)]
    parsed = parse_text(json.dumps({"model": "kiwi:1b", "results": calls}), "calls.json")
    assert parsed.format == "llm-calls-json"
    assert [dict(record.config) for record in parsed.records] == [
        {"num_ctx": 2048},
        {"num_ctx": 8192},
    ]


def test_the_temperature_of_a_device_is_no_setting() -> None:
    parsed = parse_text("engine,temp,decode tok/s\nwren,71,31.5\nwren,74,31.0\n")
    assert [dict(record.config) for record in parsed.records] == [{"engine": "wren"}] * 2


def test_only_what_is_a_setting_of_all_runs_in_a_list_is_told_of_each() -> None:
    above = {"model": "heron:8b", "num_ctx": 4096, "max_batch": 8, "driver": "r551"}
    no_settings = {"status": "done", "error": "none left", "retries": 3, "ttft_ms": 99}
    runs = [{"ttft_ms": 91, "decode_tps": 40}, {"ttft_ms": 92, "decode_tps": 41}]
    parsed = parse_text(json.dumps([{**above, **no_settings, "runs": runs}]), "own.json")
    told = {"num_ctx": 4096, "max_batch": 8, "driver": "r551"}
    assert [record.config for record in parsed.records] == [told, told]
    assert [statistics_of(parsed, at)["ttft", "value"] for at in (0, 1)] == [91, 92]
    assert [refusal.locator for refusal in parsed.refusals] == ["/0/ttft_ms"]


def test_a_context_of_numbers_is_how_many_tokens_it_holds() -> None:
    numbers = parse_text("model,Context,tok/s\nlark:3b,4096,41\nlark:3b,8192,40\n")
    assert [record.config for record in numbers.records] == [{"num_ctx": 4096}, {"num_ctx": 8192}]
    texts = parse_text("model,context,tok/s\nlark:3b,cold cache,41\nlark:3b,4096,40\n")
    assert all("num_ctx" not in record.config for record in texts.records)


def test_the_time_that_a_page_takes_to_load_is_none_of_a_model() -> None:
    outcome = parse_bytes("pages.csv", b"page,load_time_ms\n/index,300\n/about,200\n")
    assert not isinstance(outcome, Parsed)
    assert values_of("model,load_time_ms\nlark:3b,300\n") == [{"load_time": 300}]


def test_settings_above_the_only_list_of_a_file_are_told_of_each_run() -> None:
    above = {"num_ctx": 512, "config": {"model": "lark:3b", "backend": "cuda"}}
    parsed = parse_text(
        json.dumps({**above, "runs": [{"ttft_ms": 91}, {"ttft_ms": 92}]}), "own.json"
    )
    assert [(record.subject, record.config) for record in parsed.records] == [
        ("lark:3b", {"num_ctx": 512, "backend": "cuda"})
    ] * 2


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("model,run,ttft_ms\nlark:3b,warmup,2088\nlark:3b,1,88\nlark:3b,2,89\n", "own.csv"),
        ("model,vraag,ttft_ms\nlark:3b,opwarmen,2088\nlark:3b,v1,88\nlark:3b,v2,89\n", "own.csv"),
        ("model,run,ttft_ms\nlark:3b,Échauffement,2088\nlark:3b,1,88\nlark:3b,2,89\n", "own.csv"),
        (
            "model,is_warmup,ttft_ms\nlark:3b,True,2088\nlark:3b,False,88\nlark:3b,False,89\n",
            "own.csv",
        ),
        (
            json.dumps([{"warmup": at == 0, "ttft_ms": n} for at, n in enumerate((2088, 88, 89))]),
            "own.json",
        ),
    ],
)
def test_a_warm_up_is_no_run(text: str, name: str) -> None:
    parsed = parse_text(text, name)
    assert [record.readings[0].value for record in parsed.records] == [88, 89]
    assert len(parsed.refusals) == 1


@pytest.mark.parametrize("column", ["qid", "Frage", "question"])
def test_a_question_tells_prompts_apart(column: str) -> None:
    [record] = parse_text(f"model,{column},ttft_ms\nlark:3b,q1,88\n").records
    assert record.config == {"prompt_id": "q1"}


def test_how_many_warm_ups_there_were_says_nothing_of_a_row() -> None:
    assert values_of("model,warmup,ttft_ms\nlark:3b,1,88\nlark:1b,0,70\n") == [
        {"ttft": 88},
        {"ttft": 70},
    ]


def test_how_much_faster_a_row_was_is_no_setting_of_it() -> None:
    parsed = parse_text("threads,tok/s,speedup\n1,10,1.0x\n2,19,1.9x\n")
    assert [record.config for record in parsed.records] == [{"num_thread": 1}, {"num_thread": 2}]


@pytest.mark.parametrize(
    ("column", "cells"),
    [
        ("took", ("1m23.4s", "2m0.5s")),
        ("started", ("23:10", "23:12:01")),
        ("answer time total", ("12.5 s", "830 ms")),
        ("warm duration", ("2400000000", "21000000")),  # before the results, again and again
    ],
)
def test_how_long_something_took_is_no_setting_of_it(column: str, cells: tuple[str, str]) -> None:
    rows = "".join(f"kiwi:1b,{cell},90,40\n" for cell in cells * 2)
    parsed = parse_text(f"model,{column},ttft_ms,tok/s\n{rows}")
    assert [dict(record.config) for record in parsed.records] == [{}] * 4


def test_a_limit_in_seconds_is_a_setting() -> None:
    parsed = parse_text("model,timeout,tok/s\nkiwi:1b,30 s,40\nkiwi:1b,60 s,41\n")
    assert [record.config for record in parsed.records] == [
        {"timeout": "30 s"},
        {"timeout": "60 s"},
    ]


def test_a_time_in_minutes_and_seconds_is_read_where_its_column_says_how_long() -> None:
    text = "model,wall,tok/s\nkiwi:1b,1m23.4s,40\nkiwi:1b,00:02:00,41\nkiwi:1b,45.5 s,41\n"
    assert [row["latency"] for row in values_of(text)] == [83_400, 120_000, 45_500]
    # a clock that was looked at
    parsed = parse_text("model,time,tok/s\nkiwi:1b,14:03:22,40\nkiwi:1b,14:04:00,41\n")
    assert parsed.reason == "columns not understood: time"


@pytest.mark.parametrize("runs", ["results", "runs"])
def test_settings_beside_a_list_of_calls_are_those_of_each_call(runs: str) -> None:
    calls = [{"model": "lark:3b", "ttft_ms": 91, "tokens_per_second": at} for at in (14, 15)]
    above = {"gpu": "L4", "threads": 8, "config": {"num_ctx": 4096}}
    parsed = parse_text(json.dumps({**above, runs: calls}), "own.json")
    assert [dict(record.config) for record in parsed.records] == [
        {"gpu": "L4", "num_thread": 8, "num_ctx": 4096}
    ] * 2


_CALLS = [{"ttft_ms": 91, "decode_tps": 40}, {"ttft_ms": 92, "decode_tps": 41}]


@pytest.mark.parametrize(
    ("beside", "told"),
    [
        ({"providers": ["CPUExecutionProvider"]}, {"providers": "CPUExecutionProvider"}),
        ({"session": {"providers": ["A", "B"]}}, {"session_providers": "A,B"}),
        ({"runtime": {"device_used": "cpu"}}, {"runtime_device_used": "cpu"}),
        ({"environment": {"device_used": "cpu"}}, {"device_used": "cpu"}),
        # the values of a sweep, of which each run has one
        ({"devices": ["cpu", "cuda"]}, {}),
        ({"providers": []}, {}),
    ],
)
def test_on_what_all_runs_ran_is_a_setting_of_each(beside: object, told: object) -> None:
    assert isinstance(beside, dict)
    above = parse_text(json.dumps({"device": "cuda", **beside, "runs": _CALLS}), "own.json")
    assert isinstance(told, dict)
    assert [dict(record.config) for record in above.records] == [{"device": "cuda", **told}] * 2


def test_a_list_of_providers_in_a_run_is_a_setting_of_it() -> None:
    runs = [{**run, "session": {"providers": ["CPUExecutionProvider"]}} for run in _CALLS]
    parsed = parse_text(json.dumps(runs), "own.json")
    told = {"session_providers": "CPUExecutionProvider"}
    assert [dict(record.config) for record in parsed.records] == [told, told]
