"""Tables as people lay them out, whose numbers were known before they were read."""

import json
from typing import Any, NamedTuple

import pytest

from benchagent.formats import parse_bytes
from benchagent.measurements.artifact_text import Unreadable, read_grid
from benchagent.measurements.locators import Places, read_value
from benchagent.measurements.readings import Parsed
from benchagent_tests.formats.test_result_rows import numbers_of, parse


class Row(NamedTuple):
    """What one run was of, under which settings, and its numbers by metric."""

    subject: str | None
    config: dict[str, Any]
    numbers: dict[str, float]


class Table(NamedTuple):
    """A file and what a reader takes from it."""

    name: str
    text: str
    rows: list[Row]
    statistic: str = "value"


GIB = 2**30
COMMAS = Table(
    "commas.csv",
    """\
Model;Quant;Threads;Tokens/s;TTFT (ms);Load (s)
starling-7b;Q4_K_M;4;12,5;1.204,75;3,210
starling-7b;Q8_0;8;8,125;1.911;5,002
""",
    [
        Row(
            "starling-7b",
            {"quantization": "Q4_K_M", "num_thread": 4},
            {"decode_rate": 12.5, "ttft": 1204.75, "load_time": 3210},
        ),
        Row(
            "starling-7b",
            {"quantization": "Q8_0", "num_thread": 8},
            {"decode_rate": 8.125, "ttft": 1911, "load_time": 5002},
        ),
    ],
)
UNITS_BELOW = Table(
    "units.csv",
    """\
model,ctx,prefill rate,decode rate,ttft,vram
,tokens,tok/s,tok/s,ms,GiB
magpie:3b,2048,912.4,61.2,143,2.5
magpie:3b,8192,871.0,55.9,611,3.25
""",
    [
        Row(
            "magpie:3b",
            {"num_ctx": 2048},
            {"prefill_rate": 912.4, "decode_rate": 61.2, "ttft": 143, "vram": 2.5 * GIB},
        ),
        Row(
            "magpie:3b",
            {"num_ctx": 8192},
            {"prefill_rate": 871.0, "decode_rate": 55.9, "ttft": 611, "vram": 3.25 * GIB},
        ),
    ],
)
MERGED_HEADER = Table(
    "merged.csv",
    """\
Model,Batch,Prefill,Prefill,Decode,Decode
,,tok/s,ms,tok/s,ms
sparrow-1b,1,2210.5,231.6,88.1,1453.0
""",
    [
        Row(
            "sparrow-1b",
            {"batch_size": 1},
            {"prefill_rate": 2210.5, "prompt_eval_time": 231.6, "decode_rate": 88.1, "eval_time": 1453},
        )
    ],
)  # fmt: skip
UNITS_IN_CELLS = Table(
    "cells.tsv",
    "Model\tGPU\tDecode speed\tTTFT\n"
    "kestrel:13b\tRTX 4090\t52.4 tok/s\t1,204 ms\n"
    "kestrel:13b\tRTX 3060\t18.9 tok/s\t3.871 s\n",
    [
        Row("kestrel:13b", {"gpu": "RTX 4090"}, {"decode_rate": 52.4, "ttft": 1204}),
        Row("kestrel:13b", {"gpu": "RTX 3060"}, {"decode_rate": 18.9, "ttft": 3871}),
    ],
)
SPREADS = Table(
    "spreads.csv",
    """\
engine,concurrency,decode tok/s,TTFT (ms)
wren-serve,1,88.4 ± 0.6,41.2 +/- 3.0
wren-serve,8,61.0 ± 2.1,133.7 +/- 20.4
""",
    [
        Row(None, {"engine": "wren-serve", "concurrency": 1}, {"decode_rate": 88.4, "ttft": 41.2}),
        Row(None, {"engine": "wren-serve", "concurrency": 8}, {"decode_rate": 61.0, "ttft": 133.7}),
    ],
    statistic="mean",
)
CAMEL_CASE = Table(
    "camel.json",
    json.dumps(
        [
            {"modelName": "dove:4b", "gpuLayers": 0, "tokensPerSecond": 7.25, "loadTimeMs": 912.0},
            {"modelName": "dove:4b", "gpuLayers": 33, "tokensPerSecond": 48.0, "loadTimeMs": 101.5},
        ]
    ),
    [
        Row("dove:4b", {"num_gpu": 0}, {"decode_rate": 7.25, "load_time": 912}),
        Row("dove:4b", {"num_gpu": 33}, {"decode_rate": 48.0, "load_time": 101.5}),
    ],
)
SUMMED_UP = Table(
    "summed.csv",
    """\
run,model,ttft_ms,tokens/s
1,tern:1b,90.5,40.25
2,tern:1b,84.0,41.5
Average,tern:1b,87.25,40.88
""",
    [
        Row("tern:1b", {}, {"ttft": 90.5, "decode_rate": 40.25}),
        Row("tern:1b", {}, {"ttft": 84.0, "decode_rate": 41.5}),
    ],
)
ONE_MEAN_A_ROW = Table(
    "means.csv",
    """\
stat,engine,decode tok/s
Mean,lark,40.25
mean,wren,41.5
""",
    [
        Row(None, {"engine": "lark"}, {"decode_rate": 40.25}),
        Row(None, {"engine": "wren"}, {"decode_rate": 41.5}),
    ],
    statistic="mean",
)
SECONDS_A_TOKEN = Table(
    "spt.csv",
    """\
checkpoint,dtype,s/token,prompt len,note
merlin-7b,fp16,0.041,512,"first, cold"
merlin-7b,int4,0.021,2048,
""",
    [
        Row("merlin-7b", {"dtype": "fp16", "prompt_len": 512}, {"tpot": 41}),
        Row("merlin-7b", {"dtype": "int4", "prompt_len": 2048}, {"tpot": 21}),
    ],
)
TURNED = Table(
    "turned.csv",
    """\
metric,unit,qwen2.5:7b,phi3:mini
TTFT,ms,182.5,96.0
Tokens/s,,45.2,78.4
Load time,s,4.1,2.2
""",
    [
        Row("qwen2.5:7b", {}, {"ttft": 182.5, "decode_rate": 45.2, "load_time": 4100}),
        Row("phi3:mini", {}, {"ttft": 96.0, "decode_rate": 78.4, "load_time": 2200}),
    ],
)
ONE_NUMBER_A_ROW = Table(
    "long.csv",
    """\
model,threads,metric,value,unit
heron:8b,4,ttft,310.5,ms
heron:8b,4,decode rate,14.2,tok/s
heron:8b,8,ttft,188.0,ms
heron:8b,8,ttft,190.0,ms
heron:8b,8,decode rate,21.9,tok/s
""",
    [
        Row("heron:8b", {"num_thread": 4}, {"ttft": 310.5, "decode_rate": 14.2}),
        Row("heron:8b", {"num_thread": 8}, {"ttft": 188.0}),
        Row("heron:8b", {"num_thread": 8}, {"ttft": 190.0, "decode_rate": 21.9}),
    ],
)
STATISTICS_AT_EACH_NUMBER = Table(
    "statistics.csv",
    """\
engine,measure,stat,value
lark,ttft_ms,mean,310.5
wren,ttft_ms,mean,188.0
""",
    [
        Row(None, {"engine": "lark"}, {"ttft": 310.5}),
        Row(None, {"engine": "wren"}, {"ttft": 188.0}),
    ],
    statistic="mean",
)
OBJECTS_IN_OBJECTS = Table(
    "deep.json",
    json.dumps(
        {
            "date": "2026-03-02",
            "models": {
                "llama3.2:1b": {
                    "settings": {"threads": 8, "warp": 3},
                    "timing": {"ttft_ms": 88.5},
                    "prefill": {"tok_s": 910.0},
                    "decode": {"tok_s": 71.5},
                },
                "qwen2.5:3b": {
                    "settings": {"threads": 8, "warp": 4},
                    "timing": {"ttft_ms": 141.0},
                    "prefill": {"tok_s": 455.5},
                    "decode": {"tok_s": 38.25},
                },
            },
        }
    ),
    [
        Row(
            "llama3.2:1b",
            {"num_thread": 8, "warp": 3},
            {"ttft": 88.5, "prefill_rate": 910.0, "decode_rate": 71.5},
        ),
        Row(
            "qwen2.5:3b",
            {"num_thread": 8, "warp": 4},
            {"ttft": 141.0, "prefill_rate": 455.5, "decode_rate": 38.25},
        ),
    ],
)
OBJECTS_IN_LINES = Table(
    "deep.jsonl",
    """\
{"model": "wren:2b", "params": {"num_ctx": 2048}, "timings": {"ttftMs": 95.5}, "usage": {"completionTokens": 120}}
{"model": "wren:2b", "params": {"num_ctx": 8192}, "timings": {"ttftMs": 61.5}, "usage": {"completionTokens": 118}}
""",
    [
        Row("wren:2b", {"num_ctx": 2048}, {"ttft": 95.5, "output_tokens": 120}),
        Row("wren:2b", {"num_ctx": 8192}, {"ttft": 61.5, "output_tokens": 118}),
    ],
)
LISTS_IN_LISTS = Table(
    "lists.json",
    json.dumps(
        {
            "suite": "nightly",
            "machines": [
                {
                    "gpu": "L4",
                    "status": "ok",
                    "mean_ttft_ms": 250.0,
                    "results": [
                        {"model": "owl:7b", "ttft_ms": 210.5},
                        {"model": "owl:13b", "ttft_ms": 402.0},
                    ],
                },
                {"gpu": "A10", "results": [{"model": "owl:7b", "ttft_ms": 150.5}]},
            ],
        }
    ),
    [
        Row("owl:7b", {"gpu": "L4", "suite": "nightly"}, {"ttft": 210.5}),
        Row("owl:13b", {"gpu": "L4", "suite": "nightly"}, {"ttft": 402.0}),
        Row("owl:7b", {"gpu": "A10", "suite": "nightly"}, {"ttft": 150.5}),
    ],
)
BARS = Table(
    "bars.csv",
    "model|temp|ttft_s|tokens_s\nibis:4b|0.1|0.31|44.5\nibis:4b|0.9|0.29|43.75\n",
    [
        Row("ibis:4b", {"temp": 0.1}, {"ttft": 310, "decode_rate": 44.5}),
        Row("ibis:4b", {"temp": 0.9}, {"ttft": 290, "decode_rate": 43.75}),
    ],
)
TESTS_SIDE_BY_SIDE = Table(
    "tests.csv",
    "model,ngl,pp512 (t/s),tg128 (t/s)\nfinch-1b.Q4_0.gguf,99,2410.0,91.0\n",
    [Row("finch-1b.Q4_0.gguf", {"num_gpu": 99}, {"prefill_rate": 2410, "decode_rate": 91})],
)
TABLES = [
    LISTS_IN_LISTS, BARS, TESTS_SIDE_BY_SIDE,
    TURNED, ONE_NUMBER_A_ROW, STATISTICS_AT_EACH_NUMBER, OBJECTS_IN_OBJECTS, OBJECTS_IN_LINES,
    COMMAS, UNITS_BELOW, MERGED_HEADER, UNITS_IN_CELLS, SPREADS, CAMEL_CASE, SUMMED_UP,
    ONE_MEAN_A_ROW, SECONDS_A_TOKEN,
]  # fmt: skip


@pytest.mark.parametrize("table", TABLES, ids=[table.name for table in TABLES])
def test_a_table_says_what_its_writer_meant(table: Table) -> None:
    records = parse(table.text, table.name).records
    found = [
        Row(record.subject, dict(record.config), {r.metric: r.value for r in record.readings})
        for record in records
    ]
    assert found == table.rows
    assert {r.statistic for record in records for r in record.readings} == {table.statistic}
    assert [record.failure for record in records] == [None] * len(records)


@pytest.mark.parametrize("table", TABLES, ids=[table.name for table in TABLES])
def test_its_numbers_stand_where_they_are_said_to(table: Table) -> None:
    places = Places(table.text.encode())
    for record in parse(table.text, table.name).records:
        for reading in record.readings:
            text = places.read(reading.locator)
            assert text == reading.raw_value
            assert read_value(text, reading.raw_unit) == reading.value


@pytest.mark.parametrize(
    ("delimiter", "cells", "values"),
    [
        (";", "0.5 12,5", [0.5]),  # half of it is written in one way, half in the other
        (";", "1,234 2,345", [1.234, 2.345]),
        (";", "0,5 1.234,5", [0.5, 1234.5]),
        ("\t", "1,234 2,345", [1234.0, 2345.0]),  # thousands, for all we know
        ("\t", "1,234 2,3", [1.234, 2.3]),
        (";", "3 4", [3.0, 4.0]),
        (",", '"12,5" "1,234"', [12.5, 1.234]),  # a cell with a comma is quoted there
        (",", '"1,234" "2,345"', [1234.0, 2345.0]),
        (";", "12,5tok/s 1.234tok/s", [12.5, 1234.0]),
    ],
)
def test_a_comma_is_the_decimal_sign_where_the_table_shows_it(
    delimiter: str, cells: str, values: list[float]
) -> None:
    rows = "".join(f"{delimiter.join(('wren', cell))}\n" for cell in cells.split())
    parsed = parse(f"engine{delimiter}decode tok/s\n{rows}")
    assert [r.value for record in parsed.records for r in record.readings] == values


def values_of(text: str) -> list[dict[str, float]]:
    return [{r.metric: r.value for r in record.readings} for record in parse(text).records]


def test_a_version_in_a_table_with_decimal_commas_stays_what_it_is() -> None:
    rows = [f"{driver};4.096;{ms}" for driver in ("550.120", "560.350") for ms in ("12,5", "9,5")]
    parsed = parse("\n".join(["driver;ctx;ttft_ms", *rows]))
    assert [dict(record.config) for record in parsed.records[1:3]] == [
        {"driver": "550.120", "num_ctx": 4096},
        {"driver": "560.350", "num_ctx": 4096},
    ]


def test_a_column_with_points_is_no_reason_to_take_decimal_commas_for_thousands() -> None:
    text = "engine;cuda;ttft_ms;tok/s\nwren;12.4;90,5;12,345\nowl;12.4;80,25;52,4\n"
    assert values_of(text) == [
        {"ttft": 90.5, "decode_rate": 12.345},
        {"ttft": 80.25, "decode_rate": 52.4},
    ]


def test_spaces_may_part_thousands_where_a_comma_parts_the_decimals() -> None:
    text = "model;ttft_ms\nwren:1b;1\N{NARROW NO-BREAK SPACE}234,5\nwren:2b;2 000,25\n"
    assert values_of(text) == [{"ttft": 1234.5}, {"ttft": 2000.25}]


def test_a_rate_in_an_object_of_prefill_is_no_decode_rate() -> None:
    [record] = parse(
        '[{"engine": "wren", "ttft_ms": 90, "prefill": {"tok_s": 800}}]', "a.json"
    ).records
    assert {r.metric: r.value for r in record.readings} == {"ttft": 90, "prefill_rate": 800}


def test_a_number_in_an_object_of_an_unknown_name_is_not_read_by_its_own_name_alone() -> None:
    parsed = parse('[{"engine": "wren", "ttft_ms": 90, "budget": {"load_s": 5}}]', "a.json")
    assert {r.metric for record in parsed.records for r in record.readings} == {"ttft"}
    assert parsed.reason == "columns not understood: budget_load_s"


def test_settings_beside_the_numbers_of_calls_keep_them_apart() -> None:
    calls = [{"ttft_s": 0.5, "tokens_s": 40.0, "config": {"num_ctx": ctx}} for ctx in (2048, 8192)]
    parsed = parse(json.dumps({"model": "kiwi:1b", "results": calls}), "calls.json")
    assert parsed.format == "llm-calls-json"
    assert [dict(record.config) for record in parsed.records] == [
        {"num_ctx": 2048},
        {"num_ctx": 8192},
    ]


def test_the_temperature_of_a_device_is_no_setting() -> None:
    parsed = parse("engine,temp,decode tok/s\nwren,71,31.5\nwren,74,31.0\n")
    assert [dict(record.config) for record in parsed.records] == [{"engine": "wren"}] * 2


def test_a_line_without_any_field_of_a_result_is_no_failed_run() -> None:
    lines = [
        {"event": "start", "model": "tit:1b"},
        {"event": "done", "model": "tit:1b", "stats": {"ttft_ms": 90.5}},
        {"event": "done", "model": "tit:1b", "stats": {"ttft_ms": None}},
    ]
    parsed = parse("\n".join(map(json.dumps, lines)) + "\n", "events.jsonl")
    assert [bool(record.failure) for record in parsed.records] == [False, True]
    assert [refusal.locator for refusal in parsed.refusals] == ["line=1"]


def test_a_level_that_is_called_max_sums_nothing_up() -> None:
    records = parse("effort,decode tok/s\nlow,31.5\nmax,22.5\nmin,40.0\n").records
    assert [dict(record.config) for record in records] == [
        {"effort": "low"},
        {"effort": "max"},
        {"effort": "min"},
    ]


def test_a_first_row_of_words_is_no_row_of_units() -> None:
    parsed = parse("engine,mode,decode tok/s\ns,ms,31.5\nwren,b,32.5\n")
    assert [dict(record.config) for record in parsed.records] == [
        {"engine": "s", "mode": "ms"},
        {"engine": "wren", "mode": "b"},
    ]


@pytest.mark.parametrize(
    "text",
    [
        "quantity,heron:8b,owl:3b\nTTFT (ms),91,80\nTPOT (ms),9\nDecode (tok/s),40,50\n",
        "model,metric,value,unit\na,ttft,91,ms\na,tpot\na,decode rate,40,tok/s\n",
    ],
)
def test_a_row_with_too_few_cells_is_refused_in_every_layout(text: str) -> None:
    assert [refusal.locator for refusal in parse(text).refusals] == ["row=2"]


def test_only_what_is_a_setting_of_all_runs_in_a_list_is_told_of_each() -> None:
    above = {"model": "heron:8b", "num_ctx": 4096, "max_batch": 8, "driver": "r551"}
    no_settings = {"status": "done", "error": "none left", "retries": 3, "ttft_ms": 99}
    runs = [{"ttft_ms": 91, "decode_tps": 40}, {"ttft_ms": 92, "decode_tps": 41}]
    parsed = parse(json.dumps([{**above, **no_settings, "runs": runs}]), "own.json")
    told = {"num_ctx": 4096, "max_batch": 8, "driver": "r551"}
    assert [record.config for record in parsed.records] == [told, told]
    assert [numbers_of(parsed, at)["ttft", "value"] for at in (0, 1)] == [91, 92]
    assert [refusal.locator for refusal in parsed.refusals] == ["/0/ttft_ms"]


def test_rows_that_each_name_a_statistic_give_it() -> None:
    parsed = parse("model,kind,ttft_ms,decode_tps\na,Mean,91,40\na,Min,80,35\na,Total,182,80\n")
    assert [numbers_of(parsed, at) for at in range(len(parsed.records))] == [
        {("ttft", "mean"): 91, ("decode_rate", "mean"): 40},
        {("ttft", "min"): 80, ("decode_rate", "min"): 35},
    ]
    assert [refusal.locator for refusal in parsed.refusals] == ["row=3"]


def test_an_object_of_too_many_fields_says_from_where_on_they_are_not_read() -> None:
    counters = {f"counter_{at}": at for at in range(202)}
    text = json.dumps([{"timings": {"ttft_ms": 91}, "counters": counters}])
    [refusal] = parse(text, "own.json").refusals
    assert refusal.locator == "/0/counters/counter_199"
    assert refusal.reason.startswith("this and 2 more fields are not read")


def test_a_cell_with_a_unit_of_another_kind_is_refused() -> None:
    parsed = parse_bytes("own.csv", b"engine,ttft_ms,tps\nwren,12 GB,31.5\nlark,90 ms,30\n")
    assert isinstance(parsed, Parsed)
    assert [refusal.locator for refusal in parsed.refusals] == ["row=1,column=ttft_ms"]


@pytest.mark.parametrize(
    ("heading", "metric", "setting"),
    [
        ("decode tok/s @ bs={}", "decode_rate", "batch_size"),
        ("pp512 t/s (threads={})", "prefill_rate", "num_thread"),
        ("ttft_ms [ctx = {}]", "ttft", "num_ctx"),
    ],
)
def test_a_setting_in_a_heading_is_one_of_its_numbers(
    heading: str, metric: str, setting: str
) -> None:
    text = f"model,{heading.format(4)},{heading.format(16)}\nlark:3b,90,81\n"
    found = [
        (record.config, {r.metric: (r.value, r.locator) for r in record.readings})
        for record in parse(text).records
    ]
    assert found == [
        ({setting: n}, {metric: (value, f"row=1,column={heading.format(n)}")})
        for n, value in ((4, 90), (16, 81))
    ]


@pytest.mark.parametrize(
    "heading", ["ttft_ms_{}", "ttft {} (ms)", "ttft_run{}_ms", "run {} ttft (ms)"]
)
def test_repetitions_side_by_side_are_runs_of_one_row(heading: str) -> None:
    headings = [heading.format(n) for n in (1, 2, 3)]
    parsed = parse(f"model,{','.join(headings)},mean ttft_ms\nlark:3b,90,81,,85.5\n")
    assert [(record.subject, record.repetition) for record in parsed.records] == [
        ("lark:3b", 1),
        ("lark:3b", 2),
    ]
    assert [numbers_of(parsed, at) for at in (0, 1)] == [
        {("ttft", "value"): 90},
        {("ttft", "value"): 81},
    ]
    refused = {refusal.locator for refusal in parsed.refusals}
    assert refused == {"row=1,column=mean ttft_ms", f"row=1,column={headings[2]}"}


@pytest.mark.parametrize("cells", ["90,81,", ",,", "0,0,0"])
def test_a_row_that_says_that_it_failed_is_one_failed_run_of_those_side_by_side(cells: str) -> None:
    parsed = parse(
        f"model,ttft_ms_1,ttft_ms_2,ttft_ms_3,error\nowl:7b,{cells},killed\nowl:1b,7,8,9,\n"
    )
    failed = [(r.subject, r.failure.locator) for r in parsed.records if r.failure]
    assert failed == [("owl:7b", "row=1,column=error")]
    assert [numbers_of(parsed, at) for at in (1, 2, 3)] == [
        {("ttft", "value"): n} for n in (7, 8, 9)
    ]


@pytest.mark.parametrize("ends", [(1, 2), (1, 2, 4), (2, 3, 4), (512, 1024, 2048)])
def test_numbers_at_the_end_of_headings_that_do_not_count_runs_are_not_read(
    ends: tuple[int, ...],
) -> None:
    headings = ",".join(f"ttft_ms_{n}" for n in ends)
    outcome = parse_bytes("own.csv", f"model,{headings}\nlark:3b{',90' * len(ends)}\n".encode())
    assert not isinstance(outcome, Parsed)


def test_a_unit_may_stand_behind_a_stroke() -> None:
    assert values_of("model,ttft/ms,latency / s,total/s\nlark:3b,90,2.5,3\n") == [
        {"ttft": 90, "latency": 2500}
    ]


def test_statistics_of_quantities_at_the_top_of_a_file_are_those_of_one_run() -> None:
    said = {
        "config": {"model": "lark:3b", "num_ctx": 4096},
        "results": {"ttft_ms": {"mean": 90.5, "p50": 88}, "decode_tps": {"mean": 40, "std": 2}},
    }
    parsed = parse(json.dumps(said), "own.json")
    [record] = parsed.records
    assert (record.subject, record.config) == ("lark:3b", {"num_ctx": 4096})
    assert numbers_of(parsed) == {
        ("ttft", "mean"): 90.5,
        ("ttft", "median"): 88,
        ("decode_rate", "mean"): 40,
        ("decode_rate", "stddev"): 2,
    }


def test_a_context_of_numbers_is_how_many_tokens_it_holds() -> None:
    numbers = parse("model,Context,tok/s\nlark:3b,4096,41\nlark:3b,8192,40\n")
    assert [record.config for record in numbers.records] == [{"num_ctx": 4096}, {"num_ctx": 8192}]
    texts = parse("model,context,tok/s\nlark:3b,cold cache,41\nlark:3b,4096,40\n")
    assert all("num_ctx" not in record.config for record in texts.records)


def test_the_time_that_a_page_takes_to_load_is_none_of_a_model() -> None:
    outcome = parse_bytes("pages.csv", b"page,load_time_ms\n/index,300\n/about,200\n")
    assert not isinstance(outcome, Parsed)
    assert values_of("model,load_time_ms\nlark:3b,300\n") == [{"load_time": 300}]


def test_settings_above_the_only_list_of_a_file_are_told_of_each_run() -> None:
    above = {"num_ctx": 512, "config": {"model": "lark:3b", "backend": "cuda"}}
    parsed = parse(json.dumps({**above, "runs": [{"ttft_ms": 91}, {"ttft_ms": 92}]}), "own.json")
    assert [(record.subject, record.config) for record in parsed.records] == [
        ("lark:3b", {"num_ctx": 512, "backend": "cuda"})
    ] * 2


@pytest.mark.parametrize(
    ("runs", "failed"),
    [
        ([{"ttft_ms": 91}], ["/0", None]),  # what failed is none of them
        ([{"ttft_ms": 91, "error": "killed"}], ["/0/runs/0"]),
        ([{"ttft_ms": 0}], ["/0/runs/0"]),
        ([], ["/0"]),
    ],
)
def test_a_failure_above_a_list_of_runs_is_told_once(
    runs: list[dict[str, Any]], failed: list[str | None]
) -> None:
    said = [
        {"model": "lark:3b", "error": "out of memory", "runs": runs},
        {"model": "lark:1b", "error": None, "runs": [{"ttft_ms": 50}]},
    ]
    records = parse(json.dumps(said), "own.json").records
    assert [record.name if record.failure else None for record in records] == [*failed, None]


DESCRIBED = """\
,ttft_ms,tokens_per_s
count,120.0,120.0
mean,88.2,61.5
std,4.1,1.2
min,80.1,58.3
25%,85.0,60.7
50%,88.0,61.4
max,99.9,64.0
"""


def test_what_pandas_says_of_a_table_are_its_statistics_and_a_count_is_none() -> None:
    parsed = parse(DESCRIBED)
    found = {
        reading.statistic: reading.value
        for record in parsed.records
        for reading in record.readings
        if reading.metric == "ttft"
    }
    assert found == {
        "mean": 88.2, "stddev": 4.1, "min": 80.1, "p25": 85, "median": 88, "max": 99.9
    }  # fmt: skip
    assert [refusal.locator for refusal in parsed.refusals] == ["row=1"]


def test_statistics_that_name_the_lists_of_a_table_are_no_runs() -> None:
    index, data = ["count", "mean", "50%"], [[120, 120], [88.2, 61.5], [88, 61.4]]
    document = {"columns": ["ttft_ms", "tokens_per_s"], "index": index, "data": data}
    parsed = parse(json.dumps(document), "own.json")
    assert [numbers_of(parsed, at) for at in (0, 1)] == [
        {("ttft", "mean"): 88.2, ("decode_rate", "mean"): 61.5},
        {("ttft", "median"): 88, ("decode_rate", "median"): 61.4},
    ]
    assert [refusal.locator for refusal in parsed.refusals] == ["/index/0"]


def test_rows_whose_names_are_lists_are_not_pooled() -> None:
    index = [["lark:3b", "q4"], ["lark:1b", "q4"]]
    document = {"columns": ["ttft_ms"], "index": index, "data": [[88.2], [70]]}
    outcome = parse_bytes("own.json", json.dumps(document).encode())
    assert not isinstance(outcome, Parsed)


@pytest.mark.parametrize(
    "header",
    [
        ",ttft_ms,ttft_ms,tokens_per_s,tokens_per_s\n,mean,std,mean,max\nmodel,,,,\n",
        "model,ttft_ms,ttft_ms,tokens_per_s,tokens_per_s\n,mean,std,mean,max\n",
        "model,TTFT (ms),,Tokens/s,\n,Mean,Std,Mean,Max\n",  # cells that were merged
    ],
)
def test_a_row_of_statistics_below_the_header_belongs_to_it(header: str) -> None:
    parsed = parse(header + "lark:3b,88.2,4.1,61.5,63\nlark:1b,70,3.5,99.5,101\n")
    assert [record.subject for record in parsed.records] == ["lark:3b", "lark:1b"]
    assert numbers_of(parsed) == {
        ("ttft", "mean"): 88.2,
        ("ttft", "stddev"): 4.1,
        ("decode_rate", "mean"): 61.5,
        ("decode_rate", "max"): 63,
    }
    assert parsed.refusals == ()


def test_a_table_of_very_many_columns_is_refused_at_once() -> None:
    rows = ("a", "mean", "1")
    found = read_grid("\n".join(",".join([cell] * 200_000) for cell in rows))
    assert isinstance(found, Unreadable)
    assert found.reason.startswith("200,000 columns")


def test_a_first_row_of_levels_is_no_row_of_headings() -> None:
    parsed = parse("effort,precision,ttft_ms\nmin,max,88\nmax,min,99\n")
    assert [numbers_of(parsed, at)["ttft", "value"] for at in (0, 1)] == [88, 99]
    parsed = parse("effort,budget,ttft_ms\nmin,max,\nmax,min,99\n")
    assert [record.config for record in parsed.records] == [
        {"effort": "min", "budget": "max"},
        {"effort": "max", "budget": "min"},
    ]


@pytest.mark.parametrize(
    "document",
    [
        {"model": {"0": "lark:3b", "1": "lark:1b"}, "ttft_ms": {"0": 88.2, "1": 70}},
        {
            "columns": ["model", "ttft_ms"],
            "index": [0, 1],
            "data": [["lark:3b", 88.2], ["lark:1b", 70]],
        },
        {"ttft_ms": {"lark:3b": 88.2, "lark:1b": 70}, "score": {"lark:3b": 3, "lark:1b": 2}},
        {"columns": ["ttft_ms"], "index": ["lark:3b", "lark:1b"], "data": [[88.2], [70]]},
    ],
)
def test_a_table_that_pandas_wrote_as_json_has_rows(document: dict[str, Any]) -> None:
    text = json.dumps(document)
    parsed, places = parse(text, "own.json"), Places(text.encode())
    found = [(record.subject, record.readings[0]) for record in parsed.records]
    assert [(subject, reading.value) for subject, reading in found] == [
        ("lark:3b", 88.2),
        ("lark:1b", 70),
    ]
    assert [places.read(reading.locator) for _, reading in found] == ["88.2", "70"]


@pytest.mark.parametrize(
    "text",
    [
        "Modell;Kontext;TTFT (ms);Durchsatz (Token/s);Bemerkung\n{};leise\nMittelwert{};\n",
        "Modèle;Contexte;TTFT (ms);Débit (tokens/s);Remarque\n{};\nMoyenne{};\n",
    ],
)
def test_columns_are_known_in_other_languages_too(text: str) -> None:
    parsed = parse(text.format("lark:3b;4096;88,2;61,5", ";;88,2;61,5"))
    [record] = parsed.records
    assert (record.subject, record.config) == ("lark:3b", {"num_ctx": 4096})
    assert numbers_of(parsed) == {("ttft", "value"): 88.2, ("decode_rate", "value"): 61.5}
    assert [refusal.locator for refusal in parsed.refusals] == ["row=2"]


def test_minutes_in_cells_are_no_least_of_anything_and_a_runtime_in_numbers_no_engine() -> None:
    parsed = parse("model,Duration,Runtime,ttft_ms\nlark:3b,1.2min,70,88\nlark:1b,1.5min,90,70\n")
    assert numbers_of(parsed) == {("latency", "value"): 72000, ("ttft", "value"): 88}
    assert parsed.records[0].config == {}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("model,run,ttft_ms\nlark:3b,warmup,2088\nlark:3b,1,88\nlark:3b,2,89\n", "own.csv"),
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
    parsed = parse(text, name)
    assert [record.readings[0].value for record in parsed.records] == [88, 89]
    assert len(parsed.refusals) == 1


def test_how_many_warm_ups_there_were_says_nothing_of_a_row() -> None:
    assert values_of("model,warmup,ttft_ms\nlark:3b,1,88\nlark:1b,0,70\n") == [
        {"ttft": 88},
        {"ttft": 70},
    ]


def test_lists_of_runs_under_the_names_of_models_are_about_them() -> None:
    said = {"lark:3b": [{"ttft_ms": 88}, {"ttft_ms": 89}], "fast mode": [{"ttft_ms": 70}]}
    for document, num_ctx in ((said, None), ({"num_ctx": 512, "results": said}, 512)):
        records = parse(json.dumps(document), "own.json").records
        assert [(record.subject, record.config.get("variant")) for record in records] == [
            ("lark:3b", None),
            ("lark:3b", None),
            (None, "fast mode"),
        ]
        assert {record.config.get("num_ctx") for record in records} == {num_ctx}


@pytest.mark.parametrize(
    ("name", "levels"), [("percentile", "50 90 99"), ("quantile", "0.5 0.9 0.99")]
)
def test_rows_of_percentiles_are_no_runs(name: str, levels: str) -> None:
    rows = "".join(
        f"{level},{ms}\n" for level, ms in zip(levels.split(), (88, 99, 120), strict=True)
    )
    found = [r for record in parse(f"{name},ttft_ms\n{rows}").records for r in record.readings]
    assert {r.statistic: r.value for r in found} == {"median": 88, "p90": 99, "p99": 120}


@pytest.mark.parametrize(
    ("name", "levels", "statistics"),
    [
        ("percentile", "0.1 1 10 99.9", "p0.1 p1 p10 p99.9"),
        ("quantile", "0.0 0.01 0.5 1.0", "min p1 median max"),
    ],
)
def test_a_percentile_below_one_is_a_share_only_where_all_are(
    name: str, levels: str, statistics: str
) -> None:
    rows = "".join(f"{level},{90 + at}\n" for at, level in enumerate(levels.split()))
    found = [r for record in parse(f"{name},ttft_ms\n{rows}").records for r in record.readings]
    assert [r.statistic for r in found] == statistics.split()


def test_blank_cells_below_a_model_are_of_it_where_all_have_as_many_rows() -> None:
    parsed = parse("model,quant,tok/s\nlark:3b,q4,12.5\n,q8,9.5\nlark:1b,q4,5.5\n,q8,4.5\n")
    assert [record.subject for record in parsed.records] == [*["lark:3b"] * 2, *["lark:1b"] * 2]


@pytest.mark.parametrize(
    "rows",
    [
        "lark:3b,q4,12.5\n,q8,9.5\nlark:1b,q4,5.5\n",  # as many of the first as of the second?
        "lark:3b,q4,12.5\n,q4,9.5\nlark:1b,q4,5.5\n,q4,4.5\n",  # nothing tells the two apart
    ],
)
def test_rows_that_name_no_model_beside_others_that_do_are_refused(rows: str) -> None:
    parsed = parse(f"model,quant,tok/s\n{rows}")
    assert all(record.subject for record in parsed.records)
    assert "row=2" in {refusal.locator for refusal in parsed.refusals}


def test_how_much_faster_a_row_was_is_no_setting_of_it() -> None:
    parsed = parse("threads,tok/s,speedup\n1,10,1.0x\n2,19,1.9x\n")
    assert [record.config for record in parsed.records] == [{"num_thread": 1}, {"num_thread": 2}]


def test_what_tells_excel_how_cells_are_parted_is_no_header() -> None:
    assert values_of("sep=;\nModell;tok/s\nlark:3b;12,5\n") == [{"decode_rate": 12.5}]


def test_an_apostrophe_may_part_thousands() -> None:
    assert values_of("model,tok/s\nlark:3b,1'234.5\nlark:1b,987.65\n") == [
        {"decode_rate": 1234.5},
        {"decode_rate": 987.65},
    ]


@pytest.mark.parametrize(
    "header",
    [
        "Modell;Eingabe-Token;Ausgabe-Token;Zeit bis zum ersten Token (ms);Gesamtdauer (s);Token/s",
        "Modèle;Jetons en entrée;Jetons en sortie;Temps au premier jeton (ms);Durée totale (s);Débit (jetons/s)",
        "Modelo;Tokens de entrada;Tokens de salida;Tiempo al primer token (ms);Tiempo total (s);Tokens/s",
    ],
)
def test_the_quantities_of_a_call_are_known_in_other_languages(header: str):
    parsed = parse(f"{header}\ncondor:3b;412;256;1.305,8;23,41;11,58\n")

    assert [record.subject for record in parsed.records] == ["condor:3b"]
    assert numbers_of(parsed) == {
        ("prompt_tokens", "value"): 412,
        ("output_tokens", "value"): 256,
        ("ttft", "value"): 1305.8,
        ("total_time", "value"): 23410,
        ("decode_rate", "value"): 11.58,
    }
