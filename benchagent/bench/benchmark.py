"""A benchmark from its beginning, or from where it was stopped, to its artifacts."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from benchagent.agents.roster import Agent
from benchagent.bench.errors import BenchError
from benchagent.bench.journal import PARTIAL, Journal, State, plan_folder
from benchagent.bench.measuring import Watcher, measure
from benchagent.bench.plan import Plan
from benchagent.bench.subjects import identify_subjects, require_same
from benchagent.bench.suite import read_suite
from benchagent.bench.summary import write_summary
from benchagent.bench.sweeps import build_option_sets
from benchagent.bench.write_up import write_report
from benchagent.calls.client import OllamaClient
from benchagent.calls.deadlines import Deadlines
from benchagent.calls.request import LARGEST_SEED
from benchagent.formats.own.bench_calls import REPORT_FILE, SUMMARY_FILE
from benchagent.inventory.roots import ROOT_NAMES
from benchagent.pipeline.project import Project

SHIPPED_PROMPTS: Final = "data/prompts.txt"


def choose_reports(project: Project, data: Path | None = None) -> Path:
    """The folder for artifacts, in a data folder that has such folders or nothing.

    Raises:
        BenchError: the data folder is read whole, and would no longer be.
    """
    usual = next((Path(spec) for spec in project.data if "=" not in spec), project.out.parent)
    data = (data or usual).absolute()
    if data.is_dir() and any(data.iterdir()) and not any((data / n).is_dir() for n in ROOT_NAMES):
        raise BenchError(
            f"{data} has files and none of {', '.join(f'{name}/' for name in ROOT_NAMES)}: with a "
            "reports/ in it they would no longer be read; make one of these folders if they need "
            "not be, or name another data folder with --out-data"
        )
    return data / "reports"


def finished_benchmarks(reports: Path) -> list[Path]:
    """The folders of all benchmarks that were run to their end, in the order of their names."""
    return sorted(
        path.parent for path in reports.glob(f"*/*/{SUMMARY_FILE}") if path.parent.suffix != PARTIAL
    )


def bench_agent(*, allow_remote: bool) -> Agent:
    """Who asks in a benchmark, for whom a server is chosen as for any agent."""
    return Agent(
        slug="bench",
        label="Benchmark",
        persona="data-collector",
        model=None,
        allow_remote=allow_remote,
    )


def plan_benchmark(
    reports: Path,
    now: datetime,
    *,
    models: Sequence[str],
    sweeps: Sequence[str],
    prompts: Path,
    repeat: int,
    num_predict: int,
    cold: bool,
    seed: int | None,
) -> tuple[Path, Plan]:
    """What was asked for as a plan, and the folder where its artifacts will be.

    Raises:
        BenchError: a sweep or the file of prompts does not read as one.
    """
    folder = plan_folder(reports, models, now)
    return folder, Plan(
        stamp=folder.name,
        models=tuple(models),
        option_sets=build_option_sets(sweeps, num_predict),
        prompts=read_suite(prompts),
        repeat=repeat,
        cold=cold,
        seed=secrets.randbelow(LARGEST_SEED) if seed is None else seed,
    )


def begin_benchmark(client: OllamaClient, plan: Plan, folder: Path) -> Journal:
    """Make sure that the server has the models, and the folder in which calls are kept.

    Args:
        client: the server to measure on.
        plan: what to measure.
        folder: where the artifacts will be; until then it is called `<folder>.partial`.

    Raises:
        OllamaError: no server answers, or it does not have a model.
        StoreError: the folder cannot be written.
    """
    return Journal.begin(folder, State(plan=plan, subjects=identify_subjects(client, plan.models)))


def resume_benchmark(client: OllamaClient, folder: Path) -> Journal:
    """Open a benchmark that was stopped, on the same server with the same models.

    Raises:
        BenchError: the folder is none, or server or models are others now.
        OllamaError: no server answers, or it does not have a model.
    """
    journal = Journal.resume(folder)
    require_same(journal.state.subjects, identify_subjects(client, journal.state.plan.models))
    return journal.resumed(datetime.now(UTC))


def finish_benchmark(
    client: OllamaClient, journal: Journal, watcher: Watcher, deadlines: Deadlines
) -> Path:
    """Make the calls that are missing, each within these deadlines, and write the artifacts.

    Returns:
        The folder that holds them.

    Raises:
        OllamaError: the server or a model has gone; the journal can be resumed.
    """
    measure(client, journal, watcher, deadlines)
    rows = journal.rows()
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return journal.finish(
        {
            SUMMARY_FILE: write_summary(journal.state, rows, now),
            REPORT_FILE: write_report(journal.state, rows, now),
        }
    )
