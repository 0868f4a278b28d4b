"""The command line as a person uses it: what it says, and with which code it ends."""

import csv
import io
import json
import os
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import click
import dagster as dg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchagent.cli import COMMANDS, commands
from benchagent.cli.output import write_file
from benchagent.defs.partitions import SNAPSHOTS
from benchagent.formats import FORMATS
from benchagent.formats.plugged_in import PluggedIn
from benchagent.inventory.snapshots import list_snapshots
from benchagent.pipeline.project import Project
from benchagent_tests.builders import ROSTER, a_project, calls_csv
from benchagent_tests.cli.terminal import Said, run_command
from benchagent_tests.folders import take
from benchagent_tests.patience import PATIENCE_S, eventually
from benchagent_tests.scripted_ollama import ScriptedModel, ScriptedOllama, unused_url
from benchagent_tests.scripted_replies import at_random, hang


class Terminal:
    """Runs commands in this process, on a project of its own."""

    def __init__(self, project: Project, capsys: pytest.CaptureFixture[str]) -> None:
        self.project = project
        self._capsys = capsys

    def __call__(self, *arguments: str) -> Said:
        return run_command(self._capsys, *arguments)

    def on_project(self, command: str, *arguments: str) -> Said:
        return self(command, *places(self.project), *arguments)


def places(project: Project) -> list[str]:
    return [
        *("--data", project.data[0]),
        *("--out", str(project.out)),
        *("--agents", str(project.agents)),
    ]


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


def assert_sentence(said: Said, *words: str, code: int = 1) -> None:
    """It ended with that code and a sentence with those words, and no traceback."""
    assert said.code == code, said
    assert "Traceback" not in said.err + said.out
    for word in words:
        assert word in said.err, said.err


# --- help ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*COMMANDS, "warehouse rebuild", "snapshots prune"])
def test_every_command_says_what_it_does_and_shows_an_example(
    terminal: Terminal, name: str
) -> None:
    said = terminal(*name.split(), "--help")

    assert said.code == 0
    assert "Usage: benchagent" in said.out
    groups = ("warehouse", "snapshots")
    assert name in groups or f"benchagent {name}" in said.out.split("Options:")[-1]


def test_the_list_of_commands_says_what_each_command_says(terminal: Terminal) -> None:
    context = click.Context(commands)

    assert terminal("--help").code == 0
    for name in COMMANDS:
        command = commands.get_command(context, name)
        assert command is not None
        assert command.name == name


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["no-such-command"], "No such command"),
        (["run", "--no-such-option"], "No such option"),
        (["run", "--max-calls", "many"], "many"),
        (["run", "--max-calls", "-1"], "-1"),
    ],
)
def test_what_was_asked_wrongly_ends_with_2(
    terminal: Terminal, arguments: list[str], word: str
) -> None:
    assert_sentence(terminal(*arguments), word, code=2)


# --- mistakes that people make ------------------------------------------------------------------


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


# --- the steps alone ----------------------------------------------------------------------------


def steps(terminal: Terminal, command: str, *arguments: str) -> Said:
    return terminal(
        command, terminal.project.data[0], "--out", str(terminal.project.out), *arguments
    )


def test_each_step_prints_a_table_for_people_and_lines_for_programs(terminal: Terminal) -> None:
    expected = {
        "inventory": ("reports/fox/sweep.csv", "path"),
        "measurements": ("row=1,column=ttft_ms", "locator"),
        "facts": ("files in the snapshot", "label"),
        "findings": ("Failed runs", "headline"),
    }
    for command, (shown, field) in expected.items():
        assert shown in steps(terminal, command).out
        said = steps(terminal, command, "--json")
        rows = [json.loads(line) for line in said.out.splitlines()]
        assert shown in {row[field] for row in rows}


def test_a_file_is_written_in_the_format_of_its_suffix(terminal: Terminal, tmp_path: Path) -> None:
    for suffix in (".parquet", ".csv", ".json"):
        path = tmp_path / f"m{suffix}"
        said = steps(terminal, "measurements", "-o", str(path))
        assert said.code == 0
        assert "385 rows" in said.err
    table = pq.read_table(tmp_path / "m.parquet")
    listed = json.loads((tmp_path / "m.json").read_text())
    rows = list(csv.DictReader(io.StringIO((tmp_path / "m.csv").read_text())))

    assert table.num_rows == len(listed) == len(rows) == 385
    assert list(listed[0]) == table.column_names == list(rows[0])
    assert [float(row["value"]) for row in rows] == table["value"].to_pylist()


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1+2", "@SUM(A1)", "\t=1", "\r=1", "=cmd|'x'!A1"])
def test_a_spreadsheet_runs_no_formula_of_ours(tmp_path: Path, text: str) -> None:
    write_file(pa.table({text: [text], "n": [-1.5]}), tmp_path / "x.csv")

    with (tmp_path / "x.csv").open(encoding="utf-8", newline="") as file:
        head, row = list(csv.reader(file))
    assert row == ["'" + text, "-1.5"]
    assert head == ["'" + text, "n"]


def test_facts_can_be_filtered_and_the_filter_reaches_nothing_else(terminal: Terminal) -> None:
    said = steps(terminal, "facts", "--where", "metric = 'decode_rate' and n = 22", "--json")
    assert {json.loads(line)["metric"] for line in said.out.splitlines()} == {"decode_rate"}

    said = steps(terminal, "facts", "--where", "1 = (SELECT count(*) FROM '/etc/passwd')")
    assert_sentence(said)
    said = steps(terminal, "facts", "--where", "nonsense ===")
    assert_sentence(said)


# --- run ----------------------------------------------------------------------------------------


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


# --- real processes -----------------------------------------------------------------------------


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


def test_help_is_there_without_dagster(terminal: Terminal) -> None:
    script = (
        "import sys; sys.argv = ['benchagent', '--help']\n"
        "from benchagent.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "assert 'dagster' not in sys.modules and 'duckdb' not in sys.modules\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )

    assert done.returncode == 0, done.stderr
