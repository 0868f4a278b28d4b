"""What an agent tells of a snapshot, asked once for each version of evidence, agent, model and code."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

from benchagent.agents.account import Analysis, tell_without_model
from benchagent.agents.analysis import analyse
from benchagent.agents.asking import Asking
from benchagent.agents.persona import read_persona
from benchagent.agents.roster import Agent, Roster
from benchagent.agents.sources import Sources
from benchagent.agents.unknown_files import UnknownFiles, find_unknown_files
from benchagent.calls.model_call import ModelCall, call_row
from benchagent.calls.outcomes import RULES
from benchagent.inventory.blobs import read_blob
from benchagent.mappings.kept import keep_proposal, refused_mappings
from benchagent.pipeline.kept import ANALYSIS, AnalysisFile, read_analysis
from benchagent.pipeline.knowledge import know_snapshot
from benchagent.pipeline.partition import Partition
from benchagent.pipeline.partition_files import (
    code_version,
    digest_of,
    forget,
    version_of,
    write_value,
)
from benchagent.pipeline.stages.facts import DERIVING
from benchagent.pipeline.stages.findings import FINDING
from benchagent.pipeline.stages.step import Step, step_once
from benchagent.verification.question import Knowledge

# The rooms whose code decides the result: a change of any makes the step's version new.
TELLING = (
    "agents",
    "inquiries",
    "mappings",
    "verification",
    "privacy.py",
    "references.py",
    *DERIVING,
    *FINDING,
)


def telling_version(agent: Agent) -> str:
    """What an agent's account depends on beside findings and model: itself, and the code."""
    own = agent.model_dump_json(exclude={"label", "host", "allow_remote", "deadlines"})
    persona = read_persona(agent.persona)
    # A persona's text counts only for the agents that speak as it.
    code = code_version(*TELLING, without="agents/personas")
    return version_of(own, persona.prompt, persona.contract.model_dump_json(), code)


def make_analysis(
    partition: Partition,
    agent: Agent,
    roster: Roster,
    *,
    asking: Callable[[Callable[[ModelCall], None]], Asking] | None,
    fresh: bool = False,
) -> Step:
    """An agent's account of the findings.

    Args:
        partition: the snapshot.
        agent: who tells.
        roster: where the agent that it reads from is found.
        asking: how its model is asked, given what records a call; None for an agent without one.
        fresh: ask again, whatever stands there.
    """
    calls: list[ModelCall] = []
    questions = asking(calls.append) if asking else None
    digest = ""
    if questions and agent.model:
        digest = questions.client.identify(agent.model).digest or ""

    def make(path: Path) -> None:
        told = tell(partition, agent, roster, questions)
        rows = tuple(call_row(call) for call in calls)
        kept = AnalysisFile(analysis=told, evidence=evidence_version(partition), calls=rows)
        for proposal in told.proposals:
            keep_proposal(partition.project.out, proposal)
        write_value(path, kept, ANALYSIS)

    path = partition.analysis_path(agent.slug)
    if fresh:
        forget(path)
    step = step_once(path, analysis_version(partition, agent, digest), make)
    if calls and RULES[calls[-1].outcome].error_class in ANOTHER_TIME:
        forget(path)
    return step


# Not what the model said: the account stands for now, and the next run asks again.
ANOTHER_TIME = frozenset(["server", "network", "setup"])


def evidence_version(partition: Partition) -> str:
    """A version of the facts and of the cells that they rest on.

    Raises:
        PartitionMissing: they have not been made.
    """
    names = ("facts", "measurements")
    return version_of(*(digest_of(partition.folder / f"{name}.parquet") for name in names))


def analysis_version(partition: Partition, agent: Agent, model_digest: str) -> str:
    """All that an agent's account depends on: evidence, colleague, model, persona, code, refusals.

    Raises:
        PartitionMissing: the findings, or the account that it reads from, have not been made.
    """
    found = digest_of(partition.folder / "findings.json")
    read = digest_of(partition.analysis_path(agent.reads_from)) if agent.reads_from else ""
    evidence = evidence_version(partition)
    refused = sorted(refused_mappings(partition.project.out))
    return version_of(found, evidence, read, model_digest, telling_version(agent), *refused)


def tell(
    partition: Partition,
    agent: Agent,
    roster: Roster,
    asking: Asking | None,
    sources: Sources | None = None,
) -> Analysis:
    """An agent's account, written nowhere.

    Args:
        partition: the snapshot.
        agent: who tells.
        roster: where the agent that it reads from is found.
        asking: how its model is asked; None for an agent without one.
        sources: `sources_of(partition)`, where somebody has them already.

    Raises:
        PartitionMissing: the findings, or the account that it reads from, have not been made.
        OllamaError: the server cannot be reached or does not have the model.
    """
    findings = list(partition.findings.values())
    if asking is None:
        return tell_without_model(agent, partition.key, findings)
    colleague = None
    if agent.reads_from:
        read = read_analysis(partition, agent.reads_from).analysis
        colleague = (roster.agent(agent.reads_from), read)
    return analyse(
        agent,
        findings,
        partition.facts,
        asking,
        snapshot=partition.key,
        colleague=colleague,
        sources=sources or sources_of(partition),
    )


def sources_of(partition: Partition) -> Sources:
    """What an agent may look into beyond the findings."""
    evidence = partition.evidence()

    def read_bytes(sha256: str) -> bytes:
        return read_blob(partition.project.out, sha256)

    def unknown_files() -> tuple[UnknownFiles, ...]:
        return find_unknown_files(evidence.files, read_bytes)

    def knowledge() -> Knowledge:
        return know_snapshot(partition, evidence_version(partition))

    return Sources(
        evidence=evidence,
        read_bytes=read_bytes,
        unknown_files=cache(unknown_files),
        knowledge=cache(knowledge),
        refused_mappings=refused_mappings(partition.project.out),
    )
