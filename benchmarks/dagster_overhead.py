"""What Dagster and benchagent add to a model's own time, each figure beside a rival's.

A scripted server answers after a set time, so the model's part is known and taken off. Printed are,
in seconds:

- a cell (agent x snapshot) where many go through one process, as in `benchagent run`; rivals: the
  same stages as plain function calls, and an empty Dagster job of as many steps;
- a snapshot that is a Dagster run of its own, from its launch to its end; rival: the empty job;
- the GPU between two queued runs: from a run's last reply to the next one's first request; rival: an
  empty asset in a Dagster pool of one;
- the whole graph in one process without a model, imports done; rival: plain function calls.

    python benchmarks/dagster_overhead.py [--runs N] [--part cells|run|idle|graph]
"""

import argparse
import math
import multiprocessing
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from itertools import pairwise
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

import dagster as dg
import httpx

from benchagent.agents.analysis import Asking
from benchagent.agents.roster_file import read_roster
from benchagent.calls.client import OllamaClient
from benchagent.calls.hosts import Host
from benchagent.calls.model_call import CallContext
from benchagent.calls.replies import ReplyStore
from benchagent.definitions import define
from benchagent.defs.execution import Progress, execute, job_of, selection_of
from benchagent.defs.home import open_instance
from benchagent.pipeline.partition import Partition
from benchagent.pipeline.project import Project
from benchagent.pipeline.stages.accounts import make_analysis
from benchagent.pipeline.stages.facts import make_facts
from benchagent.pipeline.stages.findings import make_findings
from benchagent.pipeline.stages.measurements import make_measurements
from benchagent.pipeline.stages.reports import make_comparison, make_report
from benchagent.warehouse.building import update
from benchagent_tests.builders import a_project, calls_csv, small_corpus
from benchagent_tests.folders import take
from benchagent_tests.model_clock import Span, timed_ollama
from benchagent_tests.running import own_environment

AGENTS = 4
CELLS_REPLY_S = 0.2
IDLE_REPLY_S = 3.0
TIMEOUT_S = 600.0


def roster(agents: int) -> str:
    """A roster of so many agents with a model; none gives the one without."""
    named = [
        f"  - {{slug: agent-{n}, label: Agent {n}, persona: insight, tier: select, "
        f'model: "tiny:1b", options: {{seed: {n}}}}}'
        for n in range(agents)
    ]
    none = '  - {slug: "null", label: Without a model, persona: insight, model: null}'
    return "\n".join(["agents:", *(named or [none])]) + "\n"


def make_snapshots(project: Project, count: int) -> list[str]:
    """Snapshots of one folder, each with another sweep in place of the last, so all of one size."""
    keys = []
    folder = Path(project.data[0])
    sweep = folder / "reports" / "other" / "sweep.csv"
    sweep.parent.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        sweep.write_text(calls_csv(f"model{number}:1b"), encoding="utf-8")
        keys.append(take(folder, project.out).key)
    return keys


@contextmanager
def served(reply_s: float) -> Iterator[Callable[[], list[Span]]]:
    """A scripted server in a process of its own, named in OLLAMA_HOST; gives its replies so far."""
    ours, theirs = multiprocessing.Pipe()
    child = multiprocessing.get_context("spawn").Process(target=_serve, args=(reply_s, theirs))
    child.start()
    theirs.close()
    os.environ["OLLAMA_HOST"] = ours.recv()

    def spans() -> list[Span]:
        ours.send("spans")
        return sorted(ours.recv())

    try:
        yield spans
    finally:
        # A child that Ctrl-C has ended already is not there to be told.
        with suppress(OSError):
            ours.send("end")
        child.join()


def _serve(reply_s: float, pipe: Connection) -> None:
    with timed_ollama(reply_s) as (ollama, clock):
        pipe.send(ollama.url)
        while pipe.recv() != "end":
            pipe.send(list(clock.spans))


def busy(spans: Sequence[Span]) -> float:
    """The time of all replies."""
    return sum(span.end - span.start for span in spans)


def plainly(project: Project, key: str) -> None:
    """All stages of a snapshot as plain function calls."""
    partition, agents = Partition(project=project, key=key), read_roster(project.agents)
    make_measurements(partition)
    make_facts(partition)
    make_findings(partition)
    for agent in agents.agents:
        asking = None
        if agent.model:
            with OllamaClient(Host(url=os.environ["OLLAMA_HOST"])) as client:
                told = Asking(
                    client=client,
                    replies=ReplyStore(project.out / "replies"),
                    record=lambda call: None,
                    context=CallContext(),
                )
                make_analysis(partition, agent, agents, asking=lambda also, told=told: told)
        else:
            make_analysis(partition, agent, agents, asking=asking)
        make_report(partition, agent, dagster_run="none")
    make_comparison(partition, agents)
    update(project)


def empty_assets(count: int, partitions: dg.PartitionsDefinition[str]) -> list[dg.AssetsDefinition]:
    """A chain of assets that do nothing."""
    made: list[dg.AssetsDefinition] = []
    for number in range(count):

        @dg.asset(
            name=f"empty_{number}", partitions_def=partitions, deps=made[-1:], group_name="empty"
        )
        def empty() -> dg.MaterializeResult:
            return dg.MaterializeResult()

        made.append(empty)
    return made


EMPTY_PARTITIONS = dg.DynamicPartitionsDefinition(name="empty")
STEPS = 4 + 2 * AGENTS + 2


class Took(NamedTuple):
    """Seconds without the model's, and those that this process had a processor."""

    wall: float
    cpu: float


def timed(act: Callable[[], object], spans: Callable[[], Sequence[Span]] = lambda: ()) -> Took:
    """How long something takes, less what the model takes meanwhile."""
    before = busy(spans())
    start, cpu = time.monotonic(), time.process_time()
    act()
    wall, cpu = time.monotonic() - start, time.process_time() - cpu
    return Took(wall - (busy(spans()) - before), cpu)


def measure_cells(folder: Path, runs: int) -> None:
    """Many cells through one process."""
    with served(CELLS_REPLY_S) as spans:
        project = a_project(folder / "ours", small_corpus(), roster(AGENTS))
        agents = read_roster(project.agents)
        selection = selection_of(agents.agents, agents)
        nobody = Progress(begun=lambda said: None, done=lambda step: None)
        ours, empty = [], []
        with open_instance(project) as instance:
            instance.add_dynamic_partitions("empty", ["only"])
            reports = job_of(project)
            chain = dg.Definitions(
                empty_assets(STEPS, EMPTY_PARTITIONS)
            ).resolve_implicit_global_asset_job_def()
            for key in make_snapshots(project, runs + 1):

                def cells(key: str = key) -> None:
                    if failure := execute(reports, instance, key, selection, nobody):
                        sys.exit(failure)

                def nothing() -> None:
                    chain.execute_in_process(
                        instance=instance, partition_key="only", run_config=QUIET
                    )

                ours.append(timed(cells, spans))
                empty.append(timed(nothing))
        rival = a_project(folder / "plain", small_corpus(), roster(AGENTS))
        keys = make_snapshots(rival, runs + 1)
        plain = [timed(partial(plainly, rival, key), spans) for key in keys]
    for name, took in [
        ("a cell, many through one process", ours),
        ("  rival: plain function calls", plain),
        ("  rival: empty Dagster job, as many steps", empty),
    ]:
        # The first one pays for imports and caches.
        each = [Took(one.wall / AGENTS, one.cpu / AGENTS) for one in took[1:]]
        show(name, each, 0.3 if took is ours else None)


QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def measure_graph(folder: Path, runs: int) -> None:
    """The whole graph without a model."""
    project = a_project(folder / "ours", small_corpus(), roster(0))
    keys = make_snapshots(project, runs + 1)
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions("snapshot", keys)

        def whole(key: str) -> None:
            job = define(project).resolve_implicit_global_asset_job_def()
            job.execute_in_process(instance=instance, partition_key=key, run_config=QUIET)

        ours = [timed(partial(whole, key)) for key in keys]
    rival = a_project(folder / "plain", small_corpus(), roster(0))
    plain = [timed(partial(plainly, rival, key)) for key in make_snapshots(rival, runs + 1)]
    show("the whole graph without a model, first time", ours[:1], 1.0)
    show("the whole graph without a model, again", ours[1:], 1.0)
    show("  rival: plain function calls", plain[1:], None)


RIVAL = """
import time
import dagster as dg
from benchmarks.dagster_overhead import EMPTY_PARTITIONS, IDLE_REPLY_S, STEPS, empty_assets

@dg.asset(partitions_def=EMPTY_PARTITIONS, pool="plain", group_name="sleeper")
def sleeper():
    start = time.monotonic()
    time.sleep(IDLE_REPLY_S)
    return dg.MaterializeResult(metadata={"start": start, "end": time.monotonic()})

defs = dg.Definitions(
    [*empty_assets(STEPS, EMPTY_PARTITIONS), sleeper],
    jobs=[
        dg.define_asset_job("empty", selection=dg.AssetSelection.groups("empty")),
        dg.define_asset_job("sleep", selection=dg.AssetSelection.groups("sleeper")),
    ],
    executor=dg.in_process_executor,
)
"""


WORKSPACE = """
load_from:
  - python_module: {{module_name: benchagent.definitions, location_name: benchagent.definitions}}
  - python_file: {{relative_path: "{rival}", location_name: rival.py}}
"""


class Dagster:
    """A running `dagster dev` with benchagent's definitions and the rival's."""

    def __init__(self, url: str, instance: dg.DagsterInstance) -> None:
        """Talks to it over HTTP and reads its storage."""
        self._url = url
        self.instance = instance

    def launch(self, location: str, job: str, partition: str) -> str:
        """Queues a run of a job for a partition."""
        selector = {
            "repositoryLocationName": location,
            "repositoryName": "__repository__",
            "jobName": job,
        }
        tags = [{"key": "dagster/partition", "value": partition}]
        params = {"selector": selector, "executionMetadata": {"tags": tags}, "runConfigData": {}}
        found = self._ask(LAUNCH, {"params": params})["launchRun"]
        if "run" not in found:
            sys.exit(f"{job} could not be launched: {found}")
        return found["run"]["runId"]

    def wait(self, *runs: str) -> None:
        """Until these runs have ended well."""
        end = time.monotonic() + TIMEOUT_S
        for run_id in runs:
            while True:
                run = self.instance.get_run_by_id(run_id)
                if run and run.is_finished:
                    break
                if time.monotonic() > end:
                    sys.exit(f"run {run_id} has not ended after {TIMEOUT_S:.0f} s")
                time.sleep(0.1)
            if not run.is_success:
                sys.exit(f"run {run_id} failed")

    def took(self, run_id: str) -> float:
        """Seconds from a run's launch to its end."""
        stats = self.instance.get_run_stats(run_id)
        return (stats.end_time or 0.0) - (stats.launch_time or 0.0)

    def ready(self) -> bool:
        """Whether both locations are loaded."""
        try:
            found = self._ask(LOCATIONS, {})["workspaceOrError"]["locationEntries"]
        except httpx.HTTPError:
            return False
        return len(found) == 2 and all(each["loadStatus"] == "LOADED" for each in found)

    def _ask(self, query: str, variables: dict[str, Any]) -> Any:
        answer = httpx.post(
            self._url + "/graphql", json={"query": query, "variables": variables}, timeout=60
        ).json()
        if "errors" in answer:
            sys.exit(str(answer["errors"]))
        return answer["data"]


LAUNCH = """mutation Launch($params: ExecutionParams!) {
  launchRun(executionParams: $params) {
    ... on LaunchRunSuccess { run { runId } }
    ... on PythonError { message }
    ... on Error { message }
  }
}"""
LOCATIONS = """{ workspaceOrError { ... on Workspace { locationEntries { name loadStatus } } } }"""


@contextmanager
def dagster(project: Project) -> Iterator[Dagster]:
    """The daemon and the web server of a project, with the rival beside it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    rival = project.out.parent / "rival.py"
    rival.write_text(RIVAL, encoding="utf-8")
    here = str(Path(__file__).resolve().parents[1])
    os.environ["PYTHONPATH"] = os.pathsep.join([here, os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, "-m", "dagster", "dev", "-p", str(port), "-h", "127.0.0.1"]
    workspace = rival.with_name("workspace.yaml")
    workspace.write_text(WORKSPACE.format(rival=rival), encoding="utf-8")
    command += ["-w", str(workspace)]
    with open_instance(project) as instance, (project.out.parent / "dev.log").open("w") as log:
        instance.event_log_storage.set_concurrency_slots("plain", 1)
        running = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            found = Dagster(f"http://127.0.0.1:{port}", instance)
            end = time.monotonic() + TIMEOUT_S
            while not found.ready():
                if running.poll() is not None or time.monotonic() > end:
                    sys.exit(Path(log.name).read_text())
                time.sleep(0.2)
            yield found
        finally:
            running.send_signal(signal.SIGINT)
            running.wait(60)


def measure_run(folder: Path, runs: int) -> None:
    """A snapshot that is a Dagster run of its own, one after the other."""
    with served(CELLS_REPLY_S) as spans:
        project = a_project(folder, small_corpus(), roster(AGENTS))
        keys = make_snapshots(project, runs + 1)
        with dagster(project) as running:
            running.instance.add_dynamic_partitions("snapshot", keys)
            running.instance.add_dynamic_partitions("empty", ["only"])
            ours, empty = [], []
            for key in keys:
                before = busy(spans())
                run = running.launch("benchagent.definitions", "reports", key)
                running.wait(run)
                ours.append(running.took(run) - (busy(spans()) - before))
                run = running.launch("rival.py", "empty", "only")
                running.wait(run)
                empty.append(running.took(run))
    show(f"a snapshot of {AGENTS} agents, a run of its own", elsewhere(ours[1:]), 2.5)
    show("  rival: empty Dagster job, as many steps", elsewhere(empty[1:]), None)


def measure_idle(folder: Path, runs: int) -> None:
    """The GPU between two runs that wait in the queue."""
    with served(IDLE_REPLY_S) as spans:
        project = a_project(folder, small_corpus(), roster(1))
        keys = make_snapshots(project, runs + 1)
        with dagster(project) as running:
            running.instance.add_dynamic_partitions("snapshot", keys)
            running.instance.add_dynamic_partitions("empty", keys)
            launched = [running.launch("benchagent.definitions", "reports", key) for key in keys]
            running.wait(*launched)
            ours = _gaps(spans())
            launched = [running.launch("rival.py", "sleep", key) for key in keys]
            running.wait(*launched)
            plain = _gaps(sorted(_slept(running.instance, run) for run in launched))
    show(f"GPU idle between two queued runs of {IDLE_REPLY_S:.0f} s", elsewhere(ours), 3.0)
    show("  rival: empty asset in a pool of one", elsewhere(plain), None)


def _gaps(spans: Sequence[Span]) -> list[float]:
    return [after.start - one.end for one, after in pairwise(spans)]


def _slept(instance: dg.DagsterInstance, run_id: str) -> Span:
    events = instance.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION)
    made = events[0].asset_materialization
    said = made.metadata if made else {}
    return Span(float(str(said["start"].value)), float(str(said["end"].value)))


def show(name: str, took: Sequence[Took], wanted: float | None) -> None:
    """One row: the median, the best and the worst, and the median of processor seconds."""
    walls = [each.wall for each in took]
    spread = f"({min(walls):.2f} to {max(walls):.2f})"
    cpu = statistics.median(each.cpu for each in took)
    aim = "" if wanted is None else f"{wanted:8.1f}"
    shown = "" if math.isnan(cpu) else f"{cpu:.2f}"
    print(f"{name:<46}{statistics.median(walls):8.2f} {spread:<18}{shown:>6}{aim}", flush=True)


def elsewhere(seconds: Sequence[float]) -> list[Took]:
    """What other processes took, whose processor seconds are not known."""
    return [Took(each, math.nan) for each in seconds]


PARTS = {
    "cells": measure_cells,
    "run": measure_run,
    "idle": measure_idle,
    "graph": measure_graph,
}


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--runs", type=int, default=5, help="how often; medians are shown")
    parser.add_argument("--part", choices=PARTS, help="only this one")
    asked = parser.parse_args()
    print(f"{'seconds':<46}{'median':>8} {'(best to worst)':<18}{'cpu':>6}{'wanted':>8}")
    for name, measure in PARTS.items():
        if asked.part in (None, name):
            # What one part sets would lead the processes of the next into a folder that is gone.
            with tempfile.TemporaryDirectory() as folder, own_environment():
                measure(Path(folder), asked.runs)


if __name__ == "__main__":
    main()
