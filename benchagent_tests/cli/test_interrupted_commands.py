"""Commands as real processes that are interrupted, run twice at once, or lose their reader."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from benchagent_tests.cli.terminal import Said, Terminal, assert_sentence, places
from benchagent_tests.patience import PATIENCE_S, eventually
from benchagent_tests.scripted_ollama import ScriptedOllama
from benchagent_tests.scripted_replies import hang


def start(*arguments: str, ollama: ScriptedOllama, before: str = "") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", before + "from benchagent.cli import main; main()", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OLLAMA_HOST": ollama.url},
        # As from a terminal: a shell's background job would ignore the interrupt.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


def end(process: subprocess.Popen[str]) -> Said:
    out, err = process.communicate(timeout=PATIENCE_S)
    return Said(code=process.returncode, out=out, err=err)


@pytest.mark.slow
def test_ctrl_c_in_a_call_that_hangs_ends_with_130_and_the_next_run_goes_on(
    terminal: Terminal, ollama: ScriptedOllama
) -> None:
    ollama.then(hang())
    process = start("run", *places(terminal.project), ollama=ollama)
    eventually(lambda: ollama.chats, "call")
    process.send_signal(signal.SIGINT)

    said = end(process)

    assert_sentence(said, "stopped", "the next run goes on", code=130)
    assert ollama.left.wait(PATIENCE_S), "the server is told to stop generating"
    again = end(start("run", *places(terminal.project), ollama=ollama))
    assert again.code == 0, again.err
    assert len(again.out.splitlines()) == 3


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="limits the size of files by a POSIX call")
def test_a_full_disk_is_one_sentence_and_the_next_run_goes_on(
    terminal: Terminal, ollama: ScriptedOllama
) -> None:
    # Files of 60 kB end up like files on a full disk; Dagster's database is the first to grow so.
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))\n"
    arguments = ["run", *places(terminal.project), "--agent", "null"]

    said = end(start(*arguments, ollama=ollama, before=limit))

    assert_sentence(said, "Dagster's database", "free some space", "--out")
    assert list(terminal.project.out.rglob("*.tmp")) == []
    again = end(start(*arguments, ollama=ollama))
    assert again.code == 0, again.err
    assert [Path(line).stem for line in again.out.splitlines()] == ["null"]


@pytest.mark.slow
def test_two_runs_at_once_both_succeed_and_ask_once(
    terminal: Terminal, ollama: ScriptedOllama
) -> None:
    processes = [start("run", *places(terminal.project), ollama=ollama) for _ in range(2)]

    for said in map(end, processes):
        assert said.code == 0, said.err
        assert len(said.out.splitlines()) == 3
    assert len(ollama.chats) == 7


@pytest.mark.slow
def test_a_reader_that_goes_away_is_told_nothing(
    terminal: Terminal, ollama: ScriptedOllama
) -> None:
    arguments = ["measurements", terminal.project.data[0], "--out", str(terminal.project.out)]
    process = start(*arguments, "--json", ollama=ollama)
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()

    process.wait(PATIENCE_S)

    assert process.returncode in (0, 1)
    assert process.stderr is not None
    assert process.stderr.read().strip() == ""
    process.stderr.close()
