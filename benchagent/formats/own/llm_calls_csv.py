"""Calls of a language model as CSV, one per row: prompt suites, baselines, quantisation and option
sweeps, with Ollama's timings in seconds or milliseconds under names that scripts give them.
"""

from dataclasses import replace
from typing import Final

from benchagent.formats.tables.call_columns import OLLAMA_OPTIONS, OPTION_PREFIX, plan_columns
from benchagent.formats.tables.definitions import learn_definitions
from benchagent.formats.tables.row_columns import plan_rows
from benchagent.formats.tables.row_records import first_cells, parse_rows
from benchagent.mappings.rows import Rows, find_shape, rows_of_grid
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.readings import Parsed

NAME: Final = "llm-calls-csv"


def detect(artifact: Artifact) -> bool:
    """Whether the columns are those of single calls."""
    return plan_columns(artifact.labels).holds_calls


def parse(artifact: Artifact) -> Parsed:
    """One record per row."""
    rows = rows_of_grid(artifact.expect_grid())
    columns = learn_definitions(plan_rows(rows), first_cells(rows))
    parsed = parse_rows(rows, columns, format=NAME, benchmark=find_benchmark(rows))
    return replace(parsed, shape=find_shape(artifact))


def find_benchmark(rows: Rows) -> str:
    """A sweep if an option takes several values in the file, else plain calls."""
    for at, label in enumerate(rows.labels):
        is_option = label in OLLAMA_OPTIONS or label.startswith(OPTION_PREFIX)
        if is_option and len({str(row.cells[at]) for row in rows.rows}) > 1:
            return "llm-sweep"
    return "llm-call"
