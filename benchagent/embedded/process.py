"""The embedded server as a child process, which ends when its parent does."""

import contextlib
import json
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import httpx

from benchagent.embedded.errors import ServerStartError

_POLL_S = 0.05
# Fetching the weights is part of the start.
_START_S = 900.0
_STOP_S = 12.0
_TAIL_LINES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerProcess:
    """A running child: where it answers, which model it has, and its process id."""

    url: str
    model: str
    pid: int


@contextlib.contextmanager
def start_server(
    cache: Path,
    *,
    model: Path | None = None,
    preload: bool = True,
    log: Path | None = None,
) -> Iterator[ServerProcess]:
    """Run an embedded server for as long as the context lasts, or this process lives.

    It answers at once; the model loads behind it, and the first request waits for that.

    Args:
        cache: folder for weights and the converted model.
        model: a GGUF file of one's own; None is `smollm2:135m`.
        preload: load the model at once; else the first request waits for it.
        log: file for the server's messages, replaced; None forgets them.

    Raises:
        ServerStartError: it ended or did not answer in time; the message has its last words.
    """
    command = [sys.executable, "-m", "benchagent.embedded", "--cache", str(cache)]
    command += ["--model", str(model)] if model else []
    command += [] if preload else ["--on-demand"]
    with _messages(log) as messages:
        child = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=messages,
            text=True,
            encoding="utf-8",
            # Ctrl-C is for the parent, which still has to end its work with the server's help.
            start_new_session=True,
        )
        try:
            yield _wait_until_answering(child, messages, time.monotonic() + _START_S)
        finally:
            _stop(child)


@contextlib.contextmanager
def _messages(log: Path | None) -> Iterator[IO[bytes]]:
    if log is None:
        with tempfile.TemporaryFile() as file:
            yield file
    else:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("w+b") as file:
            yield file


def _wait_until_answering(
    child: subprocess.Popen[str], messages: IO[bytes], deadline: float
) -> ServerProcess:
    lines: queue.Queue[str] = queue.Queue()
    threading.Thread(target=_read_line, args=(child, lines), daemon=True).start()
    while time.monotonic() < deadline:
        try:
            line = lines.get(timeout=_POLL_S)
        except queue.Empty:
            continue
        if not line:
            child.wait(_STOP_S)
            raise ServerStartError(
                f"the embedded server ended with {child.returncode}: {_tail(messages)}"
            )
        said = json.loads(line)
        server = ServerProcess(url=said["url"], model=said["model"], pid=said["pid"])
        _wait_for_version(server, deadline)
        return server
    raise ServerStartError(f"the embedded server did not start in time: {_tail(messages)}")


def _read_line(child: subprocess.Popen[str], lines: queue.Queue[str]) -> None:
    assert child.stdout is not None
    lines.put(child.stdout.readline())


def _wait_for_version(server: ServerProcess, deadline: float) -> None:
    """The socket listens before the application does; ask until it answers."""
    with httpx.Client(trust_env=False, timeout=5.0) as client:
        while True:
            try:
                client.get(f"{server.url}/api/version").raise_for_status()
            except httpx.HTTPError as error:
                if time.monotonic() > deadline:
                    raise ServerStartError(f"{server.url} does not answer: {error}") from error
                time.sleep(_POLL_S)
            else:
                return


def _tail(messages: IO[bytes]) -> str:
    messages.seek(0)
    lines = [line for line in messages.read().decode("utf-8", "replace").splitlines() if line]
    return "\n".join(lines[-_TAIL_LINES:]) or "it said nothing"


def _stop(child: subprocess.Popen[str]) -> None:
    """Closing its stdin asks the server to end; the rest is for when it does not."""
    assert child.stdin is not None
    assert child.stdout is not None
    with contextlib.suppress(BrokenPipeError):
        child.stdin.close()
    for insist in (child.terminate, child.kill):
        try:
            child.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            insist()
    child.wait()
    child.stdout.close()
