"""Output of Ollama's own benchmark (`cmd/bench`): CSV, benchstat lines, or a Markdown table.

Every epoch is one call, told in steps: prefill, generate, load, total. The time of a step is per
token where the step has tokens, else of the whole call; a rate of 0 beside load and total is no
rate.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from benchagent.formats.json_fields import Field, refuse_number
from benchagent.formats.settings import read_ollama_model
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.artifact_text import Unreadable, split_lines
from benchagent.measurements.grids import Grid
from benchagent.measurements.locators import chars_locator, line_locator, read_value, row_locator
from benchagent.measurements.readings import Parsed, Reading, Record, Refusal
from benchagent.quantities.numbers import parse_duration
from benchagent.quantities.units import find_unit

NAME: Final = "ollama-bench"

_CSV: Final = ["NAME", "STEP", "COUNT", "NS_PER_COUNT", "TOKEN_PER_SEC"]
_MARKDOWN: Final = ["Model", "Step", "Count", "Duration", "nsPerToken", "tokensPerSec"]
_BENCHSTAT: Final = re.compile(
    r"BenchmarkModel/name=([^\s/]{1,200}(?:/[^\s/=]{1,200})*?)(?:/step=(\w{1,30}))? "
    r"([0-9]{1,15}) (\S{1,40}) ns/(?:token|request)(?: (\S{1,40}) token/sec)?\s{0,20}"
)
_DECODE_RATE: Final = Field("decode_rate", "tokens/s", definition="decode.eval_count/eval")
# how many, how long each, how many in a second
_STEPS: Final[dict[str, tuple[Field | None, Field, Field | None]]] = {
    "prefill": (
        Field("prompt_tokens", "tokens"),
        Field("ollama-bench:prefill_time_per_token", "ns"),
        Field("prefill_rate", "tokens/s"),
    ),
    "generate": (
        Field("output_tokens", "tokens"),
        Field("tpot", "ns", definition="tpot.eval/eval_count"),
        _DECODE_RATE,
    ),
    "ttft": (None, Field("ttft", "ns", definition="ttft.client"), None),
    "load": (None, Field("load_time", "ns"), None),
    "total": (None, Field("total_time", "ns"), None),
}


class _Cell(NamedTuple):
    """A text and where it stands."""

    text: str
    locator: str


class _Step(NamedTuple):
    """One line of the output; a cell is None where the form has none."""

    name: str
    model: str
    step: str
    cells: tuple[_Cell | None, _Cell | None, _Cell | None]
    duration: _Cell | None = None


@dataclass(slots=True)
class _Call:
    """The steps of one epoch, as far as they were read."""

    name: str
    model: str
    seen: set[str] = field(default_factory=set[str])
    readings: list[Reading] = field(default_factory=list[Reading])


def detect(artifact: Artifact) -> bool:
    """Whether a table has the columns, or lines begin with `BenchmarkModel/name=`."""
    return bool(next(_find_steps(artifact), None))


def parse(artifact: Artifact) -> Parsed:
    """One record per epoch of a model."""
    refusals: list[Refusal] = []
    calls: list[_Call] = []
    for step in _find_steps(artifact):
        if not calls or step.model != calls[-1].model or step.step in calls[-1].seen:
            calls.append(_Call(step.name, step.model))
        calls[-1].seen.add(step.step)
        calls[-1].readings.extend(_read_step(step, refusals))
    records = [
        Record(
            name=call.name,
            sequence=at,
            benchmark="llm-call",
            readings=tuple(call.readings),
            subject=read_ollama_model(call.model),
        )
        for at, call in enumerate(calls)
    ]
    return Parsed(format=NAME, records=tuple(records), refusals=tuple(refusals))


def _find_steps(artifact: Artifact) -> Iterator[_Step]:
    if artifact.shape == "grid":
        if artifact.labels[: len(_CSV)] == _CSV:
            yield from _steps_of_rows(artifact.expect_grid())
    elif artifact.shape == "markdown":
        yield from _steps_of_tables(artifact)
    elif isinstance(artifact.text, str) and "BenchmarkModel/name=" in artifact.text:
        yield from _steps_of_lines(artifact.text)


def _steps_of_rows(grid: Grid) -> Iterator[_Step]:
    for number, row in enumerate(grid.rows, start=1):
        if len(row) != len(grid.labels) or row[1] not in _STEPS:
            continue
        cells = tuple(
            _Cell(text, row_locator(number, label))
            for label, text in zip(_CSV[2:], row[2:5], strict=True)
        )
        yield _Step(f"row={number}", row[0], row[1], (cells[0], cells[1], cells[2]))


def _steps_of_lines(text: str) -> Iterator[_Step]:
    for number, line in enumerate(split_lines(text), start=1):
        match = _BENCHSTAT.fullmatch(line) if len(line) < 1000 else None
        if not match or (match[2] or "total") not in _STEPS:
            continue
        cells = [
            _Cell(match[group], chars_locator(number, *match.span(group))) if match[group] else None
            for group in (3, 4, 5)
        ]
        step = match[2] or "total"
        yield _Step(line_locator(number), match[1], step, (cells[0], cells[1], cells[2]))


def _steps_of_tables(artifact: Artifact) -> Iterator[_Step]:
    tables = [] if isinstance(artifact.tables, Unreadable) else artifact.tables
    for table in tables:
        if table.labels != _MARKDOWN:
            continue
        for number, row in table.rows:
            if row[1] in _STEPS:
                found = dict(zip(table.labels, row, strict=True))
                cells = {label: _Cell(found[label], line_locator(number, label)) for label in found}
                three = (cells["Count"], cells["nsPerToken"], cells["tokensPerSec"])
                yield _Step(line_locator(number), row[0], row[1], three, cells["Duration"])


def _read_step(step: _Step, refusals: list[Refusal]) -> Iterable[Reading]:
    for cell, meaning in zip(step.cells, _STEPS[step.step], strict=True):
        if cell is None or meaning is None:
            continue
        if cell.text == "-" and step.duration:
            cell, meaning = step.duration, meaning._replace(unit=None)
        reading = _read_cell(cell, meaning)
        if reading:
            yield reading
        else:
            refusals.append(refuse_number(cell.text, cell.locator))


def _read_cell(cell: _Cell, meaning: Field) -> Reading | None:
    unit = find_unit(meaning.unit) if meaning.unit else None
    value = read_value(cell.text, meaning.unit)
    if value is None or (unit is None and parse_duration(cell.text) is None):
        return None
    return Reading(
        metric=meaning.metric,
        value=value,
        locator=cell.locator,
        raw_value=cell.text,
        unit=unit.canonical if unit else "ms",
        definition=meaning.definition,
        raw_unit=meaning.unit,
    )
