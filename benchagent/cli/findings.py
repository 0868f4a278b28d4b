"""`benchagent findings`: what is worth telling of a folder."""

from collections.abc import Iterable
from pathlib import Path

import click
import pyarrow as pa
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from benchagent.cli.output import Row, is_watched, output_options, plain_cell, put_out
from benchagent.cli.places import ROOT, root_argument
from benchagent.cli.scanning import derive_snapshot
from benchagent.pipeline.project import Project

# A line longer than this is hard to follow.
_PAGE = 100
_NO_WRAPPING = 1_000_000
EXAMPLES = """\b
Examples:
  benchagent findings ~/my-benchmarks                    the most important first
  benchagent findings ~/my-benchmarks -o findings.json   with the facts that each rests on
  benchagent findings a=~/first b=~/second               of two folders as one
"""
STYLES = {"problem": "red", "warning": "yellow", "result": "green", "context": "cyan"}
COLUMNS = ("severity", "headline", "sentence", "next_step")
SCHEMA = pa.schema(
    [(name, pa.string()) for name in (*COLUMNS, "command", "rule", "id")]
    + [("facts", pa.list_(pa.string()))]
)


@click.command(epilog=f"{ROOT}\n{EXAMPLES}")
@root_argument
@output_options
def findings(project: Project, as_json: bool, output: Path | None) -> None:
    """What is worth telling, the most important first; no model is asked."""
    # Not worth importing for `--help`.
    from benchagent.pipeline.stages.findings import make_findings
    from benchagent.references import render_plain

    partition = derive_snapshot(project)
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
    table = pa.Table.from_pylist(rows, schema=SCHEMA)
    put_out(table, as_json=as_json, output=output, columns=COLUMNS, show=_show)


def _show(found: Iterable[Row]) -> None:
    """A page to read from the top; in a pipe each sentence is a line of its own."""
    console = Console(highlight=False)
    console.width = min(console.width, _PAGE) if is_watched() else _NO_WRAPPING
    for number, row in enumerate(found, start=1):
        severity, headline, sentence, next_step = map(plain_cell, row.values())
        begin = Text.assemble(f"{number}. ", (severity, STYLES[severity]), "  ", (headline, "bold"))
        step = Text(f"\N{RIGHTWARDS ARROW} {next_step}")
        console.print(begin)
        for text in (Text(sentence), step):
            console.print(Padding(text, (0, 0, 0, 3), expand=False))
        console.print()
