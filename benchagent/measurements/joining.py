# pyright: reportAttributeAccessIssue=false
# pyarrow.compute makes its functions at import, where no type checker sees them.
"""Parsed contents joined with the files that hold them: what depends on where a file lies.

A content may lie at several paths; its rows are repeated for each, and all but one name the path
that counts. Subjects and times that a file leaves out are taken from its path, means are tied to
the raw rows that they sum up, and calls are told apart as cold or warm. Everything works on whole
columns: a million measurements are a few dozen array operations.
"""

from collections.abc import Iterator, Sequence, Set
from concurrent.futures import Executor
from itertools import chain
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchagent.arrays import Ints, Mask
from benchagent.measurements.held_files import JoinedFile
from benchagent.measurements.measurement import FAILED_RUN_SCHEMA, MEASUREMENT_SCHEMA, Part
from benchagent.measurements.named_columns import (
    codes_of,
    encode,
    fill_in,
    find_word,
    join_names,
    keep_where,
    name_codes,
    put_word,
    shed,
)
from benchagent.measurements.parsed.segments import ParsedContents
from benchagent.measurements.parsed.spans import Spans, spans_within, take_rows
from benchagent.measurements.path_settings import fill_settings
from benchagent.measurements.path_statistics import tell_statistic
from benchagent.measurements.phases import PhaseThreshold, tell_phases
from benchagent.measurements.subjects import find_time_in_path

# What a part may take, and what a row of it takes beside its texts.
MOST_BYTES: Final = 64 * 1024 * 1024
_ROW_BYTES: Final = 120


def join_contents(
    files: Sequence[JoinedFile],
    parsed: ParsedContents,
    thresholds: Sequence[PhaseThreshold],
    proposed: Set[str],
    first_id: int,
    cores: Executor,
) -> Iterator[Part]:
    """Every record and number of these files, in their order.

    Args:
        files: some that follow one another; `content` is a row of `parsed.contents`.
        parsed: their contents.
        thresholds: of all files.
        proposed: formats whose numbers are listed as such, and stay out of facts.
        first_id: of the first number; the others follow.
        cores: where columns are made at once.
    """
    spans = Spans(parsed)
    runs = _repeat_records(files, parsed, spans)
    runs = runs.append_column("phase", tell_phases(runs, thresholds))
    for some in _cut(runs, parsed, spans):
        readings = _propose(_repeat_readings(some, parsed, spans, cores), proposed)
        ids = pa.array(np.arange(first_id, first_id + readings.num_rows))
        yield Part(
            _conform(readings.append_column("id", ids), MEASUREMENT_SCHEMA),
            _conform(_pick_failed_runs(some, proposed), FAILED_RUN_SCHEMA),
        )
        first_id += readings.num_rows


def _cut(runs: pa.Table, parsed: ParsedContents, spans: Spans) -> Iterator[pa.Table]:
    """The runs, as many at a time as a part has room for; one at least."""
    at = runs["at"].to_numpy()
    names = pc.binary_length(runs["name"]).to_numpy()
    place, raw = encode(parsed.readings["place"]), pc.binary_length(parsed.readings["raw_value"])
    of_place = pc.binary_length(place.dictionary).to_numpy()
    longest = sum(int(lengths.max(initial=0)) for lengths in (names, of_place, raw.to_numpy()))
    if spans.count_readings(at).sum() * (_ROW_BYTES + longest) <= MOST_BYTES:
        yield runs
        return
    rows, of_run, _ = spans.readings_of(at)
    texts = of_place[codes_of(place)] + raw.to_numpy()
    size = np.bincount(of_run, _ROW_BYTES + texts[rows] + names[of_run], minlength=len(at))
    for span in spans_within(np.cumsum(size), MOST_BYTES):
        yield runs.slice(span.start, span.stop - span.start)


def _repeat_records(files: Sequence[JoinedFile], parsed: ParsedContents, spans: Spans) -> pa.Table:
    """One row per record and file that holds it, with all that does not vary inside a record."""
    taken = [spans.records_of(file.content) for file in files]
    at = np.concatenate([np.empty(0, np.int64), *taken])
    of_file = np.repeat(np.arange(len(files)), [len(rows) for rows in taken])
    records = take_rows(parsed.records, at).drop_columns("content")
    subjects = [file.subject or (None, None) for file in files]
    per_file: dict[str, list[str | None]] = {
        "source_path": [file.path for file in files],
        "source_sha256": [file.sha256 for file in files],
        "duplicate_of": [file.duplicate_of for file in files],
        "derived_from": [file.derived_from for file in files],
        "format": [file.format for file in files],
        "path_subject": [subject for subject, _ in subjects],
        "path_subject_from": [told_by for _, told_by in subjects],
        "path_settings": [file.settings for file in files],
        "told_statistic": [tell_statistic(file.path, file.format) for file in files],
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
    """Fill in the subject, settings and time that the data left out."""
    told = runs["subject"].is_valid().to_numpy()
    time = runs["path_time"].cast(pa.string())
    stamped = pc.and_(runs["measured_at"].is_null(), time.is_valid()).to_numpy()
    record = pc.binary_join_element_wise(runs["source_path"].cast(pa.string()), runs["name"], "#")
    filled = {
        "subject": fill_in(runs["subject"], runs["path_subject"]),
        "subject_from": put_word(runs["path_subject_from"], "data", told),
        "config": fill_settings(runs["source_path"], runs["path_settings"], runs["config"]),
        "measured_at": pc.coalesce(runs["measured_at"], time),
        "time_basis": put_word(runs["time_basis"], "filename", stamped),
        "record": record,
    }
    kept = {name: runs[name] for name in runs.column_names if not name.startswith("path_")}
    return pa.table({**kept, **filled})


def _repeat_readings(
    runs: pa.Table, parsed: ParsedContents, spans: Spans, cores: Executor
) -> pa.Table:
    """One row per number and file that holds it."""
    rows, of_run, lengths = spans.readings_of(runs["at"].to_numpy())
    readings = take_rows(parsed.readings, rows)
    locators = cores.submit(_locate, runs["name"], readings, of_run)
    columns = cores.map(
        lambda name: (
            _repeat(runs[name], lengths) if name in _REPEATING else runs[name].take(of_run)
        ),
        _OF_RUNS,
    )
    own = cores.map(lambda name: _shed(readings[name]), _OF_READINGS)
    repeated = dict(zip((*_OF_RUNS, *_OF_READINGS), chain(columns, own), strict=True))
    derived = find_word(repeated["kind"], "derived")
    raw_known = repeated["derived_from"].is_valid().to_numpy(zero_copy_only=False)
    return pa.table(
        {
            **repeated,
            "statistic": _tell_statistics(
                runs, of_run, repeated["statistic"], find_word(repeated["kind"], "measured")
            ),
            "locator": locators.result(),
            "kind": put_word(repeated["kind"], "measured", derived & ~raw_known),
            "derived_from": keep_where(repeated["derived_from"], derived),
        }
    )


def _tell_statistics(
    runs: pa.Table, of_run: Ints, stated: pa.ChunkedArray, measured: Mask
) -> pa.DictionaryArray:
    """The statistics, with what a file's name tells of its single numbers that are of no numbered run."""
    statistic, told = encode(stated), encode(runs["told_statistic"])
    if not len(told.dictionary):
        return statistic
    alone = runs["repetition"].is_null().to_numpy()[of_run]
    alone = alone & find_word(statistic, "value") & measured
    for word in told.dictionary.to_pylist():
        statistic = put_word(statistic, word, alone & find_word(told, word)[of_run])
    return statistic


def _repeat(column: pa.ChunkedArray, lengths: Ints) -> pa.DictionaryArray:
    """A column of the runs for each of their numbers, as numbers into a list of its texts."""
    names = shed(column)
    return name_codes(np.repeat(codes_of(names), lengths), names.dictionary)


def _shed(column: pa.ChunkedArray) -> pa.DictionaryArray | pa.ChunkedArray:
    """The column, with a list of those texts alone that it holds if it is numbers into one."""
    return shed(column) if pa.types.is_dictionary(column.type) else column


def _locate(names: pa.ChunkedArray, readings: pa.Table, of_run: Ints) -> pa.Array | pa.ChunkedArray:
    """Where each number stands: the name of its record and the place in it, or a place alone."""
    place, elsewhere = shed(readings["place"]), readings["elsewhere"]
    within = join_names(shed(names), of_run, place)
    if not pc.any(elsewhere).as_py():
        return within
    return pc.if_else(elsewhere, place.cast(pa.string()), within)


_REPEATING: Final = frozenset(
    (
        "source_path", "source_sha256", "duplicate_of", "derived_from", "format", "benchmark", "subject",
        "subject_from", "config", "environment", "time_basis", "phase", "record",
    )
)  # fmt: skip
_OF_RUNS: Final = (*sorted(_REPEATING), "sequence", "repetition", "measured_at")
_OF_FAILURES: Final = tuple(
    name for name in FAILED_RUN_SCHEMA.names if name not in ("locator", "reason")
)
_OF_READINGS: Final = (
    "metric", "statistic", "definition", "value", "unit", "n", "raw_value", "raw_unit", "population",
    "kind",
)  # fmt: skip


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
            **{name: _shed(failed[name]) for name in _OF_FAILURES},
            "locator": failed["failure_locator"],
            "reason": failed["failure"],
        }
    )


def _conform(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The columns of a schema, names encoded as dictionaries."""
    columns = {field.name: _encode(table[field.name], field.type) for field in schema}
    return pa.table(columns, schema=schema)


def _encode(column: pa.ChunkedArray, type: pa.DataType) -> pa.ChunkedArray | pa.DictionaryArray:
    return encode(column) if pa.types.is_dictionary(type) else column.cast(type)
