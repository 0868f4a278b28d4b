"""The tables that pytest-benchmark prints: a row per test, or per test and run that was compared.

They round what its JSON says, in a unit that each table names. Beside a number stands in brackets
how many times the best one it is. By which clock was timed, the text does not tell.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from benchagent.formats.json_fields import drop_untimed
from benchagent.formats.microbenchmarks.pytest_benchmark import LATENCY, name_statistics
from benchagent.formats.text_readings import number_lines, read_match
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.locators import line_locator
from benchagent.measurements.readings import Parsed, Reading, Record, Refusal

NAME: Final = "pytest-benchmark-text"

# cells are two blanks apart or more
_CELL: Final = re.compile(r"\S+(?: \S+)*")
_TITLE: Final = re.compile(r"Name \(time in (s|ms|us|ns)\)")
_TIME: Final = re.compile(r"([0-9][0-9,]{0,24}\.[0-9]{1,9})(?= |$)")
_COUNT: Final = re.compile(r"[0-9]{1,9}")
_TEST: Final = re.compile(r"(.+?)(?:\[(.*)\])?(?: \((NOW|[0-9]{4}_[^()]*)\))?", re.DOTALL)


class _Row(NamedTuple):
    """A test: its line, its name, the places of its other cells by their column, and their unit."""

    line: int
    name: str
    cells: dict[str, re.Match[str]]
    unit: str


def detect(artifact: Artifact) -> bool:
    """Whether rows stand below a line that begins with `Name (time in ns)`."""
    text = artifact.text
    if not isinstance(text, str) or artifact.shape != "text" or "Name (time in " not in text:
        return False
    return next(_find_rows(text), None) is not None


def parse(artifact: Artifact) -> Parsed:
    """One record per row."""
    refusals: list[Refusal] = []
    records = [
        _record(row, at, tuple(drop_untimed(_read_times(row, refusals), refusals)))
        for at, row in enumerate(_find_rows(str(artifact.text)))
    ]
    return Parsed(format=NAME, records=tuple(records), refusals=tuple(refusals))


def _find_rows(text: str) -> Iterator[_Row]:
    labels: list[str] = []
    unit = ""
    for number, line in number_lines(text):
        cells = list(_CELL.finditer(line))
        if cells and (title := _TITLE.fullmatch(cells[0][0])):
            labels, unit = [cell[0].lower() for cell in cells[1:]], title[1]
        elif not cells:
            labels = []
        elif labels and len(cells) == len(labels) + 1:
            yield _Row(number, cells[0][0], dict(zip(labels, cells[1:], strict=True)), unit)


def _read_times(row: _Row, refusals: list[Refusal]) -> Iterator[Reading]:
    rounds = row.cells.get("rounds")
    n = int(rounds[0]) if rounds and _COUNT.fullmatch(rounds[0]) else None
    for label, field in name_statistics(LATENCY._replace(unit=row.unit)).items():
        cell = row.cells.get(label)
        if cell is None:
            continue
        if match := _TIME.match(cell.string, cell.start(), cell.end()):
            reading = read_match(row.line, match, field, refusals, n=n, kind="derived")
            if reading:
                yield reading
        else:
            said = f"{cell[0][:80]!r} is no time"
            refusals.append(Refusal(locator=line_locator(row.line), reason=said))


def _record(row: _Row, sequence: int, readings: tuple[Reading, ...]) -> Record:
    named = _TEST.fullmatch(row.name)
    test, param, run = named.groups() if named else (row.name, None, None)
    return Record(
        name=line_locator(row.line),
        sequence=sequence,
        benchmark="microbenchmark",
        readings=readings,
        subject=test,
        # another test is another task, not a rival
        config={"param": param, "run": run, "workload": test},
    )
