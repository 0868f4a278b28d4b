"""The table that GuideLLM writes: its rows, and what each column tells of them by its headings.

The first heading groups the columns, the second names the population and the unit (`Successful
Sec`), the third the statistic; up to version 0.3 one heading says it all (`Successful Request
latency mean`).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from benchagent.formats.json_fields import count_at
from benchagent.measurements.artifact_text import Unreadable
from benchagent.measurements.grids import Grid, header_of
from benchagent.measurements.json_trees import Json, as_numeral, as_object, read_json

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
_OLD_PERCENTILES: Final = "[min, 0.1, 1, 5, 10, 25, 75, 90, 95, 99, max]"
_OLD_LABEL: Final = re.compile(
    r"(Successful|Errored) ([A-Z][a-z ]{1,60}) (mean|median|std dev|"
    + re.escape(_OLD_PERCENTILES)
    + ")"
)


class Column(NamedTuple):
    """What a column tells: a statistic of a quantity over a population."""

    population: str
    key: str
    statistic: str


@dataclass(frozen=True, slots=True)
class Row:
    """One benchmark: its cells by their label, and the labels by their headings and meaning."""

    number: int
    by_label: dict[str, str]
    labels: dict[tuple[str, str], str]
    columns: dict[Column, str]
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


def read_rows(grid: Grid) -> Iterator[Row]:
    """The benchmarks of a table; none where its headings are not whole."""
    old = is_old_table(grid)
    # under the header stand more headings
    first = 0 if old else _HEADINGS
    headings = grid.rows[:first]
    if any(len(row) != len(grid.labels) for row in headings) or len(headings) < first:
        return
    groups = [header_of(label) for label in grid.labels]
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
            yield Row(number, by_label, labels, columns, old)


def _name_columns(labels: Mapping[tuple[str, str, str], str]) -> Iterator[tuple[Column, str]]:
    for (group, name, heading), label in labels.items():
        population, _, unit = name.partition(" ")
        if key := _TITLES.get((group, unit)):
            yield Column(population, key, heading.lower().replace(" ", "_")), label


def _name_old_columns(labels: Iterable[str]) -> Iterator[tuple[Column, str]]:
    for label in labels:
        if match := _OLD_LABEL.fullmatch(label):
            key = match[2].lower().replace(" ", "_")
            listed = match[3] == _OLD_PERCENTILES
            statistic = "percentiles" if listed else match[3].replace(" ", "_")
            yield Column(match[1], key, statistic), label


def is_old_table(grid: Grid) -> bool:
    """Whether a version up to 0.3 wrote it."""
    return {"Successful Requests", "Successful Request latency mean"} <= set(grid.labels)
