"""The engine in a process of its own: a step holds Python's interpreter lock until it is done.

In the server's process it would stop the event loop for as long, which for a long prompt is
seconds, and send tokens late and in bursts. A child also gives its memory back when the model is
unloaded, and a crash in native code is one failed request. The two talk in pickles over the
child's stdin and stdout.
"""

import concurrent.futures
import contextlib
import itertools
import logging
import os
import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from benchagent.embedded.errors import EngineError
from benchagent.embedded.generation import Emit, Event, Failed, Job, Message, Piece
from benchagent.embedded.model import ServedModel

logger = logging.getLogger(__name__)

_LEAVING_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Open:
    """The first thing a child is told."""

    model: ServedModel
    cache: Path
    parallel: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """A question with one answer: render or encode."""

    number: int
    method: str
    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Generate:
    number: int
    job: Job


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cancel:
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """What a call returns, or the sentence of its error; number 0 answers the opening."""

    number: int
    value: Any = None
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """An event of a generation."""

    number: int
    event: Event


class EngineProcess:
    """An engine in a child process, as the server sees it."""

    def __init__(self, model: ServedModel, cache: Path, *, parallel: int = 1) -> None:
        """Start a child, which loads the model once somebody waits for it."""
        self._opening = _Open(model=model, cache=cache, parallel=parallel)
        self._numbers = itertools.count(1)
        self._answers: dict[int, concurrent.futures.Future[Any]] = {}
        self._emits: dict[int, Emit] = {}
        self._lock = threading.Lock()
        self._child = subprocess.Popen(
            [sys.executable, "-m", "benchagent.embedded.engine_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        threading.Thread(target=self._listen, name="embedded-engine", daemon=True).start()

    def wait_ready(self) -> None:
        """Have the model loaded; return when it is.

        Raises:
            EngineError: the engine cannot run this model here, or ended before it was ready.
        """
        self._ask(0, self._opening)

    @property
    def alive(self) -> bool:
        """Whether it can still generate."""
        return self._child.poll() is None

    def render(self, messages: Sequence[Message]) -> str:
        """Write a conversation in the model's template."""
        return self._call("render", messages=tuple(messages))

    def encode(self, prompt: str, *, raw: bool) -> tuple[int, ...]:
        """Turn text into tokens."""
        return self._call("encode", prompt=prompt, raw=raw)

    def generate(self, job: Job, emit: Emit) -> Callable[[], None]:
        """Start a job; its events come on the thread that listens to the child."""
        number = next(self._numbers)
        self._emits[number] = emit
        if not self._send(_Generate(number=number, job=job)):
            self._tell(number, Failed(message=self._epitaph()))

        def cancel() -> None:
            if self._emits.pop(number, None) is not None:
                self._send(_Cancel(number=number))

        return cancel

    def close(self) -> None:
        """End the child, which frees the model's memory."""
        with self._lock, contextlib.suppress(OSError):
            _stream(self._child.stdin).close()
        try:
            self._child.wait(_LEAVING_S)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()

    def _call(self, method: str, **arguments: object) -> Any:
        number = next(self._numbers)
        return self._ask(number, _Call(number=number, method=method, arguments=arguments))

    def _ask(self, number: int, question: object) -> Any:
        answer = self._answers[number] = concurrent.futures.Future()
        if not self._send(question):
            raise EngineError(self._epitaph())
        return answer.result()

    def _send(self, message: object) -> bool:
        """Tell the child something; False when it can no longer hear."""
        stdin = _stream(self._child.stdin)
        try:
            with self._lock:
                pickle.dump(message, stdin)
                stdin.flush()
        except (OSError, ValueError):
            return False
        return True

    def _listen(self) -> None:
        stdout = _stream(self._child.stdout)
        with contextlib.suppress(EOFError, OSError, pickle.UnpicklingError):
            while True:
                message = pickle.load(stdout)
                if isinstance(message, _Told):
                    self._tell(message.number, message.event)
                else:
                    self._settle(message)
        self._child.wait()
        stdout.close()
        for number in list(self._answers):
            self._settle(_Answer(number=number, error=self._epitaph()))
        for number in list(self._emits):
            self._tell(number, Failed(message=self._epitaph()))

    def _tell(self, number: int, event: Event) -> None:
        last = not isinstance(event, Piece)
        emit = self._emits.pop(number, None) if last else self._emits.get(number)
        if emit is not None:
            emit(event)

    def _settle(self, answer: _Answer) -> None:
        waiting = self._answers.pop(answer.number, None)
        if waiting is None:
            return
        if answer.error:
            waiting.set_exception(EngineError(answer.error))
        else:
            waiting.set_result(answer.value)

    def _epitaph(self) -> str:
        return f"the engine's process has ended ({self._child.poll()})"


def _stream(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe


def run_engine(told: IO[bytes], telling: IO[bytes]) -> None:
    """Load what the first message says, then do what the others say, until there are no more."""
    from benchagent.embedded.engine import Stepper
    from benchagent.embedded.loading import open_pipeline

    def say(message: object) -> None:
        pickle.dump(message, telling)
        telling.flush()

    opening: _Open = pickle.load(told)
    inbox: queue.SimpleQueue[object] = queue.SimpleQueue()
    loaded = threading.Event()
    threading.Thread(target=_receive, args=(told, inbox, loaded), daemon=True).start()
    try:
        pipeline = open_pipeline(opening.model, opening.cache, parallel=opening.parallel)
    except EngineError as error:
        say(_Answer(number=0, error=str(error)))
        return
    stepper = Stepper(pipeline, opening.model)
    loaded.set()
    say(_Answer(number=0))
    while True:
        while not inbox.empty() or stepper.is_idle:
            message = inbox.get()
            if message is None:
                return
            _obey(stepper, message, say)
        stepper.step()


def _receive(told: IO[bytes], inbox: queue.SimpleQueue[object], loaded: threading.Event) -> None:
    """Pass messages on; their end is the server's, and stops even a load."""
    with contextlib.suppress(EOFError, OSError):
        while True:
            inbox.put(pickle.load(told))
    if not loaded.is_set():
        os._exit(1)
    inbox.put(None)


def _obey(stepper: Any, message: object, say: Callable[[object], None]) -> None:
    match message:
        case _Generate(number=number, job=job):

            def tell(event: Event) -> None:
                say(_Told(number=number, event=event))

            stepper.admit(number, job, tell)
        case _Cancel(number=number):
            stepper.cancel(number)
        case _Call(number=number, method=method, arguments=arguments):
            try:
                answer = _Answer(number=number, value=getattr(stepper, method)(**arguments))
            except RuntimeError as error:
                answer = _Answer(number=number, error=str(error))
            say(answer)
        case _:
            raise TypeError(f"{message!r} is no message of this protocol")


def main() -> None:
    """Be the child: keep stdout for messages, whatever the native code prints."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
    with os.fdopen(os.dup(1), "wb") as telling:
        os.dup2(2, 1)
        with contextlib.suppress(BrokenPipeError, EOFError):
            run_engine(sys.stdin.buffer, telling)
    logging.shutdown()
    # Native threads are still there; taking the libraries down around them can crash.
    os._exit(0)


if __name__ == "__main__":
    # As __main__ its messages would be classes of another module than the parent's.
    from benchagent.embedded import engine_process

    engine_process.main()
