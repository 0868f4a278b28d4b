"""Measuring as the first asset of the lineage: what it writes, the next scan reads."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
from pydantic import Field

from benchagent.bench.benchmark import (
    SHIPPED_PROMPTS,
    begin_benchmark,
    bench_agent,
    choose_reports,
    finish_benchmark,
    finished_benchmarks,
    plan_benchmark,
    resume_benchmark,
)
from benchagent.bench.journal import Journal
from benchagent.bench.measuring import Watcher
from benchagent.bench.rows import BenchRow, read_rows
from benchagent.calls.client import OllamaClient
from benchagent.calls.deadlines import read_deadlines
from benchagent.calls.log import log_call
from benchagent.calls.model_call import ModelCall
from benchagent.calls.request import LARGEST_SEED
from benchagent.defs.metadata import describe_benchmark
from benchagent.defs.resources import OllamaResource, ProjectResource
from benchagent.formats.own.bench_calls import CALLS_FILE
from benchagent.pipeline.project import Project, shipped

# A snapshot is its content: a benchmark of today changes nothing in those of yesterday, which
# would all turn stale if this were another version each time.
VERSION = "artifacts"


class BenchmarkConfig(dg.Config):
    """What to measure, as `benchagent bench` takes it; without a model nothing is."""

    models: list[str] = Field(default=[], description="Names as Ollama knows them.")
    sweeps: list[str] = Field(default=[], description="As in num_ctx=512,1024; all combinations.")
    prompts: str = Field(default="", description="A text file, one prompt a line; else five.")
    repeat: int = Field(default=5, ge=1, description="Rounds.")
    num_predict: int = Field(default=64, ge=1, description="The most tokens of an answer.")
    cold: bool = Field(default=False, description="Also call the unloaded model.")
    seed: int | None = Field(default=None, ge=0, le=LARGEST_SEED, description="Else drawn.")
    deadlines: list[str] = Field(
        default=[], description="How long a call may take, as in total=1800: seconds."
    )
    resume: str = Field(default="", description="The folder of a stopped benchmark to go on with.")
    allow_remote: bool = Field(default=False, description="Another machine may read the prompts.")


@dg.asset(
    group_name="evidence",
    kinds={"ollama", "csv"},
    tags={"gpu": "true"},
    pool="gpu",
    description=(
        "Benchmarks in data/reports. Runs one where `models` or `resume` asks for it; the sensor "
        "sees its artifacts, and the reports on them follow."
    ),
)
def benchmarks(
    context: dg.AssetExecutionContext,
    config: BenchmarkConfig,
    project: ProjectResource,
    ollama: OllamaResource,
) -> dg.MaterializeResult:
    """The asset. It measures only what somebody asked for in its config."""
    places = project.project()
    reports = choose_reports(places)
    metadata: dict[str, Any] = {"measured": False}
    if config.models or config.resume:
        deadlines = read_deadlines(config.deadlines)
        with ollama.client(bench_agent(allow_remote=config.allow_remote)) as client:
            journal = _open_journal(config, reports, client)
            context.log.info("to go on if this is stopped: `resume: %s`", journal.folder)
            folder = finish_benchmark(
                client, journal, _watcher(context, places, journal), deadlines
            )
        text = (folder / CALLS_FILE).read_text(encoding="utf-8")
        rows = read_rows(text, journal.state.plan.option_names)
        metadata = {"measured": True, **describe_benchmark(folder, rows)}
    return dg.MaterializeResult(
        metadata={**metadata, "benchmarks": len(finished_benchmarks(reports))},
        data_version=dg.DataVersion(VERSION),
    )


def _open_journal(config: BenchmarkConfig, reports: Path, client: OllamaClient) -> Journal:
    if config.resume:
        return resume_benchmark(client, Path(config.resume).absolute())
    folder, plan = plan_benchmark(
        reports,
        datetime.now(UTC),
        models=tuple(config.models),
        sweeps=config.sweeps,
        prompts=Path(config.prompts) if config.prompts else shipped(SHIPPED_PROMPTS),
        repeat=config.repeat,
        num_predict=config.num_predict,
        cold=config.cold,
        seed=config.seed,
    )
    return begin_benchmark(client, plan, folder)


def _watcher(context: dg.AssetExecutionContext, places: Project, journal: Journal) -> Watcher:
    """Tells the log of the Dagster run, a line for each tenth of the way."""
    calls = journal.state.plan.n_calls
    made = len(journal.rows())

    def called(call: ModelCall) -> None:
        whose = replace(call.context, dagster_run_id=context.run.run_id)
        log_call(places.out, replace(call, context=whose))

    def measured(row: BenchRow) -> None:
        nonlocal made
        made += 1
        if row.error is not None:
            context.log.warning("call %d failed: %s", row.sequence, row.error)
        if made == calls or made * 10 // calls > (made - 1) * 10 // calls:
            context.log.info("%d of %d calls measured", made, calls)

    return Watcher(called=called, measured=measured, said=context.log.warning)
