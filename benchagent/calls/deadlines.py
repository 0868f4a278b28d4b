"""How long a call may take, and the thread that ends it when it takes longer."""

import errno
import math
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Self

from benchagent.calls.outcomes import Outcome

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """How long a call may take, in seconds; there is no call without them.

    Attributes:
        connect: until the connection stands.
        load: how much longer the first chunk may take where the model has to be loaded first.
        first_token: from sending to the first chunk of a loaded model: reading the prompt.
        between_tokens: from one chunk to the next.
        total: from sending to the end.
    """

    connect: float = 5.0
    load: float = 300.0
    first_token: float = 300.0
    between_tokens: float = 60.0
    total: float = 900.0

    def __post_init__(self) -> None:
        """Refuse a deadline that is not a positive number of seconds."""
        for name in DEADLINES:
            seconds = getattr(self, name)
            if not (math.isfinite(seconds) and seconds > 0):
                raise ValueError(f"deadline {name} is {seconds!r}, expected seconds above 0")

    def with_load(self) -> Self:
        """The deadlines of a call for which the model may have to be loaded."""
        return replace(self, first_token=self.load + self.first_token)

    @property
    def to_connect(self) -> float:
        """Seconds for the connection, which has no longer than what it is for."""
        return min(self.connect, self.first_token, self.total)


DEADLINES = tuple(each.name for each in fields(Deadlines))
# A week, as for an agent of the roster.
LONGEST_SECONDS = 7 * 86400


def read_deadlines(texts: Iterable[str]) -> Deadlines:
    """Deadlines out of `total=1800` and the like; the usual ones where none is named.

    Raises:
        ValueError: a text does not read so; the message says what is expected.
    """
    named: dict[str, float] = {}
    for text in texts:
        name, _, seconds = (part.strip() for part in text.partition("="))
        if name not in DEADLINES:
            raise ValueError(f"{text!r}: expected NAME=SECONDS with {' or '.join(DEADLINES)}")
        if name in named:
            raise ValueError(f"{text!r}: {name} is given twice; give it once")
        try:
            named[name] = float(seconds)
        except ValueError:
            named[name] = math.nan
        if not 0 < named[name] <= LONGEST_SECONDS:
            raise ValueError(f"{text!r}: {seconds!r} are no seconds, expected more than 0")
    return Deadlines(**named)


class Watch:
    """A second pair of eyes on a call: shuts its socket when a deadline passes.

    A read that blocks cannot look at the clock, and a server that sends a byte a second never lets
    a read time out. Shutting the socket ends both, in headers as in the body.
    """

    def __init__(self, deadlines: Deadlines, clock: Clock = time.monotonic) -> None:
        """Start the clock of the first token and of the whole call."""
        self._clock = clock
        self._deadlines = deadlines
        now = clock()
        self._end = now + deadlines.total
        self._next = now + deadlines.first_token
        self._waiting_for: Outcome = "timeout_first_token"
        self._changed = threading.Condition()
        self._over = False
        self._stream: Any = None
        self.expired: Outcome | None = None
        self._thread = threading.Thread(target=self._run, name="call-deadline", daemon=True)

    def __enter__(self) -> Self:
        """Begin to watch."""
        self._thread.start()
        return self

    def __exit__(self, *raised: object) -> None:
        """Stop watching."""
        with self._changed:
            self._over = True
            self._changed.notify()
        self._thread.join()

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Take the socket as soon as it stands, headers or not (the trace extension of httpx)."""
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            with self._changed:
                self._stream = info["return_value"]
                if self.expired:
                    self._shut()

    def progress(self) -> None:
        """A chunk has come: from now on the gap between chunks counts."""
        with self._changed:
            sooner = self._waiting_for == "timeout_first_token"
            self._waiting_for = "timeout_between_tokens"
            self._next = self._clock() + self._deadlines.between_tokens
            if sooner:
                self._changed.notify()

    def _run(self) -> None:
        with self._changed:
            while not self._over:
                due = min(self._next, self._end)
                left = due - self._clock()
                if left <= 0:
                    self.expired = "timeout_total" if due == self._end else self._waiting_for
                    self._shut()
                    return
                self._changed.wait(left)

    def _shut(self) -> None:
        raw = self._stream.get_extra_info("socket") if self._stream is not None else None
        if raw is None:
            return
        try:
            # The plain socket's method also under TLS, whose own forgets the cipher that the
            # blocked read is using.
            socket.socket.shutdown(raw, socket.SHUT_RDWR)
        except OSError as error:
            if error.errno not in (errno.ENOTCONN, errno.EBADF):
                raise
