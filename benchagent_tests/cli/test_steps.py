"""The steps alone: tables for people, lines for programs, files."""

import csv
import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchagent.cli.output import write_file
from benchagent_tests.cli.terminal import Said, Terminal, assert_sentence


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


def test_what_is_not_scanned_of_a_folder_is_said(terminal: Terminal) -> None:
    folder = Path(terminal.project.data[0])
    assert "not scanned" not in steps(terminal, "inventory").err
    (folder / "history.csv").write_text("a,b\n1,2\n")
    said = steps(terminal, "inventory").err
    assert "not scanned" in said
    assert said.rstrip().endswith(f"history.csv; to scan all of it, give it a name: all={folder}")


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
