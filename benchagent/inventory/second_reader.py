"""A second process that reads files, so that two cores hash and store.

It is a new interpreter that imports what reading needs and nothing else: no fork, since a Dagster
process has threads. Between two batches of its own, the first process gives it some from the same
queue, more than it is busy with, so that it never waits.
Whatever ends it (killed, no room on the disk, a machine that lets nobody start a process), the
batches that it left unanswered go back into the queue and are read by the first process, which
then meets the same trouble and says so. It ends when its input does, so it outlives nobody.
"""

import marshal
import os
import select
import subprocess
import sys
import time
from collections import deque
from pathlib import Path
from typing import IO, Literal, NamedTuple

from benchagent.inventory.batches import Batch, Batches
from benchagent.inventory.second_process import receive, send

# It takes some hundredths of a second to start; below this the first process is done before.
WORTH_FILES = 2000
# Started when a walk has yet to look at so many, it is ready soon after their reading begins.
EARLY_FILES = 500
WORTH_BYTES = 256 * 1024 * 1024
# While it reads one, others wait. Its answers to all of them fit into a pipe, so it never has to
# wait with an answer for a first process that waits for it to take a batch.
_UNDER_WAY = 3
_PROGRAM = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from benchagent.inventory.second_process import answer; answer()"
)
_PACKAGES = str(Path(__file__).resolve().parents[2])


class Work(NamedTuple):
    """What both processes work on.

    Attributes:
        queue: what is still to be read.
        batches: where its files stand.
        size_cap: as `read_files` has it.
        anew: as `read_files` has it.
    """

    queue: deque[Batch]
    batches: Batches
    size_cap: int
    anew: bool


class Answered(NamedTuple):
    """A batch that the second process has read, and its outcomes in `marshal`."""

    batch: Batch
    asked_at: float
    outcomes: bytes


def is_worth_it(files: int, size: int = 0, *, least: int = WORTH_FILES) -> bool:
    """Whether there is a second core and enough to read for it."""
    if os.name == "nt":  # there, nobody can look whether a pipe holds an answer
        return False
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return cores > 1 and (files >= least or size >= WORTH_BYTES) and bool(sys.executable)


class SecondReader:
    """A process that is given batches from the right end of a queue, once it was started."""

    def __init__(self, out: Path) -> None:
        """For this output folder; the process ends with the block."""
        self._out = out
        self._under_way: deque[tuple[Batch, float]] = deque()
        self._process: subprocess.Popen[bytes] | None = None
        self._is_ready = self._has_left = False

    def __enter__(self) -> "SecondReader":
        """Nothing is started yet."""
        return self

    def start(self) -> None:
        """Start it, if it was not; where that cannot be done, nothing is read there."""
        if self._process or self._has_left:
            return
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", _PROGRAM, _PACKAGES],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,  # or an answer could lie in a buffer, where `poll` sees none
                # Ctrl-C is for the first process, which ends this one.
                start_new_session=True,
            )
        except OSError:
            self._has_left = True

    def __exit__(self, *raised: object) -> None:
        """See `end`; it is gone then."""
        self.end()
        if self._process:
            self._process.wait()
            self._pipe("stdin").close()
            self._pipe("stdout").close()

    def end(self) -> None:
        """End it at once, whatever it does; nothing is read there any more."""
        self._has_left = True
        if self._process:
            self._process.kill()
            if self.is_busy:  # or its end, which takes milliseconds, can wait
                self._process.wait()

    @property
    def pid(self) -> int | None:
        """Its process, if it could be started."""
        return self._process.pid if self._process else None

    @property
    def has_ended(self) -> bool:
        """Whether its process is gone."""
        return self._process is None or self._process.poll() is not None

    @property
    def is_busy(self) -> bool:
        """Whether it has batches that it has not answered."""
        return bool(self._under_way)

    def give(self, work: Work) -> None:
        """Let it have as many batches as it may have under way, once it is ready."""
        while work.queue and len(self._under_way) < _UNDER_WAY and self._listens(work):
            batch = work.queue.pop()
            self._under_way.append((batch, time.monotonic()))
            self._send(work.batches.get(batch.place), work)

    def take_answered(self, work: Work, *, wait: bool) -> list[Answered]:
        """What it has read since this was asked last; with `wait`, at least one batch.

        Once it has ended the queue holds what it left.
        """
        found: list[Answered] = []
        while self._under_way and ((wait and not found) or self._has_answered()):
            answer = self._receive(work)
            if answer is not None:
                found.append(Answered(*self._under_way.popleft(), answer))
        return found

    def _listens(self, work: Work) -> bool:
        if self._process and not self._is_ready and not self._has_left and self._has_answered():
            self._is_ready = self._receive(work) is not None
            if self._is_ready:
                self._send(marshal.dumps((str(self._out), work.size_cap, work.anew)), work)
        return self._is_ready and not self._has_left

    def _has_answered(self) -> bool:
        poll = select.poll()
        poll.register(self._pipe("stdout"), select.POLLIN)
        return bool(poll.poll(0))

    def _receive(self, work: Work) -> bytes | None:
        try:
            return receive(self._pipe("stdout"))
        except (OSError, EOFError):
            self._leave(work)

    def _send(self, message: bytes, work: Work) -> None:
        try:
            send(self._pipe("stdin"), message)
        except OSError:
            self._leave(work)

    def _leave(self, work: Work) -> None:
        self._has_left = True
        work.queue.extend(batch for batch, _ in self._under_way)
        self._under_way.clear()

    def _pipe(self, name: Literal["stdin", "stdout"]) -> IO[bytes]:
        pipe = self._process and getattr(self._process, name)
        assert pipe
        return pipe
