"""Files to be read, some dozens together, and what their reading gave: both put aside on disk."""

import marshal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from benchagent.inventory.outcomes import Outcome, Stamp, is_read, sha256_in
from benchagent.inventory.sightings import Row
from benchagent.inventory.spool import Place, Spool
from benchagent.inventory.taking import size_in

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


class Batches(Spool):
    """Files that are to be read, in the order of the walk, and the outcomes of those that were.

    Attributes:
        unread: what nobody has begun to read.
        answered: of how many files it is known what became of them.
    """

    def __init__(
        self, out: Path, find: Callable[[Iterable[str]], Iterable[str]], size_cap: int
    ) -> None:
        """See `Spool`; `find` tells where files lie, and those above `size_cap` are not stored."""
        super().__init__(out)
        self._find, self._size_cap = find, size_cap
        self._paths: list[str] = []
        self._stamps: list[Stamp] = []
        self._bytes = self._to_store = 0
        self._batches: list[Batch] = []
        self.unread: deque[Batch] = deque()
        self.answered = 0
        self._outcomes: dict[Place, Place] = {}

    def ask(self, path: str, stamp: Stamp) -> Batch | None:
        """Add a file; gives the batch that it makes full."""
        self._paths.append(path)
        self._stamps.append(stamp)
        size = size_in(stamp)
        self._bytes += size
        if size <= self._size_cap:
            self._to_store += size or 1
        if len(self._paths) == _FILES or self._bytes >= _BYTES:
            return self.end_batch()
        return None

    def end_batch(self) -> Batch | None:
        """Take what was added for a batch, though it is not full."""
        if not self._paths:
            return None
        columns = (self._paths, list(self._find(self._paths)), self._stamps)
        place, files = self.add(marshal.dumps(columns)), len(self._paths)
        batch = Batch(place, files, self._bytes, self._to_store)
        self._batches.append(batch)
        self.unread.append(batch)
        self._paths, self._stamps, self._bytes, self._to_store = [], [], 0, 0
        return batch

    def unanswered(self) -> list[Batch]:
        """Those whose files nobody has read."""
        return [batch for batch in self._batches if batch.place not in self._outcomes]

    def columns(self, batch: Batch) -> Columns:
        """The files of a batch."""
        return Columns(*marshal.loads(self.get(batch.place)))

    def answer(self, batch: Batch, outcomes: bytes) -> None:
        """Keep what became of the files of a batch: a list of them, in `marshal`."""
        if batch.place not in self._outcomes:
            self.answered += batch.files
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
