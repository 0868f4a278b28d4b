from pathlib import Path

import pytest

from benchagent_tests.builders import a_project
from benchagent_tests.cli.terminal import Terminal
from benchagent_tests.scripted_ollama import ScriptedOllama, unused_url


@pytest.fixture
def terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Terminal:
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.setenv("OLLAMA_HOST", unused_url())
    monkeypatch.chdir(tmp_path)
    return Terminal(a_project(tmp_path), capsys)


@pytest.fixture
def ollama(
    ollama: ScriptedOllama, monkeypatch: pytest.MonkeyPatch, terminal: Terminal
) -> ScriptedOllama:
    monkeypatch.setenv("OLLAMA_HOST", ollama.url)
    return ollama
