"""What AIPerf exports as JSON: a unit and statistics for each of its metrics.

Its standard deviation is divided by n, not by n - 1. Its inter-token latency leaves the first
token out, and its output tokens are those that the client's tokenizer counts. Where an answer came
in one piece, the time between its tokens is 0 and that to the first one all of its latency.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from benchagent.formats.json_fields import Field, count_at, read_fields, read_settings
from benchagent.formats.settings import read_time
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.json_trees import Json, as_list, as_object, as_text
from benchagent.measurements.locators import pointer_locator
from benchagent.measurements.readings import Parsed, Reading, Record, Refusal, Scalar
from benchagent.quantities.units import find_unit

NAME: Final = "aiperf"


class AiperfMetric(NamedTuple):
    """What one of its metrics is, and the canonical unit that it must be in."""

    metric: str
    unit: str
    definition: str | None = None


# of single requests
REQUEST_METRICS: Final = {
    "request_latency": AiperfMetric("latency", "ms", "latency.client"),
    "time_to_first_token": AiperfMetric("ttft", "ms", "ttft.client"),
    "inter_token_latency": AiperfMetric("tpot", "ms", "tpot.excluding_first"),
    "output_sequence_length": AiperfMetric("output_tokens", "tokens", "tokens.client"),
    "input_sequence_length": AiperfMetric("prompt_tokens", "tokens", "tokens.client"),
}
# of the whole run
RUN_METRICS: Final = {
    "request_throughput": AiperfMetric("request_rate", "req/s"),
    "output_token_throughput": AiperfMetric("throughput", "tok/s", "throughput.run"),
    "benchmark_duration": AiperfMetric("duration", "ms"),
}
METRICS: Final = {**REQUEST_METRICS, **RUN_METRICS}
STATISTICS: Final = {
    "avg": "mean", "p50": "median", "std": "stddev_population", "min": "min", "max": "max",
    "p1": "p1", "p5": "p5", "p10": "p10", "p25": "p25", "p75": "p75", "p90": "p90", "p95": "p95",
    "p99": "p99",
}  # fmt: skip
_ONE_PIECE: Final = "an answer came in one piece, so that the times of its tokens were not seen"


def detect(artifact: Artifact) -> bool:
    """Whether there is an `aiperf_version` or `was_cancelled`, and metrics with a `unit`."""
    top = as_object(artifact.tree)
    # the first versions wrote no version
    told = top.keys() & {"aiperf_version", "schema_version", "was_cancelled"}
    return bool(told) and has_metrics(top)


def has_metrics(top: Mapping[str, Json]) -> bool:
    """Whether one of the metrics stands there with its unit and average."""
    return any({"unit", "avg"} <= as_object(top.get(key)).keys() for key in METRICS)


def parse(artifact: Artifact) -> Parsed:
    """One record for the run."""
    return parse_run(artifact, NAME)


def parse_run(artifact: Artifact, format: str) -> Parsed:
    """The statistics of a run; its single requests are in a file of their own."""
    top = as_object(artifact.tree)
    refusals: list[Refusal] = []
    readings: list[Reading] = []
    for key, metric in METRICS.items():
        readings += _read_metric(as_object(top.get(key)), key, metric, refusals)
    readings = drop_unstreamed(readings, refusals)
    record = Record(
        name="/request_latency",
        sequence=0,
        benchmark="serving",
        readings=tuple(readings),
        subject=_find_model(as_object(top.get("input_config"))),
        config=_read_config(as_object(top.get("input_config"))),
        environment=read_settings({"aiperf_version": top.get("aiperf_version")}),
        measured_at=read_time(top.get("start_time")),
    )
    failed = len(as_list(top.get("error_summary")))
    said = f"{failed} kinds of errors, whose requests are in no statistic" if failed else None
    records = (record,) if readings else ()
    return Parsed(format=format, records=records, refusals=tuple(refusals), reason=said)


def expect_unit(
    named: Json, metric: AiperfMetric, locator: str, refusals: list[Refusal]
) -> str | None:
    """The unit that a metric is given in; one of another dimension, or none, is refused."""
    text = as_text(named)
    unit = find_unit(text) if text else None
    if unit is not None and unit.canonical == metric.unit:
        return text
    said = f"unit {str(named)[:40]!r}, expected one of {metric.unit}"
    refusals.append(Refusal(locator=locator, reason=said))
    return None


def _read_metric(
    entry: Mapping[str, Json], key: str, metric: AiperfMetric, refusals: list[Refusal]
) -> list[Reading]:
    if not entry:
        return []
    unit = expect_unit(entry.get("unit"), metric, pointer_locator(key), refusals)
    if unit is None:
        return []
    field = Field(metric.metric, unit, definition=metric.definition)
    if key in RUN_METRICS:
        return read_fields(entry, (key,), {"avg": field}, refusals)
    fields = {name: field._replace(statistic=said) for name, said in STATISTICS.items()}
    return read_fields(entry, (key,), fields, refusals, n=count_at(entry, "count"))


def drop_unstreamed(readings: list[Reading], refusals: list[Refusal]) -> list[Reading]:
    """The readings, without times of tokens where an answer that they are of came in one piece."""
    of_all = ("value", "min")
    if not any(r.metric == "tpot" and r.statistic in of_all and r.value <= 0 for r in readings):
        return readings
    untimed = [reading for reading in readings if reading.metric in ("ttft", "tpot")]
    refusals += [Refusal(locator=reading.locator, reason=_ONE_PIECE) for reading in untimed]
    return [reading for reading in readings if reading not in untimed]


def _find_model(config: Mapping[str, Json]) -> str | None:
    for model in as_list(as_object(config.get("models")).get("items")):
        return as_text(as_object(model).get("name"))
    endpoint = as_object(config.get("endpoint"))
    names = as_list(endpoint.get("model_names")) or as_list(config.get("model_names"))
    return as_text(names[0]) if names else None


def _read_config(config: Mapping[str, Json]) -> dict[str, Scalar]:
    endpoint = as_object(config.get("endpoint"))
    settings = read_settings(
        {"endpoint": endpoint.get("type"), "streaming": endpoint.get("streaming")}
    )
    phases = [as_object(phase) for phase in as_list(config.get("phases"))]
    told = [phase for phase in phases if phase.get("kind") != "warmup"]
    before = as_object(as_object(config.get("perf_analyzer")).get("stimulus"))
    load = told[0] if len(told) == 1 else as_object(config.get("loadgen")) or before
    kept = {key: load.get(key) for key in ("concurrency", "request_rate", "requests")}
    if load.get("rate") is not None:
        kept |= {"request_rate": load["rate"], "arrivals": load.get("type")}
    return {**settings, **read_settings(kept)}
