"""What objects say of the one run that a file tells, and objects that are one number each."""

import json

import pytest

from benchagent.formats import parse_bytes
from benchagent.measurements.readings import Unparsed
from benchagent_tests.artifacts import parse_text, statistics_of


def test_settings_in_objects_of_a_run_have_their_own_names():
    meta = {"model": "lark:3b", "workload": {"concurrency": 10}, "gpu": {"name": "L4"}}
    meta["timestamp"] = "2026-05-23T19:16:20+00:00"
    document = {"meta": meta, "metrics": {"ttft_ms": {"p50": 115}}}
    [record] = parse_text(json.dumps(document), "own.json").records
    assert (record.subject, record.config) == ("lark:3b", {"concurrency": 10, "gpu": "L4"})
    assert record.measured_at == ("2026-05-23T19:16:20Z", "utc")


def test_settings_of_another_are_none_of_the_run():
    document = {"model": "lark:3b", "judge": {"model": "owl:70b", "concurrency": 4}, "ttft_ms": 115}
    [record] = parse_text(json.dumps(document), "own.json").records
    assert record.subject == "lark:3b"
    assert "concurrency" not in record.config


@pytest.mark.parametrize("machine", ["device", "gpu", "hardware", "machine", "board", "host"])
def test_the_model_of_a_machine_is_not_what_was_measured(machine: str):
    of_machine = {machine: {"model": "RTX 4090", "cores": 16}}
    runs = [{"ttft_ms": 41, "tok_s": 30.5}, {"ttft_ms": 43, "tok_s": 31.5}]
    for document in ({**of_machine, "ttft_ms": 41}, {**of_machine, "runs": runs}):
        parsed = parse_text(json.dumps(document), "own.json")
        assert {record.subject for record in parsed.records} == {None}


def test_the_card_beside_a_list_is_that_of_all_runs_in_it():
    document = {"gpu_info": {"name": "L4", "sm_count": 58}, "runs": [{"model": "a", "ttft_ms": 41}]}
    [record] = parse_text(json.dumps(document), "own.json").records
    assert record.config == {"gpu": "L4"}


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ({"ttft": {"value": 121.2, "unit": "ms"}}, {("ttft", "value"): 121.2}),
        ({"ttft_ms": {"value": 121.2}}, {("ttft", "value"): 121.2}),
        ({"ttft": {"value": 0.5, "unit": "s"}, "tok_s": 30}, {("ttft", "value"): 500}),
        ({"ttft": {"median": 121.2, "p95": 150, "unit": "ms"}}, {("ttft", "median"): 121.2}),
        ({"ttft_ms_summary": {"median": 121.2, "unit": "ms"}}, {("ttft", "median"): 121.2}),
        ({"accuracy": {"value": 0.7125, "n": 2000}}, {("accuracy", "value"): 0.7125}),
    ],
)
def test_an_object_of_a_value_and_its_unit_is_one_number(
    said: dict[str, object], read: dict[tuple[str, str], float]
):
    parsed = parse_text(json.dumps({"model": "lark:3b", **said}), "own.json")
    found = statistics_of(parsed)
    assert {key: found[key] for key in read} == read
    assert parsed.records[0].config == {}


@pytest.mark.parametrize(
    "said",
    [
        {"ttft": {"value": 121.2, "unit": "GB"}},  # no unit of a time
        {"ttft": {"value": 121.2}},  # in whatever unit
        {"ttft_ms": {"value": 0.1212, "unit": "s"}},  # which of both
        {"config": {"value": 121.2, "unit": "ms"}},
    ],
)
def test_an_object_whose_unit_is_none_of_its_quantity_is_not_read(said: dict[str, object]):
    document = {"model": "lark:3b", **said}
    assert isinstance(parse_bytes("own.json", json.dumps(document).encode()), Unparsed)
