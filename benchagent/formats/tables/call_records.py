"""Calls of a language model, one per row, from whatever holds the rows: CSV or a JSON list."""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, TypeVar

from benchagent.formats.json_fields import refuse_number
from benchagent.formats.settings import read_model, read_ollama_model, read_setting, read_time
from benchagent.formats.tables.bare_rates import OF_BOTH, metric_of
from benchagent.formats.tables.call_columns import Columns, find_setting
from benchagent.formats.tables.call_failures import (
    Locate,
    count_errors,
    find_failure,
    is_impossible,
    is_zero_of_clock,
)
from benchagent.formats.tables.columns import Meaning, find_statistic
from benchagent.formats.tables.misplaced_cells import tells_other_unit
from benchagent.formats.tables.other_ends import find_other_end
from benchagent.formats.tables.setting_columns import is_knob, is_word
from benchagent.formats.tables.summing_rows import read_percentile
from benchagent.formats.tables.version_columns import is_version, names_version
from benchagent.measurements.artifact_text import Unreadable
from benchagent.measurements.json_trees import Json, Numeral, as_object, as_text, read_json
from benchagent.measurements.markdown_tables import CellNumber, read_cell_number
from benchagent.measurements.readings import Kind, Phase, Reading, Record, Refusal, Scalar
from benchagent.quantities.decimal_commas import DecimalComma, write_point
from benchagent.quantities.numbers import (
    drop_spread,
    parse_elapsed,
    parse_number,
    read_truth,
    read_yes,
)
from benchagent.quantities.units import Unit

_Index = TypeVar("_Index", int, None)

_NOT_TIMED: Final = "0 is no time or rate, and no error was counted: it was not measured"
NO_RUN: Final = "neither settings nor results: no run"
# `run 3`, `#3`, `r3`; a name of anything else that ends in digits is no number of it
_NUMBERED: Final = re.compile(
    r"(?:run|rep|repetition|repeat|iter|iteration|trial|attempt|pass|r|#)?[ _.#-]*([0-9]+)",
    re.IGNORECASE,
)
# a single yes or no is a share; of percent it would be one of a hundred
_SHARE: Final = Unit("ratio")
# Of several runs, what is in one of these may be their sum as well as their mean.
_ADD_UP: Final = frozenset(
    ("ms", "tok/s", "req/s", "words/s", "tokens", "chars", "words", "J", "J/token", "tok/J")
)
# A benchmark of many calls has one of each.
_OF_WHOLE: Final = frozenset(("duration", "throughput", "request_rate"))
_NO_DOUBTS: Final[Mapping[int, str]] = MappingProxyType({})
_OTHER_PHASE: Final[Mapping[Phase, Phase]] = {"cold": "warm", "warm": "cold"}
_PHASE: Final = re.compile(r"(cold|warm)(?:[ _-]*(?:start|run|call|cache|[0-9]+))*")


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
    doubts: Mapping[int, str] = _NO_DOUBTS,
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
        doubts: why a number is not what its column promises, by the column's place.
    """
    errors = count_errors(columns, row)
    # of those that failed nothing was measured
    runs = None if errors else read_index(row, columns.n, default=None) or n
    readings, refusals = _read_cells(columns, row, locate, kind, runs, doubts)
    if errors == 0:
        readings, unmeasured = _drop_zeros(readings)
        refusals.extend(unmeasured)
    measured = {OF_BOTH, _NOT_TIMED, *doubts.values()}
    left_out = not readings and any(refused.reason in measured for refused in refusals)
    failure = None if left_out else find_failure(columns, row, locate, readings, refusals, name)
    failure = failure or find_other_end(columns, row, locate, readings)
    record = Record(
        name=name,
        sequence=read_index(row, columns.sequence, default=sequence),
        benchmark=benchmark,
        readings=() if failure else tuple(readings),
        subject=find_subject(columns, row, model),
        repetition=read_index(row, columns.repetition, default=None),
        config=find_config(columns, row),
        environment=find_environment(columns, row),
        measured_at=read_time(row[columns.time]) if columns.time is not None else None,
        phase=find_phase(columns, row),
        failure=failure,
    )
    return record, [] if failure else refusals


def _drop_zeros(readings: list[Reading]) -> tuple[list[Reading], list[Refusal]]:
    """The numbers of a row that counts no error, without times and rates of 0, which are refused.

    Where anything else was measured, the zeros beside it say what they say.
    """
    if not all(reading.value == 0 for reading in readings):
        return readings, []
    kept = [reading for reading in readings if not is_zero_of_clock(reading)]
    zeros = [reading.locator for reading in readings if is_zero_of_clock(reading)]
    return kept, [Refusal(locator=locator, reason=_NOT_TIMED) for locator in zeros]


def is_no_run(record: Record, columns: Columns) -> bool:
    """Whether a row leaves blank what other rows say of the run, and has no result."""
    blank = record.failure is not None and record.failure.recorded_as == "blank"
    told = bool(columns.settings) or columns.model is not None
    return blank and told and record.subject is None and not record.config


def _read_cells(
    columns: Columns,
    row: Sequence[Json],
    locate: Locate,
    kind: Kind,
    n: int | None,
    doubts: Mapping[int, str],
) -> tuple[list[Reading], list[Refusal]]:
    readings: list[Reading] = []
    refusals: list[Refusal] = []
    for at, meaning in columns.readings:
        cell = row[at]
        if cell is None or cell == "":
            continue
        locator = locate(columns.labels[at])
        if at in doubts:
            refusals.append(Refusal(locator=locator, reason=doubts[at]))
            continue
        metric = metric_of(columns, row, at, meaning)
        if metric is None:
            refusals.append(Refusal(locator=locator, reason=OF_BOTH))
            continue
        number = read_number(cell, meaning.unit)
        if number is None or tells_other_unit(cell, meaning):
            refusals.append(refuse_number(cell, locator))
            continue
        if is_impossible(number.value, number.unit):
            said = f"{cell!r} is negative, as no time, rate or count is"
            refusals.append(Refusal(locator=locator, reason=said))
            continue
        readings.append(
            Reading(
                metric=metric,
                value=number.value,
                locator=locator,
                raw_value=_write_truth(cell) if isinstance(cell, bool) else str(cell),
                statistic=_statistic_of(columns, row, meaning, n, cell),
                unit=number.unit,
                definition=columns.definitions.get(metric),
                n=n,
                raw_unit=number.raw_unit or meaning.raw_unit,
                kind=kind,
            )
        )
    return readings, refusals


def read_number(cell: Json, unit: Unit | None) -> CellNumber | None:
    """The number of a cell, which may tell its unit (`52.4 tok/s`) or its spread (`88.4 ± 0.6`)."""
    if isinstance(cell, bool):
        cell = _write_truth(cell)
    if not isinstance(cell, str):
        return None
    value = read_truth(cell) if unit == _SHARE else None
    value = parse_number(cell, unit=unit) if value is None else value
    if value is not None:
        return CellNumber(value, unit.canonical if unit else None, None)
    if unit is not None and unit.canonical == "ms" and (elapsed := parse_elapsed(cell)):
        return CellNumber(elapsed, "ms", None)
    bare = drop_spread(cell)
    number = read_cell_number(bare or cell, unit)
    if number is None or number.raw_unit:
        return number
    return number._replace(raw_unit=number.unit) if bare else None


def _write_truth(cell: bool) -> str:
    """A truth as JSON writes it, and as `Places` finds it again."""
    return "true" if cell else "false"


def _statistic_of(
    columns: Columns, row: Sequence[Json], meaning: Meaning, n: int | None, cell: Json
) -> str:
    """What a cell says of its runs: of several at once, no name tells whether it is their mean.

    What has a spread is a mean.
    """
    if meaning.statistic != "value":
        return meaning.statistic
    if columns.statistic is not None:
        named = row[columns.statistic]
        percentile = read_percentile(named, in_shares=columns.in_shares)
        return find_statistic(str(named)) or percentile or "value"
    if isinstance(cell, str) and drop_spread(cell):
        return "mean"
    of_calls = columns.sums_up and meaning.metric not in _OF_WHOLE
    several = of_calls if n is None else n > 1
    adds_up = meaning.unit is not None and meaning.unit.canonical in _ADD_UP
    return "summary" if several and adds_up else "value"


def find_phase(columns: Columns, row: Sequence[Json]) -> Phase | None:
    """The phase of a call that its row tells."""
    if columns.phase is not None:
        return read_phase(row[columns.phase])
    if columns.phase_by_yes is None:
        return None
    at, phase = columns.phase_by_yes
    yes = read_yes(str(row[at]))
    return None if yes is None else phase if yes else _OTHER_PHASE[phase]


def read_phase(cell: Json) -> Phase | None:
    """Cold or warm, as `Cold start` and `warm_2` are too."""
    match = _PHASE.fullmatch((as_text(cell) or "").lower())
    if match is None:
        return None
    return "cold" if match[1] == "cold" else "warm"


def find_subject(columns: Columns, row: Sequence[Json], model: str | None = None) -> str | None:
    """The model that a row names, or `model`, in its normal form."""
    named = as_text(row[columns.model]) if columns.model is not None else None
    name = named or model
    if name is None:
        return None
    return read_ollama_model(name) if columns.speaks_ollama else read_model(name)


def read_index(row: Sequence[Json], at: int | None, *, default: _Index) -> int | _Index:
    """The whole number in a cell of a row, or `default`."""
    cell = row[at] if at is not None else None
    match = _NUMBERED.fullmatch(write_point(cell).strip()) if isinstance(cell, str) else None
    number = read_setting(match[1] if match else cell)
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
        value = _read_cell(key, row[at])
        if value is not None:
            config[key] = value
    return config


def _read_cell(key: str, cell: Json) -> Scalar:
    """A cell as a setting; `550.120` in a table with decimal commas may be a version as well."""
    if names_version(key) and isinstance(cell, str) and "." in cell and is_version(cell):
        return cell.strip()
    if isinstance(cell, list) and all(map(is_word, cell)):
        return read_setting(",".join(map(str, cell)))
    if isinstance(cell, DecimalComma) and find_setting(key) is None and not is_knob(key):
        return cell.strip()
    return read_setting(cell)
