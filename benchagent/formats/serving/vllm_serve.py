"""What vLLM's `bench serve` saves: statistics of a run, and with details every request of it.

Its time per output token leaves the first token out; its inter-token latency is of all gaps of all
answers. Statistics end in `_ms`, the arrays are in seconds. A mean time of 0 is none: nothing was
streamed, and a time to the first token that is the whole latency is none either. The standard
deviation is divided by n.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from benchagent.formats.json_fields import Field, count_at, read_fields, read_place, read_settings
from benchagent.formats.settings import read_time
from benchagent.measurements.artifact import Artifact, Entry
from benchagent.measurements.json_trees import Json, as_list, as_object, as_text
from benchagent.measurements.locators import Place, pointer_locator
from benchagent.measurements.readings import Failure, Kind, Parsed, Reading, Record, Refusal, Scalar

NAME: Final = "vllm-serve"

QUANTITIES: Final = {
    "ttft": Field("ttft", "ms", definition="ttft.client"),
    "tpot": Field("tpot", "ms", definition="tpot.excluding_first"),
    "itl": Field("itl", "ms", definition="itl.all_gaps"),
    "e2el": Field("latency", "ms", definition="latency.client"),
    "e2e_latency": Field("latency", "ms", definition="latency.client"),
}
_STATISTIC: Final = re.compile(
    r"(mean|median|std|p[0-9]{1,2}(?:\.[0-9]{1,2})?)_(ttft|tpot|itl|e2el|e2e_latency)_ms"
)
STATISTICS: Final = {"std": "stddev_population", "p50": "median"}
RATES: Final = {
    "request_throughput": Field("request_rate", "req/s"),
    # so up to version 0.4
    "request_inthroughput": Field("request_rate", "req/s"),
    "output_throughput": Field("throughput", "tokens/s", definition="throughput.run"),
    "request_goodput": Field("vllm-serve:request_goodput", "req/s"),
    "request_goodput:": Field("vllm-serve:request_goodput", "req/s"),
    "duration": Field("duration", "s"),
}
# Told where they part: what did not complete is in no statistic of the run.
_REQUESTS: Final = {
    "num_prompts": Field("requests_sent", "1"),
    "completed": Field("requests_completed", "1"),
}
# of one request, by the array that it stands in
_ARRAYS: Final = {
    "ttfts": Field("ttft", "s", definition="ttft.client"),
    "latencies": Field("latency", "s", definition="latency.client"),
    "input_lens": Field("prompt_tokens", "tokens"),
    "output_lens": Field("output_tokens", "tokens"),
}
# What the caller adds (`--metadata tp=2`) stands beside these as text.
_SETTINGS: Final = (
    "num_prompts", "best_of", "request_rate", "burstiness", "max_concurrency", "random_input_len",
    "random_output_len", "random_range_ratio", "sharegpt_output_len",
)  # fmt: skip
_NO_SETTINGS: Final = frozenset({"date", "model_id", "model", "tokenizer_id"})
_DATE: Final = re.compile(
    r"(20[0-9]{2})([01][0-9])([0-3][0-9])-([0-2][0-9])([0-5][0-9])([0-5][0-9])"
)


def detect(artifact: Artifact) -> bool:
    """Whether there are `request_throughput`, `mean_ttft_ms` and `completed`."""
    first = as_object(artifact.entries[0].value) if artifact.entries else {}
    rate = "request_throughput" in first or "request_inthroughput" in first
    return rate and {"mean_ttft_ms", "completed"} <= first.keys()


def parse(artifact: Artifact) -> Parsed:
    """One record per run, and one per request where they were saved."""
    return parse_runs(artifact, NAME)


def parse_runs(artifact: Artifact, format: str) -> Parsed:
    """The runs of a file; it may hold one, or one per line."""
    refusals = artifact.broken_lines
    records = [
        replace(record, sequence=at)
        for at, record in enumerate(
            record for entry in artifact.entries for record in _read_run(entry, refusals)
        )
    ]
    gaps = any(as_list(as_object(entry.value).get("itls")) for entry in artifact.entries)
    said = "single gaps between tokens are not read: they are no runs" if gaps else None
    return Parsed(format=format, records=tuple(records), refusals=tuple(refusals), reason=said)


def _read_run(entry: Entry, refusals: list[Refusal]) -> Iterator[Record]:
    run = as_object(entry.value)
    frame = _frame(run, entry)
    if not count_at(run, "completed"):
        locator = pointer_locator(*entry.place, "completed")
        yield replace(frame, failure=Failure(reason="no request completed", locator=locator))
    else:
        readings = (
            *_read_statistics(run, entry.place, refusals),
            *_read_rates(run, entry, refusals),
            *_read_requests(run, entry, refusals),
        )
        yield replace(frame, readings=readings)
    for number in range(len(as_list(run.get("ttfts")))):
        yield _read_request(frame, run, entry.place, number)


def _frame(run: Mapping[str, Json], entry: Entry) -> Record:
    date = as_text(run.get("date"))
    match = _DATE.fullmatch(date) if date else None
    moment = read_time("{}-{}-{}T{}:{}:{}".format(*match.groups())) if match else read_time(date)
    return Record(
        name=pointer_locator(*entry.place) if entry.place else "",
        sequence=0,
        benchmark="serving",
        readings=(),
        subject=_find_model(run),
        config=_read_config(run),
        measured_at=moment,
    )


def _find_model(run: Mapping[str, Json]) -> str | None:
    """The model that was asked for, else the one that the server says it serves."""
    served = as_object(run.get("server_info")).get("model_path")
    return as_text(run.get("model_id")) or as_text(run.get("model")) or as_text(served)


def _read_config(run: Mapping[str, Json]) -> dict[str, Scalar]:
    texts = {key: text for key, text in run.items() if as_text(text) and key not in _NO_SETTINGS}
    return read_settings({**texts, **{key: run.get(key) for key in _SETTINGS}})


def _read_statistics(
    run: Mapping[str, Json], place: Place, refusals: list[Refusal]
) -> Iterator[Reading]:
    n = count_at(run, "completed")
    sampled = {_ARRAYS[key].metric for key in _ARRAYS if as_list(run.get(key))}
    whole = run.get("mean_e2e_latency_ms")
    unstreamed = whole is not None and whole == run.get("mean_ttft_ms")
    for key in run:
        match = _STATISTIC.fullmatch(key)
        # the median is written again as p50 where that was asked for
        if match is None or (match[1] == "p50" and f"median_{match[2]}_ms" in run):
            continue
        statistic = STATISTICS.get(match[1], match[1])
        field = QUANTITIES[match[2]]._replace(statistic=statistic)
        kind: Kind = "derived" if field.metric in sampled else "measured"
        # gaps are more than requests, and the file does not count them
        of = None if match[2] == "itl" else n
        for reading in read_fields(run, place, {key: field}, refusals, n=of, kind=kind):
            if reading.value > 0 and not (unstreamed and match[2] == "ttft"):
                yield reading
            elif match[1] != "std":
                said = f"{reading.raw_value!r} is no time of a token: nothing was streamed"
                refusals.append(Refusal(locator=reading.locator, reason=said))


def _read_rates(run: Mapping[str, Json], entry: Entry, refusals: list[Refusal]) -> list[Reading]:
    return read_fields(run, entry.place, RATES, refusals)


def _read_requests(run: Mapping[str, Json], entry: Entry, refusals: list[Refusal]) -> list[Reading]:
    sent, completed = count_at(run, "num_prompts"), count_at(run, "completed")
    if sent is None or completed is None or completed >= sent:
        return []
    return read_fields(run, entry.place, _REQUESTS, refusals)


def _read_request(frame: Record, run: Mapping[str, Json], place: Place, number: int) -> Record:
    here: Place = (*place, "ttfts", number)
    errors = as_list(run.get("errors"))
    error = as_text(errors[number]) if number < len(errors) else None
    readings: list[Reading] = []
    for key, field in _ARRAYS.items():
        values = as_list(run.get(key))
        found = (
            read_place(values[number], (*place, key, number), field)
            if number < len(values)
            else None
        )
        if found and (found.value > 0 or field.unit == "tokens"):
            readings.append(found)
    failure = None
    if error:
        failure = Failure(reason=error, locator=pointer_locator(*place, "errors", number))
    elif not any(reading.metric == "ttft" for reading in readings):
        said = f"{str(as_list(run.get('ttfts'))[number])[:40]!r} is no time to a first token"
        failure = Failure(reason=said, locator=pointer_locator(*here))
    return replace(
        frame,
        name=pointer_locator(*here),
        repetition=number,
        readings=() if failure else tuple(readings),
        failure=failure,
    )
