"""`benchagent facts`: what the numbers of a folder say."""

from pathlib import Path

import click
import pyarrow as pa

from benchagent.cli.output import output_options, put_out
from benchagent.cli.places import ROOT, root_argument
from benchagent.cli.scanning import derive_snapshot
from benchagent.pipeline.project import Project

TYPE_CHECKING = False
if TYPE_CHECKING:
    from benchagent.facts.fact import Fact

EXAMPLES = """\b
Examples:
  benchagent facts ~/my-benchmarks --where "metric = 'decode_rate' and subject like 'gemma3%'"
  benchagent facts ~/my-benchmarks --where "method = 'median' and phase = 'warm'" -o warm.csv
  benchagent facts ~/my-benchmarks --where "kind = 'test' and value < 0.05"
\b
Columns for --where: kind (statistic, count, ratio, difference, test, …), label, value, unit, about,
metric, method (median, mean, minimum, …), n, spread, ci_low, ci_high, benchmark, subject, config,
option, level, phase (warm, cold) and more; a name that is none is answered with all of them.
"""
COLUMNS = ("id", "label", "figure", "n", "ci_low", "ci_high")


@click.command(epilog=f"{ROOT}\n{EXAMPLES}")
@root_argument
@click.option("--where", metavar="SQL", help="Only the facts for which this condition holds.")
@output_options
def facts(project: Project, where: str | None, as_json: bool, output: Path | None) -> None:
    """What the numbers say: counts, medians, spreads, differences."""
    # Not worth importing for `--help`.
    from benchagent.facts.table import facts_table
    from benchagent.references import write_figure

    partition = derive_snapshot(project)
    found = sorted(partition.facts.values(), key=_place)
    texts = pa.array([write_figure(fact) for fact in found], pa.string())
    table = facts_table(found).add_column(1, "figure", texts)
    if where is not None:
        # DuckDB takes a moment to import, which only this option is worth.
        from benchagent.cli.conditions import keep_where

        table = keep_where(table, where)
    put_out(table, as_json=as_json, output=output, columns=COLUMNS)


def _place(fact: "Fact") -> tuple[str, ...]:
    """What is said of the whole folder first, then what is about one thing together."""
    return (fact.benchmark or "", fact.subject or "", fact.metric or "", fact.label, fact.id)
