"""`benchagent inventory`: which files there are, and what became of each."""

from pathlib import Path

import click

from benchagent.cli.output import output_options, put_out
from benchagent.cli.places import ROOT, root_argument
from benchagent.cli.scanning import measure_snapshot
from benchagent.pipeline.project import Project

EXAMPLES = """\b
Examples:
  benchagent inventory ~/my-benchmarks                what became of each file
  benchagent inventory a=~/first b=~/second           two folders as one
  benchagent inventory ~/my-benchmarks -o files.csv   all columns, as a file
"""
COLUMNS = ("path", "kind", "size", "format", "n_measurements", "n_failed", "reason")


@click.command(epilog=f"{ROOT}\n{EXAMPLES}")
@root_argument
@output_options
def inventory(project: Project, as_json: bool, output: Path | None) -> None:
    """List the files of a folder, and why some were not read."""
    files = measure_snapshot(project).table("files")
    put_out(files, as_json=as_json, output=output, columns=COLUMNS)
