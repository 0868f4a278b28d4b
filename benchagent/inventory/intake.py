"""Batches of files read into the store, by this process and a second one."""

import marshal
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from benchagent.inventory.batches import Batch, Batches
from benchagent.inventory.options import ScanOptions
from benchagent.inventory.outcomes import Outcome, Stamp, is_read
from benchagent.inventory.reading import read_files
from benchagent.inventory.second_reader import SecondReader, Work, is_worth_it
from benchagent.inventory.taking import NotStored, see_again
from benchagent.store import explained

Progress = Callable[[int, int, int], object]
Done = Callable[[int, int], object]

_PROGRESS_S = 0.1


@dataclass(slots=True, kw_only=True)
class Intake:
    """How far the reading of files has come.

    Attributes:
        files_read: how many files were read.
        bytes_read: their bytes.
        settles_at: by `time.monotonic`; what is read before is to be seen again after.
        early: what was read before.
    """

    files_read: int = 0
    bytes_read: int = 0
    settles_at: float = 0.0
    early: list[Batch] = field(default_factory=list[Batch])


def take_in(
    batches: Batches,
    intake: Intake,
    out: Path,
    second: SecondReader,
    options: ScanOptions,
    told: Done,
) -> None:
    """Read all files of some batches, storing what is not too large.

    The output folder was made ready by `prepare_blobs`.
    """
    # The largest go to the second process: while the first reads one, it does not feed the second.
    queue = deque(sorted(batches.all(), key=lambda batch: batch.size))
    if is_worth_it(sum(batch.files for batch in queue), sum(batch.size for batch in queue)):
        second.start()
    work = Work(str(out), queue, batches, options.size_cap, options.rehash)
    _Reading(work, intake, _Shown(told)).work_off(second)


def see_early_again(batches: Batches, intake: Intake) -> None:
    """Take out again what was read early and has changed since."""
    for batch in intake.early:
        _, sources, stamps = batches.columns(batch)
        outcomes = list(map(_still, sources, stamps, batches.outcomes(batch)))
        batches.answer(batch, marshal.dumps(outcomes))
    intake.early.clear()


def _still(source: str, stamp: Stamp, outcome: Outcome) -> Outcome:
    return (is_read(outcome) and see_again(source, stamp)) or outcome


class _Reading(NamedTuple):
    """The reading of files by this process, and what the second one gave."""

    work: Work
    intake: Intake
    shown: "_Shown"

    def work_off(self, second: SecondReader) -> None:
        """Read batches until the queue is empty, and the second process has answered."""
        queue = self.work.queue
        while queue or second.is_busy:
            second.give(self.work)
            if queue:
                self._read(queue.popleft())
            for batch, asked_at, outcomes in second.take_answered(self.work, wait=not queue):
                self._sort_in(batch, outcomes, asked_at)

    def _read(self, batch: Batch) -> None:
        begun_at, (out, _, batches, size_cap, anew) = time.monotonic(), self.work
        columns = batches.columns(batch)
        try:
            outcomes = read_files(out, *columns, size_cap=size_cap, anew=anew)
        except NotStored as error:
            with explained(Path(out)):
                raise error.__cause__ or error from None
        self._sort_in(batch, marshal.dumps(outcomes), begun_at)

    def _sort_in(self, batch: Batch, outcomes: bytes, begun_at: float) -> None:
        intake = self.intake
        if begun_at < intake.settles_at:
            intake.early.append(batch)
        self.work.batches.answer(batch, outcomes)
        intake.files_read += batch.files
        intake.bytes_read += batch.size
        self.shown.tell(intake)


class _Shown:
    """Progress, told ten times a second."""

    def __init__(self, progress: Done) -> None:
        self._progress, self._last = progress, time.monotonic()

    def tell(self, intake: Intake) -> None:
        """Call when more was read."""
        now = time.monotonic()
        if now - self._last > _PROGRESS_S:
            self._progress(intake.files_read, intake.bytes_read)
            self._last = now
