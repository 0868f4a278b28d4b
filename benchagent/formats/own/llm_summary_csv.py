"""Means per configuration, as the scripts that sweep options write them beside their raw rows."""

from dataclasses import replace
from typing import Final

from benchagent.formats.tables.call_columns import Columns, plan_columns
from benchagent.formats.tables.columns import Meaning
from benchagent.formats.tables.row_columns import plan_rows
from benchagent.formats.tables.row_records import parse_rows
from benchagent.formats.tables.side_by_side import part_headings
from benchagent.mappings.rows import Rows, rows_of_grid
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.readings import Parsed
from benchagent.quantities.numbers import parse_cell

NAME: Final = "llm-summary-csv"


def detect(artifact: Artifact) -> bool:
    """Whether the columns are means of calls, and of no calls that stand beside them."""
    summed = plan_columns(artifact.labels).holds_summaries
    return summed and next(part_headings(artifact.expect_grid()), None) is None


def parse(artifact: Artifact) -> Parsed:
    """One record per row."""
    rows = rows_of_grid(artifact.expect_grid())
    columns = _find_prompt_eval_unit(rows, plan_rows(rows))
    return parse_rows(rows, columns, format=NAME, benchmark="llm-sweep", kind="derived")


def _find_prompt_eval_unit(rows: Rows, columns: Columns) -> Columns:
    """Give `prompt_eval`, which names neither statistic nor unit, what the other means prove.

    It is the mean in seconds exactly if it is what mean TTFT exceeds mean load time by.
    """
    places = {
        (meaning.metric, meaning.statistic): (at, meaning) for at, meaning in columns.readings
    }
    bare = places.get(("prompt_eval_time", "value"))
    ttft, load = places.get(("ttft", "mean")), places.get(("load_time", "mean"))
    if not bare or not ttft or not load or bare[1].unit:
        return columns
    for row in rows.rows:
        cells = [parse_cell(row.cells[at]) for at in (bare[0], ttft[0], load[0])]
        if None in cells or abs((cells[1] or 0) - (cells[2] or 0) - (cells[0] or 0)) > 0.0011:
            return columns
    proved = Meaning("prompt_eval_time", "mean", ttft[1].unit, ttft[1].raw_unit)
    return replace(
        columns,
        readings=tuple(
            (at, proved if at == bare[0] else meaning) for at, meaning in columns.readings
        ),
    )
