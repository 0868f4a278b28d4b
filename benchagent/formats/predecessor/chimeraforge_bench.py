"""What `chimeraforge bench` writes: a list of benchmarks, each with its runs and what sums them up.

How the time to the first token was taken stands beside it (`ttft_basis`). A quantisation is only
the label that the caller gave: no request asks for it, so that it is no setting here.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Final

from benchagent.formats.json_fields import Field, count_at, read_fields, read_settings
from benchagent.formats.settings import read_ollama_model, read_time
from benchagent.measurements.artifact import Artifact, Entry
from benchagent.measurements.json_trees import Json, as_list, as_object, as_text, number_of
from benchagent.measurements.locators import Place, pointer_locator
from benchagent.measurements.readings import Failure, Parsed, Reading, Record, Refusal

NAME: Final = "chimeraforge-bench"

_SERVER: Final = "server-prefill-duration"
_TTFT: Final = {_SERVER: "ttft.prompt_eval", "client-stream-first-content": "ttft.client"}
_COUNTS: Final = {
    "prompt_tokens": Field("prompt_tokens", "tokens"),
    "tokens_generated": Field("output_tokens", "tokens"),
}
_STATISTICS: Final = {
    "mean": "mean", "p50": "median", "p95": "p95", "p99": "p99", "min": "min", "max": "max",
    "stddev": "stddev",
}  # fmt: skip
_SETTINGS: Final = ("backend", "workload", "context_length")
_MACHINE: Final = (
    "os", "platform", "python_version", "chimeraforge_version", "gpu_name", "gpu_driver",
    "cuda_version", "backend_name", "backend_version", "gpu_memory_gb",
)  # fmt: skip


def detect(artifact: Artifact) -> bool:
    """Whether entries have `individual_runs` and an `aggregate` with `throughput_tps`."""
    first = as_object(artifact.entries[0].value) if artifact.entries else {}
    return "individual_runs" in first and "throughput_tps" in as_object(first.get("aggregate"))


def parse(artifact: Artifact) -> Parsed:
    """One record per run, and one per benchmark for what sums them up."""
    refusals: list[Refusal] = []
    records: list[Record] = []
    for entry in artifact.entries:
        records.extend(_read_benchmark(entry, len(records), refusals))
    labelled = any(as_object(entry.value).get("quant") for entry in artifact.entries)
    said = "the quantisation is a label that no request applied, and no setting"
    return Parsed(
        format=NAME,
        records=tuple(records),
        refusals=tuple(refusals),
        reason=said if labelled else None,
    )


def _read_benchmark(entry: Entry, sequence: int, refusals: list[Refusal]) -> Iterator[Record]:
    found = as_object(entry.value)
    runs = [as_object(run) for run in as_list(found.get("individual_runs"))]
    for at, run in enumerate(runs):
        place = (*entry.place, "individual_runs", at)
        readings = read_fields(run, place, _name_quantities(run), refusals)
        failure = None
        if not count_at(run, "tokens_generated"):
            failure = Failure(
                reason="no token was generated",
                locator=pointer_locator(*place, *_first_of(run)),
                recorded_as="zero" if "tokens_generated" in run else "blank",
            )
        yield _record(found, place, sequence + at, at, () if failure else tuple(readings), failure)
    place = (*entry.place, "aggregate")
    readings = tuple(_read_aggregate(found, runs, place, refusals))
    if readings:
        yield _record(found, place, sequence + len(runs), None, readings, None)


def _first_of(run: Mapping[str, Json]) -> tuple[str, ...]:
    return ("tokens_generated",) if "tokens_generated" in run else ()


def _name_quantities(run: Mapping[str, Json]) -> dict[str, Field]:
    """What the numbers of a run are, by how it says that they were taken."""
    basis = as_text(run.get("ttft_basis")) or ""
    ttft = _TTFT.get(basis)
    by_server = basis == _SERVER
    return {
        **_COUNTS,
        "ttft_ms": Field("ttft", "ms", definition=ttft) if ttft else Field(f"{NAME}:ttft", "ms"),
        "throughput_tps": _name_rate(run),
        "total_duration_ms": Field("total_time" if by_server else f"{NAME}:total_duration", "ms"),
        "prompt_eval_duration_ms": Field("prompt_eval_time", "ms"),
        "eval_duration_ms": Field("eval_time", "ms"),
    }


def _name_rate(run: Mapping[str, Json]) -> Field:
    """A decode rate where the numbers show it; else a rate over a time that is not said."""
    tokens, time, rate = (
        number_of(run.get(key))
        for key in ("tokens_generated", "eval_duration_ms", "throughput_tps")
    )
    if tokens and time and rate and math.isclose(tokens / time * 1000, rate, rel_tol=1e-6):
        return Field("decode_rate", "tokens/s", definition="decode.eval_count/eval")
    return Field(f"{NAME}:throughput", "tokens/s")


def _read_aggregate(
    found: Mapping[str, Json],
    runs: list[dict[str, Json]],
    place: Place,
    refusals: list[Refusal],
) -> Iterator[Reading]:
    aggregate = as_object(found.get("aggregate"))
    n = count_at(aggregate, "count")
    named = [_name_quantities(run) for run in runs]
    # a run without a token is no call, and means over such a zero are none
    if not runs or not all(count_at(run, "tokens_generated") for run in runs):
        return
    for key in ("throughput_tps", "ttft_ms", "total_duration_ms"):
        if any(quantities[key] != named[0][key] for quantities in named):
            continue
        fields = {
            name: named[0][key]._replace(statistic=said) for name, said in _STATISTICS.items()
        }
        values = as_object(aggregate.get(key))
        yield from read_fields(values, (*place, key), fields, refusals, n=n, kind="derived")


def _record(
    found: Mapping[str, Json],
    place: Place,
    sequence: int,
    repetition: int | None,
    readings: tuple[Reading, ...],
    failure: Failure | None,
) -> Record:
    model = as_text(found.get("model"))
    by_ollama = as_text(found.get("backend")) == "ollama"
    return Record(
        name=pointer_locator(*place),
        sequence=sequence,
        benchmark="llm-call",
        readings=readings,
        subject=read_ollama_model(model) if model and by_ollama else model,
        repetition=repetition,
        config=read_settings({key: found.get(key) for key in _SETTINGS}),
        environment=read_settings(
            {key: as_object(found.get("environment")).get(key) for key in _MACHINE}
        ),
        measured_at=read_time(found.get("timestamp")),
        failure=failure,
    )
