"""Runs of two agents, and what the predecessor's other program measured."""

import json
from statistics import fmean, stdev

import pytest

from benchagent.measurements.readings import Record
from benchagent_tests.artifacts import SAMPLES, numbers_of, parse_document, parse_sample, parse_text


def test_two_agents_side_by_side_are_their_calls_and_the_pair():
    collector, insight, pair = parse_sample("agent_runs.json").records
    assert numbers_of(insight) == {
        "eval_time": 3000.0,
        "load_time": 40.0,
        "prompt_eval_time": 100.0,
        "decode_rate": 50.0,
        "output_tokens": 150.0,
        "total_time": 3145.0,
        "ttft": 145.0,
    }
    assert {r.definition for r in collector.readings if r.metric == "ttft"} == {
        "ttft.load+prompt_eval+queue"
    }
    assert insight.config["temperature"] == 0.8
    assert insight.config["role"] == "insight"
    assert insight.repetition == 2
    assert collector.measured_at == ("2025-06-07T08:09:10.123456Z", "utc")
    assert numbers_of(pair) == {
        "duration": 3500.0,
        "agent-runs:sequential_estimate": 6000.0,
        "speedup": 1.7142857,
        "efficiency": 0.85714285,
    }
    assert pair.config["insight.num_gpu"] == 80
    assert {record.config["shared_server"] for record in (collector, insight, pair)} == {True}


def test_numbers_beside_two_agents_are_listed_and_not_passed_over():
    text = (SAMPLES / "agent_runs.json").read_text(encoding="utf-8")
    more = text.replace("{", '{"llm_calls": [{"ttft_ms": 145.0}], "note": "none", ', 1)
    parsed = parse_text(more, name="x.json")
    assert len(parsed.records) == 3
    assert [(r.locator, "not read" in r.reason) for r in parsed.refusals] == [("/llm_calls", True)]
    assert not parse_text(text, name="x.json").refusals


def test_two_agents_at_servers_of_their_own_share_none():
    text = (SAMPLES / "agent_runs.json").read_text(encoding="utf-8")
    apart = text.replace("localhost:11434", "127.0.0.1:11435", 1)
    records = parse_text(apart, name="x.json").records
    assert {record.config["shared_server"] for record in records} == {False}
    # the same server by another name
    named = text.replace("localhost", "127.0.0.1", 1)
    assert parse_text(named, name="x.json").records[0].config["shared_server"] is True
    untold = text.replace('"base_url": "http://localhost:11434", ', "", 1)
    assert "shared_server" not in parse_text(untold, name="x.json").records[0].config


def test_chimeraforges_runs_are_measured_and_their_statistics_derived():
    *runs, whole = parse_sample("chimeraforge_bench.json").records
    rates = [numbers_of(run)["decode_rate"] for run in runs]
    numbers = numbers_of(whole)
    assert numbers["mean decode_rate"] == pytest.approx(fmean(rates))
    assert numbers["stddev decode_rate"] == pytest.approx(stdev(rates))  # divided by n - 1
    assert {r.kind for r in whole.readings} == {"derived"}
    assert {r.definition for r in runs[0].readings if r.metric == "ttft"} == {"ttft.prompt_eval"}
    assert runs[0].subject == "smollm2:135m"
    assert runs[0].measured_at
    assert runs[0].measured_at.basis == "utc"


@pytest.mark.parametrize(
    ("run", "metrics"),
    [
        # how the first token was timed is not said
        ('"ttft_ms": 5, "tokens_generated": 2', {"chimeraforge-bench:ttft", "output_tokens"}),
        # over another time than that of generating
        (
            '"tokens_generated": 100, "eval_duration_ms": 1000, "throughput_tps": 50',
            {"output_tokens", "eval_time", "chimeraforge-bench:throughput"},
        ),
        ('"tokens_generated": 0, "throughput_tps": 0.0, "ttft_ms": 0.0', set()),  # a failed run
    ],
)
def test_a_number_of_chimeraforge_is_called_what_it_is_shown_to_be(run: str, metrics: set[str]):
    text = f'[{{"individual_runs": [{{{run}}}], "quant": "Q4_0", "aggregate": {{"throughput_tps": {{}}}}}}]'
    parsed = parse_text(text, name="x.json")
    (record,) = parsed.records
    assert {r.metric for r in record.readings} == metrics
    assert (record.failure is None) is bool(metrics)
    # a quantisation that no request asked for
    assert "Q4_0" not in record.config.values()
    assert parsed.reason == "the quantisation is a label that no request applied, and no setting"


def test_a_summary_over_agents_runs_tells_each_run_as_its_own_file_does():
    parsed = parse_sample("agent_summary.json")
    pair, collector, insight = parsed.records
    assert numbers_of(pair) == {
        "duration": 3512.3456,
        "agent-runs:sequential_estimate": 6021.1639,
        "speedup": 1.7142857,
        "efficiency": 0.85714285,
    }
    assert (pair.subject, pair.repetition) == ("tinyfox:1b", 2)
    own = parse_sample("agent_runs.json").records[-1]
    # the summary alone does not say which servers were asked
    assert {**pair.config, "shared_server": True} == own.config
    assert pair.benchmark == own.benchmark
    assert numbers_of(insight) == {"mean decode_rate": 48.75, "mean ttft": 145.0}
    assert {r.kind for record in (collector, insight) for r in record.readings} == {"derived"}
    assert insight.config == {
        "num_gpu": 80, "temperature": 0.8, "role": "insight", "scenario": "baseline_vs_chimera",
        "agent": "Insight",
    }  # fmt: skip


def test_the_predecessors_other_program_means_another_time_by_ttft():
    collector, insight, pair, failed, other = parse_sample("agent_pairs.json").records
    assert {r.definition for r in collector.readings if r.metric == "ttft"} == {"ttft.prompt_eval"}
    assert numbers_of(insight)["latency"] == 3300.5
    assert "total_time" not in numbers_of(insight)  # its total leaves the loading out
    assert numbers_of(pair)["duration"] == 3301.75
    assert pair.config == {
        "scenario": "chimera_homo", "collector.num_ctx": 512, "insight.num_ctx": 512,
        "shared_server": False,
    }  # fmt: skip
    # of the second run one agent failed, so that the two took no time together
    assert failed.failure is not None
    assert failed.name == "/runs/1/collector"
    assert (other.name, other.benchmark) == ("/runs/1/insight", "agent-call")


def with_calls(change: float = 0.0) -> tuple[Record, ...]:
    """Two calls of an agent, told again with what each was asked for."""
    document = json.loads((SAMPLES / "agent_runs.json").read_text(encoding="utf-8"))
    result = document["collector"]["result"]
    first = result["individual_runs"][0]
    calls = [first, {**first, "ttft_ms": 620.0, "tokens_generated": 90}]
    stages = zip(("analysis", "report"), calls, strict=True)
    result["individual_runs"] = calls
    result["llm_calls"] = [
        {"stage": stage, "prompt": "P", "response": "R",
         "metrics": {**call, "ttft_ms": call["ttft_ms"] + change}}
        for stage, call in stages
    ]  # fmt: skip
    return parse_document(document)


def test_what_a_call_was_asked_for_stands_where_the_calls_are_told_again() -> None:
    """An analysis and a report have prompts of their own, so they are no repetitions."""
    assert [record.config.get("task") for record in with_calls()[:2]] == ["analysis", "report"]
    assert len(with_calls()) == 4


def test_calls_that_are_told_otherwise_again_say_nothing_of_what_was_asked_for() -> None:
    assert [record.config.get("task") for record in with_calls(0.5)[:2]] == [None, None]
