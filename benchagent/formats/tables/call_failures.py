"""Whether a row of which a cell says that it failed, or whose results are blank or zero, did fail.

The zeros that a script wrote in its exception handler were never measured.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from benchagent.formats.tables.call_columns import Columns
from benchagent.formats.tables.error_answers import reads_as_error
from benchagent.measurements.json_trees import Json, as_text
from benchagent.measurements.readings import Failure, Reading, Refusal
from benchagent.quantities.metrics import is_of_calls
from benchagent.quantities.names import join_words
from benchagent.quantities.numbers import parse_cell, read_yes

Locate = Callable[[str], str]

BLANK: Final = "every result is blank, no error recorded"
_UNCLOCKED: Final = "every time and rate is blank, no error recorded"
_CLOCKED: Final = frozenset(("ms", "tok/s"))
# A column of one of these names says of each row whether it failed.
_FLAGS: Final = frozenset(
    "oom out_of_memory failed is_failed has_failed crashed timed_out is_error has_error errored".split()
)
# And of these, whether it did not.
_WELL: Final = frozenset("completed successful was_successful is_success".split())
_CROSSES: Final = frozenset("\N{BALLOT X}\N{HEAVY BALLOT X}\N{MULTIPLICATION X}\N{CROSS MARK}")
# What a program ended with is 0 unless it failed.
_EXIT_CODES: Final = frozenset(
    "returncode return_code retcode exit_code exitcode exit_status".split()
)
_ANY_CODE: Final = "rc"
# How many requests failed; of a row that counts none, zeros were not measured.
_COUNTERS: Final = re.compile(
    r"(?:(?:n|num|total)_)?(?:errors|failures|failed)(?:_count)?|error_count|failure_count"
    r"|(?:failed|errored)_(?:requests|calls|runs)"
)
_WENT_WELL: Final = frozenset(
    "ok success succeeded successful completed done finished 200 true yes 1".split()
)
_NO_ERROR: Final = frozenset({"none", "null", "nan", "-"})
_FAILED: Final = frozenset(
    "failed fail failure error err timeout timedout oom outofmemory crashed crash aborted "
    "cancelled canceled killed exception".split()
)
# `timeout after 5 s`, `error: no space left`, but not `failed: 0`
_ENDS_A_WORD: Final = re.compile(r"[\s:;,(]")
_TELLS_NONE: Final = re.compile(
    r"\W*(?:0(?:\s*(?:[/,;]|(?:out )?of\b)(?s:.*))?|no|none|never|false)\W*"
)
_DIGIT: Final = re.compile(r"[0-9]")
_HTTP_ERROR: Final = re.compile(r"[45]\d\d(\.0)?")
# What an answer should be, as a column of such a name says.
_EXPECTED: Final = frozenset(
    "expected expected_answer expected_output gold target label reference ground_truth".split()
)
# Where one of these is above zero, an answer was generated, or was even right.
_GENERATED: Final = frozenset(("output_tokens", "accuracy"))
# To have got nothing right is a result, and a model of one's own costs nothing.
_MAY_BE_ZERO: Final = frozenset(("ratio", "USD", "USD/1M tokens"))
_NEVER_NEGATIVE: Final = _CLOCKED | {"req/s", "items/s", "words/s", "tokens", "bytes"}


def is_impossible(value: float, unit: str | None) -> bool:
    """Whether a number is below zero, as no time, rate or count is: `-1` for what was not measured."""
    return value < 0 and unit in _NEVER_NEGATIVE


def tells_clock(unit: str | None) -> bool:
    """Whether a unit is that of a time or rate, which a run that failed has not."""
    return unit in _CLOCKED


def _tells_of_running(reading: Reading) -> bool:
    """Whether a number says that something ran, as none does that is known or counted without it."""
    return reading.metric != "model_size" and reading.unit != "tokens"


def _tells_error(cell: Json) -> bool:
    """Whether the error cell of a call speaks."""
    error = as_text(cell)
    return error is not None and error.lower() not in _NO_ERROR


def _denies_success(cell: Json) -> bool:
    """Whether the success cell of a call says that it failed."""
    return str(cell).strip().lower() in {"false", "no", "0"} or _is_crossed(cell)


def states_failure(cell: Json) -> bool:
    """Whether the status cell of a call is or begins with a word for a failure, or is HTTP's code."""
    status = str(cell).strip().lower()
    first = _ENDS_A_WORD.split(status, maxsplit=1)[0]
    told = first in _FAILED and not _TELLS_NONE.fullmatch(status.removeprefix(first))
    coded = re.sub(r"[\s_-]", "", status) in _FAILED or bool(_HTTP_ERROR.fullmatch(status))
    return told or coded or _is_crossed(cell)


def _is_crossed(cell: Json) -> bool:
    """Whether a cell is a cross, as people put where a tick would stand."""
    return isinstance(cell, str) and cell.strip().rstrip("\N{VARIATION SELECTOR-16}") in _CROSSES


def flags_failure(label: str) -> bool:
    """Whether a column of this name says of each row whether it failed: `oom`, or not: `completed`."""
    return join_words(label) in _FLAGS | _WELL


def holds_exit_codes(label: str, cells: Iterable[Json]) -> bool:
    """Whether a column holds what a program ended with: `rc` may be anything unless one is 0."""
    name = join_words(label)
    codes = {parse_cell(cell) for cell in cells if cell not in (None, "")}
    whole = all(code is not None and code == int(code) for code in codes)
    return whole and (name in _EXIT_CODES or (name == _ANY_CODE and 0 in codes))


def may_hold_exit_codes(label: str) -> bool:
    """Whether a column of this name holds what a program ended with, if its cells are such codes."""
    return join_words(label) in (*_EXIT_CODES, _ANY_CODE)


def denotes_failure(label: str, cell: Json) -> bool:
    """Whether a cell says that its row failed: by a word for it, a yes under one, or a program's code."""
    if may_hold_exit_codes(label):
        return parse_cell(cell) not in (None, 0)
    name, yes = join_words(label), read_yes(str(cell))
    flagged = (name in _FLAGS and yes is True) or (name in _WELL and yes is False)
    return flagged or states_failure(cell)


def count_errors(columns: Columns, row: Sequence[Json]) -> float | None:
    """How many errors a row counts; None of one that counts none at all."""
    counters = [at for at in columns.unread if _COUNTERS.fullmatch(join_words(columns.labels[at]))]
    counted = [number for at in counters if (number := parse_cell(row[at])) is not None]
    return max(counted, default=None)


def is_zero_of_clock(reading: Reading) -> bool:
    """Whether a number is a time or rate of 0, which nothing that ran has."""
    return reading.value == 0 and tells_clock(reading.unit)


def failure_cells(columns: Columns) -> list[tuple[int, Callable[[Json], bool]]]:
    """The cells in which a row can say that its call failed, each with what tells whether it does."""
    found = (
        (columns.error, _tells_error),
        (columns.success, _denies_success),
        (columns.status, states_failure),
    )
    return [(at, tells) for at, tells in found if at is not None]


def find_failure(
    columns: Columns,
    row: Sequence[Json],
    locate: Locate,
    readings: list[Reading],
    refusals: list[Refusal],
    name: str,
) -> Failure | None:
    """Why a row is of a run that failed, and in which cell it says so; None of one that did not.

    Args:
        columns: what the cells mean.
        row: one cell per column.
        locate: the locator of the row's cell under a label.
        readings: the numbers of the row.
        refusals: of its cells that should hold numbers and do not.
        name: the row's place in the file.
    """
    told = _find_told(columns, row, locate, readings)
    if told or (not readings and not refusals and _states_success(columns, row)):
        return told
    return _find_nothing_measured(columns, row, readings, refusals, name)


def states_success(cell: Json) -> bool:
    """Whether a cell is a word for what went well (`ok`, `completed`)."""
    return str(cell).strip().lower() in _WENT_WELL


def _states_success(columns: Columns, row: Sequence[Json]) -> bool:
    """Whether a cell says that a run went well: what it gave then stands elsewhere, or nowhere."""
    told = (row[at] for at in (columns.success, columns.status) if at is not None)
    return any(map(states_success, told))


def _find_told(
    columns: Columns, row: Sequence[Json], locate: Locate, readings: list[Reading]
) -> Failure | None:
    """Why a row failed, as one of its cells says."""
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
    label = columns.labels[columns.status] if columns.status is not None else ""
    if columns.status is not None and denotes_failure(label, row[columns.status]):
        said = f"its {label.lower()} is {str(row[columns.status]).strip()}"
        return Failure(reason=said, locator=locate(label))
    if answer := _find_error_in_answer(columns, row, readings):
        at, said = answer
        marked = columns.success is not None or columns.status is not None
        return Failure(
            reason=said,
            locator=locate(columns.labels[at]),
            recorded_as="result" if marked else "error",
        )
    return None


def _gives_something(cells: Sequence[Json]) -> bool:
    """Whether some cell of results is a number that cannot be read (`≈220`), and none tells a failure."""
    texts = [cell for cell in cells if isinstance(cell, str)]
    odd = (text for text in texts if parse_cell(text) is None)
    return any(map(_DIGIT.search, odd)) and not any(map(states_failure, texts))


def _find_nothing_measured(
    columns: Columns,
    row: Sequence[Json],
    readings: list[Reading],
    refusals: list[Refusal],
    name: str,
) -> Failure | None:
    """Why a row failed whose results are blank or zero."""
    if not readings:
        if refusals and _gives_something([row[at] for at, _ in columns.readings]):
            return None
        if refusals:
            return Failure(reason=refusals[0].reason, locator=refusals[0].locator)
        return Failure(reason=BLANK, locator=name, recorded_as="blank")
    clocked = any(m.unit and tells_clock(m.unit.canonical) for _, m in columns.readings)
    if clocked and not refusals and not any(map(_tells_of_running, readings)):
        return Failure(reason=_UNCLOCKED, locator=name, recorded_as="blank")
    may_be_zero = all(reading.unit in _MAY_BE_ZERO for reading in readings)
    if not may_be_zero and all(reading.value == 0 for reading in readings):
        return Failure(
            reason="every result is zero, no error recorded",
            locator=readings[0].locator,
            recorded_as="zero",
        )
    # of several calls together, which were timed, no token may have been counted
    timed = any(is_of_calls(r.metric, r.statistic) and r.value > 0 for r in readings)
    for reading in readings:
        if reading.metric == "output_tokens" and reading.value == 0 and not timed:
            said = "no token was generated"
            return Failure(reason=said, locator=reading.locator, recorded_as="zero")
    return None


def _find_error_in_answer(
    columns: Columns, row: Sequence[Json], readings: list[Reading]
) -> tuple[int, str] | None:
    """The place and text of an error that stands for an answer, which nothing tells was generated."""
    if columns.answer is None:
        return None
    said = as_text(row[columns.answer])
    if not said or not reads_as_error(said):
        return None
    generated = any(r.metric in _GENERATED and r.value > 0 for r in readings)
    expected = any(
        as_text(cell) == said and join_words(label) in _EXPECTED
        for label, cell in zip(columns.labels, row, strict=True)
    )
    return None if generated or expected else (columns.answer, said)
