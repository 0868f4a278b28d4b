"""`benchagent backfill`: agents over past snapshots, and what that costs before it starts."""

from collections.abc import Sequence

import click

from benchagent.agents.roster_file import read_roster
from benchagent.calls.servers import Servers
from benchagent.cli.asking import asks_agents, check_cost, choose_agents, executing
from benchagent.cli.errors import Failed
from benchagent.cli.places import places
from benchagent.cli.scanning import console
from benchagent.inventory.snapshots import choose_snapshots
from benchagent.pipeline.cost import add_up, estimate_costs, minutes_of_calls, say_cost
from benchagent.pipeline.partition import Partition
from benchagent.pipeline.project import Project

EXAMPLES = """\b
Examples:
  benchagent backfill --agent night-reader --dry-run    what a new agent would cost
  benchagent backfill --agent night-reader              that agent over all snapshots
  benchagent backfill --last 3 --max-calls 20           all agents over the latest three
"""


@click.command(epilog=EXAMPLES)
@places
@asks_agents
@click.option("--snapshot", "keys", multiple=True, metavar="KEY", help="Only these snapshots.")
@click.option("--last", type=click.IntRange(1), help="Only so many, from the latest.")
def backfill(
    project: Project,
    slugs: tuple[str, ...],
    scenario: str | None,
    keys: tuple[str, ...],
    last: int | None,
    fresh: bool,
    dry_run: bool,
    max_calls: int | None,
) -> None:
    """Let agents report on past snapshots; what stands already is not made again."""
    roster = read_roster(project.agents)
    agents = choose_agents(roster, slugs, scenario)
    chosen = _choose(project, keys, last)
    failures: list[str] = []
    with Servers(project.out, say=console.print) as servers:
        pace = minutes_of_calls(project.out)
        partitions = [Partition(project=project, key=key) for key in chosen]
        costs = [
            estimate_costs(each, agents, roster, servers.client, fresh=fresh, pace=pace)
            for each in partitions
        ]
        cost = add_up([cost for of_agents in costs for cost in of_agents.values()])
        console.print(say_cost(cost, len(agents), len(chosen)), soft_wrap=True)
        check_cost(cost, max_calls)
        if dry_run:
            return
        with servers.shared(), executing(project, agents, roster, fresh=fresh) as execute:
            for key in chosen:
                console.print(f"Snapshot [bold]{key}[/bold]")
                failure = execute(key)
                failures += [f"{key}: {failure}"] if failure else []
    if failures:
        raise Failed("\n".join(failures))


def _choose(project: Project, keys: Sequence[str], last: int | None) -> list[str]:
    chosen = choose_snapshots(project.out, keys)
    if not chosen:
        raise Failed(f"{project.out}: there is no snapshot yet; `benchagent run` takes one")
    return chosen[-last:] if last else chosen
