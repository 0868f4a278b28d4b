"""What llama-bench writes and prints, in its versions."""

import pytest

from benchagent.formats import parse_bytes
from benchagent.measurements.locators import Places
from benchagent.measurements.readings import Parsed
from benchagent_tests.artifacts import SAMPLES, numbers_of, parse_sample, parse_text


def test_llama_benchs_samples_are_measured_and_its_mean_is_derived():
    parsed = parse_sample("llama_bench.json")
    test, first = parsed.records[:2]
    assert test.subject == "smollm2-135m-q4_1"
    assert {(r.kind, r.n) for r in test.readings} == {("derived", 3)}
    assert numbers_of(first) == {"prefill_rate": 2.42633, "prompt_eval_time": 6594.323788}
    assert {r.locator for r in first.readings} == {"/0/samples_ts/0", "/0/samples_ns/0"}
    assert (first.config["workload"], first.config["type_k"]) == ("pp16", "f16")
    assert set(numbers_of(parsed.records[5])) == {"decode_rate", "eval_time"}


def test_llama_benchs_lines_are_read_as_its_list_is():
    lines, listed = parse_sample("llama_bench.jsonl"), parse_sample("llama_bench.json")
    assert lines.format == listed.format
    assert [record.config for record in lines.records] == [r.config for r in listed.records]
    assert lines.records[1].readings[0].locator == "line=1/samples_ts/0"


def test_llama_benchs_rows_are_the_same_in_csv_and_sql():
    table, statements = parse_sample("llama_bench.csv"), parse_sample("llama_bench.sql")
    assert numbers_of(table.records[1])["mean decode_rate"] == 0.649119
    assert numbers_of(statements.records[1])["mean decode_rate"] == 0.53369
    assert [r.config for r in table.records] == [r.config for r in statements.records]
    place = statements.records[1].readings[0].locator
    assert place.startswith("line=47,chars=")


def test_llama_benchs_table_holds_two_numbers_a_cell():
    parsed = parse_sample("llama_bench.md")
    prefill, decode = parsed.records
    assert numbers_of(prefill) == {"mean prefill_rate": 2.49, "stddev prefill_rate": 1.02}
    assert numbers_of(decode) == {"mean decode_rate": 1.35, "stddev decode_rate": 0.31}
    assert (decode.config["workload"], decode.config["threads"]) == ("tg8", 2)


@pytest.mark.parametrize(
    ("test", "metric"),
    [
        ("pp512", "prefill_rate"),
        ("tg128 @ d4096", "decode_rate"),
        # of both kinds of tokens together: neither rate
        ("pp512+tg128", "llama-bench:rate_of_prompt_and_answer"),
    ],
)
def test_the_name_of_a_test_says_of_which_tokens_the_rate_is(test: str, metric: str):
    text = f"| model | backend | test | t/s |\n| --- | --- | ---: | ---: |\n| m | CPU | {test} | 5.5 |\n"
    (record,) = parse_text(text, name="x.md").records
    assert [r.metric for r in record.readings] == [metric]


def test_a_write_up_with_other_tables_stays_a_write_up():
    text = "| model | test | t/s |\n|---|---|---|\n| m | pp8 | 5.5 |\n\n"
    text += "| Model | TTFT (s) |\n|---|---|\n| m | 0.5 |\n"
    assert parse_text(text, name="x.md").format == "markdown"


def test_a_test_in_a_write_up_says_of_which_tokens_its_claimed_rate_is():
    text = "| model | ngl | test | t/s |\n|---|---|---|---|\n"
    text += "| m | 99 | pp8 | 55.5 ± 0.5 |\n| m | 99 | tg8 | 5.5 |\n\n"
    text += "| Model | TTFT (s) |\n|---|---|\n| m | 0.5 |\n"
    prefill, decode, other = parse_text(text, name="x.md").records
    assert numbers_of(prefill) == {"mean prefill_rate": 55.5, "stddev prefill_rate": 0.5}
    assert numbers_of(decode) == {"mean decode_rate": 5.5}
    assert (decode.benchmark, decode.config) == ("llm-bench", {"ngl": 99, "workload": "tg8"})
    assert {r.kind for record in (prefill, decode, other) for r in record.readings} == {"claimed"}


def tables_below(*lines: str) -> str:
    table = "| model | test | t/s |\n| --- | ---: | ---: |\n| m | tg8 | 5.5 |\n"
    return "\n".join(f"{line}\nggml_init: 1 device\n{table}" for line in lines)


@pytest.mark.parametrize(
    ("lines", "settings"),
    [
        (
            ["### first card ###", "### both cards ###"],
            [{"section": "first card"}, {"section": "both cards"}],
        ),
        (["==== before ====", "==== after ===="], [{"section": "before"}, {"section": "after"}]),
        (
            ["$ llama-bench -m m.gguf", "$ FAST=1 ./bin/llama-bench -m m.gguf"],
            [
                {"command": "llama-bench -m m.gguf"},
                {"command": "FAST=1 ./bin/llama-bench -m m.gguf"},
            ],
        ),
        # said again, or of a further run of the same
        (["## sweep", "## sweep"], [{}, {}]),
        (["## sweep\n=== run 1 ===", "=== run 2/2 ==="], [{}, {}]),
    ],
)
def test_what_stands_above_tables_that_say_the_same_is_what_was_tried(
    lines: list[str], settings: list[dict[str, str]]
):
    records = parse_text(tables_below(*lines), name="x.log").records
    assert [{k: v for k, v in r.config.items() if k != "workload"} for r in records] == settings


def test_what_stands_above_tables_that_differ_is_no_setting():
    text = "## small\n| model | test | t/s |\n| - | - | - |\n| m | tg8 | 5 |\n\n"
    text += "## large\n| model | test | t/s |\n| - | - | - |\n| n | tg8 | 4 |\n"
    assert [set(record.config) for record in parse_text(text, name="x.log").records] == [
        {"workload"}, {"workload"},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("cell", "numbers"),
    [
        ("1,071.2", [1071.2]),
        ("132.19 ± 0.55", [132.19, 0.55]),
        # a placeholder, and what no tool wrote
        ("xxx.xx ± y.yy", []),
        ("12.5 (of 14)", []),
    ],
)
def test_a_rate_of_llama_benchs_table_is_read_whole_or_not_at_all(cell: str, numbers: list[float]):
    text = f"| model | test | t/s |\n| --- | ---: | ---: |\n| m | pp8 | {cell} |\n"
    (record,) = parse_text(text, name="x.md").records
    assert [reading.value for reading in record.readings] == numbers


def test_a_test_of_an_old_llama_bench_has_a_space_in_its_name():
    text = "| model | test | t/s |\n| --- | --- | ---: |\n| m | pp 512 | 5 |\n| m | tg 128 | 4 |\n"
    records = parse_text(text, name="x.md").records
    assert [record.config["workload"] for record in records] == ["pp512", "tg128"]
    assert [r.metric for record in records for r in record.readings] == [
        "prefill_rate", "decode_rate",
    ]  # fmt: skip


def test_a_row_of_llama_bench_with_a_cell_too_many_is_refused():
    header = "model_filename,n_prompt,n_gen,avg_ns,stddev_ns,avg_ts,stddev_ts"
    rows = "m.gguf,512,0,212155977,732372,2413.3,8.3\nm.gguf,1,512,0,212155977,732372,2413.3,8.3\n"
    parsed = parse_text(f"{header}\n{rows}")
    assert [record.name for record in parsed.records] == ["row=1"]
    assert [refusal.locator for refusal in parsed.refusals] == ["row=2"]


def test_statements_of_llama_bench_with_a_value_too_many_are_told():
    text = (
        "INSERT INTO test (n_prompt, n_gen, avg_ts, stddev_ts) VALUES ('1', '8', '0', '5', '1');\n"
    )
    unparsed = parse_bytes("x.sql", text.encode())
    assert unparsed.format == "llama-bench-rows"
    assert unparsed.reason == (
        "line=1: a row of another width than the header: no cell can be told from another"
    )


def test_a_row_that_ends_with_two_bars_is_a_row_and_the_next_ones_too():
    rows = "| m | tg 16 | 16.41 ± 0.79 ||\n| m | tg 32 | 15.5 ± 0.5 |\n"
    records = parse_text(f"| model | test | t/s |\n|---|---|---|\n{rows}", name="x.md").records
    assert [numbers_of(record)["mean decode_rate"] for record in records] == [16.41, 15.5]


def test_two_models_whose_files_have_the_name_of_any_model_are_two_subjects():
    test = '"n_prompt": 8, "n_gen": 0, "avg_ts": 5.5'
    text = "\n".join(
        f'{{"model_filename": "models/{size}/ggml-model-q4_0.gguf", "model_type": "llama {size}", {test}}}'
        for size in ("7B", "13B")
    )
    records = parse_text(text, name="x.jsonl").records
    assert [record.subject for record in records] == ["llama 7B", "llama 13B"]


_LOADED = (
    "ggml_cuda_init: found 1 CUDA devices:\n"
    "  Device 0: NVIDIA L4, compute capability 8.9, VMM: yes\n"
    "load_backend: loaded CUDA backend from /app/libggml-cuda.so\n"
)


@pytest.mark.parametrize("name", ["bench.jsonl", "bench.log", "bench.txt"])
def test_lines_of_loading_above_the_lines_of_tests_are_passed_over(name: str):
    text = (SAMPLES / "llama_bench.jsonl").read_text(encoding="utf-8")
    alone, below = parse_text(text, "bench.jsonl"), parse_text(_LOADED + text, name)
    assert below.format == "llama-bench"
    values = [[r.value for r in record.readings] for record in below.records]
    assert values == [[r.value for r in record.readings] for record in alone.records]
    places = Places((_LOADED + text).encode())
    first = below.records[0].readings[0]
    assert first.locator.startswith("line=4/")
    assert places.read(first.locator) == first.raw_value


def test_other_lines_above_the_lines_of_tests_may_be_anything():
    text = (SAMPLES / "llama_bench.jsonl").read_text(encoding="utf-8")
    assert not isinstance(parse_bytes("b.log", b"old build, not used\n" + text.encode()), Parsed)
