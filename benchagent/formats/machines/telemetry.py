"""Samples of a machine while something ran on it: `{"metrics": [{"system", "gpu", …}]}`.

The writer's `gb` are 2^30 bytes and its `mb` 2^20: 15.627552 "GB" is a whole number of pages, and
the GPU's 12282 "MB" are what its driver reports in MiB. A file without samples says so.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from benchagent.formats.json_fields import Field, count_at, read_fields
from benchagent.formats.settings import read_time
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.json_trees import Json, as_list, as_object, as_text
from benchagent.measurements.locators import Place, pointer_locator
from benchagent.measurements.readings import Parsed, Record, Refusal

NAME: Final = "telemetry-json"

_SYSTEM: Final = {
    "cpu_percent": Field("cpu_utilization", "%"),
    "memory_percent": Field("telemetry:memory_utilization", "%"),
    "memory_used_gb": Field("memory", "GiB"),
    "disk_usage_percent": Field("telemetry:disk_utilization", "%"),
}
_GPU: Final = {
    "utilization_gpu": Field("gpu_utilization", "%"),
    "memory_used_mb": Field("vram", "MiB"),
    "power_draw": Field("power", "W"),
    "temperature": Field("temperature_c", "°C"),
    "clock_graphics": Field("clock_rate", "MHz"),
}


def detect(artifact: Artifact) -> bool:
    """Whether the file is an export of samples, or of inferences of which there were none."""
    top = as_object(artifact.tree)
    if count_at(top, "total_inferences") == 0:
        return True
    samples = [as_object(sample) for sample in as_list(top.get("metrics"))]
    return bool(samples) and all("system" in sample and "gpu" in sample for sample in samples)


def parse(artifact: Artifact) -> Parsed:
    """A record per sample for the machine, and one for each of its GPUs."""
    top = as_object(artifact.tree)
    refusals: list[Refusal] = []
    records: list[Record] = []
    for at, sample in enumerate(as_list(top.get("metrics"))):
        records.extend(_read_sample(as_object(sample), at, refusals))
    nothing = None if records else _say_nothing(top)
    return Parsed(format=NAME, records=tuple(records), refusals=tuple(refusals), reason=nothing)


def _read_sample(sample: Mapping[str, Json], at: int, refusals: list[Refusal]) -> Iterator[Record]:
    system = as_object(sample.get("system"))
    yield _record(system, ("metrics", at, "system"), _SYSTEM, "system", at, refusals)
    for number, entry in enumerate(as_list(sample.get("gpu"))):
        gpu = as_object(entry)
        place = ("metrics", at, "gpu", number)
        yield _record(gpu, place, _GPU, as_text(gpu.get("name")) or "gpu", at, refusals)


def _record(
    entry: Mapping[str, Json],
    place: Place,
    fields: Mapping[str, Field],
    subject: str,
    at: int,
    refusals: list[Refusal],
) -> Record:
    return Record(
        name=pointer_locator(*place),
        sequence=at,
        benchmark="telemetry",
        readings=tuple(read_fields(entry, place, fields, refusals)),
        subject=subject,
        repetition=at,
        measured_at=read_time(entry.get("timestamp")),
    )


def _say_nothing(top: Mapping[str, Json]) -> str:
    said = as_text(as_object(top.get("overall_performance")).get("error"))
    return f"an export of nothing: {said or 'no samples'}"
