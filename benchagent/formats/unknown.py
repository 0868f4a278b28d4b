"""What a file of no known format holds, so that a reader sees what was not read."""

from benchagent.formats.tables.profiles import profile_entries, profile_grid, say_columns
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.artifact_text import Unreadable
from benchagent.measurements.grids import Grid
from benchagent.measurements.json_trees import as_list
from benchagent.measurements.readings import Unparsed


def say_unknown(artifact: Artifact) -> Unparsed:
    """Why no format reads a file, with the columns or fields that it has."""
    if isinstance(artifact.text, Unreadable):
        return _unreadable(artifact.text)
    if not artifact.text.strip():
        return Unparsed(reason="empty file", code="empty")
    if artifact.shape == "grid":
        return _say_unknown_grid(artifact.grid)
    if artifact.shape in ("json", "yaml"):
        return _say_unknown_tree(artifact)
    begins = artifact.text.split(maxsplit=8)[:8]
    if begins[0].lower() in ("<!doctype", "<html>", "<html"):
        return _unknown("a web page, made for reading; what a tool writes for programs is read")
    said = f"text of no known format, beginning {' '.join(begins)[:80]!r}"
    return _unknown(f"{said}; numbers in prose are no measurements")


def _unknown(reason: str) -> Unparsed:
    return Unparsed(reason=reason, code="unknown-format")


def _unreadable(found: Unreadable) -> Unparsed:
    return Unparsed(reason=found.reason, code=found.code)


def _say_unknown_grid(grid: Grid | Unreadable) -> Unparsed:
    if isinstance(grid, Unreadable):
        return _unreadable(grid)
    columns = say_columns(profile_grid(grid))
    return _unknown(f"delimited table of no known format: {len(grid.rows)} rows, columns {columns}")


def _say_unknown_tree(artifact: Artifact) -> Unparsed:
    kind = artifact.shape.upper()
    if artifact.lines:
        columns = say_columns(profile_entries([entry.value for entry in artifact.entries]))
        return _unknown(
            f"JSON Lines of no known format: {len(artifact.lines)} lines, fields {columns}"
        )
    if isinstance(artifact.document, Unreadable):
        return _unreadable(artifact.document)
    if isinstance(artifact.document, list):
        entries = as_list(artifact.document)
        columns = say_columns(profile_entries(entries))
        return _unknown(f"{kind} list of no known format: {len(entries)} entries, fields {columns}")
    columns = say_columns(profile_entries([artifact.tree]))
    return _unknown(f"{kind} object of no known format: keys {columns}")
