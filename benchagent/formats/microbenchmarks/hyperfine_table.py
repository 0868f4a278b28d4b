"""The table that hyperfine exports for Markdown and Org: `| Command | Mean [ms] | … | Relative |`.

It rounds what the JSON of the same runs says; whether a run failed, it does not tell. A command may
hold the bars that part the cells.
"""

import re
from collections.abc import Iterator
from typing import Final

from benchagent.formats.json_fields import drop_untimed
from benchagent.formats.microbenchmarks.hyperfine import OF_NO_RUNS, TIMES, has_untimed_run
from benchagent.formats.text_readings import has_other_tables, number_lines, read_match
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.locators import line_locator
from benchagent.measurements.readings import Parsed, Reading, Record, Refusal

NAME: Final = "hyperfine-table"

_HEADER: Final = re.compile(
    r"\| *Command *\| *Mean \[(µs|ms|s)\] *\| *Min"
    r"(?: \[\1\] *\| *Max|…Max) \[\1\] *\| *Relative *\| *"
)
_NUMBER: Final = r"([0-9]{1,12}\.[0-9]{1,6})"
_ROW: Final = re.compile(
    rf"\| *([`=]?)(?P<command>\S.{{0,2000}}?)\1 *\| *{_NUMBER}(?: ± {_NUMBER})? *\| *{_NUMBER}"
    rf"(?: *\| *|…){_NUMBER} *\| *[0-9.]{{1,12}}(?: ± [0-9.]{{1,12}})? *\| *"
)
_STATISTICS: Final = {3: "mean", 4: "stddev", 5: "min", 6: "max"}


def detect(artifact: Artifact) -> bool:
    """Whether all tables have the columns `Command`, `Mean [ms]`, `Min`, `Max` and `Relative`."""
    text = artifact.text
    if not isinstance(text, str) or artifact.shape not in ("markdown", "text"):
        return False
    if "Relative" not in text or next(_find_rows(text), None) is None:
        return False
    return not has_other_tables(artifact, ["Relative"])


def parse(artifact: Artifact) -> Parsed:
    """One record per row of such a table."""
    refusals: list[Refusal] = []
    records: list[Record] = []
    for line, row, unit in _find_rows(str(artifact.text)):
        found = [
            reading
            for group, statistic in _STATISTICS.items()
            if row[group] is not None
            if (reading := _read_cell(line, row, group, statistic, unit, refusals))
        ]
        if has_untimed_run(found):
            refusals.append(Refusal(locator=line_locator(line), reason=OF_NO_RUNS))
        elif found:
            records.append(_record(line, row, tuple(drop_untimed(found, refusals)), len(records)))
    return Parsed(format=NAME, records=tuple(records), refusals=tuple(refusals))


def _find_rows(text: str) -> Iterator[tuple[int, re.Match[str], str]]:
    unit = ""
    for number, line in number_lines(text):
        if not line.startswith("|"):
            unit = ""
        elif header := _HEADER.fullmatch(line):
            unit = header[1]
        elif unit and (row := _ROW.fullmatch(line)):
            yield number, row, unit


def _read_cell(
    line: int,
    row: re.Match[str],
    group: int,
    statistic: str,
    unit: str,
    refusals: list[Refusal],
) -> Reading | None:
    timed = TIMES[statistic]._replace(unit=unit)
    return read_match(line, row, timed, refusals, group=group, kind="derived")


def _record(line: int, row: re.Match[str], readings: tuple[Reading, ...], sequence: int) -> Record:
    return Record(
        name=line_locator(line),
        sequence=sequence,
        benchmark="command",
        readings=readings,
        subject=row["command"].replace("\\|", "|"),
    )
