"""From the files to their facts, with the progress on the terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from benchagent.cli.errors import Failed
from benchagent.inventory.no_snapshot import NoSnapshot
from benchagent.inventory.options import ScanOptions
from benchagent.inventory.roots import resolve_roots
from benchagent.inventory.scans import Scan, scan
from benchagent.pipeline.project import Project

TYPE_CHECKING = False
if TYPE_CHECKING:
    from benchagent.pipeline.partition import Partition

console = Console(stderr=True)


def take_snapshot(project: Project, *, rehash: bool = False, allow_emptied: bool = False) -> Scan:
    """The snapshot that the project's data hold now.

    Raises:
        Failed: they cannot be one yet; the message says why and what to do.
    """
    roots = resolve_roots(*project.data)
    options = ScanOptions(rehash=rehash, allow_emptied=allow_emptied)
    with _shown("Reading files") as show:
        found = scan(
            roots,
            project.out,
            options=options,
            progress=lambda done, total, size: show(done, total),
        )
    if isinstance(found, NoSnapshot):
        raise Failed(found.reason)
    return found


def measure_snapshot(project: Project) -> "Partition":
    """What the project's data hold now, with every number of its files.

    Raises:
        Failed: they cannot be a snapshot yet.
    """
    # All formats come with them, which are not worth importing for `--help`.
    from benchagent.pipeline.partition import Partition
    from benchagent.pipeline.stages.measurements import make_measurements

    partition = Partition(project=project, key=take_snapshot(project).key)
    with _shown("Taking out numbers"):
        make_measurements(partition)
    return partition


def derive_snapshot(project: Project) -> "Partition":
    """What the project's data hold now, with what their numbers say.

    Raises:
        Failed: they cannot be a snapshot yet.
    """
    # SciPy takes a moment to import, which a scan alone is not worth.
    from benchagent.pipeline.stages.facts import make_facts

    partition = measure_snapshot(project)
    with _shown("Deriving facts") as show:
        make_facts(partition, progress=show)
    return partition


@contextmanager
def _shown(doing: str) -> Iterator[Callable[[int, int], None]]:
    """What is being done, for how long, and how much of it where that is told."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        task = progress.add_task(doing, total=None)

        def show(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        yield show
