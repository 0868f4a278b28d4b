"""The command line: everything that the UI does, and each step alone."""

import sys

import click

from benchagent.cli.calls import calls
from benchagent.cli.compare import compare
from benchagent.cli.doctor import doctor
from benchagent.cli.errors import said_plainly
from benchagent.cli.evidence import facts, findings, inventory, measurements
from benchagent.cli.run import run
from benchagent.cli.serve import serve
from benchagent.cli.snapshots import snapshots
from benchagent.cli.ui import ui
from benchagent.cli.warehouse import warehouse


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="benchagent")
def commands() -> None:
    r"""Verified reports from folders of language-model benchmark artifacts.

    \b
    Examples:
      benchagent run                        scan data/, let all agents report, compare them
      benchagent run --data ~/my-benchmarks the same for a folder of your own
      benchagent findings ~/my-benchmarks   what the code alone finds, no model asked
      benchagent ui                         the Dagster UI: backfills, lineage, schedules
    """


for command in (
    run,
    ui,
    inventory,
    measurements,
    facts,
    findings,
    calls,
    compare,
    serve,
    warehouse,
    snapshots,
    doctor,
):
    commands.add_command(command)


def main() -> None:
    """Runs a command; what a person can put right is said in a sentence, without a traceback."""
    with said_plainly():
        sys.exit(commands.main(standalone_mode=False) or 0)
