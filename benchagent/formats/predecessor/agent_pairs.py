"""Runs of two agents as the predecessor's Python program records them: `metrics` per agent.

Its time to the first token is that of reading the prompt alone, and its total leaves the loading
out. `ttft_delta_ms` is the second agent less the first, the other way round than its Rust program
has it; differences are not read.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from benchagent.formats.json_fields import Field, count_at, read_fields, read_settings
from benchagent.formats.predecessor.agent_runs import read_sharing
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.json_trees import Json, as_list, as_object, as_text
from benchagent.measurements.locators import Place, pointer_locator
from benchagent.measurements.readings import Failure, Parsed, Record, Refusal, Scalar

NAME: Final = "agent-pairs-json"

_ROLES: Final = ("collector", "insight")
_OF_AGENT: Final = {
    "tokens_generated": Field("output_tokens", "tokens"),
    "throughput_tokens_per_sec": Field(
        "decode_rate", "tokens/s", definition="decode.eval_count/eval"
    ),
    "ttft_ms": Field("ttft", "ms", definition="ttft.prompt_eval"),
    "total_duration_ms": Field(f"{NAME}:prompt_and_generation_time", "ms"),
    "wall_clock_ms": Field("latency", "ms", definition="latency.client"),
}
_PAIR: Final = {
    "concurrent_wall_time_ms": Field("duration", "ms"),
    "sequential_estimate_ms": Field(f"{NAME}:sequential_estimate", "ms"),
    "concurrency_speedup": Field("speedup", "ratio", definition="speedup.sequential/concurrent"),
    "efficiency_percent": Field("efficiency", "%"),
}


def detect(artifact: Artifact) -> bool:
    """Whether a run, or one of its `runs`, has agents with `metrics` and `concurrent_wall_time_ms`."""
    return any(True for _ in _runs(artifact))


def parse(artifact: Artifact) -> Parsed:
    """One record per agent of a run, and one for the two together."""
    refusals: list[Refusal] = []
    found = (record for place, run in _runs(artifact) for record in _read_run(run, place, refusals))
    records = tuple(replace(record, sequence=at) for at, record in enumerate(found))
    return Parsed(format=NAME, records=records, refusals=tuple(refusals))


def _runs(artifact: Artifact) -> Iterator[tuple[Place, dict[str, Json]]]:
    """The run that a file is, or the runs that it sums up."""
    top = as_object(artifact.tree)
    several = as_list(top.get("runs"))
    found: list[tuple[Place, Json]] = [(("runs", at), run) for at, run in enumerate(several)]
    for place, value in [((), top), *found]:
        run = as_object(value)
        told = any(as_object(as_object(run.get(role)).get("metrics")) for role in _ROLES)
        if told and "concurrent_wall_time_ms" in run:
            yield place, run


def _read_run(run: Mapping[str, Json], place: Place, refusals: list[Refusal]) -> Iterator[Record]:
    scenario = as_text(run.get("scenario"))
    sharing = read_sharing({role: as_object(run.get(role)) for role in _ROLES})
    pair: dict[str, Scalar] = {"scenario": scenario, **sharing}
    failed = False
    for role in _ROLES:
        agent = as_object(run.get(role))
        options = read_settings(agent.get("options"))
        pair |= {f"{role}.{key}": value for key, value in options.items()}
        record = _read_agent(agent, (*place, role), refusals)
        failed = failed or record.failure is not None
        config = {**options, "role": role, "scenario": scenario, **sharing}
        yield _with(record, run, config)
    # a pair of which one failed took no time together
    readings = [] if failed else read_fields(run, place, _PAIR, refusals)
    if readings:
        record = Record(
            name=readings[0].locator,
            sequence=0,
            benchmark="agent-pair",
            readings=tuple(readings),
        )
        yield _with(record, run, pair)


def _with(record: Record, run: Mapping[str, Json], config: Mapping[str, Scalar]) -> Record:
    return replace(record, repetition=count_at(run, "run_number"), config=config)


def _read_agent(agent: Mapping[str, Json], place: Place, refusals: list[Refusal]) -> Record:
    metrics = as_object(agent.get("metrics"))
    failure = None
    if not count_at(metrics, "tokens_generated"):
        failure = Failure(
            reason="no token was generated", locator=pointer_locator(*place), recorded_as="zero"
        )
    readings = [] if failure else read_fields(metrics, (*place, "metrics"), _OF_AGENT, refusals)
    return Record(
        name=pointer_locator(*place),
        sequence=0,
        benchmark="agent-call",
        readings=tuple(readings),
        failure=failure,
    )
