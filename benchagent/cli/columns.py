"""`benchagent columns`: what the columns of your own files hold, said by you or by agents."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from shlex import quote
from typing import Any

import click
import pyarrow as pa

from benchagent.cli.output import output_options, put_out
from benchagent.cli.places import places
from benchagent.formats.tables.held_columns import HeldColumn
from benchagent.formats.tables.said_columns import LEFT_OUT, ROLES, SETTING
from benchagent.mappings.identities import BY_NAME
from benchagent.mappings.kept import (
    Proposal,
    Said,
    State,
    decide,
    keep_said,
    list_mappings,
    list_said,
    said_of,
)
from benchagent.mappings.own_file import open_own_file
from benchagent.pipeline.project import Project
from benchagent.quantities.metrics import all_metrics, metric_label
from benchagent.wording import counted

EXAMPLES = """\b
Examples:
  benchagent columns show sweep.csv                what each column is read as
  benchagent columns say sweep.csv lat=ttft:ms arm=model lanes=setting
  benchagent columns say sweep.csv lat=            take that back
  benchagent columns metrics                       what a column can hold
  benchagent columns list                          what was said and proposed
  benchagent columns accept columns-7781f1cb680d   read such files so from the next run on
  benchagent columns refuse columns-7781f1cb680d   never; no agent proposes it again
"""
WORDS = f"""\b
A column holds
  METRIC:UNIT              a measurement, as ttft:ms (`benchagent columns metrics` lists them)
  METRIC:UNIT:STATISTIC    one that sums up several, as latency:s:p95
  {SETTING}, {SETTING}:NAME    under what was measured; NAME in place of the column's own
  {", ".join(ROLES[:5])},
  {", ".join(ROLES[5:])}
  {LEFT_OUT}                        nothing that is to be read
COLUMN= takes back what was said of it.
\n
\b
Examples:
  benchagent columns say sweep.csv lat=ttft:ms arm=model lanes={SETTING}
  benchagent columns say runs.json 'prefill.speed=prefill_rate:tok/s'
  benchagent columns say sums.csv 'avg lat=latency:s:mean' worst=latency:s:p99 note={LEFT_OUT}
"""
SCHEMA = pa.schema(
    [
        (name, pa.string())
        for name in ("mapping", "state", "path", "column", "holds", "unit", "tested_by", "agent")
    ]
)
SHOWN = ("mapping", "state", "path", "column", "holds", "unit", "tested_by")
COLUMNS_SCHEMA = pa.schema(
    [
        ("column", pa.string()),
        ("cells", pa.list_(pa.string())),
        ("holds", pa.string()),
        ("likely", pa.string()),
    ]
)
METRICS_SCHEMA = pa.schema([(name, pa.string()) for name in ("metric", "unit", "meaning")])


def file_argument(command: Callable[..., Any]) -> Callable[..., Any]:
    """Gives a command FILE."""
    readable = click.Path(path_type=Path, exists=True, dir_okay=False, readable=True)
    return click.argument("path", metavar="FILE", type=readable)(command)


@click.group(epilog=EXAMPLES)
def columns() -> None:
    """What the columns of your own files hold: see it, say it, or decide what agents say."""


@columns.command(
    short_help="What each column of a file is read as.",
    epilog="Example: benchagent columns show sweep.csv",
)
@places
@file_argument
@output_options
def show(project: Project, path: Path, as_json: bool, output: Path | None) -> None:
    """Each column of FILE with its first cells, and what it is read as: nothing where that is blank.

    What such numbers may be by their name is offered as `likely`, and counts once you say it.
    """
    file = open_own_file(path)
    held = file.hold_columns(said_of(project.out, file.shape))
    put_out(_table(held), as_json=as_json, output=output)
    if likely := " ".join(_offer(held)):
        click.echo(
            f"Say what is so, and units in place of ?: benchagent columns say {quote(str(path))} {likely}",
            err=True,
        )


@columns.command(short_help="Say what columns of a file hold.", epilog=WORDS)
@places
@file_argument
@click.argument("words", nargs=-1, required=True, metavar="COLUMN=HOLDS...")
def say(project: Project, path: Path, words: tuple[str, ...]) -> None:
    """Say what columns of FILE hold; all files with these columns are read so from the next run on.

    It is added to what was said before, and comes before what the names of columns say.
    """
    file = open_own_file(path)
    said = {**said_of(project.out, file.shape), **dict(map(_part, words))}
    said = {column: holds for column, holds in said.items() if holds}
    parsed = file.read(said)
    keep_said(project.out, Said(mapping=file.mapping_of(said), path=str(path)))
    put_out(_table(file.hold_columns(said)), as_json=False, output=None)
    click.echo(
        f"{counted(sum(len(record.readings) for record in parsed.records), 'number')} in "
        f"{counted(len(parsed.records), 'run')}; files with these columns are read so from the "
        "next run on"
    )


@columns.command(
    short_help="What a column can hold.", epilog="Example: benchagent columns metrics | grep time"
)
@output_options
def metrics(as_json: bool, output: Path | None) -> None:
    """Every metric, the unit that its numbers are kept in, and what it means.

    Where a metric ends in `@5`, any other rank can be said too.
    """
    rows = [
        {"metric": each.id, "unit": each.unit, "meaning": f"{each.label}: {each.meaning}"}
        for each in all_metrics()
    ]
    put_out(pa.Table.from_pylist(rows, schema=METRICS_SCHEMA), as_json=as_json, output=output)


def _part(word: str) -> tuple[str, str]:
    column, parted, holds = word.rpartition("=")
    if not parted or not column:
        raise click.UsageError(f"{word!r} is no COLUMN=HOLDS, such as lat=ttft:ms")
    return column, holds


def _offer(held: Sequence[HeldColumn]) -> Iterator[str]:
    """What columns are likely to hold, as `columns say` takes it; of two of one quantity the first."""
    known = {each.holds for each in held} - {SETTING}
    for each in held:
        if each.likely and each.likely not in known:
            known |= {each.likely} - {SETTING}
            yield quote(f"{each.column}={each.likely}")


def _table(held: Sequence[HeldColumn]) -> pa.Table:
    return pa.Table.from_pylist([each._asdict() for each in held], schema=COLUMNS_SCHEMA)


@columns.command(
    "list",
    short_help="What was said and proposed, and what was decided.",
    epilog="Example: benchagent columns list --json",
)
@places
@output_options
def list_them(project: Project, as_json: bool, output: Path | None) -> None:
    """What you said and what agents proposed, column by column, and what was decided."""
    rows = [row for said in list_said(project.out) for row in _rows_said(said)]
    rows += [row for proposal in list_mappings(project.out) for row in _rows(proposal)]
    table = pa.Table.from_pylist(rows, schema=SCHEMA)
    put_out(table, as_json=as_json, output=output, columns=SHOWN)


def _rows_said(said: Said) -> Iterator[dict[str, str]]:
    about = {"mapping": said.mapping.name, "state": "said", "path": said.path}
    for column, holds in said.mapping.holds:
        yield {**about, "column": column, "holds": holds}


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
