"""A program and all that it starts, which end when we do, however we end."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

POLL_SECONDS = 0.1
# A watching process, since after kill -9 nothing of ours runs any more: its input ends when we do.
WATCH = """
import os, signal, sys, time
group, patience = int(sys.argv[1]), float(sys.argv[2])
sys.stdin.buffer.read()
for number in (signal.SIGTERM, signal.SIGKILL):
    try:
        os.killpg(group, number)
        end = time.monotonic() + patience
        while time.monotonic() < end:
            os.killpg(group, 0)
            time.sleep(0.1)
    except ProcessLookupError:
        break
"""


@contextmanager
def program_of_ours(
    command: Sequence[str], *, folder: Path, patience_s: float
) -> Iterator[subprocess.Popen[bytes]]:
    """Runs a program in a process group of its own, and leaves none of the group behind.

    Args:
        command: the program and its arguments.
        folder: where it runs.
        patience_s: how long it may take to end after it was asked to, before it is killed.
    """
    if os.name == "nt":
        with subprocess.Popen(command, cwd=folder) as program:
            try:
                yield program
            finally:
                program.kill()
        return
    program = subprocess.Popen(command, cwd=folder, start_new_session=True)
    watcher = subprocess.Popen(
        [sys.executable, "-S", "-E", "-c", WATCH, str(program.pid), str(patience_s)],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        yield program
    finally:
        _end(program, patience_s)
        watcher.communicate()


def _end(program: subprocess.Popen[bytes], patience_s: float) -> None:
    """Asks the program to end, then the group to be gone."""
    if program.poll() is None:
        program.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            program.wait(patience_s)
    end = time.monotonic() + patience_s
    while _is_there(program.pid) and time.monotonic() < end:
        program.poll()
        time.sleep(POLL_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(program.pid, signal.SIGKILL)
    program.wait()


def _is_there(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
