# pyright: reportAttributeAccessIssue=false
# pyarrow.compute makes its functions at import, where no type checker sees them.
"""Parsed contents joined with the files that hold them: what depends on where a file lies.

A content may lie at several paths; its rows are repeated for each, and all but one name the path
that counts. Subjects and times that a file leaves out are taken from its path, means are tied to
the raw rows that they sum up, and calls are told apart as cold or warm. Everything works on whole
columns: a million measurements are a few dozen array operations.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchagent.measurements.named_columns import Flags, encode, find_word
from benchagent.measurements.phases import PhaseThreshold, tell_phases
from benchagent.measurements.readings import ReasonCode
from benchagent.measurements.segments import ParsedContents
from benchagent.measurements.subjects import find_raw_file, find_subject_in_path, find_time_in_path

_EMPTY_SHA256: Final = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
# Tables of a write-up speak of many models; the file's name says nothing of one row.
_MANY_SUBJECTS: Final = "markdown"

Indexes = np.ndarray[Any, np.dtype[np.int64]]


class JoinedFile(NamedTuple):
    """A file and the row of its content."""

    path: str
    sha256: str
    content: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FileOutcome:
    """What a file gave, and what its path added."""

    format: str | None
    n_measurements: int
    n_failed: int
    reason_code: ReasonCode | None
    reason: str | None
    duplicate_of: str | None
    shape: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """Columns of the measurement table and of the failed runs, and what became of each file."""

    measurements: pa.Table
    failed_runs: pa.Table
    outcomes: Mapping[str, FileOutcome]
    phase_thresholds: tuple[PhaseThreshold, ...]


def join_contents(
    files: Sequence[JoinedFile], parsed: ParsedContents, proposed: Set[str] = frozenset()
) -> Joined:
    """Every record and number of every file, in the order of the files.

    What formats named in `proposed` found is listed as such, and stays out of facts.
    """
    spans = _Spans(parsed)
    duplicates = find_duplicates(files, spans.n_readings)
    derived_from = _find_raw_files(files, parsed.contents["format"].to_pylist(), spans)
    runs = _repeat_records(files, parsed, spans, duplicates, derived_from)
    runs, thresholds = tell_phases(runs, parsed)
    return Joined(
        measurements=_propose(_repeat_readings(runs, parsed, spans), proposed),
        failed_runs=_pick_failed_runs(runs.filter(pc.invert(_is_in(runs["format"], proposed)))),
        outcomes=_describe_files(files, parsed, spans, duplicates, proposed),
        phase_thresholds=tuple(thresholds),
    )


class _Spans:
    """Which records belong to a content and which readings to a record, as runs of rows."""

    def __init__(self, parsed: ParsedContents) -> None:
        content = parsed.records["content"].to_numpy()
        record = parsed.readings["record"].to_numpy()
        n_contents, n_records = parsed.contents.num_rows, parsed.records.num_rows
        self.records = np.argsort(content, kind="stable").astype(np.int64)
        self.record_start = np.searchsorted(content[self.records], np.arange(n_contents + 1))
        self.reading_start = np.searchsorted(record, np.arange(n_records + 1))
        failed = parsed.records["failure"].is_valid().to_numpy()
        self.n_failed = np.bincount(content[failed], minlength=n_contents)
        self.n_readings = np.bincount(content[record], minlength=n_contents)
        derives = np.zeros(n_contents, bool)
        derives[content[record[find_word(parsed.readings["kind"], "derived")]]] = True
        derives[content[find_word(parsed.records["failure_kind"], "derived")]] = True
        measures = np.zeros(n_contents, bool)
        measures[content[record[find_word(parsed.readings["kind"], "measured")]]] = True
        self.sums_up = derives & ~measures
        self.sums_up_itself = derives & measures

    def records_of(self, content: int) -> Indexes:
        """The rows of a content's records, in the order of its file."""
        return self.records[self.record_start[content] : self.record_start[content + 1]]


def find_duplicates(
    files: Sequence[JoinedFile], n_readings: Sequence[int] | Indexes
) -> dict[str, str]:
    """For every file whose bytes lie elsewhere too, the path that counts: the shortest, then first.

    A file that gave numbers counts before one whose ending kept it from being read.
    """
    same: defaultdict[str, list[JoinedFile]] = defaultdict(list)
    for file in files:
        if file.sha256 != _EMPTY_SHA256:
            same[file.sha256].append(file)
    duplicates: dict[str, str] = {}
    for group in same.values():
        counts = min(group, key=lambda f: (not n_readings[f.content], len(f.path), f.path))
        duplicates |= {file.path: counts.path for file in group if file is not counts}
    return duplicates


def _find_raw_files(
    files: Sequence[JoinedFile], formats: Sequence[str | None], spans: _Spans
) -> dict[str, str]:
    told = spans.n_readings + spans.n_failed
    raw = [f.path for f in files if told[f.content] and not spans.sums_up[f.content]]
    summaries = [f.path for f in files if spans.sums_up[f.content]]
    named: defaultdict[str, list[str]] = defaultdict(list)
    for path in raw:
        named[path.rpartition(".")[0]].append(path)
    told_in = {file.path: formats[file.content] for file in files}
    found = {path: find_raw_file(path, raw) for path in summaries}
    # a tool may write its runs as JSON, or as YAML too, and what sums them up as CSV of that name
    for path in summaries:
        twins = sorted(named[path.rpartition(".")[0]])
        if not found[path] and len({told_in[twin] for twin in twins}) == 1:
            found[path] = twins[0]
    own = {f.path: f.path for f in files if spans.sums_up_itself[f.content]}
    return own | {path: source for path, source in found.items() if source}


def _repeat_records(
    files: Sequence[JoinedFile],
    parsed: ParsedContents,
    spans: _Spans,
    duplicates: Mapping[str, str],
    derived_from: Mapping[str, str],
) -> pa.Table:
    """One row per record and file that holds it, with all that does not vary inside a record."""
    taken = [spans.records_of(file.content) for file in files]
    at = np.concatenate([np.empty(0, np.int64), *taken])
    of_file = np.repeat(np.arange(len(files)), [len(rows) for rows in taken])
    records = _take(parsed.records, at).drop_columns("content")
    subjects = _name_subjects(files, parsed, spans, derived_from)
    formats = parsed.contents["format"].to_pylist()
    per_file = pa.table(
        {
            "source_path": [file.path for file in files],
            "source_sha256": [file.sha256 for file in files],
            "duplicate_of": [duplicates.get(file.path) for file in files],
            "derived_from": [derived_from.get(file.path) for file in files],
            "format": [formats[file.content] for file in files],
            "path_subject": [subjects[file.path][0] for file in files],
            "path_subject_from": [subjects[file.path][1] for file in files],
            "path_time": [find_time_in_path(file.path) for file in files],
        },
        schema=pa.schema([(name, pa.string()) for name in _PER_FILE]),
    )
    encoded = pa.table({name: encode(per_file[name]) for name in _PER_FILE})
    repeated = encoded.take(pa.array(of_file))
    runs = pa.table({**_columns(repeated), **_columns(records), "at": pa.array(at)})
    return _fill_from_path(runs)


_PER_FILE: Final = (
    "source_path",
    "source_sha256",
    "duplicate_of",
    "derived_from",
    "format",
    "path_subject",
    "path_subject_from",
    "path_time",
)


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


def _name_subjects(
    files: Sequence[JoinedFile],
    parsed: ParsedContents,
    spans: _Spans,
    derived_from: Mapping[str, str],
) -> dict[str, tuple[str | None, str | None]]:
    """For each file, the subject of records that name none: its raw file's, else its path's."""
    encoded = encode(parsed.records["subject"])
    names = [*encoded.dictionary.to_pylist(), None]
    subjects = encoded.indices.fill_null(-1).to_numpy()
    known = frozenset(name for name in names if name)
    formats = parsed.contents["format"].to_pylist()
    content = {file.path: file.content for file in files}
    named: dict[str, tuple[str | None, str | None]] = {}
    for file in files:
        named[file.path] = (None, None)
        if formats[file.content] == _MANY_SUBJECTS:
            continue
        if raw := derived_from.get(file.path):
            of_raw = {names[subjects[at]] for at in spans.records_of(content[raw])} - {None}
            if len(of_raw) == 1:
                named[file.path] = (of_raw.pop(), "file-name")
                continue
        if found := find_subject_in_path(file.path, known):
            named[file.path] = found
    return named


def _take(table: pa.Table, rows: Indexes) -> pa.Table:
    """The rows in this order; the table itself where it is its own."""
    in_place = len(rows) == table.num_rows and bool(np.all(np.diff(rows) == 1))
    return table if in_place and (not len(rows) or rows[0] == 0) else table.take(pa.array(rows))


def _repeat_readings(runs: pa.Table, parsed: ParsedContents, spans: _Spans) -> pa.Table:
    """One row per number and file that holds it."""
    at = runs["at"].to_numpy()
    starts, stops = spans.reading_start[at], spans.reading_start[at + 1]
    of_run = np.repeat(np.arange(len(at)), stops - starts)
    first = (
        np.repeat(starts - np.concatenate([[0], np.cumsum(stops - starts)[:-1]]), stops - starts)
        if len(at)
        else np.empty(0, np.int64)
    )
    rows = (np.arange(len(of_run)) + first).astype(np.int64)
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
            "kind": _rename(readings["kind"], "measured", derived & ~raw_known),
            "derived_from": _only_where(repeated["derived_from"], derived),
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


def _rename(column: pa.ChunkedArray, word: str, rows: Flags) -> pa.DictionaryArray:
    """The column with `word` in some rows."""
    encoded = encode(column)
    if not rows.any():
        return encoded
    names = encoded.dictionary.to_pylist()
    names += [] if word in names else [word]
    codes = encoded.indices.fill_null(-1).to_numpy()
    codes = np.where(rows, names.index(word), codes)
    return pa.DictionaryArray.from_arrays(
        pa.array(codes, pa.int32(), mask=codes < 0), pa.array(names, pa.string())
    )


def _only_where(column: pa.DictionaryArray, rows: Flags) -> pa.DictionaryArray:
    codes = np.where(rows, column.indices.fill_null(-1).to_numpy(), -1)
    return pa.DictionaryArray.from_arrays(
        pa.array(codes, pa.int32(), mask=codes < 0), column.dictionary
    )


def _is_in(column: pa.ChunkedArray, names: Set[str]) -> pa.ChunkedArray:
    return pc.is_in(column.cast(pa.string()), pa.array(sorted(names), pa.string()))


def _propose(readings: pa.Table, proposed: Set[str]) -> pa.Table:
    """The numbers that no user has accepted, marked; they are evidence for nothing."""
    wait = np.zeros(readings.num_rows, bool)
    for name in proposed:
        wait |= find_word(readings["format"], name)
    kind = _rename(readings["kind"], "proposed", wait)
    return readings.set_column(readings.column_names.index("kind"), "kind", kind)


def _pick_failed_runs(runs: pa.Table) -> pa.Table:
    # a summary of runs that all failed is no further failed run where those runs are listed
    told_twice = (
        find_word(runs["failure_kind"], "derived") & runs["derived_from"].is_valid().to_numpy()
    )
    failed = runs.filter(pc.and_(runs["failure"].is_valid(), pa.array(~told_twice)))
    return pa.table(
        {
            **_columns(failed),
            "locator": failed["failure_locator"],
            "reason": failed["failure"],
        }
    )


def _describe_files(
    files: Sequence[JoinedFile],
    parsed: ParsedContents,
    spans: _Spans,
    duplicates: Mapping[str, str],
    proposed: Set[str],
) -> dict[str, FileOutcome]:
    contents = parsed.contents.to_pylist()
    return {
        file.path: FileOutcome(
            format=contents[file.content]["format"],
            n_measurements=int(spans.n_readings[file.content]),
            n_failed=int(spans.n_failed[file.content]),
            reason_code=contents[file.content]["reason_code"],
            reason=_say_reason(contents[file.content], proposed),
            duplicate_of=duplicates.get(file.path),
            shape=contents[file.content]["shape"],
        )
        for file in files
    }


def _say_reason(content: Mapping[str, Any], proposed: Set[str]) -> str | None:
    said = [content["reason"]] if content["reason"] else []
    if content["format"] in proposed:
        said.insert(0, "an experimental format: its numbers stay out of facts until accepted")
    if content["refused"]:
        said.append(f"{content['refused']} places refused, the first {content['first_refusal']}")
    return "; ".join(said) or None
