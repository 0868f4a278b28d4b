"""What `pytest-benchmark compare --csv` writes: a row per test and saved run, in seconds.

Which run a row is of, and by which clock it was timed, the file does not tell.
"""

from typing import Final

from benchagent.formats.csv_rows import read_cells, read_whole_rows
from benchagent.formats.json_fields import count_at, drop_untimed
from benchagent.formats.microbenchmarks.pytest_benchmark import (
    LATENCY,
    name_params,
    name_statistics,
)
from benchagent.formats.settings import read_setting
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.json_trees import as_numeral
from benchagent.measurements.readings import Parsed, Record, Refusal

NAME: Final = "pytest-benchmark-csv"

_NEEDED: Final = frozenset({"mean", "stddev", "ops", "rounds", "iterations"})
_PARAM: Final = "param:"


def detect(artifact: Artifact) -> bool:
    """Whether the first column is `name`, and there are `mean`, `ops`, `rounds`, `iterations`."""
    return artifact.labels[:1] == ["name"] and _NEEDED.issubset(artifact.labels)


def parse(artifact: Artifact) -> Parsed:
    """One record per row; what a test gives is in the files that were compared."""
    refusals: list[Refusal] = []
    records = [
        _read_row(cells, at, refusals)
        for at, cells in read_whole_rows(artifact.expect_grid(), refusals)
    ]
    return Parsed(format=NAME, records=tuple(records), refusals=tuple(refusals))


def _read_row(cells: dict[str, str], at: int, refusals: list[Refusal]) -> Record:
    n = count_at({"rounds": as_numeral(cells["rounds"])}, "rounds")
    found = read_cells(cells, at, name_statistics(LATENCY), refusals, n=n, kind="derived")
    params = {
        label.removeprefix(_PARAM): read_setting(cell)
        for label, cell in cells.items()
        if label.startswith(_PARAM) and cell
    }
    name = cells["name"]
    test, _, together = name.removesuffix("]").partition("[")
    subject = (test if params else name) or None
    return Record(
        name=f"row={at}",
        sequence=at - 1,
        benchmark="microbenchmark",
        readings=tuple(drop_untimed(found, refusals)),
        subject=subject,
        # another test is another task, not a rival
        config={**name_params(params, len(params), together), "workload": subject},
    )
