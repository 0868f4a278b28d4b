"""The stored files of a snapshot, asked again for what a report is about to cite."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from benchagent.facts.fact import Fact
from benchagent.inventory.blobs import read_blob
from benchagent.markdown_text import code
from benchagent.pipeline.partition import Partition
from benchagent.verification.guard.rereading import (
    Cell,
    cells_behind,
    describe_places,
    places_behind,
    reread,
)


class Checker:
    """One report's; what it has found once, it does not look for again."""

    def __init__(self, partition: Partition, facts: Mapping[str, Fact]) -> None:
        """Facts are those of the snapshot and those that the agent asked for."""
        self._partition, self._facts = partition, facts
        self._measurements = partition.table("measurements")
        self._cells: dict[int, Cell] = {}
        self._checks: dict[str, str | None] = {}

    def check(self, cited: Sequence[str]) -> Mapping[str, str | None]:
        """For each fact, None where the files give it again, else the reason."""
        new = [id for id in cited if id not in self._checks]
        if new:
            self._checks |= self._check(new)
        return {id: self._checks[id] for id in cited}

    def _check(self, cited: Sequence[str]) -> Mapping[str, str | None]:
        facts, out = self._facts, self._partition.project.out
        cells = cells_behind(cited, facts, self._measurements)
        self._cells |= cells
        modified = {
            file.path: datetime.fromisoformat(file.modified_at).timestamp()
            for file in self._partition.snapshot.files
            if file.modified_at
        }
        return reread(cited, facts, cells, lambda sha256: read_blob(out, sha256), modified)

    def places(self, fact: Fact) -> str:
        """Where a fact comes from, for one cell of a table."""
        facts = self._facts
        if fact.id not in facts:
            return ", ".join(code(source) for source in fact.sources)
        behind = places_behind([fact.id], facts)
        if not behind <= self._cells.keys():
            self._cells |= cells_behind([fact.id], facts, self._measurements)
        cells = [self._cells[id] for id in sorted(behind) if id in self._cells]
        return describe_places(fact, cells)
