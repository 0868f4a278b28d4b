"""`benchagent run`: where the reports are, who is asked, and who is not."""

import json
from pathlib import Path

import pytest

from benchagent_tests.cli.terminal import Terminal, assert_sentence
from benchagent_tests.scripted_ollama import ScriptedOllama
from benchagent_tests.scripted_replies import at_random, hang


@pytest.mark.slow
def test_a_run_prints_where_the_reports_are_and_a_second_one_asks_nobody(
    terminal: Terminal, ollama: ScriptedOllama
) -> None:
    first = terminal.on_project("run")
    asked = len(ollama.chats)
    second = terminal.on_project("run")

    for said in (first, second):
        assert said.code == 0, said.err
        paths = [Path(line) for line in said.out.splitlines() if line.endswith(".md")]
        assert [path.stem for path in paths] == ["null", "collector", "insight"]
        assert all(path.exists() for path in paths)
    # One of the collector, which chooses, and six of the insight agent, which writes.
    assert asked == 7
    assert len(ollama.chats) == asked
    assert "no model call" in second.err
    assert "seen before" in second.err

    compared = terminal.on_project("compare", "--json")
    assert [json.loads(line)["Agent"] for line in compared.out.splitlines()] == [
        *("null", "collector", "insight"),
    ]
    calls = terminal.on_project("calls", "--sql", "SELECT count(*) AS n FROM model_calls", "--json")
    assert json.loads(calls.out) == {"n": asked}
    refused = terminal.on_project("calls", "--sql", "SELECT * FROM read_text('/etc/passwd')")
    assert_sentence(refused)


def test_a_dry_run_asks_nobody_and_says_what_would_be_asked(
    terminal: Terminal, ollama: ScriptedOllama
) -> None:
    said = terminal.on_project("run", "--dry-run")

    assert said.code == 0
    assert "8 model calls at most" in said.err
    assert ollama.chats == []


@pytest.mark.slow
def test_a_limit_of_calls_holds_for_the_agents_that_are_read_from_too(
    terminal: Terminal, ollama: ScriptedOllama
) -> None:
    said = terminal.on_project("run", "--agent", "insight", "--max-calls", "2")

    assert_sentence(said, "8 model calls", "--max-calls")
    assert ollama.chats == []
    assert terminal.on_project("run", "--agent", "null", "--max-calls", "0").code == 0


@pytest.mark.slow
def test_one_agent_is_run_with_the_one_that_it_reads_from(
    terminal: Terminal, ollama: ScriptedOllama
) -> None:
    said = terminal.on_project("run", "--agent", "insight")

    assert said.code == 0
    assert [Path(line).stem for line in said.out.splitlines()] == ["insight"]
    assert len(ollama.chats) == 7


@pytest.mark.slow
def test_a_run_that_a_server_leaves_in_the_lurch_still_shows_what_there_is(
    terminal: Terminal, ollama: ScriptedOllama
) -> None:
    ollama.at("/api/chat", lambda turn: ollama.refuse())

    said = terminal.on_project("run")

    assert said.code in (0, 1)
    assert "Traceback" not in said.err
    assert "null.md" in said.out


MIXED = """\
defaults: {model: "tiny:1b", tier: select}
agents:
  - {slug: "null", label: Without a model, persona: insight, model: null}
  - {slug: gone, label: Gone, persona: data-collector, model: "gone:1b"}
  - {slug: reader, label: Reader, persona: insight, reads_from: gone}
  - {slug: slow, label: Slow, persona: insight, options: {seed: 7},
     deadlines: {load: 0.1, first_token: 0.1}}
  - {slug: well, label: Well, persona: insight}
"""


@pytest.mark.slow
def test_a_run_goes_on_for_the_others_where_one_agents_model_cannot_be_had(
    terminal: Terminal, ollama: ScriptedOllama
) -> None:
    terminal.project.agents.write_text(MIXED)
    wait, answer = hang(), at_random()
    ollama.always(lambda turn: (wait if turn.ask["options"]["seed"] == 7 else answer)(turn))

    said = terminal.on_project("run")

    assert_sentence(said, "gone cannot be asked", "`ollama pull gone:1b`", "✗ analysis/gone")
    paths = [Path(line) for line in said.out.splitlines() if line.endswith(".md")]
    assert [path.stem for path in paths] == ["null", "slow", "well"]
    assert "timeout_first_token" in paths[1].read_text(encoding="utf-8")
    compared = terminal.on_project("compare", "--json")
    rows = [json.loads(line)["Agent"] for line in compared.out.splitlines()]
    assert rows == ["null", "slow", "well"]
    query = "SELECT agent, outcome FROM model_calls ORDER BY agent"
    calls = terminal.on_project("calls", "--sql", query, "--json")
    assert [json.loads(line) for line in calls.out.splitlines()] == [
        {"agent": "slow", "outcome": "timeout_first_token"},
        {"agent": "well", "outcome": "ok"},
    ]
