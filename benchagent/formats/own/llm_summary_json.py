"""Means per model or option set as JSON: a prompt suite's summary, and `benchagent bench`'s own.

`{"models": [{"model": …, "completed": 5, "mean_ttft_s": …}]}`. Where nothing completed, the means
are null or missing: a failed run, not a zero.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Final

from benchagent.formats.json_fields import count_at
from benchagent.formats.settings import read_setting, read_time
from benchagent.formats.tables.call_columns import Columns, plan_columns
from benchagent.formats.tables.call_failures import BLANK
from benchagent.formats.tables.call_records import read_record
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.json_trees import Json, as_list, as_object, as_text
from benchagent.measurements.locators import pointer_locator
from benchagent.measurements.readings import Parsed, Record, Refusal

NAME: Final = "llm-summary-json"

_ENVIRONMENT: Final = ("digest", "server_version", "host_kind", "ollama_host")
# Counts of calls, not results: they say how many samples the other numbers stand on.
_COUNTS: Final = frozenset({"completed", "prompt_count", "n", "failed", "cold", "warm"})


def detect(artifact: Artifact) -> bool:
    """Whether `models` or `option_sets` is a list of sums over calls."""
    _, entries = _find_entries(artifact.tree)
    keys = {key for entry in entries for key in entry}
    return _plan(entries).holds_summaries or {"completed", "prompt_count"} <= keys


def parse(artifact: Artifact) -> Parsed:
    """One record per entry of `models` or `option_sets`."""
    top = as_object(artifact.tree)
    listed_as, entries = _find_entries(artifact.tree)
    columns = _plan(entries)
    records: list[Record] = []
    refusals: list[Refusal] = []
    for at, entry in enumerate(entries):
        record, refused = read_record(
            columns,
            [entry.get(label) for label in columns.labels],
            partial(pointer_locator, listed_as, at),
            name=pointer_locator(listed_as, at),
            sequence=at,
            benchmark="llm-call" if listed_as == "models" else "llm-sweep",
            kind="derived",
            n=count_at(entry, "completed", "n"),
            model=as_text(top.get("model")),
        )
        records.append(_complete(record, entry, top))
        refusals.extend(refused)
    return Parsed(format=NAME, records=tuple(records), refusals=tuple(refusals))


def _find_entries(document: Json) -> tuple[str, list[dict[str, Json]]]:
    for listed_as in ("models", "option_sets"):
        entries = [as_object(entry) for entry in as_list(as_object(document).get(listed_as))]
        if entries and all(entries):
            return listed_as, entries
    return "models", []


def _plan(entries: list[dict[str, Json]]) -> Columns:
    labels = dict.fromkeys(key for entry in entries for key in entry)
    return plan_columns([label for label in labels if label not in _COUNTS])


def _complete(record: Record, entry: Mapping[str, Json], top: Mapping[str, Json]) -> Record:
    environment = {key: read_setting(top[key]) for key in _ENVIRONMENT if key in top}
    failure = record.failure
    if failure and failure.reason == BLANK:
        attempted = count_at(entry, "prompt_count", "n")
        said = f"none of {attempted or 'the'} calls completed"
        failure = replace(failure, reason=said, kind="derived")
    return replace(
        record,
        failure=failure,
        environment={**environment, **record.environment},
        measured_at=read_time(top.get("generated_at")),
    )
