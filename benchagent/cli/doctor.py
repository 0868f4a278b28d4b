"""`benchagent doctor`: what is installed, reachable and writable, and what to do where it is not."""

import importlib.util
import os
import platform
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from importlib.metadata import PackageNotFoundError, version

import click

from benchagent.agents.roster_file import read_roster
from benchagent.calls.client import OllamaClient
from benchagent.calls.gpu import GpuMeter
from benchagent.calls.hosts import Host, choose_host
from benchagent.cli.errors import Failed
from benchagent.cli.places import places
from benchagent.errors import ExplainedError
from benchagent.inventory.roots import resolve_roots
from benchagent.pipeline.project import Project
from benchagent.store import locked, make_folder, require_free_space, write_atomically

PACKAGES = ("dagster", "dagster-webserver", "duckdb", "ollama", "pandas", "pyarrow", "scipy")


@click.command(epilog="Example: benchagent doctor")
@places
def doctor(project: Project) -> None:
    """Check this machine and this project; exit 1 where something needs a person."""
    checks: list[tuple[str, Callable[[], str]]] = [
        ("Python", _python),
        ("Packages", _packages),
        ("Embedded engine", _embedded),
        ("Formats", _formats),
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
    with locked(folder / "locks" / "doctor.lock", doing="checking the output folder", wait_s=10):
        probe = folder / ".doctor"
        write_atomically(probe, b"can be written and renamed")
        probe.unlink()
    return f"{folder}, {shutil.disk_usage(folder).free / 1e9:.0f} GB free"


def _formats() -> str:
    # Formats take a moment to import, and other packages' are imported with them.
    from benchagent.formats import FORMATS, plugged_in_formats

    others = plugged_in_formats()
    if others.broken:
        raise Failed("; ".join(others.broken))
    named = ", ".join(f"{format.name} of {format.package}" for format in others.formats)
    return f"{len(FORMATS)} of our own; of other packages: {named or 'none'}"


def _roster(project: Project) -> str:
    roster = read_roster(project.agents)
    return f"{project.agents}: {', '.join(agent.slug for agent in roster.agents)}"


def _models(project: Project) -> str:
    """Every agent's model on the agent's own server; all that is wrong at once."""
    roster = read_roster(project.agents)
    found: list[str] = []
    wrong: list[str] = []
    with ExitStack() as opened:
        clients: dict[Host, OllamaClient] = {}
        for agent in roster.agents:
            if agent.model is None:
                continue
            try:
                host = choose_host(agent.host, os.environ, allow_remote=agent.allow_remote)
                if host is None:
                    found.append(EMBEDDED)
                    continue
                if host not in clients:
                    clients[host] = opened.enter_context(OllamaClient(host))
                found.append(_found(clients[host], agent.model))
            except ExplainedError as error:
                wrong.append(str(error))
    if wrong:
        raise Failed("; ".join(dict.fromkeys(wrong)))
    return "; ".join(dict.fromkeys(found)) or "no agent has a model"


EMBEDDED = "no Ollama answers: the embedded server is used, started when it is needed"


def _found(client: OllamaClient, model: str) -> str:
    identity = client.identify(model)
    where = f"{client.host.url}, version {client.version()}"
    alone = (
        ""
        if client.host.loopback
        else " (another machine: it keeps turns among this machine's agents alone)"
    )
    shape = f"{identity.parameter_size}, {identity.quantisation}"
    return f"{identity.name} ({shape}) at {where}{alone}"


def _gpu() -> str:
    meter = GpuMeter()
    reading = meter.read(threading.Event()) if meter.problem is None else None
    if reading is None:
        return f"{meter.problem}; these columns of calls stay null"
    memory = reading.gpu_memory_total_mib
    size = "" if memory is None else f", {memory / 1024:.0f} GB"
    return f"{reading.gpu_name}{size}"
