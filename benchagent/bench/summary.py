"""What the calls of a benchmark come to, per option set: plain statistics of what stands in the CSV.

Warm and cold calls are never mixed, failed calls enter nothing, and a statistic is given only
where every call that it would stand on has the number.
"""

import json
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from benchagent.bench.journal import State
from benchagent.bench.plan import ORDER
from benchagent.bench.rows import BenchRow
from benchagent.bench.sweeps import OptionSet
from benchagent.formats.own.bench_calls import SUMMARY_VERSION

Phase = Literal["warm", "cold"]

_DECIMALS: Final = 3
METRICS: Final = ("ttft_ms", "decode_tokens_per_s", "load_ms")
STATISTICS_OVER: Final = (
    "calls of the entry's phase that succeeded, as bench_calls.csv has them; stddev is the sample "
    "standard deviation; null where a call lacks the number, or a deviation has fewer than two"
)


class Spread(NamedTuple):
    """Median, mean and sample standard deviation; None where they cannot be said."""

    median: float | None
    mean: float | None
    stddev: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseSummary:
    """The calls of one model and option set in one phase.

    Attributes:
        n: calls that the spreads stand on.
        failed: failed calls of the option set, whatever their phase would have been.
        cold: its successful cold calls.
        other: its successful calls that the server reloaded for unasked, or of unknown phase.
        spreads: by column of the CSV.
    """

    model: str
    option_set: OptionSet
    phase: Phase
    n: int
    failed: int
    cold: int
    other: int
    spreads: Mapping[str, Spread]


def summarise(state: State, rows: Sequence[BenchRow]) -> list[PhaseSummary]:
    """One summary per model and option set of its warm calls; of its cold ones where it has any."""
    return list(_summarise(state, rows))


def _summarise(state: State, rows: Sequence[BenchRow]) -> Iterator[PhaseSummary]:
    for model in state.plan.models:
        for option_set in state.plan.option_sets:
            own = [r for r in rows if (r.model, r.config_name) == (model, option_set.name)]
            measured = [row for row in own if row.error is None]
            warm = [row for row in measured if row.phase == "warm"]
            cold = [row for row in measured if row.phase == "cold"]
            parts: list[tuple[Phase, list[BenchRow]]] = [("warm", warm), ("cold", cold)]
            for phase, calls in parts:
                if calls or phase == "warm":
                    yield PhaseSummary(
                        model=model,
                        option_set=option_set,
                        phase=phase,
                        n=len(calls),
                        failed=len(own) - len(measured),
                        cold=len(cold),
                        other=len(measured) - len(warm) - len(cold),
                        spreads={m: _spread([getattr(c, m) for c in calls]) for m in METRICS},
                    )


def _spread(values: Sequence[float | None]) -> Spread:
    numbers = [value for value in values if value is not None]
    if not numbers or len(numbers) < len(values):
        return Spread(None, None, None)
    stddev = statistics.stdev(numbers) if len(numbers) > 1 else None
    return Spread(
        round(statistics.median(numbers), _DECIMALS),
        round(statistics.fmean(numbers), _DECIMALS),
        None if stddev is None else round(stddev, _DECIMALS),
    )


def write_summary(state: State, rows: Sequence[BenchRow], generated_at: str) -> str:
    """The text of `bench_summary.json`."""
    plan, subjects = state.plan, state.subjects
    one = subjects[0]
    document = {
        "benchagent_bench": SUMMARY_VERSION,
        "generated_at": generated_at,
        **({"model": one.name, "digest": one.digest} if len(subjects) == 1 else {}),
        "server_version": one.server_version,
        "host_kind": one.host_kind,
        "machine": one.machine,
        "sittings": list(state.sittings),
        "seed": plan.seed,
        "repeat": plan.repeat,
        "prompts": list(plan.prompts),
        "cold_calls": plan.cold,
        "order": ORDER,
        "calls": len(rows),
        "failed_calls": sum(row.error is not None for row in rows),
        "statistics_over": STATISTICS_OVER,
        "option_sets": [_entry(entry, state) for entry in summarise(state, rows)],
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _entry(summary: PhaseSummary, state: State) -> dict[str, object]:
    digest = {subject.name: subject.digest for subject in state.subjects}[summary.model]
    whose = {} if len(state.subjects) == 1 else {"model": summary.model, "digest": digest}
    counts = {"n": summary.n, "failed": summary.failed, "cold": summary.cold}
    other = {"other": summary.other} if summary.other else {}
    spreads = {
        f"{statistic}_{metric}": value
        for metric, spread in summary.spreads.items()
        for statistic, value in spread._asdict().items()
    }
    return {
        "config_name": summary.option_set.name,
        **whose,
        "options": dict(summary.option_set.options),
        "phase": summary.phase,
        **counts,
        **other,
        **spreads,
    }
