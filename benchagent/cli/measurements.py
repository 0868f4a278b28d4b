"""`benchagent measurements`: every number of a folder."""

from pathlib import Path

import click

from benchagent.cli.output import output_options, put_out
from benchagent.cli.places import ROOT, root_argument
from benchagent.cli.scanning import measure_snapshot
from benchagent.pipeline.project import Project

EXAMPLES = """\b
Examples:
  benchagent measurements ~/my-benchmarks                 the first 200 numbers
  benchagent measurements ~/my-benchmarks -o m.parquet    all of them, with their settings
  benchagent measurements ~/my-benchmarks --json | head   one JSON object per line
"""
COLUMNS = ("source_path", "locator", "subject", "metric", "statistic", "value", "unit", "kind")


@click.command(epilog=f"{ROOT}\n{EXAMPLES}")
@root_argument
@output_options
def measurements(project: Project, as_json: bool, output: Path | None) -> None:
    """Every number that somebody measured, with its file and place."""
    numbers = measure_snapshot(project).measurements
    put_out(numbers, as_json=as_json, output=output, columns=COLUMNS)
