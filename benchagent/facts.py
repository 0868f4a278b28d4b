"""What the measurements say: counts, medians, spreads and differences, each with its evidence.

A fact's value is computed here and nowhere else. It lists the measurements (or files, or other
facts) that it rests on, so that `verification` can compute it again from the files themselves.
"""

from dataclasses import dataclass
from typing import Literal

FactKind = Literal["count", "statistic", "difference", "ratio", "test", "call", "workflow"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One computed value and everything that it rests on.

    Attributes:
        id: `F` and 12 hex digits, from what the fact is about and what it rests on, not its order.
        label: what the value is, in words: "median decode rate of gemma3:270m, warm calls".
        value: in `unit`; a statement about a missing thing is a count of 0 with its files.
        n: samples behind the value; 1 where a configuration was run once (then no interval).
        spread: standard deviation of those samples (ddof 1), None below n = 2.
        ci_low, ci_high: 95 % interval of `value`; None where n allows none.
        config: canonical JSON of the settings that all samples share.
        phase: `cold`, `warm`, `mixed` (said so in the label) or None.
        method: how the value was computed, by name (`median`, `mann-whitney-u`, `hodges-lehmann`).
        measurements: ids of the rows of the snapshot's measurement table.
        sources: paths of the files counted, or `path#record` of failed runs counted.
        facts: ids of the facts that this one is computed from.
    """

    id: str
    kind: FactKind
    label: str
    value: float
    unit: str | None
    metric: str | None = None
    statistic: str | None = None
    method: str | None = None
    n: int | None = None
    spread: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    benchmark: str | None = None
    subject: str | None = None
    config: str | None = None
    phase: str | None = None
    measurements: tuple[int, ...] = ()
    sources: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
