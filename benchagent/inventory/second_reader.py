"""A second process that reads files, so that two cores hash and store.

It is a new interpreter that imports what reading needs and nothing else: no fork, since a Dagster
process has threads. It takes batches from the queue that the first process works on too.
Whatever ends it (killed, no room on the disk, a machine that lets nobody start a process), the
batches that it left unanswered go back into the queue and are read by the first process, which
then meets the same trouble and says so. It ends when its input does, so it outlives nobody.
"""

import marshal
import os
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from benchagent.inventory.blobs import remove_temporaries
from benchagent.inventory.reading import Outcome, ToRead
from benchagent.inventory.second_process import from_wire

# A new interpreter takes a tenth of a second; below this the first process is done before.
WORTH_FILES = 4000
WORTH_BYTES = 256 * 1024 * 1024
_UNDER_WAY = 2
_PROGRAM = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from benchagent.inventory.second_process import answer; answer()"
)
_PACKAGES = str(Path(__file__).resolve().parents[2])


class Answered(NamedTuple):
    """A batch that the second process has read."""

    batch: Sequence[str]
    asked_at: float
    outcomes: Sequence[Outcome]


def is_worth_it(files: int, size: int) -> bool:
    """Whether there is a second core, and enough to read for it."""
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return cores > 1 and (files >= WORTH_FILES or size >= WORTH_BYTES) and bool(sys.executable)


class SecondReader:
    """A process that takes batches from the right end of a queue, until it is empty."""

    def __init__(
        self,
        out: Path,
        trusted: Collection[str],
        queue: deque[list[str]],
        find: Callable[[Iterable[str]], list[ToRead]],
    ) -> None:
        """Use this queue of paths, and `find` for where they lie.

        The process is started when the block is entered.
        """
        self._out = out
        self._trusted = set(trusted)
        self._queue = queue
        self._find = find
        self._answered: deque[Answered] = deque()
        self._process: subprocess.Popen[bytes] | None = None
        self._talk = threading.Thread(target=self._converse, name="second-reader", daemon=True)

    def __enter__(self) -> "SecondReader":
        """Start it; where that cannot be done, nothing is read there."""
        with suppress(OSError):
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", _PROGRAM, _PACKAGES],
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
        under_way: deque[tuple[list[str], float]] = deque()
        try:
            marshal.dump((str(self._out), self._trusted), asked)
            while self._queue or under_way:
                # it reads the next one while this process takes over what it answered
                while self._queue and len(under_way) < _UNDER_WAY:
                    under_way.append((self._take_batch(), time.monotonic()))
                    marshal.dump([tuple(file) for file in self._find(under_way[-1][0])], asked)
                    asked.flush()
                answered = from_wire(marshal.load(answers))
                self._answered.append(Answered(*under_way[0], answered))
                under_way.popleft()
        except (OSError, EOFError, ValueError, TypeError):
            pass
        self._queue.extend(batch for batch, _ in under_way if batch)

    def _take_batch(self) -> list[str]:
        with suppress(IndexError):
            return self._queue.pop()
        return []
