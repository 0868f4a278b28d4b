"""What people read in the end: an agent's report, and the agents side by side."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from benchagent.agents.account import Analysis
from benchagent.agents.roster import Agent, Roster
from benchagent.calls.model_call import call_from_row
from benchagent.findings.finding import by_rank
from benchagent.pipeline.checker import Checker
from benchagent.pipeline.kept import REPORT, read_analysis
from benchagent.pipeline.knowledge import know_more, know_snapshot
from benchagent.pipeline.partition import Partition
from benchagent.pipeline.partition_files import (
    code_version,
    digest_of,
    stamp_of,
    version_of,
    write_value,
)
from benchagent.pipeline.stages.accounts import evidence_version, telling_version
from benchagent.pipeline.stages.step import Step, step_once
from benchagent.reporting.charts import draw_charts
from benchagent.reporting.comparison import COMPARISON, compare_agents
from benchagent.reporting.html import render_html
from benchagent.reporting.report import Report, write_report
from benchagent.reporting.second_reading import settle
from benchagent.reporting.sections import Material
from benchagent.reporting.surroundings import Making, surround
from benchagent.store import write_atomically
from benchagent.verification.verify import verify_report

# The rooms whose code decides the result: a change of any makes the step's version new.
REPORTING = ("reporting", "verification", "references.py", "pipeline/knowledge.py")


def make_report(
    partition: Partition,
    agent: Agent,
    *,
    dagster_run: str,
) -> Step:
    """An agent's report of its account, every cited fact read again first, the whole read after."""

    def make(path: Path) -> None:
        kept = read_analysis(partition, agent.slug)
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
    return step_once(partition.report_record(agent.slug), version, make)


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
    return step_once(partition.folder / "comparison.json", version, make)
