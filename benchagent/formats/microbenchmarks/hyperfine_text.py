"""What hyperfine prints on a terminal, saved as a text: mean, deviation and range per command.

It rounds what the JSON of the same runs says. That runs failed is a warning below the times, which
does not tell how many; where all had to succeed, the command has an error instead of times.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from benchagent.formats.json_fields import Field, drop_untimed
from benchagent.formats.microbenchmarks.hyperfine import OF_NO_RUNS, SHARES, TIMES, has_untimed_run
from benchagent.formats.text_readings import COLOUR_OR_BLANK, number_lines, read_match
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.locators import line_locator
from benchagent.measurements.readings import Failure, Parsed, Reading, Record, Refusal

NAME: Final = "hyperfine-text"

_GAP: Final = rf"{COLOUR_OR_BLANK}{{0,40}}"
_SIGMA: Final = "\N{GREEK SMALL LETTER SIGMA}"
_DURATION: Final = rf"([0-9]{{1,12}}\.[0-9]{{1,6}}) (µs|ms|s){_GAP}"
_TITLE: Final = re.compile(
    rf"{_GAP}Benchmark{_GAP}#?[0-9]{{1,6}}{_GAP}: (\S(?:.{{0,2000}}?[^\s\x1b])??){_GAP}"
)
_MEAN: Final = re.compile(
    rf"{_GAP}Time \({_GAP}mean{_GAP}±{_GAP}{_SIGMA}{_GAP}\):{_GAP}{_DURATION}±{_GAP}{_DURATION}"
)
_ONE: Final = re.compile(rf"{_GAP}Time \({_GAP}abs{_GAP}≡{_GAP}\):{_GAP}{_DURATION}")
_RANGE: Final = re.compile(
    rf"{_GAP}Range \({_GAP}min{_GAP}…{_GAP}max{_GAP}\):{_GAP}{_DURATION}…{_GAP}{_DURATION}"
    rf"([0-9]{{1,9}}) runs{_GAP}"
)
_SHARES: Final = re.compile(rf"\[User:{_GAP}{_DURATION},{_GAP}System:{_GAP}{_DURATION}\]{_GAP}$")
_STATISTICS: Final = {_MEAN: ("mean", "stddev"), _ONE: ("mean",), _RANGE: ("min", "max")}
_IGNORED: Final = re.compile(rf"{_GAP}Warning{_GAP}: (Ignoring non-zero exit code\.?)")
_ENDED: Final = re.compile(rf"{_GAP}Error{_GAP}: (Command terminated with .{{0,200}})")


@dataclass(slots=True)
class _Command:
    """One command: the line of its title, what stands there, and the lines below it."""

    line: int
    name: str
    below: dict[re.Pattern[str], tuple[int, re.Match[str]]] = field(
        default_factory=dict[re.Pattern[str], tuple[int, re.Match[str]]]
    )

    def count_runs(self) -> int | None:
        if _ONE in self.below:
            return 1
        return int(self.below[_RANGE][1][5]) if _RANGE in self.below else None


def detect(artifact: Artifact) -> bool:
    """Whether `Time (mean` or `Time (abs` stands below a line like `Benchmark 1: ls`."""
    text = artifact.text
    if not isinstance(text, str) or artifact.shape != "text" or "Benchmark" not in text:
        return False
    return any(command.below for command in _find_commands(text))


def parse(artifact: Artifact) -> Parsed:
    """One record per command."""
    refusals: list[Refusal] = []
    records = [
        _read_command(command, at, refusals)
        for at, command in enumerate(_find_commands(str(artifact.text)))
        if command.below
    ]
    return Parsed(format=NAME, records=tuple(records), refusals=tuple(refusals))


def _find_commands(text: str) -> Iterator[_Command]:
    command = None
    for number, line in number_lines(text):
        if title := _TITLE.fullmatch(line):
            if command:
                yield command
            command = _Command(number, title[1])
        elif command:
            for pattern in (*_STATISTICS, _IGNORED, _ENDED):
                if match := pattern.match(line):
                    command.below.setdefault(pattern, (number, match))
    if command:
        yield command


def _read_command(command: _Command, sequence: int, refusals: list[Refusal]) -> Record:
    failure = _find_failure(command)
    return Record(
        name=line_locator(command.line),
        sequence=sequence,
        benchmark="command",
        readings=() if failure else tuple(_read_times(command, refusals)),
        subject=command.name,
        failure=failure,
    )


def _find_failure(command: _Command) -> Failure | None:
    for pattern in (_ENDED, _IGNORED):
        if pattern in command.below:
            line, match = command.below[pattern]
            return Failure(
                reason=match[1],
                locator=line_locator(line),
                # some of the runs failed, and it does not tell how many
                kind="derived" if pattern is _IGNORED else "measured",
                recorded_as="result" if pattern is _IGNORED else "error",
            )
    return None


def _read_times(command: _Command, refusals: list[Refusal]) -> Iterator[Reading]:
    found = [
        reading
        for pattern, statistics in _STATISTICS.items()
        for reading in _read_line(command, pattern, statistics, refusals)
    ]
    if has_untimed_run(found):
        refusals.append(Refusal(locator=line_locator(command.line), reason=OF_NO_RUNS))
        return
    yield from drop_untimed(found, refusals)
    yield from _read_shares(command, refusals)


def _read_line(
    command: _Command,
    pattern: re.Pattern[str],
    statistics: tuple[str, ...],
    refusals: list[Refusal],
) -> Iterator[Reading]:
    if pattern in command.below:
        line, match = command.below[pattern]
        fields = [TIMES[statistic] for statistic in statistics]
        yield from _read_groups(line, match, fields, command.count_runs(), refusals)


def _read_shares(command: _Command, refusals: list[Refusal]) -> Iterator[Reading]:
    n, fields = command.count_runs(), list(SHARES.values())
    for line, match in (command.below[p] for p in (_MEAN, _ONE) if p in command.below):
        if shares := _SHARES.search(match.string, match.end()):
            yield from _read_groups(line, shares, fields, n, refusals)


def _read_groups(
    line: int,
    match: re.Match[str],
    fields: list[Field],
    n: int | None,
    refusals: list[Refusal],
) -> Iterator[Reading]:
    """The numbers of a match, each of which has its unit in the next group."""
    for at, meaning in enumerate(fields):
        group = 2 * at + 1
        timed = meaning._replace(unit=match[group + 1])
        reading = read_match(line, match, timed, refusals, group=group, n=n, kind="derived")
        if reading:
            yield reading
