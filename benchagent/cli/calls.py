"""`benchagent calls`: how model calls performed, or any question to the warehouse."""

from pathlib import Path

import click

from benchagent.cli.output import output_options, put_out
from benchagent.cli.places import places
from benchagent.pipeline.project import Project
from benchagent.warehouse.questions import query, saved_query

EXAMPLES = """\b
Examples:
  benchagent calls                      a line for each agent and phase
  benchagent calls --all -o calls.csv   every call, with all its columns
  benchagent calls --sql "select agent, count(*) from claims group by agent"
"""


@click.command(epilog=EXAMPLES)
@places
@click.option("--all", "every", is_flag=True, help="Every call instead of a line for each agent.")
@click.option("--sql", metavar="QUERY", help="Any question to the warehouse, read-only.")
@output_options
def calls(
    project: Project, every: bool, sql: str | None, as_json: bool, output: Path | None
) -> None:
    """Model calls from the warehouse: first tokens, rates, failures; cold ones apart."""
    question = sql or saved_query("every_call" if every else "calls_by_agent")
    put_out(query(project, question), as_json=as_json, output=output)
