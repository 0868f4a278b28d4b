"""What stands in the warehouse: its tables, and which rows the files of a snapshot give them."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.dataset as pds

from benchagent.facts.table import FACT_SCHEMA
from benchagent.measurements.measurement import FAILED_RUN_SCHEMA, MEASUREMENT_SCHEMA
from benchagent.pipeline.kept import read_analysis, read_report
from benchagent.pipeline.partition import Partition
from benchagent.pipeline.partition_files import (
    SMALL,
    PartitionMissing,
    edition_of,
    read_table,
    stamp_of,
    version_of,
)
from benchagent.pipeline.stages.measurements import FILES_SCHEMA
from benchagent.reporting.report import Report
from benchagent.reporting.second_reading import overrule

FINDING_SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("rank", pa.float64()),
        ("rule", pa.string()),
        ("topic", pa.string()),
        ("severity", pa.string()),
        ("headline", pa.string()),
        ("sentence", pa.string()),
        ("facts", pa.list_(pa.string())),
        ("next_step", pa.string()),
        ("command", pa.string()),
    ]
)
REPORT_SCHEMA = pa.schema(
    [
        ("agent", pa.string()),
        ("path", pa.string()),
        ("tier", pa.string()),
        ("findings_told", pa.int64()),
        ("sentences_by_model", pa.int64()),
        ("sentences_by_code", pa.int64()),
        ("sentences_rejected", pa.int64()),
        ("claims", pa.int64()),
        ("claims_withheld", pa.int64()),
        ("broken_promises", pa.list_(pa.string())),
        ("problem", pa.string()),
    ]
)
CLAIM_SCHEMA = pa.schema(
    [
        ("agent", pa.string()),
        ("line", pa.int64()),
        ("starts_at", pa.int64()),
        ("ends_at", pa.int64()),
        ("quote", pa.string()),
        ("fact", pa.string()),
        ("verdict", pa.string()),
        ("reason", pa.string()),
    ]
)
# The tables of a snapshot; each row is one of theirs and the snapshot's key.
SCHEMAS: Mapping[str, pa.Schema] = {
    "files": FILES_SCHEMA,
    "measurements": MEASUREMENT_SCHEMA,
    "failed_runs": FAILED_RUN_SCHEMA,
    "facts": FACT_SCHEMA,
    "findings": FINDING_SCHEMA,
    "reports": REPORT_SCHEMA,
    "claims": CLAIM_SCHEMA,
}
# Those that are a copy of a Parquet file.
_STORED = ("files", "measurements", "failed_runs", "facts")
Rows = list[dict[str, object]]


class Part(NamedTuple):
    """What one group of a snapshot's files gives the warehouse.

    Attributes:
        snapshot: its key.
        name: of the files: `measurements`, `findings`, `reports`.
        version: what stands in the files now, to know again without reading them.
    """

    snapshot: str
    name: str
    version: str

    @property
    def tables(self) -> tuple[str, ...]:
        """Which tables its rows are in."""
        return ("reports", "claims") if self.name == "reports" else (self.name,)


def parts_of(partition: Partition) -> Iterator[Part]:
    """All that a snapshot gives the warehouse as its files now stand."""
    for name, paths in _files_behind(partition.folder).items():
        editions = [edition_of(path) for path in paths if path.exists()]
        if editions:
            marks = (f"{each.path} {each.inode} {each.size} {each.mtime_ns}" for each in editions)
            yield Part(partition.key, name, version_of(*marks))


def _files_behind(folder: Path) -> dict[str, list[Path]]:
    findings = folder / "findings.json"
    told = [*(folder / "reports").glob("*.json"), *(folder / "analyses").glob("*.json")]
    return {
        **{name: [folder / f"{name}.parquet"] for name in _STORED},
        "findings": [findings] if stamp_of(findings) else [],
        "reports": sorted(told),
    }


def rows_of(
    partition: Partition, part: Part
) -> Iterator[tuple[str, pa.Table | pa.RecordBatchReader]]:
    """The rows of a part, table by table."""
    if part.name in _STORED:
        path = partition.folder / f"{part.name}.parquet"
        yield part.name, _scan_table(path, SCHEMAS[part.name])
        return
    read = _finding_rows if part.name == "findings" else _told_rows
    for name, found in read(partition):
        yield name, pa.Table.from_pylist(found, schema=SCHEMAS[name])


def _scan_table(path: Path, schema: pa.Schema) -> pa.Table | pa.RecordBatchReader:
    """A table to copy row by row, also one that another version wrote: a large one stays on disk.

    Raises:
        PartitionMissing: it is not there or not whole.
    """
    if edition_of(path).size <= SMALL:
        found = read_table(path)
        if found.schema.equals(schema):
            return found
    # Nothing is read ahead: of millions of rows that would be most of them.
    rows = pds.dataset(path, schema=schema)
    return rows.scanner(batch_readahead=0, fragment_readahead=0, use_threads=False).to_reader()


def _finding_rows(partition: Partition) -> Iterator[tuple[str, Rows]]:
    rows: Rows = [
        {
            "id": found.id,
            "rank": found.rank,
            "rule": found.rule,
            "topic": found.topic,
            "severity": found.severity,
            "headline": found.headline,
            "sentence": found.sentences[0],
            "facts": list(found.facts),
            "next_step": found.next_step.text,
            "command": found.next_step.command,
        }
        for found in partition.findings.values()
    ]
    yield "findings", rows


def _told_rows(partition: Partition) -> Iterator[tuple[str, Rows]]:
    reports: Rows = []
    claims: Rows = []
    for path in sorted((partition.folder / "reports").glob("*.json")):
        # Of one that a run is writing now, that run adds the rows when it is done.
        with suppress(PartitionMissing):
            report = read_report(partition, path.stem)
            reports.append(_report_row(partition, path.stem, report))
            claims += _claim_rows(path.stem, report)
    yield "reports", reports
    yield "claims", claims


def _report_row(partition: Partition, agent: str, report: Report) -> dict[str, object]:
    analysis = overrule(read_analysis(partition, agent).analysis, report.reading.overruled)
    by_model = sum(said.author == "model" for said in analysis.statements)
    return {
        "agent": agent,
        "path": str(partition.report_path(agent).relative_to(partition.project.out)),
        "tier": analysis.tier,
        "findings_told": len(analysis.statements),
        "sentences_by_model": by_model,
        "sentences_by_code": len(analysis.statements) - by_model,
        "sentences_rejected": sum(said.rejected is not None for said in analysis.statements),
        "claims": len(report.citations),
        "claims_withheld": sum(cited.problem is not None for cited in report.citations),
        "broken_promises": list(report.broken_promises),
        "problem": analysis.problem,
    }


def _claim_rows(agent: str, report: Report) -> Iterator[dict[str, object]]:
    for cited in report.citations:
        yield {
            "agent": agent,
            "line": cited.line,
            "starts_at": cited.start,
            "ends_at": cited.end,
            "quote": cited.figure,
            "fact": cited.fact,
            "verdict": "unsupported" if cited.problem else "supported",
            "reason": cited.problem,
        }
