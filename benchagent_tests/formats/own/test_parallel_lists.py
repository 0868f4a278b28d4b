"""Lists of numbers in JSON: of runs, or of the values of a setting that stand in a list beside them."""

import json

import pytest

from benchagent.formats import parse_bytes
from benchagent.measurements.readings import Unparsed
from benchagent_tests.artifacts import numbers_of, parse_document


@pytest.mark.parametrize(
    "lists",
    [
        {"latencies_ms": [812.5, 790.25], "tok_s": [51.5, 52.5]},
        {"latency_ms": [812.5, 790.25], "tok_s": [51.5, 52.5], "runs": 2},
        {"latencies_ms": [812.5, 790.25], "tok_s": [51.5, 52.5], "bins": [0, 1, 2]},
    ],
)
def test_numbers_in_lists_of_a_quantity_and_its_unit_are_of_runs(lists: dict[str, object]):
    records = parse_document({"model": "lark:3b", "threads": 4, **lists})
    assert [record.subject for record in records] == ["lark:3b"] * 2
    assert [dict(record.config) for record in records] == [{"num_thread": 4}] * 2
    assert [numbers_of(record) for record in records] == [
        {"latency": 812.5, "decode_rate": 51.5},
        {"latency": 790.25, "decode_rate": 52.5},
    ]


def test_numbers_beside_the_values_of_a_setting_are_under_each_of_them():
    records = parse_document({"model": "a", "batch": [1, 2, 4], "tok_s": [51.5, 98.5, 180.0]})
    assert [dict(record.config) for record in records] == [{"batch_size": n} for n in (1, 2, 4)]
    assert [numbers_of(record) for record in records] == [
        {"throughput": rate} for rate in (51.5, 98.5, 180.0)
    ]


def test_lists_stand_in_the_objects_of_a_list_too():
    rows = [{"model": name, "ttfts_ms": [41, 43]} for name in ("a", "b")]
    records = parse_document(rows)
    assert [record.subject for record in records] == ["a", "a", "b", "b"]


@pytest.mark.parametrize(
    "lists",
    [
        # in which order, and under what?
        {"x": [1, 2, 4], "latencies_ms": [41, 43, 60]},
        {"percentiles": [50, 95, 99], "latency_ms": [41, 43, 60]},
        # of which runs?
        {"latencies_ms": [41, 43, 60], "ttfts_ms": [12, 13]},
        # a rate as it went, or of several runs?
        {"tok_s": [51.5, 52.5, 50.5]},
        # of tokens, or samples of a sensor
        {"itl_ms": [12, 13], "power_w": [200, 210]},
        {"latencies_ms": [41, None, "n/a"], "tok_s": [1, 2, 3]},
    ],
)
def test_lists_of_which_nothing_tells_what_they_are_of_are_not_read(lists: dict[str, object]):
    data = json.dumps({"model": "lark:3b", **lists}).encode()
    assert isinstance(parse_bytes("own.json", data), Unparsed)
