"""From the files of a snapshot to findings: assets that call no model."""

import dagster as dg

from benchagent.defs.benchmarks import benchmarks
from benchagent.defs.checks import READ, check_reading
from benchagent.defs.metadata import (
    describe_facts,
    describe_files,
    describe_findings,
    describe_snapshot,
)
from benchagent.defs.partitions import OWNERS, SNAPSHOTS
from benchagent.defs.resources import ProjectResource
from benchagent.pipeline.partition_files import code_version
from benchagent.pipeline.stages.facts import DERIVING, make_facts
from benchagent.pipeline.stages.findings import FINDING, make_findings
from benchagent.pipeline.stages.measurements import MEASURING, make_measurements

WHEN_INPUTS_CHANGE = dg.AutomationCondition.eager().replace(
    "newly_updated", dg.AutomationCondition.data_version_changed()
)


@dg.asset(
    partitions_def=SNAPSHOTS,
    deps=[benchmarks],
    group_name="evidence",
    owners=OWNERS,
    kinds={"python"},
    description="The files of a snapshot, by content, and every entry that was not read, with why.",
)
def inventory(context: dg.AssetExecutionContext, project: ProjectResource) -> dg.MaterializeResult:
    partition = project.partition(context)
    return dg.MaterializeResult(
        metadata=describe_snapshot(partition.snapshot),
        data_version=dg.DataVersion(partition.snapshot.sha256[:16]),
    )


@dg.asset(
    partitions_def=SNAPSHOTS,
    deps=[inventory],
    group_name="evidence",
    owners=OWNERS,
    kinds={"parquet"},
    code_version=code_version(*MEASURING),
    automation_condition=WHEN_INPUTS_CHANGE,
    description="Every number that somebody measured, with its file and place; failed runs apart.",
    check_specs=[dg.AssetCheckSpec("read", asset="measurements", description=READ)],
)
def measurements(
    context: dg.AssetExecutionContext, project: ProjectResource
) -> dg.MaterializeResult:
    partition = project.partition(context)
    step = make_measurements(partition)
    return dg.MaterializeResult(
        metadata=describe_files(partition, step),
        data_version=dg.DataVersion(step.digest),
        check_results=[check_reading(partition)],
    )


@dg.asset(
    partitions_def=SNAPSHOTS,
    deps=[measurements],
    group_name="evidence",
    owners=OWNERS,
    kinds={"parquet"},
    code_version=code_version(*DERIVING),
    automation_condition=WHEN_INPUTS_CHANGE,
    description="Counts, medians, spreads and differences; each lists what it rests on.",
)
def facts(context: dg.AssetExecutionContext, project: ProjectResource) -> dg.MaterializeResult:
    partition = project.partition(context)
    step = make_facts(partition)
    return dg.MaterializeResult(
        metadata=describe_facts(partition, step), data_version=dg.DataVersion(step.digest)
    )


@dg.asset(
    partitions_def=SNAPSHOTS,
    deps=[facts],
    group_name="evidence",
    owners=OWNERS,
    kinds={"json"},
    code_version=code_version(*FINDING),
    automation_condition=WHEN_INPUTS_CHANGE,
    description="Facts worth telling, ranked, each with true sentences and a next step.",
)
def findings(context: dg.AssetExecutionContext, project: ProjectResource) -> dg.MaterializeResult:
    partition = project.partition(context)
    step = make_findings(partition)
    return dg.MaterializeResult(
        metadata=describe_findings(partition, step), data_version=dg.DataVersion(step.digest)
    )
