"""What hey and oha print of the requests to a server: their latencies, and the statuses of answers.

Latencies are of all answers, those with the status of an error or a redirection among them, so that
they are read only where there is none. hey fills a percentile that its requests do not reach with
zeros. What oha broke off when its time was up is in its rate, though nothing came back.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from benchagent.formats.json_fields import Field, drop_untimed
from benchagent.formats.text_readings import number_lines, read_match
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.locators import line_locator
from benchagent.measurements.readings import Parsed, Reading, Record, Refusal
from benchagent.quantities.metrics import name_percentile

NAME: Final = "hey-text"

# what oha calls a request that was under way when its time was up
BROKEN_OFF: Final = "aborted due to deadline"

_TIME: Final = r"([0-9]{1,9}\.[0-9]{1,9}) (secs?|ms|us|ns|min)\s*"
_HEADING: Final = re.compile(r"(\S.{1,80}):\s*")
_STATISTIC: Final = re.compile(rf" {{2}}(Slowest|Fastest|Average):\t{_TIME}")
_PERCENTILE: Final = re.compile(rf" {{2}}([0-9]{{2}}(?:\.[0-9]{{1,2}})?)%{{1,2}} in {_TIME}")
_RATE: Final = re.compile(r" {2}Requests/sec:\t([0-9]{1,9}\.[0-9]{1,9})\s*")
_STATUS: Final = re.compile(r" {2}\[([0-9]{3})\]\s([0-9]{1,12}) responses\s*")
_ERROR: Final = re.compile(r" {2}\[([0-9]{1,12})\]\s(.{1,4000})")
_FAILURE: Final = re.compile(r"[345][0-9]{2}(?:\.0)?")
_STATISTICS: Final = {"Slowest": "max", "Fastest": "min", "Average": "mean"}
_UNITS: Final = {"sec": "s", "secs": "s"}
_PERCENTILES: Final = ("Latency distribution", "Response time distribution")


def is_failure(status: str) -> bool:
    """Whether what came back is no answer by its HTTP status: an error, or a redirection."""
    return _FAILURE.fullmatch(status) is not None


@dataclass(slots=True)
class _Test:
    """One test: the line of its summary, and what is said below it."""

    line: int
    heading: str = "Summary"
    statistics: list[tuple[str, int, re.Match[str]]] = field(default_factory=list)
    rate: tuple[int, re.Match[str]] | None = None
    n_answers: int = 0
    broken_off: bool = False
    failure: Refusal | None = None


def detect(artifact: Artifact) -> bool:
    """Whether `Summary:` stands above `Slowest:`, `Requests/sec:` and a distribution of statuses."""
    text = artifact.text
    if not isinstance(text, str) or artifact.shape != "text" or "Requests/sec:\t" not in text:
        return False
    return "Status code distribution:" in text and next(_find_tests(text), None) is not None


def parse(artifact: Artifact) -> Parsed:
    """One record per test in which every request was answered, and none with an error."""
    refusals: list[Refusal] = []
    records: list[Record] = []
    for test in _find_tests(str(artifact.text)):
        if test.failure or not test.n_answers:
            none = Refusal(locator=line_locator(test.line), reason="no request was answered")
            refusals.append(test.failure or none)
            continue
        readings = drop_untimed(_read_numbers(test, refusals), refusals)
        records.append(
            Record(
                name=line_locator(test.line),
                sequence=len(records),
                benchmark="serving",
                readings=tuple(readings),
            )
        )
    return Parsed(format=NAME, records=tuple(records), refusals=tuple(refusals))


def _find_tests(text: str) -> Iterator[_Test]:
    test = None
    for number, line in number_lines(text):
        if line.rstrip() == "Summary:":
            if test and test.rate:
                yield test
            test = _Test(number)
        elif test and (heading := _HEADING.fullmatch(line)):
            test.heading = heading[1]
        elif test:
            _take_line(test, number, line)
    if test and test.rate:
        yield test


def _take_line(test: _Test, number: int, line: str) -> None:
    """What a line says of a test, by the heading that it stands below."""
    if test.heading == "Summary" and (match := _STATISTIC.fullmatch(line)):
        test.statistics.append((_STATISTICS[match[1]], number, match))
    elif test.heading == "Summary" and (match := _RATE.fullmatch(line)):
        test.rate = (number, match)
    elif test.heading in _PERCENTILES and (match := _PERCENTILE.fullmatch(line)):
        test.statistics.append((name_percentile(float(match[1])), number, match))
    elif test.heading == "Status code distribution" and (match := _STATUS.fullmatch(line)):
        test.n_answers += int(match[2])
        if is_failure(match[1]):
            said = f"{match[2]} answers had status {match[1]}: their times are among the others"
            test.failure = test.failure or Refusal(locator=line_locator(number), reason=said)
    elif test.heading == "Error distribution" and (match := _ERROR.fullmatch(line)):
        if match[2].strip() == BROKEN_OFF:
            test.broken_off = True
        else:
            said = f"{match[1]} requests failed: {match[2].strip()[:200]}"
            test.failure = test.failure or Refusal(locator=line_locator(number), reason=said)


def _read_numbers(test: _Test, refusals: list[Refusal]) -> Iterator[Reading]:
    for statistic, line, match in test.statistics:
        unit = _UNITS.get(match[3], match[3])
        meaning = Field("latency", unit, statistic, "latency.client")
        if reading := read_match(line, match, meaning, refusals, group=2, n=test.n_answers):
            yield reading
    if test.rate and test.broken_off:
        said = "requests that were broken off at the end are in this rate"
        refusals.append(Refusal(locator=line_locator(test.rate[0]), reason=said))
    elif test.rate:
        line, match = test.rate
        if reading := read_match(line, match, Field("request_rate", "req/s"), refusals):
            yield reading
