"""What GuideLLM writes as JSON or YAML: distributions per population, and the requests that they sum up.

Its time per output token counts from the request to the last token and divides by all tokens; its
inter-token latency leaves the first one out, which is what others call time per output token. A
request's latency is in seconds, whatever ends in `_ms` in milliseconds.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from benchagent.formats.json_fields import Field, count_at, read_fields, read_settings
from benchagent.formats.settings import MeasuredAt, read_time
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.artifact_text import Json, as_list, as_object, as_text
from benchagent.measurements.locators import Place, pointer_locator
from benchagent.measurements.readings import (
    Failure,
    Kind,
    Parsed,
    Population,
    Reading,
    Record,
    Refusal,
    Scalar,
)

NAME: Final = "guidellm"

# of one request, and of their distribution
_REQUEST: Final = {
    "request_latency": Field("latency", "s", definition="latency.client"),
    "time_to_first_token_ms": Field("ttft", "ms", definition="ttft.client"),
    "time_per_output_token_ms": Field("tpot", "ms", definition="tpot.last_token/n"),
    "inter_token_latency_ms": Field("tpot", "ms", definition="tpot.excluding_first"),
}
_COUNTS: Final = {
    "prompt_tokens": Field("prompt_tokens", "tokens"),
    "output_tokens": Field("output_tokens", "tokens"),
    "output_tokens_per_second": Field(
        "throughput", "tokens/s", definition="throughput.tokens/total"
    ),
}
DISTRIBUTIONS: Final = {
    **_REQUEST,
    "prompt_token_count": Field("prompt_tokens", "tokens"),
    "output_token_count": Field("output_tokens", "tokens"),
}
# rates over the time of the benchmark, which no single request has; only their means are read,
# since the rest is of arbitrary moments
RATES: Final = {
    "requests_per_second": Field("request_rate", "req/s"),
    "output_tokens_per_second": Field("throughput", "tokens/s", definition="throughput.run"),
}
# Their distributions are over tokens: a long answer weighs more than a short one.
BY_TOKEN: Final = frozenset({"time_per_output_token_ms", "inter_token_latency_ms"})
STATISTICS: Final = {
    "mean": "mean",
    "median": "median",
    # divided by n, not by n - 1
    "std_dev": "stddev_population",
    "min": "min",
    "max": "max",
}
_PERCENTILES: Final = {
    "p01": "p1", "p05": "p5", "p10": "p10", "p25": "p25", "p75": "p75", "p90": "p90",
    "p95": "p95", "p99": "p99", "p999": "p99.9",
}  # fmt: skip
_POPULATIONS: Final[tuple[Population, ...]] = ("successful", "errored")


def detect(artifact: Artifact) -> bool:
    """Whether `benchmarks` have `metrics` with `time_to_first_token_ms`."""
    entries = as_list(as_object(artifact.tree).get("benchmarks"))
    metrics = [as_object(as_object(entry).get("metrics")) for entry in entries]
    return any("time_to_first_token_ms" in metric for metric in metrics)


def parse(artifact: Artifact) -> Parsed:
    """One record per benchmark and population, and one per request that is kept."""
    top = as_object(artifact.tree)
    refusals: list[Refusal] = []
    records: list[Record] = []
    for at, entry in enumerate(as_list(top.get("benchmarks"))):
        records.extend(_read_benchmark(top, as_object(entry), at, refusals))
    said = "incomplete requests and sums over all populations are not read"
    return Parsed(format=NAME, records=tuple(records), refusals=tuple(refusals), reason=said)


def _read_benchmark(
    top: Mapping[str, Json], entry: Mapping[str, Json], at: int, refusals: list[Refusal]
) -> Iterator[Record]:
    frame = _frame(top, entry, at)
    requests = as_object(entry.get("requests"))
    for population in _POPULATIONS:
        kept = as_list(requests.get(population))
        readings = list(_read_metrics(entry, at, population, len(kept), refusals))
        if readings:
            name = pointer_locator("benchmarks", at, "metrics", "request_totals", population)
            yield replace(frame, name=name, readings=tuple(_as(population, readings)))
        for number, request in enumerate(kept):
            place = ("benchmarks", at, "requests", population, number)
            yield _read_request(frame, as_object(request), place, number, population, refusals)


def _frame(top: Mapping[str, Json], entry: Mapping[str, Json], at: int) -> Record:
    """What all records of a benchmark share."""
    metadata, config = as_object(top.get("metadata")), as_object(entry.get("config"))
    backend = as_object(config.get("backend"))
    strategy = as_object(config.get("strategy"))
    moment = read_time(entry.get("start_time"))
    return Record(
        name=pointer_locator("benchmarks", at),
        sequence=at,
        benchmark="serving",
        readings=(),
        subject=as_text(backend.get("model")) or as_text(_old_model(top)),
        config=_read_config(strategy, backend),
        environment=read_settings(
            {key: metadata.get(key) for key in ("guidellm_version", "python_version", "platform")}
        ),
        measured_at=moment.text if moment else None,
        time_basis=moment.basis if moment else None,
    )


def _old_model(top: Mapping[str, Json]) -> Json:
    return as_object(top.get("args")).get("model")


def _read_config(strategy: Mapping[str, Json], backend: Mapping[str, Json]) -> dict[str, Scalar]:
    kept = ("type_", "rate", "streams", "max_concurrency")
    settings = read_settings({key: strategy.get(key) for key in kept})
    settings["strategy"] = settings.pop("type_", None)
    return {**settings, "request_format": as_text(backend.get("request_format"))}


def _read_metrics(
    entry: Mapping[str, Json], at: int, population: Population, kept: int, refusals: list[Refusal]
) -> Iterator[Reading]:
    metrics = as_object(entry.get("metrics"))
    of = as_object(as_object(entry.get("metrics")).get("request_totals"))
    # sampled requests are fewer than those summed up
    kind: Kind = "derived" if kept and kept == count_at(of, population) else "measured"
    for key, field in DISTRIBUTIONS.items():
        found = as_object(as_object(metrics.get(key)).get(population))
        place: Place = ("benchmarks", at, "metrics", key, population)
        if n := count_at(found, "count"):
            named = name_statistics(field, STATISTICS, key)
            yield from read_fields(found, place, named, refusals, n=n, kind=kind)
            place, named = (*place, "percentiles"), name_statistics(field, _PERCENTILES, key)
            percentiles = as_object(found.get("percentiles"))
            yield from read_fields(percentiles, place, named, refusals, n=n, kind=kind)
    for key, field in RATES.items():
        found = as_object(as_object(metrics.get(key)).get(population))
        place = ("benchmarks", at, "metrics", key, population)
        if count_at(found, "count"):
            yield from read_fields(found, place, {"mean": field}, refusals)


def name_statistics(field: Field, statistics: Mapping[str, str], key: str) -> dict[str, Field]:
    """The fields of a distribution, by what the file calls each statistic."""
    over = "_by_token" if key in BY_TOKEN else ""
    return {name: field._replace(statistic=said + over) for name, said in statistics.items()}


def _as(population: Population, readings: list[Reading]) -> Iterator[Reading]:
    return (replace(reading, population=population) for reading in readings)


def _read_request(
    frame: Record,
    request: Mapping[str, Json],
    place: Place,
    number: int,
    population: Population,
    refusals: list[Refusal],
) -> Record:
    moment = _started(request)
    name = pointer_locator(*place)
    failure = None
    if population == "errored":
        info = as_object(request.get("info"))
        said = as_text(info.get("error"))
        locator = pointer_locator(*place, "info", "error") if said else name
        failure = Failure(reason=said or "errored, no reason given", locator=locator)
    readings = [] if failure else read_fields(request, place, {**_REQUEST, **_COUNTS}, refusals)
    return replace(
        frame,
        name=name,
        sequence=number,
        repetition=number,
        readings=tuple(_as(population, readings)),
        measured_at=moment.text if moment else frame.measured_at,
        time_basis=moment.basis if moment else frame.time_basis,
        failure=failure,
    )


def _started(request: Mapping[str, Json]) -> MeasuredAt | None:
    return read_time(request.get("request_start_time"))
