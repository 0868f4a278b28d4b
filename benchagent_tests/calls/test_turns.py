"""Turns at a model server: one at a time over processes, and none that the dead hold up."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from benchagent.agents.errors import RosterError
from benchagent.agents.roster import calls_at_once
from benchagent.agents.roster_file import read_roster
from benchagent.calls.client import OllamaClient
from benchagent.calls.hosts import named_host
from benchagent.calls.request import ChatRequest
from benchagent.calls.servers import EMBEDDED_URL, Servers
from benchagent.calls.turns import LOCKS, turn_name, turns_folder
from benchagent.store import StoreBusy, StoreUnwritable, locked
from benchagent_tests.builders import an_agent
from benchagent_tests.patience import eventually
from benchagent_tests.scripted_ollama import ScriptedOllama, unused_url

HOLD = """
import sys, time
from benchagent.calls.turns import turn
with turn(sys.argv[1], at_once=int(sys.argv[2])):
    print("mine", flush=True)
    time.sleep(600)
"""
ALONE = """
import sys, time
from benchagent.calls.turns import turn_alone
with turn_alone(sys.argv[1]):
    print("mine", flush=True)
    time.sleep(600)
"""
# The shape of a run worker whose step is a process of its own.
WORKER = """
import subprocess, sys
subprocess.run([sys.executable, "-c", sys.argv[1], *sys.argv[2:]])
"""


@pytest.fixture(autouse=True)
def _own_turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(LOCKS, str(tmp_path / "turns"))


@pytest.fixture
def cleared() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def holder(cleared: ExitStack, *program: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", *program], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    cleared.callback(process.communicate)
    cleared.callback(process.kill)
    return process


def has_turn(process: subprocess.Popen[str]) -> bool:
    assert process.stdout is not None
    return process.stdout.readline() == "mine\n"


def is_free(name: str, at_once: int = 1) -> bool:
    """Whether a process that comes now would have a turn at once."""
    look = f"""
import os, threading
from benchagent.calls.turns import turn
threading.Timer(3.0, os._exit, [3]).start()
with turn({name!r}, at_once={at_once}):
    os._exit(0)
"""
    return subprocess.run([sys.executable, "-c", look], check=False).returncode == 0


@pytest.mark.slow
def test_a_killed_process_gives_its_turn_back(cleared: ExitStack) -> None:
    process = holder(cleared, HOLD, "gpu", "1")
    assert has_turn(process)
    assert not is_free("gpu")

    process.kill()
    process.wait()

    assert is_free("gpu")


@pytest.mark.slow
def test_a_step_that_lost_its_run_worker_keeps_its_turn(cleared: ExitStack) -> None:
    worker = holder(cleared, WORKER, HOLD, "gpu", "1")
    assert has_turn(worker)
    [step] = children_of(worker.pid)
    cleared.callback(end, step)

    worker.kill()
    worker.wait()

    assert not is_free("gpu"), "the orphan still asks its model"
    end(step)
    assert is_free("gpu")


@pytest.mark.slow
def test_as_many_have_a_turn_as_the_host_allows(cleared: ExitStack) -> None:
    first, second = (holder(cleared, HOLD, "gpu", "2") for _ in range(2))
    assert has_turn(first)
    assert has_turn(second)
    assert not is_free("gpu", at_once=2)
    assert is_free("another", at_once=2)

    first.kill()
    first.wait()

    assert is_free("gpu", at_once=2)


@pytest.mark.slow
def test_who_measures_is_alone_however_many_may_share(cleared: ExitStack) -> None:
    sharing = holder(cleared, HOLD, "gpu", "2")
    assert has_turn(sharing)
    alone = holder(cleared, ALONE, "gpu")
    assert not is_free("gpu", at_once=1), "the agent has the only place that this one knows of"

    sharing.kill()
    sharing.wait()

    assert has_turn(alone)
    assert not is_free("gpu", at_once=2)
    assert is_free("another", at_once=2)


def test_who_measures_waits_for_places_that_another_project_gave(
    ollama: ScriptedOllama, tmp_path: Path
) -> None:
    agent = an_agent(host=ollama.url)
    with Servers(tmp_path / "one") as one, Servers(tmp_path / "two") as two:
        with one.turn(agent), two.turn(agent, at_once=2):
            assert len(list(turns_folder().glob("*.lock"))) == 2
        second = locked(
            turns_folder() / f"{turn_name(ollama.url)}.2.lock", doing="asking", wait_s=0
        )
        with one.turn(agent, alone=True), pytest.raises(StoreBusy), second:
            pass


def children_of(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children")
    if not found.exists():
        pytest.skip("finds a process's children in /proc")
    return [int(child) for child in found.read_text("utf-8").split()]


def end(pid: int) -> None:
    if Path(f"/proc/{pid}").exists():
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: not Path(f"/proc/{pid}").exists(), f"end of {pid}")


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("http://127.0.0.1:11434", "this-machine-11434"),
        ("http://localhost:11434", "this-machine-11434"),
        ("http://[::1]:11434", "this-machine-11434"),
        ("http://127.0.0.1:4242", "this-machine-4242"),
        ("https://gpu-box:443/ollama", "gpu-box-443"),
    ],
)
def test_all_names_of_this_machine_are_one(address: str, name: str) -> None:
    assert turn_name(address) == name


def test_two_projects_share_the_machine(ollama: ScriptedOllama, tmp_path: Path) -> None:
    agent, name = an_agent(host=ollama.url), turn_name(ollama.url)
    with (
        Servers(tmp_path / "one") as one,
        Servers(tmp_path / "two") as two,
        one.turn(agent),
        # the second place is all that is left
        two.turn(agent, at_once=2),
    ):
        assert {path.name for path in turns_folder().glob("*.lock")} == {
            f"{name}.1.lock",
            f"{name}.2.lock",
        }


def test_a_folder_of_another_user_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(LOCKS)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    place = turns_folder()
    assert place.parent == tmp_path
    place.rmdir()
    place.symlink_to(tmp_path)

    with pytest.raises(StoreUnwritable, match=LOCKS):
        turns_folder()


LIMITS = """\
agents:
  - {slug: here, label: H, persona: insight, model: "tiny:1b"}
  - {slug: there, label: T, persona: insight, model: "tiny:1b", host: "http://127.0.0.1:4242"}
calls_at_once: {"%s": %s}
"""


def test_a_host_may_be_asked_by_as_many_as_the_roster_says(tmp_path: Path) -> None:
    (tmp_path / "agents.yaml").write_text(LIMITS % ("http://127.0.0.1:4242", 2), "utf-8")
    roster = read_roster(tmp_path / "agents.yaml")

    here, there = roster.agents
    assert calls_at_once(here, roster.calls_at_once) == 1
    assert calls_at_once(there, roster.calls_at_once) == 2


@pytest.mark.parametrize(
    ("host", "limit", "said"),
    [
        # nobody's host
        ("http://127.0.0.1:1", 2, "no agent has the host 'http://127.0.0.1:1'"),
        ("default", 0, "found 0: input should be greater than or equal to 1"),
        ("default", "many", "found 'many': input should be a valid integer"),
    ],
)
def test_a_limit_that_cannot_be_is_told(
    tmp_path: Path, host: str, limit: object, said: str
) -> None:
    (tmp_path / "agents.yaml").write_text(LIMITS % (host, limit), "utf-8")

    with pytest.raises(RosterError) as caught:
        read_roster(tmp_path / "agents.yaml")

    assert "agents.yaml:4: calls_at_once" in str(caught.value)
    assert said in str(caught.value)


def test_an_embedded_server_that_is_gone_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[Path] = []

    def start(cache: Path, **more: object) -> object:
        started.append(cache)
        raise RuntimeError("started")

    monkeypatch.setattr("benchagent.calls.servers.start_server", start)
    monkeypatch.setenv(EMBEDDED_URL, unused_url())
    with Servers(tmp_path) as servers, pytest.raises(RuntimeError, match="started"):
        servers.embedded()
    with ScriptedOllama() as there:
        monkeypatch.setenv(EMBEDDED_URL, there.url)
        with Servers(tmp_path) as servers:
            assert servers.embedded().url == there.url
    assert len(started) == 1


def test_an_embedded_server_that_dies_in_between_is_replaced_for_the_next_who_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ScriptedOllama() as next_one, Servers(tmp_path) as servers:
        with ScriptedOllama() as first:
            monkeypatch.setenv(EMBEDDED_URL, first.url)
            assert servers.embedded().url == first.url
            assert servers.embedded().url == first.url
        monkeypatch.setenv(EMBEDDED_URL, next_one.url)

        assert servers.embedded().url == next_one.url


def test_who_waited_for_an_embedded_server_is_given_the_one_that_is_there_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cleared: ExitStack
) -> None:
    monkeypatch.setattr("benchagent.calls.hosts.answers_as_ollama", lambda url: False)
    monkeypatch.delenv("OLLAMA_HOST", raising=False)
    next_one = cleared.enter_context(ScriptedOllama())

    with ExitStack() as first, Servers(tmp_path) as servers:
        monkeypatch.setenv(EMBEDDED_URL, first.enter_context(ScriptedOllama()).url)

        @contextmanager
        def waiting(name: str, *, at_once: int) -> Iterator[None]:
            assert name == "embedded"
            first.close()
            monkeypatch.setenv(EMBEDDED_URL, next_one.url)
            yield

        monkeypatch.setattr("benchagent.calls.servers.turn", waiting)
        with servers.turn(an_agent()) as client:
            assert client.host.url == next_one.url


def test_who_waited_for_an_ollama_is_given_no_other_server(
    ollama: ScriptedOllama, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([True, False])
    monkeypatch.setattr("benchagent.calls.hosts.USUAL_PORT", int(ollama.url.rpartition(":")[2]))
    monkeypatch.setattr("benchagent.calls.hosts.answers_as_ollama", lambda url: next(answers))
    monkeypatch.delenv("OLLAMA_HOST", raising=False)
    with ScriptedOllama() as other, Servers(tmp_path) as servers:
        monkeypatch.setenv(EMBEDDED_URL, other.url)
        with servers.turn(an_agent()) as client:
            assert client.host.origin == "usual port"


ASKED = ChatRequest(model="tiny:1b", prompt="Why?", options={"num_thread": 2})


def phases(ollama: ScriptedOllama, out: Path, *requests: ChatRequest) -> list[str | None]:
    """The phases of calls in a turn of their own, asked as agents ask."""
    agent = an_agent(host=ollama.url)
    with Servers(out) as servers, servers.turn(agent) as client:
        found: list[str | None] = []
        for request in requests:
            client.prepare(request.model, request.options)
            found.append(client.chat(request).call.runner.phase)
    return found


def test_a_runner_that_nobody_used_since_is_not_loaded_again_for_the_next_turn(
    ollama: ScriptedOllama, tmp_path: Path
) -> None:
    assert phases(ollama, tmp_path / "one", ASKED, ASKED) == ["cold", "warm"]

    # another process, another project
    assert phases(ollama, tmp_path / "two", ASKED) == ["warm"]
    assert phases(ollama, tmp_path / "two", ASKED, ASKED) == ["warm", "warm"]


def test_a_server_is_believed_once_its_runner_was_listed_otherwise_after_another_call(
    ollama: ScriptedOllama, tmp_path: Path
) -> None:
    assert [phases(ollama, tmp_path, ASKED) for _ in range(3)] == [["cold"], ["cold"], ["warm"]]


def test_a_server_whose_list_tells_no_calls_apart_loads_again_for_every_turn(
    ollama: ScriptedOllama, tmp_path: Path
) -> None:
    ollama.clockless = True

    assert [phases(ollama, tmp_path, ASKED, ASKED) for _ in range(3)] == 3 * [["cold", "warm"]]


@pytest.mark.parametrize(
    "another",
    [
        # the same model, loaded with what no list tells
        {"num_thread": 3},
        # the same options: it may have been another load all the same
        {"num_thread": 2},
        {},
    ],
)
def test_a_runner_that_somebody_else_asked_in_between_is_loaded_again(
    ollama: ScriptedOllama, tmp_path: Path, another: dict[str, int]
) -> None:
    phases(ollama, tmp_path, ASKED, ASKED)
    ollama.load_with("tiny:1b", **another)

    assert phases(ollama, tmp_path, ASKED) == ["cold"]


def test_a_runner_of_other_options_is_loaded_again_for_an_agent_without_any(
    ollama: ScriptedOllama, tmp_path: Path
) -> None:
    phases(ollama, tmp_path, ASKED, ASKED)

    assert phases(ollama, tmp_path, replace(ASKED, options={})) == ["cold"]


def test_what_a_run_loaded_in_its_last_turn_is_not_taken_for_what_is_loaded_now(
    ollama: ScriptedOllama, tmp_path: Path
) -> None:
    agent, plain = an_agent(host=ollama.url), replace(ASKED, options={})
    with Servers(tmp_path) as servers:
        with servers.turn(agent) as client:
            client.chat(plain)
            client.chat(plain)
        ollama.load_with("tiny:1b", num_gpu=0)
        with servers.turn(agent) as client:
            assert client.prepare("tiny:1b", {})


def test_who_shares_a_server_takes_no_runner_of_others_for_its_own(
    ollama: ScriptedOllama, tmp_path: Path
) -> None:
    agent, plain = an_agent(host=ollama.url), replace(ASKED, options={})
    with Servers(tmp_path) as servers:
        with servers.turn(agent, at_once=2) as client:
            client.chat(plain)
            client.chat(plain)
            assert not client.prepare("tiny:1b", {}), "its own runner may stay"
        # of the same context length, as the list tells it
        ollama.load_with("tiny:1b", num_gpu=0)
        with servers.turn(agent, at_once=2) as client:
            assert client.prepare("tiny:1b", {})
    assert list(turns_folder().glob("*.left.json")) == []


def test_what_somebody_else_loaded_between_two_questions_is_not_left_for_the_next_turn(
    ollama: ScriptedOllama, tmp_path: Path
) -> None:
    agent, plain = an_agent(host=ollama.url), replace(ASKED, options={})
    with Servers(tmp_path) as servers, servers.turn(agent) as client:
        client.chat(plain)
        client.chat(plain)
        ollama.load_with("tiny:1b", num_gpu=0)
        assert client.chat(plain).call.runner.phase == "warm", "it takes what is loaded"

    assert phases(ollama, tmp_path, plain) == ["cold"]


def test_what_was_left_in_memory_is_forgotten_where_it_cannot_be_read(
    ollama: ScriptedOllama, tmp_path: Path
) -> None:
    phases(ollama, tmp_path, ASKED, ASKED)
    [path] = turns_folder().glob("*.left.json")
    path.write_text('{"half', "utf-8")

    assert phases(ollama, tmp_path, ASKED) == ["cold"]
    assert phases(ollama, tmp_path, ASKED, ASKED) == ["cold", "warm"]
    assert phases(ollama, tmp_path, ASKED) == ["warm"]


def test_a_reply_that_was_read_late_says_nothing_of_what_is_loaded(
    ollama: ScriptedOllama, tmp_path: Path
) -> None:
    ticks = iter(float(second) for second in range(10_000))
    host = named_host(ollama.url, "given", {})
    with OllamaClient(host, clock=lambda: next(ticks)) as slow:
        slow.chat(ASKED)
        slow.chat(ASKED)
        assert slow.left_runners == {}
