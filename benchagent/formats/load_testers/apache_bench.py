"""What ab (ApacheBench) prints of the requests to a server, and the tables that it writes of them.

- Latencies are the row `Total` of its connection times, in whole milliseconds. They are of all
  requests, and are read where none failed.
- Without `-l` it calls an answer of another length than the first a failure, though no two answers
  of a model have one length. So it calls one that the server never gave; nothing tells them apart.
- `Time per request` is the time of the test over its requests.
- Its tables do not say which answers were errors.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from benchagent.formats.json_fields import Field, drop_untimed
from benchagent.formats.settings import read_setting
from benchagent.formats.text_readings import number_lines, read_match
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.grids import Grid
from benchagent.measurements.locators import line_locator
from benchagent.measurements.readings import Parsed, Reading, Record, Refusal, Unparsed

NAME: Final = "apache-bench"

_TITLE: Final = "This is ApacheBench, Version "
# `-e` writes percentiles, `-g` requests in the order of their times
_TABLES: Final = (
    ["Percentage served", "Time in ms"],
    ["starttime", "seconds", "ctime", "dtime", "ttime", "wait"],
)
_LINES: Final = {
    "host": re.compile(r"Server Hostname: {1,20}(\S{1,300})\s*"),
    "port": re.compile(r"Server Port: {1,20}([0-9]{1,5})\s*"),
    "tls": re.compile(r"SSL/TLS Protocol: {1,20}(\S{1,200})\s*"),
    "path": re.compile(r"Document Path: {1,20}(\S{1,2000})\s*"),
    "concurrency": re.compile(r"Concurrency Level: {1,20}([0-9]{1,9})\s*"),
    "complete": re.compile(r"Complete requests: {1,20}([0-9]{1,12})\s*"),
    "failed": re.compile(r"Failed requests: {1,20}([0-9]{1,12})\s*"),
    "kinds": re.compile(r" {3}(\(Connect: [0-9]{1,12}, .{1,200}\))\s*"),
    "unsent": re.compile(r"Write errors: {1,20}([0-9]{1,12})\s*"),
    "errors": re.compile(r"Non-2xx responses: {1,20}([0-9]{1,12})\s*"),
    "rate": re.compile(r"Requests per second: {1,20}([0-9]{1,9}\.[0-9]{2}) \[#/sec\] \(mean\)\s*"),
    "total": re.compile(
        r"Total: {1,20}([0-9]{1,9}) {1,20}([0-9]{1,9}) {1,20}([0-9]{1,9}\.[0-9])"
        r" {1,20}([0-9]{1,9}) {1,20}([0-9]{1,9})\s*"
    ),
}
_STATISTICS: Final = ("min", "mean", "stddev", "median", "max")
_PERCENTILE: Final = re.compile(r" {2}([0-9]{2})% {1,20}([0-9]{1,9})\s*")


@dataclass(frozen=True, slots=True)
class _Test:
    """One test: the line of its title, and the lines below it by what they say."""

    line: int
    below: dict[str, tuple[int, re.Match[str]]] = field(default_factory=dict)
    percentiles: list[tuple[int, re.Match[str]]] = field(default_factory=list)

    def say(self, name: str) -> str | None:
        """What the line of this name says."""
        return self.below[name][1][1] if name in self.below else None


def detect(artifact: Artifact) -> bool:
    """Whether `This is ApacheBench` stands above connection times, or columns are those of `-e`, `-g`."""
    if isinstance(artifact.grid, Grid):
        return artifact.grid.labels in _TABLES
    text = artifact.text
    if not isinstance(text, str) or artifact.shape != "text" or _TITLE not in text:
        return False
    return any("total" in test.below for test in _find_tests(text))


def parse(artifact: Artifact) -> Parsed | Unparsed:
    """One record per test in which no request failed."""
    if isinstance(artifact.grid, Grid):
        said = (
            "ab writes the times of errors among those of answers, and here not how many there were"
        )
        return Unparsed(format=NAME, reason=said, code="no-numbers")
    refusals: list[Refusal] = []
    records: list[Record] = []
    for test in _find_tests(str(artifact.text)):
        if refusal := _find_errors(test):
            refusals.append(refusal)
        elif "total" in test.below:
            records.append(_read_test(test, len(records), refusals))
    return Parsed(format=NAME, records=tuple(records), refusals=tuple(refusals))


def _find_tests(text: str) -> Iterator[_Test]:
    test = None
    for number, line in number_lines(text):
        if line.startswith(_TITLE):
            if test:
                yield test
            test = _Test(number)
        elif test and (match := _PERCENTILE.fullmatch(line)):
            test.percentiles.append((number, match))
        elif test:
            for name, pattern in _LINES.items():
                if match := pattern.fullmatch(line):
                    test.below.setdefault(name, (number, match))
    if test:
        yield test


def _find_errors(test: _Test) -> Refusal | None:
    """Where a test says that requests failed, those of another length among them."""
    for name in ("errors", "unsent", "failed"):
        if int(test.say(name) or 0):
            line, match = test.below[name]
            kinds = test.say("kinds") if name == "failed" else None
            told = " ".join(match[0].split()) + (f" {kinds}" if kinds else "")
            said = f"{told}: their times are among the others"
            return Refusal(locator=line_locator(line), reason=said)
    return None


def _read_test(test: _Test, sequence: int, refusals: list[Refusal]) -> Record:
    host, port, path, clients = map(test.say, ("host", "port", "path", "concurrency"))
    scheme = "https" if "tls" in test.below else "http"
    return Record(
        name=line_locator(test.line),
        sequence=sequence,
        benchmark="serving",
        readings=tuple(drop_untimed(_read_numbers(test, refusals), refusals)),
        config={
            **({"workload": f"{scheme}://{host}:{port}{path}"} if host and port and path else {}),
            **({"concurrency": read_setting(clients)} if clients else {}),
        },
    )


def _read_numbers(test: _Test, refusals: list[Refusal]) -> Iterator[Reading]:
    complete = test.say("complete")
    n = int(complete) if complete else None
    line, total = test.below["total"]
    found = [(line, total, group, said) for group, said in enumerate(_STATISTICS, start=1)]
    # the median is in the row of the total too
    found += [(at, match, 2, f"p{match[1]}") for at, match in test.percentiles if match[1] != "50"]
    for at, match, group, statistic in found:
        meaning = Field("latency", "ms", statistic, "latency.client")
        if reading := read_match(at, match, meaning, refusals, group=group, n=n):
            yield reading
    if "rate" in test.below:
        at, match = test.below["rate"]
        if reading := read_match(at, match, Field("request_rate", "req/s"), refusals):
            yield reading
