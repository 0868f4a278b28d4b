"""Of which model a row of people's making is."""

import json

import pytest

from benchagent.facts.derivations.rows.settings import split_config
from benchagent.formats import parse_bytes
from benchagent.formats.settings import read_ollama_model
from benchagent.measurements.model_names import names_model
from benchagent.measurements.readings import Parsed
from benchagent_tests.artifacts import SAMPLES, parse_text


def test_objects_under_names_are_variants_of_the_model_of_their_file():
    parsed = parse_text((SAMPLES / "result_rows.json").read_text(), "results.json")
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
    parsed = parse_text(json.dumps(said), "speeds.json")
    assert [record.subject for record in parsed.records] == ["phi3:mini", "llama3.2:1b"]


def test_a_text_column_whose_cells_are_models_says_what_was_measured():
    parsed = parse_text("name,gpu,tok/s\nqwen2.5:7b,A4000,41.0\nphi3:mini,A4000,77.5\n")
    assert [record.subject for record in parsed.records] == ["qwen2.5:7b", "phi3:mini"]
    assert parsed.records[0].config == {"gpu": "A4000"}


@pytest.mark.parametrize("column", ["family", "details_family", "arch"])
def test_the_kind_that_many_models_are_of_names_none_of_them(column: str):
    parsed = parse_text(f"{column},gpu,tok/s\ngemma3,A4000,41.0\nphi3,A4000,77.5\n")
    assert [record.subject for record in parsed.records] == [None, None]
    assert parsed.records[0].config == {column: "gemma3", "gpu": "A4000"}


@pytest.mark.parametrize("name", ["label", "config_name", "Config ID"])
def test_rows_that_only_a_name_tells_apart_are_not_pooled(name: str):
    parsed = parse_text(f"{name},prompt_id,tg_tok_s\nplain,1,20.5\nfused,1,31.0\n")
    configs = [json.dumps(dict(record.config)) for record in parsed.records]
    assert [split_config(config).settings for config in configs] == [
        '{"variant":"plain"}',
        '{"variant":"fused"}',
    ]


def test_many_configurations_that_each_have_a_name_are_not_pooled():
    birds = "owl jay emu kea tui roc auk moa ibis rook crow wren lark dove swan gull tern kite coot rail"
    rows = "".join(f"{bird},{at}.5\n" for at, bird in enumerate(birds.split(), start=20))
    records = parse_text(f"engine_build,tg_tok_s\n{rows}").records
    assert [record.config for record in records[:2]] == [
        {"engine_build": "owl"},
        {"engine_build": "jay"},
    ]


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


def test_models_of_one_file_name_in_two_folders_stay_apart():
    text = "model,ttft_ms,tps\n/home/a/Kiwi-1B.gguf,90,20\n/home/b/Kiwi-1B.gguf,80,22\n"
    assert [record.subject for record in parse_text(text).records] == [
        "/home/a/Kiwi-1B.gguf",
        "/home/b/Kiwi-1B.gguf",
    ]


def test_a_file_has_no_tag_that_ollama_left_out():
    assert (read_ollama_model("kiwi"), read_ollama_model("kiwi.gguf")) == (
        "kiwi:latest",
        "kiwi.gguf",
    )


def test_rows_whose_names_are_lists_are_not_pooled() -> None:
    index = [["lark:3b", "q4"], ["lark:1b", "q4"]]
    document = {"columns": ["ttft_ms"], "index": index, "data": [[88.2], [70]]}
    outcome = parse_bytes("own.json", json.dumps(document).encode())
    assert not isinstance(outcome, Parsed)


def test_lists_of_runs_under_the_names_of_models_are_about_them() -> None:
    said = {"lark:3b": [{"ttft_ms": 88}, {"ttft_ms": 89}], "fast mode": [{"ttft_ms": 70}]}
    for document, num_ctx in ((said, None), ({"num_ctx": 512, "results": said}, 512)):
        records = parse_text(json.dumps(document), "own.json").records
        assert [(record.subject, record.config.get("variant")) for record in records] == [
            ("lark:3b", None),
            ("lark:3b", None),
            (None, "fast mode"),
        ]
        assert {record.config.get("num_ctx") for record in records} == {num_ctx}


def test_blank_cells_below_a_model_are_of_it_where_all_have_as_many_rows() -> None:
    parsed = parse_text("model,quant,tok/s\nlark:3b,q4,12.5\n,q8,9.5\nlark:1b,q4,5.5\n,q8,4.5\n")
    assert [record.subject for record in parsed.records] == [*["lark:3b"] * 2, *["lark:1b"] * 2]


MERGED = """\
model,quant,context,run,tok/s
lark:3b,q4,2048,1,12.5
,,,2,12.6
,,,mean,12.55
,,8192,1,9.5
,,,2,OOM
lark:1b,q8,2048,1,5.5
,,,2,5.6
,,8192,1,4.5
,,,,
all runs with temperature 0,,,,
"""


def test_merged_cells_are_filled_where_runs_are_counted_below_each_setting_of_several_models() -> (
    None
):
    parsed = parse_text(MERGED)
    told = [
        (record.subject, record.config, record.repetition, record.failure is None)
        for record in parsed.records
    ]
    large = {"quantization": "q4", "num_ctx": 2048}
    small = {"quantization": "q8", "num_ctx": 2048}
    assert told == [
        ("lark:3b", large, 1, True),
        ("lark:3b", large, 2, True),
        ("lark:3b", {**large, "num_ctx": 8192}, 1, True),
        ("lark:3b", {**large, "num_ctx": 8192}, 2, False),
        ("lark:1b", small, 1, True),
        ("lark:1b", small, 2, True),
        ("lark:1b", {**small, "num_ctx": 8192}, 1, True),
    ]


def test_a_setting_is_not_filled_where_a_run_below_it_is_missing() -> None:
    parsed = parse_text(MERGED.replace(",,,2,12.6", ",,,3,12.6"))
    assert "row=2" in {refusal.locator for refusal in parsed.refusals}
    assert all(record.config.get("num_ctx") for record in parsed.records)


@pytest.mark.parametrize(
    "rows",
    [
        "lark:3b,q4,12.5\n,q8,9.5\nlark:1b,q4,5.5\n",  # as many of the first as of the second?
        "lark:3b,q4,12.5\n,q4,9.5\nlark:1b,q4,5.5\n,q4,4.5\n",  # nothing tells the two apart
    ],
)
def test_rows_that_name_no_model_beside_others_that_do_are_refused(rows: str) -> None:
    parsed = parse_text(f"model,quant,tok/s\n{rows}")
    assert all(record.subject for record in parsed.records)
    assert "row=2" in {refusal.locator for refusal in parsed.refusals}


def test_a_model_goes_by_the_name_of_its_file_only_where_no_column_is_called_so():
    named = parse_text("gguf,model,tok/s\nm/plover.gguf,plover:3b,31\n")
    alone = parse_text("gguf,tok/s\nm/plover.gguf,31\n")
    assert named.records[0].subject == "plover:3b"
    assert alone.records[0].subject == "m/plover.gguf"


def test_objects_under_names_are_found_beside_one_that_tells_how_they_were_made():
    said = {
        "method": {"warmup": "two requests discarded"},
        "variants": {
            "base": {"gen_tok_s": 30.5, "ttft_ms": 88},
            "spec": {"gen_tok_s": 52.0, "ttft_ms": 91},
        },
    }
    parsed = parse_text(json.dumps(said), "speeds.json")
    assert [record.config for record in parsed.records] == [
        {"variant": "base"},
        {"variant": "spec"},
    ]


SHORT = {"short": 41, "long": 97}


def test_runs_in_lists_keep_the_name_that_their_object_stands_under():
    runs = {name: {"runs": [{"ttft_ms": ms}, {"ttft_ms": ms}]} for name, ms in SHORT.items()}
    parsed = parse_text(json.dumps({"config": {"seed": 1}, "results": runs}), "own.json")
    assert [record.config for record in parsed.records] == [
        {"variant": name} for name in SHORT for _ in range(2)
    ]


@pytest.mark.parametrize(
    ("limit", "setting"), [("max_output_tokens", "num_predict"), ("n_prompt", "n_prompt")]
)
def test_a_length_that_was_asked_for_is_a_setting(limit: str, setting: str):
    parsed = parse_text(f"model,{limit},ttft_ms\nplover:3b,100,40\nplover:3b,200,44\n")
    assert [record.config for record in parsed.records] == [{setting: 100}, {setting: 200}]


def test_what_stands_under_models_is_called_by_its_model() -> None:
    parsed = parse_text(
        '{"models": {"heronspec": {"engine": "A", "generation_tok_s": 78.7},'
        ' "wren36moe": {"engine": "B", "generation_tok_s": 50.0}}}',
        name="throughput.json",
    )

    assert [record.subject for record in parsed.records] == ["heronspec", "wren36moe"]
    assert [record.config for record in parsed.records] == [{"engine": "A"}, {"engine": "B"}]
