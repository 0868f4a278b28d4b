"""Every number somebody measured, with the file and the place that it came from.

Formats read bytes into `Record`s that know nothing of paths (`benchagent.readings`); here they
are joined with the files of a snapshot into one table (`MEASUREMENT_SCHEMA`), one row per number.
"""

from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from benchagent.readings import Kind, Phase, Population, TimeBasis

_NAME: Final = pa.dictionary(pa.int32(), pa.string())

MEASUREMENT_SCHEMA: Final = pa.schema(
    [
        ("id", pa.int64()),
        ("source_path", _NAME),
        ("source_sha256", _NAME),
        ("duplicate_of", _NAME),
        ("format", _NAME),
        ("record", pa.string()),
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
    kind: Kind
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
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileStatus:
    """What became of one file: its format and counts, or the reason why it gave nothing."""

    path: str
    sha256: str
    format: str | None
    n_measurements: int
    n_failed: int
    reason: str | None
    duplicate_of: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseThreshold:
    """Where cold and warm calls part, found from the data of one (benchmark, subject).

    Attributes:
        threshold_ms: load time above which a call is cold, in milliseconds.
        gap: how many times the fastest cold load is slower than the slowest warm one.
    """

    benchmark: str
    subject: str | None
    threshold_ms: float
    gap: float
    n_cold: int
    n_warm: int


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
