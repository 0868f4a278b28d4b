"""A project as a person runs it: `benchagent ui` with its daemon, and a model server beside it.

Everything is a process of its own, and every process of a project is found by its environment, so
that a test can kill any and see that none is left.
"""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import httpx

from benchagent.pipeline.project import REPOSITORY, Project
from benchagent_tests.patience import PATIENCE_S, eventually

MAIN = "from benchagent.cli import main; main()"
SHOWN = 120


def free_port() -> int:
    """A port of this machine that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A process of a project."""

    pid: int
    parent: int
    command: str

    def kill(self) -> None:
        """End it as a power cut would."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)


def processes_of(out: Path) -> list[Running]:
    """All processes that were started for the project with that output folder."""
    found: list[Running] = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        # a process may end while it is looked at
        with contextlib.suppress(OSError):
            if f"BENCHAGENT_OUT={out}".encode() in (folder / "environ").read_bytes().split(b"\0"):
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                # after the name, which may hold anything: state, parent
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                found.append(Running(pid=int(folder.name), parent=parent, command=command[:SHOWN]))
    return found


@dataclass(slots=True, kw_only=True)
class ModelServer:
    """The scripted Ollama in a process of its own, on one port for all its lives."""

    folder: Path
    reply_s: float = 0.2
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """Its chats."""
        return self.folder / "chats.jsonl"

    def start(self) -> None:
        """Answer, from now on."""
        program = [sys.executable, "-m", "benchagent_tests.scripted_server"]
        given = ["--port", str(self.port), "--reply-s", str(self.reply_s), "--log", str(self.log)]
        self.process = subprocess.Popen(
            [*program, *given],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=REPOSITORY,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline().strip() == self.url

    def kill(self) -> None:
        """End it in the middle of whatever it says."""
        if self.process is None:
            return
        self.process.kill()
        self.process.communicate()
        self.process = None

    def busy(self) -> list[int]:
        """How many chats it was busy with whenever one began."""
        if not self.log.exists():
            return []
        rows = [json.loads(line) for line in self.log.read_text("utf-8").splitlines()]
        return [row["busy"] for row in rows if row["what"] == "begun"]


@dataclass(slots=True, kw_only=True)
class Ui:
    """The Dagster UI of a project, and questions to it over GraphQL.

    Attributes:
        command: what Python is given to start it, but for the port; else `benchagent ui`.
        folder: where it is started; else where the test is.
    """

    project: Project
    environment: dict[str, str]
    command: tuple[str, ...] = ("-c", MAIN, "ui")
    folder: Path | None = None
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    output: IO[bytes] | None = None

    @property
    def url(self) -> str:
        """Where the UI answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """All that it and Dagster's processes print."""
        return self.project.out.parent / "ui.log"

    def start(self) -> None:
        """Starts it, and waits until it knows the project's assets."""
        self.output = self.log.open("ab")
        self.process = subprocess.Popen(
            [sys.executable, *self.command, "--port", str(self.port)],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=self.output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=self.environment,
        )
        eventually(self._is_ready, f"UI at {self.url}; see {self.log}")

    def _is_ready(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text("utf-8")[-3000:]
        try:
            answer = self.ask("{ assetNodes { id } }")
        except httpx.HTTPError:
            return False
        return bool(answer["assetNodes"])

    def stop(self) -> None:
        """Ends it as Ctrl-C does, and sees that nothing of it is left."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(signal.SIGINT)
            self.process.wait(PATIENCE_S)
        self.see_all_gone()

    def see_all_gone(self) -> None:
        """Waits until no process of the project is left; what stays is an error, and killed."""
        try:
            eventually(lambda: not self.processes(), "end of all processes")
        finally:
            left = self.processes()
            for each in left:
                each.kill()
            if self.process is not None:
                self.process.wait()
            if self.output is not None:
                self.output.close()
            self.process = self.output = None
            assert not left, left

    def processes(self) -> list[Running]:
        """All of the project's processes."""
        return processes_of(self.project.out)

    def ask(self, query: str, **variables: Any) -> Any:
        """The answer's data; an answer with errors fails the test."""
        body = {"query": query, "variables": variables}
        # No certificates: reading them takes 25 ms, and tests ask several times a second.
        with httpx.Client(trust_env=False, timeout=PATIENCE_S, verify=False) as http:
            answer = json.loads(http.post(f"{self.url}/graphql", json=body).content)
        assert "errors" not in answer, json.dumps(answer["errors"])[:2000]
        return answer["data"]


@contextlib.contextmanager
def running_ui(project: Project, server: ModelServer | None, **environment: str) -> Iterator[Ui]:
    """The UI of a project, taken down whatever happens.

    Args:
        project: its data need not have been scanned.
        server: the model server that is started for it; None where the caller has one.
        environment: what it is told besides.
    """
    given = {
        **unset("BENCHAGENT_|DAGSTER_|OLLAMA_"),
        **project.environment(),
        "PYTHONPATH": str(REPOSITORY),
        "OLLAMA_HOST": server.url if server else "",
        **environment,
    }
    with taken_down(Ui(project=project, environment=given), server) as ui:
        yield ui


@contextlib.contextmanager
def own_environment() -> Iterator[None]:
    """Undoes what the block does to this process's environment, as opening a project does."""
    before = dict(os.environ)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def unset(names: str) -> dict[str, str]:
    """Our own environment without what starts so."""
    unwanted = re.compile(names)
    return {name: value for name, value in os.environ.items() if not unwanted.match(name)}


@contextlib.contextmanager
def taken_down(ui: Ui, server: ModelServer | None) -> Iterator[Ui]:
    """Starts both, and leaves nothing of them whatever happens."""
    try:
        if server is not None:
            server.start()
        ui.start()
        yield ui
        ui.stop()
    finally:
        for each in ui.processes():
            each.kill()
        ui.see_all_gone()
        if server is not None:
            server.kill()
