"""When a scripted server was asked, and until when it answered: for tests of who takes turns."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from benchagent_tests.scripted_ollama import ScriptedOllama
from benchagent_tests.scripted_replies import Script, Turn, at_random


class Span(NamedTuple):
    """One reply, in seconds of this machine's monotonic clock."""

    start: float
    end: float

    def overlaps(self, other: "Span") -> bool:
        """Whether both were going on at some moment."""
        return self.start < other.end and other.start < self.end


@dataclass(slots=True)
class ModelClock:
    """The replies of one server, each of which takes at least `reply_s`."""

    reply_s: float = 0.0
    spans: list[Span] = field(default_factory=list)
    most_at_once: int = 0
    _now: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def around(self, script: Script) -> Script:
        """The same script, with its time taken."""

        def play(turn: Turn) -> None:
            start = time.monotonic()
            with self._lock:
                self._now += 1
                self.most_at_once = max(self.most_at_once, self._now)
            try:
                time.sleep(self.reply_s)
                script(turn)
            finally:
                with self._lock:
                    self._now -= 1
                    self.spans.append(Span(start, time.monotonic()))

        return play


@contextmanager
def timed_ollama(reply_s: float = 0.0) -> Iterator[tuple[ScriptedOllama, ModelClock]]:
    """A server whose replies are timed."""
    clock = ModelClock(reply_s)
    with ScriptedOllama() as ollama:
        yield ollama.always(clock.around(at_random())), clock
