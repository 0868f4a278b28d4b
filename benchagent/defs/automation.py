"""What happens by itself: new files become a snapshot with its reports, a night fills gaps."""

import os

import dagster as dg

from benchagent.defs.liveness import end_abandoned_runs
from benchagent.defs.partitions import SNAPSHOTS
from benchagent.defs.resources import ProjectResource
from benchagent.errors import ExplainedError
from benchagent.inventory.observations import current_key
from benchagent.inventory.roots import RootsError, resolve_roots
from benchagent.inventory.scans import NoSnapshot, ScanOptions, scan
from benchagent.store import StoreError

SENSOR_SECONDS = "BENCHAGENT_SENSOR_SECONDS"
EVERY_SECONDS = 30
WATCH_SECONDS = 60
NIGHTLY = "0 2 * * *"


class AutomationError(ExplainedError):
    """A setting of what happens by itself cannot be used."""


def seconds_between_looks() -> int:
    """How often the sensor looks for new files: BENCHAGENT_SENSOR_SECONDS, else every 30 s.

    Raises:
        AutomationError: that is no number of seconds.
    """
    text = os.environ.get(SENSOR_SECONDS, "").strip() or str(EVERY_SECONDS)
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise AutomationError(
            f"{SENSOR_SECONDS} is {text!r}, expected a whole number of seconds, for instance 30"
        )
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


def make_schedule(job: str, last: dg.AssetKey) -> dg.ScheduleDefinition:
    """At night, the current snapshot again if it never got to the end; never an older one."""

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
        if key in context.instance.get_materialized_partitions(last):
            return dg.SkipReason(f"nothing is missing for snapshot {key}")
        day = context.scheduled_execution_time.date().isoformat()
        return dg.RunRequest(run_key=f"{day}-{key}", partition_key=key)

    return nightly
