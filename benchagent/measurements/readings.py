"""What one file says, before anybody knows where the file lies: numbers, failures, refusals.

A format reads one file's bytes into `Record`s, one benchmark execution each, holding its
`Reading`s. Nothing in them depends on the path, so equal bytes are read once
(`benchagent.measurements.joining` joins them with the files of a snapshot).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Scalar = str | int | float | bool | None
Kind = Literal["measured", "derived", "claimed"]
# `proposed`: found by an experimental format, and not accepted by a user.
ListedKind = Literal["measured", "derived", "claimed", "proposed"]
Population = Literal["successful", "errored", "all"]
TimeBasis = Literal["utc", "offset", "naive", "filename"]
Phase = Literal["cold", "warm"]
# How a file writes down a run that failed: as one, or with what its reader takes for a result.
RecordedAs = Literal["error", "zero", "blank", "result"]
# Why a file gave nothing; the words beside it may change, the code may not.
ReasonCode = Literal["unknown-format", "unreadable", "binary", "empty", "no-numbers"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One number at one place of a file, in its canonical unit.

    Attributes:
        metric: canonical metric id (`decode_rate`, `ttft`), else `format:name`.
        value: in `unit`; never a stand-in for a failure.
        locator: where it stands: `row=12,column=tokens_s`, `/results/3/tokens_s`,
            `line=40,column=Mean (ms)`. Rows are 1-based records after the header; lines 1-based.
        raw_value: the text as found at the locator.
        statistic: what the source gives of the metric (`value`, `mean`, `p95`, …).
        unit: canonical unit (`ms`, `tok/s`, `tokens`, `bytes`, `ratio`); None bars it from facts.
        definition: id of the definition where tools differ (`ttft.load+prompt_eval`).
        n: how many samples the statistic stands on, where the source says.
        raw_unit: the unit as the source gives it (`s`), None where it gives none.
        kind: `derived` when the number sums up raw ones that were written elsewhere, `claimed`
            in prose or in a hand-made table.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a record has no result: the source's own words, and where they stand.

    Attributes:
        kind: `derived` for a summary that had nothing to sum up: its runs failed, not it.
        recorded_as: `zero` or `blank` where its numbers would stand, `result` where the file
            takes it for a success, else `error`.
    """

    reason: str
    locator: str
    kind: Kind = "measured"
    recorded_as: RecordedAs = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A cell that should hold a number and does not (`NaN`, `1e400`, `n/a`), and why."""

    reason: str
    locator: str


class MeasuredAt(NamedTuple):
    """A time as a source recorded it, and what it can be compared with."""

    text: str
    basis: TimeBasis


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One benchmark execution as its file tells it: what ran, with which settings, what it gave.

    Attributes:
        name: its place in the file (`row=12`, `/results/3`).
        sequence: its 0-based place in the order of the file.
        subject: what was measured, normalised; None where only the path can tell.
        phase: cold or warm where the source recorded it; None where it has to be found out.
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
    measured_at: MeasuredAt | None = None
    phase: Phase | None = None
    failure: Failure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """What a format made of one file; `reason` says what it left unread, if anything.

    Attributes:
        shape: of a table or list whose columns are a script's own (`mappings.rows`).
    """

    format: str
    records: tuple[Record, ...]
    refusals: tuple[Refusal, ...] = ()
    reason: str | None = None
    shape: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unparsed:
    """A file that gave no measurements, and the reason as its reader will see it.

    Attributes:
        code: the reason, for whoever counts files by it.
        shape: of a table or list of no known format (`mappings.rows`), equal for all alike.
    """

    reason: str
    code: ReasonCode
    format: str | None = None
    shape: str | None = None
