"""What the UI shows of a step: tables, texts, and the numbers that it plots over snapshots."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import dagster as dg
import pyarrow as pa

from benchagent.bench.rows import BenchRow
from benchagent.facts.table import FACT_SCHEMA
from benchagent.formats.own.bench_calls import REPORT_FILE
from benchagent.inventory.snapshots import Snapshot
from benchagent.measurements.measurement import MEASUREMENT_SCHEMA
from benchagent.pipeline.kept import read_analysis, read_report
from benchagent.pipeline.partition import Partition
from benchagent.pipeline.stages.step import Step
from benchagent.references import render_plain, write_figure
from benchagent.reporting.comparison import AgentRow, Comparison, describe_comparison
from benchagent.reporting.report import Report

Metadata = Mapping[
    str, dg.MetadataValue | dg.TableSchema | dg.TableColumnLineage | float | int | str
]
MOST_ROWS = 50


def describe_benchmark(folder: Path, rows: Sequence[BenchRow]) -> Metadata:
    """Where the artifacts are, and what their write-up says."""
    return {
        "path": dg.MetadataValue.path(str(folder)),
        "write_up": dg.MetadataValue.md((folder / REPORT_FILE).read_text(encoding="utf-8")),
        "calls": len(rows),
        "failed_calls": sum(row.error is not None for row in rows),
    }


def describe_snapshot(snapshot: Snapshot) -> Metadata:
    """The files by kind, and what was not read."""
    kinds = Counter(file.kind for file in snapshot.files)
    return {
        "files": len(snapshot.files),
        "bytes": sum(file.size for file in snapshot.files),
        **{f"files_{kind}": count for kind, count in sorted(kinds.items())},
        "missing_roots": ", ".join(snapshot.missing_roots) or "none",
        "not_read": table(
            [{"path": entry.path, "reason": entry.reason} for entry in snapshot.unread]
        ),
    }


def describe_files(partition: Partition, step: Step) -> Metadata:
    """How many numbers each file gave, or why none."""
    rows = partition.table("files").select(["path", "format", "n_measurements", "reason"])
    shown = rows.slice(0, MOST_ROWS).to_pylist()
    return {
        "dagster/row_count": partition.measurements.num_rows,
        "dagster/column_schema": columns_of(MEASUREMENT_SCHEMA),
        "failed_runs": partition.table("failed_runs").num_rows,
        "files": table([{name: str(row[name] or "") for name in row} for row in shown]),
        **_how(step),
    }


def describe_facts(partition: Partition, step: Step) -> Metadata:
    """The first facts, with their values as a reader sees them."""
    shown = list(partition.facts.values())[:MOST_ROWS]
    return {
        "dagster/row_count": len(partition.facts),
        "dagster/column_schema": columns_of(FACT_SCHEMA),
        "dagster/column_lineage": FROM_MEASUREMENTS,
        "facts": table(
            [{"id": fact.id, "what": fact.label, "value": write_figure(fact)} for fact in shown]
        ),
        **_how(step),
    }


def describe_findings(partition: Partition, step: Step) -> Metadata:
    """The findings as a list that a person can read."""
    lines = [
        f"- **{found.headline}** ({found.severity}): "
        f"{render_plain(found.sentences[0], partition.facts)}"
        for found in partition.findings.values()
    ]
    severities = Counter(found.severity for found in partition.findings.values())
    return {
        "findings": dg.MetadataValue.md("\n".join(lines)),
        "findings_count": len(partition.findings),
        "problems": severities["problem"],
        **_how(step),
    }


def describe_analysis(partition: Partition, agent: str, step: Step) -> Metadata:
    """What the agent chose, and how its calls went."""
    kept = read_analysis(partition, agent)
    first: dict[str, float] = {}
    for name in ("ttft_ms", "decode_rate", "prompt_tokens", "output_tokens", "total_ms"):
        measured = [row[name] for row in kept.calls if row[name] is not None]
        if measured:
            first[name] = float(measured[0])
    return {
        "findings_told": len(kept.analysis.statements),
        "tier": kept.analysis.tier,
        "problem": kept.analysis.problem or "none",
        "mappings_proposed": len(kept.analysis.proposals),
        "calls": len(kept.calls),
        "calls_replayed": sum(bool(row["replayed"]) for row in kept.calls),
        **first,
        **_how(step),
    }


def describe_report(partition: Partition, agent: str, step: Step) -> Metadata:
    """The report itself, and its figures' standing."""
    report = read_report(partition, agent)
    path = partition.report_path(agent)
    cited = list(report.evidence_rows().items())[:MOST_ROWS]
    return {
        "report": dg.MetadataValue.md(report.markdown),
        "path": dg.MetadataValue.path(str(path)),
        "claims": len(report.citations),
        "claims_withheld": sum(found.problem is not None for found in report.citations),
        "promises_broken": len(report.broken_promises),
        "cited_facts": table(
            [{"row": str(row), "fact": id, "evidence": report.evidence[row]} for id, row in cited]
        ),
        **_how(step),
    }


def describe_grounds(report: Report) -> Metadata:
    """What became of its figures and sentences when they were checked."""
    withheld = [cited for cited in report.citations if cited.problem]
    reading = report.reading
    return {
        "figures": len(report.citations),
        "withheld": "; ".join(f"{c.figure}: {c.problem}" for c in withheld) or "none",
        "claims_judged": reading.claims,
        "claims_unsupported": reading.unsupported,
        "claims_contradicted": len(reading.objections),
        "contradicted": table(
            [
                {"line": str(found.line), "quote": found.quote, "the data": found.reason}
                for found in reading.objections[:MOST_ROWS]
            ]
        ),
        "sentences_overruled": len(reading.overruled),
        "overruled": table(
            [
                {"before": each.before, "after": each.after or "", "reason": each.reason}
                for each in reading.overruled
            ]
        ),
    }


def describe_agents(comparison: Comparison, step: Step) -> Metadata:
    """The comparison as a table to read, and each agent's counts to plot."""
    numbers = [_plotted(row) for row in comparison.rows]
    return {
        "comparison": dg.MetadataValue.md(describe_comparison(comparison)),
        **{name: value for each in numbers for name, value in each.items()},
        **_how(step),
    }


def _plotted(row: AgentRow) -> dict[str, float]:
    slug = row.agent.replace("-", "_")
    return {f"{slug}_claims": row.claims, f"{slug}_findings_told": len(row.told)}


def _how(step: Step) -> Metadata:
    return {"seconds": round(step.seconds, 3), "already_made": not step.made}


def columns_of(schema: pa.Schema) -> dg.TableSchema:
    """Columns with their types."""
    return dg.TableSchema(
        columns=[dg.TableColumn(name=field.name, type=str(field.type)) for field in schema]
    )


# What a fact takes from the measurements that it lists; the rest of a row is about the fact itself.
FROM_MEASUREMENTS = dg.TableColumnLineage(
    {
        column: [
            dg.TableColumnDep(asset_key=dg.AssetKey("measurements"), column_name=name)
            for name in names
        ]
        for column, names in {
            "value": ["value"],
            "spread": ["value"],
            "ci_low": ["value"],
            "ci_high": ["value"],
            "unit": ["unit"],
            "metric": ["metric"],
            "definition": ["definition"],
            "statistic": ["statistic"],
            "benchmark": ["benchmark"],
            "subject": ["subject"],
            "config": ["config"],
            "phase": ["phase"],
            "measurements": ["id"],
        }.items()
    }
)


def table(rows: list[dict[str, str]]) -> dg.MetadataValue:
    """Rows as a table of the UI, or a word where there are none."""
    if not rows:
        return dg.MetadataValue.text("none")
    return dg.MetadataValue.table([dg.TableRecord(row) for row in rows])
