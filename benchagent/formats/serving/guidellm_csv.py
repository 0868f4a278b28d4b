"""What GuideLLM writes as CSV: one row per benchmark under three rows of headings.

A cell holds all percentiles, in an order that up to version 0.3 stands in the heading and later in
the tool's source alone, the same in every version to 0.8. A time of 0 stands where nothing was timed.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final, NamedTuple

from benchagent.formats.json_fields import (
    Field,
    drop_untimed,
    read_number,
    read_settings,
    refuse_number,
)
from benchagent.formats.serving.guidellm import (
    BY_TOKEN,
    DISTRIBUTIONS,
    PERCENTILES,
    RATES,
    STATISTICS,
    define,
    name_statistics,
    read_config,
)
from benchagent.formats.serving.guidellm_table import Column, Row, is_old_table, read_rows
from benchagent.formats.settings import read_time
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.artifact_text import Unreadable
from benchagent.measurements.grids import Grid
from benchagent.measurements.json_trees import (
    Json,
    as_list,
    as_numeral,
    as_object,
    as_text,
    number_of,
    read_json,
)
from benchagent.measurements.locators import row_locator
from benchagent.measurements.readings import Parsed, Population, Reading, Record, Refusal
from benchagent.quantities.numbers import parse_number

NAME: Final = "guidellm-csv"

# what a cell of percentiles holds, by what GuideLLM's JSON calls it
_PERCENTILES: Final = (
    "min", "p001", "p01", "p05", "p10", "p25", "p75", "p90", "p95", "p99", "max"
)  # fmt: skip
_MIDDLE: Final = slice(5, 7)
# whose source was read: 0.4 does not say which it is
_ORDERED: Final = re.compile(r"0\.[4-8]\..{0,40}|")
_POPULATIONS: Final[dict[str, Population]] = {"Successful": "successful", "Errored": "errored"}


class _Cell(NamedTuple):
    """A number of a cell: what the cell gives of a quantity, and where."""

    statistic: str
    text: Json
    locator: str


def detect(artifact: Artifact) -> bool:
    """Whether there is `Successful Request latency mean`, or the groups `Run Info` and `Token Metrics`."""
    grid = artifact.grid
    return isinstance(grid, Grid) and (
        {"Run Info", "Request Latency", "Token Metrics"} <= set(grid.labels) or is_old_table(grid)
    )


def parse(artifact: Artifact) -> Parsed:
    """One record per benchmark and population."""
    grid = artifact.expect_grid()
    refusals: list[Refusal] = []
    records: list[Record] = []
    errored = 0
    for row in read_rows(grid):
        errored += row.count_requests("Errored")
        for word, population in _POPULATIONS.items():
            readings = tuple(_read_cells(row, word, population, refusals))
            if readings:
                records.append(_record(row, readings, len(records)))
    said = "incomplete requests are not read"
    if errored:
        said += f"; requests that errored, of which none is kept: {errored}"
    return Parsed(format=NAME, records=tuple(records), refusals=tuple(refusals), reason=said)


def _read_cells(
    row: Row, word: str, population: Population, refusals: list[Refusal]
) -> Iterator[Reading]:
    n = row.count_requests(word)
    for column, label in row.columns.items() if n else ():
        fields = _name_statistics(column.key, row.is_old)
        if column.population != word or not row.by_label[label]:
            continue
        of = None if column.key in BY_TOKEN or column.key in RATES else n
        for cell in _split_cell(row, column, label, refusals):
            if (field := fields.get(cell.statistic)) is None:
                continue
            if reading := read_number(cell.text, cell.locator, field, n=of, kind="derived"):
                yield from drop_untimed([replace(reading, population=population)], refusals)
            else:
                refusals.append(refuse_number(cell.text, cell.locator))


def _name_statistics(key: str, old: bool) -> Mapping[str, Field]:
    if key in RATES:
        return {"mean": RATES[key]}
    fields = define(DISTRIBUTIONS, old=old)
    return name_statistics(fields[key], STATISTICS | PERCENTILES, key) if key in fields else {}


def _split_cell(row: Row, column: Column, label: str, refusals: list[Refusal]) -> Iterator[_Cell]:
    """The number in a cell, or those of its list, by their places in it."""
    if column.statistic != "percentiles":
        text = as_numeral(row.by_label[label])
        yield _Cell(column.statistic, text, row_locator(row.number, label))
    elif column.key in RATES:
        return  # at arbitrary moments
    elif said := _doubt_order(row, column, label):
        refusals.append(Refusal(locator=row_locator(row.number, label), reason=said))
    else:
        for at, text in enumerate(_read_list(row.by_label[label])):
            yield _Cell(_PERCENTILES[at], text, row_locator(row.number, label, at))


def _read_list(cell: str) -> list[Json]:
    tree = read_json(cell)
    return [] if isinstance(tree, Unreadable) else as_list(tree)


def _doubt_order(row: Row, column: Column, label: str) -> str | None:
    """Why a list may be of other percentiles, or of the same in another order, than are known."""
    version = as_text(row.tree("Runtime Info", "Metadata").get("guidellm_version")) or ""
    if not _ORDERED.fullmatch(version):
        return f"the order of percentiles in GuideLLM {version[:20]!r} is not known"
    listed = _read_list(row.by_label[label])
    known = [number for item in listed if (number := number_of(item)) is not None]
    if not len(known) == len(listed) == len(_PERCENTILES) or known != sorted(known):
        return f"expected a list of {len(_PERCENTILES)} ascending numbers"
    median = row.columns.get(column._replace(statistic="median"))
    middle = parse_number(as_numeral(row.by_label[median])) if median else None
    low, high = known[_MIDDLE]
    return (
        None
        if middle is None or low <= middle <= high
        else "the median is not in the middle of the list"
    )


def _find_strategy(row: Row) -> dict[str, Json]:
    """How the requests of a benchmark were sent; where several were run, their number tells which."""
    done = as_list(row.tree("Run Info", "Profile").get("completed_strategies"))
    at = row.count("Run Info", "Run Index")
    strategy = as_object(done[at]) if at < len(done) else {}
    if strategy and strategy.get("type_") == row.text("Benchmark", "Strategy"):
        return strategy
    return as_object(row.tree("Run Info", "Args").get("strategy"))


def _record(row: Row, readings: tuple[Reading, ...], sequence: int) -> Record:
    backend = row.tree("Run Info", "Backend")
    worker = row.tree("Run Info", "Worker")
    config = read_config(_find_strategy(row), backend)
    metadata = row.tree("Runtime Info", "Metadata")
    kept = ("guidellm_version", "python_version", "platform")
    return Record(
        # two populations of a row are two records
        name=readings[0].locator,
        sequence=sequence,
        benchmark="serving",
        readings=readings,
        subject=as_text(backend.get("model")) or as_text(worker.get("backend_model")),
        config={**config, "strategy": row.text("Benchmark", "Strategy") or config["strategy"]},
        environment=read_settings({key: metadata.get(key) for key in kept}),
        measured_at=read_time(row.text("Timings", "Start Time")),
    )
