"""A server that is being started again just when somebody wants something of it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from benchagent.calls.client import OllamaClient
from benchagent.calls.conversation import converse
from benchagent.calls.deadlines import Deadlines
from benchagent.calls.hosts import named_host
from benchagent.calls.model_call import CallContext, ModelCall
from benchagent.calls.request import ChatRequest
from benchagent.calls.servers import Servers
from benchagent.calls.turns import LOCKS
from benchagent.calls.wire import DroppedError, ServerUnreachableError
from benchagent_tests.builders import an_agent
from benchagent_tests.scripted_ollama import ScriptedOllama, unused_url
from benchagent_tests.scripted_replies import Turn

QUESTION = ChatRequest(model="tiny:1b", prompt="Why?")
PATIENT = {"connect": 120.0}


@pytest.fixture(autouse=True)
def _own_turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(LOCKS, str(tmp_path / "turns"))


@contextmanager
def back_again(gone: ScriptedOllama, *, version: str = "0.33.0") -> Iterator[Callable[[], None]]:
    """What starts a server anew where another one has ended."""
    with ExitStack() as running:

        def start() -> None:
            port = int(gone.url.rpartition(":")[2])
            running.enter_context(ScriptedOllama(port=port, version=version))

        yield start


def a_client(ollama: ScriptedOllama) -> OllamaClient:
    return OllamaClient(named_host(ollama.url, "given", {}), Deadlines(connect=120.0))


def test_a_server_that_comes_back_after_an_agents_turn_has_come_is_waited_for(
    ollama: ScriptedOllama, tmp_path: Path
) -> None:
    agent = an_agent(host=ollama.url, deadlines=PATIENT)
    ollama.refuse()
    with back_again(ollama) as start:
        later = threading.Timer(0.3, start)
        later.start()
        with Servers(tmp_path) as servers, servers.turn(agent) as client:
            call = client.chat(QUESTION).call
        later.join()

    assert call.outcome == "ok"
    assert call.asked.server_version == "0.33.0"


def test_a_server_that_nobody_starts_ends_the_turn_at_the_deadline_to_connect(
    tmp_path: Path,
) -> None:
    agent = an_agent(host=unused_url(), deadlines={"connect": 0.2})
    with (
        Servers(tmp_path) as servers,
        pytest.raises(ServerUnreachableError, match="start it with `ollama serve`"),
        servers.turn(agent),
    ):
        pass


def test_a_server_that_restarts_between_two_questions_is_asked_again(
    ollama: ScriptedOllama,
) -> None:
    calls: list[ModelCall] = []
    with a_client(ollama) as client, back_again(ollama) as start:
        client.identify("tiny:1b")
        ollama.refuse()
        held = converse(
            client,
            QUESTION,
            CallContext(),
            record=calls.append,
            sleep=lambda seconds: start(),
        )

    assert [call.outcome for call in calls] == ["refused", "ok"]
    assert held.final.call.runner.phase == "cold"
    assert held.final.call.context.retry_because == "refused"


def test_a_server_that_stays_away_is_waited_for_as_the_table_says(ollama: ScriptedOllama) -> None:
    waits: list[float] = []
    with a_client(ollama) as client:
        client.identify("tiny:1b")
        ollama.refuse()
        with pytest.raises(ServerUnreachableError):
            converse(client, QUESTION, CallContext(), record=lambda _: None, sleep=waits.append)

    assert waits == [1.0, 4.0]


def test_what_is_in_memory_is_asked_of_the_server_that_came_back(ollama: ScriptedOllama) -> None:
    with a_client(ollama) as client, back_again(ollama) as start:
        client.identify("tiny:1b")
        ollama.refuse()
        later = threading.Timer(0.3, start)
        later.start()
        assert not client.prepare("tiny:1b", {})
        later.join()


def test_what_is_in_memory_is_asked_for_as_long_as_the_agent_gives_the_server_to_connect(
    ollama: ScriptedOllama,
) -> None:
    with a_client(ollama) as client:
        client.identify("tiny:1b")
        ollama.refuse()
        with pytest.raises(ServerUnreachableError):
            client.prepare("tiny:1b", {}, within=0.2)


def test_a_connection_that_an_ending_server_drops_is_made_again(ollama: ScriptedOllama) -> None:
    dropped: list[str] = []

    def play(turn: Turn) -> None:
        dropped.append(turn.seen.path)
        if len(dropped) == 2:
            ollama.at("/api/version", None)

    ollama.at("/api/version", play)
    with a_client(ollama) as client:
        client.await_server(120.0)
        assert client.version() == "0.32.1"
    assert dropped == 2 * ["/api/version"]


def test_what_answers_otherwise_than_an_ollama_is_not_waited_for(ollama: ScriptedOllama) -> None:
    ollama.at("/api/version", lambda turn: turn.whole(404, b"404 page not found", "text/plain"))
    with a_client(ollama) as client:
        client.await_server(120.0)
        assert [seen.path for seen in ollama.requests] == ["/api/version"]
        assert client.chat(QUESTION).outcome == "ok"
    with a_client(ollama) as client:
        ollama.at("/api/version", lambda turn: None)
        with pytest.raises(DroppedError, match="Server disconnected"):
            client.await_server(0.2)
