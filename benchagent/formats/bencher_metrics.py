"""Bencher's metric format: `{benchmark: {measure: {"value", "lower_value", "upper_value"}}}`.

Only the measures `latency` (nanoseconds) and `throughput` (operations per second) have a unit by
the format's own rules; of the others nobody knows it from the file.
"""

from typing import Final

from benchagent.formats.json_fields import Field, read_fields
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.artifact_text import Numeral, as_object
from benchagent.measurements.locators import pointer_locator
from benchagent.measurements.readings import Parsed, Reading, Record, Refusal

NAME: Final = "bencher-metrics"

_MEASURES: Final = {
    "latency": Field("latency", "ns"),
    "throughput": Field(f"{NAME}:throughput", "ops/s"),
}
_BOUNDS: Final = {"value": "value", "lower_value": "lower_bound", "upper_value": "upper_bound"}


def detect(artifact: Artifact) -> bool:
    """Whether two levels of names lead to objects of `value` and bounds, and nothing else."""
    measures = [
        as_object(measure)
        for benchmark in as_object(artifact.tree).values()
        for measure in as_object(benchmark).values()
    ]
    return bool(measures) and all(
        isinstance(measure.get("value"), Numeral) and measure.keys() <= _BOUNDS.keys()
        for measure in measures
    )


def parse(artifact: Artifact) -> Parsed:
    """One record per benchmark."""
    refusals: list[Refusal] = []
    records: list[Record] = []
    for benchmark, measures in as_object(artifact.tree).items():
        readings: list[Reading] = []
        for measure, found in as_object(measures).items():
            field = _MEASURES.get(measure, Field(f"{NAME}:{measure[:80]}", None))
            fields = {key: field._replace(statistic=said) for key, said in _BOUNDS.items()}
            readings += read_fields(as_object(found), (benchmark, measure), fields, refusals)
        records.append(
            Record(
                name=pointer_locator(benchmark),
                sequence=len(records),
                benchmark="microbenchmark",
                readings=tuple(readings),
                subject=benchmark or None,
                config={"workload": benchmark or None},
            )
        )
    return Parsed(format=NAME, records=tuple(records), refusals=tuple(refusals))
