"""`benchagent run`: from the files to the reports, through Dagster, with progress."""

import click
from rich.box import SIMPLE
from rich.markup import escape
from rich.table import Table

from benchagent.agents.roster import Roster
from benchagent.agents.roster_file import read_roster
from benchagent.calls.servers import Servers
from benchagent.cli.asking import asks_agents, check_cost, choose_agents, executing
from benchagent.cli.errors import Failed
from benchagent.cli.places import places
from benchagent.cli.scanning import console, take_snapshot
from benchagent.mappings.kept import list_mappings
from benchagent.pipeline.cost import add_up, estimate_costs, minutes_of_calls, say_cost
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
from benchagent.wording import counted

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
@asks_agents
@click.option("--rehash", is_flag=True, help="Read every file again, whatever is remembered.")
@click.option("--allow-emptied", is_flag=True, help="Believe that a root which had files has none.")
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
    console.print(f"Snapshot [bold]{found.key}[/bold] ({seen}): {counted(found.files, 'file')}")
    partition = Partition(project=project, key=found.key)
    with Servers(project.out, say=console.print) as servers:
        pace = minutes_of_calls(project.out)
        costs = estimate_costs(partition, agents, roster, servers.client, fresh=fresh, pace=pace)
        cost = add_up(costs.values())
        console.print(say_cost(cost, len(agents), 1), soft_wrap=True)
        check_cost(cost, max_calls)
        if dry_run:
            return
        with servers.shared(), executing(project, agents, roster, fresh=fresh) as execute:
            failure = execute(found.key)
    _show_reports(partition, roster)
    if failure:
        raise Failed(failure)


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
    waiting = [each for each in list_mappings(partition.project.out) if each.state == "proposed"]
    if waiting:
        console.print(
            f"Readings of unknown files that wait for you: {len(waiting)} "
            "(`benchagent columns list`)"
        )
    for row in comparison.rows:
        click.echo(row.path)
