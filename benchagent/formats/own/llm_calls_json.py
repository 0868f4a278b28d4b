"""Calls of a language model as JSON: `{"model": …, "results": [{"ttft_s": …, "tokens_s": …}]}`.

The calls may also be the file's own list, or stand one per line.
"""

from dataclasses import replace
from typing import Final

from benchagent.formats.tables.beside_rows import refuse_beside
from benchagent.formats.tables.call_columns import plan_columns
from benchagent.formats.tables.deep_rows import rows_in_depth
from benchagent.formats.tables.definitions import learn_definitions
from benchagent.formats.tables.leaves import has_depth
from benchagent.formats.tables.row_columns import plan_rows
from benchagent.formats.tables.row_records import first_cells, parse_rows
from benchagent.formats.tables.settings_beside import tell_of_all
from benchagent.mappings.rows import find_shape, label_fields, rows_of_entries
from benchagent.measurements.artifact import Artifact, Entry
from benchagent.measurements.json_trees import as_list, as_object
from benchagent.measurements.readings import Parsed

NAME: Final = "llm-calls-json"
_RESULTS: Final = "results"
_MODEL: Final = "model"


def detect(artifact: Artifact) -> bool:
    """Whether `results`, the file's list or its lines are calls."""
    calls = _find_calls(artifact)
    return bool(calls) and plan_columns(label_fields(calls)).holds_calls


def parse(artifact: Artifact) -> Parsed:
    """One record per call."""
    calls = _tell_beside(_find_calls(artifact), artifact)
    deep = any(map(has_depth, calls))
    rows = rows_in_depth(calls, artifact) if deep else rows_of_entries(calls, artifact)
    columns = learn_definitions(plan_rows(rows), first_cells(rows))
    parsed = parse_rows(rows, columns, format=NAME, benchmark="llm-call")
    beside = tuple(refuse_beside(artifact, rows))
    return replace(parsed, refusals=parsed.refusals + beside, shape=find_shape(artifact))


def _find_calls(artifact: Artifact) -> list[Entry]:
    entries = artifact.entries
    if len(entries) == 1 and not entries[0].place:
        listed = as_list(as_object(entries[0].value).get(_RESULTS))
        entries = [Entry((_RESULTS, at), value) for at, value in enumerate(listed)]
    return entries if all(as_object(entry.value) for entry in entries) else []


def _tell_beside(calls: list[Entry], artifact: Artifact) -> list[Entry]:
    """The calls, each with the settings that stand beside all of them."""
    if calls[0].place[:1] != (_RESULTS,):
        return calls
    told = tell_of_all(as_object(artifact.tree), (_RESULTS, _MODEL))
    return [Entry(call.place, {**told, **as_object(call.value)}) for call in calls]
