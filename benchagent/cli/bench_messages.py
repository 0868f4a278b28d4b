"""What `benchagent bench` says: the plan, how far it is, and how to go on."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from benchagent.bench.journal import Journal
from benchagent.bench.plan import Plan
from benchagent.bench.rows import BenchRow
from benchagent.calls.wire import OllamaError
from benchagent.cli.errors import Failed
from benchagent.store import StoreError
from benchagent.wording import counted

console = Console(stderr=True, highlight=False)


@contextmanager
def resumable(journal: Journal) -> Generator[None, None, None]:
    """Says how to go on when something stops the benchmark."""
    how = f"to go on: benchagent bench --resume {shown(journal.folder)}"
    try:
        yield
    except KeyboardInterrupt:
        if not journal.folder.is_dir():
            raise
        kept = f"{len(journal.rows())} of {journal.state.plan.n_calls} calls are kept"
        click.echo(f"\nbenchagent: stopped; {kept}; {how}", err=True)
        raise click.exceptions.Exit(130) from None
    except (OllamaError, StoreError) as error:
        raise Failed(f"{error}; {how}") from error


@contextmanager
def progress_of(journal: Journal) -> Generator[Callable[[BenchRow], None], None, None]:
    """Shows how far a benchmark is; to be called with each row."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    done = len(journal.rows())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("Measuring", total=journal.state.plan.n_calls, completed=done)

        def measured(row: BenchRow) -> None:
            progress.update(task, advance=1, description=escape(f"{row.model} {row.config_name}"))
            if row.error is not None:
                console.print(f"call {row.sequence} failed: {escape(row.error)}", soft_wrap=True)

        yield measured


def say_in_passing(sentence: str) -> None:
    """Says something above the progress."""
    console.print(escape(sentence), soft_wrap=True)


def say_plan(plan: Plan, measured: int, minutes: float | None) -> None:
    """Says what is to be measured, what of it there is, and how long the rest may take."""
    parts = (
        counted(len(plan.models), "model"),
        counted(len(plan.option_sets), "option set"),
        counted(len(plan.prompts), "prompt"),
        counted(plan.repeat, "repetition"),
    )
    n_cold = len(plan.models) * len(plan.option_sets) * plan.repeat
    cold = f", and {counted(n_cold, 'cold call')}" if plan.cold else ""
    made = f", {measured} made already" if measured else ""
    click.echo(f"{' x '.join(parts)}{cold}: {counted(plan.n_calls, 'call')}{made}", err=True)
    click.echo(f"before each of {plan.n_blocks} blocks a warm-up; seed {plan.seed}", err=True)
    for option_set in plan.option_sets:
        click.echo(f"  {option_set.name}", err=True)
    known = "no estimate: no benchmark of this is on record here"
    click.echo(
        known if minutes is None else f"about {minutes:.1f} min, going by earlier ones", err=True
    )


def shown(folder: Path) -> str:
    """A folder as one would type it here."""
    here = Path.cwd()
    return str(folder.relative_to(here) if folder.is_relative_to(here) else folder)
