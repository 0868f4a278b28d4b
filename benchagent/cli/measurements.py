"""`benchagent measurements`: every number of a folder."""

from pathlib import Path

import click

from benchagent.cli.output import output_options, put_out
from benchagent.cli.places import root_argument
from benchagent.cli.scanning import measure_snapshot
from benchagent.pipeline.project import Project

COLUMNS = ("source_path", "locator", "subject", "metric", "statistic", "value", "unit", "kind")


@click.command(epilog="Example: benchagent measurements ~/my-benchmarks -o measurements.parquet")
@root_argument
@output_options
def measurements(project: Project, as_json: bool, output: Path | None) -> None:
    """Every number that somebody measured, with its file and place."""
    numbers = measure_snapshot(project).table("measurements")
    put_out(numbers, as_json=as_json, output=output, columns=COLUMNS)
