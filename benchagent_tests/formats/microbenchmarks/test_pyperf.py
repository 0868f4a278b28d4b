"""What pyperf writes of its benchmarks."""

import json
from statistics import fmean

import pytest

from benchagent.formats import parse_bytes
from benchagent.measurements.readings import Unparsed
from benchagent_tests.artifacts import SAMPLES, numbers_of, parse_sample, parse_text


def test_each_value_of_each_process_is_a_run():
    records = parse_sample("pyperf.json").records
    slept = [record for record in records if record.subject == "sleep"]
    assert [record.repetition for record in slept] == [0, 1, 2, 3, 4, 5]
    # as `pyperf show` says: 1.41 ms
    assert fmean(numbers_of(record)["latency"] for record in slept) == pytest.approx(
        1.4145, abs=1e-4
    )
    assert slept[0].config == {"workload": "sleep", "model": "lark:3b"}


def test_a_process_that_only_finds_out_how_many_loops_it_takes_has_no_value():
    tree = json.loads((SAMPLES / "pyperf.json").read_text())
    run = tree["benchmarks"][0]["runs"][0]
    del run["values"]
    run["metadata"]["calibrate_loops"] = 8
    records = parse_text(json.dumps(tree), name="x.json").records
    assert [record.subject for record in records].count("sleep") == 3


def test_what_was_tracked_of_memory_is_no_time():
    first, *_ = parse_sample("pyperf_memory.json").records
    assert numbers_of(first) == {"max memory": 12177408}


def test_a_unit_of_no_time_is_refused():
    text = (SAMPLES / "pyperf.json").read_text().replace('"unit":"second"', '"unit":"integer"')
    outcome = parse_bytes("x.json", text.encode())
    assert isinstance(outcome, Unparsed)
    assert "integer is no unit" in outcome.reason
