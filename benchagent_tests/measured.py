"""Measurement tables built by hand: rows with everything that a test does not care about."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from benchagent.facts.fact import Evidence
from benchagent.measurements.measurement import FAILED_RUN_SCHEMA, MEASUREMENT_SCHEMA

Row = dict[str, Any]

_UNITS = {
    "decode_rate": "tok/s",
    "ttft": "ms",
    "load_time": "ms",
    "total_time": "ms",
    "latency": "ms",
    "accuracy": "ratio",
    "output_tokens": "tokens",
    "vram": "bytes",
    "model_size": "bytes",
    "perplexity": "1",
}


def a_measurement(
    value: float,
    *,
    metric: str = "decode_rate",
    path: str = "reports/runs.csv",
    row: int = 1,
    subject: str | None = "tiny:1b",
    config: Mapping[str, object] | None = None,
    **columns: Any,
) -> Row:
    """One number of a file, in the unit of its metric unless another is given."""
    return {
        "source_path": path,
        "source_sha256": "0" * 64,
        "duplicate_of": None,
        "format": "llm-calls-csv",
        "record": f"{path}#row={row}",
        "sequence": row - 1,
        "repetition": None,
        "locator": f"row={row},column={metric}",
        "benchmark": "llm-call",
        "subject": subject,
        "subject_from": "data",
        "config": json.dumps(dict(config or {}), sort_keys=True, separators=(",", ":")),
        "environment": "{}",
        "metric": metric,
        "statistic": "value",
        "definition": None,
        "value": value,
        "unit": _UNITS.get(metric),
        "n": None,
        "raw_value": str(value),
        "raw_unit": None,
        "measured_at": None,
        "time_basis": None,
        "population": "all",
        "phase": None,
        "kind": "measured",
        "derived_from": None,
        **columns,
    }


def measured(values: Iterable[float], *, first_row: int = 1, **columns: Any) -> list[Row]:
    """Numbers of one kind in successive rows of a file."""
    return [a_measurement(value, row=row, **columns) for row, value in enumerate(values, first_row)]


def a_failed_run(reason: str, *, row: int = 1, **columns: Any) -> Row:
    """A run that gave nothing."""
    filled = a_measurement(0.0, row=row, **columns)
    return {**{name: filled[name] for name in FAILED_RUN_SCHEMA.names if name in filled}} | {
        "recorded_as": columns.get("recorded_as", "error"),
        "reason": reason,
    }


def a_file(path: str, **columns: Any) -> Row:
    """One row of the listing."""
    suffix = path.rpartition(".")[2]
    return {
        "path": path,
        "root": path.partition("/")[0],
        "kind": suffix if suffix in ("md", "csv", "json") else "other",
        "content": "json" if suffix == "json" else "text",
        "size": 100,
        "modified_at": "2031-05-06T07:08:09Z",
        "format": None,
        "n_measurements": 0,
        "n_failed": 0,
        "reason_code": None,
        "reason": None,
        "duplicate_of": None,
        **columns,
    }


def an_evidence(
    rows: Sequence[Row] = (),
    *,
    failed: Sequence[Row] = (),
    files: Sequence[Row] | None = None,
    missing_roots: tuple[str, ...] = (),
    unreadable: tuple[str, ...] = (),
) -> Evidence:
    """Rows, numbered in their order, with a listing of the files that they name."""
    numbered = [{"id": id, **row} for id, row in enumerate(rows)]
    listed = files if files is not None else _listed([*rows, *failed])
    return Evidence(
        measurements=pa.Table.from_pylist(numbered, schema=MEASUREMENT_SCHEMA),
        failed_runs=pa.Table.from_pylist(list(failed), schema=FAILED_RUN_SCHEMA),
        files=pa.Table.from_pylist(list(listed) or [a_file("none.csv")]).slice(0, len(listed)),
        missing_roots=missing_roots,
        unreadable=unreadable,
    )


def _listed(rows: Iterable[Row]) -> list[Row]:
    copies = {row["source_path"]: row["duplicate_of"] for row in rows}
    return [
        a_file(path, n_measurements=1, duplicate_of=copy) for path, copy in sorted(copies.items())
    ]
