"""The engine in a process of its own: a step holds Python's interpreter lock until it is done.

In the server's process it would stop the event loop for as long, which for a long prompt is
seconds, and send tokens late and in bursts. A child also gives its memory back when the model is
unloaded, and a crash in native code is one failed request. The two talk in pickles over the
child's stdin and stdout.
"""

import concurrent.futures
import contextlib
import itertools
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any

from benchagent.embedded.engine.generation import Emit, Event, Failed, Job, Message, Piece
from benchagent.embedded.engine.messages import Answer, Call, Cancel, Generate, Open, Told
from benchagent.embedded.errors import EngineError
from benchagent.embedded.model import ServedModel

_LEAVING_S = 2.0


class EngineProcess:
    """An engine in a child process, as the server sees it."""

    def __init__(self, model: ServedModel, cache: Path, *, parallel: int = 1) -> None:
        """Start a child, which loads the model once somebody waits for it."""
        self._opening = Open(model=model, cache=cache, parallel=parallel)
        self._numbers = itertools.count(1)
        self._answers: dict[int, concurrent.futures.Future[Any]] = {}
        self._emits: dict[int, Emit] = {}
        self._lock = threading.Lock()
        self._child = subprocess.Popen(
            [sys.executable, "-m", "benchagent.embedded.engine.child"],
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
        if not self._send(Generate(number=number, job=job)):
            self._tell(number, Failed(message=self._epitaph()))

        def cancel() -> None:
            if self._emits.pop(number, None) is not None:
                self._send(Cancel(number=number))

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
        return self._ask(number, Call(number=number, method=method, arguments=arguments))

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
                if isinstance(message, Told):
                    self._tell(message.number, message.event)
                else:
                    self._settle(message)
        self._child.wait()
        stdout.close()
        for number in list(self._answers):
            self._settle(Answer(number=number, error=self._epitaph()))
        for number in list(self._emits):
            self._tell(number, Failed(message=self._epitaph()))

    def _tell(self, number: int, event: Event) -> None:
        last = not isinstance(event, Piece)
        emit = self._emits.pop(number, None) if last else self._emits.get(number)
        if emit is not None:
            emit(event)

    def _settle(self, answer: Answer) -> None:
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
