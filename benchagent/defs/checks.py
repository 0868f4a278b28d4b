"""Checks beside what they check: how much was read, and whether calls were whole and measured."""

from collections.abc import Mapping
from dataclasses import asdict

import dagster as dg

from benchagent.defs.metadata import table
from benchagent.pipeline.kept import AnalysisFile, read_analysis
from benchagent.pipeline.partition import Partition
from benchagent.reporting.pace import (
    FEWEST_BEFORE,
    PaceTest,
    compare_paces,
    pace_of,
    paces_elsewhere,
)

READ = "Every file that could hold measurements is of a known format and could be read."
WHOLE = "No reply was cut short, and every call that was made now left its timings."
# A call without them is missing from the comparison of agents.
STEADY = (
    "The model is not slower for the latest three reports than for the earlier ones that ran "
    "alike: by less than a tenth, or within chance (rank test over reports, p > 0.01)."
)
TELEMETRY = ("ttft_ms", "decode_rate", "prompt_tokens", "output_tokens", "total_ms")


def check_reading(partition: Partition) -> dg.AssetCheckResult:
    """Warns of files that gave nothing, with the reason of each, and plots the share read."""
    rows = partition.table("files").select(["path", "kind", "format", "why", "reason"]).to_pylist()
    silent = [row for row in rows if row["why"] or (row["reason"] and row["format"] is None)]
    return dg.AssetCheckResult(
        check_name="read",
        passed=not silent,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "files": len(rows),
            "parse_rate": 1 - len(silent) / len(rows) if rows else 1.0,
            "not_read": table(
                [{"path": str(row["path"]), "reason": str(row["reason"])} for row in silent]
            ),
        },
    )


def check_calls(kept: AnalysisFile) -> dg.AssetCheckResult:
    """Warns of replies that were cut short and of calls without timings."""
    cut = [row for row in kept.calls if row["truncated"] or row["outcome"] == "length"]
    # A stored reply was asked for at another time: it has counts and no clocks.
    untimed = [row for row in kept.calls if not row["replayed"] and _missing(row)]
    return dg.AssetCheckResult(
        check_name="whole",
        passed=not cut and not untimed,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "calls": len(kept.calls),
            "cut_short": len(cut),
            "without_timings": table(
                [{"call": str(row["call_id"]), "missing": _missing(row)} for row in untimed]
            ),
        },
    )


def check_pace(partition: Partition, agent: str) -> dg.AssetCheckResult:
    """Warns where the model has become slower for the latest reports of this agent."""
    now = pace_of(read_analysis(partition, agent))
    test = compare_paces(now, paces_elsewhere(partition, agent)) if now else PaceTest(n_before=0)
    numbers = {"decode_rate": now and now.decode_rate, **asdict(test)}
    return dg.AssetCheckResult(
        check_name="steady",
        passed=not test.is_slower,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            **{name: number for name, number in numbers.items() if number is not None},
            "needed_before": FEWEST_BEFORE,
        },
    )


def _missing(row: Mapping[str, object]) -> str:
    return ", ".join(name for name in TELEMETRY if row[name] is None)
