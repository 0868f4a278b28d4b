"""The command line in this process, as a person uses it: what it says and how it ends."""

import sys
from dataclasses import dataclass

import pytest

from benchagent.cli import main
from benchagent.pipeline.project import Project
from benchagent_tests.running import own_environment


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """How a command ended."""

    code: int
    out: str
    err: str


def run_command(capsys: pytest.CaptureFixture[str], *arguments: str) -> Said:
    """`benchagent ARGUMENTS…`; what it does to the environment is undone."""
    before, sys.argv = sys.argv, ["benchagent", *arguments]
    capsys.readouterr()
    try:
        with own_environment():
            main()
        code: object = 0
    except SystemExit as end:
        code = end.code
    finally:
        sys.argv = before
    said = capsys.readouterr()
    return Said(code=code if isinstance(code, int) else 1, out=said.out, err=said.err)


class Terminal:
    """Runs commands in this process, on a project of its own."""

    def __init__(self, project: Project, capsys: pytest.CaptureFixture[str]) -> None:
        self.project = project
        self._capsys = capsys

    def __call__(self, *arguments: str) -> Said:
        return run_command(self._capsys, *arguments)

    def on_project(self, command: str, *arguments: str) -> Said:
        return self(command, *places(self.project), *arguments)


def places(project: Project) -> list[str]:
    return [
        *("--data", project.data[0]),
        *("--out", str(project.out)),
        *("--agents", str(project.agents)),
    ]


def assert_sentence(said: Said, *words: str, code: int = 1) -> None:
    """It ended with that code and a sentence with those words, and no traceback."""
    assert said.code == code, said
    assert "Traceback" not in said.err + said.out
    for word in words:
        assert word in said.err, said.err
