"""Results in objects under names of nobody's making, beside other objects of the same file."""

import json

import pytest

from benchagent.formats import parse_bytes
from benchagent.measurements.readings import Unparsed
from benchagent_tests.artifacts import parse_text, statistics_of


def test_results_under_a_name_of_its_own_are_of_that_variant():
    steady = {"ms_per_token_mean": 12.4, "ms_per_token_p95": 14.1}
    document = {"model": "lark:3b", "env": {"gpu": "L4"}, "steady_state": steady}
    parsed = parse_text(json.dumps(document), "own.json")
    [record] = parsed.records
    assert (record.subject, record.config) == ("lark:3b", {"gpu": "L4", "variant": "steady_state"})
    assert statistics_of(parsed) == {("tpot", "mean"): 12.4, ("tpot", "p95"): 14.1}


def test_groups_need_not_begin_with_the_same_field():
    document = {
        "base": {"ttft_ms": 88, "tok_s": 30.5},
        "spec": {"k": 4, "tok_s": 52.0},
        "notes": {},
    }
    parsed = parse_text(json.dumps({"model": "lark:3b", **document}), "own.json")
    assert [record.config["variant"] for record in parsed.records] == ["base", "spec"]


def test_cold_and_warm_are_phases():
    document = {"cold": {"ttft_ms": 880, "load_s": 4.5}, "warm": {"tok_s": 52.0, "ttft_ms": 41}}
    parsed = parse_text(json.dumps({"model": "lark:3b", **document}), "own.json")
    assert [(record.phase, record.config) for record in parsed.records] == [
        ("cold", {}),
        ("warm", {}),
    ]


@pytest.mark.parametrize(
    "document",
    [
        # parts of one answer
        {
            "retrieval": {"latency_ms": 12.5, "k": 4},
            "generation": {"model": "a", "latency_ms": 640},
        },
        {"queue": {"time_ms": 4}, "model": {"name": "a", "time_ms": 640}},
        {"slo": {"ttft_ms": 200}},
    ],
)
def test_what_may_be_a_part_of_an_answer_or_its_goal_is_not_read(document: object):
    assert isinstance(parse_bytes("own.json", json.dumps(document).encode()), Unparsed)


def test_differences_and_estimates_beside_groups_are_no_groups():
    fields = {"ttft_ms": 41, "tok_s": 30}
    names = ("before", "after", "improvement", "speedup", "predicted")
    document = {"model": "lark:3b", **dict.fromkeys(names, fields)}
    parsed = parse_text(json.dumps(document), "own.json")
    assert [record.config["variant"] for record in parsed.records] == ["before", "after"]


def test_a_limit_that_was_set_is_a_variant():
    fields = {"ttft_ms": 41, "tok_s": 30}
    document = {"model": "lark:3b", "no_limit": fields, "power_limit_200w": fields}
    parsed = parse_text(json.dumps(document), "own.json")
    assert len(parsed.records) == 2
