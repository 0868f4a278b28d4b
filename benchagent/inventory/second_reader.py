"""A second process that reads files, so that two cores hash and store.

It is a new interpreter that imports what reading needs and nothing else: no fork, since a Dagster
process has threads. It takes batches from the queue that the first process works on too.
Whatever ends it (killed, no room on the disk, a machine that lets nobody start a process), the
batch that it left unanswered goes back into the queue and is read by the first process, which
then meets the same trouble and says so. It ends when its input does, so it outlives nobody.
"""

import os
import pickle
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from benchagent.inventory.blobs import remove_temporaries
from benchagent.inventory.reading import Outcome, ToRead, read_files

# A new interpreter takes a tenth of a second; below this the first process is done before.
WORTH_FILES = 4000
WORTH_BYTES = 256 * 1024 * 1024
_PROGRAM = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from benchagent.inventory.second_reader import answer; answer()"
)
_PACKAGES = str(Path(__file__).resolve().parents[2])


class Answered(NamedTuple):
    """A batch that the second process has read."""

    batch: Sequence[ToRead]
    asked_at: float
    outcomes: Sequence[Outcome]


def is_worth_it(files: Sequence[ToRead]) -> bool:
    """Whether there is a second core, and enough to read for it."""
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    large = len(files) >= WORTH_FILES or sum(f.stamp.size for f in files) >= WORTH_BYTES
    return cores > 1 and large and bool(sys.executable)


class SecondReader:
    """A process that takes batches from the right end of a queue, until it is empty."""

    def __init__(self, out: Path, trusted: Collection[str], queue: deque[list[ToRead]]) -> None:
        """Use this queue; the process is started when the block is entered."""
        self._out = out
        self._trusted = set(trusted)
        self._queue = queue
        self._answered: deque[Answered] = deque()
        self._process: subprocess.Popen[bytes] | None = None
        self._talk = threading.Thread(target=self._converse, name="second-reader", daemon=True)

    def __enter__(self) -> "SecondReader":
        """Start it; where that cannot be done, nothing is read there."""
        with suppress(OSError):
            self._process = subprocess.Popen(
                [sys.executable, "-c", _PROGRAM, _PACKAGES],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                # Ctrl-C is for the first process, which ends this one.
                start_new_session=True,
            )
            self._talk.start()
        return self

    def __exit__(self, *raised: object) -> None:
        """End it at once, and clear what it left half-written."""
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        self._talk.join()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                with suppress(OSError):
                    pipe.close()
        remove_temporaries(self._out, self._process.pid)

    @property
    def pid(self) -> int | None:
        """Its process, if it could be started."""
        return self._process.pid if self._process else None

    @property
    def has_ended(self) -> bool:
        """Whether its process is gone."""
        return self._process is None or self._process.poll() is not None

    def take_answered(self) -> list[Answered]:
        """What it has read since this was asked last."""
        return [self._answered.popleft() for _ in range(len(self._answered))]

    def wait(self) -> None:
        """Wait until it has answered, or ended: then the queue may hold its last batch again."""
        if self._process:
            self._talk.join()

    def _converse(self) -> None:
        if not self._process or not self._process.stdin or not self._process.stdout:
            return
        asked, answers = self._process.stdin, self._process.stdout
        batch: list[ToRead] | None = None
        try:
            pickle.dump((self._out, self._trusted), asked)
            while self._queue:
                batch, asked_at = self._take_batch(), time.monotonic()
                pickle.dump(batch, asked)
                asked.flush()
                self._answered.append(Answered(batch, asked_at, pickle.load(answers)))
                batch = None
        except (OSError, EOFError, ValueError, pickle.UnpicklingError):
            pass
        if batch:
            self._queue.append(batch)

    def _take_batch(self) -> list[ToRead]:
        with suppress(IndexError):
            return self._queue.pop()
        return []


def answer() -> None:
    """Read batches from standard input until it ends: the program of the second process."""
    out, have = pickle.load(sys.stdin.buffer)
    while True:
        try:
            batch = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        pickle.dump(list(read_files(out, batch, have)), sys.stdout.buffer)
        sys.stdout.buffer.flush()
