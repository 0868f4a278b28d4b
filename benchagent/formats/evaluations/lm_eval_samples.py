"""Single documents of lm-evaluation-harness, one per line, each with its scores.

The file names neither model nor task: its name does.
"""

from collections.abc import Mapping
from typing import Final

from benchagent.formats.evaluations.lm_eval import name_metric
from benchagent.formats.json_fields import Field, count_at, read_fields
from benchagent.measurements.artifact import Artifact, Entry
from benchagent.measurements.json_trees import Json, Numeral, as_list, as_object, as_text
from benchagent.measurements.locators import pointer_locator
from benchagent.measurements.readings import Parsed, Record, Refusal

NAME: Final = "lm-eval-samples"


def detect(artifact: Artifact) -> bool:
    """Whether the first line has `doc_id`, `filtered_resps` and `metrics`."""
    first = as_object(artifact.entries[0].value) if artifact.entries else {}
    return {"doc_id", "filtered_resps"} <= first.keys()


def parse(artifact: Artifact) -> Parsed:
    """One record per document and filter."""
    refusals = artifact.broken_lines
    records = [
        record
        for entry in artifact.entries
        if (record := _read_document(entry, as_object(entry.value), refusals))
    ]
    said = None if records else "no score is of one document: all are computed of them together"
    return Parsed(format=NAME, records=tuple(records), refusals=tuple(refusals), reason=said)


def _read_document(
    entry: Entry, document: Mapping[str, Json], refusals: list[Refusal]
) -> Record | None:
    fields = _name_fields(document)
    readings = read_fields(document, entry.place, fields, refusals)
    if not readings:
        return None
    return Record(
        name=pointer_locator(*entry.place),
        sequence=count_at(document, "doc_id") or 0,
        benchmark="quality",
        readings=tuple(readings),
        config={
            "prompt_index": count_at(document, "doc_id"),
            "filter": as_text(document.get("filter")),
        },
    )


def _name_fields(document: Mapping[str, Json]) -> dict[str, Field]:
    listed = [as_text(name) for name in as_list(document.get("metrics"))]
    return {
        name: name_metric(name, "value")
        for name in listed
        if name and isinstance(document.get(name), Numeral)
    }
