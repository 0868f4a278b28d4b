"""The code location: every asset, check, resource, sensor and schedule, named once."""

import os

import dagster as dg

from benchagent.agents.roster_file import read_roster
from benchagent.collection import spare_imports
from benchagent.defs.agents import make_agent_assets
from benchagent.defs.automation import (
    make_closer,
    make_schedule,
    make_sensor,
    make_watchman,
    snapshots_to_keep,
)
from benchagent.defs.benchmarks import benchmarks
from benchagent.defs.cost import make_cost_asset
from benchagent.defs.evidence import facts, findings, inventory, measurements
from benchagent.defs.executors import choose_executor
from benchagent.defs.outcome import make_outcome_assets
from benchagent.defs.resources import OllamaResource, ProjectResource
from benchagent.defs.retirement import make_retirement, retirement
from benchagent.pipeline.project import Project


def define(project: Project, *, fresh: bool = False) -> dg.Definitions:
    """The definitions of a project, its agents read from its roster."""
    roster = read_roster(project.agents)
    outcome = make_outcome_assets(roster)
    assets = [inventory, measurements, facts, findings, *make_agent_assets(roster), *outcome]
    job = dg.define_asset_job(
        "reports",
        selection=dg.AssetSelection.assets(*assets),
        description="From the files of a snapshot to the reports of all agents.",
    )
    closing = dg.define_asset_job(
        "outcome",
        selection=dg.AssetSelection.assets(*outcome),
        description="The agents that have reported on a snapshot, compared.",
    )
    measuring = dg.define_asset_job(
        "bench",
        selection=dg.AssetSelection.assets(benchmarks),
        description="Measures models; the sensor sees what comes of it.",
    )
    keep = snapshots_to_keep()
    return dg.Definitions(
        assets=[benchmarks, make_cost_asset(roster), *assets],
        jobs=[job, closing, measuring, *([retirement] if keep else [])],
        sensors=[
            make_sensor(job.name),
            make_closer(closing, [asset.key for asset in outcome], roster),
            make_watchman(),
        ],
        schedules=[
            make_schedule(job.name, [asset.key for asset in assets]),
            *([make_retirement(keep)] if keep else []),
        ],
        resources={
            "project": ProjectResource.of(project),
            "ollama": OllamaResource(
                out=str(project.out), fresh=fresh, at_once=roster.calls_at_once
            ),
        },
        executor=choose_executor(os.environ),
    )


defs = define(Project.from_environment())
spare_imports()
