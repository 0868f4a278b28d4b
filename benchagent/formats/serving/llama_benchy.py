"""What llama-benchy saves as JSON: tests of a server by prompt, answer and depth, with every request.

It speaks to any server of OpenAI's kind, and its times are the client's.

- The rate of a prompt is over the time to the first response, less a latency measured before.
- The rate of several clients together is from the first token of any to the last.
- A context that the server still has is counted with what follows it, though it took no time: such
  a test has no rate of the prompt.
- The standard deviation is divided by n. Requests that failed are nowhere in the file.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from benchagent.formats.engines.llama_bench import write_workload
from benchagent.formats.json_fields import (
    Field,
    count_at,
    read_fields,
    read_place,
    read_settings,
    refuse_number,
)
from benchagent.formats.settings import read_model, read_time
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.json_trees import Json, as_list, as_object, as_text
from benchagent.measurements.locators import Place, pointer_locator
from benchagent.measurements.readings import Parsed, Reading, Record, Refusal, Scalar, Unparsed

NAME: Final = "llama-benchy"

TTFT: Final = Field("ttft", "ms", definition="ttft.client")
PREFILL: Final = Field("prefill_rate", "tokens/s", definition="prefill.prompt/first_response")
DECODE: Final = Field("decode_rate", "tokens/s", definition="decode.(n-1)/eval")
TOGETHER: Final = Field("throughput", "tokens/s", definition="throughput.first_to_last")
STATISTICS: Final = {"mean": "mean", "std": "stddev_population"}

# of single requests, in the order in which they came; every one of them has the first
_OF_REQUESTS: Final = {"e2e_ttft": TTFT, "pp_req_throughput": PREFILL, "tg_req_throughput": DECODE}
_OF_BATCHES: Final = {"tg_throughput": TOGETHER}
_EVENTS: Final = "llama-benchy-progress."


def detect(artifact: Artifact) -> bool:
    """Whether `benchmarks` have an `is_context_prefill_phase`, or lines are the tool's events."""
    return _holds_events(artifact) or any(
        "is_context_prefill_phase" in as_object(test)
        for test in as_list(as_object(artifact.tree).get("benchmarks"))
    )


def parse(artifact: Artifact) -> Parsed | Unparsed:
    """One record per test, one per request, and one per batch of several clients."""
    if _holds_events(artifact):
        said = "the events of a run as they came; what they add up to is in its report"
        return Unparsed(format=NAME, reason=said, code="no-numbers")
    top = as_object(artifact.tree)
    refusals: list[Refusal] = []
    tests = [as_object(test) for test in as_list(top.get("benchmarks"))]
    records = [
        record
        for at, test in enumerate(tests)
        for record in _read_test(top, test, ("benchmarks", at), at, refusals)
    ]
    said = "time to the first response and peaks are not read"
    return Parsed(format=NAME, records=tuple(records), refusals=tuple(refusals), reason=said)


def _holds_events(artifact: Artifact) -> bool:
    first = as_object(artifact.entries[0].value) if artifact.lines else {}
    return (as_text(first.get("schema")) or "").startswith(_EVENTS)


def _read_test(
    top: Mapping[str, Json],
    test: Mapping[str, Json],
    place: Place,
    sequence: int,
    refusals: list[Refusal],
) -> Iterator[Record]:
    requests = {name: field for name, field in _OF_REQUESTS.items() if _is_known(name, top, test)}
    batches = _OF_BATCHES if (count_at(test, "concurrency") or 0) > 1 else {}
    if batches and _misses_requests(test):
        said = "of some requests there is no time: this is the rate of fewer clients"
        refusals.append(Refusal(locator=pointer_locator(*place, "tg_throughput"), reason=said))
        batches = {}
    yield _record(
        top, test, place, sequence, None, tuple(_sum_up(test, place, requests | batches, refusals))
    )
    n_requests = len(_values(test, "e2e_ttft"))
    whole = {name: requests[name] for name in requests if len(_values(test, name)) == n_requests}
    # who gave no rate, one token long, is not said: the others' rates are those of some requests
    others = [{name: field} for name, field in (requests | batches).items() if name not in whole]
    for fields in (whole, *others):
        yield from _read_runs(top, test, place, sequence, fields, refusals)


def _is_known(name: str, top: Mapping[str, Json], test: Mapping[str, Json]) -> bool:
    cached = top.get("prefix_caching_enabled") is True and count_at(test, "context_size")
    after_context = cached and test.get("is_context_prefill_phase") is not True
    return not (name == "pp_req_throughput" and after_context)


def _misses_requests(test: Mapping[str, Json]) -> bool:
    n_batches = len(_values(test, "peak_throughput"))
    return len(_values(test, "e2e_ttft")) != n_batches * (count_at(test, "concurrency") or 0)


def _values(test: Mapping[str, Json], name: str) -> list[Json]:
    return as_list(as_object(test.get(name)).get("values"))


def _sum_up(
    test: Mapping[str, Json],
    place: Place,
    fields: Mapping[str, Field],
    refusals: list[Refusal],
) -> Iterator[Reading]:
    for name, field in fields.items():
        of = {key: field._replace(statistic=said) for key, said in STATISTICS.items()}
        n = len(_values(test, name)) or None
        kind = "derived" if n else "measured"
        yield from read_fields(
            as_object(test.get(name)), (*place, name), of, refusals, n=n, kind=kind
        )


def _read_runs(
    top: Mapping[str, Json],
    test: Mapping[str, Json],
    place: Place,
    sequence: int,
    fields: Mapping[str, Field],
    refusals: list[Refusal],
) -> Iterator[Record]:
    lists = {name: _values(test, name) for name in fields}
    for number in range(max(map(len, lists.values()), default=0)):
        readings: list[Reading] = []
        for name, values in lists.items():
            here = (*place, name, "values", number)
            if reading := read_place(values[number], here, fields[name]):
                readings.append(reading)
            else:
                refusals.append(refuse_number(values[number], pointer_locator(*here)))
        name = (*place, next(iter(lists)), "values", number)
        yield _record(top, test, name, sequence, number, tuple(readings))


def _record(
    top: Mapping[str, Json],
    test: Mapping[str, Json],
    place: Place,
    sequence: int,
    repetition: int | None,
    readings: tuple[Reading, ...],
) -> Record:
    model = as_text(top.get("model"))
    return Record(
        name=pointer_locator(*place),
        sequence=sequence,
        benchmark="serving",
        readings=readings,
        subject=read_model(model) if model else None,
        repetition=repetition,
        config=_read_config(top, test),
        measured_at=read_time(top.get("timestamp")),
    )


def _read_config(top: Mapping[str, Json], test: Mapping[str, Json]) -> dict[str, Scalar]:
    n_prompt, n_gen, depth = (
        count_at(test, key) or 0 for key in ("prompt_size", "response_size", "context_size")
    )
    loads = test.get("is_context_prefill_phase") is True
    workload = write_workload(0, n_gen, depth) if loads else write_workload(n_prompt, n_gen, depth)
    return {
        "workload": f"context, {workload}" if loads else workload,
        **read_settings({"concurrency": test.get("concurrency")}),
        **read_settings({"prefix_caching": top.get("prefix_caching_enabled")}),
    }
