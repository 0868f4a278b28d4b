"""`inventory`, `measurements`, `facts`, `findings`: each step alone, on any folder."""

from pathlib import Path

import click
import duckdb
import pyarrow as pa

from benchagent.cli.errors import Failed
from benchagent.cli.output import output_options, put_out
from benchagent.cli.places import root_argument
from benchagent.cli.scanning import take_snapshot
from benchagent.facts.table import facts_table
from benchagent.pipeline.partition import Partition
from benchagent.pipeline.project import Project
from benchagent.pipeline.stages.evidence import make_facts, make_findings, make_measurements
from benchagent.references import render_plain, write_figure
from benchagent.warehouse.questions import LOCKED


@click.command(epilog="Example: benchagent inventory ~/my-benchmarks")
@root_argument
@output_options
def inventory(project: Project, as_json: bool, output: Path | None) -> None:
    """List the files of a folder, and why some were not read."""
    partition = _measured(project)
    columns = ("path", "kind", "size", "format", "n_measurements", "n_failed", "reason")
    put_out(partition.table("files"), as_json=as_json, output=output, columns=columns)


@click.command(epilog="Example: benchagent measurements ~/my-benchmarks -o measurements.parquet")
@root_argument
@output_options
def measurements(project: Project, as_json: bool, output: Path | None) -> None:
    """Every number that somebody measured, with its file and place."""
    table = _measured(project).table("measurements")
    columns = ("source_path", "locator", "subject", "metric", "statistic", "value", "unit", "kind")
    put_out(table, as_json=as_json, output=output, columns=columns)


@click.command(
    epilog="Example: benchagent facts --where \"metric = 'decode_rate' and subject like 'gemma3%'\""
)
@root_argument
@click.option("--where", metavar="SQL", help="Only the facts for which this condition holds.")
@output_options
def facts(project: Project, where: str | None, as_json: bool, output: Path | None) -> None:
    """What the numbers say: counts, medians, spreads, differences."""
    partition = _measured(project)
    make_facts(partition)
    found = facts_table(partition.facts.values())
    texts = pa.array([write_figure(fact) for fact in partition.facts.values()], pa.string())
    table = _filtered(found.add_column(1, "figure", texts), where)
    columns = ("id", "label", "figure", "n", "ci_low", "ci_high")
    put_out(table, as_json=as_json, output=output, columns=columns)


def _filtered(table: pa.Table, where: str | None) -> pa.Table:
    """The rows for which a condition in SQL holds, with no way out of the table."""
    if where is None:
        return table
    with duckdb.connect(config=LOCKED) as connection:
        connection.register("facts", table)
        try:
            return connection.sql("FROM facts").filter(where).to_arrow_table()
        except duckdb.Error as error:
            raise Failed(f"--where {where!r}: {error}") from error


@click.command(epilog="Example: benchagent findings ~/my-benchmarks")
@root_argument
@output_options
def findings(project: Project, as_json: bool, output: Path | None) -> None:
    """What is worth telling, the most important first; no model is asked."""
    partition = _measured(project)
    make_facts(partition)
    make_findings(partition)
    rows = [
        {
            "severity": found.severity,
            "headline": found.headline,
            "sentence": render_plain(found.sentences[0], partition.facts),
            "next_step": found.next_step.text,
            "command": found.next_step.command,
            "rule": found.rule,
            "id": found.id,
            "facts": list(found.facts),
        }
        for found in partition.findings.values()
    ]
    schema = pa.schema(
        [(name, pa.string()) for name in list(rows[0])[:-1]]
        if rows
        else [("sentence", pa.string())]
    )
    schema = schema.append(pa.field("facts", pa.list_(pa.string())))
    table = pa.Table.from_pylist(rows, schema=schema)
    columns = ("severity", "headline", "sentence", "next_step") if rows else ()
    put_out(table, as_json=as_json, output=output, columns=columns)


def _measured(project: Project) -> Partition:
    partition = Partition(project=project, key=take_snapshot(project).key)
    make_measurements(partition)
    return partition
