"""Options that say where things are, shared by the commands that need them."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from benchagent.cli.errors import Failed
from benchagent.inventory.roots import list_unscanned
from benchagent.pipeline.project import Project

_MOST_NAMED = 5
DATA = (
    "What to scan: a folder that holds reports/, csv_data/ or artifacts/, or any other folder; "
    "several are given as NAME=DIR.  [default: data]"
)
OUT = "Where everything generated goes.  [default: data/out]"
ROOT = """\b
ROOT is a folder with reports/, csv_data/ or artifacts/, or any other folder; the data folder where
none is given. Several folders are given as NAME=DIR.
"""
ACCEPT = (
    "Let the numbers of this experimental format enter facts, or of `all`; docs/formats.md says "
    "which are experimental. A mapping of `benchagent columns` can be named too."
)
AGENTS = "The roster of agents.  [default: agents.yaml of the data folder]"


def _named(
    context: click.Context, parameter: click.Parameter, given: tuple[str, ...]
) -> tuple[str, ...]:
    """Folders that were given; an empty one (a variable that is not set) is none."""
    for each in given:
        if not each.rpartition("=")[2].strip():
            raise click.BadParameter(f"{each!r} names no folder", context, parameter)
    return given


def places(command: Callable[..., Any]) -> Callable[..., Any]:
    """Gives a command --data, --out and --agents, and what they mean as `project`."""

    @click.option("--data", multiple=True, metavar="DIR|NAME=DIR", help=DATA, callback=_named)
    @click.option("--out", type=click.Path(path_type=Path, file_okay=False), help=OUT)
    @click.option("--agents", type=click.Path(path_type=Path), help=AGENTS)
    @click.option("--accept-format", "accepted", multiple=True, metavar="NAME", help=ACCEPT)
    @functools.wraps(command)
    def located(
        *args: Any,
        data: tuple[str, ...],
        out: Path | None,
        agents: Path | None,
        accepted: tuple[str, ...],
        **rest: Any,
    ) -> Any:
        usual = Project.from_environment()
        roster = agents or (None if data else usual.agents)
        project = Project.of(
            data=data or usual.data,
            out=out or usual.out,
            agents=roster,
            accepted_formats=_known(accepted, out or usual.out) or usual.accepted_formats,
        )
        return command(*args, project=project, **rest)

    return located


def root_argument(command: Callable[..., Any]) -> Callable[..., Any]:
    """Gives a command ROOT… in place of --data, and what they mean as `project`."""

    @click.argument("roots", nargs=-1, metavar="[ROOT]...", callback=_named)
    @click.option("--out", type=click.Path(path_type=Path, file_okay=False), help=OUT)
    @click.option("--accept-format", "accepted", multiple=True, metavar="NAME", help=ACCEPT)
    @functools.wraps(command)
    def located(
        *args: Any, roots: tuple[str, ...], out: Path | None, accepted: tuple[str, ...], **rest: Any
    ) -> Any:
        usual = Project.from_environment()
        _say_unscanned(roots)
        project = Project.of(
            data=roots or usual.data,
            out=out or usual.out,
            agents=usual.agents,
            accepted_formats=_known(accepted, out or usual.out) or usual.accepted_formats,
        )
        return command(*args, project=project, **rest)

    return located


def _say_unscanned(roots: tuple[str, ...]) -> None:
    """Say what lies beside reports/, csv_data/ and artifacts/ of a folder that a person named."""
    folder = Path(roots[0]).expanduser() if len(roots) == 1 else None
    beside = list_unscanned(folder) if folder and folder.is_dir() else []
    if folder and beside:
        shown = ", ".join(beside[:_MOST_NAMED]) + (", …" if len(beside) > _MOST_NAMED else "")
        click.echo(
            f"benchagent: not scanned, as only reports/, csv_data/ and artifacts/ of {folder} are: "
            f"{shown}; to scan all of it, give it a name: all={folder}",
            err=True,
        )


def _known(accepted: tuple[str, ...], out: Path) -> tuple[str, ...]:
    """The experimental formats and proposed mappings named, once each is one."""
    if not accepted:
        return ()
    # Formats take a moment to import, which only this option is worth.
    from benchagent.formats import experimental_formats
    from benchagent.mappings.kept import list_mappings

    there = experimental_formats() | {each.mapping.name for each in list_mappings(out)}
    for name in accepted:
        if name not in {*there, "all"}:
            raise Failed(
                f"--accept-format {name!r}: no experimental format and no proposed mapping; there "
                "are all, " + ", ".join(sorted(there))
            )
    return accepted
