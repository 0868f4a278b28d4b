"""Old snapshots: retired by hand, or every night where somebody has set how many to keep."""

from collections.abc import Sequence
from functools import partial

import dagster as dg
from pydantic import Field

from benchagent.defs.home import busy_snapshots, forget_snapshots
from benchagent.defs.resources import ProjectResource
from benchagent.inventory.pruning import Pruned, prune
from benchagent.pipeline.project import Project

# When the night's reports have been asked for.
NIGHTLY = "0 3 * * *"


def retire(
    project: Project, instance: dg.DagsterInstance, keep: int, in_use: Sequence[str] = ()
) -> Pruned:
    """Retires all but the latest snapshots, and takes them off the list of partitions.

    Args:
        project: whose snapshots.
        instance: knows which of them a Dagster run or a backfill uses or waits for; they stay.
        keep: how many.
        in_use: keys to keep besides.
    """
    return prune(
        project.out,
        keep=keep,
        in_use=lambda: [*in_use, *busy_snapshots(instance)],
        forget=partial(forget_snapshots, instance),
    )


class RetirementConfig(dg.Config):
    """The policy."""

    keep: int = Field(ge=1, description="How many snapshots to keep, counted from the latest.")


@dg.op(description="Retires old snapshots with their reports, and the bytes that only they had.")
def retire_snapshots(
    context: dg.OpExecutionContext, config: RetirementConfig, project: ProjectResource
) -> None:
    """What the job does."""
    pruned = retire(project.project(), context.instance, config.keep)
    context.log.info(
        "retired %s; %d contents gone, %.1f MB freed",
        ", ".join(pruned.keys) or "none",
        pruned.blobs,
        pruned.bytes_freed / 1e6,
    )


@dg.job(description="Retires old snapshots; never one that is in use, nor the current one.")
def retirement() -> None:
    """The job of that one step."""
    retire_snapshots()


def make_retirement(keep: int) -> dg.ScheduleDefinition:
    """The job, every night."""
    return dg.ScheduleDefinition(
        name="nightly_retirement",
        job=retirement,
        cron_schedule=NIGHTLY,
        execution_timezone="UTC",
        run_config=dg.RunConfig(ops={"retire_snapshots": RetirementConfig(keep=keep)}),
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=f"Retires all but the latest {keep} snapshots.",
    )
