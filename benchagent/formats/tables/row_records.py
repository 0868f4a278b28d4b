"""Rows whose columns are understood, as records: the same for tables, lists and lines."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from benchagent.formats.tables.call_columns import Columns
from benchagent.formats.tables.call_records import NO_RUN, is_no_run, read_record
from benchagent.formats.tables.clipped_times import find_clipped
from benchagent.formats.tables.definitions import LEARNT_FROM
from benchagent.formats.tables.doubtful_numbers import Doubts, find_doubts
from benchagent.formats.tables.merged_cells import fill_merged
from benchagent.formats.tables.rows_about_others import find_about_others
from benchagent.formats.tables.rows_not_run import find_not_run
from benchagent.formats.tables.summing_rows import (
    find_notes,
    find_sums,
    find_unfinished,
    find_warm_ups,
)
from benchagent.formats.tables.tests_in_headings import part_by_test
from benchagent.formats.tables.times_of_rows import order_by_time
from benchagent.formats.tables.units_beside import find_denied_below
from benchagent.mappings.rows import Row, Rows
from benchagent.measurements.json_trees import Json
from benchagent.measurements.readings import Failure, Kind, Parsed, Record, Refusal
from benchagent.quantities.numbers import parse_cell

_A_SUM: Final = "it sums up other rows"
_ABOUT_OTHERS: Final = "it compares other rows, or says what was wanted of them: no run"
_A_WARM_UP: Final = "a warm-up, which is no run of what was measured"
_A_NOTE: Final = "a note, which is no run"
_NOT_RUN: Final = "it says that it was not run: neither a run nor a failure"
_UNFINISHED: Final = "it was not over when this was written: its numbers are not the last ones"
_ELSEWHERE: Final = (
    "what it gives stands in columns that are not understood, and not in those of the other rows"
)
_GIVES_NOTHING: Final = "it went well by its own word, and gives none of the results"
_NAMELESS: Final = "it names no model, as other rows do: of which it is, nothing tells"


def parse_rows(
    rows: Rows,
    columns: Columns,
    *,
    format: str,
    benchmark: str,
    kind: Kind = "measured",
    only_runs: bool = False,
) -> Parsed:
    """All rows; those that cannot be read, and those that are no runs, are refused.

    Args:
        rows: of the file.
        columns: what they hold.
        format: the name of the format that reads them.
        benchmark: what each row is one of.
        kind: of their numbers.
        only_runs: no row is a sum or a warm-up, whatever words stand in it (a prompt may be `Total`).
    """
    records: list[Record] = []
    refusals: list[Refusal] = [*rows.refusals]
    sums: set[int] = set() if only_runs else find_sums(rows, columns)
    warm_ups: set[int] = set() if only_runs else find_warm_ups(rows, columns)
    notes: set[int] = set() if only_runs else find_notes(rows, columns)
    about: set[int] = set() if only_runs else find_about_others(rows, columns)
    rows = fill_merged(rows, columns, sums | notes | about)
    left_out = {
        **dict.fromkeys(find_unfinished(rows, columns), _UNFINISHED),
        **dict.fromkeys(find_not_run(rows, columns), _NOT_RUN),
        **dict.fromkeys(notes, _A_NOTE),
        **dict.fromkeys(warm_ups, _A_WARM_UP),
        **dict.fromkeys(about, _ABOUT_OTHERS),
        **dict.fromkeys(sums, _A_SUM),
    }
    runs = [row for at, row in enumerate(rows.rows) if at not in left_out]
    doubts, clipped = find_doubts(runs, columns), find_clipped(runs, columns)
    for name, at, reason in find_denied_below(rows, columns):
        doubts.setdefault(name, {})[at] = reason
    read = list(read_rows(rows, columns, benchmark=benchmark, kind=kind, doubts=doubts))
    left_out = dict.fromkeys(_find_elsewhere(read, columns), _ELSEWHERE) | left_out
    for at, (row, record, refused) in enumerate(read):
        if at in left_out:
            refusals.append(Refusal(locator=record.name, reason=left_out[at]))
            continue
        if is_no_run(record, columns) or _lacks_results(row, record, columns):
            refusals.append(Refusal(locator=record.name, reason=NO_RUN))
            continue
        if not record.readings and record.failure is None and not refused:
            refusals.append(Refusal(locator=record.name, reason=_GIVES_NOTHING))
            continue
        if record.subject is None and columns.model is not None and row.cells[columns.model] == "":
            refusals.append(Refusal(locator=record.name, reason=_NAMELESS))
            continue
        if row.name in clipped and record.failure is None:
            record, refused = _stop(record, row, columns, *clipped[row.name]), []
        records.append(record)
        refusals.extend(refused)
    ordered = records if columns.sequence is not None else order_by_time(records)
    return Parsed(
        format=format,
        records=tuple(part_by_test(ordered, rows, columns)),
        refusals=tuple(refusals),
        reason=say_unread(columns),
    )


def _stop(record: Record, row: Row, columns: Columns, at: int, reason: str) -> Record:
    """The record of a run that a limit stopped: what it would have taken, nobody knows."""
    marked = columns.success is not None or columns.status is not None
    failure = Failure(
        reason=reason,
        locator=row.locate(columns.labels[at]),
        recorded_as="result" if marked else "error",
    )
    return replace(record, readings=(), failure=failure)


def _lacks_results(row: Row, record: Record, columns: Columns) -> bool:
    """Whether an object has no field of a result, so that it tells of something else than a run."""
    blank = record.failure is not None and record.failure.recorded_as == "blank"
    return blank and all(row.cells[at] is None for at, _ in columns.readings)


def _find_elsewhere(
    read: Sequence[tuple[Row, Record, list[Refusal]]], columns: Columns
) -> list[int]:
    """The places of rows without results whose numbers stand where no row with results has any.

    A script that joins what several tests wrote leaves the columns of all others blank.
    """
    blank = [
        at
        for at, (_, record, _) in enumerate(read)
        if record.failure is not None and record.failure.recorded_as == "blank"
    ]
    others = [row for row, record, _ in read if record.readings] if blank else []
    apart = [at for at in columns.unread if all(row.cells[at] in (None, "") for row in others)]
    return [at for at in blank if others and any(_is_number(read[at][0].cells[c]) for c in apart)]


def _is_number(cell: Json) -> bool:
    return parse_cell(cell) is not None


def read_rows(
    rows: Rows,
    columns: Columns,
    *,
    benchmark: str,
    kind: Kind = "measured",
    doubts: Doubts | None = None,
) -> Iterator[tuple[Row, Record, list[Refusal]]]:
    """Each row, its record, and those of its cells that should hold numbers and do not."""
    for at, row in enumerate(rows.rows):
        record, refused = read_record(
            columns,
            row.cells,
            row.locate,
            name=row.name,
            sequence=at,
            benchmark=benchmark,
            kind=kind,
            model=rows.model,
            doubts=(doubts or {}).get(row.name, {}),
        )
        yield row, record, refused


def first_cells(rows: Rows) -> list[Sequence[Json]]:
    """The cells of the first rows: enough to learn the definitions from."""
    return [row.cells for row in rows.rows[:LEARNT_FROM]]


def say_unread(columns: Columns) -> str | None:
    """What of a file was not read, in words, if anything."""
    return f"columns not understood: {', '.join(columns.unknown)}" if columns.unknown else None
