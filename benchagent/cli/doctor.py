"""`benchagent doctor`: what is installed, reachable and writable, and what to do where it is not."""

import importlib.util
import os
import platform
import shutil
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version

import click

from benchagent.agents.roster import Roster, read_roster
from benchagent.calls.client import OllamaClient
from benchagent.calls.hosts import choose_host
from benchagent.cli.errors import Failed
from benchagent.cli.places import places
from benchagent.errors import ExplainedError
from benchagent.inventory.roots import resolve_roots
from benchagent.pipeline.project import Project
from benchagent.store import make_folder, require_free_space

PACKAGES = ("dagster", "dagster-webserver", "duckdb", "ollama", "pandas", "pyarrow", "scipy")


@click.command(epilog="Example: benchagent doctor")
@places
def doctor(project: Project) -> None:
    """Check this machine and this project; exit 1 where something needs a person."""
    checks: list[tuple[str, Callable[[], str]]] = [
        ("Python", _python),
        ("Packages", _packages),
        ("Embedded engine", _embedded),
        ("Data", lambda: _data(project)),
        ("Output folder", lambda: _output(project)),
        ("Roster", lambda: _roster(project)),
        ("Models", lambda: _models(project)),
        ("GPU telemetry", _gpu),
    ]
    failed = [name for name, check in checks if not _report(name, check)]
    if failed:
        raise Failed(f"needs attention: {', '.join(failed)}")


def _report(name: str, check: Callable[[], str]) -> bool:
    try:
        click.echo(f"{click.style('ok', fg='green'):<13} {name}: {check()}")
    except ExplainedError as error:
        click.echo(f"{click.style('look', fg='red'):<13} {name}: {error}")
        return False
    return True


def _python() -> str:
    return f"{platform.python_version()} on {platform.system()} {platform.machine()}"


def _packages() -> str:
    def named() -> Iterator[str]:
        for name in PACKAGES:
            try:
                yield f"{name} {version(name)}"
            except PackageNotFoundError as error:
                raise Failed(f"{name} is not installed; run `pip install benchagent`") from error

    return ", ".join(named())


def _embedded() -> str:
    if importlib.util.find_spec("openvino_genai") is None:
        return "not installed (`pip install 'benchagent[embedded]'`); an Ollama is needed"
    return f"openvino-genai {version('openvino-genai')}"


def _data(project: Project) -> str:
    roots = resolve_roots(*project.data)
    missing = f"; missing: {', '.join(roots.missing)}" if roots.missing else ""
    return ", ".join(f"{root.name} ({root.path})" for root in roots.present) + missing


def _output(project: Project) -> str:
    folder = make_folder(project.out)
    require_free_space(folder, 0)
    return f"{folder}, {shutil.disk_usage(folder).free / 1e9:.0f} GB free"


def _roster(project: Project) -> str:
    roster = read_roster(project.agents)
    return f"{project.agents}: {', '.join(agent.slug for agent in roster.agents)}"


def _models(project: Project) -> str:
    roster = read_roster(project.agents)
    host = choose_host(None, os.environ)
    if host is None:
        return "no Ollama answers: the embedded server is used, started when it is needed"
    with OllamaClient(host) as client:
        found = [_found(client, agent) for agent in _asking(roster)]
        return f"{host.url}, version {client.version()}: {', '.join(dict.fromkeys(found))}"


def _asking(roster: Roster) -> list[str]:
    return [agent.model for agent in roster.agents if agent.model and agent.host is None]


def _found(client: OllamaClient, model: str) -> str:
    identity = client.identify(model)
    return f"{identity.name} ({identity.parameter_size}, {identity.quantisation})"


def _gpu() -> str:
    return "nvidia-smi is there" if shutil.which("nvidia-smi") else "none (absent is null)"
