"""What k6 writes as JSON at the end of a test: `--summary-export`, or what `handleSummary` is given.

- Times are in milliseconds, of requests whose connection stood: connecting is no part of them.
- `http_req_duration` is of all answers; beside it stand those alone that were expected, which are the
  answers without an error unless the script says otherwise. These are read.
- `passes` of `http_req_failed` are the requests that failed. The rate of requests has them in it.
- A script's own trend is read if its name says a time and its unit, where no request failed.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from benchagent.formats.json_fields import Field, count_at, drop_untimed, read_fields
from benchagent.formats.settings import read_setting
from benchagent.formats.tables.columns import read_column
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.json_trees import Json, as_object
from benchagent.measurements.locators import Place, pointer_locator
from benchagent.measurements.readings import Parsed, Reading, Record, Refusal, Scalar
from benchagent.quantities.metrics import name_percentile

NAME: Final = "k6-summary"

_LATENCY: Final = Field("latency", "ms", definition="latency.after_connecting")
_RATE: Final = {"rate": Field("request_rate", "req/s")}
_ALL: Final = "http_req_duration"
_EXPECTED: Final = "http_req_duration{expected_response:true}"
_STATISTICS: Final = {"avg": "mean", "min": "min", "med": "median", "max": "max"}
_PERCENTILE: Final = re.compile(r"p\(([0-9]{1,2}(?:\.[0-9]{1,3})?)\)")
# k6's own, `http_req_waiting` and `vus_max` among them
_OWN: Final = re.compile(
    r"(?:http_req|iteration|vus|data_|checks|group_duration|dropped_iterations|grpc_|ws_|browser_).*"
)


def detect(artifact: Artifact) -> bool:
    """Whether there are a `root_group`, and `metrics` with `http_reqs` and `http_req_duration`."""
    top = as_object(artifact.tree)
    return "root_group" in top and {"http_reqs", _ALL} <= as_object(top.get("metrics")).keys()


def parse(artifact: Artifact) -> Parsed:
    """One record for the test, if any answer was an expected one."""
    metrics = as_object(as_object(artifact.tree).get("metrics"))
    refusals: list[Refusal] = []
    record = Record(
        name="",
        sequence=0,
        benchmark="serving",
        readings=tuple(drop_untimed(_read_test(metrics, refusals), refusals)),
        config=_read_config(metrics),
    )
    records = (record,) if record.readings else ()
    said = "parts of requests, iterations and what passed of its checks are not read"
    return Parsed(format=NAME, records=records, refusals=tuple(refusals), reason=said)


def _read_test(metrics: Mapping[str, Json], refusals: list[Refusal]) -> Iterator[Reading]:
    sent = count_at(_values(metrics, "http_reqs"), "count")
    outcomes = _values(metrics, "http_req_failed")
    failed, answered = count_at(outcomes, "passes"), count_at(outcomes, "fails")
    if sent is None or failed is None:
        said = "how many requests failed is not told, so that their times may be among the others"
        refusals.append(Refusal(locator=pointer_locator("metrics"), reason=said))
        return
    if _EXPECTED in metrics or not failed:
        name = _EXPECTED if _EXPECTED in metrics else _ALL
        yield from _read_trend(metrics, name, _LATENCY, refusals, n=answered)
    if failed:
        said = (
            f"{failed} of {sent} requests failed: they are in rates and in the script's own trends"
        )
        locator = pointer_locator(*_place(metrics, "http_req_failed"), "passes")
        refusals.append(Refusal(locator=locator, reason=said))
        return
    yield from read_fields(
        _values(metrics, "http_reqs"), _place(metrics, "http_reqs"), _RATE, refusals
    )
    for name in metrics:
        meaning = None if _OWN.fullmatch(name) else read_column(name)
        if meaning and meaning.raw_unit and meaning.unit and meaning.unit.canonical == "ms":
            field = Field(meaning.metric, meaning.raw_unit)
            yield from _read_trend(metrics, name, field, refusals)


def _read_trend(
    metrics: Mapping[str, Json],
    name: str,
    field: Field,
    refusals: list[Refusal],
    *,
    n: int | None = None,
) -> list[Reading]:
    values = _values(metrics, name)
    named = {key: _find_statistic(key) for key in values}
    fields = {key: field._replace(statistic=said) for key, said in named.items() if said}
    return read_fields(values, _place(metrics, name), fields, refusals, n=n)


def _find_statistic(key: str) -> str | None:
    match = _PERCENTILE.fullmatch(key)
    if match is None:
        return _STATISTICS.get(key)
    return name_percentile(float(match[1]))


def _values(metrics: Mapping[str, Json], name: str) -> Mapping[str, Json]:
    """The numbers of a metric, which `handleSummary` is given in an object of their own."""
    metric = as_object(metrics.get(name))
    return as_object(metric.get("values")) or metric


def _place(metrics: Mapping[str, Json], name: str) -> Place:
    inner = as_object(as_object(metrics.get(name)).get("values"))
    return ("metrics", name, "values") if inner else ("metrics", name)


def _read_config(metrics: Mapping[str, Json]) -> dict[str, Scalar]:
    """How many virtual users there were, where their number stayed."""
    users = _values(metrics, "vus_max")
    stayed = users.get("min") is not None and users.get("min") == users.get("max")
    return {"concurrency": read_setting(users.get("max"))} if stayed else {}
