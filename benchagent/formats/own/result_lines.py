"""A script's own log whose lines name their numbers: `model=lark:3b ttft_ms=212 tok_s=31.2`.

Also `run 1: ttft 612 ms, 14.2 tok/s` below a line that names the model, and blocks of `name: value unit`.
Only what says its model, quantity and unit is read; numbers in sentences are not.
"""

from functools import lru_cache
from typing import Final

from benchagent.formats.own.result_rows import holds_results
from benchagent.formats.tables.call_columns import Columns
from benchagent.formats.tables.line_rows import find_line_rows
from benchagent.formats.tables.row_columns import plan_rows
from benchagent.formats.tables.row_records import parse_rows
from benchagent.mappings.rows import Rows
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.artifact_text import Unreadable, split_lines
from benchagent.measurements.readings import Parsed

NAME: Final = "result-lines"

# What else is text may be a program, in which a number is an argument.
_ENDINGS: Final = (".log", ".txt", ".out")


def detect(artifact: Artifact) -> bool:
    """Whether lines of a log (`.log`, `.txt`, `.out`) name a model, and beside it results with their units."""
    printed = artifact.shape == "text" and artifact.suffix in _ENDINGS
    return printed and _understand(artifact) is not None


def parse(artifact: Artifact) -> Parsed:
    """One record per line of several numbers, or block of lines of one each."""
    found = _understand(artifact)
    if found is None:
        raise TypeError("no such lines here; detect should have said so")
    rows, columns = found
    return parse_rows(rows, columns, format=NAME, benchmark="llm-results")


@lru_cache(maxsize=1)  # the file that is asked about is the one that is then parsed
def _understand(artifact: Artifact) -> tuple[Rows, Columns] | None:
    if isinstance(artifact.text, Unreadable):
        return None
    rows = find_line_rows(split_lines(artifact.text))
    if rows is None:
        return None
    columns = plan_rows(rows)
    return (rows, columns) if holds_results(rows, columns) else None
