"""The steps from a snapshot to its reports, each on its own files.

A step reads what earlier steps wrote, calls one room of the package and writes its own file. It
does so once for each version of its inputs and code; asked again, it finds what is there.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pyarrow as pa

from benchagent.agents.account import Analysis, tell_without_model
from benchagent.agents.analysis import analyse
from benchagent.agents.asking import Asking
from benchagent.agents.roster import Agent, Roster, read_persona
from benchagent.agents.sources import Sources
from benchagent.calls.model_call import ModelCall, call_from_row, call_row
from benchagent.calls.outcomes import RULES
from benchagent.facts.derivations import derive_facts
from benchagent.facts.fact import facts_table
from benchagent.findings.finding import by_rank
from benchagent.findings.rules import find
from benchagent.formats import formats_version
from benchagent.inventory.blobs import read_blob
from benchagent.inventory.listing import Unread
from benchagent.inventory.snapshots import Snapshot
from benchagent.mappings.kept import accepted_mappings, keep_proposal, refused_mappings
from benchagent.measurements.table import FileStatus, measure
from benchagent.pipeline.checker import Checker
from benchagent.pipeline.knowledge import know_more, know_snapshot
from benchagent.pipeline.partition import ANALYSIS, FINDINGS, REPORT, AnalysisFile, Partition
from benchagent.pipeline.partition_files import (
    code_version,
    digest_of,
    forget,
    make_once,
    stamp_of,
    version_of,
    write_table,
    write_value,
)
from benchagent.reporting.charts import draw_charts
from benchagent.reporting.comparison import COMPARISON, compare_agents
from benchagent.reporting.html import render_html
from benchagent.reporting.report import Report, write_report
from benchagent.reporting.second_reading import settle
from benchagent.reporting.sections import Material
from benchagent.reporting.surroundings import Making, surround
from benchagent.store import write_atomically
from benchagent.verification.question import Knowledge
from benchagent.verification.verify import verify_report

MEASURED = ("measurements", "failed_runs", "files")
# The rooms whose code decides a step's result: a change of any makes the step's version new.
MEASURING = ("formats", "mappings", "measurements", "privacy.py")
DERIVING = ("facts", "quantities.py", "wording.py")
FINDING = ("findings", "wording.py")
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
REPORTING = ("reporting", "verification", "references.py", "pipeline/knowledge.py")

FILES_SCHEMA = pa.schema(
    [
        ("path", pa.string()),
        ("root", pa.string()),
        ("kind", pa.string()),
        ("content", pa.string()),
        ("size", pa.int64()),
        ("sha256", pa.string()),
        ("modified_at", pa.string()),
        ("retained", pa.bool_()),
        ("format", pa.string()),
        ("n_measurements", pa.int64()),
        ("n_failed", pa.int64()),
        ("duplicate_of", pa.string()),
        ("why", pa.string()),
        ("reason_code", pa.string()),
        ("reason", pa.string()),
        ("shape", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What a step made, or found made.

    Attributes:
        path: the file.
        digest: of its content.
        made: False where it stood there already, made from the same inputs by the same code.
    """

    path: Path
    digest: str
    made: bool
    seconds: float


def make_measurements(partition: Partition) -> Step:
    """`measurements`, `failed_runs`, `files`: every number of the snapshot's files."""
    snapshot, out = partition.snapshot, partition.project.out
    accepted = sorted(partition.project.accepted_formats)
    mappings = accepted_mappings(out, accepted)

    def make(path: Path) -> None:
        found = measure(
            snapshot.files,
            lambda sha256: read_blob(out, sha256),
            out,
            accepted_formats=accepted,
            mappings=mappings,
        )
        write_table(path.with_name("failed_runs.parquet"), found.failed_runs)
        write_table(path.with_name("files.parquet"), list_files(snapshot, found.files))
        write_table(path, found.measurements)

    by = sorted(mapping.name for mapping in mappings)
    read_with = [formats_version(), *accepted, *by, code_version(*MEASURING)]
    version = version_of(snapshot.sha256, *map(str, read_with))
    return _once(partition.folder / "measurements.parquet", version, make)


def list_files(snapshot: Snapshot, statuses: Iterable[FileStatus]) -> pa.Table:
    """Every entry of the snapshot (`FILES_SCHEMA`): what became of it, or why it was not read."""
    became = {status.path: status for status in statuses}
    rows: list[dict[str, object]] = []
    for file in snapshot.files:
        status = became.get(file.path)
        rows.append(
            {
                **{name: getattr(file, name) for name in _OF_FILES},
                "format": status.format if status else None,
                "n_measurements": status.n_measurements if status else 0,
                "n_failed": status.n_failed if status else 0,
                "duplicate_of": status.duplicate_of if status else None,
                "reason_code": status.reason_code if status else None,
                "reason": status.reason if status else file.reason,
                "shape": status.shape if status else None,
            }
        )
    rows += [_unread_row(entry) for entry in snapshot.unread]
    return pa.Table.from_pylist(rows, schema=FILES_SCHEMA)


_OF_FILES = ("path", "root", "kind", "content", "size", "sha256", "modified_at", "retained")


def _unread_row(entry: Unread) -> dict[str, object]:
    return {"path": entry.path, "root": entry.root, "why": entry.why, "reason": entry.reason}


def make_facts(partition: Partition) -> Step:
    """`facts`, from the measurements."""

    def make(path: Path) -> None:
        write_table(path, facts_table(derive_facts(partition.evidence())))

    measured = [digest_of(partition.folder / f"{name}.parquet") for name in MEASURED]
    version = version_of(*measured, code_version(*DERIVING))
    return _once(partition.folder / "facts.parquet", version, make)


def make_findings(partition: Partition) -> Step:
    """`findings`, from the facts."""

    def make(path: Path) -> None:
        found = find(partition.facts.values())
        write_value(path, found, FINDINGS)

    derived = digest_of(partition.folder / "facts.parquet")
    version = version_of(derived, code_version(*FINDING))
    return _once(partition.folder / "findings.json", version, make)


def telling_version(agent: Agent) -> str:
    """What an agent's account depends on beside findings and model: itself, and the code."""
    own = agent.model_dump_json(exclude={"label", "host", "allow_remote", "deadlines"})
    persona = read_persona(agent.persona)
    return version_of(
        own, persona.prompt, persona.contract.model_dump_json(), code_version(*TELLING)
    )


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
    step = _once(path, analysis_version(partition, agent, digest), make)
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


def tell(partition: Partition, agent: Agent, roster: Roster, asking: Asking | None) -> Analysis:
    """An agent's account, written nowhere.

    Raises:
        PartitionMissing: the findings, or the account that it reads from, have not been made.
        OllamaError: the server cannot be reached or does not have the model.
    """
    findings = list(partition.findings.values())
    if asking is None:
        return tell_without_model(agent, partition.key, findings)
    colleague = None
    if agent.reads_from:
        read = partition.analysis(agent.reads_from).analysis
        colleague = (roster.agent(agent.reads_from), read)
    return analyse(
        agent,
        findings,
        partition.facts,
        asking,
        snapshot=partition.key,
        colleague=colleague,
        sources=sources_of(partition),
    )


def sources_of(partition: Partition) -> Sources:
    """What an agent may look into beyond the findings."""

    def read_bytes(sha256: str) -> bytes:
        return read_blob(partition.project.out, sha256)

    def knowledge() -> Knowledge:
        return know_snapshot(partition, evidence_version(partition))

    return Sources(
        evidence=partition.evidence(),
        read_bytes=read_bytes,
        knowledge=cache(knowledge),
        refused_mappings=refused_mappings(partition.project.out),
    )


def make_report(
    partition: Partition,
    agent: Agent,
    *,
    dagster_run: str,
) -> Step:
    """An agent's report of its account, every cited fact read again first, the whole read after."""

    def make(path: Path) -> None:
        kept = partition.analysis(agent.slug)
        found = by_rank([*partition.findings.values(), *kept.analysis.beyond_rules])
        findings = {finding.id: finding for finding in found}
        facts = {**partition.facts, **{fact.id: fact for fact in kept.analysis.facts_beyond_rules}}
        making = Making(
            written_at=f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}",
            durations_s=_durations(partition, agent),
            calls=tuple(call_from_row(row) for row in kept.calls),
            dagster_run=dagster_run,
        )
        checker = Checker(partition, facts)
        knowledge = know_more(
            know_snapshot(partition, evidence_version(partition)),
            kept.analysis.facts_beyond_rules,
        )

        def write(account: Analysis) -> Report:
            material = Material(
                analysis=account,
                findings=findings,
                facts=facts,
                missing_roots=partition.snapshot.missing_roots,
                recommendations=agent.promises().recommendations,
            )
            around = surround(agent, material, partition.snapshot, making)
            return write_report(
                agent.promises(), material, around, check=checker.check, places=checker.places
            )

        report, reading = settle(
            kept.analysis,
            findings,
            write=write,
            text_of=Report.body,
            judge=lambda text: verify_report(text, knowledge),
        )
        report = replace(report, reading=reading)
        path_of_markdown = partition.report_path(agent.slug)
        charts = draw_charts(facts.values(), report)
        page = render_html(agent.label, report.markdown, report.evidence, charts)
        write_atomically(path_of_markdown.with_suffix(".html"), page)
        write_atomically(path_of_markdown, report.markdown)
        write_value(path, report, REPORT)

    told = digest_of(partition.analysis_path(agent.slug))
    version = version_of(told, reporting_version(agent))
    return _once(partition.report_record(agent.slug), version, make)


def reporting_version(agent: Agent) -> str:
    """What an agent's report depends on beside its account: what it promises, its name, the code."""
    return version_of(agent.label, telling_version(agent), code_version(*REPORTING))


def _durations(partition: Partition, agent: Agent) -> dict[str, float]:
    """How long each step took when it was made, as its stamp tells."""
    steps = {
        "ingest": partition.folder / "measurements.parquet",
        "facts": partition.folder / "facts.parquet",
        "findings": partition.folder / "findings.json",
        "analysis": partition.analysis_path(agent.slug),
    }
    stamps = {name: stamp_of(path) for name, path in steps.items()}
    return {name: stamp.seconds for name, stamp in stamps.items() if stamp}


def make_comparison(partition: Partition, roster: Roster) -> Step:
    """The agents side by side."""

    def make(path: Path) -> None:
        write_value(path, compare_agents(partition, roster), COMPARISON)

    paths = [partition.report_record(agent.slug) for agent in roster.agents]
    reports = [digest_of(path) for path in paths if path.exists()]
    version = version_of(
        *reports, roster.model_dump_json(), code_version("reporting/comparison.py")
    )
    return _once(partition.folder / "comparison.json", version, make)


def _once(path: Path, version: str, make: Callable[[Path], None]) -> Step:
    made = make_once(path, version, make)
    stamp = stamp_of(path)
    seconds = stamp.seconds if stamp else 0.0
    return Step(path=path, digest=digest_of(path), made=made, seconds=seconds)
