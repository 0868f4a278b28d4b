"""Dagster runs that are forked from a warm process, with real processes that are really killed."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.definitions.reconstruct import ReconstructableJob
from dagster._core.launcher import LaunchRunContext, WorkerStatus

from benchagent.defs.home import prepare_home
from benchagent.defs.run_workers import WORKER_TAG, Worker
from benchagent.defs.warm_launcher import WarmRunLauncher
from benchagent.pipeline.project import REPOSITORY
from benchagent_tests.builders import a_project
from benchagent_tests.patience import eventually

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="runs are forked on Linux alone"),
]
JOBS = """
import contextlib, json, os, sys, time
from pathlib import Path
import dagster as dg

HERE = Path(__file__).parent

@dg.op
def tells():
    import numpy as np
    told = {
        "pid": os.getpid(),
        "parent": os.getppid(),
        "command": Path(f"/proc/{os.getppid()}/cmdline").read_text(),
        "shared": sorted(connections("self") & connections(os.getppid())),
        "loaded": "pandas" in sys.modules,
        "sum": float((np.ones((300, 300)) @ np.ones((300, 300))).sum()),
        "version": VERSION,
    }
    (HERE / "told.json").write_text(json.dumps(told))

def connections(pid):
    held = set()
    for each in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            held.add(str(each.readlink()))
    return {name for name in held if name.startswith(("socket:", "pipe:", "anon_inode:"))}

@dg.op
def waits():
    while not (HERE / "enough").exists():
        time.sleep(0.05)

@dg.op
def dies():
    os.kill(os.getpid(), 9)

@dg.job(executor_def=dg.in_process_executor)
def telling():
    tells()

@dg.job(executor_def=dg.in_process_executor)
def waiting():
    waits()

@dg.job(executor_def=dg.in_process_executor)
def dying():
    dies()

VERSION = 1
"""
LAUNCHES = """
import sys, time
import dagster as dg
from dagster._core.launcher import LaunchRunContext
with dg.DagsterInstance.get() as instance:
    run = instance.get_run_by_id(sys.argv[1])
    instance.run_launcher.launch_run(LaunchRunContext(run, None))
    print("launched", flush=True)
    time.sleep(600)
"""
TERMINATES = """
import sys
import dagster as dg
with dg.DagsterInstance.get() as instance:
    print(instance.run_launcher.terminate(sys.argv[1]))
"""
SUCCESS, FAILURE = dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE
STARTED, CANCELED = dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELED


@dataclass(frozen=True, slots=True)
class Home:
    """A Dagster home with the project's settings, and jobs in a file."""

    folder: Path
    instance: dg.DagsterInstance
    own: dict[str, str]

    @property
    def environment(self) -> dict[str, str]:
        """For a process that belongs to it."""
        return {**os.environ, **self.own}

    @property
    def launcher(self) -> WarmRunLauncher:
        """What dagster.yaml names."""
        launcher = self.instance.run_launcher
        assert isinstance(launcher, WarmRunLauncher)
        return launcher

    def a_run(self, job: str) -> str:
        """A run that nobody has launched yet."""
        code = ReconstructableJob.for_file(str(self.folder / "jobs.py"), job)
        return self.instance.create_run_for_job(
            code.get_definition(), job_code_origin=code.get_python_origin()
        ).run_id

    def launch(self, job: str) -> str:
        """As Dagster's daemon does it, but without a code server to fall back on."""
        run_id = self.a_run(job)
        self.launcher.launch_run(LaunchRunContext(self.run(run_id), None))
        return run_id

    def run(self, run_id: str) -> dg.DagsterRun:
        run = self.instance.get_run_by_id(run_id)
        assert run is not None
        return run

    def ends(self, run_id: str, status: dg.DagsterRunStatus) -> None:
        """Waits for the end of a run, which must be this one."""
        eventually(lambda: self.run(run_id).is_finished, "end of the run")
        assert self.run(run_id).status is status, self.said(run_id)

    def starts(self, run_id: str) -> Worker:
        """Waits until a run's step is at work; gives its process."""
        eventually(lambda: "Started execution of step" in self.said(run_id), "start of the step")
        return self.worker(run_id)

    def worker(self, run_id: str) -> Worker:
        worker = Worker.from_tag(self.run(run_id).tags[WORKER_TAG], run_id)
        assert worker is not None
        return worker

    def said(self, run_id: str) -> str:
        """All that the run's record says."""
        events = self.instance.all_logs(run_id)
        return "\n".join(e.dagster_event.message or "" for e in events if e.dagster_event)

    def told(self) -> dict[str, Any]:
        """What the job `telling` saw."""
        return json.loads((self.folder / "told.json").read_text("utf-8"))


class Homes:
    """Makes homes; in one that a test has entered, its own processes are at home."""

    def __init__(self, paths: pytest.TempPathFactory) -> None:
        self._paths = paths
        self._made: list[Home] = []

    def make(self, patch: pytest.MonkeyPatch) -> Home:
        folder = self._paths.mktemp("home")
        project = a_project(folder, {})
        own = {**project.environment(), "DAGSTER_HOME": str(project.dagster_home)}
        own["PYTHONPATH"] = str(REPOSITORY)
        enter(own, patch)
        prepare_home(project)
        (folder / "jobs.py").write_text(JOBS, encoding="utf-8")
        self._made.append(Home(folder, dg.DagsterInstance.get(), own))
        return self._made[-1]

    def end(self) -> None:
        """What was started for them ends."""
        for home in self._made:
            (home.folder / "enough").touch()
            home.instance.dispose()


def enter(own: dict[str, str], patch: pytest.MonkeyPatch) -> None:
    for name, value in own.items():
        patch.setenv(name, value)


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Homes]:
    made = Homes(tmp_path_factory)
    yield made
    made.end()


@pytest.fixture(scope="module")
def shared_home(homes: Homes) -> Home:
    with pytest.MonkeyPatch.context() as patch:
        return homes.make(patch)


@pytest.fixture
def home(shared_home: Home, monkeypatch: pytest.MonkeyPatch) -> Home:
    enter(shared_home.own, monkeypatch)
    return shared_home


@pytest.fixture
def another_home(homes: Homes, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home that only this test knows."""
    return homes.make(monkeypatch)


@pytest.fixture(autouse=True)
def _nobody_waits(shared_home: Home) -> Iterator[None]:
    """What a test has left waiting ends with it."""
    yield
    (shared_home.folder / "enough").touch()
    for run in shared_home.instance.get_runs(dg.RunsFilter(statuses=[STARTED])):
        eventually(lambda run=run: shared_home.run(run.run_id).is_finished, "end of a waiting run")
    (shared_home.folder / "enough").unlink()


def a_run_without_its_warm_process(home: Home) -> tuple[str, Worker, int]:
    """A run at work, its process, and the number of the warm process, which was killed."""
    run = home.launch("waiting")
    worker = home.starts(run)
    warm = parent_of(worker.pid)
    os.kill(warm, signal.SIGKILL)
    eventually(lambda: Worker.of(warm) is None, "end of the warm process")
    return run, worker, warm


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def test_runs_are_forked_from_one_process_that_has_done_the_imports(home: Home) -> None:
    told = []
    for _ in range(2):
        home.ends(home.launch("telling"), SUCCESS)
        told.append(home.told())

    assert told[0]["parent"] == told[1]["parent"]
    assert "benchagent.defs.warm_process" in str(told[0]["command"])
    assert told[0]["pid"] != told[1]["pid"]
    assert told[0]["loaded"] is True
    # a product of matrices, for which NumPy starts threads that a fork does not take along
    assert told[0]["sum"] == 300.0**3


def test_a_run_holds_no_connection_of_the_process_that_it_was_forked_from(home: Home) -> None:
    waiting = home.launch("waiting")
    home.starts(waiting)

    home.ends(home.launch("telling"), SUCCESS)

    # but for the pipe that the test captures what is printed with
    assert not [name for name in home.told()["shared"] if not name.startswith("pipe:")]


def test_the_warm_process_has_no_database_open(home: Home) -> None:
    home.ends(home.launch("telling"), SUCCESS)

    held = Path(f"/proc/{home.told()['parent']}/fd").iterdir()
    assert not [link for each in held if (link := str(each.readlink())).endswith((".db", "-wal"))]


def test_changed_code_is_taken_as_it_is(home: Home) -> None:
    jobs = home.folder / "jobs.py"
    jobs.write_text(JOBS.replace("VERSION = 1", "VERSION = 22"), encoding="utf-8")

    home.ends(home.launch("telling"), SUCCESS)

    assert home.told()["version"] == 22


def test_a_changed_file_of_a_loaded_module_makes_another_warm_process(
    another_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = another_home
    # which every Python imports as it starts
    loaded = home.folder / "sitecustomize.py"
    loaded.write_text("", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(home.folder), str(REPOSITORY)]))
    home.ends(home.launch("telling"), SUCCESS)
    before = home.told()["parent"]

    loaded.write_text("import pickletools", encoding="utf-8")
    home.ends(home.launch("telling"), SUCCESS)

    assert home.told()["parent"] != before


def test_another_process_cancels_a_run(home: Home) -> None:
    run = home.launch("waiting")
    home.starts(run)

    done = subprocess.run(
        [sys.executable, "-c", TERMINATES, run],
        capture_output=True,
        text=True,
        check=True,
        env=home.environment,
    )

    assert done.stdout == "True\n"
    home.ends(run, CANCELED)


def test_a_run_whose_process_is_killed_fails_at_once_and_says_why(home: Home) -> None:
    run = home.launch("dying")

    home.ends(run, FAILURE)

    assert "terminated by signal 9 (SIGKILL)" in home.said(run)


def test_a_run_that_was_to_end_and_is_killed_counts_as_cancelled(home: Home) -> None:
    run = home.launch("waiting")
    worker = home.starts(run)
    home.instance.report_run_canceling(home.run(run))

    os.kill(worker.pid, signal.SIGKILL)

    home.ends(run, CANCELED)


def test_runs_go_on_without_the_warm_process_and_the_next_one_has_a_new_one(home: Home) -> None:
    run, _, warm = a_run_without_its_warm_process(home)

    home.ends(home.launch("telling"), SUCCESS)

    assert home.told()["parent"] != warm
    assert home.run(run).status is STARTED
    assert home.launcher.check_run_worker_health(home.run(run)).status is WorkerStatus.RUNNING
    (home.folder / "enough").touch()
    home.ends(run, SUCCESS)


def test_run_monitoring_finds_a_killed_process_that_nobody_reports(home: Home) -> None:
    run, worker, _ = a_run_without_its_warm_process(home)

    os.kill(worker.pid, signal.SIGKILL)

    def look() -> WorkerStatus:
        return home.launcher.check_run_worker_health(home.run(run)).status

    eventually(lambda: look() is WorkerStatus.NOT_FOUND, "sign that the process is gone")
    assert home.launcher.terminate(run) is True
    assert home.run(run).status is CANCELED


def test_a_killed_launcher_leaves_its_runs_and_no_warm_process(another_home: Home) -> None:
    home = another_home
    run = home.a_run("waiting")
    launcher = subprocess.Popen(
        [sys.executable, "-c", LAUNCHES, run],
        stdout=subprocess.PIPE,
        text=True,
        env=home.environment,
    )
    assert launcher.stdout is not None
    assert launcher.stdout.readline() == "launched\n"
    warm = parent_of(home.starts(run).pid)

    launcher.kill()
    # Not to the end of what it prints: the run prints to the same pipe.
    launcher.wait()
    launcher.stdout.close()

    assert home.run(run).status is STARTED
    (home.folder / "enough").touch()
    home.ends(run, SUCCESS)
    eventually(lambda: Worker.of(warm) is None, "end of the warm process")


def test_where_no_warm_process_starts_the_run_is_told_so_and_left_to_dagster(
    another_home: Home, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    home = another_home
    (home.folder / "pyarrow.py").write_text("raise RuntimeError('broken')", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(home.folder), str(REPOSITORY)]))
    run = home.a_run("telling")

    # Dagster's own launcher asks a code server, of which the test has none.
    with pytest.raises(dg.DagsterInvariantViolationError, match="DefaultRunLauncher requires"):
        home.launcher.launch_run(LaunchRunContext(home.run(run), None))

    assert "Not forked, but started in a new Python" in home.said(run)
    assert "RuntimeError: broken" in capfd.readouterr().err


def test_a_process_is_known_by_more_than_its_number() -> None:
    here = Worker.of(os.getpid())
    assert here is not None
    assert here.is_alive()
    assert not here._replace(started=here.started - 1).is_alive()
    assert not here._replace(boot="another").ask_to_end()


def test_a_killed_process_is_gone_before_its_parent_has_looked() -> None:
    child = subprocess.Popen(["sleep", "600"])
    worker = Worker.of(child.pid)
    assert worker is not None

    os.kill(child.pid, signal.SIGKILL)
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)

    assert not worker.is_alive()
    child.wait()


def test_what_a_run_remembers_of_its_process_means_nothing_to_the_run_that_inherits_it() -> None:
    worker = Worker(4711, 99, "some-boot")
    tag = worker.as_tag("first")

    assert Worker.from_tag(tag, "first") == worker
    assert Worker.from_tag(tag, "second") is None


IMPORTS = """
import importlib, sys
from benchagent.defs.warm_process import MODULES
for name in MODULES:
    importlib.import_module(name)
before = {*sys.modules}
assert "benchagent.definitions" not in before
import benchagent.definitions
print(*({*sys.modules} - before))
"""


def test_all_imports_of_the_definitions_have_been_done(home: Home) -> None:
    """But the definitions themselves: they read the roster and the environment."""
    done = subprocess.run(
        [sys.executable, "-c", IMPORTS],
        capture_output=True,
        text=True,
        check=True,
        env=home.environment,
    )

    assert done.stdout.split() == ["benchagent.definitions"]
