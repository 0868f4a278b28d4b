"""Which list of a JSON object holds its runs, where several stand in it."""

import json

import pytest

from benchagent.formats import parse_bytes
from benchagent.measurements.readings import Unparsed
from benchagent_tests.artifacts import parse_text

RUNS = [{"model": "a", "ttft_ms": 41}, {"model": "b", "ttft_ms": 43}]


@pytest.mark.parametrize(
    ("key", "other"),
    [
        ("prompts", [{"id": "p1", "text": "Why?"}]),
        ("gpus", [{"name": "L4", "memory_mb": 23034}]),
        ("summaries", [{"model": "a", "ttft_ms": 42}, {"model": "b", "ttft_ms": 42}]),
        ("ranking", [{"model": "a", "ttft_ms": 41, "rank": 1}, {"model": "b", "rank": 2}]),
        ("by_model", [{"model": "a", "ttft_ms": {"mean": 41, "p95": 60}}]),
        ("warmup", [{"model": "a", "ttft_ms": 941}]),
    ],
)
def test_of_several_lists_the_one_of_runs_is_read(key: str, other: list[object]):
    parsed = parse_text(json.dumps({"gpu": "L4", key: other, "runs": RUNS}), "own.json")
    assert [record.name for record in parsed.records] == ["/runs/0", "/runs/1"]
    assert [record.config for record in parsed.records] == [{"gpu": "L4"}] * 2


def test_the_one_list_of_results_is_read_though_its_rows_sum_runs_up():
    rows = [{"concurrency": n, "ttft_ms": {"mean": 41, "p95": 60}} for n in (1, 8)]
    document = {"model": "a", "prompts": [{"id": "p1"}], "sweep": rows}
    parsed = parse_text(json.dumps(document), "own.json")
    assert [record.config for record in parsed.records] == [{"concurrency": 1}, {"concurrency": 8}]


@pytest.mark.parametrize(
    "document",
    [
        # are the requests those of the runs?
        {"gpu": "L4", "runs": RUNS, "requests": [{"model": "a", "ttft_ms": 40.5}]},
        {"prompts": [{"id": "p1"}], "gpus": [{"name": "L4"}]},
    ],
)
def test_of_two_lists_of_runs_none_is_read(document: object):
    assert isinstance(parse_bytes("own.json", json.dumps(document).encode()), Unparsed)
