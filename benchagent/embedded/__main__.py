"""`python -m benchagent.embedded`: the embedded server in the foreground, or as somebody's child."""

import logging
import sys
from pathlib import Path

import click

from benchagent.embedded.errors import EmbeddedError, RefusedError
from benchagent.embedded.server import Limits
from benchagent.embedded.serving import DEFAULT_PORT, Listening, serve
from benchagent.embedded.wire import read_keep_alive


@click.command()
@click.option("--cache", type=click.Path(path_type=Path, file_okay=False), required=True)
@click.option(
    "--model", type=click.Path(path_type=Path, dir_okay=False), help="Your own GGUF file."
)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=DEFAULT_PORT, show_default=True, help="0 takes a free one.")
@click.option(
    "--keep-alive", default="5m", show_default=True, help="How long an unused model stays."
)
@click.option("--parallel", default=1, show_default=True, type=click.IntRange(1, 64))
@click.option("--allow-remote", is_flag=True, help="Let other machines in.")
@click.option("--on-demand", is_flag=True, help="Load the model when it is first asked.")
@click.option("--exit-with-parent", is_flag=True, help="End when stdin closes.")
def main(
    *,
    cache: Path,
    model: Path | None,
    host: str,
    port: int,
    keep_alive: str,
    parallel: int,
    allow_remote: bool,
    on_demand: bool,
    exit_with_parent: bool,
) -> None:
    """Serve one model over Ollama's API; the first line of output is where, as JSON."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
    try:
        limits = Limits(
            live=parallel,
            keep_alive_s=read_keep_alive(keep_alive),
            guarded=not allow_remote,
            preload=not on_demand,
        )
        serve(
            cache=cache,
            host=host,
            port=port,
            model=model,
            limits=limits,
            allow_remote=allow_remote,
            exit_with_parent=exit_with_parent,
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
