"""The stored files of a snapshot, asked again for what a report is about to cite."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from benchagent.arrays import Ints
from benchagent.facts.fact import Fact
from benchagent.inventory.blobs import read_blob
from benchagent.markdown_text import code
from benchagent.pipeline.partition import Partition
from benchagent.verification.guard.rereading import (
    MOST_NAMED,
    Cell,
    MeasuredCells,
    describe_places,
    reread,
)


class Checker:
    """The checker of one report; it remembers what it has found."""

    def __init__(self, partition: Partition, facts: Mapping[str, Fact]) -> None:
        """Facts are those of the snapshot and those that the agent asked for."""
        self._partition, self._facts = partition, facts
        self._cells = MeasuredCells(partition.measurements)
        self._named: dict[int, Cell] = {}
        self._behind: dict[str, tuple[Ints, int]] = {}
        self._checks: dict[str, str | None] = {}

    def check(self, cited: Sequence[str]) -> Mapping[str, str | None]:
        """For each fact, None where the files give it again, else the reason."""
        new = [id for id in cited if id not in self._checks]
        if new:
            self._checks |= self._check(new)
        return {id: self._checks[id] for id in cited}

    def _check(self, cited: Sequence[str]) -> Mapping[str, str | None]:
        facts, out = self._facts, self._partition.project.out
        modified = {
            file.path: datetime.fromisoformat(file.modified_at).timestamp()
            for file in self._partition.snapshot.files
            if file.modified_at
        }
        cells = self._read(self._cells.behind(cited, facts), cited)
        return reread(cited, facts, cells, lambda sha256: read_blob(out, sha256), modified)

    def _read(self, ids: Ints, cited: Iterable[str]) -> Iterator[Cell]:
        """The cells of these ids; the first of each cited fact are kept, to be named."""
        named = {id for fact in cited for id in self._first(fact)[0].tolist()}
        for cell in self._cells.read(ids):
            if cell.id in named:
                self._named[cell.id] = cell
            yield cell

    def _first(self, fact: str) -> tuple[Ints, int]:
        """The first ids behind a fact, and how many there are."""
        if fact not in self._behind:
            behind = self._cells.behind([fact], self._facts)
            self._behind[fact] = behind[:MOST_NAMED].copy(), len(behind)
        return self._behind[fact]

    def places(self, fact: Fact) -> str:
        """Where a fact comes from, for one cell of a table."""
        if fact.id not in self._facts:
            return ", ".join(code(source) for source in fact.sources)
        first, n = self._first(fact.id)
        if not self._named.keys() >= set(first.tolist()):
            self._named |= {cell.id: cell for cell in self._cells.read(first)}
        return describe_places(fact, [self._named[id] for id in first.tolist()], n)
