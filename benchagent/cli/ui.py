"""`benchagent ui`: the Dagster UI with this project, and a model server behind it."""

import os
import signal
import socket
import sys

import click

from benchagent.agents.roster_file import read_roster
from benchagent.calls.hosts import choose_host
from benchagent.calls.servers import Servers
from benchagent.cli.errors import Failed
from benchagent.cli.places import places
from benchagent.cli.process_group import program_of_ours
from benchagent.pipeline.project import Project
from benchagent.store import sweep_temporaries

STOP_SECONDS = 20


@click.command(epilog="Example: benchagent ui --port 3001")
@places
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=3000, show_default=True, type=click.IntRange(1, 65535))
def ui(project: Project, host: str, port: int) -> None:
    """Open the Dagster UI; start the embedded model server where no Ollama answers."""
    from benchagent.defs.home import limit_pools, open_instance
    from benchagent.defs.liveness import end_stale_runs

    roster = read_roster(project.agents)
    _require_free(host, port)
    sweep_temporaries(project.out)
    with open_instance(project) as instance:
        limit_pools(instance, roster)
        for run_id in end_stale_runs(instance, project.out):
            click.echo(f"Dagster run {run_id[:8]} was cut off earlier; it is marked as failed")
    with Servers(project.out, say=click.echo) as servers:
        if choose_host(None, os.environ, allow_remote=True) is None:
            servers.embedded()
        with servers.shared():
            click.echo(f"Dagster starts at http://{host}:{port} (Ctrl-C ends it)")
            _run_dagster(project, host, port)


def _require_free(host: str, port: int) -> None:
    with socket.socket() as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((host, port))
        except OSError as error:
            raise Failed(
                f"cannot listen on {host}:{port} ({error.strerror}); give another --port, or end "
                "the program that has it"
            ) from error


def _run_dagster(project: Project, host: str, port: int) -> None:
    """Dagster's own processes until they end or a person stops them."""
    # The warning that `dagster dev` has a successor is Dagster's to settle, not our user's.
    quiet = ["-W", "ignore:::click.core"]
    command = [sys.executable, *quiet, "-m", "dagster", "dev", "-m", "benchagent.definitions"]
    command += ["-h", host, "-p", str(port)]
    # A shell's background job has SIGINT ignored, and a service is ended by SIGTERM.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    # From its home: it warns of a dagster.yaml in the current folder that it does not use.
    with program_of_ours(command, folder=project.dagster_home, patience_s=STOP_SECONDS) as dagster:
        try:
            code = dagster.wait()
        except KeyboardInterrupt:
            return
    if code:
        raise Failed(f"Dagster ended with code {code}; what it printed above says why")
