"""A backfill whose processes are killed at random moments, and what must be true of it afterwards."""

import os
import random
import re
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pyarrow.parquet as pq

from benchagent.calls.log import read_calls
from benchagent.inventory.snapshots import list_snapshots
from benchagent.pipeline.partition import Partition
from benchagent.pipeline.project import Project
from benchagent.store import sweep_temporaries
from benchagent.warehouse.building import rebuild
from benchagent.warehouse.questions import query
from benchagent.warehouse.tables import SCHEMAS
from benchagent_tests.builders import a_project, calls_csv
from benchagent_tests.folders import take
from benchagent_tests.running import ModelServer, Running, Ui, running_ui
from benchagent_tests.ui_questions import (
    backfill_status,
    launch_backfill,
    register_snapshots,
    resume_backfill,
    times_made,
)

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
MADE = [
    *("inventory", "measurements", "facts", "findings"),
    *(f"analysis/{slug}" for slug in SLUGS),
    *(f"report/{slug}" for slug in SLUGS),
    *("comparison", "warehouse"),
]
# What a process is, by its command line; a run worker looks like the process it was forked from.
KINDS = {
    "web server": re.compile("-m dagster_webserver"),
    "daemon": re.compile("-m dagster._daemon"),
    "dagster dev": re.compile("-m dagster dev"),
    "code server": re.compile("dagster (api grpc|code-server)"),
    "benchagent ui": re.compile(" ui --port"),
    "embedded server": re.compile("-m benchagent.embedded "),
    "embedded engine": re.compile("-m benchagent.embedded.engine_process"),
    "step process": re.compile(r"multiprocessing\.spawn"),
    "run worker": re.compile("-m benchagent.defs.warm_process"),
}
# With how often each is chosen: a restart of the UI takes its time, in which nothing else can die.
TARGETS = {
    "run worker": 5,
    "step process": 4,
    "model server": 2,
    "embedded server": 2,
    "embedded engine": 1,
    "warm process": 1,
    "daemon": 1,
    "web server": 1,
    "benchagent ui": 1,
}
ENDED_WELL, ENDED_BADLY = "COMPLETED_SUCCESS", ("COMPLETED_FAILED", "FAILED", "CANCELED")
# Of quiet: without a kill, even a slow machine gets through in that time.
LIMIT_S = 1800.0
BETWEEN_S = 12.0


def kind_of(process: Running, all_of_them: list[Running]) -> str | None:
    """What a process of a project does."""
    kind = next((name for name, found in KINDS.items() if found.search(process.command)), None)
    parents = [each for each in all_of_them if each.pid == process.parent]
    if kind == "run worker" and parents and KINDS["daemon"].search(parents[0].command):
        return "warm process"
    return kind


@dataclass(slots=True, kw_only=True)
class Killed:
    """How it went.

    Attributes:
        kills: how often each kind of process was killed.
        restarts: how often the UI had to be started again.
        resumed: how often a backfill that had ended badly was asked to go on.
        seconds: from the first request to the last partition.
        partitions: how many snapshots went through all agents.
        calls: how often a model was asked.
        half_written: temporary files that killed processes left, which nobody reads.
        wrong: whatever should not be; empty where all is well.
    """

    kills: Counter[str] = field(default_factory=Counter[str])
    restarts: int = 0
    resumed: int = 0
    seconds: float = 0.0
    partitions: int = 0
    calls: int = 0
    half_written: int = 0
    wrong: list[str] = field(default_factory=list[str])


def kill_through(folder: Path, *, kills: int, snapshots: int, seed: int) -> Killed:
    """Backfills all agents over some snapshots, again over new ones until all kills were made.

    Args:
        folder: an empty folder.
        kills: how often something is killed.
        snapshots: how many each backfill goes over.
        seed: of the moments and of what is killed.
    """
    rng, told = random.Random(seed), Killed()
    server = ModelServer(folder=folder, reply_s=0.4)
    project = a_project(folder, roster=ROSTER.format(url=server.url))
    started = time.monotonic()
    settings = {
        "BENCHAGENT_SENSOR_SECONDS": "3600",
        "BENCHAGENT_EXECUTOR": "multiprocess",
        "OLLAMA_HOST": "",
        **{name: os.environ[name] for name in ("BENCHAGENT_CACHE",) if name in os.environ},
    }
    with running_ui(project, server, **settings) as ui:
        while told.kills.total() < kills:
            keys = _more_snapshots(project, snapshots, told)
            register_snapshots(ui, keys)
            backfill = launch_backfill(ui, MADE, keys)
            _see_it_through(ui, server, backfill, kills, rng, told)
        told.seconds = time.monotonic() - started
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


def _see_it_through(
    ui: Ui, server: ModelServer, backfill: str, kills: int, rng: random.Random, told: Killed
) -> None:
    """Kills now and then until the backfill is done, and starts again what a person would."""
    end = time.monotonic() + LIMIT_S
    done = told.kills.total()
    next_kill = time.monotonic() + rng.uniform(0, 40)
    while True:
        if told.kills.total() > done:
            done, end = told.kills.total(), time.monotonic() + LIMIT_S
        assert time.monotonic() < end, f"the backfill did not end; {told}; see {ui.log}"
        if _has_ended(ui):
            _start_again(ui, told)
            next_kill = time.monotonic() + rng.uniform(0, BETWEEN_S)
        with _may_end_now():
            status = backfill_status(ui, backfill)
            if status == ENDED_WELL:
                return
            if status in ENDED_BADLY:
                told.resumed += 1
                backfill = resume_backfill(ui, backfill)
        if told.kills.total() < kills and time.monotonic() > next_kill:
            [target] = rng.choices(list(TARGETS), list(TARGETS.values()))
            _kill(target, ui, server, told)
            next_kill = time.monotonic() + rng.uniform(0, BETWEEN_S)
        time.sleep(0.2)


def _has_ended(ui: Ui) -> bool:
    assert ui.process is not None
    return ui.process.poll() is not None


def _start_again(ui: Ui, told: Killed) -> None:
    """What its user would do."""
    told.restarts += 1
    ui.see_all_gone()
    # Both ways to execute steps are killed in.
    ui.environment["BENCHAGENT_EXECUTOR"] = ("in-process", "multiprocess")[told.restarts % 2]
    ui.start()


@contextmanager
def _may_end_now() -> Iterator[None]:
    """A question to a UI that is going down has no answer; the next look starts it again."""
    try:
        yield
    except (httpx.HTTPError, ConnectionError):
        time.sleep(0.5)


def _kill(target: str, ui: Ui, server: ModelServer, told: Killed) -> None:
    if _has_ended(ui):
        return
    if target == "model server":
        server.kill()
        server.start()
        told.kills[target] += 1
        return
    there = ui.processes()
    found = [each for each in there if kind_of(each, there) == target]
    if found:
        found[0].kill()
        told.kills[target] += 1


def _see_what_was_made_twice(ui: Ui, told: Killed) -> None:
    for asset in MADE:
        if not asset.startswith(("analysis", "report")):
            continue
        made = times_made(ui, asset)
        told.wrong += [f"{asset} of {key} was made {n} times" for key, n in made.items() if n > 1]


def _see_that_all_is_whole(project: Project, told: Killed) -> None:
    for key in list_snapshots(project.out):
        partition = Partition(project=project, key=key)
        for slug in SLUGS:
            if not partition.report_path(slug).exists():
                told.wrong.append(f"no report of {slug} on {key}")
            elif partition.report(slug).markdown != partition.report_path(slug).read_text("utf-8"):
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
