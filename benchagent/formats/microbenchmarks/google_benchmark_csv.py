"""What Google Benchmark writes as CSV: a row per run or aggregate, told apart by their names alone.

Above the header a date and the machine may stand. A row that failed ends with its error; counters
of later benchmarks than the first stop the tool, so that its file may end early.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Final

from benchagent.formats.microbenchmarks.google_benchmark import (
    Entry,
    number_repetitions,
    read_entries,
)
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.artifact_text import split_lines
from benchagent.measurements.grids import Grid
from benchagent.measurements.json_trees import Json, as_numeral
from benchagent.measurements.locators import row_locator
from benchagent.measurements.readings import Parsed, Refusal

NAME: Final = "google-benchmark-csv"

_COLUMNS: Final = ["name", "iterations", "real_time", "cpu_time", "time_unit"]
_TEXTS: Final = frozenset({"name", "time_unit", "label", "error_occurred", "error_message"})
_FAILED: Final = "true"


def detect(artifact: Artifact) -> bool:
    """Whether the columns begin with `name,iterations,real_time,cpu_time,time_unit`."""
    return artifact.labels[: len(_COLUMNS)] == _COLUMNS


def parse(artifact: Artifact) -> Parsed:
    """One record per repetition, and one per aggregate."""
    began = split_lines(str(artifact.text))[0]
    refusals: list[Refusal] = []
    entries = number_repetitions(list(_read_rows(artifact.expect_grid(), refusals)))
    parsed = read_entries(NAME, entries, {"date": began})
    return replace(parsed, refusals=(*refusals, *parsed.refusals))


def _read_rows(grid: Grid, refusals: list[Refusal]) -> Iterator[Entry]:
    for at, row in enumerate(grid.rows, start=1):
        # a row that failed leaves its counters out
        refused = None if _FAILED in row else grid.refuse_row(row)
        if refused:
            refusals.append(Refusal(locator=f"row={at}", reason=refused))
            continue
        cells: dict[str, Json] = {
            label: cell if label in _TEXTS else as_numeral(cell)
            for label, cell in zip(grid.labels, row, strict=False)
            if cell
        }
        yield Entry(name=f"row={at}", fields=cells, locate=partial(row_locator, at))
