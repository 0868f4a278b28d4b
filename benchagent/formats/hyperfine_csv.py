"""What hyperfine exports as CSV: statistics per command in seconds, without the runs."""

from dataclasses import replace
from typing import Final

from benchagent.formats.hyperfine import STATISTICS
from benchagent.formats.json_fields import read_place, refuse_number
from benchagent.formats.settings import read_setting
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.artifact_text import Grid, Numeral
from benchagent.measurements.locators import row_locator
from benchagent.measurements.readings import Parsed, Reading, Record, Refusal

NAME: Final = "hyperfine-csv"

_COLUMNS: Final = ["command", "mean", "stddev", "median", "user", "system", "min", "max"]
# up to version 1.6 there was no median
_OLD_COLUMNS: Final = [name for name in _COLUMNS if name != "median"]
_PARAMETER: Final = "parameter_"


def detect(artifact: Artifact) -> bool:
    """Whether the columns begin with `command,mean,stddev,median,user,system,min,max`."""
    grid = artifact.grid
    return isinstance(grid, Grid) and (
        grid.labels[: len(_COLUMNS)] == _COLUMNS or grid.labels[: len(_OLD_COLUMNS)] == _OLD_COLUMNS
    )


def parse(artifact: Artifact) -> Parsed:
    """One record per command; whether a run failed, the file does not tell."""
    grid = artifact.expect_grid()
    refusals: list[Refusal] = []
    records = [
        _read_row(dict(zip(grid.labels, row, strict=True)), at, refusals)
        for at, row in enumerate(grid.rows, start=1)
        if len(row) == len(grid.labels)
    ]
    return Parsed(format=NAME, records=tuple(records), refusals=tuple(refusals))


def _read_row(cells: dict[str, str], at: int, refusals: list[Refusal]) -> Record:
    readings: list[Reading] = []
    for label, field in STATISTICS.items():
        cell = cells.get(label, "")
        locator = row_locator(at, label)
        reading = read_place(Numeral(cell), (), field, kind="derived")
        if reading:
            readings.append(replace(reading, locator=locator))
        elif cell:
            refusals.append(refuse_number(cell, locator))
    return Record(
        name=f"row={at}",
        sequence=at - 1,
        benchmark="command",
        readings=tuple(readings),
        subject=cells["command"] or None,
        config={
            label.removeprefix(_PARAMETER): read_setting(cell)
            for label, cell in cells.items()
            # an old file has one parameter, without its name
            if label.startswith(_PARAMETER) or label == "parameter"
        },
    )
