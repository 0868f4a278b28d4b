"""Every number somebody measured, with the file and the place that it came from.

Formats read bytes into `Record`s that know nothing of paths (`benchagent.measurements.readings`);
joined with the files of a snapshot they are rows of one table (`MEASUREMENT_SCHEMA`), one per
number.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Final, NamedTuple

import pyarrow as pa

from benchagent.measurements.file_status import FileStatus
from benchagent.measurements.phases import PhaseThreshold
from benchagent.measurements.readings import ListedKind, Phase, Population, RecordedAs, TimeBasis


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One row of the measurement table."""

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


_NAME: Final = pa.dictionary(pa.int32(), pa.string())
# Every other column holds texts that repeat.
_TYPES: Final[dict[str, pa.DataType]] = {
    "id": pa.int64(),
    "sequence": pa.int32(),
    "repetition": pa.int32(),
    "locator": pa.string(),
    "value": pa.float64(),
    "n": pa.int64(),
    "raw_value": pa.string(),
    "measured_at": pa.string(),
}
_TYPES_OF_FAILURES: Final = _TYPES | {"record": pa.string(), "reason": pa.string()}


def _schema(row: type, types: dict[str, pa.DataType]) -> pa.Schema:
    return pa.schema([(column.name, types.get(column.name, _NAME)) for column in fields(row)])


MEASUREMENT_SCHEMA: Final = _schema(Measurement, _TYPES)
FAILED_RUN_SCHEMA: Final = _schema(FailedRun, _TYPES_OF_FAILURES)


class Part(NamedTuple):
    """Some rows of both tables, of the same files."""

    measurements: pa.Table
    failed_runs: pa.Table


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
