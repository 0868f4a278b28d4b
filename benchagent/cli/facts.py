"""`benchagent facts`: what the numbers of a folder say."""

from pathlib import Path

import click
import pyarrow as pa

from benchagent.cli.output import output_options, put_out
from benchagent.cli.places import root_argument
from benchagent.cli.scanning import measure_snapshot
from benchagent.facts.table import facts_table
from benchagent.pipeline.project import Project
from benchagent.pipeline.stages.facts import make_facts
from benchagent.references import write_figure

COLUMNS = ("id", "label", "figure", "n", "ci_low", "ci_high")


@click.command(
    epilog="Example: benchagent facts --where \"metric = 'decode_rate' and subject like 'gemma3%'\""
)
@root_argument
@click.option("--where", metavar="SQL", help="Only the facts for which this condition holds.")
@output_options
def facts(project: Project, where: str | None, as_json: bool, output: Path | None) -> None:
    """What the numbers say: counts, medians, spreads, differences."""
    partition = measure_snapshot(project)
    make_facts(partition)
    found = facts_table(partition.facts.values())
    texts = pa.array([write_figure(fact) for fact in partition.facts.values()], pa.string())
    table = found.add_column(1, "figure", texts)
    if where is not None:
        # DuckDB takes a moment to import, which only this option is worth.
        from benchagent.cli.conditions import keep_where

        table = keep_where(table, where)
    put_out(table, as_json=as_json, output=output, columns=COLUMNS)
