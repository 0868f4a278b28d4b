from pathlib import Path

import pytest

from benchagent_tests.bench.benching import PROMPTS
from benchagent_tests.scripted_ollama import ScriptedOllama
from benchagent_tests.scripted_replies import say


@pytest.fixture
def ollama(ollama: ScriptedOllama, monkeypatch: pytest.MonkeyPatch) -> ScriptedOllama:
    monkeypatch.setenv("OLLAMA_HOST", ollama.url)
    return ollama.always(say("one two three four"))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "prompts.txt").write_text(PROMPTS)
    return tmp_path
