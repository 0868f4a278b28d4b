"""Input of github-action-benchmark: a list of `{"name", "unit", "value"}`, whatever was measured.

The unit is any text. Only a time, whose dimension says what it is, is called a latency.
"""

from typing import Final

from benchagent.formats.json_fields import Field, read_fields
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.artifact_text import Numeral, as_object, as_text
from benchagent.measurements.locators import pointer_locator
from benchagent.measurements.readings import Parsed, Record, Refusal
from benchagent.quantities.units import find_unit

NAME: Final = "github-action-benchmark"


def detect(artifact: Artifact) -> bool:
    """Whether the file is a list of objects, each with `name`, `unit` and a number as `value`."""
    if not isinstance(artifact.tree, list) or not artifact.tree:
        return False
    entries = [as_object(entry) for entry in artifact.tree]
    return all(
        {"name", "unit", "value"} <= entry.keys() and isinstance(entry["value"], Numeral)
        for entry in entries
    )


def parse(artifact: Artifact) -> Parsed:
    """One record per entry; `range` and `extra` are free text."""
    refusals: list[Refusal] = []
    records: list[Record] = []
    for entry in artifact.entries:
        found = as_object(entry.value)
        named = as_text(found.get("unit"))
        unit = find_unit(named) if named else None
        metric = "latency" if unit and unit.canonical == "ms" else f"{NAME}:value"
        field = Field(metric, named if unit else None)
        records.append(
            Record(
                name=pointer_locator(*entry.place),
                sequence=len(records),
                benchmark="microbenchmark",
                readings=tuple(read_fields(found, entry.place, {"value": field}, refusals)),
                subject=as_text(found.get("name")),
                config={"workload": as_text(found.get("name"))},
            )
        )
    return Parsed(format=NAME, records=tuple(records), refusals=tuple(refusals))
