"""Calls of a language model as JSON: `{"model": …, "results": [{"ttft_s": …, "tokens_s": …}]}`.

The calls may also be the file's own list, or stand one per line.
"""

from functools import partial
from typing import Final

from benchagent.formats.call_columns import learn_definitions, plan_columns
from benchagent.formats.call_records import read_record
from benchagent.formats.row_columns import plan_rows
from benchagent.mappings.rows import Row, Rows
from benchagent.measurements.artifact import Artifact, Entry
from benchagent.measurements.artifact_text import as_list, as_object, as_text
from benchagent.measurements.locators import pointer_locator
from benchagent.measurements.readings import Parsed, Record

NAME: Final = "llm-calls-json"


def detect(artifact: Artifact) -> bool:
    """Whether `results`, the file's list or its lines are calls."""
    calls = _find_calls(artifact)
    return bool(calls) and plan_columns(_find_labels(calls)).holds_calls


def parse(artifact: Artifact) -> Parsed:
    """One record per call."""
    calls = _find_calls(artifact)
    labels = _find_labels(calls)
    rows = [[as_object(call.value).get(label) for label in labels] for call in calls]
    model = as_text(as_object(artifact.tree).get("model"))
    named = [Row(call.place, row) for call, row in zip(calls, rows, strict=True)]
    columns = learn_definitions(plan_rows(Rows("", labels, named, model=model)), rows[:200])
    records: list[Record] = []
    refusals = artifact.broken_lines
    for at, (call, row) in enumerate(zip(calls, rows, strict=True)):
        record, refused = read_record(
            columns,
            row,
            partial(pointer_locator, *call.place),
            name=pointer_locator(*call.place),
            sequence=at,
            benchmark="llm-call",
            model=model,
        )
        records.append(record)
        refusals.extend(refused)
    unread = f"fields not understood: {', '.join(columns.unknown)}" if columns.unknown else None
    return Parsed(format=NAME, records=tuple(records), refusals=tuple(refusals), reason=unread)


def _find_calls(artifact: Artifact) -> list[Entry]:
    entries = artifact.entries
    if len(entries) == 1 and not entries[0].place:
        listed = as_list(as_object(entries[0].value).get("results"))
        entries = [Entry(("results", at), value) for at, value in enumerate(listed)]
    return entries if all(as_object(entry.value) for entry in entries) else []


def _find_labels(calls: list[Entry]) -> list[str]:
    return list(dict.fromkeys(label for call in calls for label in as_object(call.value)))
