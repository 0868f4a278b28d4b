"""What comes of all agents together: their comparison, and the warehouse for questions."""

from contextlib import AbstractContextManager
from pathlib import Path

import dagster as dg
from dagster_duckdb import DuckDBResource
from duckdb import DuckDBPyConnection

from benchagent.agents.roster import Roster
from benchagent.defs.agents import report_key
from benchagent.defs.evidence import WHEN_INPUTS_CHANGE
from benchagent.defs.metadata import describe_agents
from benchagent.defs.partitions import OWNERS, SNAPSHOTS
from benchagent.defs.resources import ProjectResource
from benchagent.pipeline.partition_files import read_value
from benchagent.pipeline.stages.reports import make_comparison
from benchagent.reporting.comparison import COMPARISON
from benchagent.warehouse.building import update


def make_outcome_assets(roster: Roster) -> list[dg.AssetsDefinition]:
    """The two assets that come last."""

    @dg.asset(
        partitions_def=SNAPSHOTS,
        deps=[report_key(agent.slug) for agent in roster.agents],
        group_name="outcome",
        owners=OWNERS,
        kinds={"markdown"},
        automation_condition=WHEN_INPUTS_CHANGE,
        description="The agents side by side: what each told, in whose words, and what held.",
    )
    def comparison(
        context: dg.AssetExecutionContext, project: ProjectResource
    ) -> dg.MaterializeResult:
        partition = project.partition(context)
        step = make_comparison(partition, roster)
        return dg.MaterializeResult(
            metadata=describe_agents(read_value(step.path, COMPARISON), step),
            data_version=dg.DataVersion(step.digest),
        )

    @dg.asset(
        partitions_def=SNAPSHOTS,
        deps=[comparison],
        group_name="outcome",
        owners=OWNERS,
        kinds={"duckdb"},
        pool="warehouse",
        automation_condition=WHEN_INPUTS_CHANGE,
        description="Everything that was made, of all snapshots, in one DuckDB file.",
    )
    def warehouse(
        context: dg.AssetExecutionContext, project: ProjectResource
    ) -> dg.MaterializeResult:
        rows = update(project.project(), _connect)
        return dg.MaterializeResult(
            metadata={**rows, "path": dg.MetadataValue.path(str(project.project().warehouse))}
        )

    return [comparison, warehouse]


def _connect(path: Path) -> AbstractContextManager[DuckDBPyConnection]:
    return DuckDBResource(database=str(path)).get_connection()
