"""Times of GPU kernels by group and variant: `{"fusion": {"fused": {"mean_time_ms": …}}}`."""

from typing import Final

from benchagent.formats.json_fields import LATENCY_STATISTICS, read_fields
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.json_trees import as_object
from benchagent.measurements.locators import pointer_locator
from benchagent.measurements.readings import Parsed, Record, Refusal

NAME: Final = "kernel-bench-json"


def detect(artifact: Artifact) -> bool:
    """Whether two levels of names lead to mean times everywhere."""
    groups = [as_object(group) for group in as_object(artifact.tree).values()]
    variants = [as_object(variant) for group in groups for variant in group.values()]
    return bool(variants) and all(groups) and all("mean_time_ms" in entry for entry in variants)


def parse(artifact: Artifact) -> Parsed:
    """One record per variant of a kernel."""
    records: list[Record] = []
    refusals: list[Refusal] = []
    for group, variants in as_object(artifact.tree).items():
        for variant, entry in as_object(variants).items():
            readings = read_fields(as_object(entry), (group, variant), LATENCY_STATISTICS, refusals)
            records.append(
                Record(
                    name=pointer_locator(group, variant),
                    sequence=len(records),
                    benchmark="kernel",
                    readings=tuple(readings),
                    subject=group,
                    config={"variant": variant},
                )
            )
    return Parsed(format=NAME, records=tuple(records), refusals=tuple(refusals))
