"""A benchmark artifact read into numbers, each with the file and place that it came from.

A format reads one file's bytes into `Record`s: one benchmark execution each, holding its
`Reading`s, with nothing in them that depends on where the file lies. Joined with the files of a
snapshot they become the measurement table (`MEASUREMENT_SCHEMA`), one row per number.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Scalar = str | int | float | bool | None
Kind = Literal["measured", "derived", "claimed"]
Population = Literal["successful", "errored", "all"]
TimeBasis = Literal["utc", "offset", "naive", "filename"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One number at one place of a file, in its canonical unit.

    Attributes:
        metric: canonical metric id (`decode_rate`, `ttft`), else `format:name`.
        value: in `unit`; never a stand-in for a failure.
        locator: where it stands: `row=12,column=tokens_s`, `/results/3/tokens_s`,
            `line=40,column=Mean (ms)`. Rows are 0-based data records; lines are 1-based.
        statistic: what the source gives of the metric (`value`, `mean`, `p95`, …).
        unit: canonical unit (`ms`, `tok/s`, `tokens`, `bytes`, `ratio`); None bars it from facts.
        definition: id of the definition where tools differ (`ttft.load+prompt_eval`).
        n: how many samples the statistic stands on, where the source says.
        raw_value: the text as found.
        kind: `derived` when its raw rows are in the snapshot too, `claimed` in prose or in a
            hand-made table.
    """

    metric: str
    value: float
    locator: str
    raw_value: str
    statistic: str = "value"
    unit: str | None = None
    definition: str | None = None
    n: int | None = None
    raw_unit: str | None = None
    population: Population = "all"
    kind: Kind = "measured"
    derived_from: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a record has no result: the source's own words, and where they stand."""

    reason: str
    locator: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One benchmark execution as its file tells it: what ran, with which settings, what it gave.

    Attributes:
        name: its place in the file (`row=12`, `/results/3`).
        sequence: its 0-based place in the order of the file.
        subject: what was measured, normalised; None where only the path can tell.
        failure: set when the run failed; then `readings` holds only what is still true of it.
    """

    name: str
    sequence: int
    benchmark: str
    readings: tuple[Reading, ...]
    subject: str | None = None
    repetition: int | None = None
    config: Mapping[str, Scalar] = field(default_factory=dict[str, Scalar])
    environment: Mapping[str, Scalar] = field(default_factory=dict[str, Scalar])
    measured_at: str | None = None
    time_basis: TimeBasis | None = None
    failure: Failure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """What a format made of one file."""

    format: str
    records: tuple[Record, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unparsed:
    """A file that gave no measurements, and the reason as its reader will see it."""

    reason: str
    format: str | None = None
