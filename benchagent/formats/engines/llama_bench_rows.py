"""What llama-bench writes as CSV or as SQL: a test per row, mean and standard deviation only.

In 2023 its rows had a cell more than its header, so that no cell stands under its own name.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from benchagent.formats.engines.llama_bench import (
    MACHINE,
    NO_SETTINGS,
    name_model,
    name_test,
    write_workload,
)
from benchagent.formats.json_fields import Field, read_number, refuse_number
from benchagent.formats.settings import read_setting, read_time
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.artifact_text import split_lines
from benchagent.measurements.grids import Grid
from benchagent.measurements.json_trees import as_numeral
from benchagent.measurements.locators import chars_locator, line_locator, row_locator
from benchagent.measurements.readings import Parsed, Reading, Record, Refusal, Scalar

NAME: Final = "llama-bench-rows"

_NEEDED: Final = frozenset({"n_prompt", "n_gen", "avg_ts", "stddev_ts"})
_INSERT: Final = re.compile(r"INSERT INTO \w{1,80} \(([\w, ]{1,4000})\) VALUES \(")
_VALUE: Final = re.compile(r"'([^']*(?:''[^']*)*)'(, |\);?\s*$)")
_LONGEST_LINE: Final = 20_000


class _Row(NamedTuple):
    """The cells of a row by column, and the places of them; none if there are more than columns."""

    name: str
    cells: Mapping[str, str]
    places: Mapping[str, str]


def detect(artifact: Artifact) -> bool:
    """Whether the columns have `n_prompt`, `n_gen`, `avg_ts`, `stddev_ts`, in CSV or `INSERT`s."""
    grid = artifact.grid
    if isinstance(grid, Grid):
        return set(grid.labels) >= _NEEDED
    text = artifact.text
    return (
        artifact.shape == "text"
        and isinstance(text, str)
        and "INSERT INTO" in text
        and next(_find_inserts(text), None) is not None
    )


def parse(artifact: Artifact) -> Parsed:
    """One record per test."""
    grid = artifact.grid
    rows = _find_rows(grid) if isinstance(grid, Grid) else _find_inserts(str(artifact.text))
    refusals: list[Refusal] = []
    records: list[Record] = []
    for row in rows:
        if row.cells:
            records.append(_read_test(row, len(records), refusals))
        else:
            said = "a row of another width than the header: no cell can be told from another"
            refusals.append(Refusal(locator=row.name, reason=said))
    return Parsed(format=NAME, records=tuple(records), refusals=tuple(refusals))


def _find_rows(grid: Grid) -> Iterator[_Row]:
    for at, row in enumerate(grid.rows, start=1):
        if len(row) != len(grid.labels):
            yield _Row(f"row={at}", {}, {})
            continue
        places = {label: row_locator(at, label) for label in grid.labels}
        yield _Row(f"row={at}", dict(zip(grid.labels, row, strict=True)), places)


def _find_inserts(text: str) -> Iterator[_Row]:
    for number, line in enumerate(split_lines(text), start=1):
        match = _INSERT.match(line) if len(line) < _LONGEST_LINE else None
        if not match:
            continue
        columns = [name.strip() for name in match[1].split(",")]
        values = list(_split_values(line, match.end()))
        if not set(columns) >= _NEEDED:
            continue
        if len(values) != len(columns):
            yield _Row(line_locator(number), {}, {})
        else:
            cells = {name: value[1] for name, value in zip(columns, values, strict=True)}
            places = {
                name: chars_locator(number, *value.span(1))
                for name, value in zip(columns, values, strict=True)
            }
            yield _Row(line_locator(number), cells, places)


def _split_values(line: str, at: int) -> Iterator[re.Match[str]]:
    while match := _VALUE.match(line, at):
        yield match
        at = match.end()


def _read_test(row: _Row, sequence: int, refusals: list[Refusal]) -> Record:
    cells = row.cells
    return Record(
        name=row.name,
        sequence=sequence,
        benchmark="llm-bench",
        readings=tuple(_read_numbers(row, refusals)),
        subject=name_model(cells.get("model_filename"), cells.get("model_type")),
        config={
            **_pick(cells, set(cells) - {*NO_SETTINGS}),
            "workload": write_workload(*(_count(cells.get(name, "")) for name in _COUNTS)),
        },
        environment=_pick(cells, MACHINE),
        measured_at=read_time(cells.get("test_time", "")),
    )


_COUNTS: Final = ("n_prompt", "n_gen", "n_depth")


def _pick(cells: Mapping[str, str], names: Iterable[str]) -> dict[str, Scalar]:
    return {name: read_setting(cells[name]) for name in names if cells.get(name)}


def _count(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _read_numbers(row: _Row, refusals: list[Refusal]) -> Iterator[Reading]:
    rate, time = name_test(_count(row.cells["n_prompt"]), _count(row.cells["n_gen"]))
    fields: dict[str, Field] = {
        "avg_ts": rate._replace(statistic="mean"),
        "stddev_ts": rate._replace(statistic="stddev"),
        "avg_ns": time._replace(statistic="mean"),
        "stddev_ns": time._replace(statistic="stddev"),
    }
    for name, field in fields.items():
        if name not in row.cells:
            continue
        cell, place = as_numeral(row.cells[name]), row.places[name]
        if reading := read_number(cell, place, field, kind="derived"):
            yield reading
        else:
            refusals.append(refuse_number(cell, place))
