"""What every command says of itself, and what it says to a question asked wrongly."""

import subprocess
import sys

import click
import pytest

from benchagent.cli import COMMANDS, commands
from benchagent_tests.cli.terminal import Terminal, assert_sentence
from benchagent_tests.patience import PATIENCE_S


@pytest.mark.parametrize("name", [*COMMANDS, "warehouse rebuild", "snapshots prune"])
def test_every_command_says_what_it_does_and_shows_an_example(
    terminal: Terminal, name: str
) -> None:
    said = terminal(*name.split(), "--help")

    assert said.code == 0
    assert "Usage: benchagent" in said.out
    groups = ("warehouse", "snapshots")
    assert name in groups or f"benchagent {name}" in said.out.split("Options:")[-1]


def test_the_list_of_commands_says_what_each_command_says(terminal: Terminal) -> None:
    context = click.Context(commands)

    assert terminal("--help").code == 0
    for name in COMMANDS:
        command = commands.get_command(context, name)
        assert command is not None
        assert command.name == name


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["no-such-command"], "No such command"),
        (["run", "--no-such-option"], "No such option"),
        (["run", "--max-calls", "many"], "many"),
        (["run", "--max-calls", "-1"], "-1"),
    ],
)
def test_what_was_asked_wrongly_ends_with_2(
    terminal: Terminal, arguments: list[str], word: str
) -> None:
    assert_sentence(terminal(*arguments), word, code=2)


def test_help_is_there_without_dagster(terminal: Terminal) -> None:
    script = (
        "import sys; sys.argv = ['benchagent', '--help']\n"
        "from benchagent.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "assert 'dagster' not in sys.modules and 'duckdb' not in sys.modules\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )

    assert done.returncode == 0, done.stderr
