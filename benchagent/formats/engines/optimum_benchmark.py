"""What Optimum-Benchmark reports of a model: the times of its parts, run by run, in seconds.

- `prefill` reads the prompt, `decode` generates all tokens of a batch but the first ones. Its rate is
  that of the whole batch: of one answer only where the configuration beside it says so.
- The throughput of `generate` is in tokens or in samples, by whether single tokens were timed; it is
  not read, nor are the samples per second of `prefill`.
- The deviation is divided by n, and stands as 0 where there was one run. Megabytes are a million bytes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from benchagent.formats.json_fields import (
    Field,
    count_at,
    drop_untimed,
    read_fields,
    read_place,
    read_settings,
    refuse_number,
)
from benchagent.formats.settings import read_model
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.json_trees import Json, as_list, as_object, as_text
from benchagent.measurements.locators import Place, pointer_locator
from benchagent.measurements.readings import Parsed, Reading, Record, Refusal, Scalar

NAME: Final = "optimum-benchmark"

# What each part of a run takes; the first call of all warms up.
_TIMES: Final = {
    "load_model": Field("load_time", "s"),
    "prefill": Field("prompt_eval_time", "s"),
    "decode": Field("eval_time", "s"),
    "per_token": Field("itl", "s", definition="itl.all_gaps"),
    "generate": Field("latency", "s"),
    "forward": Field("latency", "s"),
    "call": Field("latency", "s"),
}
_LOADED: Final = ("load", "load_model")
_PER_TOKEN: Final = "per_token"
_STATISTICS: Final = {
    "mean": "mean", "p50": "median", "p90": "p90", "p95": "p95", "p99": "p99",
    "stdev": "stddev_population",
}  # fmt: skip
_MEMORY: Final = {
    "max_ram": Field("memory", "MB", "max"),
    "max_process_vram": Field("vram", "MB", "max"),
}
_TOGETHER: Final = Field("throughput", "tokens/s", "mean")
_OF_ONE: Final = Field("decode_rate", "tokens/s", "mean", "decode.(n-1)/eval")
_BACKEND: Final = (
    "device", "torch_dtype", "quantization_scheme", "attn_implementation", "torch_compile",
    "cache_implementation", "autocast_enabled",
)  # fmt: skip
_ENVIRONMENT: Final = ("cpu", "gpu", "optimum_benchmark_version", "transformers_version")


def detect(artifact: Artifact) -> bool:
    """Whether parts like `load_model` or `decode` have a `latency` with its `values` and `stdev_`."""
    report, _ = _find_report(artifact)
    return any(
        {"values", "stdev_", "unit"} <= as_object(as_object(report.get(part)).get("latency")).keys()
        for part in (*_TIMES, *_LOADED)
    )


def parse(artifact: Artifact) -> Parsed:
    """One record per part of a run, and one per run of it; single tokens are summed up."""
    report, place = _find_report(artifact)
    refusals: list[Refusal] = []
    frame = _read_frame(as_object(as_object(artifact.tree).get("config")))
    records: list[Record] = []
    for part, found in report.items():
        field = _TIMES.get("load_model" if part in _LOADED else part)
        target, here = as_object(found), (*place, part)
        if field is None or not target:
            continue
        of = replace(frame, sequence=len(records), config={**frame.config, "workload": part})
        records.append(_sum_up(of, target, here, field, refusals))
        if part != _PER_TOKEN:
            records += _read_runs(of, target, here, field, refusals)
    said = "samples per second, energy and what was computed of single tokens are not read"
    return Parsed(
        format=NAME,
        records=tuple(record for record in records if record.readings),
        refusals=tuple(refusals),
        reason=said,
    )


def _find_report(artifact: Artifact) -> tuple[Mapping[str, Json], Place]:
    """The report and its place; `benchmark.json` has the configuration beside it."""
    top = as_object(artifact.tree)
    both = "config" in top and "report" in top
    return (as_object(top["report"]), ("report",)) if both else (top, ())


def _read_frame(config: Mapping[str, Json]) -> Record:
    """What all parts of a run share."""
    backend, scenario = as_object(config.get("backend")), as_object(config.get("scenario"))
    model = as_text(backend.get("model"))
    settings: dict[str, Scalar] = {
        **read_settings({key: backend.get(key) for key in _BACKEND}),
        **read_settings(
            {"backend": backend.get("name"), "backend_version": backend.get("version")}
        ),
        **read_settings(scenario.get("input_shapes")),
        **read_settings(scenario.get("generate_kwargs")),
    }
    environment = as_object(config.get("environment"))
    return Record(
        name="",
        sequence=0,
        benchmark="llm-bench",
        readings=(),
        subject=read_model(model) if model else None,
        config=settings,
        environment=read_settings({key: environment.get(key) for key in _ENVIRONMENT}),
    )


def _sum_up(
    of: Record, target: Mapping[str, Json], place: Place, field: Field, refusals: list[Refusal]
) -> Record:
    latency = as_object(target.get("latency"))
    n = count_at(latency, "count")
    over = "_by_token" if place[-1] == _PER_TOKEN else ""
    statistics = {
        key: field._replace(statistic=f"{said}{over}")
        for key, said in _STATISTICS.items()
        if key != "stdev" or n != 1
    }
    kind = "measured" if over else "derived"
    here = (*place, "latency")
    times = read_fields(latency, here, statistics, refusals, n=n, kind=kind)
    readings = [
        *drop_untimed(times, refusals),
        *read_fields(as_object(target.get("memory")), (*place, "memory"), _MEMORY, refusals),
        *_read_rate(of, target, place, n),
    ]
    return replace(of, name=pointer_locator(*place), readings=tuple(readings))


def _read_rate(
    of: Record, target: Mapping[str, Json], place: Place, n: int | None
) -> Iterator[Reading]:
    rate = as_object(target.get("throughput"))
    if place[-1] != "decode" or rate.get("unit") != "tokens/s":
        return
    alone = of.config.get("batch_size") == 1 and of.config.get("num_beams") == 1
    field = _OF_ONE if alone else _TOGETHER
    if reading := read_place(rate.get("value"), (*place, "throughput", "value"), field, n=n):
        yield reading


def _read_runs(
    of: Record, target: Mapping[str, Json], place: Place, field: Field, refusals: list[Refusal]
) -> Iterator[Record]:
    for number, value in enumerate(as_list(as_object(target.get("latency")).get("values"))):
        here = (*place, "latency", "values", number)
        reading = read_place(value, here, field)
        if reading is None or reading.value <= 0:
            refusals.append(refuse_number(value, pointer_locator(*here)))
            continue
        yield replace(of, name=pointer_locator(*here), repetition=number, readings=(reading,))
