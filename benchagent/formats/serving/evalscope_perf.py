"""What `evalscope perf` writes of a run: its means, and the percentiles beside them.

Both are over the requests that succeeded. The time per output token runs from the first piece of an
answer to the end of the request and leaves the first token out; a decode rate is one over it. Where
nothing was streamed the time to the first token is the whole latency, and those between tokens are 0:
they are none. They are 0 too where every streamed answer is one token long. What could not be computed
is -1, or `NaN`.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from benchagent.formats.json_fields import Field, count_at, drop_untimed, read_fields
from benchagent.formats.settings import read_setting
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.json_trees import Json, Numeral, as_object, as_text
from benchagent.measurements.locators import Place, pointer_locator
from benchagent.measurements.readings import Failure, Parsed, Reading, Record, Refusal, Scalar

NAME: Final = "evalscope-perf"

_LATENCY: Final = Field("latency", "s", definition="latency.client")
_PROMPT: Final = Field("prompt_tokens", "tokens")
_OUTPUT: Final = Field("output_tokens", "tokens")
# of the tokens of an answer, which are told from each other where it is streamed
_STREAMED: Final = {
    "TTFT (ms)": Field("ttft", "ms", definition="ttft.client"),
    "TPOT (ms)": Field("tpot", "ms", definition="tpot.excluding_first"),
    "ITL (ms)": Field("itl", "ms", definition="itl.all_gaps"),
}
_PERCENTILES: Final = {
    "Latency (s)": _LATENCY,
    "Input tokens": _PROMPT,
    "Output tokens": _OUTPUT,
    "Output (tok/s)": Field("throughput", "tokens/s", definition="throughput.tokens/total"),
}
_DECODE: Final = {
    "Decode (tok/s)": Field("decode_rate", "tokens/s", definition="decode.(n-1)/eval")
}
_MEANS: Final = {
    "Avg Latency (s)": _LATENCY,
    "Avg Input Tokens": _PROMPT,
    "Avg Output Tokens": _OUTPUT,
}
_OF_RUN: Final = {
    "Req Throughput (req/s)": Field("request_rate", "req/s"),
    "Output Throughput (tok/s)": Field("throughput", "tokens/s", definition="throughput.run"),
    "Test Duration (s)": Field("duration", "s"),
}
_STATISTICS: Final = {"min": "min", "max": "max", "50%": "median"}
_PERCENTILE: Final = re.compile(r"([1-9][0-9]?)%")


def detect(artifact: Artifact) -> bool:
    """Whether there are `Test Duration (s)` and `Avg Latency (s)`, or `Percentiles` of `TPOT (ms)`."""
    first = as_object(artifact.entries[0].value) if artifact.entries else {}
    return _sums_up(first) or {"Percentiles", "TPOT (ms)", "Latency (s)"} <= first.keys()


def parse(artifact: Artifact) -> Parsed:
    """One record for the run."""
    refusals: list[Refusal] = []
    if _sums_up(as_object(artifact.tree)):
        record = _read_summary(as_object(artifact.tree), refusals)
    else:
        record = _read_percentiles(artifact, refusals)
    return Parsed(format=NAME, records=(record,), refusals=tuple(refusals))


def _sums_up(first: Mapping[str, Json]) -> bool:
    return {"Test Duration (s)", "Avg Latency (s)", "Success Requests"} <= first.keys()


def _read_summary(summary: Mapping[str, Json], refusals: list[Refusal]) -> Record:
    n = count_at(summary, "Success Requests")
    if not n:
        locator = pointer_locator("Success Requests")
        failure = Failure(reason="no request succeeded", locator=locator)
        return _record((), _read_config(summary), failure)
    # requests that failed count as streamed where they asked for it, whatever the server then does
    streamed, failed = (count_at(summary, f"{of} Requests") or 0 for of in ("Stream", "Failed"))
    means = {key: field._replace(statistic="mean") for key, field in _MEANS.items()}
    readings = read_fields(summary, (), means, refusals, n=n)
    times = {f"Avg {key}": field._replace(statistic="mean") for key, field in _STREAMED.items()}
    if streamed > failed:
        # what is streamed alone has these times, and there are more gaps than answers
        readings += read_fields(summary, (), times, refusals)
    else:
        refusals.extend(_refuse_unstreamed(summary, (), times))
    readings += read_fields(summary, (), _OF_RUN, refusals)
    return _record(tuple(_drop_absent(readings, refusals)), _read_config(summary))


def _read_percentiles(artifact: Artifact, refusals: list[Refusal]) -> Record:
    streamed = any(
        _is_number(as_object(row.value).get(key)) for row in artifact.entries for key in _DECODE
    )
    readings: list[Reading] = []
    for entry in artifact.entries:
        row = as_object(entry.value)
        named = as_text(row.get("Percentiles")) or ""
        match = _PERCENTILE.fullmatch(named)
        statistic = _STATISTICS.get(named) or (f"p{match[1]}" if match else None)
        if statistic is None:
            said = f"{named[:80]!r} is no percentile"
            refusals.append(Refusal(locator=pointer_locator(*entry.place), reason=said))
            continue
        fields = _PERCENTILES | (_STREAMED | _DECODE if streamed else {})
        of = {key: field._replace(statistic=statistic) for key, field in fields.items()}
        readings += read_fields(row, entry.place, of, refusals)
        if not streamed:
            refusals.extend(_refuse_unstreamed(row, entry.place, _STREAMED))
    return _record(tuple(_drop_absent(readings, refusals)), {})


def _is_number(value: Json) -> bool:
    return isinstance(value, Numeral) and value.lower() != "nan"


def _refuse_unstreamed(
    row: Mapping[str, Json], place: Place, fields: Mapping[str, Field]
) -> Iterator[Refusal]:
    for key in (key for key in fields if key in row):
        said = "nothing says that answers were streamed, so that their tokens have times"
        yield Refusal(locator=pointer_locator(*place, key), reason=said)


def _drop_absent(readings: list[Reading], refusals: list[Refusal]) -> Iterator[Reading]:
    for reading in drop_untimed(readings, refusals):
        if reading.value >= 0:
            yield reading
        else:
            said = f"{reading.raw_value!r} stands where nothing was computed"
            refusals.append(Refusal(locator=reading.locator, reason=said))


def _read_config(summary: Mapping[str, Json]) -> dict[str, Scalar]:
    rate = read_setting(summary.get("Request Rate (req/s)"))
    limited = isinstance(rate, int | float) and rate > 0
    return {
        "concurrency": read_setting(summary.get("Concurrency")),
        **({"request_rate": rate} if limited else {}),
    }


def _record(
    readings: tuple[Reading, ...], config: dict[str, Scalar], failure: Failure | None = None
) -> Record:
    return Record(
        name="", sequence=0, benchmark="serving", readings=readings, config=config, failure=failure
    )
