"""Mistakes that people make at the command line, each told in a sentence."""

import os
import socket
import sys
from pathlib import Path

import dagster as dg
import pytest

from benchagent.defs.partitions import SNAPSHOTS
from benchagent.inventory.snapshots import list_snapshots
from benchagent_tests.builders import ROSTER, calls_csv
from benchagent_tests.cli.terminal import Terminal, assert_sentence, places
from benchagent_tests.folders import take
from benchagent_tests.scripted_ollama import ScriptedModel, ScriptedOllama


def test_a_folder_that_does_not_exist_is_named(terminal: Terminal, tmp_path: Path) -> None:
    missing = str(tmp_path / "nowhere")

    for command in (["run", "--data"], ["inventory"], ["findings"]):
        assert_sentence(terminal(*command, missing, "--out", str(tmp_path / "o")), missing)


def test_a_folder_that_is_empty_is_named(terminal: Terminal, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()

    said = terminal("inventory", str(empty), "--out", str(tmp_path / "o"))

    assert_sentence(said, str(empty))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("persona: data-collector", "persona: poet", ["poet", "data-collector", "insight"]),
        ("slug: insight", "slug: collector", ["collector", "two agents"]),
        ("num_ctx: 8192", "num_ctx: many", ["num_ctx", "'many'", "whole number"]),
        ("reads_from", "read_from", ["read_from", "did you mean 'reads_from'"]),
        ("scenarios:", "scenarios: [", ["not YAML"]),
    ],
)
def test_a_mistake_in_the_roster_is_said_with_its_line(
    terminal: Terminal, old: str, new: str, words: list[str]
) -> None:
    terminal.project.agents.write_text(ROSTER.replace(old, new))

    for command in ("run", "doctor"):
        said = terminal.on_project(command)
        assert said.code == 1
        text = said.err + said.out
        assert f"{terminal.project.agents}:" in text
        assert "Traceback" not in text
        assert all(word in text for word in words), text


def test_an_ollama_that_is_down_is_said_before_anything_is_written(terminal: Terminal) -> None:
    said = terminal.on_project("run")

    assert_sentence(said, os.environ["OLLAMA_HOST"])
    assert not list((terminal.project.out / "snapshots").glob("*/reports"))


def test_a_model_that_is_missing_is_said_with_the_command_that_gets_it(
    terminal: Terminal, ollama: ScriptedOllama
) -> None:
    ollama.models[:] = [ScriptedModel(name="other:7b")]

    said = terminal.on_project("run")

    assert_sentence(said, "ollama pull tiny:1b", "other:7b")
    assert len(said.err.strip().splitlines()) <= 4


def test_an_agent_or_scenario_that_is_not_there_is_said_with_those_that_are(
    terminal: Terminal,
) -> None:
    said = terminal.on_project("run", "--agent", "insigth")
    assert_sentence(said, "did you mean 'insight'", "collector")

    said = terminal.on_project("run", "--scenario", "duel")
    assert_sentence(said, "'duel'", "pair")


def test_a_port_that_is_taken_is_said(terminal: Terminal) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])

        said = terminal.on_project("ui", "--port", port)

    assert_sentence(said, port, "--port")


def test_a_folder_without_write_permission_is_said(terminal: Terminal, tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    if os.access(locked, os.W_OK):
        # root may write wherever a file system can be written
        locked = Path("/sys")
    if not locked.is_dir() or sys.platform == "win32":
        pytest.skip("this user may write everywhere")

    assert_sentence(terminal("run", "--out", str(locked / "out")), str(locked))


def test_an_output_folder_that_is_a_file_is_said(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    said = terminal("inventory", terminal.project.data[0], "--out", str(tmp_path / "file" / "out"))

    assert_sentence(said, str(tmp_path / "file"))


def test_questions_before_the_first_run_are_answered_with_what_to_run(terminal: Terminal) -> None:
    for command in ("calls", "compare"):
        assert_sentence(terminal.on_project(command), "benchagent run")


@dg.job
def waiting() -> None:
    pass


def test_a_prune_retires_no_snapshot_that_a_run_waits_for(terminal: Terminal) -> None:
    project = terminal.project
    sweep = Path(project.data[0]) / "reports" / "fox" / "sweep.csv"
    keys = []
    for number in range(4):
        sweep.write_text(calls_csv(f"fox{number}:1b"), encoding="utf-8")
        keys.append(take(Path(project.data[0]), project.out).key)
    prune = ("snapshots", "prune", *places(project), "--yes", "--keep")
    assert terminal(*prune, "4").out.startswith("0 snapshots")
    with dg.DagsterInstance.from_config(str(project.dagster_home)) as instance:
        instance.add_dynamic_partitions(SNAPSHOTS.name or "", keys)
        tags = {"dagster/partition": keys[1]}
        instance.create_run_for_job(waiting, tags=tags)

        said = terminal(*prune, "1")

        left = instance.get_dynamic_partitions(SNAPSHOTS.name or "")
    assert said.out.splitlines()[:2] == sorted(f"retired {key}" for key in (keys[0], keys[2]))
    assert sorted(list_snapshots(project.out)) == sorted(left) == sorted([keys[1], keys[3]])
