"""What GuideLLM writes as CSV: one row per benchmark under three rows of headings.

The first heading groups the columns, the second names the population and the unit (`Successful
Sec`), the third the statistic. Percentiles stand together in one cell, which is no number.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from benchagent.formats.guidellm import BY_TOKEN, DISTRIBUTIONS, RATES, STATISTICS, name_statistics
from benchagent.formats.json_fields import Field, count_at, read_place, read_settings, refuse_number
from benchagent.formats.settings import read_time
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.artifact_text import (
    Grid,
    Json,
    Numeral,
    Unreadable,
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
_WORDS: Final = {"Mean": "mean", "Median": "median", "Std Dev": "std_dev"}
_POPULATIONS: Final[dict[str, Population]] = {"Successful": "successful", "Errored": "errored"}
_REPEATED: Final = re.compile(r"#[0-9]+'*$")


@dataclass(frozen=True, slots=True)
class _Row:
    """One benchmark: its cells by their label and by their three headings."""

    number: int
    by_label: dict[str, str]
    labels: dict[tuple[str, str, str], str]

    def text(self, group: str, name: str) -> str | None:
        """The cell of a column that has no third heading."""
        label = self.labels.get((group, name, ""))
        return self.by_label[label] or None if label else None

    def count(self, group: str, name: str) -> int:
        """The cell of such a column as a count; 0 where it is none."""
        return count_at({"n": Numeral(self.text(group, name) or "")}, "n") or 0

    def tree(self, group: str, name: str) -> dict[str, Json]:
        """The object that such a cell holds as JSON."""
        tree = read_json(self.text(group, name) or "")
        return {} if isinstance(tree, Unreadable) else as_object(tree)


def detect(artifact: Artifact) -> bool:
    """Whether the columns are grouped under `Run Info`, `Request Latency` and `Token Metrics`."""
    grid = artifact.grid
    return isinstance(grid, Grid) and {"Run Info", "Request Latency", "Token Metrics"} <= set(
        grid.labels
    )


def parse(artifact: Artifact) -> Parsed:
    """One record per benchmark and population."""
    grid = artifact.expect_grid()
    refusals: list[Refusal] = []
    records: list[Record] = []
    for row in _read_rows(grid):
        for word, population in _POPULATIONS.items():
            readings = tuple(_read_cells(row, word, population, refusals))
            if readings:
                records.append(_record(row, readings, len(records)))
    said = "percentiles, of which a cell holds a list, and incomplete requests are not read"
    return Parsed(format=NAME, records=tuple(records), refusals=tuple(refusals), reason=said)


def _read_rows(grid: Grid) -> Iterator[_Row]:
    headings = grid.rows[:_HEADINGS]
    if any(len(row) != len(grid.labels) for row in headings) or len(headings) < _HEADINGS:
        return
    groups = [_REPEATED.sub("", label) for label in grid.labels]
    labels = dict(zip(zip(groups, *headings, strict=True), grid.labels, strict=True))
    for number, cells in enumerate(grid.rows[_HEADINGS:], start=_HEADINGS + 1):
        if len(cells) == len(grid.labels):
            yield _Row(number, dict(zip(grid.labels, cells, strict=True)), labels)


def _read_cells(
    row: _Row, word: str, population: Population, refusals: list[Refusal]
) -> Iterator[Reading]:
    n = row.count("Request Counts", word)
    for (group, unit), key in _TITLES.items() if n else ():
        for heading, field in _name_columns(key).items():
            label = row.labels.get((group, f"{word} {unit}", heading))
            if not label or not row.by_label[label]:
                continue
            of = None if key in BY_TOKEN or key in RATES else n
            locator = row_locator(row.number, label)
            if reading := read_place(Numeral(row.by_label[label]), (), field, n=of, kind="derived"):
                yield replace(reading, locator=locator, population=population)
            else:
                refusals.append(refuse_number(row.by_label[label], locator))


def _name_columns(key: str) -> dict[str, Field]:
    """The statistics that are read of one quantity, by the third heading of their columns."""
    if key in RATES:
        return {"Mean": RATES[key]}
    named = name_statistics(DISTRIBUTIONS[key], STATISTICS, key)
    return {heading: named[word] for heading, word in _WORDS.items()}


def _record(row: _Row, readings: tuple[Reading, ...], sequence: int) -> Record:
    backend = row.tree("Run Info", "Backend")
    moment = read_time(row.text("Timings", "Start Time"))
    metadata = row.tree("Runtime Info", "Metadata")
    kept = ("guidellm_version", "python_version", "platform")
    return Record(
        # two populations of a row are two records
        name=readings[0].locator,
        sequence=sequence,
        benchmark="serving",
        readings=readings,
        subject=as_text(backend.get("model")),
        config={
            "strategy": row.text("Benchmark", "Strategy"),
            "request_format": as_text(backend.get("request_format")),
        },
        environment=read_settings({key: metadata.get(key) for key in kept}),
        measured_at=moment.text if moment else None,
        time_basis=moment.basis if moment else None,
    )
