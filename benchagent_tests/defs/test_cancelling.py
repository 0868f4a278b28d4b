"""A Dagster run that a person cancels while a model talks: the model stops, and so does the run."""

from pathlib import Path

import pytest

from benchagent.calls.log import read_calls
from benchagent_tests.builders import a_project
from benchagent_tests.defs.ui_questions import cancel_run, runs
from benchagent_tests.patience import PATIENCE_S, eventually
from benchagent_tests.running import running_ui
from benchagent_tests.scripted_ollama import ScriptedOllama
from benchagent_tests.scripted_replies import hang

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="finds processes in /proc"),
]


def test_cancelling_a_dagster_run_stops_generation_at_once(tmp_path: Path) -> None:
    project = a_project(tmp_path)
    with (
        ScriptedOllama() as ollama,
        running_ui(project, None, OLLAMA_HOST=ollama.url, BENCHAGENT_SENSOR_SECONDS="2") as ui,
    ):
        # It would be busy for far longer than the test waits.
        ollama.always(hang(after_chunks=3, seconds=3600))
        eventually(lambda: ollama.chats, "call to the model")
        [run] = runs(ui)
        cancel_run(ui, run.id)

        assert ollama.left.wait(PATIENCE_S), "the server must see that nobody listens any more"
        eventually(lambda: runs(ui)[0].status == "CANCELED", "end of the cancelled run")

    assert len(ollama.chats) == 1
    [call] = read_calls(project.out)
    assert (call["outcome"], call["error_class"]) == ("cancelled", "person")
    assert call["dagster_run_id"] == run.id
