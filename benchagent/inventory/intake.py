"""Batches of files read into the store, by this process and a second one."""

import marshal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from benchagent.inventory.batches import Batch, Batches
from benchagent.inventory.blobs import prepare_blobs
from benchagent.inventory.options import ScanOptions
from benchagent.inventory.outcomes import Outcome, Stamp, is_read
from benchagent.inventory.reading import read_files
from benchagent.inventory.second_reader import SecondReader, Work, is_worth_it
from benchagent.inventory.taking import NotStored, see_again
from benchagent.store import explained, require_free_space

Progress = Callable[[int, int, int], object]

_PROGRESS_S = 0.1


@dataclass(slots=True, kw_only=True)
class Intake:
    """The reading of a scan's files.

    Attributes:
        settles_at: by `time.monotonic`; what is read before is to be seen again after.
        files_read: how many files were read.
        bytes_read: their bytes.
        early: what was read before they had settled.
        prepared: whether the store is ready to take something.
    """

    out: Path
    second: SecondReader
    options: ScanOptions
    settles_at: float
    files_read: int = 0
    bytes_read: int = 0
    early: list[Batch] = field(default_factory=list[Batch])
    prepared: bool = False

    def read_ahead(self, batches: Batches, batch: Batch) -> None:
        """Let the second process read the batch, and others, while this one looks for more."""
        self.make_room(batch.to_store)
        work = self._work(batches)
        self._take_answered(work, wait=False)
        self.second.give(work)

    def read(self, batches: Batches, told: Callable[[], object]) -> None:
        """Read all batches that nobody has read, storing what is not too large.

        `make_room` was called for them; `told` is called when more was read.
        """
        queue, work = batches.unread, self._work(batches)
        # The largest go to the second process: while the first reads one, it does not feed it.
        by_size = sorted(queue, key=lambda batch: batch.size)
        queue.clear()
        queue.extend(by_size)
        if is_worth_it(sum(batch.files for batch in queue), sum(batch.size for batch in queue)):
            self.second.start()
        while queue or self.second.is_busy:
            self.second.give(work)
            if queue:
                self._read_here(queue.popleft(), work)
            self._take_answered(work, wait=not queue)
            told()

    def make_room(self, to_store: int, more: int = 0) -> None:
        """Make the store ready for so many bytes; `more` are written besides it.

        Raises:
            DiskFull: they do not fit.
        """
        require_free_space(self.out, to_store + more, floor=self.options.free_floor)
        if to_store and not self.prepared:
            prepare_blobs(self.out)
            self.prepared = True

    def see_early_again(self, batches: Batches) -> None:
        """Take out again what was read early and has changed since."""
        for batch in self.early:
            _, sources, stamps = batches.columns(batch)
            outcomes = list(map(_still, sources, stamps, batches.outcomes(batch)))
            batches.answer(batch, marshal.dumps(outcomes))
        self.early.clear()

    def _work(self, batches: Batches) -> Work:
        options = self.options
        return Work(str(self.out), batches.unread, batches, options.size_cap, options.rehash)

    def _read_here(self, batch: Batch, work: Work) -> None:
        begun_at, (out, _, batches, size_cap, anew) = time.monotonic(), work
        columns = batches.columns(batch)
        try:
            outcomes = read_files(out, *columns, size_cap=size_cap, anew=anew)
        except NotStored as error:
            with explained(Path(out)):
                raise error.__cause__ or error from None
        self._sort_in(batch, marshal.dumps(outcomes), batches, begun_at)

    def _take_answered(self, work: Work, *, wait: bool) -> None:
        for batch, asked_at, outcomes in self.second.take_answered(work, wait=wait):
            self._sort_in(batch, outcomes, work.batches, asked_at)

    def _sort_in(self, batch: Batch, outcomes: bytes, batches: Batches, begun_at: float) -> None:
        if begun_at < self.settles_at:
            self.early.append(batch)
        batches.answer(batch, outcomes)
        self.files_read += batch.files
        self.bytes_read += batch.size


def _still(source: str, stamp: Stamp, outcome: Outcome) -> Outcome:
    return (is_read(outcome) and see_again(source, stamp)) or outcome


class Shown:
    """Progress, shown at most ten times a second."""

    def __init__(self, intake: Intake, total: int, progress: Progress) -> None:
        """Tell at once what was read, of so many files in `total`."""
        self._intake, self._total, self._progress = intake, total, progress
        self.tell()

    def tell(self) -> None:
        """Tell what was read."""
        self._progress(self._intake.files_read, self._total, self._intake.bytes_read)
        self._last = time.monotonic()

    def tell_now_and_then(self) -> None:
        """Tell it, unless it was just told."""
        if time.monotonic() - self._last > _PROGRESS_S:
            self.tell()
