"""`benchagent warehouse`: the DuckDB file, built from what earlier runs wrote."""

import click

from benchagent.cli.places import places
from benchagent.pipeline.project import Project
from benchagent.warehouse import building


@click.group()
def warehouse() -> None:
    """The DuckDB file with everything that was made."""


@warehouse.command(epilog="Example: benchagent warehouse rebuild")
@places
def rebuild(project: Project) -> None:
    """Build the warehouse from nothing, out of the files of all snapshots."""
    for name, rows in building.rebuild(project).items():
        click.echo(f"{name:<16} {rows:>10,} rows")
    click.echo(str(project.warehouse))
