"""The command line: everything that the UI does, and each step alone.

A command stands in the module of its name. They share `places` (where things are), `scanning`
(from files to facts), `asking` (agents over snapshots), `output` (tables), `conditions`
(`--where`) and `errors` (exit codes).
"""

import sys
from importlib import import_module

import click

from benchagent.cli.errors import said_plainly
from benchagent.left_out import without_pandas

# Each with its line of help. A command's module has its name and is imported when it is asked for:
# Dagster, DuckDB and SciPy take seconds together.
COMMANDS = {
    "run": "Scan, analyse, report and compare; print where the reports are.",
    "backfill": "Let agents report on past snapshots; say first what it costs.",
    "ui": "Open the Dagster UI, with a model server behind it.",
    "inventory": "List the files of a folder, and why some were not read.",
    "measurements": "Every number that somebody measured, with its place.",
    "facts": "What the numbers say: counts, medians, spreads, differences.",
    "findings": "What is worth telling, the most important first.",
    "verify": "Check every claim of a report against the data.",
    "calls": "Model calls from the warehouse, or any question to it.",
    "compare": "Agents and scenarios side by side.",
    "bench": "Measure models with a prompt suite and an option sweep.",
    "serve": "Serve a small model over Ollama's API.",
    "warehouse": "The DuckDB file with everything that was made.",
    "columns": "What the columns of your own files hold: see it, say it.",
    "snapshots": "The sets of files that were seen.",
    "doctor": "Check this machine and this project.",
}
# What a command of these imports takes longer than the second process of its scan takes to start.
SCANNING = frozenset({"run", "inventory", "measurements", "facts", "findings", "verify"})
EXAMPLES = """\b
Examples:
  benchagent run                          scan data/, let all agents report, compare them
  benchagent run --data ~/my-benchmarks   the same for a folder of your own
  benchagent findings ~/my-benchmarks     what the code alone finds, no model asked
  benchagent ui                           the Dagster UI: backfills, lineage, schedules
"""


class Commands(click.Group):
    """The commands by name, each from its own module."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order in which people need them."""
        return list(COMMANDS)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that these arguments ask for; if it scans, that is prepared for."""
        name, *rest = args
        if name in SCANNING and not {"-h", "--help"}.intersection(rest):
            from benchagent.inventory.second_reader import expect_scan

            expect_scan()
        return super().resolve_command(ctx, args)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now."""
        if cmd_name not in COMMANDS:
            return None
        with without_pandas():
            module = import_module(f"benchagent.cli.{cmd_name}")
        return getattr(module, cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The names with a line each, without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(
    cls=Commands,
    epilog=EXAMPLES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="benchagent")
def commands() -> None:
    """Verified reports from folders of language-model benchmark artifacts."""


def main() -> None:
    """Runs a command; what a person can put right is said in a sentence, without a traceback."""
    with said_plainly():
        sys.exit(commands.main(prog_name="benchagent", standalone_mode=False) or 0)
