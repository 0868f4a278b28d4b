"""A backfill whose processes are killed, and what must be true of it afterwards."""

import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pyarrow.parquet as pq

from benchagent.calls.log import read_calls
from benchagent.inventory.snapshots import list_snapshots
from benchagent.pipeline.kept import read_report
from benchagent.pipeline.partition import Partition
from benchagent.pipeline.project import Project
from benchagent.store import sweep_temporaries
from benchagent.warehouse.building import rebuild
from benchagent.warehouse.questions import query
from benchagent.warehouse.tables import SCHEMAS
from benchagent_tests.builders import a_project, calls_csv
from benchagent_tests.defs.kill_plans import ENDS_THE_UI, MODEL_SERVER, Plan, kind_of
from benchagent_tests.defs.ui_questions import (
    OVER,
    backfill_status,
    launch_backfill,
    register_snapshots,
    resume_backfill,
    runs,
    times_made,
)
from benchagent_tests.folders import take
from benchagent_tests.patience import eventually
from benchagent_tests.running import ModelServer, Ui, running_ui

# Two ask a scripted server beside the project, and one the embedded server that the project starts.
ROSTER = """\
defaults: {{model: "tiny:1b", host: "{url}"}}
agents:
  - {{slug: "null", label: Without a model, persona: insight, model: null, host: null}}
  - {{slug: collector, label: Collector, persona: data-collector, tier: select}}
  - {{slug: insight, label: Insight, persona: insight, tier: write, reads_from: collector,
     options: {{num_ctx: 8192, temperature: 0.5}}}}
  - {{slug: small, label: Small, persona: data-collector, tier: select, model: "smollm2:135m",
     host: null, options: {{num_predict: 128, num_ctx: 2048}}}}
"""
SLUGS = ("null", "collector", "insight", "small")
MADE_ONCE = (
    *("measurements", "facts", "findings"),
    *(f"analysis/{slug}" for slug in SLUGS),
    *(f"report/{slug}" for slug in SLUGS),
)
MADE = ("inventory", *MADE_ONCE, "comparison", "warehouse")
ENDED_WELL, ENDED_BADLY = "COMPLETED_SUCCESS", ("COMPLETED_FAILED", "FAILED", "CANCELED")
# Of quiet: without a kill, even a slow machine gets through in that time.
LIMIT_S = 1800.0
# Backfills in which nothing was killed: a kind that never appears would be waited for without end.
IDLE_ROUNDS = 5


@dataclass(slots=True, kw_only=True)
class Killed:
    """How it went.

    Attributes:
        kills: how often each kind of process was killed.
        ending: whether the UI is about to end, since one of its processes was killed.
        restarts: how often the UI had to be started again.
        resumed: how often a backfill that had ended badly was asked to go on.
        seconds: from the first request to the last partition.
        partitions: how many snapshots went through all agents.
        calls: how often a model was asked.
        half_written: temporary files that killed processes left, which nobody reads.
        wrong: whatever should not be; empty where all is well.
    """

    kills: Counter[str] = field(default_factory=Counter[str])
    ending: bool = False
    restarts: int = 0
    resumed: int = 0
    seconds: float = 0.0
    partitions: int = 0
    calls: int = 0
    half_written: int = 0
    wrong: list[str] = field(default_factory=list[str])


def kill_through(folder: Path, *, cache: Path, plan: Plan, snapshots: int) -> Killed:
    """Backfills all agents over some snapshots, again over new ones until all kills were made.

    Args:
        folder: an empty folder.
        cache: where the embedded model's weights are kept.
        plan: what is killed when.
        snapshots: how many each backfill goes over.
    """
    told = Killed(kills=plan.killed)
    server = ModelServer(folder=folder, reply_s=0.4)
    project = a_project(folder, roster=ROSTER.format(url=server.url))
    started = time.monotonic()
    settings = {
        "BENCHAGENT_SENSOR_SECONDS": "3600",
        "BENCHAGENT_EXECUTOR": plan.executor(restarts=0),
        "BENCHAGENT_CACHE": str(cache),
        "OLLAMA_HOST": "",
    }
    with running_ui(project, server, **settings) as ui:
        while not plan.is_done:
            rounds = told.partitions // snapshots
            assert rounds <= IDLE_ROUNDS + plan.killed.total(), f"nothing to kill; {told}"
            keys = _more_snapshots(project, snapshots, told)
            register_snapshots(ui, keys)
            backfill = launch_backfill(ui, MADE, keys)
            _see_it_through(ui, server, backfill, plan, told)
        told.seconds = time.monotonic() - started
        _see_no_run_left(ui)
        _see_what_was_made_twice(ui, told)
    _see_that_all_is_whole(project, told)
    return told


def _more_snapshots(project: Project, count: int, told: Killed) -> list[str]:
    """New content, so that no reply of an earlier backfill answers a question of this one."""
    folder, keys = Path(project.data[0]), []
    for _ in range(count):
        told.partitions += 1
        text = calls_csv(model=f"fox{told.partitions}:1b")
        (folder / "reports" / "fox" / "sweep.csv").write_text(text, encoding="utf-8")
        keys.append(take(folder, project.out).key)
    return keys


def _see_it_through(ui: Ui, server: ModelServer, backfill: str, plan: Plan, told: Killed) -> None:
    """Kills now and then until the backfill is done, and starts again what a person would."""
    end, killed = time.monotonic() + LIMIT_S, plan.killed.total()
    while True:
        if plan.killed.total() > killed:
            killed, end = plan.killed.total(), time.monotonic() + LIMIT_S
        assert time.monotonic() < end, f"the backfill did not end; {told}; see {ui.log}"
        if _has_ended(ui):
            _start_again(ui, plan, told)
        # Nothing is asked of a UI that is going down, and nothing left to it.
        status = None if told.ending else _status(ui, backfill)
        if status == ENDED_WELL:
            return
        if status in ENDED_BADLY:
            told.resumed += 1
            backfill = resume_backfill(ui, backfill)
        _kill_what_is_due(ui, server, plan, told)
        time.sleep(0.25)


def _has_ended(ui: Ui) -> bool:
    assert ui.process is not None
    return ui.process.poll() is not None


def _start_again(ui: Ui, plan: Plan, told: Killed) -> None:
    """What its user would do."""
    if not told.ending:
        told.wrong.append(f"the UI has ended though none of it was killed; see {ui.log}")
    told.restarts += 1
    ui.see_all_gone()
    ui.environment["BENCHAGENT_EXECUTOR"] = plan.executor(restarts=told.restarts)
    ui.start()
    told.ending = False
    plan.rest()


def _status(ui: Ui, backfill: str) -> str | None:
    """What the UI says of the backfill; None where the machine was too busy for an answer."""
    with suppress(httpx.TimeoutException):
        return backfill_status(ui, backfill)
    return None


def _kill_what_is_due(ui: Ui, server: ModelServer, plan: Plan, told: Killed) -> None:
    progress = _progress(ui, server)
    kind = None if plan.is_done or _has_ended(ui) else plan.choose(progress, ending=told.ending)
    if kind == MODEL_SERVER:
        server.kill()
        server.start()
    elif kind:
        there = ui.processes()
        found = next((each for each in there if kind_of(each, there) == kind), None)
        if found is None:
            return
        found.kill()
        told.ending |= kind in ENDS_THE_UI
    if kind:
        plan.hit(kind, progress)


def _progress(ui: Ui, server: ModelServer) -> int:
    """How many model calls were begun and how many files made."""
    made = ui.project.out.glob("snapshots/*/**/*.made")
    return len(server.busy()) + sum(1 for _ in made)


def _see_no_run_left(ui: Ui) -> None:
    """A run that nobody executes any more would hold its place in its pools."""
    eventually(lambda: all(run.status in OVER for run in runs(ui)), "end of every run")


def _see_what_was_made_twice(ui: Ui, told: Killed) -> None:
    for asset in MADE_ONCE:
        made = times_made(ui, asset)
        told.wrong += [f"{asset} of {key} was made {n} times" for key, n in made.items() if n > 1]


def _see_that_all_is_whole(project: Project, told: Killed) -> None:
    for key in list_snapshots(project.out):
        partition = Partition(project=project, key=key)
        for slug in SLUGS:
            if not partition.report_path(slug).exists():
                told.wrong.append(f"no report of {slug} on {key}")
            elif read_report(partition, slug).markdown != partition.report_path(slug).read_text(
                "utf-8"
            ):
                told.wrong.append(f"the report of {slug} on {key} is not what its record says")
        for path in partition.folder.rglob("*.parquet"):
            pq.read_table(path)
    told.half_written = sweep_temporaries(project.out, silent_s=0)
    told.wrong += [f"left behind: {path}" for path in project.out.rglob(".*.tmp")]
    told.calls = sum(not row["replayed"] for row in read_calls(project.out))
    before = _contents(project)
    rebuild(project)
    if _contents(project) != before:
        told.wrong.append("the warehouse is not what a rebuild gives")


def _contents(project: Project) -> dict[str, list[dict[str, object]]]:
    return {
        name: query(project, f"SELECT * FROM {name} ORDER BY ALL").to_pylist()  # noqa: S608
        for name in (*SCHEMAS, "model_calls")
    }
