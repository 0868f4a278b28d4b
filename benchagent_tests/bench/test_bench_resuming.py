import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchagent.calls.log import read_calls
from benchagent.cli.bench import bench
from benchagent.cli.errors import Failed
from benchagent_tests.bench.benching import arguments, calls_of, refused, run_bench
from benchagent_tests.patience import PATIENCE_S, eventually
from benchagent_tests.scripted_ollama import ScriptedModel, ScriptedOllama
from benchagent_tests.scripted_replies import Turn, say, status

posix = pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")


def test_a_last_line_that_was_cut_off_is_measured_again(
    folder: Path, ollama: ScriptedOllama
) -> None:
    partial = stopped_after(3, ollama, folder)
    with (partial / "bench_calls.csv").open("a") as file:
        file.write("2026-01-02T03:04:05,tiny:1b,ab")
    artifacts = resume(partial)
    assert [row["sequence"] for row in calls_of(artifacts)] == ["0", "1", "2", "3"]


def stopped_after(calls: int, ollama: ScriptedOllama, folder: Path) -> Path:
    """A benchmark whose server went away for a moment."""
    model = ollama.models[0]

    def leave(turn: Turn) -> None:
        ollama.models.clear()
        status(404, "model 'tiny:1b' not found")(turn)

    fine = say("one two")
    warm_ups = 1 + (calls >= 2)
    ollama.then(*([fine] * (calls + warm_ups)), leave)
    result = CliRunner().invoke(bench, arguments())
    assert isinstance(result.exception, Failed), result.exception
    ollama.models.append(model)
    [partial] = (folder / "data" / "reports" / "tiny-1b").iterdir()
    assert len(calls_of(partial)) == calls
    return partial


def resume(partial: Path) -> Path:
    result = CliRunner().invoke(bench, ["--resume", str(partial), "--out", "out"])
    assert result.exit_code == 0, (result.exception, result.output)
    return Path(result.stdout.strip())


def test_a_resumed_benchmark_says_so(folder: Path, ollama: ScriptedOllama) -> None:
    artifacts = resume(stopped_after(1, ollama, folder))
    assert "- Stopped and resumed: 20" in (artifacts / "bench_report.md").read_text()
    assert len(json.loads((artifacts / "bench_summary.json").read_text())["sittings"]) == 2


def test_a_benchmark_does_not_go_on_with_another_model(
    folder: Path, ollama: ScriptedOllama
) -> None:
    partial = stopped_after(1, ollama, folder)
    ollama.models[:] = [ScriptedModel(quantisation="Q8_0")]
    said = refused("--resume", str(partial), "--out", "out")
    assert f"tiny:1b is now {ollama.models[0].digest[:12]}" in said
    assert len(calls_of(partial)) == 1


def test_a_benchmark_does_not_go_on_with_another_server(
    folder: Path, ollama: ScriptedOllama
) -> None:
    partial = stopped_after(1, ollama, folder)
    ollama.version = "0.33.0"
    said = refused("--resume", str(partial), "--out", "out")
    assert re.search(
        r"ollama server 0\.33\.0 on .* answers, .* began with ollama server 0\.32\.1", said
    )


def test_what_cannot_be_resumed_is_refused(folder: Path, ollama: ScriptedOllama) -> None:
    artifacts = run_bench()
    assert "is finished" in refused("--resume", str(artifacts))
    assert "there is no such folder" in refused("--resume", "elsewhere")
    assert "leave out models, repeat" in refused(
        "--resume", str(artifacts), "--model", "tiny:1b", "--repeat", "3"
    )
    (folder / "x.partial").mkdir()
    assert "is no stopped benchmark" in refused("--resume", "x.partial")


def test_calls_that_another_version_planned_are_refused(
    folder: Path, ollama: ScriptedOllama
) -> None:
    partial = stopped_after(1, ollama, folder)
    calls = partial / "bench_calls.csv"
    calls.write_text(calls.read_text().replace(",server defaults,", ",other,"))
    assert "is not the one that was planned" in refused("--resume", str(partial), "--out", "out")


PROGRAM = """
import sys
from benchagent.cli.bench import bench
from benchagent.cli.errors import said_plainly
with said_plainly():
    sys.exit(bench.main(standalone_mode=False) or 0)
"""


def start(*args: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *args],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def stop_in_the_middle(ollama: ScriptedOllama, how: signal.Signals) -> tuple[Path, str, int]:
    """Start a benchmark in another process and stop it during a call; folder, words and code."""
    ollama.always(say("one two three four five six", gap_s=0.01))
    program = start(*arguments("--sweep", "temperature=0,0.8"))
    eventually(
        lambda: len(ollama.chats) >= 5 or program.poll() is not None, "fifth call", every_s=0.005
    )
    program.send_signal(how)
    _, said = program.communicate(timeout=PATIENCE_S)
    [partial] = Path("data/reports/tiny-1b").iterdir()
    assert partial.name.endswith(".partial"), said
    return partial, said, program.returncode


@pytest.mark.slow
@posix
def test_after_a_kill_every_call_is_made_once(folder: Path, ollama: ScriptedOllama) -> None:
    partial, _, code = stop_in_the_middle(ollama, signal.SIGKILL)
    assert code == -signal.SIGKILL
    before = calls_of(partial)
    assert 0 < len(before) < 8
    asked = len(ollama.chats)
    rows = calls_of(resume(partial))
    assert rows[: len(before)] == before
    assert [row["sequence"] for row in rows] == [str(at) for at in range(8)]
    measured_now = {chat.json["messages"][0]["content"][:8] for chat in ollama.chats[asked:]}
    assert len(measured_now & {row["nonce"] for row in rows}) == 8 - len(before)
    assert len({row["nonce"] for row in rows}) == 8


@pytest.mark.slow
@posix
def test_ctrl_c_leaves_a_folder_and_says_how_to_go_on(folder: Path, ollama: ScriptedOllama) -> None:
    partial, said, code = stop_in_the_middle(ollama, signal.SIGINT)
    assert code == 130
    assert f"of 8 calls are kept; to go on: benchagent bench --resume {partial}" in said
    assert "Traceback" not in said
    cancelled = [row for row in read_calls(Path("out")) if row["outcome"] == "cancelled"]
    assert len(cancelled) <= 1
    assert len(calls_of(resume(partial))) == 8


@pytest.mark.slow
@posix
def test_the_program_prints_the_folder_and_nothing_else_on_stdout(
    folder: Path, ollama: ScriptedOllama
) -> None:
    program = start(*arguments())
    said, progress = program.communicate(timeout=PATIENCE_S)
    assert (folder / said.strip() / "bench_report.md").is_file()
    assert "4/4" in progress
