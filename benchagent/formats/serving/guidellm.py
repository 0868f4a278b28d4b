"""What GuideLLM writes as JSON or YAML: distributions per population, and the requests that they sum up.

Its time per output token counts from the request to the last token and divides by all tokens; its
inter-token latency leaves the first one out, which is what others call time per output token. Up to
version 0.3 the first counted from the first token too, and named model and load elsewhere. A
request's latency is in seconds, whatever ends in `_ms` in milliseconds.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from benchagent.formats.json_fields import Field, count_at, drop_untimed, read_fields, read_settings
from benchagent.formats.settings import read_time
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.json_trees import Json, as_list, as_object, as_text
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
# what up to version 0.3 bore this name
_OLD_TPOT: Final = "tpot.first_to_last/n"
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
PERCENTILES: Final = {
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
    fields = define({**_REQUEST, **_COUNTS}, old="worker" in entry)
    for population in _POPULATIONS:
        kept = as_list(requests.get(population))
        readings = list(_read_metrics(entry, at, population, len(kept), refusals))
        if readings:
            name = pointer_locator("benchmarks", at, "metrics", "request_totals", population)
            yield replace(frame, name=name, readings=tuple(_as(population, readings)))
        for number, kept_request in enumerate(kept):
            place: Place = ("benchmarks", at, "requests", population, number)
            request = as_object(kept_request)
            record = _frame_request(frame, request, place, number)
            if population == "errored":
                yield replace(record, failure=_find_failure(request, place))
            else:
                found = read_fields(request, place, fields, refusals)
                yield replace(record, readings=tuple(_as(population, found)))


def _frame(top: Mapping[str, Json], entry: Mapping[str, Json], at: int) -> Record:
    """What all records of a benchmark share."""
    metadata, config = as_object(top.get("metadata")), as_object(entry.get("config"))
    backend = as_object(config.get("backend"))
    strategy = config.get("strategy") or as_object(entry.get("args")).get("strategy")
    old = as_object(entry.get("worker")).get("backend_model")
    return Record(
        name=pointer_locator("benchmarks", at),
        sequence=at,
        benchmark="serving",
        readings=(),
        subject=as_text(backend.get("model")) or as_text(_asked_model(top)) or as_text(old),
        config=read_config(as_object(strategy), backend),
        environment=read_settings(
            {key: metadata.get(key) for key in ("guidellm_version", "python_version", "platform")}
        ),
        measured_at=read_time(entry.get("start_time")),
    )


def _asked_model(top: Mapping[str, Json]) -> Json:
    return as_object(top.get("args")).get("model")


def read_config(strategy: Mapping[str, Json], backend: Mapping[str, Json]) -> dict[str, Scalar]:
    """How requests were sent, and in which form."""
    kept = ("type_", "rate", "streams", "max_concurrency")
    settings = read_settings({key: strategy.get(key) for key in kept})
    settings["strategy"] = settings.pop("type_", None)
    return {**settings, "request_format": as_text(backend.get("request_format"))}


def _read_metrics(
    entry: Mapping[str, Json], at: int, population: Population, kept: int, refusals: list[Refusal]
) -> Iterator[Reading]:
    metrics = as_object(entry.get("metrics"))
    of = as_object(metrics.get("request_totals") or entry.get("request_totals"))
    # sampled requests are fewer than those summed up
    kind: Kind = "derived" if kept and kept == count_at(of, population) else "measured"
    for key, field in define(DISTRIBUTIONS, old="worker" in entry).items():
        found = as_object(as_object(metrics.get(key)).get(population))
        place: Place = ("benchmarks", at, "metrics", key, population)
        if n := count_at(found, "count"):
            named = name_statistics(field, STATISTICS, key)
            readings = read_fields(found, place, named, refusals, n=n, kind=kind)
            place, named = (*place, "percentiles"), name_statistics(field, PERCENTILES, key)
            percentiles = as_object(found.get("percentiles"))
            readings += read_fields(percentiles, place, named, refusals, n=n, kind=kind)
            yield from drop_untimed(readings, refusals)
    for key, field in RATES.items():
        found = as_object(as_object(metrics.get(key)).get(population))
        place = ("benchmarks", at, "metrics", key, population)
        if count_at(found, "count"):
            yield from read_fields(found, place, {"mean": field}, refusals)


def define(fields: Mapping[str, Field], *, old: bool) -> dict[str, Field]:
    """What the numbers of a benchmark mean in the version that wrote it: 0.3 or before, or later."""
    if not old:
        return {**fields}
    key = "time_per_output_token_ms"
    return {**fields, key: fields[key]._replace(definition=_OLD_TPOT)}


def name_statistics(field: Field, statistics: Mapping[str, str], key: str) -> dict[str, Field]:
    """The fields of a distribution, by what the file calls each statistic."""
    over = "_by_token" if key in BY_TOKEN else ""
    return {name: field._replace(statistic=said + over) for name, said in statistics.items()}


def _as(population: Population, readings: list[Reading]) -> Iterator[Reading]:
    return (replace(reading, population=population) for reading in readings)


def _frame_request(frame: Record, request: Mapping[str, Json], place: Place, number: int) -> Record:
    began = request.get("request_start_time") or request.get("start_time")
    return replace(
        frame,
        name=pointer_locator(*place),
        sequence=number,
        repetition=number,
        measured_at=read_time(began) or frame.measured_at,
    )


def _find_failure(request: Mapping[str, Json], place: Place) -> Failure:
    for where, holder in ((("info",), as_object(request.get("info"))), ((), request)):
        if said := as_text(holder.get("error")):
            return Failure(reason=said, locator=pointer_locator(*place, *where, "error"))
    return Failure(reason="errored, no reason given", locator=pointer_locator(*place))
