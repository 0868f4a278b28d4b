"""What hyperfine exports as CSV: statistics per command in seconds, without the runs."""

from typing import Final

from benchagent.formats.csv_rows import read_cells, read_whole_rows
from benchagent.formats.json_fields import drop_untimed
from benchagent.formats.microbenchmarks.hyperfine import OF_NO_RUNS, SHARES, TIMES
from benchagent.formats.settings import read_setting
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.readings import Parsed, Record, Refusal

NAME: Final = "hyperfine-csv"

_COLUMNS: Final = ["command", "mean", "stddev", "median", "user", "system", "min", "max"]
# up to version 1.6 there was no median
_OLD_COLUMNS: Final = [name for name in _COLUMNS if name != "median"]
_PARAMETER: Final = "parameter_"


def detect(artifact: Artifact) -> bool:
    """Whether the columns begin with `command,mean,stddev,median,user,system,min,max`."""
    return any(artifact.labels[: len(known)] == known for known in (_COLUMNS, _OLD_COLUMNS))


def parse(artifact: Artifact) -> Parsed:
    """One record per command; whether a run failed, the file does not tell."""
    refusals: list[Refusal] = []
    records: list[Record] = []
    for at, cells in read_whole_rows(artifact.expect_grid(), refusals):
        if cells["min"].strip("0."):
            records.append(_read_row(cells, at, refusals))
        else:
            refusals.append(Refusal(locator=f"row={at}", reason=OF_NO_RUNS))
    return Parsed(format=NAME, records=tuple(records), refusals=tuple(refusals))


def _read_row(cells: dict[str, str], at: int, refusals: list[Refusal]) -> Record:
    times = read_cells(cells, at, TIMES, refusals, kind="derived")
    used = read_cells(cells, at, SHARES, refusals, kind="derived")
    return Record(
        name=f"row={at}",
        sequence=at - 1,
        benchmark="command",
        # one run has no deviation, and is written as 0
        readings=(*drop_untimed(times, refusals), *used),
        subject=cells["command"] or None,
        config={
            label.removeprefix(_PARAMETER): read_setting(cell)
            for label, cell in cells.items()
            # an old file has one parameter, without its name
            if label.startswith(_PARAMETER) or label == "parameter"
        },
    )
