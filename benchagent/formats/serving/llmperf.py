"""What LLMPerf writes of a load on a model: a summary, and beside it the single requests.

- What it calls the latency between tokens is the time to the last token over all tokens, the wait for
  the first among them: 46.6 ms of an answer of 160 tokens in 7.45 s.
- Tokens are counted by a tokenizer of the client's choice, not by the server.
- `mean_input_tokens` and `mean_output_tokens` are what was asked for; results begin with `results_`.
- A client that cannot see tokens writes -1 as their times. Deviations are divided by n - 1.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from benchagent.formats.json_fields import Field, count_at, drop_untimed, read_fields, read_settings
from benchagent.formats.settings import read_model, read_time
from benchagent.measurements.artifact import Artifact, Entry
from benchagent.measurements.json_trees import Json, as_object, as_text
from benchagent.measurements.locators import pointer_locator
from benchagent.measurements.readings import Failure, Parsed, Reading, Record, Refusal

NAME: Final = "llmperf"

_TIMES: Final = {
    "inter_token_latency_s": Field("tpot", "s", definition="tpot.last_token/n"),
    "ttft_s": Field("ttft", "s", definition="ttft.client"),
    "end_to_end_latency_s": Field("latency", "s", definition="latency.client"),
    "request_output_throughput_token_per_s": Field(
        "throughput", "tokens/s", definition="throughput.tokens/total"
    ),
}
_COUNTS: Final = {
    "number_input_tokens": Field("prompt_tokens", "tokens", definition="tokens.client"),
    "number_output_tokens": Field("output_tokens", "tokens", definition="tokens.client"),
}
_STATISTICS: Final = {
    "mean": "mean", "stddev": "stddev", "min": "min", "max": "max", "quantiles_p50": "median",
    **{f"quantiles_p{percent}": f"p{percent}" for percent in (25, 75, 90, 95, 99)},
}  # fmt: skip
# of counts these are texts
_ENDS: Final = frozenset(("min", "max"))
_OF_RUN: Final = {
    "results_mean_output_throughput_token_per_s": Field(
        "throughput", "tokens/s", definition="throughput.run"
    ),
    "results_num_requests_started": Field("requests_sent", "1"),
    "results_num_completed_requests": Field("requests_completed", "1"),
}
_ASKED: Final = ("mean_input_tokens", "stddev_input_tokens", "mean_output_tokens")


def detect(artifact: Artifact) -> bool:
    """Whether there are `results_ttft_s_mean` and what was asked, or requests with its names."""
    first = as_object(artifact.entries[0].value) if artifact.entries else {}
    return _sums_up(first) or {*_TIMES, *_COUNTS, "error_code"} <= first.keys()


def parse(artifact: Artifact) -> Parsed:
    """One record for the run, or one per request."""
    refusals: list[Refusal] = []
    top = as_object(artifact.tree)
    if _sums_up(top):
        records = [_read_run(top, refusals)]
        said = "requests in a minute are not read"
    else:
        records = [_read_request(entry, at, refusals) for at, entry in enumerate(artifact.entries)]
        said = "which model it was, the summary beside it says, if the path does not"
    return Parsed(format=NAME, records=tuple(records), refusals=tuple(refusals), reason=said)


def _sums_up(top: Mapping[str, Json]) -> bool:
    return {"results_ttft_s_mean", "results_num_completed_requests", *_ASKED} <= top.keys()


def _read_run(top: Mapping[str, Json], refusals: list[Refusal]) -> Record:
    n = count_at(top, "results_num_completed_requests")
    failure = None
    readings: list[Reading] = []
    if n:
        found = read_fields(top, (), dict(_name_sums()), refusals, n=n)
        readings = [*drop_untimed(found, refusals), *read_fields(top, (), _OF_RUN, refusals)]
    else:
        locator = pointer_locator("results_num_completed_requests")
        failure = Failure(reason="no request was completed", locator=locator)
    model = as_text(top.get("model"))
    asked = {"concurrency": top.get("num_concurrent_requests"), "workload": _say_asked(top)}
    return Record(
        name="",
        sequence=0,
        benchmark="serving",
        readings=tuple(readings),
        subject=read_model(model) if model else None,
        config=read_settings(asked),
        measured_at=read_time(top.get("timestamp")),
        failure=failure,
    )


def _name_sums() -> Iterator[tuple[str, Field]]:
    for name, field in (_TIMES | _COUNTS).items():
        for key, said in _STATISTICS.items():
            if name in _TIMES or key not in _ENDS:
                yield f"results_{name}_{key}", field._replace(statistic=said)


def _say_asked(top: Mapping[str, Json]) -> str:
    return f"{top.get('mean_input_tokens')} in, {top.get('mean_output_tokens')} out"


def _read_request(entry: Entry, at: int, refusals: list[Refusal]) -> Record:
    request = as_object(entry.value)
    failure = _find_failure(request, entry)
    readings: list[Reading] = []
    if failure is None:
        found = read_fields(request, entry.place, _TIMES | _COUNTS, refusals)
        readings = [*drop_untimed(found, refusals)]
    return Record(
        name=pointer_locator(*entry.place),
        sequence=at,
        benchmark="serving",
        readings=tuple(readings),
        repetition=at,
        failure=failure,
    )


def _find_failure(request: Mapping[str, Json], entry: Entry) -> Failure | None:
    if request.get("error_code") is not None:
        said = as_text(request.get("error_msg"))
        locator = pointer_locator(*entry.place, "error_msg" if said else "error_code")
        return Failure(reason=said or f"error {request['error_code']!s:.40}", locator=locator)
    if not count_at(request, "number_output_tokens"):
        locator = pointer_locator(*entry.place, "number_output_tokens")
        return Failure(reason="no token was generated", locator=locator, recorded_as="zero")
    return None
