"""What GuideLLM writes as CSV: one row per benchmark under three rows of headings.

The first heading groups the columns, the second names the population and the unit (`Successful
Sec`), the third the statistic; up to version 0.3 one heading says it all (`Successful Request
latency mean`). Percentiles stand together in one cell, without their names. A time of 0 stands
where nothing was timed.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from benchagent.formats.guidellm import (
    BY_TOKEN,
    DISTRIBUTIONS,
    RATES,
    STATISTICS,
    define,
    name_statistics,
    read_config,
)
from benchagent.formats.json_fields import (
    Field,
    count_at,
    drop_untimed,
    read_number,
    read_settings,
    refuse_number,
)
from benchagent.formats.settings import read_time
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.artifact_text import (
    Grid,
    Json,
    Unreadable,
    as_list,
    as_numeral,
    as_object,
    as_text,
    read_json,
)
from benchagent.measurements.locators import row_locator
from benchagent.measurements.readings import Parsed, Population, Reading, Record, Refusal

NAME: Final = "guidellm-csv"

_HEADINGS: Final = 2  # rows of them under the header
# by the group of the column and what the second heading says after the population
_TITLES: Final = {
    ("Request Latency", "Sec"): "request_latency",
    ("Time to First Token", "ms"): "time_to_first_token_ms",
    ("Time per Output Token", "ms"): "time_per_output_token_ms",
    ("Inter Token Latency", "ms"): "inter_token_latency_ms",
    ("Token Metrics", "Input Tokens"): "prompt_token_count",
    ("Token Metrics", "Output Tokens"): "output_token_count",
    ("Server Throughput", "Requests/Sec"): "requests_per_second",
    ("Token Throughput", "Output Tokens/Sec"): "output_tokens_per_second",
}
_OLD_LABEL: Final = re.compile(r"(Successful|Errored) ([A-Z][a-z ]{1,60}) (mean|median|std dev)")
_POPULATIONS: Final[dict[str, Population]] = {"Successful": "successful", "Errored": "errored"}
_REPEATED: Final = re.compile(r"#[0-9]+'*$")


class _Column(NamedTuple):
    """What a column tells: a statistic of a quantity over a population."""

    population: str
    key: str
    statistic: str


@dataclass(frozen=True, slots=True)
class _Row:
    """One benchmark: its cells by their label, and the labels by their headings and meaning."""

    number: int
    by_label: dict[str, str]
    labels: dict[tuple[str, str], str]
    columns: dict[_Column, str]
    is_old: bool

    def text(self, group: str, name: str) -> str | None:
        """The cell of a column by its headings, of which old files have the second alone."""
        label = self.labels.get(("", name) if self.is_old else (group, name))
        return self.by_label[label] or None if label else None

    def count(self, group: str, name: str) -> int:
        """The cell of such a column as a count; 0 where it is none."""
        return count_at({"n": as_numeral(self.text(group, name) or "")}, "n") or 0

    def count_requests(self, word: str) -> int:
        """How many requests a population has."""
        return self.count("Request Counts", f"{word} Requests" if self.is_old else word)

    def tree(self, group: str, name: str) -> dict[str, Json]:
        """The object that such a cell holds as JSON."""
        tree = read_json(self.text(group, name) or "")
        return {} if isinstance(tree, Unreadable) else as_object(tree)


def detect(artifact: Artifact) -> bool:
    """Whether there is `Successful Request latency mean`, or the groups `Run Info` and `Token Metrics`."""
    grid = artifact.grid
    return isinstance(grid, Grid) and (
        {"Run Info", "Request Latency", "Token Metrics"} <= set(grid.labels) or _is_old(grid)
    )


def _is_old(grid: Grid) -> bool:
    return {"Successful Requests", "Successful Request latency mean"} <= set(grid.labels)


def parse(artifact: Artifact) -> Parsed:
    """One record per benchmark and population."""
    grid = artifact.expect_grid()
    refusals: list[Refusal] = []
    records: list[Record] = []
    errored = 0
    for row in _read_rows(grid):
        errored += row.count_requests("Errored")
        for word, population in _POPULATIONS.items():
            readings = tuple(_read_cells(row, word, population, refusals))
            if readings:
                records.append(_record(row, readings, len(records)))
    said = "percentiles, of which a cell holds a list without names, and incomplete requests are not read"
    if errored:
        said += f"; requests that errored, of which none is kept: {errored}"
    return Parsed(format=NAME, records=tuple(records), refusals=tuple(refusals), reason=said)


def _read_rows(grid: Grid) -> Iterator[_Row]:
    old = _is_old(grid)
    # under the header stand more headings
    first = 0 if old else _HEADINGS
    headings = grid.rows[:first]
    if any(len(row) != len(grid.labels) for row in headings) or len(headings) < first:
        return
    groups = [_REPEATED.sub("", label) for label in grid.labels]
    if old:
        labels = {("", label): label for label in grid.labels}
        columns = dict(_name_old_columns(grid.labels))
    else:
        three = dict(zip(zip(groups, *headings, strict=True), grid.labels, strict=True))
        labels = {(group, name): label for (group, name, _), label in three.items()}
        columns = dict(_name_columns(three))
    for number, cells in enumerate(grid.rows[first:], start=first + 1):
        if len(cells) == len(grid.labels):
            by_label = dict(zip(grid.labels, cells, strict=True))
            yield _Row(number, by_label, labels, columns, old)


def _name_columns(labels: Mapping[tuple[str, str, str], str]) -> Iterator[tuple[_Column, str]]:
    for (group, name, heading), label in labels.items():
        population, _, unit = name.partition(" ")
        if key := _TITLES.get((group, unit)):
            yield _Column(population, key, heading.lower().replace(" ", "_")), label


def _name_old_columns(labels: Iterable[str]) -> Iterator[tuple[_Column, str]]:
    for label in labels:
        if match := _OLD_LABEL.fullmatch(label):
            key = match[2].lower().replace(" ", "_")
            yield _Column(match[1], key, match[3].replace(" ", "_")), label


def _read_cells(
    row: _Row, word: str, population: Population, refusals: list[Refusal]
) -> Iterator[Reading]:
    n = row.count_requests(word)
    for column, label in row.columns.items() if n else ():
        field = _name_statistic(column, row.is_old)
        if column.population != word or field is None or not row.by_label[label]:
            continue
        of = None if column.key in BY_TOKEN or column.key in RATES else n
        locator = row_locator(row.number, label)
        cell = as_numeral(row.by_label[label])
        if reading := read_number(cell, locator, field, n=of, kind="derived"):
            yield from drop_untimed([replace(reading, population=population)], refusals)
        else:
            refusals.append(refuse_number(cell, locator))


def _name_statistic(column: _Column, old: bool) -> Field | None:
    if column.key in RATES:
        return RATES[column.key] if column.statistic == "mean" else None
    fields = define(DISTRIBUTIONS, old=old)
    if column.key not in fields:
        return None
    return name_statistics(fields[column.key], STATISTICS, column.key).get(column.statistic)


def _find_strategy(row: _Row) -> dict[str, Json]:
    """How the requests of a benchmark were sent; where several were run, their number tells which."""
    done = as_list(row.tree("Run Info", "Profile").get("completed_strategies"))
    at = row.count("Run Info", "Run Index")
    strategy = as_object(done[at]) if at < len(done) else {}
    if strategy and strategy.get("type_") == row.text("Benchmark", "Strategy"):
        return strategy
    return as_object(row.tree("Run Info", "Args").get("strategy"))


def _record(row: _Row, readings: tuple[Reading, ...], sequence: int) -> Record:
    backend = row.tree("Run Info", "Backend")
    worker = row.tree("Run Info", "Worker")
    config = read_config(_find_strategy(row), backend)
    moment = read_time(row.text("Timings", "Start Time"))
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
        measured_at=moment.text if moment else None,
        time_basis=moment.basis if moment else None,
    )
