"""`benchagent snapshots`: which there are, and retiring old ones."""

import click

from benchagent.cli.places import places
from benchagent.inventory.observations import current_key
from benchagent.inventory.snapshots import list_snapshots, read_snapshot
from benchagent.pipeline.project import Project
from benchagent.wording import counted


@click.group()
def snapshots() -> None:
    """The sets of files that were seen."""


@snapshots.command("list", epilog="Example: benchagent snapshots list")
@places
def list_them(project: Project) -> None:
    """Every snapshot, the oldest first; * marks the current one."""
    current = current_key(project.out)
    for key in list_snapshots(project.out):
        files = len(read_snapshot(project.out, key).files)
        click.echo(f"{'*' if key == current else ' '} {key}  {counted(files, 'file'):>13}")


@snapshots.command("prune", epilog="Example: benchagent snapshots prune --keep 10")
@places
@click.option("--keep", type=click.IntRange(1), default=10, show_default=True, help="How many.")
@click.option("--in-use", multiple=True, metavar="KEY", help="Keep these too.")
@click.confirmation_option(prompt="Retire older snapshots with their reports?")
def prune_them(project: Project, keep: int, in_use: tuple[str, ...]) -> None:
    """Retire all but the latest snapshots with their reports, and the bytes that only they had."""
    from benchagent.defs.home import open_instance
    from benchagent.defs.retirement import retire

    with open_instance(project) as instance:
        pruned = retire(project, instance, keep, in_use)
    for key in pruned.keys:
        click.echo(f"retired {key}")
    click.echo(
        f"{counted(len(pruned.keys), 'snapshot')} and {counted(pruned.blobs, 'content')} gone, "
        f"{pruned.bytes_freed / 1e6:.1f} MB freed; `benchagent warehouse rebuild` forgets them too"
    )
