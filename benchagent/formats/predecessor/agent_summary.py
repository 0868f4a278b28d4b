"""What the predecessor writes over its runs of two agents: `{"agent_a", "agent_b", "runs"}`.

A run stands there as in the run's own file, so that beside it it is counted once. The mean rate and
time to the first token of each agent are sums over its calls, which stand in the runs' files alone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from benchagent.formats.json_fields import Field, count_at, read_fields, read_settings
from benchagent.formats.predecessor.agent_runs import PAIR
from benchagent.formats.settings import read_ollama_model
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.json_trees import Json, as_list, as_object, as_text
from benchagent.measurements.locators import pointer_locator
from benchagent.measurements.readings import Parsed, Reading, Record, Refusal, Scalar

NAME: Final = "agent-summary-json"

_AGENTS: Final = {"agent_a": "collector", "agent_b": "insight"}
_OF_AGENT: Final = {
    "throughput": Field("decode_rate", "tokens/s", "mean"),
    "ttft_ms": Field("ttft", "ms", "mean", "ttft.load+prompt_eval+queue"),
}


def detect(artifact: Artifact) -> bool:
    """Whether two agents' configurations stand beside `runs` that have a `concurrency_speedup`."""
    top = as_object(artifact.tree)
    runs = as_list(top.get("runs"))
    return _AGENTS.keys() <= top.keys() and any(
        "concurrency_speedup" in as_object(run) for run in runs
    )


def parse(artifact: Artifact) -> Parsed:
    """One record per run for the two together, and one for each agent of it."""
    top = as_object(artifact.tree)
    refusals: list[Refusal] = []
    found = (
        record
        for at, run in enumerate(as_list(top.get("runs")))
        for record in _read_run(top, as_object(run), at, refusals)
    )
    records = tuple(replace(record, sequence=at) for at, record in enumerate(found))
    said = "means over all runs and differences of the agents are not read"
    return Parsed(format=NAME, records=records, refusals=tuple(refusals), reason=said)


def _read_run(
    top: Mapping[str, Json],
    run: Mapping[str, Json],
    at: int,
    refusals: list[Refusal],
) -> Iterator[Record]:
    scenario = as_text(run.get("scenario")) or as_text(top.get("scenario"))
    models = {_model_of(top, agent) for agent in _AGENTS}
    options = {agent: read_settings(as_object(top.get(agent)).get("options")) for agent in _AGENTS}
    pair: dict[str, Scalar] = {"scenario": scenario}
    for agent, role in _AGENTS.items():
        pair |= {f"{role}.{key}": value for key, value in options[agent].items()}
    readings = read_fields(run, ("runs", at), PAIR, refusals)
    if readings:
        name = pointer_locator("runs", at)
        model = models.pop() if len(models) == 1 else None
        yield _record(run, name, "agent-pair", readings, model, pair)
    for agent, role in _AGENTS.items():
        fields = {f"{role}_{key}": field for key, field in _OF_AGENT.items()}
        readings = read_fields(run, ("runs", at), fields, refusals, kind="derived")
        if readings:
            label = as_text(as_object(top.get(agent)).get("label"))
            config = {**options[agent], "role": role, "scenario": scenario, "agent": label}
            name, model = readings[0].locator, _model_of(top, agent)
            yield _record(run, name, "agent-call", readings, model, config)


def _model_of(top: Mapping[str, Json], agent: str) -> str | None:
    model = as_text(as_object(top.get(agent)).get("model"))
    return read_ollama_model(model) if model else None


def _record(
    run: Mapping[str, Json],
    name: str,
    benchmark: str,
    readings: list[Reading],
    model: str | None,
    config: Mapping[str, Scalar],
) -> Record:
    return Record(
        name=name,
        sequence=0,
        benchmark=benchmark,
        readings=tuple(readings),
        subject=model,
        repetition=count_at(run, "run_number"),
        config=config,
    )
