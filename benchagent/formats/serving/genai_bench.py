"""What genai-bench writes of a run: its requests one by one, and the distributions that sum them up.

- Deviations are divided by n, not by n - 1.
- Times are in `_time_unit`; that of the whole run is always in seconds.
- With a warm-up or a cool-down, distributions and token rates leave its requests out, but the rates
  are over its time too. Which requests these are the file does not say.
- An answer that came in one piece has all of its latency as the time to the first token, and a time
  per output token of 0 or none.
- The model is named in the file beside it (`experiment_metadata.json`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from benchagent.formats.json_fields import Field, drop_untimed, read_fields, read_settings
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.json_trees import Json, as_list, as_object, as_text, number_of
from benchagent.measurements.locators import Place, pointer_locator
from benchagent.measurements.readings import Failure, Parsed, Reading, Record, Refusal

NAME: Final = "genai-bench"

_STREAMED: Final = frozenset({"ttft", "tpot", "decode_rate"})
_RATE: Final = {
    "mean_output_throughput_tokens_per_s": Field(
        "throughput", "tokens/s", definition="throughput.run"
    )
}
_OF_RUN: Final = {
    "requests_per_second": Field("request_rate", "req/s"),
    "run_duration": Field("duration", "s"),
}
_STATISTICS: Final = {
    "mean": "mean", "p50": "median", "stddev": "stddev_population", "min": "min", "max": "max",
    "p25": "p25", "p75": "p75", "p90": "p90", "p95": "p95", "p99": "p99",
}  # fmt: skip
_OF_SOME: Final = "it leaves out the requests of a warm-up and of a cool-down, and not their time"
_ONE_PIECE: Final = "an answer came in one piece, so that its first token was not seen"
_UNITS: Final = frozenset({"s", "ms"})


def detect(artifact: Artifact) -> bool:
    """Whether there are `aggregated_metrics` with `num_concurrency`, and `individual_request_metrics`."""
    top = as_object(artifact.tree)
    told = as_object(top.get("aggregated_metrics"))
    return "individual_request_metrics" in top and {"num_concurrency", "stats"} <= told.keys()


def parse(artifact: Artifact) -> Parsed:
    """One record for the run, and one per request."""
    top = as_object(artifact.tree)
    unit = as_text(top.get("_time_unit"))
    if unit not in _UNITS:
        said = f"its times are in {str(unit)[:40]!r}, expected `_time_unit` to be s or ms"
        return Parsed(format=NAME, records=(), reason=said)
    refusals: list[Refusal] = []
    fields = _define(unit)
    run = as_object(top.get("aggregated_metrics"))
    frame = Record(
        name=pointer_locator("aggregated_metrics"),
        sequence=0,
        benchmark="serving",
        readings=tuple(_read_run(run, top, fields, refusals)),
        config=read_settings(
            {key: run.get(key) for key in ("scenario", "num_concurrency", "batch_size")}
        ),
    )
    requests = [
        _read_request(frame, as_object(entry), at, fields, refusals)
        for at, entry in enumerate(as_list(top.get("individual_request_metrics")))
    ]
    said = "which model it was, experiment_metadata.json says, if the path does not"
    return Parsed(format=NAME, records=(frame, *requests), refusals=tuple(refusals), reason=said)


def _define(unit: str) -> dict[str, Field]:
    return {
        "ttft": Field("ttft", unit, definition="ttft.client"),
        "tpot": Field("tpot", unit, definition="tpot.excluding_first"),
        "e2e_latency": Field("latency", unit, definition="latency.client"),
        "output_inference_speed": Field("decode_rate", "tokens/s", definition="decode.(n-1)/eval"),
        "num_input_tokens": Field("prompt_tokens", "tokens"),
        "num_output_tokens": Field("output_tokens", "tokens"),
    }


def _read_run(
    run: Mapping[str, Json],
    top: Mapping[str, Json],
    fields: Mapping[str, Field],
    refusals: list[Refusal],
) -> Iterator[Reading]:
    place: Place = ("aggregated_metrics",)
    yield from read_fields(run, place, _OF_RUN, refusals)
    stats = as_object(run.get("stats"))
    requests = [as_object(entry) for entry in as_list(top.get("individual_request_metrics"))]
    counted = number_of(as_object(stats.get("num_output_tokens")).get("sum"))
    if counted != sum(number_of(request.get("num_output_tokens")) or 0 for request in requests):
        refusals.append(Refusal(locator=pointer_locator(*place, "stats"), reason=_OF_SOME))
        return
    yield from read_fields(run, place, _RATE, refusals)
    unseen = any(map(_came_whole, requests))
    for key, field in fields.items():
        if unseen and field.metric in _STREAMED:
            refusals.append(
                Refusal(locator=pointer_locator(*place, "stats", key), reason=_ONE_PIECE)
            )
            continue
        named = {name: field._replace(statistic=said) for name, said in _STATISTICS.items()}
        found = read_fields(
            as_object(stats.get(key)), (*place, "stats", key), named, refusals, kind="derived"
        )
        yield from drop_untimed(found, refusals)


def _read_request(
    frame: Record,
    request: Mapping[str, Json],
    at: int,
    fields: Mapping[str, Field],
    refusals: list[Refusal],
) -> Record:
    place: Place = ("individual_request_metrics", at)
    record = replace(
        frame, name=pointer_locator(*place), sequence=at + 1, repetition=at, readings=()
    )
    if request.get("error_code") is not None:
        said = as_text(request.get("error_message"))
        locator = pointer_locator(*place, "error_message" if said else "error_code")
        reason = said or f"error {request.get('error_code')!s:.40}"
        return replace(record, failure=Failure(reason=reason, locator=locator))
    whole = _came_whole(request)
    told = {key: of for key, of in fields.items() if not whole or of.metric not in _STREAMED}
    found = read_fields(request, place, told, refusals)
    return replace(record, readings=tuple(drop_untimed(found, refusals)))


def _came_whole(request: Mapping[str, Json]) -> bool:
    untimed = not number_of(request.get("tpot")) and request.get("error_code") is None
    return untimed and number_of(request.get("num_output_tokens")) != 1
