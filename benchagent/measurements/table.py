"""Every number somebody measured, with the file and the place that it came from.

Formats read bytes into `Record`s that know nothing of paths (`benchagent.measurements.readings`); here they
are joined with the files of a snapshot into one table (`MEASUREMENT_SCHEMA`), one row per number.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

import pyarrow as pa

from benchagent.collection import collection_paused
from benchagent.formats import experimental_formats, formats_version
from benchagent.inventory.listing import SourceFile
from benchagent.mappings.mapping import ColumnMapping
from benchagent.measurements.file_status import FileStatus
from benchagent.measurements.joining import join_contents
from benchagent.measurements.parsed_store import ParsedStore
from benchagent.measurements.parsing import parse_contents, parse_mapped
from benchagent.measurements.phases import PhaseThreshold
from benchagent.measurements.readings import (
    ListedKind,
    Phase,
    Population,
    RecordedAs,
    TimeBasis,
)
from benchagent.measurements.segments import ContentKey
from benchagent.measurements.spans import JoinedFile

_NAME: Final = pa.dictionary(pa.int32(), pa.string())

MEASUREMENT_SCHEMA: Final = pa.schema(
    [
        ("id", pa.int64()),
        ("source_path", _NAME),
        ("source_sha256", _NAME),
        ("duplicate_of", _NAME),
        ("format", _NAME),
        ("record", _NAME),
        ("sequence", pa.int32()),
        ("repetition", pa.int32()),
        ("locator", pa.string()),
        ("benchmark", _NAME),
        ("subject", _NAME),
        ("subject_from", _NAME),
        ("config", _NAME),
        ("environment", _NAME),
        ("metric", _NAME),
        ("statistic", _NAME),
        ("definition", _NAME),
        ("value", pa.float64()),
        ("unit", _NAME),
        ("n", pa.int64()),
        ("raw_value", pa.string()),
        ("raw_unit", _NAME),
        ("measured_at", pa.string()),
        ("time_basis", _NAME),
        ("population", _NAME),
        ("phase", _NAME),
        ("kind", _NAME),
        ("derived_from", _NAME),
    ]
)
FAILED_RUN_SCHEMA: Final = pa.schema(
    [
        ("source_path", _NAME),
        ("source_sha256", _NAME),
        ("duplicate_of", _NAME),
        ("format", _NAME),
        ("record", pa.string()),
        ("sequence", pa.int32()),
        ("locator", pa.string()),
        ("benchmark", _NAME),
        ("subject", _NAME),
        ("subject_from", _NAME),
        ("config", _NAME),
        ("environment", _NAME),
        ("measured_at", pa.string()),
        ("time_basis", _NAME),
        ("recorded_as", _NAME),
        ("reason", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One row of the measurement table; the columns are those of DESIGN §5."""

    id: int
    source_path: str
    source_sha256: str
    duplicate_of: str | None
    format: str
    record: str
    sequence: int
    repetition: int | None
    locator: str
    benchmark: str
    subject: str | None
    subject_from: str | None
    config: str
    environment: str
    metric: str
    statistic: str
    definition: str | None
    value: float
    unit: str | None
    n: int | None
    raw_value: str
    raw_unit: str | None
    measured_at: str | None
    time_basis: TimeBasis | None
    population: Population
    phase: Phase | None
    kind: ListedKind
    derived_from: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedRun:
    """A benchmark execution that gave no result, in the source's own words."""

    source_path: str
    source_sha256: str
    duplicate_of: str | None
    format: str
    record: str
    sequence: int
    locator: str
    benchmark: str
    subject: str | None
    subject_from: str | None
    config: str
    environment: str
    measured_at: str | None
    time_basis: TimeBasis | None
    recorded_as: RecordedAs
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasurementTable:
    """All that a snapshot says: numbers, failed runs, and what became of every file.

    Attributes:
        measurements: `MEASUREMENT_SCHEMA`, ordered by path and place in the file.
        failed_runs: `FAILED_RUN_SCHEMA`, in the same order.
    """

    measurements: pa.Table
    failed_runs: pa.Table
    files: tuple[FileStatus, ...]
    phase_thresholds: tuple[PhaseThreshold, ...]

    def __iter__(self) -> Iterator[Measurement]:
        """Every measurement as a row, batch by batch."""
        for batch in self.measurements.to_batches(max_chunksize=10_000):
            for row in batch.to_pylist():
                yield Measurement(**row)

    def iter_failed_runs(self) -> Iterator[FailedRun]:
        """Every failed run as a row."""
        for row in self.failed_runs.to_pylist():
            yield FailedRun(**row)


def measure(
    files: Iterable[SourceFile],
    read_blob: Callable[[str], bytes],
    out: Path,
    *,
    accepted_formats: Collection[str] = (),
    mappings: Collection[ColumnMapping] = (),
) -> MeasurementTable:
    """Everything that the files of a snapshot measured, each content parsed once for all time.

    Args:
        files: the snapshot's files; those without retained bytes are listed with their reason.
        read_blob: the bytes of a SHA-256.
        out: the folder of generated data; parsed contents are kept in it under `parsed/`.
        accepted_formats: names of experimental formats that a user vouches for, or `all`; the
            numbers of the others are listed as `proposed`, their failed runs only counted.
        mappings: by which files of no known format are read, one for a shape.
    """
    ordered = sorted(files, key=lambda file: file.path)
    kept = [file for file in ordered if file.retained]
    keys = [ContentKey(file.sha256, PurePosixPath(file.path).suffix.lower()) for file in kept]
    store = ParsedStore(out / "parsed" / formats_version())
    with collection_paused():
        parse_contents(store.find_unknown(keys), read_blob, store)
        if mappings:
            keys = _map_unknown(keys, mappings, read_blob, store)
    distinct = list(dict.fromkeys(keys))
    parsed = store.load(distinct)
    places = {key: place for place, key in enumerate(distinct)}
    joined_files = [
        JoinedFile(path=file.path, sha256=file.sha256, content=places[key])
        for file, key in zip(kept, keys, strict=True)
    ]
    joined = join_contents(joined_files, parsed, _find_proposed(accepted_formats))
    became = {status.path: status for status in joined.files}
    return MeasurementTable(
        measurements=_conform(joined.measurements, MEASUREMENT_SCHEMA),
        failed_runs=_conform(joined.failed_runs, FAILED_RUN_SCHEMA),
        files=tuple(became.get(file.path) or _not_retained(file) for file in ordered),
        phase_thresholds=joined.phase_thresholds,
    )


def _map_unknown(
    keys: list[ContentKey],
    mappings: Iterable[ColumnMapping],
    read_blob: Callable[[str], bytes],
    store: ParsedStore,
) -> list[ContentKey]:
    """The keys, those of no known format with the mapping that they are now read by."""
    by_shape = {mapping.shape: mapping for mapping in mappings}
    by_name = {mapping.name: mapping for mapping in by_shape.values()}
    names = {
        key: by_shape[shape].name
        for key, shape in store.find_shapes(keys).items()
        if shape in by_shape
    }
    mapped = [key._replace(mapping=names.get(key, "")) for key in keys]
    parse_mapped(store.find_unknown(mapped), by_name, read_blob, store)
    return mapped


def _not_retained(file: SourceFile) -> FileStatus:
    return FileStatus(path=file.path, sha256=file.sha256, reason=file.reason)


def _find_proposed(accepted: Collection[str]) -> frozenset[str]:
    return frozenset() if "all" in accepted else experimental_formats() - frozenset(accepted)


def _conform(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The columns of a schema, names encoded as dictionaries."""
    columns = {field.name: _encode(table[field.name], field.type) for field in schema}
    return pa.table(columns, schema=schema)


def _encode(column: pa.ChunkedArray, type: pa.DataType) -> pa.ChunkedArray:
    if not pa.types.is_dictionary(type) or pa.types.is_dictionary(column.type):
        return column.cast(type)
    return column.dictionary_encode()
