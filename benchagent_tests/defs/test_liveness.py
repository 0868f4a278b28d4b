"""Dagster runs whose process is gone, and snapshots that something still needs."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from benchagent.defs.home import busy_snapshots
from benchagent.defs.liveness import at_work, end_abandoned_runs, end_stale_runs, is_at_work
from benchagent.defs.partitions import SNAPSHOTS

WORK = """
import sys, time
from pathlib import Path
from benchagent.defs.liveness import at_work
with at_work(Path(sys.argv[1]), sys.argv[2]):
    print("working", flush=True)
    time.sleep(600)
"""
STARTED, CANCELING = dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


@dg.job
def nothing() -> None:
    pass


def a_run(
    instance: dg.DagsterInstance, status: dg.DagsterRunStatus = STARTED, **tags: str
) -> dg.DagsterRun:
    tags = {f"dagster/{name}": value for name, value in tags.items()}
    return instance.create_run_for_job(nothing, status=status, tags=tags)


def status_of(instance: dg.DagsterInstance, run: dg.DagsterRun) -> dg.DagsterRunStatus:
    found = instance.get_run_by_id(run.run_id)
    assert found is not None
    return found.status


def test_a_run_without_a_process_is_ended_before_a_daemon_starts(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    cut, asked_to_end = a_run(instance), a_run(instance, CANCELING)
    waiting = a_run(instance, dg.DagsterRunStatus.NOT_STARTED)

    ended = end_stale_runs(instance, tmp_path)

    assert set(ended) == {cut.run_id, asked_to_end.run_id}
    assert status_of(instance, cut) is dg.DagsterRunStatus.FAILURE
    assert status_of(instance, asked_to_end) is dg.DagsterRunStatus.CANCELED
    assert status_of(instance, waiting) is dg.DagsterRunStatus.NOT_STARTED


def test_a_run_that_a_process_still_executes_is_left_alone(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    run = a_run(instance)
    with at_work(tmp_path, run.run_id):
        assert end_stale_runs(instance, tmp_path) == []
    assert status_of(instance, run) is STARTED


@pytest.mark.slow
def test_a_killed_process_is_no_longer_at_work(tmp_path: Path) -> None:
    worker = subprocess.Popen(
        [sys.executable, "-c", WORK, str(tmp_path), "some-run"], stdout=subprocess.PIPE, text=True
    )
    assert worker.stdout is not None
    assert worker.stdout.readline() == "working\n"
    assert is_at_work(tmp_path, "some-run") is True

    worker.kill()
    worker.communicate()

    assert is_at_work(tmp_path, "some-run") is False


def test_a_run_that_ended_properly_leaves_nothing_behind(tmp_path: Path) -> None:
    with at_work(tmp_path, "some-run"):
        pass

    assert is_at_work(tmp_path, "some-run") is None
    assert list(tmp_path.rglob("*.lock")) == []


def test_a_run_of_another_machine_is_not_judged_from_here(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    run = a_run(instance)
    lock = tmp_path / "locks" / "runs" / f"{run.run_id}.1.another-machine.lock"
    lock.parent.mkdir(parents=True)
    lock.touch()

    assert end_stale_runs(instance, tmp_path) == []


def test_a_daemon_ends_only_runs_that_have_been_silent_for_a_while(
    instance: dg.DagsterInstance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vanished, never_here = a_run(instance), a_run(instance)
    lock = tmp_path / "locks" / "runs"
    with at_work(tmp_path, vanished.run_id):
        [path] = lock.iterdir()
    path.touch()

    assert end_abandoned_runs(instance, tmp_path) == []
    monkeypatch.setattr("benchagent.defs.liveness.SILENT_SECONDS", -1.0)

    assert end_abandoned_runs(instance, tmp_path) == [vanished.run_id]
    assert status_of(instance, never_here) is STARTED


def test_a_snapshot_is_busy_while_a_run_waits_for_it_or_uses_it(
    instance: dg.DagsterInstance,
) -> None:
    instance.add_dynamic_partitions(SNAPSHOTS.name or "", ["a", "b", "c", "d", "e"])
    a_run(instance, dg.DagsterRunStatus.NOT_STARTED, partition="a")
    a_run(instance, dg.DagsterRunStatus.SUCCESS, partition="e")
    a_run(instance, asset_partition_range_start="b", asset_partition_range_end="c")

    assert sorted(busy_snapshots(instance)) == ["a", "b", "c"]


def test_a_snapshot_is_busy_while_its_killed_run_waits_to_be_tried_again(
    instance: dg.DagsterInstance,
) -> None:
    failed, again = dg.DagsterRunStatus.FAILURE, {"will_retry": "true"}
    a_run(instance, failed, partition="a", **again)
    a_run(instance, failed, partition="b", **again, auto_retry_run_id="it was")
    a_run(instance, failed, partition="c", **again, backfill="that has ended")
    a_run(instance, failed, partition="d")

    assert busy_snapshots(instance) == ["a"]
