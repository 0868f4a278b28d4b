"""The table that hyperfine exports for AsciiDoc: a cell per line, between lines `|===`.

It rounds what the JSON of the same runs says; whether a run failed, it does not tell.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from benchagent.formats.json_fields import drop_untimed
from benchagent.formats.microbenchmarks.hyperfine import OF_NO_RUNS, TIMES, has_untimed_run
from benchagent.formats.text_readings import number_lines, read_match
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.locators import line_locator
from benchagent.measurements.readings import Parsed, Reading, Record, Refusal

NAME: Final = "hyperfine-asciidoc"

_FENCE: Final = "|==="
_HEADER: Final = re.compile(
    r"\| Command \n\| Mean \[(µs|ms|s)\] \n\| Min \[\1\] \n\| Max \[\1\] \n\| Relative "
)
_COMMAND: Final = re.compile(r"\| `(.{1,2000})` ?")
_TIMES: Final = re.compile(r"\| ([0-9]{1,12}\.[0-9]{1,6})(?: ± ([0-9]{1,12}\.[0-9]{1,6}))? ?")
# A row: the command, its mean with the deviation, the least, the most, and how it compares.
_STATISTICS: Final = (("mean", "stddev"), ("min",), ("max",))
_WIDTH: Final = 5

Cell = tuple[int, str]


def detect(artifact: Artifact) -> bool:
    """Whether `Command`, `Mean [ms]`, `Min`, `Max`, `Relative` stand in lines below `|===`."""
    text = artifact.text
    return (
        isinstance(text, str)
        and artifact.shape == "text"
        and _FENCE in text
        and next(_find_rows(text), None) is not None
    )


def parse(artifact: Artifact) -> Parsed:
    """One record per row of such a table."""
    refusals: list[Refusal] = []
    records: list[Record] = []
    for row, unit in _find_rows(str(artifact.text)):
        line, command = row[0]
        found = list(_read_times(row, unit, refusals))
        if has_untimed_run(found):
            refusals.append(Refusal(locator=line_locator(line), reason=OF_NO_RUNS))
        elif found and (named := _COMMAND.fullmatch(command)):
            records.append(
                Record(
                    name=line_locator(line),
                    sequence=len(records),
                    benchmark="command",
                    readings=tuple(drop_untimed(found, refusals)),
                    subject=named[1].replace("\\|", "|"),
                )
            )
    return Parsed(format=NAME, records=tuple(records), refusals=tuple(refusals))


def _find_rows(text: str) -> Iterator[tuple[Sequence[Cell], str]]:
    cells: list[Cell] | None = None
    for number, line in number_lines(text):
        if line.strip() == _FENCE:
            yield from _part_cells(cells) if cells else ()
            cells = [] if cells is None else None
        elif cells is not None and line.startswith("| "):
            cells.append((number, line))


def _part_cells(cells: Sequence[Cell]) -> Iterator[tuple[Sequence[Cell], str]]:
    header = _HEADER.fullmatch("\n".join(f"{line.rstrip()} " for _, line in cells[:_WIDTH]))
    if header is None or len(cells) % _WIDTH:
        return
    for at in range(_WIDTH, len(cells), _WIDTH):
        yield cells[at : at + _WIDTH], header[1]


def _read_times(row: Sequence[Cell], unit: str, refusals: list[Refusal]) -> Iterator[Reading]:
    for (number, line), statistics in zip(row[1:], _STATISTICS, strict=False):
        match = _TIMES.fullmatch(line)
        for group, statistic in enumerate(statistics, start=1) if match else ():
            timed = TIMES[statistic]._replace(unit=unit)
            if match and match[group] is not None:
                reading = read_match(number, match, timed, refusals, group=group, kind="derived")
                yield from [reading] if reading else []
