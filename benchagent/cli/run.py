"""`benchagent run`: from the files to the reports, through Dagster, with progress."""

from collections.abc import Sequence

import click
from rich.box import SIMPLE
from rich.markup import escape
from rich.table import Table

from benchagent.agents.roster import Agent, Roster, RosterError, read_roster
from benchagent.calls.servers import Servers
from benchagent.cli.errors import Failed
from benchagent.cli.places import places
from benchagent.cli.scanning import console, take_snapshot
from benchagent.pipeline.cost import Cost, estimate_cost
from benchagent.pipeline.partition import Partition
from benchagent.pipeline.project import Project
from benchagent.reporting.comparison import (
    COLUMNS,
    LEGEND,
    cells_of,
    compare_agents,
    say_equal_settings,
    warnings_of,
)

EXAMPLES = """\b
Examples:
  benchagent run                              all agents on data/
  benchagent run --data ../my-benchmarks      all agents on a folder of your own
  benchagent run --agent chimera-insight      one agent (and the one it reads from)
  benchagent run --scenario chimera_hetero    the two agents of a scenario
  benchagent run --dry-run                    what would be asked, without asking
"""


@click.command(epilog=EXAMPLES)
@places
@click.option("--agent", "slugs", multiple=True, metavar="SLUG", help="Only these agents.")
@click.option("--scenario", metavar="NAME", help="Only the agents of this scenario.")
@click.option("--fresh", is_flag=True, help="Ask the models again, even where replies are stored.")
@click.option("--rehash", is_flag=True, help="Read every file again, whatever is remembered.")
@click.option("--allow-emptied", is_flag=True, help="Believe that a root which had files has none.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and stop.")
@click.option("--max-calls", type=click.IntRange(0), help="Refuse to start if it may take more.")
def run(
    project: Project,
    slugs: tuple[str, ...],
    scenario: str | None,
    fresh: bool,
    rehash: bool,
    allow_emptied: bool,
    dry_run: bool,
    max_calls: int | None,
) -> None:
    """Scan, analyse, report and compare; print where the reports are."""
    roster = read_roster(project.agents)
    agents = choose_agents(roster, slugs, scenario)
    found = take_snapshot(project, rehash=rehash, allow_emptied=allow_emptied)
    seen = "new" if found.new else "seen before"
    console.print(f"Snapshot [bold]{found.key}[/bold] ({seen}): {found.files} files")
    partition = Partition(project=project, key=found.key)
    with Servers(project.out, say=console.print) as servers:
        cost = estimate_cost(partition, agents, roster, servers.client, fresh=fresh)
        console.print(say_cost(len(agents), cost))
        for slug, why in cost.unanswered.items():
            console.print(f"{slug} cannot be asked: {escape(why)}", soft_wrap=True)
        if max_calls is not None and cost.calls > max_calls:
            raise Failed(f"up to {cost.calls} model calls, --max-calls allows {max_calls}")
        if dry_run:
            return
        with servers.shared():
            failure = execute_snapshot(project, found.key, agents, roster, fresh=fresh)
    _show_reports(partition, roster)
    if failure:
        raise Failed(failure)


def choose_agents(roster: Roster, slugs: Sequence[str], scenario: str | None) -> list[Agent]:
    """The agents of these names and of a scenario; without either, all."""
    if scenario is not None:
        if scenario not in roster.scenarios:
            there = ", ".join(roster.scenarios) or "none"
            raise RosterError(f"there is no scenario {scenario!r}; there are {there}")
        slugs = [*slugs, *roster.scenarios[scenario]]
    if not slugs:
        return list(roster.agents)
    wanted = {roster.agent(slug).slug for slug in slugs}
    return [agent for agent in roster.agents if agent.slug in wanted]


def say_cost(agents: int, cost: Cost) -> str:
    """What so many agents may take on one snapshot, in a line."""
    asked = f"{cost.calls} model calls at most" if cost.calls else "no model call"
    stored = f", {cost.stored} replies stored" if cost.stored else ""
    time = "" if cost.minutes is None or not cost.calls else f", about {cost.minutes:.1f} min"
    stands = len(cost.standing)
    return f"{agents} agents, {stands} with an account that stands{stored}: {asked}{time}"


def execute_snapshot(
    project: Project, key: str, agents: Sequence[Agent], roster: Roster, *, fresh: bool
) -> str | None:
    """Takes a snapshot through these agents, told step by step; the first failure, or None."""
    # Dagster takes a second to import, which --help and a wrong roster need not wait for.
    from benchagent.defs.execution import Progress, StepDone, execute, selection_of
    from benchagent.defs.home import open_instance

    with open_instance(project) as instance, console.status("Starting Dagster") as status:

        def done(step: StepDone) -> None:
            if step.failed:
                console.print(f"[red]✗[/red] {step.asset}: {escape(step.problem or '')}")
            else:
                how = "stands" if step.found else f"{step.seconds:.1f} s"
                console.print(f"[green]✓[/green] {step.asset:<32} {how}", highlight=False)

        return execute(
            project,
            instance,
            key,
            selection_of(agents, roster),
            fresh=fresh,
            progress=Progress(begun=status.update, done=done),
        )


def _show_reports(partition: Partition, roster: Roster) -> None:
    comparison = compare_agents(partition, roster)
    table = Table(
        title=f"Reports on {partition.key}",
        title_justify="left",
        caption=LEGEND,
        caption_justify="left",
        box=SIMPLE,
        pad_edge=False,
    )
    for name in COLUMNS:
        table.add_column(name, justify="left" if name == "Agent" else "right", no_wrap=True)
    for row in comparison.rows:
        table.add_row(*map(escape, cells_of(row)))
    console.print(table)
    for row in comparison.rows:
        for said in warnings_of(row):
            console.print(f"{row.agent}: {escape(said)}")
    for said in say_equal_settings(comparison):
        console.print(escape(said.replace("`", "")), soft_wrap=True)
    for row in comparison.rows:
        click.echo(row.path)
