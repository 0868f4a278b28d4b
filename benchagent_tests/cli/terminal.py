"""The command line in this process, as a person uses it: what it says and how it ends."""

import sys
from dataclasses import dataclass

import pytest

from benchagent.cli import main
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
