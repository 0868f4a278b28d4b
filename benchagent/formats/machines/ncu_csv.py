"""Nsight Compute's raw page as CSV: a row per kernel launch, and a row of units under the header.

On an Indian locale the profiler groups digits the Indian way (12,87,80,86,144). Most of its 250
columns describe the device or the launch; numbers measured of the kernel are read, the rest told.
"""

import re
from typing import Final

from benchagent.formats.json_fields import refuse_number
from benchagent.formats.settings import read_setting
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.grids import Grid
from benchagent.measurements.locators import row_locator
from benchagent.measurements.readings import Parsed, Reading, Record, Refusal, Scalar
from benchagent.quantities.numbers import parse_number
from benchagent.quantities.units import find_unit

NAME: Final = "ncu-csv"

_MEASURED: Final = re.compile(r"(?:gpu|sm|smsp|l1tex|lts|dram|fbpa)__(?!maximum)")
_DURATION: Final = "gpu__time_duration.sum"
_KERNEL: Final = "Kernel Name"
_SETTINGS: Final = {"Block Size": "block_size", "Grid Size": "grid_size", "Stream": "stream"}


def detect(artifact: Artifact) -> bool:
    """Whether the columns are the profiler's."""
    return {_KERNEL, "Process ID"}.issubset(artifact.labels)


def parse(artifact: Artifact) -> Parsed:
    """One record per kernel launch."""
    grid = artifact.expect_grid()
    refusals: list[Refusal] = []
    units = grid.rows[0] if grid.rows else []
    if len(units) != len(grid.labels) or any(units[:9]):
        said = "no row of units under the header, so no number has one"
        return Parsed(format=NAME, records=(), reason=said)
    records = [
        _read_launch(grid, units, row, at, refusals)
        for at, row in enumerate(grid.rows[1:], start=2)
        if len(row) == len(grid.labels)
    ]
    unread = sum(not _MEASURED.match(label) for label in grid.labels)
    return Parsed(
        format=NAME,
        records=tuple(records),
        refusals=tuple(refusals),
        reason=f"{unread} columns that describe the device or the launch are no measurements",
    )


def _read_launch(
    grid: Grid, units: list[str], row: list[str], at: int, refusals: list[Refusal]
) -> Record:
    cells = dict(zip(grid.labels, row, strict=True))
    readings: list[Reading] = []
    for label, unit_text, cell in zip(grid.labels, units, row, strict=True):
        if not _MEASURED.match(label) or not cell:
            continue
        unit = find_unit(unit_text) if unit_text else None
        value = parse_number(cell, unit=unit)
        locator = row_locator(at, label)
        if value is None:
            refusals.append(refuse_number(cell, locator))
            continue
        readings.append(
            Reading(
                metric="latency" if label == _DURATION else f"ncu:{label}",
                value=value,
                locator=locator,
                raw_value=cell,
                unit=unit.canonical if unit else None,
                raw_unit=unit_text if unit else None,
            )
        )
    config: dict[str, Scalar] = {
        name: read_setting(cells[label]) for label, name in _SETTINGS.items() if label in cells
    }
    return Record(
        name=f"row={at}",
        sequence=at - 2,
        benchmark="profile",
        readings=tuple(readings),
        subject=re.sub(r"^void |\(.*$", "", cells[_KERNEL]).strip() or None,
        config=config,
    )
