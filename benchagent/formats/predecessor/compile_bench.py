"""One model run through several compilation backends: `{"model", "settings", "backends": {…}}`.

A backend that failed stands there with a mean of 0.0 and its error beside it. `device` is what was
asked for: what was used may differ (`providers` names only the CPU), so both go to the settings.
"""

from collections.abc import Mapping
from typing import Final

from benchagent.formats.json_fields import (
    LATENCY_STATISTICS,
    Field,
    count_at,
    read_fields,
    read_settings,
)
from benchagent.formats.settings import read_time
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.json_trees import Json, Numeral, as_object, as_text
from benchagent.measurements.locators import pointer_locator
from benchagent.measurements.readings import Failure, Parsed, Record, RecordedAs, Refusal
from benchagent.quantities.numbers import parse_number

NAME: Final = "compile-bench-json"

_COMPILE_TIME: Final = {"compile_time_s": Field("compile_time", "s")}
# A dump of the graph and temporary paths: no settings, and never the same twice.
_NO_SETTINGS: Final = ("graph_preview", "onnx_path", "error", "compile_time_s")


def detect(artifact: Artifact) -> bool:
    """Whether every backend has a benchmark with a mean time."""
    top = as_object(artifact.tree)
    backends = [as_object(entry) for entry in as_object(top.get("backends")).values()]
    return bool(backends) and all(
        "benchmark" in entry and "compilation" in entry for entry in backends
    )


def parse(artifact: Artifact) -> Parsed:
    """One record per backend."""
    top = as_object(artifact.tree)
    refusals: list[Refusal] = []
    backends = as_object(top.get("backends"))
    records = [
        _read_backend(top, name, as_object(entry), sequence, refusals)
        for sequence, (name, entry) in enumerate(backends.items())
    ]
    return Parsed(format=NAME, records=tuple(records), refusals=tuple(refusals))


def _read_backend(
    top: Mapping[str, Json],
    name: str,
    entry: Mapping[str, Json],
    sequence: int,
    refusals: list[Refusal],
) -> Record:
    place = ("backends", name)
    model, settings = as_object(top.get("model")), as_object(top.get("settings"))
    compilation, benchmark = as_object(entry.get("compilation")), as_object(entry.get("benchmark"))
    failure = _find_failure(name, compilation, benchmark)
    readings = read_fields(
        benchmark,
        (*place, "benchmark"),
        LATENCY_STATISTICS,
        refusals,
        n=count_at(settings, "runs"),
    ) + read_fields(compilation, (*place, "compilation"), _COMPILE_TIME, refusals)
    return Record(
        name=pointer_locator(*place),
        sequence=sequence,
        benchmark="compile",
        readings=() if failure else tuple(readings),
        subject=as_text(model.get("name")),
        config={
            **read_settings(benchmark.get("metadata"), without=(*_NO_SETTINGS, "backend")),
            **read_settings(model, without=("name",)),
            **read_settings(settings, without=("backends",)),
            "backend": name,
        },
        measured_at=read_time(top.get("generated_at")),
        failure=failure,
    )


def _find_failure(
    name: str, compilation: Mapping[str, Json], benchmark: Mapping[str, Json]
) -> Failure | None:
    error = as_text(compilation.get("error"))
    if error or compilation.get("success") is False:
        locator = pointer_locator("backends", name, "compilation", "error" if error else "success")
        said = error or "compilation did not succeed"
        return Failure(reason=said, locator=locator, recorded_as=_recorded_as(benchmark))
    if error := as_text(as_object(benchmark.get("metadata")).get("error")):
        locator = pointer_locator("backends", name, "benchmark", "metadata", "error")
        return Failure(reason=error, locator=locator, recorded_as=_recorded_as(benchmark))
    return None


def _recorded_as(benchmark: Mapping[str, Json]) -> RecordedAs:
    """A mean of 0.0 is what a reader of the times alone takes for the fastest backend."""
    mean = benchmark.get("mean_time_ms")
    return "zero" if isinstance(mean, Numeral) and parse_number(mean) == 0 else "error"
