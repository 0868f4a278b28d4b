"""Agents taken over snapshots: which ones, at what cost, step by step; shared by run and backfill."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click
from rich.markup import escape

from benchagent.agents.errors import RosterError
from benchagent.agents.roster import Agent, Roster
from benchagent.cli.errors import Failed
from benchagent.cli.scanning import console
from benchagent.pipeline.cost import Cost
from benchagent.pipeline.project import Project

_OPTIONS = (
    click.option("--agent", "slugs", multiple=True, metavar="SLUG", help="Only these agents."),
    click.option("--scenario", metavar="NAME", help="Only the agents of this scenario."),
    click.option(
        "--fresh", is_flag=True, help="Ask the models again, even where replies are stored."
    ),
    click.option("--dry-run", is_flag=True, help="Say what it would cost, and stop."),
    click.option(
        "--max-calls", type=click.IntRange(0), help="Refuse to start if it may take more."
    ),
)


def asks_agents(command: Callable[..., Any]) -> Callable[..., Any]:
    """Gives a command --agent, --scenario, --fresh, --dry-run and --max-calls."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def choose_agents(roster: Roster, slugs: Sequence[str], scenario: str | None) -> list[Agent]:
    """The agents of these names and of a scenario; without either, all."""
    if scenario is not None:
        if scenario not in roster.scenarios:
            there = ", ".join(roster.scenarios) or "none"
            raise RosterError(f"there is no scenario {scenario!r}; there are {there}")
        slugs = [*slugs, *roster.scenarios[scenario]]
    return roster.choose(slugs)


def check_cost(cost: Cost, max_calls: int | None) -> None:
    """Says which agents cannot be asked, and refuses what may take more calls than allowed.

    Raises:
        Failed: it may take more than `max_calls`.
    """
    for slug, why in cost.unanswered.items():
        console.print(f"{slug} cannot be asked: {escape(why)}", soft_wrap=True)
    if max_calls is not None and cost.calls > max_calls:
        raise Failed(f"up to {cost.calls} model calls, --max-calls allows {max_calls}")


@contextmanager
def executing(
    project: Project, agents: Sequence[Agent], roster: Roster, *, fresh: bool
) -> Iterator[Callable[[str], str | None]]:
    """Opens Dagster for snapshots that go through these agents, told step by step.

    Each snapshot gives its first failure, or None.
    """
    # Dagster takes a second to import, which --help and a wrong roster need not wait for.
    from benchagent.defs.execution import Progress, StepDone, execute, job_of, selection_of
    from benchagent.defs.home import open_instance

    with open_instance(project) as instance, console.status("Starting Dagster") as status:

        def done(step: StepDone) -> None:
            if step.failed:
                console.print(f"[red]✗[/red] {step.asset}: {escape(step.problem or '')}")
            else:
                how = "stands" if step.found else f"{step.seconds:.1f} s"
                console.print(f"[green]✓[/green] {step.asset:<32} {how}", highlight=False)

        job, selection = job_of(project, fresh=fresh), selection_of(agents, roster)
        progress = Progress(begun=status.update, done=done)
        yield lambda key: execute(job, instance, key, selection, progress)
