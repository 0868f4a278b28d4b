"""Calls of a language model as JSON: `{"model": …, "results": [{"ttft_s": …, "tokens_s": …}]}`."""

from functools import partial
from typing import Final

from benchagent.formats.call_columns import learn_definitions, plan_columns
from benchagent.formats.call_records import read_record
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.artifact_text import Json, as_list, as_object, as_text
from benchagent.measurements.locators import pointer_locator
from benchagent.measurements.readings import Parsed, Record, Refusal

NAME: Final = "llm-calls-json"


def detect(artifact: Artifact) -> bool:
    """Whether `results` is a list of calls."""
    calls = _find_calls(artifact.tree)
    return bool(calls) and plan_columns(_find_labels(calls)).holds_calls


def parse(artifact: Artifact) -> Parsed:
    """One record per entry of `results`."""
    calls = _find_calls(artifact.tree)
    labels = _find_labels(calls)
    rows = [[call.get(label) for label in labels] for call in calls]
    columns = learn_definitions(plan_columns(labels), rows[:200])
    model = as_text(as_object(artifact.tree).get("model"))
    records: list[Record] = []
    refusals: list[Refusal] = []
    for at, row in enumerate(rows):
        record, refused = read_record(
            columns,
            row,
            partial(pointer_locator, "results", at),
            name=pointer_locator("results", at),
            sequence=at,
            benchmark="llm-call",
            model=model,
        )
        records.append(record)
        refusals.extend(refused)
    unread = f"fields not understood: {', '.join(columns.unknown)}" if columns.unknown else None
    return Parsed(format=NAME, records=tuple(records), refusals=tuple(refusals), reason=unread)


def _find_calls(document: Json) -> list[dict[str, Json]]:
    entries = as_list(as_object(document).get("results"))
    calls = [as_object(entry) for entry in entries]
    return calls if all(calls) else []


def _find_labels(calls: list[dict[str, Json]]) -> list[str]:
    return list(dict.fromkeys(label for call in calls for label in call))
