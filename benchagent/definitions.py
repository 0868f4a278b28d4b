"""The code location: every asset, check, resource, sensor and schedule, named once."""

import dagster as dg

from benchagent.defs.agents import make_agent_assets
from benchagent.defs.automation import make_job, make_schedule, make_sensor
from benchagent.defs.evidence import facts, findings, inventory, measurements
from benchagent.defs.outcome import make_outcome_assets
from benchagent.defs.resources import OllamaResource, ProjectResource
from benchagent.project import Project
from benchagent.roster import read_roster


def define(project: Project, *, fresh: bool = False) -> dg.Definitions:
    """The definitions of a project, its agents read from its roster."""
    roster = read_roster(project.agents)
    assets = [
        inventory,
        measurements,
        facts,
        findings,
        *make_agent_assets(roster),
        *make_outcome_assets(roster),
    ]
    job = make_job(assets)
    return dg.Definitions(
        assets=assets,
        jobs=[job],
        sensors=[make_sensor(job)],
        schedules=[make_schedule(job, assets[-1].key)],
        resources={
            "project": ProjectResource.of(project),
            "ollama": OllamaResource(out=str(project.out), fresh=fresh),
        },
        executor=dg.in_process_executor,
    )


defs = define(Project.from_environment())
