"""Runs of two agents side by side, as the predecessor recorded them: `{"collector", "insight"}`.

Each agent's calls stand under `individual_runs`; the aggregates above them repeat what they say.
The summary tells how long both took together and how long they would have taken in turn. Whether
both asked one server or each its own decides what they wait for, so it is a setting of every run.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from benchagent.formats.json_fields import Field, count_at, read_fields, read_settings
from benchagent.formats.settings import read_time
from benchagent.formats.tables.beside_rows import refuse_numbers
from benchagent.formats.tables.call_columns import plan_columns
from benchagent.formats.tables.call_records import read_record
from benchagent.formats.tables.definitions import learn_definitions
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.json_trees import Json, as_list, as_object, as_text
from benchagent.measurements.locators import pointer_locator
from benchagent.measurements.readings import Parsed, Record, Refusal, Scalar

NAME: Final = "agent-runs-json"

_ROLES: Final = ("collector", "insight", "agent_a", "agent_b")
# of both agents of a run together
PAIR: Final = {
    "concurrent_wall_time_s": Field("duration", "s"),
    "sequential_estimated_s": Field("agent-runs:sequential_estimate", "s"),
    "concurrency_speedup": Field("speedup", "ratio", definition="speedup.sequential/concurrent"),
    "efficiency_percent": Field("efficiency", "%"),
}


def detect(artifact: Artifact) -> bool:
    """Whether two agents' runs and a summary stand side by side."""
    top = as_object(artifact.tree)
    return "summary" in top and len(_find_roles(top)) > 1


def parse(artifact: Artifact) -> Parsed:
    """One record per call of an agent, and one for the two together."""
    top = as_object(artifact.tree)
    refusals: list[Refusal] = []
    records: list[Record] = []
    for role in _find_roles(top):
        records += _read_agent(top, role, len(records), refusals)
    readings = read_fields(as_object(top["summary"]), ("summary",), PAIR, refusals)
    subjects = sorted({record.subject for record in records if record.subject})
    records.append(
        Record(
            name="/summary",
            sequence=len(records),
            benchmark="agent-pair",
            readings=tuple(readings),
            subject=subjects[0] if len(subjects) == 1 else None,
            repetition=count_at(top, "run_number"),
            config=_pair_settings(top),
            measured_at=records[0].measured_at if records else None,
        )
    )
    unread = (key for key in top if key not in (*_ROLES, "summary"))
    refusals += [refused for key in unread for refused in refuse_numbers((key,), top[key])]
    return Parsed(format=NAME, records=tuple(records), refusals=tuple(refusals))


def _find_roles(top: Mapping[str, Json]) -> list[str]:
    return [role for role in _ROLES if _calls_of(top, role)]


def _calls_of(top: Mapping[str, Json], role: str) -> list[Json]:
    result = as_object(as_object(top.get(role)).get("result"))
    return as_list(result.get("individual_runs"))


def _read_agent(
    top: Mapping[str, Json], role: str, sequence: int, refusals: list[Refusal]
) -> list[Record]:
    agent = as_object(top.get(role))
    config, result = as_object(agent.get("config")), as_object(agent.get("result"))
    calls = [as_object(call) for call in _calls_of(top, role)]
    stages = _read_stages(result, calls)
    labels = list(dict.fromkeys(label for call in calls for label in call))
    rows = [[call.get(label) for label in labels] for call in calls]
    columns = learn_definitions(plan_columns(labels), rows)
    if "ttft" not in columns.definitions:
        # the predecessor's TTFT has its time in the queue beside loading and prompt
        definitions = columns.definitions | {"ttft": "ttft.load+prompt_eval+queue"}
        columns = replace(columns, definitions=definitions)
    records: list[Record] = []
    for at, row in enumerate(rows):
        place = (role, "result", "individual_runs", at)
        record, refused = read_record(
            columns,
            row,
            partial(pointer_locator, *place),
            name=pointer_locator(*place),
            sequence=sequence + at,
            benchmark="agent-call",
            model=as_text(result.get("model")) or as_text(config.get("model")),
        )
        refusals += refused
        records.append(
            replace(
                record,
                repetition=count_at(top, "run_number"),
                config={
                    **read_settings(config.get("options")),
                    "role": role,
                    "task": stages[at],
                    "scenario": as_text(top.get("scenario")),
                    "agent": as_text(config.get("label")),
                    **read_sharing(_configs_of(top)),
                },
                environment=read_settings(result.get("system_info")),
                measured_at=read_time(result.get("timestamp")),
            )
        )
    return records


def _read_stages(
    result: Mapping[str, Json], calls: Sequence[Mapping[str, Json]]
) -> list[str | None]:
    """What each call was asked for, where `llm_calls` tell of the same calls one by one.

    The predecessor's last version asks for an analysis and then for a report; its program writes
    the numbers of each a second time there.
    """
    told = [as_object(call) for call in as_list(result.get("llm_calls"))]
    if [as_object(call.get("metrics")) for call in told] != [*calls]:
        return [None] * len(calls)
    return [as_text(call.get("stage")) for call in told]


def _configs_of(top: Mapping[str, Json]) -> dict[str, dict[str, Json]]:
    return {role: as_object(as_object(top[role]).get("config")) for role in _find_roles(top)}


def _pair_settings(top: Mapping[str, Json]) -> dict[str, Scalar]:
    """The options of both agents, each under its role."""
    agents = _configs_of(top)
    settings: dict[str, Scalar] = {"scenario": as_text(top.get("scenario"))}
    for role, config in agents.items():
        options = read_settings(config.get("options"))
        settings |= {f"{role}.{key}": value for key, value in options.items()}
    return settings | read_sharing(agents)


def read_sharing(agents: Mapping[str, Mapping[str, Json]]) -> dict[str, Scalar]:
    """`shared_server`: whether all agents name one `base_url`; nothing where one names none."""
    urls = [as_text(agent.get("base_url")) or "" for agent in agents.values()]
    if not all(urls):
        return {}
    servers = {url.rstrip("/").replace("//localhost", "//127.0.0.1") for url in urls}
    return {"shared_server": len(servers) == 1}
