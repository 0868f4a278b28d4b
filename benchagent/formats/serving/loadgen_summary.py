"""The summary that MLPerf's LoadGen writes: latencies in nanoseconds, rates, and a verdict.

Of the scenario MultiStream the latencies are those of queries, each of many samples. Whether the
run is valid by MLPerf's rules is a setting here: numbers of an invalid run are numbers all the
same, but not of the same kind. It rounds what the detail log beside it says.
"""

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from benchagent.formats.json_fields import Field
from benchagent.formats.settings import read_setting
from benchagent.formats.text_readings import read_match
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.artifact_text import split_lines
from benchagent.measurements.locators import line_locator
from benchagent.measurements.readings import Parsed, Reading, Record, Refusal, Scalar
from benchagent.quantities.metrics import name_percentile

NAME: Final = "loadgen-summary"

TITLE: Final = "MLPerf Results Summary"
_NUMBER: Final = r" {0,40}: {0,20}(\S{1,60})\s{0,20}"
_STATISTIC: Final = r"(Min|Max|Mean|[0-9]{1,2}(?:\.[0-9]{1,2})?(?:th)? percentile)"
QUANTITIES: Final = {
    "query latency": Field("loadgen:query_latency", "ns"),
    "latency": Field("latency", "ns", definition="latency.client"),
    "first token latency": Field("ttft", "ns", definition="ttft.client"),
    "time per output token": Field("tpot", "ns", definition="tpot.excluding_first"),
    "time to output token": Field("tpot", "ns", definition="tpot.excluding_first"),
}
_LATENCY: Final = re.compile(
    rf"{_STATISTIC} (latency|first token latency|time (?:per|to) output token) \(ns\){_NUMBER}",
    re.IGNORECASE,
)
RATES: Final = {
    "samples per second": Field("request_rate", "req/s"),
    "completed samples per second": Field("request_rate", "req/s"),
    "tokens per second": Field("throughput", "tokens/s", definition="throughput.run"),
    "completed tokens per second": Field("throughput", "tokens/s", definition="throughput.run"),
    "qps w/ loadgen overhead": Field("request_rate", "req/s"),
    "qps w/o loadgen overhead": Field("loadgen:request_rate_without_overhead", "req/s"),
    "scheduled samples per second": Field("loadgen:scheduled_rate", "req/s"),
}
_RATE: Final = re.compile(rf"({'|'.join(map(re.escape, RATES))}){_NUMBER}", re.IGNORECASE)
_SETTING: Final = re.compile(r"([\w ()]{1,60}?) {0,40}: {0,20}([^:]{1,120}?)\s{0,20}")
_PARAMETERS: Final = ("target_qps", "target_latency (ns)", "samples_per_query", "max_async_queries")


class _Found(NamedTuple):
    """A number with the key that tells whether it was said before."""

    key: tuple[str, str]
    reading: Reading


def detect(artifact: Artifact) -> bool:
    """Whether `MLPerf Results Summary` stands among the first lines."""
    return isinstance(artifact.text, str) and TITLE in artifact.text[:2000]


def parse(artifact: Artifact) -> Parsed:
    """One record for the run; what is said twice is read once."""
    lines = [line[:400] for line in split_lines(str(artifact.text))]
    refusals: list[Refusal] = []
    found: dict[tuple[str, str], Reading] = {}
    settings = _find_settings(lines)
    of_queries = settings.get("Scenario") == "MultiStream"
    for item in _find_numbers(lines, refusals, of_queries=of_queries):
        found.setdefault(item.key, item.reading)
    title = next((n for n, line in enumerate(lines, start=1) if TITLE in line), 1)
    record = Record(
        name=line_locator(title),
        sequence=0,
        benchmark="serving",
        readings=tuple(found.values()),
        subject=settings.get("SUT name"),
        config=_read_config(settings),
    )
    records = (record,) if found else ()
    return Parsed(format=NAME, records=records, refusals=tuple(refusals))


def _find_numbers(
    lines: list[str], refusals: list[Refusal], *, of_queries: bool
) -> Iterable[_Found]:
    for number, line in enumerate(lines, start=1):
        if match := _LATENCY.fullmatch(line):
            quantity = match[2].lower()
            if of_queries and quantity == "latency":
                quantity = "query latency"
            field = QUANTITIES[quantity]._replace(statistic=name_statistic(match[1]))
            reading = read_match(number, match, field, refusals, group=3, kind="derived")
        elif match := _RATE.fullmatch(line):
            field = RATES[match[1].lower()]
            reading = read_match(number, match, field, refusals, group=2, kind="derived")
        else:
            continue
        if reading:
            yield _Found((reading.metric, reading.statistic), reading)


def name_statistic(statistic: str) -> str:
    """`p99.9` of `99.90 percentile`; `mean` is `mean`."""
    word = statistic.lower()
    if not word.endswith("percentile"):
        return word
    return name_percentile(float(word.removesuffix(" percentile").removesuffix("th")))


def _find_settings(lines: list[str]) -> dict[str, str]:
    matches = [match for line in lines if (match := _SETTING.fullmatch(line))]
    return {match[1].strip(): match[2].strip() for match in matches}


def _read_config(settings: dict[str, str]) -> dict[str, Scalar]:
    config: dict[str, Scalar] = {
        "scenario": settings.get("Scenario"),
        "mode": settings.get("Mode"),
        "result": settings.get("Result is"),
    }
    for name in _PARAMETERS:
        if name in settings:
            config[name] = read_setting(settings[name])
    return config
