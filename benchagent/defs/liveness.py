"""Dagster runs that are at work on this machine, and those whose process is gone without a word.

A process that executes a run holds a lock file named after the run. The system lets go of it when
the process dies, so whether a run is alive is asked of the lock, not of what a database remembers.
"""

import os
import socket
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg

from benchagent.store import StoreBusy, locked

# A run between two steps of its own processes is silent, and not dead.
SILENT_SECONDS = 60.0
UNFINISHED = (
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
)
CUT_OFF = "cut off: the process that ran it ended without a word"


@contextmanager
def at_work(out: Path, run_id: str) -> Iterator[None]:
    """Shows, while the block lasts, that this process executes that run."""
    path = _folder(out) / f"{run_id}.{os.getpid()}.{socket.gethostname()}.lock"
    with locked(path, doing=f"executing the Dagster run {run_id}"):
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def is_at_work(out: Path, run_id: str) -> bool | None:
    """Whether a process executes that run; None where no process here ever said so.

    A process of another machine that shares the folder counts as alive: its lock says nothing here.
    """
    paths = list(_folder(out).glob(f"{run_id}.*.lock"))
    if not paths:
        return None
    ours = f".{socket.gethostname()}.lock"
    return any(not path.name.endswith(ours) or _is_held(path) for path in paths)


def end_stale_runs(instance: dg.DagsterInstance, out: Path) -> list[str]:
    """Ends in the record what an earlier daemon left as started; it would hold its pool.

    Call it before a daemon is started. Runs that a process of this machine still executes are left
    to report their own end.
    """
    runs = instance.get_runs(dg.RunsFilter(statuses=list(UNFINISHED)))
    return _end(instance, out, [run for run in runs if not is_at_work(out, run.run_id)])


def end_abandoned_runs(instance: dg.DagsterInstance, out: Path) -> list[str]:
    """Ends in the record those whose process on this machine is gone, while a daemon goes on."""
    records = instance.get_run_records(dg.RunsFilter(statuses=list(UNFINISHED)))
    silent_since = time.time() - SILENT_SECONDS
    gone = [
        record.dagster_run
        for record in records
        if record.update_timestamp.timestamp() < silent_since
        and is_at_work(out, record.dagster_run.run_id) is False
    ]
    return _end(instance, out, gone)


def _end(instance: dg.DagsterInstance, out: Path, runs: Iterable[dg.DagsterRun]) -> list[str]:
    ended: list[str] = []
    for run in runs:
        if run.status is dg.DagsterRunStatus.CANCELING:
            instance.report_run_canceled(run, CUT_OFF)
        else:
            instance.report_run_failed(run, CUT_OFF)
        for path in _folder(out).glob(f"{run.run_id}.*.lock"):
            path.unlink(missing_ok=True)
        ended.append(run.run_id)
    return ended


def _is_held(path: Path) -> bool:
    try:
        with locked(path, doing="executing a Dagster run", wait_s=0):
            return False
    except StoreBusy:
        return True


def _folder(out: Path) -> Path:
    return out / "locks" / "runs"
