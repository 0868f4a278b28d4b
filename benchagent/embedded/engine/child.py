"""The child process that an engine runs in: it loads one model and does what it is told."""

import contextlib
import logging
import os
import pickle
import queue
import sys
import threading
from collections.abc import Callable
from typing import IO, Any

from benchagent.embedded.engine.generation import Event
from benchagent.embedded.engine.messages import Answer, Call, Cancel, Generate, Open, Told
from benchagent.embedded.errors import EngineError


def run_engine(told: IO[bytes], telling: IO[bytes]) -> None:
    """Load what the first message says, then do what the others say, until there are no more."""
    from benchagent.embedded.engine.engine import Stepper
    from benchagent.embedded.engine.loading import open_pipeline

    def say(message: object) -> None:
        pickle.dump(message, telling)
        telling.flush()

    opening: Open = pickle.load(told)
    inbox: queue.SimpleQueue[object] = queue.SimpleQueue()
    loaded = threading.Event()
    threading.Thread(target=_receive, args=(told, inbox, loaded), daemon=True).start()
    try:
        pipeline = open_pipeline(opening.model, opening.cache, parallel=opening.parallel)
    except EngineError as error:
        say(Answer(number=0, error=str(error)))
        return
    stepper = Stepper(pipeline, opening.model)
    loaded.set()
    say(Answer(number=0))
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
        case Generate(number=number, job=job):

            def tell(event: Event) -> None:
                say(Told(number=number, event=event))

            stepper.admit(number, job, tell)
        case Cancel(number=number):
            stepper.cancel(number)
        case Call(number=number, method=method, arguments=arguments):
            try:
                answer = Answer(number=number, value=getattr(stepper, method)(**arguments))
            except RuntimeError as error:
                answer = Answer(number=number, error=str(error))
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
    main()
