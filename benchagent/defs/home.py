"""Dagster's home below the output folder, with the repository's settings and absolute paths."""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
import yaml
from dagster._core.execution.backfill import BulkActionsFilter, BulkActionStatus
from sqlalchemy.exc import OperationalError

from benchagent.agents.roster import Roster, calls_at_once
from benchagent.defs.agents import pool_of
from benchagent.defs.partitions import SNAPSHOTS
from benchagent.pipeline.project import Project, shipped
from benchagent.store import StoreError, locked, make_folder, write_atomically


def prepare_home(project: Project) -> None:
    """Writes the settings of this project's Dagster, for this process and its children."""
    home = make_folder(project.dagster_home)
    settings: dict[str, Any] = yaml.safe_load(shipped("dagster.yaml").read_text(encoding="utf-8"))
    settings["storage"]["custom"]["config"]["base_dir"] = str(home / "storage")
    settings["local_artifact_storage"]["config"]["base_dir"] = str(home / "artifacts")
    settings["compute_logs"]["config"]["base_dir"] = str(home / "logs")
    text = yaml.safe_dump(settings, sort_keys=False)
    path = home / "dagster.yaml"
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        write_atomically(path, text)
    os.environ.update({**project.environment(), "DAGSTER_HOME": str(home)})


@contextmanager
def open_instance(project: Project) -> Iterator[dg.DagsterInstance]:
    """This project's Dagster instance.

    Several processes that open a new home at once break its database, so they take turns.

    Raises:
        StoreError: the disk is full or the folder cannot be written, now or within the block.
    """
    prepare_home(project)
    with _database_explained(project.dagster_home):
        with locked(project.out / "locks" / "home.lock", doing="opening Dagster's home"):
            instance = dg.DagsterInstance.get()
            instance.get_runs(limit=1)
        with instance:
            yield instance


@contextmanager
def _database_explained(home: Path) -> Iterator[None]:
    """SQLite says `disk I/O error` where a disk is full, through a page of SQLAlchemy's trace."""
    try:
        yield
    except OperationalError as error:
        raise StoreError(
            f"{home}: Dagster's database cannot be used ({error.orig}); free some space, let this "
            "user write there, or choose another output folder with --out"
        ) from error


def limit_pools(instance: dg.DagsterInstance, roster: Roster) -> None:
    """Limit how many runs may be at work for a host: those that ask it, and the next in turn.

    What the next one does before it asks is then done when its turn comes. The turn itself is
    kept by the host's lock (`calls.turns`).
    """
    limits = {
        pool: calls_at_once(agent, roster.calls_at_once) + 1
        for agent in roster.agents
        if (pool := pool_of(agent))
    }
    known = {limit.name: limit.limit for limit in instance.event_log_storage.get_pool_limits()}
    for pool, limit in limits.items():
        if known.get(pool, instance.global_op_concurrency_default_limit) != limit:
            instance.event_log_storage.set_concurrency_slots(pool, limit)


def busy_snapshots(instance: dg.DagsterInstance) -> list[str]:
    """The snapshots that a Dagster run or a backfill is about to use or uses now."""
    runs = instance.get_runs(dg.RunsFilter(statuses=list(UNFINISHED)))
    killed = instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE], tags=RETRIED))
    # A backfill answers for its own runs: once it has ended, none of them is tried again.
    waiting = [
        run
        for run in killed
        if run.is_complete_and_waiting_to_retry and "dagster/backfill" not in run.tags
    ]
    asked = [key for run in [*runs, *waiting] for key in _partitions_of(run.tags, instance)]
    active = BulkActionsFilter(statuses=[BulkActionStatus.REQUESTED, BulkActionStatus.CANCELING])
    for backfill in instance.get_backfills(active):
        asked += backfill.partition_names or []
        if backfill.asset_backfill_data:
            subset = backfill.asset_backfill_data.target_subset
            asked += [
                key
                for partitions in subset.partitions_subsets_by_asset_key.values()
                for key in partitions.get_partition_keys()
            ]
    return list(dict.fromkeys(asked))


RETRIED = {"dagster/will_retry": "true"}
UNFINISHED = (
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
)


def _partitions_of(tags: Mapping[str, str], instance: dg.DagsterInstance) -> list[str]:
    if "dagster/partition" in tags:
        return [tags["dagster/partition"]]
    ends = [tags.get(f"dagster/asset_partition_range_{end}") for end in ("start", "end")]
    known = list(instance.get_dynamic_partitions(SNAPSHOTS.name or ""))
    places = [known.index(end) for end in ends if end in known]
    return known[min(places) : max(places) + 1] if places else []


def forget_snapshots(instance: dg.DagsterInstance, keys: Iterable[str]) -> None:
    """Takes retired snapshots off the list of partitions."""
    for key in keys:
        instance.delete_dynamic_partition(SNAPSHOTS.name or "", key)
