"""Tables and lists of a write-up: numbers that somebody says were measured, so `claimed` each.

A cell counts when its column (or, in a `Metric | Value` table, its row) names a metric that we
know and the unit is certain from the header or the cell, a list's number when its name does. Prose
is not read here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from benchagent.formats.engines import llama_bench_table
from benchagent.formats.own.markdown_lists import read_lists
from benchagent.formats.own.markdown_rows import read_table
from benchagent.formats.tables.line_rows import find_line_rows
from benchagent.formats.tables.row_columns import plan_rows
from benchagent.formats.tables.row_records import parse_rows
from benchagent.markdown_text import BAR
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.artifact_text import Unreadable, split_lines
from benchagent.measurements.locators import line_locator
from benchagent.measurements.readings import Parsed, Record, Refusal
from benchagent.wording import counted

NAME: Final = "markdown"

_MOST_NAMED: Final = 12


def detect(artifact: Artifact) -> bool:
    """Whether the file is Markdown."""
    return artifact.shape == "markdown"


def parse(artifact: Artifact) -> Parsed:
    """One record per table row, cell of a `Metric | Value` table or list entry with a number we know."""
    tables = [] if isinstance(artifact.tables, Unreadable) else artifact.tables
    refusals: list[Refusal] = []
    unread: dict[str, None] = {}
    text = "" if isinstance(artifact.text, Unreadable) else artifact.text
    records = llama_bench_table.read_rows(text, "claimed", refusals)
    benched = {record.name for record in records}
    for table in tables:
        if not any(line_locator(line) in benched for line, _ in table.rows):
            records += read_table(table, refusals, unread)
    records += _read_lines(split_lines(text), refusals)
    found = f"{counted(len(tables), 'table')}, none" if tables else "no table or list"
    return Parsed(
        format=NAME,
        records=tuple(replace(record, sequence=at) for at, record in enumerate(records)),
        refusals=tuple(refusals),
        reason=_say_unread([*unread])
        if records
        else f"{found} with numbers of a known metric and unit",
    )


def _say_unread(labels: Sequence[str]) -> str | None:
    """The columns and rows of numbers that were not read, in words, if any."""
    more = f" and {len(labels) - _MOST_NAMED} more" if len(labels) > _MOST_NAMED else ""
    return f"numbers not understood: {', '.join(labels[:_MOST_NAMED])}{more}" if labels else None


def _read_lines(lines: list[str], refusals: list[Refusal]) -> Iterator[Record]:
    """The numbers that lists and lines of a write-up name; a line is read once."""
    listed = [*read_lists(lines)]
    yield from listed
    taken = {record.name.partition(",")[0] for record in listed}
    others = [
        "" if line_locator(at) in taken or BAR.search(line) else line
        for at, line in enumerate(lines, 1)
    ]
    if rows := find_line_rows(others):
        parsed = parse_rows(
            rows, plan_rows(rows), format=NAME, benchmark="llm-call", kind="claimed"
        )
        refusals += parsed.refusals
        yield from (record for record in parsed.records if record.readings)
