"""deploy/ on one machine: PostgreSQL, Redis, Dagster's daemon and two workers, one of them killed.

A backfill is asked for; the worker of the graphics processor is killed with all its processes while
the model answers it, and started again, as a supervisor would do. The step that it had in hand is
given out again, and everything is there in the end, once.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import dagster as dg
import httpx
import pytest

from benchagent.calls.log import read_calls
from benchagent.pipeline.project import REPOSITORY, Project
from benchagent_tests.builders import a_project, calls_csv
from benchagent_tests.defs.debian_servers import ServerMissing, running_postgres, running_redis
from benchagent_tests.defs.ui_questions import backfill_status, launch_backfill, runs
from benchagent_tests.folders import take
from benchagent_tests.patience import eventually
from benchagent_tests.running import ModelServer, Ui, processes_of
from benchagent_tests.scripted_ollama import unused_url

pytestmark = [
    pytest.mark.deploy,
    pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="finds processes in /proc"),
]

DEPLOY = REPOSITORY / "deploy"
DAGSTER = (
    sys.executable,
    "-m",
    "dagster",
    "dev",
    "-m",
    "benchagent.definitions",
    "-h",
    "127.0.0.1",
)
ROSTER = """\
defaults: {model: "tiny:1b"}
agents:
  - {slug: "null", label: Without a model, persona: insight, model: null}
  - {slug: insight, label: Insight, persona: insight, tier: select}
"""
ASSETS = (
    "measurements",
    "facts",
    "findings",
    "analysis/null",
    "analysis/insight",
    "report/insight",
)
CALLS_A_MODEL = "analysis/insight"
# Longer than any step takes here, and short enough to wait for.
REDELIVERED_AFTER_S = 45


@dataclass(slots=True, kw_only=True)
class Cluster:
    """What docs/deploy.md describes, with one process where it has a machine."""

    project: Project
    snapshots: list[str]
    environment: dict[str, str]
    ui: Ui
    model: ModelServer
    log: Path
    workers: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start_worker(self, name: str, queues: str, *, ollama: str) -> None:
        """deploy/worker.sh, as its page says; ready to work when this returns."""
        log = self.log.with_name(f"{name}.log")
        said_before = log.read_text("utf-8").count(" ready.") if log.exists() else 0
        with log.open("ab") as output:
            self.workers[name] = subprocess.Popen(
                [str(DEPLOY / "worker.sh"), name, queues],
                env={**self.environment, "OLLAMA_HOST": ollama},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        eventually(lambda: log.read_text("utf-8").count(" ready.") > said_before, f"ready in {log}")

    def kill_worker(self, name: str) -> None:
        """As a power cut would end its machine: all its processes at once."""
        worker = self.workers.pop(name)
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()


@contextmanager
def running_cluster(folder: Path, postgres: str, redis: str) -> Iterator[Cluster]:
    """Dagster's daemon and web server over the settings of deploy/, and nobody to work yet."""
    project = a_project(folder, roster=ROSTER)
    environment = _environment(folder, project, postgres, redis)
    snapshots = _snapshots(project)
    with _open(environment) as instance:
        # Known before the sensor looks, so that it finds nothing new and leaves the work to us.
        instance.add_dynamic_partitions("snapshot", snapshots)
    ui = Ui(project=project, environment=environment)
    model = ModelServer(folder=folder, reply_s=3.0)
    cluster = Cluster(
        project=project,
        snapshots=snapshots,
        environment=environment,
        ui=ui,
        model=model,
        log=folder / "dagster.log",
    )
    try:
        model.start()
        with cluster.log.open("wb") as output:
            ui.process = subprocess.Popen(
                [*DAGSTER, "-p", str(ui.port)],
                env={**environment, "OLLAMA_HOST": unused_url()},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        eventually(lambda: _is_ready(ui, cluster.log), f"UI; see {cluster.log}")
        yield cluster
    finally:
        for each in processes_of(project.out):
            each.kill()
        for process in [*cluster.workers.values(), ui.process]:
            if process is not None:
                process.wait()
        model.kill()


def _environment(folder: Path, project: Project, postgres: str, redis: str) -> dict[str, str]:
    home = folder / "dagster"
    home.mkdir()
    shutil.copy(DEPLOY / "dagster.yaml", home / "dagster.yaml")
    settings = (DEPLOY / "celery.yaml").read_text("utf-8")
    hurried, changed = re.subn(
        "visibility_timeout: .*", f"visibility_timeout: {REDELIVERED_AFTER_S}", settings
    )
    assert changed == 1
    (home / "celery.yaml").write_text(hurried, encoding="utf-8")
    unwanted = re.compile("BENCHAGENT_|DAGSTER_|OLLAMA_")
    return {
        **{name: value for name, value in os.environ.items() if not unwanted.match(name)},
        **project.environment(),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "PYTHONPATH": str(REPOSITORY),
        "DAGSTER_HOME": str(home),
        "BENCHAGENT_POSTGRES": postgres,
        "BENCHAGENT_BROKER": redis,
        "BENCHAGENT_EXECUTOR": "celery",
        "BENCHAGENT_EXECUTOR_CONFIG": str(home / "celery.yaml"),
    }


def _is_ready(ui: Ui, log: Path) -> bool:
    assert ui.process is not None
    assert ui.process.poll() is None, log.read_text("utf-8")[-3000:]
    try:
        return bool(ui.ask("{ assetNodes { id } }")["assetNodes"])
    except httpx.HTTPError:
        return False


class Outcome(NamedTuple):
    """What a backfill came to.

    Attributes:
        status: Dagster's word for it.
        made: how often each asset was made of each snapshot.
        executed_by: the workers that executed each asset's steps.
        calls: the model calls that were recorded, by the snapshot that they were for.
    """

    status: str
    made: dict[tuple[str, str], int]
    executed_by: dict[str, set[str]]
    calls: Counter[str]


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[list[str], Outcome]]:
    """A backfill over three snapshots, its model's worker killed in the first call."""
    pytest.importorskip("dagster_celery", reason="needs pip install 'benchagent[deploy]'")
    pytest.importorskip("dagster_postgres", reason="needs pip install 'benchagent[deploy]'")
    folder = tmp_path_factory.mktemp("deploy")
    with ExitStack() as servers:
        try:
            redis = servers.enter_context(running_redis(folder))
            postgres = servers.enter_context(running_postgres())
        except ServerMissing as missing:
            pytest.skip(str(missing))
        cluster = servers.enter_context(running_cluster(folder, postgres, redis))
        yield cluster.snapshots, _backfill(cluster)


def _snapshots(project: Project) -> list[str]:
    keys = []
    for number in range(3):
        sweep = Path(project.data[0]) / "reports" / f"model{number}" / "sweep.csv"
        sweep.parent.mkdir(parents=True)
        sweep.write_text(calls_csv(f"model{number}:1b"), encoding="utf-8")
        keys.append(take(Path(project.data[0]), project.out).key)
    return keys


@contextmanager
def _open(environment: dict[str, str]) -> Iterator[dg.DagsterInstance]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BENCHAGENT_POSTGRES", environment["BENCHAGENT_POSTGRES"])
        with dg.DagsterInstance.from_config(environment["DAGSTER_HOME"]) as instance:
            yield instance


def _backfill(cluster: Cluster) -> Outcome:
    cluster.start_worker("cpu", "dagster", ollama=unused_url())
    cluster.start_worker("gpu", "gpu,dagster", ollama=cluster.model.url)
    id = launch_backfill(cluster.ui, ASSETS, cluster.snapshots)
    eventually(cluster.model.busy, "model call")
    cluster.kill_worker("gpu")
    cluster.start_worker("gpu", "gpu,dagster", ollama=cluster.model.url)
    under_way = ("REQUESTED", "COMPLETING")
    eventually(
        lambda: backfill_status(cluster.ui, id) not in under_way,
        "end of the backfill",
    )
    with _open(cluster.environment) as instance:
        return _outcome(cluster, instance, id)


def _outcome(cluster: Cluster, instance: dg.DagsterInstance, id: str) -> Outcome:
    made: Counter[tuple[str, str]] = Counter()
    executed_by: dict[str, set[str]] = {}
    for run in runs(cluster.ui):
        for entry in instance.all_logs(run.id):
            event = entry.dagster_event
            if event is None or event.step_key is None:
                continue
            asset = event.step_key.replace("__", "/")
            if event.is_step_materialization:
                # Celery hands out again what a killed worker held: it is found, not made again.
                found = event.step_materialization_data.materialization.metadata["already_made"]
                made[asset, event.partition or ""] += not found.value
            elif event.is_engine_event and "Celery worker" in event.engine_event_data.metadata:
                worker = str(event.engine_event_data.metadata["Celery worker"].value)
                executed_by.setdefault(asset, set()).add(worker.partition("@")[0])
    return Outcome(
        status=backfill_status(cluster.ui, id),
        made=dict(made),
        executed_by=executed_by,
        calls=Counter(str(row["snapshot"]) for row in read_calls(cluster.project.out)),
    )


def test_a_backfill_completes_though_a_worker_is_killed_in_the_middle(
    outcome: tuple[list[str], Outcome],
) -> None:
    _, found = outcome
    assert found.status == "COMPLETED_SUCCESS"


def test_every_partition_is_made_once(outcome: tuple[list[str], Outcome]) -> None:
    snapshots, found = outcome
    assert found.made == {(asset, key): 1 for asset in ASSETS for key in snapshots}


def test_only_the_worker_of_the_graphics_processor_calls_the_model(
    outcome: tuple[list[str], Outcome],
) -> None:
    snapshots, found = outcome
    assert found.executed_by[CALLS_A_MODEL] == {"gpu"}
    assert set(found.executed_by) == set(ASSETS)
    # The call that was cut off left no record: who asked was dead.
    assert found.calls == dict.fromkeys(snapshots, 1)


def test_the_other_worker_has_a_part_in_what_calls_no_model(
    outcome: tuple[list[str], Outcome],
) -> None:
    _, found = outcome
    assert "cpu" in set.union(*found.executed_by.values())
