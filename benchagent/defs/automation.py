"""What happens by itself: new files become a snapshot with its reports, a night fills gaps."""

import os
from collections.abc import Iterable, Sequence

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from benchagent.agents.roster import Roster
from benchagent.defs.liveness import end_abandoned_runs
from benchagent.defs.partitions import SNAPSHOTS
from benchagent.defs.resources import ProjectResource
from benchagent.defs.step_events import asset_of, held_back_by_check
from benchagent.errors import ExplainedError
from benchagent.inventory.no_snapshot import NoSnapshot
from benchagent.inventory.observations import current_key
from benchagent.inventory.options import ScanOptions
from benchagent.inventory.roots import RootsError, resolve_roots
from benchagent.inventory.scans import scan
from benchagent.pipeline.partition import Partition
from benchagent.store import StoreError

SENSOR_SECONDS = "BENCHAGENT_SENSOR_SECONDS"
KEEP_SNAPSHOTS = "BENCHAGENT_KEEP_SNAPSHOTS"
EVERY_SECONDS = 30
WATCH_SECONDS = 60
CLOSING_SECONDS = 10
NIGHTLY = "0 2 * * *"


class AutomationError(ExplainedError):
    """A setting of what happens by itself cannot be used."""


def seconds_between_looks() -> int:
    """How often the sensor looks for new files: BENCHAGENT_SENSOR_SECONDS, else every 30 s.

    Raises:
        AutomationError: that is no number of seconds.
    """
    return _whole_number(SENSOR_SECONDS, "seconds, for instance 30") or EVERY_SECONDS


def snapshots_to_keep() -> int | None:
    """How many snapshots a night leaves: BENCHAGENT_KEEP_SNAPSHOTS, without it all.

    Raises:
        AutomationError: that is no number of snapshots.
    """
    return _whole_number(KEEP_SNAPSHOTS, "snapshots, for instance 30")


def _whole_number(name: str, what: str) -> int | None:
    text = os.environ.get(name, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise AutomationError(f"{name} is {text!r}, expected a whole number of {what}")
    return int(text)


def make_sensor(job: str) -> dg.SensorDefinition:
    """Looks for new content; a burst of files becomes one snapshot, once they have settled."""

    @dg.sensor(
        job_name=job,
        minimum_interval_seconds=seconds_between_looks(),
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Registers new content under the artifact roots and requests its reports.",
    )
    def new_files(
        context: dg.SensorEvaluationContext, project: ProjectResource
    ) -> dg.SensorResult | dg.SkipReason:
        places = project.project()
        try:
            found = scan(
                resolve_roots(*places.data),
                places.out,
                options=ScanOptions(settle_s=None, wait_s=0),
            )
        except (RootsError, StoreError) as error:
            return dg.SkipReason(str(error))
        if isinstance(found, NoSnapshot):
            return dg.SkipReason(found.reason)
        if context.instance.has_dynamic_partition(SNAPSHOTS.name or "", found.key):
            return dg.SkipReason(f"nothing new: the files are those of snapshot {found.key}")
        return dg.SensorResult(
            dynamic_partitions_requests=[SNAPSHOTS.build_add_request([found.key])],
            run_requests=[dg.RunRequest(run_key=found.key, partition_key=found.key)],
        )

    return new_files


def make_watchman() -> dg.SensorDefinition:
    """Looks for runs whose process is gone; Dagster alone would take them for running for ever."""

    @dg.sensor(
        minimum_interval_seconds=WATCH_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Marks a run as failed when the process that executed it here has vanished.",
    )
    def vanished_runs(
        context: dg.SensorEvaluationContext, project: ProjectResource
    ) -> dg.SkipReason:
        ended = end_abandoned_runs(context.instance, project.project().out)
        if ended:
            return dg.SkipReason(f"marked as failed: {', '.join(ended)}")
        return dg.SkipReason("every run that is marked as started has its process")

    return vanished_runs


def make_closer(
    job: UnresolvedAssetJobDefinition, outcome: Sequence[dg.AssetKey], roster: Roster
) -> dg.SensorDefinition:
    """Where agents failed, the others are compared; Dagster leaves out what comes after a failure.

    Args:
        job: the run that is asked for.
        outcome: what comes of all agents together.
        roster: the agents.
    """

    @dg.run_failure_sensor(
        request_job=job,
        minimum_interval_seconds=CLOSING_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="After a failed agent, compares the others and brings the warehouse up to date.",
    )
    def failed_agents(
        context: dg.RunFailureSensorContext, project: ProjectResource
    ) -> dg.RunRequest | dg.SkipReason:
        run = context.dagster_run
        key = run.tags.get("dagster/partition")
        if run.tags.get("dagster/will_retry") == "true":
            return dg.SkipReason(f"run {run.run_id} is tried again")
        if key is None or not (run.asset_selection is None or {*outcome} <= run.asset_selection):
            return dg.SkipReason(f"run {run.run_id} was not asked for a comparison of one snapshot")
        if run.job_name == job.name or run.asset_selection == {*outcome}:
            return dg.SkipReason(f"run {run.run_id} was the comparison itself")
        if blocked := _blocked(context.get_step_failure_events()):
            return dg.SkipReason(f"{blocked} failed a check that nothing may come after")
        partition = Partition(project=project.project(), key=key)
        if not any(partition.report_record(agent.slug).exists() for agent in roster.agents):
            return dg.SkipReason(f"no agent has reported on {key}")
        return dg.RunRequest(run_key=run.run_id, partition_key=key)

    return failed_agents


def _blocked(failures: Iterable[dg.DagsterEvent]) -> str:
    """The steps whose own check stopped what comes after them."""
    return ", ".join(asset_of(event) for event in failures if held_back_by_check(event))


def make_schedule(job: str, assets: Sequence[dg.AssetKey]) -> dg.ScheduleDefinition:
    """At night, the current snapshot again where anything of it is missing; never an older one."""

    @dg.schedule(
        job_name=job,
        cron_schedule=NIGHTLY,
        execution_timezone="UTC",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Requests the reports of the current snapshot where they are missing.",
    )
    def nightly(
        context: dg.ScheduleEvaluationContext, project: ProjectResource
    ) -> dg.RunRequest | dg.SkipReason:
        key = current_key(project.project().out)
        if key is None:
            return dg.SkipReason("no snapshot has been taken yet")
        if not context.instance.has_dynamic_partition(SNAPSHOTS.name or "", key):
            return dg.SkipReason(f"snapshot {key} is not registered yet; the sensor does that")
        made = context.instance.get_materialized_partitions
        if all(key in made(asset) for asset in assets):
            return dg.SkipReason(f"nothing is missing for snapshot {key}")
        day = context.scheduled_execution_time.date().isoformat()
        return dg.RunRequest(run_key=f"{day}-{key}", partition_key=key)

    return nightly
