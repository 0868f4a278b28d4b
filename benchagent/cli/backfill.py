"""`benchagent backfill`: agents over past snapshots, and what that costs before it starts."""

from collections.abc import Sequence

import click

from benchagent.agents.roster import Agent
from benchagent.agents.roster_file import read_roster
from benchagent.calls.servers import Servers
from benchagent.cli.asking import asks_agents, check_cost, choose_agents, executing
from benchagent.cli.errors import Failed
from benchagent.cli.places import places
from benchagent.cli.scanning import console
from benchagent.inventory.snapshots import SnapshotUnknown, list_snapshots
from benchagent.pipeline.cost import Cost, add_up, estimate_cost
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
    chosen = _choose_snapshots(project, keys, last)
    failures: list[str] = []
    with Servers(project.out, say=console.print) as servers:
        costs = [
            estimate_cost(
                Partition(project=project, key=key), agents, roster, servers.client, fresh=fresh
            )
            for key in chosen
        ]
        cost = add_up(costs)
        _say(agents, chosen, cost)
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


def _choose_snapshots(project: Project, keys: Sequence[str], last: int | None) -> list[str]:
    there = list_snapshots(project.out)
    for key in keys:
        if key not in there:
            raise SnapshotUnknown(
                f"{key!r}: there is no such snapshot; `benchagent snapshots list` prints those "
                "there are"
            )
    chosen = [key for key in there if not keys or key in keys]
    if not chosen:
        raise Failed(f"{project.out}: there is no snapshot yet; `benchagent run` takes one")
    return chosen[-last:] if last else chosen


def _say(agents: Sequence[Agent], snapshots: Sequence[str], cost: Cost) -> None:
    cells = len(agents) * len(snapshots)
    console.print(
        f"{len(agents)} agents on {len(snapshots)} snapshots, {cells} cells: "
        f"{len(cost.standing)} accounts stand, {cost.stored} replies stored, "
        f"{cost.calls} model calls at most" + _minutes(cost)
    )


def _minutes(cost: Cost) -> str:
    if not cost.calls:
        return ""
    if cost.minutes is None:
        return ", no call of these models was timed yet"
    return f", about {cost.minutes:.1f} min"
