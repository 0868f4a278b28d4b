"""What autocannon writes as JSON of the requests to a server: their latencies in whole milliseconds.

Latencies are of all answers, those with the status of an error among them, so that they are read only
where there is none and no request failed. Deviations are divided by n. Its rate is the mean of what was
counted in each second, or in each interval that was asked for, and of each worker where there are some.
"""

import re
from collections.abc import Mapping
from typing import Final

from benchagent.formats.json_fields import Field, count_at, drop_untimed, read_fields, read_settings
from benchagent.formats.settings import read_time
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.json_trees import Json, as_object
from benchagent.measurements.locators import pointer_locator
from benchagent.measurements.readings import Parsed, Record, Refusal
from benchagent.quantities.metrics import name_percentile

NAME: Final = "autocannon"

_LATENCY: Final = Field("latency", "ms", definition="latency.client")
_SUMS: Final = {
    name: _LATENCY._replace(statistic=statistic)
    for name, statistic in {
        "mean": "mean",
        "stddev": "stddev_population",
        "min": "min",
        "max": "max",
    }.items()
}
_RATE: Final = {"mean": Field("request_rate", "req/s", "mean")}
# the interval in milliseconds, and no workers
_BY_SECOND: Final = ("1000", "0")
# `p97_5`
_PERCENTILE: Final = re.compile(r"p([0-9]{1,2}(?:_[0-9]{1,3})?)")
_FAILURES: Final = {
    "non2xx": "answers had another status than 2xx",
    "errors": "requests failed or were given up",
    "mismatches": "answers were not the expected one",
    "resets": "connections were reset",
}
_SETTINGS: Final = ("pipelining", "workers")


def detect(artifact: Artifact) -> bool:
    """Whether there are `latency` with `p97_5`, `requests` that were `sent`, and `non2xx`."""
    top = as_object(artifact.tree)
    spread = as_object(top.get("latency"))
    return {"non2xx", "connections"} <= top.keys() and {"p97_5", "totalCount"} <= spread.keys()


def parse(artifact: Artifact) -> Parsed:
    """One record, if every request was answered, and none with an error."""
    top = as_object(artifact.tree)
    if refusal := _find_failures(top):
        return Parsed(format=NAME, records=(), refusals=(refusal,))
    refusals: list[Refusal] = []
    latency = as_object(top.get("latency"))
    found = read_fields(
        latency,
        ("latency",),
        _SUMS | _name_percentiles(latency),
        refusals,
        n=count_at(latency, "totalCount"),
    )
    readings = [*drop_untimed(found, refusals)]
    if (top.get("sampleInt"), top.get("workers")) == _BY_SECOND:
        readings += read_fields(as_object(top.get("requests")), ("requests",), _RATE, refusals)
    config = {"workload": top.get("url"), "concurrency": top.get("connections")}
    record = Record(
        name="",
        sequence=0,
        benchmark="serving",
        readings=tuple(readings),
        config=read_settings(config | {key: top.get(key) for key in _SETTINGS}),
        measured_at=read_time(top.get("start")),
    )
    said = "bytes and rates of single seconds are not read"
    return Parsed(format=NAME, records=(record,), refusals=tuple(refusals), reason=said)


def _find_failures(top: Mapping[str, Json]) -> Refusal | None:
    for key, said in _FAILURES.items():
        if top.get(key) not in (None, "0"):
            reason = f"{top[key]} {said}: their times may be among the others"
            return Refusal(locator=pointer_locator(key), reason=reason)
    if not count_at(as_object(top.get("latency")), "totalCount"):
        locator = pointer_locator("latency", "totalCount")
        return Refusal(locator=locator, reason="nothing was answered")
    return None


def _name_percentiles(latency: Mapping[str, Json]) -> dict[str, Field]:
    named = {
        key: float(match[1].replace("_", "."))
        for key in latency
        if (match := _PERCENTILE.fullmatch(key))
    }
    return {
        key: _LATENCY._replace(statistic=name_percentile(percent))
        for key, percent in named.items()
        if percent > 0.1
    }
