"""A process that has done the imports of a Dagster run, and forks a child for each run.

`warm_launcher` starts it with one end of a socket pair and asks for a child with the arguments of
`dagster api execute_run`, Dagster's own command for a run in a process of its own. The child waits
until the launcher has been told of it, so a launch that nobody heard of executes nothing.

Only modules are shared. The process opens no file, no database and no thread of Python's, and what
reads the environment or the roster (`benchagent.definitions`) is imported by each child. Once a
file of a loaded module has changed, or a package was installed, it forks no more. It ends when the
launcher has and the last child too; until then it reports the runs whose process ended without
doing so itself.
"""

import importlib
import os
import runpy
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from importlib.metadata import distributions
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import NamedTuple

from benchagent.collection import spare_imports
from benchagent.defs.run_workers import Worker

# Everything that a run needs, some of which its steps would import when they get there.
MODULES = (
    "benchagent.agents.roster_file",
    "benchagent.defs.agents",
    "benchagent.defs.automation",
    "benchagent.defs.benchmarks",
    "benchagent.defs.cost",
    "benchagent.defs.database",
    "benchagent.defs.evidence",
    "benchagent.defs.executors",
    "benchagent.defs.outcome",
    "benchagent.defs.printed",
    "benchagent.defs.resources",
    "benchagent.defs.retirement",
    "benchagent.defs.run_ends",
    "dagster._cli",
    "dagster._core.executor.in_process",
    "pyarrow.acero",
    "scipy.stats",
    "upath.implementations.local",
)


class FileState(NamedTuple):
    """What tells that a file was written again, or that something came into a folder."""

    changed: int
    size: int


class Child(NamedTuple):
    """A forked process; `arguments` are None where it executes no run."""

    pid: int
    arguments: Sequence[str] | None


class WarmProcess:
    """Forks children on demand, and sees them end."""

    def __init__(self, control: Connection, loaded: dict[Path, FileState]) -> None:
        """Answers on `control` as long as the `loaded` files are as they were."""
        self._control: Connection | None = control
        self._loaded = loaded
        self._children: dict[int, Child] = {}

    def serve(self) -> Callable[[], None]:
        """Serve requests until the launcher and the last child have ended.

        Returns:
            What its caller is to do then: in each forked child the child's work, here nothing.
        """
        while self._control or self._children:
            for ready in wait([*self._children, *([self._control] if self._control else [])]):
                todo = self._see_end(ready) if isinstance(ready, int) else self._take_request()
                if todo:
                    return todo
        return lambda: None

    def _take_request(self) -> Callable[[], None] | None:
        assert self._control is not None
        try:
            arguments = self._control.recv()
            refusal = self._refusal()
            if refusal:
                self._control.send(refusal)
                return None
            return self._fork_run(self._control, arguments)
        except (EOFError, ConnectionError):
            self._control.close()
            self._control = None
            return None

    def _refusal(self) -> str | None:
        if threading.active_count() > 1:
            names = ", ".join(thread.name for thread in threading.enumerate())
            return f"it has several threads ({names})"
        changed = next(
            (path for path, state in self._loaded.items() if _state(path) != state), None
        )
        return f"{changed} has changed" if changed else None

    def _fork_run(self, control: Connection, arguments: list[str]) -> Callable[[], None] | None:
        gate, open_gate = os.pipe()
        pid = _fork()
        if pid == 0:
            os.close(open_gate)
            self._let_go()
            return partial(execute_run, gate, arguments)
        os.close(gate)
        try:
            self._children[os.pidfd_open(pid)] = Child(pid, arguments)
            control.send(Worker.of(pid))
            os.write(open_gate, b"!")
        finally:
            os.close(open_gate)
        return None

    def _see_end(self, descriptor: int) -> Callable[[], None] | None:
        os.close(descriptor)
        child = self._children.pop(descriptor)
        code = os.waitstatus_to_exitcode(os.waitpid(child.pid, 0)[1])
        if code == 0 or child.arguments is None:
            return None
        pid = _fork()
        if pid == 0:
            self._let_go()
            return partial(report_end, child.arguments, code)
        self._children[os.pidfd_open(pid)] = Child(pid, None)
        return None

    def _let_go(self) -> None:
        """A child holds nothing of its parent's: who waits for the parent's end waits for no child."""
        for descriptor in self._children:
            os.close(descriptor)
        if self._control:
            self._control.close()


def execute_run(gate: int, arguments: Sequence[str]) -> None:
    """What `python -m dagster` does with these arguments, once the launcher knows this process."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    go = os.read(gate, 1)
    os.close(gate)
    if not go:
        return
    sys.argv = ["dagster", *arguments]
    runpy.run_module("dagster", run_name="__main__", alter_sys=True)


def report_end(arguments: Sequence[str], code: int) -> None:
    """A database is opened for it, so it is done in a child."""
    importlib.import_module("benchagent.defs.run_ends").report_end(arguments[-1], code)


def _fork() -> int:
    with warnings.catch_warnings():
        # Threads of NumPy's and Arrow's libraries, which end or wait for a fork and start again.
        warnings.filterwarnings("ignore", ".* is multi-threaded", DeprecationWarning)
        return os.fork()


def _state(path: Path) -> FileState | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return FileState(found.st_mtime_ns, found.st_size)


def loaded_files(since: int) -> dict[Path, FileState]:
    """The files of all loaded modules, and the folders where a package would come or go.

    Args:
        since: what was written after it (nanoseconds) may not be what was loaded.
    """
    modules = [getattr(module, "__file__", None) for module in [*sys.modules.values()]]
    folders = {str(package.locate_file("")) for package in distributions()}
    files: dict[Path, FileState] = {}
    for path in (Path(name) for name in [*filter(None, modules), *folders]):
        state = _state(path)
        if state:
            files[path] = FileState(-1, -1) if state.changed > since else state
    return files


def main() -> None:
    """Started as `python -m benchagent.defs.warm_process DESCRIPTOR NANOSECONDS`."""
    control, since = Connection(int(sys.argv[1])), int(sys.argv[2])
    # Ctrl-C in a terminal reaches every process: runs end by it, and with the launcher this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for name in MODULES:
        importlib.import_module(name)
    process = WarmProcess(control, loaded_files(since))
    del control
    spare_imports()
    process.serve()()


if __name__ == "__main__":
    main()
