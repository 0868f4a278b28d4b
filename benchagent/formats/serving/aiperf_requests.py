"""Single requests of AIPerf, one per line: each metric with its value and unit."""

from collections.abc import Mapping
from typing import Final

from benchagent.formats.json_fields import Field, read_fields
from benchagent.formats.json_replies import read_error
from benchagent.formats.serving.aiperf import REQUEST_METRICS, drop_unstreamed, expect_unit
from benchagent.measurements.artifact import Artifact, Entry
from benchagent.measurements.json_trees import Json, as_object, as_text
from benchagent.measurements.locators import pointer_locator
from benchagent.measurements.readings import Failure, Parsed, Reading, Record, Refusal

NAME: Final = "aiperf-requests"


def detect(artifact: Artifact) -> bool:
    """Whether the first line has `metadata` with `request_start_ns`, and `metrics`."""
    first = as_object(artifact.entries[0].value) if artifact.entries else {}
    return "metrics" in first and "request_start_ns" in as_object(first.get("metadata"))


def parse(artifact: Artifact) -> Parsed:
    """One record per request; those of the warm-up are left out."""
    refusals = artifact.broken_lines
    records: list[Record] = []
    warmup = 0
    for entry in artifact.entries:
        metadata = as_object(as_object(entry.value).get("metadata"))
        if as_text(metadata.get("benchmark_phase")) == "warmup":
            warmup += 1
        else:
            records.append(_read_request(entry, metadata, len(records), refusals))
    said = f"{warmup} requests of the warm-up are not read" if warmup else None
    return Parsed(format=NAME, records=tuple(records), refusals=tuple(refusals), reason=said)


def _read_request(
    entry: Entry, metadata: Mapping[str, Json], sequence: int, refusals: list[Refusal]
) -> Record:
    request = as_object(entry.value)
    readings: list[Reading] = []
    for key, metric in REQUEST_METRICS.items():
        found = as_object(as_object(request.get("metrics")).get(key))
        place = (*entry.place, "metrics", key)
        unit = (
            expect_unit(found.get("unit"), metric, pointer_locator(*place), refusals)
            if found
            else None
        )
        if unit is not None:
            field = Field(metric.metric, unit, definition=metric.definition)
            readings += read_fields(found, place, {"value": field}, refusals)
    failure = _find_failure(entry, request, metadata)
    return Record(
        name=pointer_locator(*entry.place),
        sequence=sequence,
        benchmark="serving",
        readings=() if failure else tuple(drop_unstreamed(readings, refusals)),
        repetition=sequence,
        failure=failure,
    )


def _find_failure(
    entry: Entry, request: Mapping[str, Json], metadata: Mapping[str, Json]
) -> Failure | None:
    if failure := read_error(as_object(request.get("error")), (*entry.place, "error")):
        return failure
    if metadata.get("was_cancelled") is True:
        locator = pointer_locator(*entry.place, "metadata", "was_cancelled")
        return Failure(reason="the request was cancelled", locator=locator)
    return None
