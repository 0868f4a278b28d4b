"""Calls of a language model as CSV, one per row: prompt suites, baselines, quantisation and option
sweeps, with Ollama's timings in seconds or milliseconds under names that scripts give them.
"""

from collections.abc import Sequence
from functools import partial
from typing import Final

from benchagent.formats.call_columns import (
    OLLAMA_OPTIONS,
    OPTION_PREFIX,
    Columns,
    learn_definitions,
    plan_columns,
)
from benchagent.formats.call_records import NO_RUN, is_no_run, read_record
from benchagent.formats.row_columns import plan_rows
from benchagent.mappings.rows import rows_of_grid
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.artifact_text import Grid
from benchagent.measurements.locators import row_locator
from benchagent.measurements.readings import Kind, Parsed, Record, Refusal

NAME: Final = "llm-calls-csv"


def detect(artifact: Artifact) -> bool:
    """Whether the columns are those of single calls."""
    grid = artifact.grid
    return isinstance(grid, Grid) and plan_columns(grid.labels).holds_calls


def parse(artifact: Artifact) -> Parsed:
    """One record per row."""
    grid = artifact.expect_grid()
    columns = learn_definitions(plan_rows(rows_of_grid(grid)), whole_rows(grid))
    return parse_rows(grid, columns, format=NAME, benchmark=find_benchmark(grid, columns))


def parse_rows(
    grid: Grid, columns: Columns, *, format: str, benchmark: str, kind: Kind = "measured"
) -> Parsed:
    """The rows of a grid whose columns are understood; rows of another width are refused."""
    records: list[Record] = []
    refusals: list[Refusal] = []
    for at, row in enumerate(grid.rows, start=1):
        if said := grid.refuse_row(row):
            refusals.append(Refusal(locator=f"row={at}", reason=said))
            continue
        record, refused = read_record(
            columns,
            row,
            partial(row_locator, at),
            name=f"row={at}",
            sequence=at - 1,
            benchmark=benchmark,
            kind=kind,
        )
        if is_no_run(record, columns):
            refusals.append(Refusal(locator=f"row={at}", reason=NO_RUN))
            continue
        records.append(record)
        refusals.extend(refused)
    return Parsed(
        format=format,
        records=tuple(records),
        refusals=tuple(refusals),
        reason=say_unread(columns, grid),
    )


def whole_rows(grid: Grid) -> list[Sequence[str]]:
    """The first rows that have a cell for each column: enough to learn the definitions from."""
    return [row for row in grid.rows[:200] if grid.refuse_row(row) is None]


def find_benchmark(grid: Grid, columns: Columns) -> str:
    """A sweep if an option takes several values in the file, else plain calls."""
    for at, label in enumerate(columns.labels):
        if label in OLLAMA_OPTIONS or label.startswith(OPTION_PREFIX):
            values = {row[at] for row in grid.rows if grid.refuse_row(row) is None}
            if len(values) > 1:
                return "llm-sweep"
    return "llm-call"


def say_unread(columns: Columns, grid: Grid) -> str | None:
    """What of the file was not read, in words, if anything."""
    said: list[str] = []
    if columns.unknown:
        said.append(f"columns not understood: {', '.join(columns.unknown)}")
    if grid.damage:
        said.append(f"not read to the end: {grid.damage}")
    return "; ".join(said) or None
