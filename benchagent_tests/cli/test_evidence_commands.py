"""The evidence at the command line: what is printed, where it goes, and what is refused."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from benchagent.pipeline.project import Project
from benchagent_tests.builders import a_project
from benchagent_tests.cli.terminal import Said, assert_sentence, run_command
from benchagent_tests.patience import PATIENCE_S

Run = Callable[..., Said]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return a_project(tmp_path_factory.mktemp("evidence"))


@pytest.fixture
def terminal(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Run:
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: run_command(capsys, *arguments)


@pytest.fixture
def steps(terminal: Run, project: Project) -> Run:
    """A command on the project's data."""
    return lambda command, *rest: terminal(
        command, project.data[0], "--out", str(project.out), *rest
    )


def test_a_json_file_is_one_list_and_a_jsonl_file_a_row_per_line(
    steps: Run, tmp_path: Path
) -> None:
    steps("findings", "-o", str(tmp_path / "f.json"))
    steps("findings", "-o", str(tmp_path / "f.JSONL"))

    listed = json.loads((tmp_path / "f.json").read_text())
    lines = [json.loads(line) for line in (tmp_path / "f.JSONL").read_text().splitlines()]
    assert listed == lines
    assert len(listed) > 1


@pytest.mark.parametrize(
    ("path", "words"),
    [
        # a typing error is no reason to make folders
        ("no-such-folder/f.csv", ["no-such-folder is no folder", "make it first"]),
        ("a-file/f.csv", ["a-file is no folder"]),
        ("f.txt", ["'.txt'"]),
        ("f", ["the suffix is ''"]),
    ],
)
def test_where_a_table_cannot_be_written_is_said_before_anything_is_read(
    path: str, words: list[str], terminal: Run, tmp_path: Path
) -> None:
    (tmp_path / "a-file").write_text("here\n", encoding="utf-8")

    said = terminal("facts", str(tmp_path / "nowhere"), "-o", str(tmp_path / path))

    assert_sentence(said, *words, code=2)
    assert {each.name for each in tmp_path.iterdir()} == {"a-file"}


@pytest.mark.parametrize("given", ["", " ", "runs="])
def test_a_root_without_a_name_is_not_the_current_folder(given: str, terminal: Run) -> None:
    assert_sentence(terminal("inventory", given), "names no folder", code=2)
    assert_sentence(terminal("run", "--data", given), "names no folder", code=2)


def test_nothing_is_printed_beside_the_table_where_nobody_watches(steps: Run) -> None:
    assert steps("inventory").err == ""


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("metrc = 'ttft'", ['"metrc" not found', "columns are id, figure, kind, label, value"]),
        ("", ["expected a condition"]),
        ("n = 'many'", ["'many'", "expected a condition"]),
        ("true; DROP TABLE facts", ["expected a condition"]),
        ("label IN (SELECT content FROM read_text('/etc/hosts'))", ["/etc/hosts"]),
        # found out when the rows are asked for, not when the condition is read
        ("error(label)", ["expected a condition"]),
    ],
)
def test_a_condition_that_is_none_is_answered_with_the_columns(
    where: str, words: list[str], steps: Run
) -> None:
    assert_sentence(steps("facts", "--where", where), *words)


def test_facts_of_one_subject_stand_together(steps: Run) -> None:
    rows = [json.loads(line) for line in steps("facts", "--json").out.splitlines()]
    named = [row["subject"] for row in rows if row["benchmark"] == "llm-sweep" and row["subject"]]

    assert len(named) > len(set(named)) >= 1
    assert named == sorted(named)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize("as_json", [True, False])
def test_what_cannot_be_printed_is_said(as_json: bool, project: Project) -> None:
    command = [sys.executable, "-c", "from benchagent.cli import main; main()"]
    command += ["facts", project.data[0], "--out", str(project.out)]
    # what a buffer still holds when the program ends must not fail once more
    buffered = {key: text for key, text in os.environ.items() if key != "PYTHONUNBUFFERED"}
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        ended = subprocess.run(
            command + ["--json"] * as_json,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env=buffered,
            check=False,
            timeout=PATIENCE_S,
        )

    assert ended.returncode == 1
    assert "standard output: No space left on device" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "Exception ignored" not in ended.stderr


def test_findings_are_a_page_whose_sentences_are_lines_for_a_pipe(steps: Run) -> None:
    rows = [json.loads(line) for line in steps("findings", "--json").out.splitlines()]

    lines = steps("findings").out.splitlines()

    assert len(rows) > 3
    assert lines[: 4 * len(rows)] == [
        line
        for number, row in enumerate(rows, start=1)
        for line in (
            f"{number}. {row['severity']}  {row['headline']}",
            f"   {row['sentence']}",
            f"   \N{RIGHTWARDS ARROW} {row['next_step']}",
            "",
        )
    ]
