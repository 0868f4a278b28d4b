"""What holds for every test."""

import signal
from collections.abc import Iterator

import pytest

from benchagent_tests.scripted_ollama import ScriptedOllama

# What a shell runs in the background ignores Ctrl-C, and hands that on to what a test starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def ollama() -> Iterator[ScriptedOllama]:
    """A scripted server that nobody is told of; a module that names it in OLLAMA_HOST says so."""
    with ScriptedOllama() as server:
        yield server
