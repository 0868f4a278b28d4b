"""From exceptions that a person can do something about to one sentence and an exit code."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from benchagent.errors import ExplainedError


class Failed(ExplainedError):
    """A command that could not do what it was asked; the message is for its user."""


@contextmanager
def said_plainly() -> Iterator[None]:
    """Ends the program with a sentence: 1 for what failed, 2 for what was asked wrongly."""
    try:
        yield
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        _stop()
    except KeyboardInterrupt:
        _stop()
    except ExplainedError as error:
        click.secho(f"benchagent: {error}", fg="red", err=True)
        sys.exit(1)


def _stop() -> None:
    click.echo(
        "\nbenchagent: stopped; what was finished is kept, and the next run goes on.", err=True
    )
    sys.exit(130)
