"""What stands beside results in JSON and says how all of them were run."""

import json

import pytest

from benchagent_tests.artifacts import parse_text

RUNS = [{"ttft_ms": 41.5}, {"ttft_ms": 43.0}]
NAMED = {"plain": {"ttft_ms": 41.5, "tok_s": 30.5}, "fused": {"ttft_ms": 33.0, "tok_s": 38.5}}


def configs_of(document: object) -> list[dict[str, object]]:
    return [dict(record.config) for record in parse_text(json.dumps(document), "own.json").records]


@pytest.mark.parametrize("results", [{"raw": RUNS}, {"runs": RUNS, "n": 2, "p95_s": 0.4}])
def test_an_object_of_settings_beside_a_list_is_of_all_in_it(results: dict[str, object]):
    cell = {"config": "awq", "workload": "chat", "concurrency": 20}
    said = {"concurrency": 20, "cell_config": "awq", "cell_workload": "chat"}
    assert configs_of({"cell": cell, **results}) == [said] * 2


def test_results_beside_a_list_are_no_settings_of_it():
    summary = {"ttft_ms": 42.0, "threads": 4, "engine": "vllm"}
    assert configs_of({"summary": summary, "runs": RUNS}) == [{}] * 2


def test_a_setting_that_a_run_tells_itself_is_its_own():
    runs = [{"concurrency": 1, "ttft_ms": 41.5}, {"concurrency": 8, "ttft_ms": 43.0}]
    told = configs_of({"setup": {"gpu": "L4"}, "meta": {"concurrency": 99}, "runs": runs})
    assert [config["concurrency"] for config in told] == [1, 8]
    assert [config["gpu"] for config in told] == ["L4"] * 2


@pytest.mark.parametrize(
    "beside",
    [
        {"gpu": "L4", "threads": 4},
        {"system": {"gpu": "L4", "threads": 4}},
        {"config": {"gpu": "L4", "threads": 4}},
    ],
)
def test_settings_beside_objects_under_names_are_of_all_of_them(beside: dict[str, object]):
    told = configs_of({"model": "lark:3b", **beside, "engines": NAMED})
    assert told == [{"gpu": "L4", "num_thread": 4, "variant": name} for name in ("plain", "fused")]


@pytest.mark.parametrize("above", ["config", "meta", "settings"])
def test_the_model_beside_objects_under_names_is_that_of_all(above: str):
    document = {above: {"model": "lark:3b", "max_tokens": 128}, **NAMED}
    records = parse_text(json.dumps(document), "own.json").records
    assert [record.subject for record in records] == ["lark:3b"] * 2
    assert [record.config["variant"] for record in records] == ["plain", "fused"]
    assert [record.config["num_predict"] for record in records] == [128] * 2


def test_two_models_beside_objects_are_those_of_none():
    document = {"target": {"model": "lark:3b"}, "draft": {"model": "wren:1b"}, "runs": RUNS}
    records = parse_text(json.dumps(document), "own.json").records
    assert [record.subject for record in records] == [None] * 2


@pytest.mark.parametrize(
    "name",
    [
        "slo",
        "target",
        "limits",
        "expected",
        "estimated",
        "theoretical",
        "delta",
        "diff_pct",
        "speedup",
    ],
)
def test_what_was_asked_for_estimated_or_computed_is_no_run(name: str):
    fields = {"ttft_ms": 200.0, "tok_s": 30.0}
    document = {"model": "lark:3b", "results": {name: fields, "measured": {**fields, "tok_s": 31}}}
    parsed = parse_text(json.dumps(document), "own.json")
    assert [record.config for record in parsed.records] == [{"variant": "measured"}]
    assert [refused.reason for refused in parsed.refusals] == [
        "its numbers are not read: they stand beside the results that are"
    ]


def test_of_variables_of_a_shell_only_known_settings_are_told():
    env = {"HF_TOKEN": "hf_abcdef", "USER": "jo", "num_threads": 4}
    assert configs_of({"env": env, "runs": RUNS}) == [{"num_thread": 4}] * 2
