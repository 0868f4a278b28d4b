"""What stands around an agent's account in its report: computed, and the same for every agent.

The only figures here that no artifact holds are those of this run itself: how long it took and
what its model calls measured. They are facts of their own, cited like the others.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from benchagent.agents.persona import read_persona
from benchagent.agents.roster import Agent
from benchagent.calls.model_call import ModelCall
from benchagent.facts.fact import Fact
from benchagent.inventory.snapshots import Snapshot
from benchagent.markdown_text import cell, code, escape, fenced
from benchagent.reporting.ledger import write_ledger
from benchagent.reporting.performance import write_performance
from benchagent.reporting.report import Surroundings
from benchagent.reporting.sections import Material

FIRST_PATHS = 5
KINDS = {"csv": "CSV", "json": "JSON", "md": "Markdown", "other": "Other"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """How this report came about.

    Attributes:
        written_at: UTC, ISO 8601 to the second.
        durations_s: seconds of each step that this Dagster run took, by its name.
        calls: the agent's requests, failures and replays included, in order.
        dagster_run: id of the Dagster run.
    """

    written_at: str
    durations_s: Mapping[str, float]
    calls: Sequence[ModelCall]
    dagster_run: str


def surround(agent: Agent, material: Material, snapshot: Snapshot, making: Making) -> Surroundings:
    """Everything of a report but its account, its findings and its evidence."""
    own = _OwnFacts(making)
    return Surroundings(
        title=f"Technical report: {escape(agent.label)}",
        head=_head(agent, snapshot, making),
        ledger=write_ledger(material.analysis, own.cite),
        ingestion=_ingestion(material, snapshot, own),
        performance=write_performance(material.facts.values()),
        workflow=_workflow(making, own),
        own_calls=_own_calls(making, own),
        persona=fenced(read_persona(agent.persona).prompt),
        own=own.facts,
    )


class _OwnFacts:
    """The facts of this run itself, collected as they are written down."""

    def __init__(self, making: Making) -> None:
        self.facts: dict[str, Fact] = {}
        self._run = making.dagster_run

    def cite(self, label: str, value: float, unit: str | None, source: str = "") -> str:
        """A reference to a new fact: what this run counted where whole, else what it measured."""
        kind = "call" if source else "workflow"
        fact = Fact(
            kind="count" if isinstance(value, int) and not source else kind,
            label=label,
            value=value,
            unit=unit,
            about=kind,
            of=label,
            statistic="value",
            method="given",
            sources=(source or f"run {self._run}",),
        )
        self.facts[fact.id] = fact
        return f"{{{fact.id}}}"


def _head(agent: Agent, snapshot: Snapshot, making: Making) -> list[tuple[str, str]]:
    asked = making.calls[-1].asked if making.calls else None
    model = code(agent.model) if agent.model else "none: the code's own report"
    if asked and asked.manifest_digest:
        kind = " ".join(filter(None, (asked.parameter_size, asked.quantisation)))
        model += f", {code(kind)}, digest {code(asked.manifest_digest[:12])}"
    options = code(json.dumps(agent.options)) if agent.options else "the server's defaults"
    head = [
        ("Date (UTC)", making.written_at),
        ("Agent", f"{code(agent.slug)}, persona {code(agent.persona)}"),
        ("Model", model),
        ("Configuration", options if agent.model else "none"),
    ]
    if asked:
        head += [
            ("Added by benchagent", code(asked.added_options)),
            ("Server", f"{code(asked.host)}, version {code(asked.server_version or 'unknown')}"),
        ]
    return [
        *((name, cell(value)) for name, value in head),
        ("Snapshot", f"{code(snapshot.key)}, SHA-256 {code(snapshot.sha256[:12])}"),
    ]


def _ingestion(material: Material, snapshot: Snapshot, own: _OwnFacts) -> str:
    total = material.count("files")
    lines = [f"Files in the snapshot: {{{total.id}}}" if total else "No file was found.", ""]
    for kind, name in KINDS.items():
        files = [file for file in snapshot.files if file.kind == kind]
        counted = material.count("files-of-kind", kind)
        if not files or not counted:
            continue
        lines.append(f"- {name} files ({{{counted.id}}})")
        lines += [f"  - {code(file.path)}" for file in files[:FIRST_PATHS]]
        more = len(files) - FIRST_PATHS
        if more > 0:
            lines.append(f"  - … and {own.cite(f'{name} files not shown', more, 'files')} more")
        latest = max(file.modified_at or "" for file in files)
        if latest:
            whose = "another" if name == "Other" else f"a {name}"
            label = f"latest modification of {whose} file, as the file system tells it"
            seconds = datetime.fromisoformat(latest).timestamp()
            lines.append(f"  - Latest modification: {own.cite(label, seconds, 'utc', 'listing')}")
    lines += [f"- The root {code(root + '/')} is missing" for root in snapshot.missing_roots]
    for what, words in (
        ("measurements", "Numbers read"),
        ("runs", "Measured runs, each counted once"),
        ("failed-runs", "Failed runs, kept out of every statistic"),
        ("files-without-measurements", "Files without measurements"),
        ("duplicate-files", "Files that repeat another one exactly"),
    ):
        counted = material.count(what)
        if counted:
            lines.append(f"- {words}: {{{counted.id}}}")
    return "\n".join(lines)


def _workflow(making: Making, own: _OwnFacts) -> str:
    steps = [
        f"- {escape(name)}: {own.cite(f'duration of {name}', seconds * 1000, 'ms')}"
        for name, seconds in making.durations_s.items()
    ]
    return "\n".join([f"Dagster run {code(making.dagster_run)}.", "", *steps])


CALL_METRICS = {
    "ttft_ms": ("time to first token, by the client's clock", "ms"),
    "total_ms": ("total duration", "ms"),
    "load_ms": ("load duration", "ms"),
    "prompt_eval_ms": ("prompt evaluation", "ms"),
    "eval_ms": ("generation", "ms"),
    "prompt_tokens": ("prompt tokens", "tokens"),
    "output_tokens": ("tokens generated", "tokens"),
    "decode_rate": ("decode rate", "tok/s"),
}


def _own_calls(making: Making, own: _OwnFacts) -> str:
    if not making.calls:
        return "No model was asked."
    blocks: list[str] = []
    for number, call in enumerate(making.calls, 1):
        how = "from the store" if call.replayed else (call.runner.phase or "phase unknown")
        stage = call.context.stage or "call"
        place = f"call {number}: {stage}"
        lines = [f"- {escape(stage)}, {escape(how)}, outcome {code(call.outcome)}"]
        for name, (label, unit) in CALL_METRICS.items():
            value: float | None = getattr(call.timings, name)
            if value is not None:
                source = f"model_calls, call {call.call_id}, {name}"
                cited = own.cite(f"{label}, {code(place)}", value, unit, source)
                lines.append(f"  - {label}: {cited}")
        blocks.append("\n".join(lines))
    return "\n".join(blocks)
