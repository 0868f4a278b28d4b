"""`benchagent serve`: the embedded server, on its own."""

from pathlib import Path

import click

from benchagent.calls.servers import embedded_cache
from benchagent.cli.places import places
from benchagent.embedded.server import Limits
from benchagent.embedded.serving import DEFAULT_PORT
from benchagent.embedded.serving import serve as serve_embedded
from benchagent.pipeline.project import Project

EXAMPLES = """\b
Examples:
  benchagent serve                                     at Ollama's usual port
  benchagent serve --model my-model.gguf --port 8080   a model of your own
  OLLAMA_HOST=http://127.0.0.1:8080 benchagent run     and agents that use it
"""


@click.command(epilog=EXAMPLES)
@places
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=DEFAULT_PORT, show_default=True, type=click.IntRange(0, 65535))
@click.option(
    "--model", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="A GGUF file."
)
@click.option("--allow-remote", is_flag=True, help="Let other machines in.")
def serve(project: Project, host: str, port: int, model: Path | None, allow_remote: bool) -> None:
    """Serve a small model over Ollama's API, for machines without an Ollama."""
    serve_embedded(
        cache=embedded_cache(project.out),
        host=host,
        port=port,
        model=model,
        limits=Limits(guarded=not allow_remote),
        announce=lambda listening: click.echo(f"{listening.model} at {listening.url}", err=True),
    )
