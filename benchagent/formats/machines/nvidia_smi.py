"""What `nvidia-smi --query-gpu=… --format=csv` wrote while something ran: a GPU per row.

Its `MiB` are 2^20 bytes. What a GPU cannot tell stands there as `[N/A]`.
"""

import re
from typing import Final

from benchagent.formats.csv_rows import read_whole_rows
from benchagent.formats.json_fields import refuse_number
from benchagent.formats.settings import read_setting, read_time
from benchagent.formats.tables.call_records import read_number
from benchagent.formats.tables.columns import read_column
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.locators import row_locator
from benchagent.measurements.readings import Parsed, Reading, Record, Refusal
from benchagent.quantities.units import find_unit

NAME: Final = "nvidia-smi"

_HEADING: Final = re.compile(r"([a-z_]+(?:\.[a-z_]+){0,3})(?: \[([^\]]{1,8})\])?")
_METRICS: Final = {
    "utilization.gpu": "gpu_utilization",
    "memory.used": "vram",
    "power.draw": "power",
    "temperature.gpu": "temperature_c",
    "clocks.current.graphics": "clock_rate",
    "clocks.gr": "clock_rate",
}
# What else is asked of a GPU begins with one of these.
_FAMILIES: Final = ("memory.", "utilization.", "clocks.", "power.", "temperature.", "fan.", "pcie.")
_UNITS: Final = {"temperature.gpu": "°C"}  # its heading has none
_UNTOLD: Final = re.compile(r"\[.{1,40}\]|N/A")


def detect(artifact: Artifact) -> bool:
    """Whether two columns are named as a query is, as `memory.used [MiB]` and `memory.total [MiB]`."""
    named = {label: match for label in artifact.labels if (match := _HEADING.fullmatch(label))}
    queried = [match for match in named.values() if match[1].startswith(_FAMILIES)]
    read = any(match[1] in _METRICS for match in queried)
    if not read or len(queried) < 2 or not any(match[2] for match in queried):
        return False
    # `ttft_ms` beside them: a table of somebody's own, whose results are those
    others = (label for label in artifact.labels if label not in named or "." not in label)
    return not any(map(read_column, others))


def parse(artifact: Artifact) -> Parsed:
    """One record per row."""
    refusals: list[Refusal] = []
    rows = read_whole_rows(artifact.expect_grid(), refusals)
    records = [_read_row(cells, at, refusals) for at, cells in rows]
    return Parsed(format=NAME, records=tuple(records), refusals=tuple(refusals))


def _read_row(cells: dict[str, str], at: int, refusals: list[Refusal]) -> Record:
    readings: list[Reading] = []
    for label, cell in cells.items():
        match = _HEADING.fullmatch(label)
        metric = _METRICS.get(match[1]) if match else None
        if match and metric and cell.strip() and not _UNTOLD.fullmatch(cell.strip()):
            spelled = match[2] or _UNITS.get(match[1])
            reading = _read_cell(cell, row_locator(at, label), metric, spelled)
            if reading:
                readings.append(reading)
            else:
                refusals.append(refuse_number(cell, row_locator(at, label)))
    return Record(
        name=f"row={at}",
        sequence=at - 1,
        benchmark="telemetry",
        readings=tuple(readings),
        subject=cells.get("name", "").strip() or "gpu",
        repetition=at - 1,
        # two GPUs of one kind are two
        config={"gpu_index": read_setting(cells["index"])} if "index" in cells else {},
        measured_at=read_time(cells.get("timestamp", "").strip().replace("/", "-")),
    )


def _read_cell(cell: str, locator: str, metric: str, spelled: str | None) -> Reading | None:
    """The number of a cell, in the unit of its heading, whether or not the cell repeats it."""
    unit = find_unit(spelled) if spelled else None
    number = read_number(cell, unit) if unit else None
    if number is None or unit is None:
        return None
    return Reading(
        metric=metric,
        value=number.value,
        locator=locator,
        raw_value=cell,
        unit=unit.canonical,
        raw_unit=spelled,
    )
