"""What genai-bench writes, by runs of its own against a server that sleeps."""

import json
from statistics import fmean, pstdev

import pytest

from benchagent.formats import parse_bytes
from benchagent.measurements.json_trees import Json
from benchagent.measurements.readings import Parsed, Unparsed
from benchagent_tests.artifacts import SAMPLES, numbers_of, parse_sample


def test_the_distributions_sum_up_the_requests_beside_them():
    run, *requests = parse_sample("genai_bench.json").records
    for metric in ("ttft", "tpot", "latency", "decode_rate"):
        values = [numbers_of(each)[metric] for each in requests if not each.failure]
        told = {r.statistic: r for r in run.readings if r.metric == metric}
        assert told["mean"].value == pytest.approx(fmean(values))
        assert told["stddev_population"].value == pytest.approx(pstdev(values))
        assert {r.kind for r in told.values()} == {"derived"}


def test_a_request_with_an_error_failed_whatever_the_error_rate_says():
    parsed = parse_sample("genai_bench.json")
    failures = [each.failure for each in parsed.records if each.failure]
    assert [failure.locator for failure in failures] == [
        "/individual_request_metrics/2/error_message",
        "/individual_request_metrics/10/error_message",
    ]
    assert '"error_rate": 0,' in (SAMPLES / "genai_bench.json").read_text()


def test_sums_without_the_warm_up_are_refused_and_times_in_ms_are_read():
    parsed = parse_sample("genai_bench_ms.json")
    run, first, *_ = parsed.records
    assert numbers_of(run).keys() == {"request_rate", "duration"}
    assert numbers_of(run)["duration"] == 5528.704633001325
    assert numbers_of(first)["ttft"] == 127.44785200266051
    assert [refusal.locator for refusal in parsed.refusals] == ["/aggregated_metrics/stats"]


@pytest.mark.parametrize("tpot", [0, None])
def test_an_answer_in_one_piece_has_no_time_to_its_first_token(tpot: int | None):
    tree = json.loads((SAMPLES / "genai_bench.json").read_text())
    tree["individual_request_metrics"][0] |= {"tpot": tpot, "output_inference_speed": tpot}
    run, first, second, *_ = _parse(tree).records
    of_tokens = {"ttft", "tpot", "decode_rate"}
    assert not of_tokens & numbers_of(first).keys()
    assert of_tokens < numbers_of(second).keys()
    assert "mean latency" in numbers_of(run)
    assert "mean ttft" not in numbers_of(run)


def test_times_without_their_unit_are_not_read():
    tree = json.loads((SAMPLES / "genai_bench.json").read_text())
    del tree["_time_unit"]
    outcome = parse_bytes("x.json", json.dumps(tree).encode())
    assert isinstance(outcome, Unparsed)
    assert outcome.reason == "its times are in 'None', expected `_time_unit` to be s or ms"


def _parse(tree: Json) -> Parsed:
    outcome = parse_bytes("x.json", json.dumps(tree).encode())
    assert isinstance(outcome, Parsed)
    return outcome
