"""Files to be read, some dozens together, and what their reading gave: both put aside on disk."""

import marshal
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from benchagent.inventory.reading import Outcome, is_read, sha256_in
from benchagent.inventory.sightings import Row
from benchagent.inventory.spool import Place, Spool
from benchagent.inventory.taking import Stamp, size_in

_FILES = 50
_BYTES = 16 * 1024 * 1024


class Batch(NamedTuple):
    """Files that take some hundredths of a second to read.

    Attributes:
        place: in the spool, of their columns.
        files: how many.
        size: all their bytes.
        to_store: the bytes of those that are not too large to be stored; one for an empty file.
    """

    place: Place
    files: int
    size: int
    to_store: int


class Columns(NamedTuple):
    """The files of a batch: paths in the snapshot, where they lie, and how they were seen."""

    paths: list[str]
    sources: list[str]
    stamps: list[Stamp]


@dataclass(slots=True)
class _Filling:
    paths: list[str] = field(default_factory=list[str])
    stamps: list[Stamp] = field(default_factory=list[Stamp])
    size: int = 0
    to_store: int = 0


class Batches(Spool):
    """Files that are to be read, in the order of the walk, and the outcomes of those that were."""

    def __init__(
        self, out: Path, find: Callable[[Iterable[str]], Iterable[str]], size_cap: int
    ) -> None:
        """See `Spool`; `find` tells where files lie, and those above `size_cap` are not stored."""
        super().__init__(out)
        self._find, self._size_cap = find, size_cap
        self._filling = _Filling()
        self._batches: list[Batch] = []
        self._outcomes: dict[Place, Place] = {}

    def ask(self, path: str, stamp: Stamp) -> None:
        """Add a file."""
        filling, size = self._filling, size_in(stamp)
        filling.paths.append(path)
        filling.stamps.append(stamp)
        filling.size += size
        filling.to_store += max(size, 1) if size <= self._size_cap else 0
        if len(filling.paths) == _FILES or filling.size >= _BYTES:
            self._end_batch()

    def _end_batch(self) -> None:
        filling, self._filling = self._filling, _Filling()
        if filling.paths:
            columns = (filling.paths, list(self._find(filling.paths)), filling.stamps)
            place = self.add(marshal.dumps(columns))
            self._batches.append(Batch(place, len(filling.paths), filling.size, filling.to_store))

    def all(self) -> list[Batch]:
        """What there is to read, once all files were added."""
        self._end_batch()
        return self._batches

    def columns(self, batch: Batch) -> Columns:
        """The files of a batch."""
        return Columns(*marshal.loads(self.get(batch.place)))

    def answer(self, batch: Batch, outcomes: bytes) -> None:
        """Keep what became of the files of a batch: a list of them, in `marshal`."""
        self._outcomes[batch.place] = self.add(outcomes)

    def outcomes(self, batch: Batch) -> list[Outcome]:
        """What became of them; empty while the batch was not read."""
        place = self._outcomes.get(batch.place)
        return marshal.loads(self.get(place)) if place else []

    def rows(self) -> Iterator[Row]:
        """The files of all batches that were read."""
        return chain.from_iterable(map(self._rows_of, self._batches))

    def _rows_of(self, batch: Batch) -> Iterable[Row]:
        outcomes = self.outcomes(batch)
        if not outcomes:
            return ()
        paths, _, stamps = self.columns(batch)
        return zip(paths, stamps, outcomes, strict=True)

    def stored(self) -> Iterator[str]:
        """The hashes of what was read and is not too large to be stored."""
        for batch in self._batches:
            for _, stamp, outcome in self._rows_of(batch) if batch.to_store else ():
                if is_read(outcome) and size_in(stamp) <= self._size_cap:
                    yield sha256_in(outcome)
