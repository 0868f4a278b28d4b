"""What oha writes as JSON of the requests to a server: their latencies in seconds, and what came back.

Latencies are of all answers, those with the status of an error or a redirection among them, so that
they are read only where there is none. What oha broke off when its time was up is in its rate, though
nothing came back.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from benchagent.formats.json_fields import Field, count_at, drop_untimed, read_fields
from benchagent.formats.load_testers.hey_text import BROKEN_OFF, is_failure
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.json_trees import Json, as_object
from benchagent.measurements.locators import pointer_locator
from benchagent.measurements.readings import Parsed, Reading, Record, Refusal

NAME: Final = "oha"

_LATENCY: Final = Field("latency", "s", definition="latency.client")
_SUMMARY: Final = {
    "slowest": _LATENCY._replace(statistic="max"),
    "fastest": _LATENCY._replace(statistic="min"),
    "average": _LATENCY._replace(statistic="mean"),
}
_RATE: Final = {"requestsPerSec": Field("request_rate", "req/s")}
_PERCENTILE: Final = re.compile(r"p[0-9]{1,2}(?:\.[0-9]{1,2})?")


def detect(artifact: Artifact) -> bool:
    """Whether there are `summary` with `requestsPerSec`, and a `statusCodeDistribution`."""
    top = as_object(artifact.tree)
    return "requestsPerSec" in as_object(top.get("summary")) and "statusCodeDistribution" in top


def parse(artifact: Artifact) -> Parsed:
    """One record, if every request was answered, and none with an error."""
    top = as_object(artifact.tree)
    if refusal := _find_errors(top):
        return Parsed(format=NAME, records=(), refusals=(refusal,))
    refusals: list[Refusal] = []
    record = Record(
        name="",
        sequence=0,
        benchmark="serving",
        readings=tuple(drop_untimed(_read_numbers(top, refusals), refusals)),
    )
    said = (
        "times to the first byte, of name and connection, and rates of single moments are not read"
    )
    return Parsed(format=NAME, records=(record,), refusals=tuple(refusals), reason=said)


def _find_errors(top: Mapping[str, Json]) -> Refusal | None:
    statuses = as_object(top.get("statusCodeDistribution"))
    for status in filter(is_failure, statuses):
        said = f"{statuses[status]} answers had status {status}: their times are among the others"
        return Refusal(locator=pointer_locator("statusCodeDistribution", status), reason=said)
    errors = as_object(top.get("errorDistribution"))
    for error in (error for error in errors if error != BROKEN_OFF):
        said = f"{errors[error]} requests failed: {error[:200]}"
        return Refusal(locator=pointer_locator("errorDistribution", error), reason=said)
    none = Refusal(locator=pointer_locator("statusCodeDistribution"), reason="nothing was answered")
    return None if statuses else none


def _read_numbers(top: Mapping[str, Json], refusals: list[Refusal]) -> Iterator[Reading]:
    statuses = as_object(top.get("statusCodeDistribution"))
    n = sum(count_at(statuses, status) or 0 for status in statuses)
    summary = as_object(top.get("summary"))
    yield from read_fields(summary, ("summary",), _SUMMARY, refusals, n=n)
    percentiles = as_object(top.get("latencyPercentiles"))
    fields = {
        name: _LATENCY._replace(statistic="median" if name == "p50" else name)
        for name in percentiles
        if _PERCENTILE.fullmatch(name)
    }
    yield from read_fields(percentiles, ("latencyPercentiles",), fields, refusals, n=n)
    if BROKEN_OFF in as_object(top.get("errorDistribution")):
        said = "requests that were broken off at the end are in this rate"
        locator = pointer_locator("summary", "requestsPerSec")
        refusals.append(Refusal(locator=locator, reason=said))
    else:
        yield from read_fields(summary, ("summary",), _RATE, refusals)
