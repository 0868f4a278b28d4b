"""What wrk prints of the requests to a server: the spread of their latencies and how many there were.

Latencies are of all answers, those with an error's status among them, so that they are read only
where there is none. Its times have units of their own.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from benchagent.formats.json_fields import Field, drop_untimed
from benchagent.formats.settings import read_setting
from benchagent.formats.text_readings import number_lines, read_match
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.locators import line_locator
from benchagent.measurements.readings import Parsed, Reading, Record, Refusal, Scalar
from benchagent.quantities.metrics import name_percentile

NAME: Final = "wrk-text"

_TIME: Final = r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(us|ms|s|m|h)"
_TITLE: Final = re.compile(r"Running \S{1,20} test @ (\S{1,300})\s*")
_CLIENTS: Final = re.compile(r" {0,8}([0-9]{1,9}) threads and ([0-9]{1,9}) connections\s*")
_LATENCY: Final = re.compile(
    rf" {{1,8}}Latency {{1,20}}{_TIME} {{1,20}}{_TIME} {{1,20}}{_TIME} .{{1,40}}"
)
_PERCENTILE: Final = re.compile(rf" {{1,8}}([0-9]{{2}}(?:\.[0-9]{{1,3}})?)% {{1,20}}{_TIME}\s*")
_COUNT: Final = re.compile(r" {0,8}([0-9]{1,12}) requests in .{1,80}")
_RATE: Final = re.compile(r"Requests/sec: {1,20}([0-9]{1,12}(?:\.[0-9]{1,9})?)\s*")
_FAILED: Final = re.compile(
    r" {0,8}(?:Non-2xx or 3xx responses: [0-9]{1,12}|Socket errors: .{1,200})"
)
_STATISTICS: Final = ("mean", "stddev", "max")


@dataclass(frozen=True, slots=True)
class _Test:
    """One test: its title, and the lines below it by their pattern."""

    line: int
    url: str
    below: dict[re.Pattern[str], tuple[int, re.Match[str]]] = field(default_factory=dict)
    percentiles: dict[str, tuple[int, re.Match[str]]] = field(default_factory=dict)


def detect(artifact: Artifact) -> bool:
    """Whether `Running 30s test @` a URL stands above a line of latencies."""
    text = artifact.text
    if not isinstance(text, str) or artifact.shape != "text" or " test @ " not in text:
        return False
    return any(_LATENCY in test.below for test in _find_tests(text))


def parse(artifact: Artifact) -> Parsed:
    """One record per test in which nothing failed."""
    refusals: list[Refusal] = []
    records: list[Record] = []
    for test in _find_tests(str(artifact.text)):
        if _FAILED in test.below:
            line, match = test.below[_FAILED]
            said = f"{match[0].strip()}: their times are among the others"
            refusals.append(Refusal(locator=line_locator(line), reason=said))
        elif _LATENCY in test.below:
            records.append(_read_test(test, len(records), refusals))
    return Parsed(format=NAME, records=tuple(records), refusals=tuple(refusals))


def _find_tests(text: str) -> Iterator[_Test]:
    test = None
    for number, line in number_lines(text):
        if title := _TITLE.fullmatch(line):
            if test:
                yield test
            test = _Test(number, title[1])
        elif test and (match := _PERCENTILE.fullmatch(line)):
            # wrk2 prints them again below, as they were before it corrected them
            test.percentiles.setdefault(match[1], (number, match))
        elif test:
            for pattern in (_CLIENTS, _LATENCY, _COUNT, _RATE, _FAILED):
                if match := pattern.fullmatch(line):
                    test.below.setdefault(pattern, (number, match))
    if test:
        yield test


def _read_test(test: _Test, sequence: int, refusals: list[Refusal]) -> Record:
    config: dict[str, Scalar] = {"workload": test.url}
    if _CLIENTS in test.below:
        _, clients = test.below[_CLIENTS]
        config |= {
            "client_threads": read_setting(clients[1]),
            "concurrency": read_setting(clients[2]),
        }
    return Record(
        name=line_locator(test.line),
        sequence=sequence,
        benchmark="serving",
        readings=tuple(drop_untimed(_read_numbers(test, refusals), refusals)),
        config=config,
    )


def _read_numbers(test: _Test, refusals: list[Refusal]) -> Iterator[Reading]:
    n = int(test.below[_COUNT][1][1]) if _COUNT in test.below else None
    line, match = test.below[_LATENCY]
    found = [(line, match, 2 * at + 1, name) for at, name in enumerate(_STATISTICS)]
    for share, (number, percentile) in test.percentiles.items():
        found.append((number, percentile, 2, name_percentile(float(share))))
    for number, told, group, statistic in found:
        unit = {"m": "min"}.get(told[group + 1], told[group + 1])
        meaning = Field("latency", unit, statistic, "latency.client")
        if unit == "h":
            refusals.append(Refusal(locator=line_locator(number), reason="hours are not read"))
        elif reading := read_match(number, told, meaning, refusals, group=group, n=n):
            yield reading
    if _RATE in test.below:
        number, told = test.below[_RATE]
        if reading := read_match(number, told, Field("request_rate", "req/s"), refusals):
            yield reading
