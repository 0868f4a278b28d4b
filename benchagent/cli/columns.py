"""`benchagent columns`: what agents say that files of no known format hold, for a person to decide."""

from pathlib import Path

import click
import pyarrow as pa

from benchagent.cli.output import output_options, put_out
from benchagent.cli.places import places
from benchagent.mappings.identities import BY_NAME
from benchagent.mappings.kept import Proposal, State, decide, list_mappings
from benchagent.pipeline.project import Project
from benchagent.quantities.metrics import metric_label

EXAMPLES = """\b
Examples:
  benchagent columns list                          what was proposed, column by column
  benchagent columns accept columns-7781f1cb680d   read such files so from the next run on
  benchagent columns refuse columns-7781f1cb680d   never; no agent proposes it again
"""
SCHEMA = pa.schema(
    [
        (name, pa.string())
        for name in ("mapping", "state", "path", "column", "holds", "unit", "tested_by", "agent")
    ]
)
SHOWN = ("mapping", "state", "path", "column", "holds", "unit", "tested_by")


@click.group(epilog=EXAMPLES)
def columns() -> None:
    """What agents say that the columns of unknown files hold; a person accepts or refuses it."""


@columns.command(
    "list",
    short_help="What was proposed, and what was decided.",
    epilog="Example: benchagent columns list --json",
)
@places
@output_options
def list_them(project: Project, as_json: bool, output: Path | None) -> None:
    """Every mapping that was proposed, column by column, and what was decided."""
    rows = [row for proposal in list_mappings(project.out) for row in _rows(proposal)]
    table = pa.Table.from_pylist(rows, schema=SCHEMA)
    put_out(table, as_json=as_json, output=output, columns=SHOWN)


def _rows(proposal: Proposal) -> list[dict[str, str]]:
    mapping = proposal.mapping
    about = {
        "mapping": mapping.name,
        "state": proposal.state,
        "path": proposal.path,
        "agent": proposal.agent,
    }
    numbers = [
        {
            **about,
            "column": each.column,
            "holds": metric_label(each.metric) if each.counts else f"{each.metric}, not counted",
            "unit": each.unit,
            "tested_by": "; ".join(
                name for name in mapping.identities if each.metric in BY_NAME[name].metrics
            ),
        }
        for each in mapping.columns
    ]
    texts = (
        [{**about, "column": mapping.subject, "holds": "the subject"}] if mapping.subject else []
    )
    texts += [{**about, "column": name, "holds": "a setting"} for name in mapping.settings]
    return numbers + texts


@columns.command(
    "accept",
    short_help="Let their numbers enter facts.",
    epilog="Example: benchagent columns accept columns-7781f1cb680d",
)
@places
@click.argument("name")
def accept(project: Project, name: str) -> None:
    """Let the numbers of such files enter facts, from the next run on."""
    _decide(project, name, "accepted", "`benchagent run` reads such files so from now on")


@columns.command(
    "refuse",
    short_help="Never read such files so.",
    epilog="Example: benchagent columns refuse columns-7781f1cb680d",
)
@places
@click.argument("name")
def refuse(project: Project, name: str) -> None:
    """Keep the numbers of such files out of facts; no agent proposes this mapping again."""
    _decide(project, name, "refused", "no file is read so, and no agent proposes it again")


def _decide(project: Project, name: str, state: State, follows: str) -> None:
    decided = decide(project.out, name, state)
    click.echo(f"{decided.mapping.name} is {state}: {follows}")
