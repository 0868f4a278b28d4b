"""What holds for every test."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from benchagent.calls.servers import embedded_cache
from benchagent.embedded.engine.loading import check_installed
from benchagent.embedded.errors import EmbeddedError
from benchagent.embedded.weights import obtain_weights
from benchagent.pipeline.project import REPOSITORY
from benchagent_tests.scripted_ollama import ScriptedOllama

# What a shell runs in the background ignores Ctrl-C, and hands that on to what a test starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# A machine that does other work takes its time.
settings.register_profile("no-deadline", deadline=None)
settings.load_profile("no-deadline")


@pytest.fixture
def ollama() -> Iterator[ScriptedOllama]:
    """A scripted server that nobody is told of; a module that names it in OLLAMA_HOST says so."""
    with ScriptedOllama() as server:
        yield server


@pytest.fixture(scope="session")
def cache() -> Path:
    """The embedded model's weights: BENCHAGENT_CACHE, else data/out/embedded of the repository.

    Tests that ask for them skip where they cannot be had.
    """
    folder = embedded_cache(REPOSITORY / "data" / "out")
    try:
        check_installed()
        obtain_weights(folder)
    except EmbeddedError as error:
        pytest.skip(str(error))
    return folder
