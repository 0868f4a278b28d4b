"""`benchagent compare`: the agents of a snapshot side by side."""

from pathlib import Path

import click
import pyarrow as pa
from rich.console import Console
from rich.markdown import Markdown

from benchagent.agents.roster_file import read_roster
from benchagent.cli.errors import Failed
from benchagent.cli.output import output_options, put_out
from benchagent.cli.places import places
from benchagent.inventory.observations import current_key
from benchagent.pipeline.partition import Partition
from benchagent.pipeline.project import Project
from benchagent.reporting.comparison import COLUMNS, cells_of, compare_agents, describe_comparison

EXAMPLE = "Example: benchagent compare --snapshot 20261121T214643Z-0123456789ab"


@click.command(epilog=EXAMPLE)
@places
@click.option("--snapshot", metavar="KEY", help="Which snapshot.  [default: the current one]")
@output_options
def compare(project: Project, snapshot: str | None, as_json: bool, output: Path | None) -> None:
    """Agents and scenarios side by side: what each told, in whose words, what held."""
    key = snapshot or current_key(project.out)
    if key is None:
        raise Failed(f"{project.out}: no snapshot has been taken yet; `benchagent run` takes one")
    comparison = compare_agents(Partition(project=project, key=key), read_roster(project.agents))
    if not comparison.rows:
        raise Failed(f"no agent has a report on snapshot {key} yet; `benchagent run` writes them")
    if as_json or output:
        rows = [dict(zip(COLUMNS, cells_of(row), strict=True)) for row in comparison.rows]
        put_out(pa.Table.from_pylist(rows), as_json=as_json, output=output)
    else:
        Console().print(Markdown(describe_comparison(comparison)))
