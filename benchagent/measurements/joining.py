# pyright: reportAttributeAccessIssue=false
# pyarrow.compute makes its functions at import, where no type checker sees them.
"""Parsed contents joined with the files that hold them: what depends on where a file lies.

A content may lie at several paths; its rows are repeated for each, and all but one name the path
that counts. Subjects and times that a file leaves out are taken from its path, means are tied to
the raw rows that they sum up, and calls are told apart as cold or warm. Everything works on whole
columns: a million measurements are a few dozen array operations.
"""

from collections.abc import Mapping, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchagent.measurements.file_status import describe_files
from benchagent.measurements.measurement import (
    FAILED_RUN_SCHEMA,
    MEASUREMENT_SCHEMA,
    MeasurementTable,
)
from benchagent.measurements.named_columns import encode, find_word, keep_where, put_word
from benchagent.measurements.originals import find_duplicates, find_raw_files
from benchagent.measurements.phases import tell_phases
from benchagent.measurements.segments import ParsedContents
from benchagent.measurements.spans import Indexes, JoinedFile, Spans
from benchagent.measurements.subjects import find_time_in_path, name_subjects


def join_contents(
    files: Sequence[JoinedFile], parsed: ParsedContents, proposed: Set[str] = frozenset()
) -> MeasurementTable:
    """Every record and number of every file, in the order of the files.

    What formats named in `proposed` found is listed as such, and stays out of facts.
    """
    spans = Spans(parsed)
    duplicates = find_duplicates(files, spans.n_readings)
    derived_from = find_raw_files(files, parsed.contents["format"].to_pylist(), spans)
    runs = _repeat_records(files, parsed, spans, duplicates, derived_from)
    runs, thresholds = tell_phases(runs, parsed)
    readings = _propose(_repeat_readings(runs, parsed, spans), proposed)
    return MeasurementTable(
        measurements=_conform(readings, MEASUREMENT_SCHEMA),
        failed_runs=_conform(_pick_failed_runs(runs, proposed), FAILED_RUN_SCHEMA),
        files=describe_files(files, parsed, spans, duplicates, proposed),
        phase_thresholds=tuple(thresholds),
    )


def _repeat_records(
    files: Sequence[JoinedFile],
    parsed: ParsedContents,
    spans: Spans,
    duplicates: Mapping[str, str],
    derived_from: Mapping[str, str],
) -> pa.Table:
    """One row per record and file that holds it, with all that does not vary inside a record."""
    taken = [spans.records_of(file.content) for file in files]
    at = np.concatenate([np.empty(0, np.int64), *taken])
    of_file = np.repeat(np.arange(len(files)), [len(rows) for rows in taken])
    records = _take(parsed.records, at).drop_columns("content")
    subjects = name_subjects(files, parsed, spans, derived_from)
    named = [subjects.get(file.path, (None, None)) for file in files]
    formats = parsed.contents["format"].to_pylist()
    per_file: dict[str, list[str | None]] = {
        "source_path": [file.path for file in files],
        "source_sha256": [file.sha256 for file in files],
        "duplicate_of": [duplicates.get(file.path) for file in files],
        "derived_from": [derived_from.get(file.path) for file in files],
        "format": [formats[file.content] for file in files],
        "path_subject": [subject for subject, _ in named],
        "path_subject_from": [told_by for _, told_by in named],
        "path_time": [find_time_in_path(file.path) for file in files],
    }
    encoded = {
        name: pa.array(cells, pa.string()).dictionary_encode() for name, cells in per_file.items()
    }
    repeated = pa.table(encoded).take(pa.array(of_file))
    runs = pa.table({**_columns(repeated), **_columns(records), "at": pa.array(at)})
    return _fill_from_path(runs)


def _columns(table: pa.Table) -> dict[str, pa.ChunkedArray]:
    return {name: table[name] for name in table.column_names}


def _fill_from_path(runs: pa.Table) -> pa.Table:
    """Fill in the subject and time that the data left out."""
    own = runs["subject"].cast(pa.string())
    subject, told_by, time = (
        runs[f"path_{name}"].cast(pa.string()) for name in ("subject", "subject_from", "time")
    )
    told = pc.if_else(own.is_valid(), pa.scalar("data"), told_by)
    stamped = pc.and_(runs["measured_at"].is_null(), time.is_valid())
    basis = pc.if_else(stamped, pa.scalar("filename"), runs["time_basis"].cast(pa.string()))
    record = pc.binary_join_element_wise(runs["source_path"].cast(pa.string()), runs["name"], "#")
    filled = {
        "subject": pc.coalesce(own, subject),
        "subject_from": told,
        "measured_at": pc.coalesce(runs["measured_at"], time),
        "time_basis": basis,
        "record": record,
    }
    kept = {name: runs[name] for name in runs.column_names if not name.startswith("path_")}
    return pa.table({**kept, **filled})


def _take(table: pa.Table, rows: Indexes) -> pa.Table:
    """The rows in this order; the table itself where it is its own."""
    in_place = len(rows) == table.num_rows and bool(np.all(np.diff(rows) == 1))
    return table if in_place and (not len(rows) or rows[0] == 0) else table.take(pa.array(rows))


def _repeat_readings(runs: pa.Table, parsed: ParsedContents, spans: Spans) -> pa.Table:
    """One row per number and file that holds it."""
    rows, of_run = spans.readings_of(runs["at"].to_numpy())
    readings = _take(parsed.readings, rows)
    with ThreadPoolExecutor(2, "joining") as cores:  # these are done in C, outside the lock
        locators = cores.submit(_locate, runs["name"], readings, of_run)
        columns = cores.map(lambda name: _repeat(runs, name, of_run), _OF_RUNS)
        repeated = dict(zip(_OF_RUNS, columns, strict=True))
    derived = find_word(readings["kind"], "derived")
    raw_known = repeated["derived_from"].is_valid().to_numpy(zero_copy_only=False)
    return pa.table(
        {
            **_columns(readings),
            **repeated,
            "locator": locators.result(),
            "kind": put_word(readings["kind"], "measured", derived & ~raw_known),
            "derived_from": keep_where(repeated["derived_from"], derived),
            "id": pa.array(np.arange(len(rows))),
        }
    )


def _repeat(runs: pa.Table, name: str, of_run: Indexes) -> pa.Array | pa.ChunkedArray:
    """A column of the runs for each of their numbers."""
    # Texts that repeat are taken as numbers into a list of them.
    column = encode(runs[name]) if name in _REPEATING else runs[name]
    return column.take(pa.array(of_run))


def _locate(names: pa.ChunkedArray, readings: pa.Table, of_run: Indexes) -> pa.ChunkedArray:
    """Where each number stands: the name of its record and the place in it, or a place alone."""
    place, elsewhere = readings["place"].cast(pa.string()), readings["elsewhere"]
    within = pc.binary_join_element_wise(names.take(pa.array(of_run)), place, "")
    return pc.if_else(elsewhere, place, within) if pc.any(elsewhere).as_py() else within


_REPEATING: Final = frozenset(
    (
        "source_path", "source_sha256", "duplicate_of", "derived_from", "format", "benchmark", "subject",
        "subject_from", "config", "environment", "time_basis", "phase", "record",
    )
)  # fmt: skip
_OF_RUNS: Final = (*sorted(_REPEATING), "sequence", "repetition", "measured_at")


def _propose(readings: pa.Table, proposed: Set[str]) -> pa.Table:
    """The numbers that no user has accepted, marked; they are evidence for nothing."""
    wait = find_word(readings["format"], *proposed)
    kind = put_word(readings["kind"], "proposed", wait)
    return readings.set_column(readings.column_names.index("kind"), "kind", kind)


def _pick_failed_runs(runs: pa.Table, proposed: Set[str]) -> pa.Table:
    # a summary of runs that all failed is no further failed run where those runs are listed
    summary = find_word(runs["failure_kind"], "derived")
    told_twice = summary & runs["derived_from"].is_valid().to_numpy()
    left_out = told_twice | find_word(runs["format"], *proposed)
    failed = runs.filter(pc.and_(runs["failure"].is_valid(), pa.array(~left_out)))
    return pa.table(
        {
            **_columns(failed),
            "locator": failed["failure_locator"],
            "reason": failed["failure"],
        }
    )


def _conform(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The columns of a schema, names encoded as dictionaries."""
    columns = {field.name: _encode(table[field.name], field.type) for field in schema}
    return pa.table(columns, schema=schema)


def _encode(column: pa.ChunkedArray, type: pa.DataType) -> pa.ChunkedArray:
    if not pa.types.is_dictionary(type) or pa.types.is_dictionary(column.type):
        return column.cast(type)
    return column.dictionary_encode()
