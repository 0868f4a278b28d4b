"""Calls of a language model, one per row, from whatever holds the rows: CSV or a JSON list.

A row of which a cell says that it failed, or whose results are blank or all zero, is a failed
call: the zeros that a script wrote in its exception handler were never measured.
"""

import re
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from benchagent.formats.call_columns import Columns
from benchagent.formats.json_fields import refuse_number
from benchagent.formats.settings import read_model, read_ollama_model, read_setting, read_time
from benchagent.measurements.artifact_text import (
    Json,
    Numeral,
    Unreadable,
    as_object,
    as_text,
    read_json,
)
from benchagent.measurements.readings import Failure, Kind, Phase, Reading, Record, Refusal, Scalar
from benchagent.quantities.numbers import parse_number

_Index = TypeVar("_Index", int, None)

Locate = Callable[[str], str]

BLANK: Final = "every result is blank, no error recorded"
NO_RUN: Final = "neither settings nor results: no run"
_UNCLOCKED: Final = "every time and rate is blank, no error recorded"
_CLOCKED: Final = frozenset(("ms", "tok/s"))
_NO_ERROR: Final = frozenset({"none", "null", "nan", "-"})
_FAILED: Final = frozenset(
    "failed fail failure error err timeout timedout oom outofmemory crashed crash aborted "
    "cancelled canceled killed exception".split()
)
_HTTP_ERROR: Final = re.compile(r"[45]\d\d(\.0)?")


def read_record(
    columns: Columns,
    row: Sequence[Json],
    locate: Locate,
    *,
    name: str,
    sequence: int,
    benchmark: str,
    kind: Kind = "measured",
    n: int | None = None,
    model: str | None = None,
) -> tuple[Record, list[Refusal]]:
    """One row as a record, and the cells of it that should hold numbers and do not.

    Args:
        columns: what the cells mean.
        row: one cell per column; None or "" where there is none.
        locate: the locator of the row's cell under a label.
        name: the record's place in the file.
        sequence: its 0-based place in the order of the file.
        benchmark: kind of benchmark.
        kind: `derived` for rows that sum up others.
        n: how many samples each number stands on.
        model: the model of rows that name none.
    """
    readings, refusals = _read_cells(columns, row, locate, kind, n)
    failure = _find_failure(columns, row, locate, readings, refusals, name)
    moment = read_time(row[columns.time]) if columns.time is not None else None
    record = Record(
        name=name,
        sequence=read_index(row, columns.sequence, default=sequence),
        benchmark=benchmark,
        readings=() if failure else tuple(readings),
        subject=find_subject(columns, row, model),
        repetition=read_index(row, columns.repetition, default=None),
        config=find_config(columns, row),
        environment=find_environment(columns, row),
        measured_at=moment.text if moment else None,
        time_basis=moment.basis if moment else None,
        phase=find_phase(columns, row),
        failure=failure,
    )
    return record, [] if failure else refusals


def is_no_run(record: Record, columns: Columns) -> bool:
    """Whether a row leaves blank what other rows say of the run, and has no result."""
    blank = record.failure is not None and record.failure.recorded_as == "blank"
    told = bool(columns.settings) or columns.model is not None
    return blank and told and record.subject is None and not record.config


def _read_cells(
    columns: Columns, row: Sequence[Json], locate: Locate, kind: Kind, n: int | None
) -> tuple[list[Reading], list[Refusal]]:
    readings: list[Reading] = []
    refusals: list[Refusal] = []
    for at, meaning in columns.readings:
        cell = row[at]
        if cell is None or cell == "":
            continue
        value = parse_number(cell, unit=meaning.unit) if isinstance(cell, str) else None
        locator = locate(columns.labels[at])
        if value is None or not isinstance(cell, str):
            refusals.append(refuse_number(cell, locator))
            continue
        readings.append(
            Reading(
                metric=meaning.metric,
                value=value,
                locator=locator,
                raw_value=str(cell),
                statistic=meaning.statistic,
                unit=meaning.unit.canonical if meaning.unit else None,
                definition=columns.definitions.get(meaning.metric),
                n=n,
                raw_unit=meaning.raw_unit,
                kind=kind,
            )
        )
    return readings, refusals


def find_phase(columns: Columns, row: Sequence[Json]) -> Phase | None:
    """The phase of a call that its row tells."""
    phase = as_text(row[columns.phase]) if columns.phase is not None else None
    return "cold" if phase == "cold" else "warm" if phase == "warm" else None


def _tells_error(cell: Json) -> bool:
    """Whether the error cell of a call speaks."""
    error = as_text(cell)
    return error is not None and error.lower() not in _NO_ERROR


def _denies_success(cell: Json) -> bool:
    """Whether the success cell of a call says that it failed."""
    return str(cell).lower() in {"false", "no", "0"}


def states_failure(cell: Json) -> bool:
    """Whether the status cell of a call is a word for a failure, or an error code of HTTP."""
    status = str(cell).strip().lower()
    return re.sub(r"[\s_-]", "", status) in _FAILED or bool(_HTTP_ERROR.fullmatch(status))


def failure_cells(columns: Columns) -> list[tuple[int, Callable[[Json], bool]]]:
    """The cells in which a row can say that its call failed, each with what tells whether it does."""
    found = (
        (columns.error, _tells_error),
        (columns.success, _denies_success),
        (columns.status, states_failure),
    )
    return [(at, tells) for at, tells in found if at is not None]


def _find_failure(
    columns: Columns,
    row: Sequence[Json],
    locate: Locate,
    readings: list[Reading],
    refusals: list[Refusal],
    name: str,
) -> Failure | None:
    error = as_text(row[columns.error]) if columns.error is not None else None
    if columns.error is not None and error and _tells_error(error):
        zeros = bool(readings) and all(reading.value == 0 for reading in readings)
        return Failure(
            reason=error,
            locator=locate(columns.labels[columns.error]),
            recorded_as="zero" if zeros else "error",
        )
    if columns.success is not None and _denies_success(row[columns.success]):
        locator = locate(columns.labels[columns.success])
        return Failure(reason="marked as not successful, no reason given", locator=locator)
    if columns.status is not None and states_failure(row[columns.status]):
        label = columns.labels[columns.status]
        said = f"its {label.lower()} is {as_text(row[columns.status])}"
        return Failure(reason=said, locator=locate(label))
    if not readings:
        if refusals:
            return Failure(reason=refusals[0].reason, locator=refusals[0].locator)
        return Failure(reason=BLANK, locator=name, recorded_as="blank")
    clocked = any(m.unit and tells_clock(m.unit.canonical) for _, m in columns.readings)
    if clocked and not refusals and not any(tells_clock(reading.unit) for reading in readings):
        return Failure(reason=_UNCLOCKED, locator=name, recorded_as="blank")
    if all(reading.value == 0 for reading in readings):
        return Failure(
            reason="every result is zero, no error recorded",
            locator=readings[0].locator,
            recorded_as="zero",
        )
    for reading in readings:
        if reading.metric == "output_tokens" and reading.value == 0:
            said = "no token was generated"
            return Failure(reason=said, locator=reading.locator, recorded_as="zero")
    return None


def tells_clock(unit: str | None) -> bool:
    """Whether a unit is that of a time or rate, which a run that failed has not."""
    return unit in _CLOCKED


def find_subject(columns: Columns, row: Sequence[Json], model: str | None = None) -> str | None:
    """The model that a row names, or `model`, in its normal form."""
    named = as_text(row[columns.model]) if columns.model is not None else None
    name = named or model
    if name is None:
        return None
    return read_ollama_model(name) if columns.speaks_ollama else read_model(name)


def read_index(row: Sequence[Json], at: int | None, *, default: _Index) -> int | _Index:
    """The whole number in a cell of a row, or `default`."""
    number = read_setting(row[at]) if at is not None else None
    return number if isinstance(number, int) and abs(number) < 2**31 else default


def find_environment(columns: Columns, row: Sequence[Json]) -> dict[str, Scalar]:
    """What a row says of the machine."""
    return {key: read_setting(row[at]) for at, key in columns.environment}


def find_config(columns: Columns, row: Sequence[Json]) -> dict[str, Scalar]:
    """The settings of a row, from its own columns and from the object of options in one."""
    config: dict[str, Scalar] = {}
    if columns.options is not None:
        options = row[columns.options]
        if isinstance(options, str) and not isinstance(options, Numeral):
            parsed = read_json(options)
            options = None if isinstance(parsed, Unreadable) else parsed
        config |= {key: read_setting(value) for key, value in as_object(options).items()}
    for at, key in columns.settings:
        value = read_setting(row[at])
        if value is not None:
            config[key] = value
    return config
