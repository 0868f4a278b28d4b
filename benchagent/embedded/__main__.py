"""`python -m benchagent.embedded`: the embedded server as another program's child.

It takes a free port of 127.0.0.1 and ends when its stdin closes, which it does when the parent
ends, however it ends. The program for people is `benchagent serve`.
"""

import logging
import sys
from pathlib import Path

import click

from benchagent.embedded.errors import EmbeddedError, RefusedError
from benchagent.embedded.server import Limits
from benchagent.embedded.serving import Listening, serve


@click.command()
@click.option("--cache", type=click.Path(path_type=Path, file_okay=False), required=True)
@click.option(
    "--model", type=click.Path(path_type=Path, dir_okay=False), help="Your own GGUF file."
)
@click.option("--parallel", default=1, show_default=True, type=click.IntRange(1, 64))
@click.option("--on-demand", is_flag=True, help="Load the model when it is first asked.")
def main(*, cache: Path, model: Path | None, parallel: int, on_demand: bool) -> None:
    """Serve one model over Ollama's API; the first line of output is where, as JSON."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
    try:
        serve(
            cache=cache,
            port=0,
            model=model,
            limits=Limits(live=parallel, preload=not on_demand),
            exit_with_parent=True,
            announce=_announce,
        )
    except (EmbeddedError, RefusedError) as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(1)


def _announce(listening: Listening) -> None:
    click.echo(listening.line())
    sys.stdout.flush()


if __name__ == "__main__":
    main()
