"""What llama-benchy prints: a table of tests, a row for the prompt and one for the answer.

As CSV a mean and its deviation are two cells, in Markdown one, `66.53 ± 1.48`, rounded. The rate of
all clients together is not read: requests that failed are left out of it, and no row says so.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from benchagent.formats.csv_rows import read_cells, read_whole_rows
from benchagent.formats.json_fields import Field
from benchagent.formats.serving.llama_benchy import DECODE, PREFILL, STATISTICS, TTFT
from benchagent.formats.settings import read_model
from benchagent.formats.text_readings import has_other_tables, number_lines, read_match
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.grids import Grid
from benchagent.measurements.locators import line_locator
from benchagent.measurements.readings import Parsed, Reading, Record, Refusal

NAME: Final = "llama-benchy-rows"

_TEST: Final = re.compile(
    r"(?P<context>ctx_)?(?P<what>pp|tg)(?P<n>[0-9]{1,9})?"
    r"(?: @ d(?P<depth>[0-9]{1,9}))?(?: \(c(?P<clients>[0-9]{1,6})\))?"
)
_MEAN: Final = re.compile(r"\|\s*([0-9]{1,12}\.[0-9]{2}) ± ([0-9]{1,12}\.[0-9]{2})\s*(?=\|)")
_COLUMNS: Final = ["model", "test"]
_LAST: Final = "e2e_ttft (ms)"


class _Row(NamedTuple):
    """A row of the table: its model, its test, and the number of its row or line."""

    at: int
    model: str
    test: re.Match[str]


def detect(artifact: Artifact) -> bool:
    """Whether columns are `test_name`, `t_s_mean` and `e2e_ttft_mean`, or `test` … `e2e_ttft (ms)`."""
    if isinstance(artifact.grid, Grid):
        return {"test_name", "t_s_mean", "t_s_req_mean", "e2e_ttft_mean"} <= {*artifact.grid.labels}
    text = artifact.text
    if not isinstance(text, str) or artifact.shape not in ("markdown", "text"):
        return False
    found = _LAST in text and next(_find_lines(text), None) is not None
    return found and not has_other_tables(artifact, [_LAST])


def parse(artifact: Artifact) -> Parsed:
    """One record per row."""
    refusals: list[Refusal] = []
    read = _parse_grid if isinstance(artifact.grid, Grid) else _parse_lines
    found = list(read(artifact, refusals))
    # of what follows a context that is still there, the server counts the context with the prompt
    cached = any(row.test["context"] for row, _ in found)
    records = [
        _record(row, at, readings, cached=cached) for at, (row, readings) in enumerate(found)
    ]
    return Parsed(
        format=NAME,
        records=tuple(record for record in records if record.readings),
        refusals=tuple(refusals),
        reason="rates of all clients together, times to the first response and peaks are not read",
    )


def _parse_grid(
    artifact: Artifact, refusals: list[Refusal]
) -> Iterator[tuple[_Row, list[Reading]]]:
    for at, cells in read_whole_rows(artifact.expect_grid(), refusals):
        if test := _TEST.fullmatch(cells["test_name"]):
            columns = {"t_s_req": _rate_of(test), "e2e_ttft": TTFT}
            fields = {
                f"{name}_{key}": field._replace(statistic=said)
                for name, field in columns.items()
                for key, said in STATISTICS.items()
            }
            readings = read_cells(cells, at, fields, refusals, kind="derived")
            yield _Row(at, cells.get("model", ""), test), readings


def _parse_lines(
    artifact: Artifact, refusals: list[Refusal]
) -> Iterator[tuple[_Row, list[Reading]]]:
    for row, line, labels in _find_lines(str(artifact.text)):
        rate = _rate_of(row.test)
        columns = {"t/s": rate, "t/s (req)": rate, _LAST: TTFT}
        readings: list[Reading] = []
        for label, start in zip(labels, _find_bars(line), strict=False):
            match = _MEAN.match(line, start) if label in columns else None
            for group, said in enumerate(STATISTICS.values(), start=1):
                field = columns[label]._replace(statistic=said) if match else None
                if (
                    match
                    and field
                    and (
                        reading := read_match(
                            row.at, match, field, refusals, group=group, kind="derived"
                        )
                    )
                ):
                    readings.append(reading)
        yield row, readings


def _find_lines(text: str) -> Iterator[tuple[_Row, str, list[str]]]:
    """The rows of the tables in a text, each with its line and the labels of its table."""
    labels: list[str] = []
    for number, line in number_lines(text):
        # a cell is found by the bar before it, which the first one must have too
        before, *cells = [cell.strip() for cell in line.strip().removesuffix("|").split("|")]
        if not before and cells[:2] == _COLUMNS and cells[-1] == _LAST:
            labels = cells
        elif before or not cells or len(cells) != len(labels):
            labels = []
        elif test := _TEST.fullmatch(cells[1]):
            yield _Row(number, cells[0], test), line, labels


def _find_bars(line: str) -> list[int]:
    return [at for at, letter in enumerate(line) if letter == "|"]


def _rate_of(test: re.Match[str]) -> Field:
    return PREFILL if test["what"] == "pp" else DECODE


def _record(row: _Row, sequence: int, readings: list[Reading], *, cached: bool) -> Record:
    test = row.test
    after_context = cached and test["depth"] and not test["context"]
    workload = test[0].partition(" (c")[0]
    return Record(
        name=readings[0].locator.partition(",")[0] if readings else line_locator(row.at),
        sequence=sequence,
        benchmark="serving",
        readings=tuple(
            reading
            for reading in readings
            if not (after_context and reading.metric == PREFILL.metric)
        ),
        subject=read_model(row.model),
        config={
            "workload": workload.replace("ctx_", "context, "),
            "concurrency": int(test["clients"] or 1),
            **({"prefix_caching": True} if cached else {}),
        },
    )
