"""A second process beside this one, so that two cores work off one queue.

It is a new interpreter that imports only what its work needs; a fork is not safe, since a Dagster
process has threads. Between two items of its own, the first process hands it some from the same
queue, more than it is busy with, so that it never waits.

Whatever ends it (a kill, a full disk, a machine that lets nobody start a process), the items that
it left unanswered go back into the queue. The first process does them, meets the same trouble and
says so. The second process ends when its input does, so it never outlives the first.
"""

import os
import select
import subprocess
import sys
import time
from collections import deque
from pathlib import Path
from typing import IO, ClassVar, Generic, Literal, NamedTuple, Protocol, Self, TypeVar

from benchagent.messages import receive, send

_PROGRAM = "import sys; sys.path.insert(0, sys.argv[1]); from {module} import answer; answer()"
_PACKAGES = str(Path(__file__).resolve().parents[1])

Item = TypeVar("Item")


class Work(Protocol[Item]):
    """What both processes work off, the first from the left end and the second from the right."""

    @property
    def queue(self) -> deque[Item]:
        """What is still to be done."""
        ...

    def opening(self) -> bytes:
        """What the second process is told before the first item."""
        ...

    def message(self, item: Item) -> bytes:
        """What it is told of an item."""
        ...


class Answered(NamedTuple, Generic[Item]):
    """An item that the second process has done, and what it said of it."""

    item: Item
    asked_at: float
    answer: bytes


def has_second_core() -> bool:
    """Whether a second process could work while this one does."""
    if os.name == "nt":  # there, nobody can look whether a pipe holds an answer
        return False
    return count_cores() > 1 and bool(sys.executable)


def count_cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


class SideProcess(Generic[Item]):
    """A process that is given items from the right end of a queue, once it was started.

    Attributes:
        MODULE: its `answer` is the program: it sends `ready`, receives the opening, and then sends
            an answer to each message until its standard input ends.
        UNDER_WAY: while it does one item, the others of so many wait. Its answers to all of them
            fit into a pipe, so it never has to wait with an answer for a first process that waits
            for it to take an item.
        OPTIONS: of the interpreter.
    """

    MODULE: ClassVar[str]
    UNDER_WAY: ClassVar[int] = 3
    OPTIONS: ClassVar[tuple[str, ...]] = ("-I",)

    def __init__(self) -> None:
        """Nothing is started yet; the process ends with the block."""
        self._under_way: deque[tuple[Item, float]] = deque()
        self._process: subprocess.Popen[bytes] | None = None
        self._is_ready = self._has_left = False

    def __enter__(self) -> Self:
        """Nothing is started yet."""
        return self

    def start(self) -> None:
        """Start it, if it was not; where that cannot be done, nothing is done there."""
        if self._process or self._has_left:
            return
        program = _PROGRAM.format(module=self.MODULE)
        try:
            self._process = subprocess.Popen(
                [sys.executable, *self.OPTIONS, "-c", program, _PACKAGES],
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
        """End it at once, whatever it does; nothing is done there any more."""
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
        """Whether it has items that it has not answered."""
        return bool(self._under_way)

    def give(self, work: Work[Item]) -> None:
        """Let it have as many items as it may have under way, once it is ready.

        No more than stay in the queue, or this process would be done and wait for it.
        """
        while len(self._under_way) < min(self.UNDER_WAY, len(work.queue)) and self._listens(work):
            item = work.queue.pop()
            self._under_way.append((item, time.monotonic()))
            self._send(work.message(item), work)

    def take_answered(self, work: Work[Item], *, wait: bool) -> list[Answered[Item]]:
        """What it has done since this was asked last; with `wait`, at least one item.

        Once it has ended the queue holds what it left.
        """
        found: list[Answered[Item]] = []
        while self._under_way and ((wait and not found) or self._has_answered()):
            answer = self._receive(work)
            if answer is not None:
                found.append(Answered(*self._under_way.popleft(), answer))
        return found

    def _listens(self, work: Work[Item]) -> bool:
        if self._process and not self._is_ready and not self._has_left and self._has_answered():
            self._is_ready = self._receive(work) is not None
            if self._is_ready:
                self._send(work.opening(), work)
        return self._is_ready and not self._has_left

    def _has_answered(self) -> bool:
        poll = select.poll()
        poll.register(self._pipe("stdout"), select.POLLIN)
        return bool(poll.poll(0))

    def _receive(self, work: Work[Item]) -> bytes | None:
        try:
            return receive(self._pipe("stdout"))
        except (OSError, EOFError):
            self._leave(work)

    def _send(self, message: bytes, work: Work[Item]) -> None:
        try:
            send(self._pipe("stdin"), message)
        except OSError:
            self._leave(work)

    def _leave(self, work: Work[Item]) -> None:
        self._has_left = True
        work.queue.extend(item for item, _ in self._under_way)
        self._under_way.clear()

    def _pipe(self, name: Literal["stdin", "stdout"]) -> IO[bytes]:
        pipe = self._process and getattr(self._process, name)
        assert pipe
        return pipe
