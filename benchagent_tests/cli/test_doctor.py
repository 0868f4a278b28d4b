"""What the doctor finds of models, formats and places."""

from dataclasses import replace
from pathlib import Path

import pytest

from benchagent.formats import FORMATS
from benchagent.formats.plugged_in import PluggedIn
from benchagent_tests.builders import ROSTER
from benchagent_tests.cli.terminal import Terminal, assert_sentence
from benchagent_tests.scripted_ollama import ScriptedOllama, unused_url


def test_the_doctor_finds_each_agents_model_and_the_room_for_its_work(
    terminal: Terminal, ollama: ScriptedOllama
) -> None:
    said = terminal.on_project("doctor")

    assert said.code == 0, said
    for words in (
        f"tiny:1b (1.0B, Q4_0) at {ollama.url}, version 0.32.1",
        "of other packages: none",
        "GB free",
        "null, collector, insight",
        "GPU telemetry: ",
    ):
        assert words in said.out
    assert not list(terminal.project.out.glob(".doctor*"))
    assert "look" not in said.out


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ('model: "gone:7b"', ["`ollama pull gone:7b`", "there (tiny:1b)"]),
        ('host: "http://10.0.0.9:11434"', ["10.0.0.9", "allow_remote"]),
        ('host: "NOBODY"', ["no Ollama answers", "ollama serve"]),
    ],
)
def test_the_doctor_names_the_agent_that_cannot_be_asked_and_still_checks_the_rest(
    terminal: Terminal, ollama: ScriptedOllama, agent: str, words: list[str]
) -> None:
    newcomer = f"  - {{slug: other, label: Other, persona: insight, {agent}}}\nscenarios:"
    newcomer = newcomer.replace("NOBODY", unused_url())
    terminal.project.agents.write_text(ROSTER.replace("scenarios:", newcomer))

    said = terminal.on_project("doctor")

    assert_sentence(said, "needs attention: Models")
    assert all(word in said.out for word in words), said.out
    assert "GPU telemetry" in said.out


def test_the_doctor_names_formats_of_other_packages_and_those_that_are_broken(
    terminal: Terminal, ollama: ScriptedOllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = replace(FORMATS[0], name="theirs", package="their-package 1.0")
    found = iter([PluggedIn((whole,), ()), PluggedIn((), ("the format 'x' cannot be loaded",))])
    monkeypatch.setattr("benchagent.formats.plugged_in.load_formats", lambda taken: next(found))

    said = terminal.on_project("doctor")
    assert "of other packages: theirs of their-package 1.0" in said.out
    said = terminal.on_project("doctor")
    assert_sentence(said, "needs attention: Formats")
    assert "the format 'x' cannot be loaded" in said.out


def test_the_doctor_says_where_it_cannot_write(
    terminal: Terminal, ollama: ScriptedOllama, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    terminal.project = replace(terminal.project, out=tmp_path / "file" / "out")

    said = terminal.on_project("doctor")

    assert_sentence(said, "needs attention: Output folder")
    assert str(tmp_path / "file") in said.out
