"""`benchagent bench`: measure models under option sets, and leave artifacts that can be read."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click
from click.core import ParameterSource

from benchagent.agents.roster import Agent
from benchagent.bench.benchmark import (
    SHIPPED_PROMPTS,
    begin_benchmark,
    bench_agent,
    choose_reports,
    finish_benchmark,
    plan_benchmark,
    resume_benchmark,
)
from benchagent.bench.errors import BenchError
from benchagent.bench.forecast import forecast_minutes
from benchagent.bench.journal import Journal
from benchagent.bench.measuring import Watcher
from benchagent.bench.plan import Plan
from benchagent.calls.client import OllamaClient
from benchagent.calls.deadlines import DEADLINES, Deadlines, read_deadlines
from benchagent.calls.log import log_call, read_calls
from benchagent.calls.request import LARGEST_SEED
from benchagent.calls.servers import Servers
from benchagent.cli.bench_messages import (
    console,
    progress_of,
    resumable,
    say_in_passing,
    say_plan,
    shown,
)
from benchagent.cli.errors import Failed
from benchagent.cli.places import OUT
from benchagent.pipeline.project import Project, shipped
from benchagent.wording import counted

EXAMPLES = """\b
Examples:
  benchagent bench --model gemma3:270m
  benchagent bench --model gemma3:270m --sweep num_ctx=512,1024 --sweep temperature=0,0.8
  benchagent bench --model gemma3:270m --model gemma3:1b --repeat 10 --cold
  benchagent bench --resume data/reports/gemma3-270m/20260102T030405Z.partial
"""
_FOLDER = click.Path(path_type=Path, file_okay=False)
_WITH_RESUME = frozenset({"resume", "out", "allow_remote", "deadlines", "dry_run"})


def _read_deadlines(
    context: click.Context, option: click.Parameter, given: tuple[str, ...]
) -> Deadlines:
    try:
        return read_deadlines(given)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


@click.command(epilog=EXAMPLES)
@click.option("--model", "models", multiple=True, metavar="MODEL", help="What to measure.")
@click.option(
    "--sweep",
    "sweeps",
    multiple=True,
    metavar="OPTION=VALUE[,VALUE]...",
    help="An option of Ollama and its values; several give every combination.",
)
@click.option(
    "--prompts",
    type=click.Path(path_type=Path),
    help="Text file with one prompt per line.  [default: five short ones]",
)
@click.option("--repeat", type=click.IntRange(1), default=5, show_default=True, help="Rounds.")
@click.option(
    "--num-predict",
    type=click.IntRange(1),
    default=64,
    show_default=True,
    help="The most tokens of an answer.",
)
@click.option("--cold", is_flag=True, help="Also call the unloaded model.")
@click.option(
    "--seed",
    type=click.IntRange(0, LARGEST_SEED),
    help="Of the order and of the sampling.  [default: drawn, and recorded]",
)
@click.option(
    "--deadline",
    "deadlines",
    multiple=True,
    callback=_read_deadlines,
    metavar="NAME=SECONDS",
    help=f"How long a call may take: {', '.join(DEADLINES)}.  [default: as agents]",
)
@click.option("--resume", type=_FOLDER, metavar="FOLDER", help="Go on with a stopped benchmark.")
@click.option(
    "--out-data",
    type=_FOLDER,
    help="The data folder below whose reports/ the artifacts go.  [default: data]",
)
@click.option("--out", type=_FOLDER, help=OUT)
@click.option("--allow-remote", is_flag=True, help="Let another machine read the prompts.")
@click.option("--dry-run", is_flag=True, help="Say what would be measured, and stop.")
@click.pass_context
def bench(
    context: click.Context,
    models: tuple[str, ...],
    sweeps: tuple[str, ...],
    prompts: Path | None,
    repeat: int,
    num_predict: int,
    cold: bool,
    seed: int | None,
    deadlines: Deadlines,
    resume: Path | None,
    out_data: Path | None,
    out: Path | None,
    allow_remote: bool,
    dry_run: bool,
) -> None:
    """Measure models with a prompt suite and an option sweep.

    One call after the other, warmed up, in a random order that is interleaved so that no option
    set is always early or late. The artifacts (one row per call, a summary, a write-up) go into
    data/reports, where `benchagent run` reads them. A benchmark that was stopped can be resumed.
    """
    project = Project.from_environment()
    out = out.absolute() if out else project.out
    with _told_plainly():
        if resume:
            _refuse_beside_resume(context)
            resumed = Journal.resume(resume.absolute())
            plan, measured = resumed.state.plan, len(resumed.rows())
            start = partial(resume_benchmark, folder=resumed.folder)
        else:
            measured = 0
            folder, plan = plan_benchmark(
                choose_reports(project, out_data),
                datetime.now(UTC),
                models=_named(models),
                sweeps=sweeps,
                prompts=prompts or shipped(SHIPPED_PROMPTS),
                repeat=repeat,
                num_predict=num_predict,
                cold=cold,
                seed=seed,
            )
            start = partial(begin_benchmark, plan=plan, folder=folder)
        say_plan(plan, measured, forecast_minutes(plan, read_calls(out)))
        if not dry_run:
            agent = bench_agent(allow_remote=allow_remote)
            _run(start, plan, replace(project, out=out), agent, deadlines)


def _run(
    start: Callable[[OllamaClient], Journal],
    plan: Plan,
    project: Project,
    agent: Agent,
    deadlines: Deadlines,
) -> None:
    out = project.out
    with (
        Servers(out, say=console.print) as servers,
        servers.turn(agent, alone=True) as client,
    ):
        journal = start(client)
        with resumable(journal), progress_of(journal) as watch:
            watcher = Watcher(called=partial(log_call, out), measured=watch, said=say_in_passing)
            folder = finish_benchmark(client, journal, watcher, deadlines)
    click.echo(f"{counted(plan.n_calls, 'call')} measured:", err=True)
    click.echo(shown(folder))


@contextmanager
def _told_plainly() -> Generator[None, None, None]:
    try:
        yield
    except BenchError as error:
        raise Failed(str(error)) from error


def _named(models: tuple[str, ...]) -> tuple[str, ...]:
    named = tuple(dict.fromkeys(model.strip() for model in models if model.strip()))
    if not named:
        raise click.UsageError("name what to measure, as in --model gemma3:270m")
    return named


def _refuse_beside_resume(context: click.Context) -> None:
    given = [
        name
        for name in context.params
        if name not in _WITH_RESUME
        and context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    ]
    if given:
        raise click.UsageError(
            f"--resume goes on with the plan that was begun; leave out {', '.join(given)}"
        )
