"""The model servers that agents talk to: a real Ollama where there is one, else the embedded one.

The embedded server is a child of the process that asks first, and ends with it.
"""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from benchagent.agents.roster import Agent
from benchagent.calls.client import OllamaClient
from benchagent.calls.hosts import Host, choose_host, named_host
from benchagent.calls.turns import (
    read_left_runners,
    turn,
    turn_alone,
    turn_name,
    write_left_runners,
)
from benchagent.embedded.process import start_server

EMBEDDED_URL = "BENCHAGENT_EMBEDDED_URL"


def embedded_cache(out: Path) -> Path:
    """Where the embedded model's weights are kept: BENCHAGENT_CACHE, else below the output."""
    named = os.environ.get("BENCHAGENT_CACHE")
    return Path(named) if named else out / "embedded"


class Servers:
    """The servers of one process, each opened when it is first asked for."""

    def __init__(self, out: Path, say: Callable[[str], None] = lambda said: None) -> None:
        """Nothing is opened yet.

        Args:
            out: the project's output folder: locks, and the embedded model's weights.
            say: told in one sentence what takes a while.
        """
        self._out = out
        self._say = say
        self._open = ExitStack()
        self._clients: dict[Host, OllamaClient] = {}
        self._embedded: Host | None = None

    def __enter__(self) -> Self:
        """Use it in a `with`, which ends what it started."""
        return self

    def __exit__(self, *raised: object) -> None:
        """Close all connections and end the embedded server."""
        self._open.close()

    def client(self, agent: Agent) -> OllamaClient:
        """The server that answers this agent.

        Raises:
            HostError: its address cannot be used, or is remote and nobody allowed that.
            EmbeddedError: no Ollama answers, and the embedded engine cannot run here.
        """
        host = choose_host(agent.host, os.environ, allow_remote=agent.allow_remote)
        return self._client_of(host or self.embedded())

    def _client_of(self, host: Host) -> OllamaClient:
        if host not in self._clients:
            self._clients[host] = self._open.enter_context(OllamaClient(host))
        return self._clients[host]

    def embedded(self) -> Host:
        """The embedded server: one that runs already for this project, else our own."""
        # Whoever started it may have lost it, we too.
        if self._embedded is None or not _listens(self._embedded.url):
            url = os.environ.get(EMBEDDED_URL)
            if not url or not _listens(url):
                self._say("no Ollama answers: starting the embedded server")
                cache = embedded_cache(self._out)
                server = start_server(cache, preload=False, log=cache / "server.log")
                url = self._open.enter_context(server).url
            self._embedded = named_host(url, "given", os.environ)
        return self._embedded

    def is_embedded(self, client: OllamaClient) -> bool:
        """Whether that is the embedded server, which takes each request's options as they are."""
        return client.host == self._embedded

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Lets this process's Dagster run, and its children, use the embedded server started here."""
        if self._embedded is None:
            yield
            return
        before = os.environ.get(EMBEDDED_URL)
        os.environ[EMBEDDED_URL] = self._embedded.url
        try:
            yield
        finally:
            if before is None:
                del os.environ[EMBEDDED_URL]

    @contextmanager
    def turn(
        self, agent: Agent, *, at_once: int = 1, alone: bool = False
    ) -> Iterator[OllamaClient]:
        """The server that answers this agent, with the host's graphics processor for this agent.

        As many as may share it have it at once. Where `alone`, none of them has it meanwhile: what
        is measured is nobody else's load.

        Raises:
            HostError, EmbeddedError: as for `client`.
        """
        client = self.client(agent)
        embedded = self.is_embedded(client)
        # Each project starts an embedded server of its own; they share the machine all the same.
        name = "embedded" if embedded else turn_name(client.host.url)
        with turn_alone(name) if alone else turn(name, at_once=at_once):
            if embedded:
                # It may have died while we waited. Another host has another turn.
                yield self._client_of(self.embedded())
                return
            if not alone:
                client.await_server(agent.deadlines.whole().connect)
            with _knowing_what_was_left(client, name, shared=at_once > 1 and not alone):
                yield client


@contextmanager
def _knowing_what_was_left(client: OllamaClient, name: str, *, shared: bool) -> Iterator[None]:
    """What is in the server's memory and who put it there, as far as one can know who shares it.

    Others' turns go on beside a shared one: nothing is known of what they load and leave.
    """
    left = {} if shared else read_left_runners(name)
    client.begin_turn(left)
    try:
        yield
    finally:
        if not shared and client.left_runners != left:
            write_left_runners(name, client.left_runners)


def _listens(url: str) -> bool:
    parts = urlsplit(url)
    try:
        with socket.create_connection((parts.hostname or "", parts.port or 80), timeout=5):
            return True
    except OSError:
        return False
