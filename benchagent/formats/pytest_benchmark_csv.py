"""What `pytest-benchmark compare --csv` writes: a row per test and saved run, in seconds.

Which run a row is of, and by which clock it was timed, the file does not tell.
"""

from functools import partial
from typing import Final

from benchagent.formats.json_fields import count_at, drop_untimed, read_located
from benchagent.formats.pytest_benchmark import LATENCY, name_params, name_statistics
from benchagent.formats.settings import read_setting
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.artifact_text import Grid, Numeral
from benchagent.measurements.locators import row_locator
from benchagent.measurements.readings import Parsed, Record, Refusal

NAME: Final = "pytest-benchmark-csv"

_NEEDED: Final = frozenset({"mean", "stddev", "ops", "rounds", "iterations"})
_PARAM: Final = "param:"


def detect(artifact: Artifact) -> bool:
    """Whether the first column is `name`, and there are `mean`, `ops`, `rounds`, `iterations`."""
    grid = artifact.grid
    return isinstance(grid, Grid) and grid.labels[0] == "name" and set(grid.labels) >= _NEEDED


def parse(artifact: Artifact) -> Parsed:
    """One record per row; what a test gives is in the files that were compared."""
    grid = artifact.expect_grid()
    refusals: list[Refusal] = []
    records: list[Record] = []
    for at, row in enumerate(grid.rows, start=1):
        if said := grid.refuse_row(row):
            refusals.append(Refusal(locator=f"row={at}", reason=said))
        else:
            cells = dict(zip(grid.labels, row, strict=True))
            records.append(_read_row(cells, at, refusals))
    return Parsed(format=NAME, records=tuple(records), refusals=tuple(refusals))


def _read_row(cells: dict[str, str], at: int, refusals: list[Refusal]) -> Record:
    numbers = {label: Numeral(cell) for label, cell in cells.items() if cell}
    found = read_located(
        numbers,
        partial(row_locator, at),
        name_statistics(LATENCY),
        refusals,
        n=count_at(numbers, "rounds"),
        kind="derived",
    )
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
