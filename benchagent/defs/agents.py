"""A pair of assets for each agent of the roster: what it makes of the findings, and its report."""

from collections.abc import Iterator

import dagster as dg

from benchagent.agents.roster import Agent, Roster
from benchagent.defs.checks import STEADY, WHOLE, check_calls, check_pace
from benchagent.defs.evidence import WHEN_INPUTS_CHANGE, findings
from benchagent.defs.executors import QUEUE
from benchagent.defs.metadata import describe_analysis, describe_grounds, describe_report
from benchagent.defs.partitions import OWNERS, SNAPSHOTS
from benchagent.defs.resources import OllamaResource, ProjectResource
from benchagent.pipeline.kept import read_analysis, read_report
from benchagent.pipeline.partition import Partition
from benchagent.pipeline.stages.accounts import make_analysis, telling_version
from benchagent.pipeline.stages.reports import make_report, reporting_version


def analysis_key(agent: str) -> dg.AssetKey:
    """The asset of an agent's account."""
    return dg.AssetKey(["analysis", agent])


def report_key(agent: str) -> dg.AssetKey:
    """The asset of an agent's report."""
    return dg.AssetKey(["report", agent])


def pool_of(agent: Agent) -> str | None:
    """The pool of the agent's host: `gpu` for this machine's own, a name for another."""
    if agent.model is None:
        return None
    if agent.host is None:
        return "gpu"
    return "gpu_" + "".join(c if c.isalnum() else "_" for c in agent.host)


def _queue_of(agent: Agent) -> dict[str, str]:
    """Where a worker of the host's machine finds its steps (docs/deploy.md); named as the pool."""
    pool = pool_of(agent)
    return {QUEUE: pool} if pool else {}


def make_agent_assets(roster: Roster) -> Iterator[dg.AssetsDefinition]:
    """The pairs of all agents, in the order of the roster."""
    for agent in roster.agents:
        yield _analysis_asset(agent, roster)
        yield _report_asset(agent)


def _analysis_asset(agent: Agent, roster: Roster) -> dg.AssetsDefinition:
    deps: list[dg.AssetKey] = [findings.key]
    if agent.reads_from:
        deps.append(analysis_key(agent.reads_from))

    @dg.asset(
        key=analysis_key(agent.slug),
        partitions_def=SNAPSHOTS,
        deps=deps,
        group_name="agents",
        owners=OWNERS,
        kinds={"ollama"} if agent.model else {"python"},
        tags={"gpu": "true"} if agent.model else {},
        pool=pool_of(agent),
        op_tags=_queue_of(agent),
        code_version=telling_version(agent),
        automation_condition=WHEN_INPUTS_CHANGE,
        description=f"What {agent.label} chooses to tell of the findings, and in which words.",
        check_specs=[
            dg.AssetCheckSpec("usable", asset=analysis_key(agent.slug), description=USABLE),
            dg.AssetCheckSpec("whole", asset=analysis_key(agent.slug), description=WHOLE),
            dg.AssetCheckSpec("steady", asset=analysis_key(agent.slug), description=STEADY),
        ],
    )
    def analysis(
        context: dg.AssetExecutionContext, project: ProjectResource, ollama: OllamaResource
    ) -> dg.MaterializeResult:
        partition = project.partition(context)
        with ollama.asking(agent, context) as asking:
            step = make_analysis(partition, agent, roster, asking=asking, fresh=ollama.fresh)
        kept = read_analysis(partition, agent.slug)
        problem = kept.analysis.problem
        return dg.MaterializeResult(
            metadata=describe_analysis(partition, agent.slug, step),
            data_version=dg.DataVersion(step.digest),
            check_results=[
                dg.AssetCheckResult(
                    check_name="usable",
                    passed=problem is None,
                    severity=dg.AssetCheckSeverity.WARN,
                    metadata={"problem": problem or "none"},
                ),
                check_calls(kept),
                check_pace(partition, agent.slug),
            ],
        )

    return analysis


USABLE = "The model's reply could be used; else the code's own account stands."
GROUNDED = (
    "Every figure came out of the stored files again before the report was written, and a "
    "stranger's reading of it finds nothing that the data contradict."
)
CONTRACT = "The account keeps what its persona promises: words, sections, table rows."


def _report_asset(agent: Agent) -> dg.AssetsDefinition:
    key = report_key(agent.slug)

    @dg.asset(
        key=key,
        partitions_def=SNAPSHOTS,
        deps=[analysis_key(agent.slug)],
        group_name="reports",
        owners=OWNERS,
        kinds={"markdown"},
        code_version=reporting_version(agent),
        automation_condition=WHEN_INPUTS_CHANGE,
        description=f"The report of {agent.label}; every figure links to its file and cell.",
        check_specs=[
            dg.AssetCheckSpec("grounded", asset=key, description=GROUNDED, blocking=True),
            dg.AssetCheckSpec("contract", asset=key, description=CONTRACT),
        ],
    )
    def report(context: dg.AssetExecutionContext, project: ProjectResource) -> dg.MaterializeResult:
        partition = project.partition(context)
        step = make_report(partition, agent, dagster_run=context.run.run_id)
        return dg.MaterializeResult(
            metadata=describe_report(partition, agent.slug, step),
            data_version=dg.DataVersion(step.digest),
            check_results=_check_report(partition, agent),
        )

    return report


def _check_report(partition: Partition, agent: Agent) -> list[dg.AssetCheckResult]:
    report = read_report(partition, agent.slug)
    withheld = [cited for cited in report.citations if cited.problem]
    return [
        dg.AssetCheckResult(
            check_name="grounded",
            passed=not withheld and not report.reading.objections,
            severity=dg.AssetCheckSeverity.ERROR if withheld else dg.AssetCheckSeverity.WARN,
            metadata=describe_grounds(report),
        ),
        dg.AssetCheckResult(
            check_name="contract",
            passed=not report.broken_promises,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={"broken": "; ".join(report.broken_promises) or "none"},
        ),
    ]
