"""One snapshot and what was made of it, as the next step finds it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import TypeAdapter

from benchagent.facts.fact import Evidence, Fact
from benchagent.facts.table import facts_from_table
from benchagent.findings.finding import Finding
from benchagent.inventory.snapshots import Snapshot, read_snapshot
from benchagent.pipeline.partition_files import (
    Edition,
    edition_of,
    open_table,
    read_table,
    read_value,
)
from benchagent.pipeline.project import Project
from benchagent.stored_table import AnyTable

FINDINGS = TypeAdapter(tuple[Finding, ...])


# The assets of a Dagster run each have a partition of their own, and all of them the same facts.
@lru_cache(maxsize=1)
def _read_facts(edition: Edition) -> Mapping[str, Fact]:
    found = facts_from_table(read_table(edition.path))
    return MappingProxyType({fact.id: fact for fact in found})


@dataclass(frozen=True, kw_only=True)
class Partition:
    """One snapshot of a project, and what was made of it."""

    project: Project
    key: str

    @property
    def folder(self) -> Path:
        """Where its files are."""
        return self.project.snapshot(self.key)

    @cached_property
    def snapshot(self) -> Snapshot:
        """The manifest."""
        return read_snapshot(self.project.out, self.key)

    @cached_property
    def facts(self) -> Mapping[str, Fact]:
        """Facts by id."""
        return _read_facts(edition_of(self.folder / "facts.parquet"))

    @cached_property
    def findings(self) -> Mapping[str, Finding]:
        """Findings by id, the most important first."""
        found = read_value(self.folder / "findings.json", FINDINGS)
        return {finding.id: finding for finding in found}

    def table(self, name: str) -> pa.Table:
        """`files`, `measurements` or `failed_runs`, whole."""
        return read_table(self.folder / f"{name}.parquet")

    @property
    def measurements(self) -> AnyTable:
        """The table of measurements, of which each reader takes what it needs."""
        return open_table(self.folder / "measurements.parquet")

    def evidence(self) -> Evidence:
        """What facts are derived from."""
        files = self.table("files")
        return Evidence(
            measurements=self.measurements,
            failed_runs=self.table("failed_runs"),
            files=files.filter(pc.field("why").is_null()),
            missing_roots=self.snapshot.missing_roots,
            unreadable=tuple(
                entry.path for entry in self.snapshot.unread if entry.why == "unreadable"
            ),
        )

    def analysis_path(self, agent: str) -> Path:
        """Where an agent's account is kept."""
        return self.folder / "analyses" / f"{agent}.json"

    def report_path(self, agent: str) -> Path:
        """Where an agent's report stands for people to read."""
        return self.folder / "reports" / f"{agent}.md"

    def report_record(self, agent: str) -> Path:
        """Where what is known of an agent's report is kept."""
        return self.folder / "reports" / f"{agent}.json"
