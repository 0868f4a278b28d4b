"""A scan with its progress on the terminal."""

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from benchagent.cli.errors import Failed
from benchagent.inventory.no_snapshot import NoSnapshot
from benchagent.inventory.options import ScanOptions
from benchagent.inventory.roots import resolve_roots
from benchagent.inventory.scans import Scan, scan
from benchagent.pipeline.partition import Partition
from benchagent.pipeline.project import Project
from benchagent.pipeline.stages.measurements import make_measurements

console = Console(stderr=True)


def take_snapshot(project: Project, *, rehash: bool = False, allow_emptied: bool = False) -> Scan:
    """The snapshot that the project's data hold now.

    Raises:
        Failed: they cannot be one yet; the message says why and what to do.
    """
    roots = resolve_roots(*project.data)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        task = progress.add_task("Reading files", total=None)

        def show(done: int, total: int, size: int) -> None:
            progress.update(task, completed=done, total=total)

        options = ScanOptions(rehash=rehash, allow_emptied=allow_emptied)
        found = scan(roots, project.out, options=options, progress=show)
    if isinstance(found, NoSnapshot):
        raise Failed(found.reason)
    return found


def measure_snapshot(project: Project) -> Partition:
    """What the project's data hold now, with every number of its files.

    Raises:
        Failed: they cannot be a snapshot yet.
    """
    partition = Partition(project=project, key=take_snapshot(project).key)
    make_measurements(partition)
    return partition
