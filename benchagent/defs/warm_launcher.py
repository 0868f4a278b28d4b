"""Dagster runs that are forked from a process which has done their imports.

Dagster starts a new Python for every run, whose imports take longer than the work of a small
snapshot; `docs/decisions/run-launcher.md` has the figures. Where nothing can be forked, a run is
started as Dagster does it.
"""

import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from multiprocessing.connection import Connection

import dagster as dg
from dagster._core.launcher import CheckRunHealthResult, LaunchRunContext, WorkerStatus
from dagster._grpc.types import ExecuteRunArgs
from dagster._serdes import ConfigurableClassData

from benchagent.defs.run_workers import WORKER_TAG, Worker

# A cold disk under load takes long over a thousand modules.
PATIENCE_SECONDS = 300.0


class WarmProcessError(Exception):
    """No run could be forked; the message says why."""


class WarmProcessHandle:
    """The launcher's side of a warm process."""

    def __init__(self) -> None:
        """Starts it; it takes requests while it still imports."""
        ours, theirs = socket.socketpair()
        with theirs:
            given = [str(theirs.fileno()), str(time.time_ns())]
            self._process = subprocess.Popen(
                [sys.executable, "-m", "benchagent.defs.warm_process", *given],
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )
        self._control = Connection(ours.detach())

    def fork(self, arguments: list[str]) -> Worker:
        """A new process that executes a run.

        Raises:
            WarmProcessError: there is none, and none will come of this request.
        """
        try:
            self._control.send(arguments)
            if not self._control.poll(PATIENCE_SECONDS):
                raise WarmProcessError(f"it has not answered for {PATIENCE_SECONDS:.0f} s")
            answer = self._control.recv()
        except (EOFError, ConnectionError) as error:
            raise WarmProcessError("it has ended") from error
        if not isinstance(answer, Worker):
            raise WarmProcessError(str(answer))
        return answer

    def let_go(self) -> None:
        """Let the process end once its last child has."""
        self._control.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(1)


class WarmRunLauncher(dg.DefaultRunLauncher):
    """What dagster.yaml names as this project's run launcher."""

    def __init__(self, inst_data: ConfigurableClassData | None = None) -> None:
        """Without a process yet: most processes that load dagster.yaml launch nothing."""
        super().__init__(inst_data)
        self._warm: WarmProcessHandle | None = None
        self._launching = threading.Lock()

    def launch_run(self, context: LaunchRunContext) -> None:
        """Forks a process for the run; where that cannot be done, says so and lets Dagster do it."""
        run = context.dagster_run
        if sys.platform != "linux":
            super().launch_run(context)
            return
        try:
            worker = self._fork(run)
        except WarmProcessError as error:
            message = f"Not forked, but started in a new Python: the warm process cannot, {error}."
            self._instance.report_engine_event(message, run, cls=type(self))
            super().launch_run(context)
        else:
            self._instance.add_run_tags(run.run_id, {WORKER_TAG: worker.as_tag(run.run_id)})

    def _fork(self, run: dg.DagsterRun) -> Worker:
        origin = run.job_code_origin
        if origin is None or origin.executable_path != sys.executable:
            raise WarmProcessError("the run's code is executed by another Python")
        instance = self._instance.get_ref()
        args = ExecuteRunArgs(job_origin=origin, run_id=run.run_id, instance_ref=instance)
        with self._launching:
            return self._fork_from_the_running_or_a_new_one([*args.get_command_args()[-3:]])

    def _fork_from_the_running_or_a_new_one(self, arguments: list[str]) -> Worker:
        if self._warm:
            with suppress(WarmProcessError):
                return self._warm.fork(arguments)
            self._warm.let_go()
        self._warm = WarmProcessHandle()
        try:
            return self._warm.fork(arguments)
        except WarmProcessError:
            # Before the run is started otherwise: nobody is to fork it late.
            self._warm.let_go()
            self._warm = None
            raise

    def terminate(self, run_id: str) -> bool:
        """Asks the run's process to end, from whatever process."""
        run = self._instance.get_run_by_id(run_id) if self.has_instance else None
        worker = _worker_of(run) if run else None
        if run is None or run.is_finished or worker is None:
            return super().terminate(run_id)
        self._instance.report_run_canceling(run)
        if not worker.ask_to_end():
            self._instance.report_run_canceled(run, f"its process {worker.pid} had ended before")
        return True

    @property
    def supports_check_run_worker_health(self) -> bool:
        """True, so that Dagster's run monitoring asks `check_run_worker_health`."""
        return True

    def check_run_worker_health(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        """Whether the run's process is there; of one that was started elsewhere nothing is known."""
        worker = _worker_of(run)
        if worker is None or worker.is_alive():
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        return CheckRunHealthResult(WorkerStatus.NOT_FOUND, f"its process {worker.pid} has ended")

    def dispose(self) -> None:
        """Let the warm process end: the daemon does."""
        if self._warm:
            self._warm.let_go()
            self._warm = None
        super().dispose()


def _worker_of(run: dg.DagsterRun) -> Worker | None:
    tag = run.tags.get(WORKER_TAG)
    return Worker.from_tag(tag, run.run_id) if tag else None
