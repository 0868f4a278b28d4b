"""`benchagent verify` for programs: one JSON object per claim, and exit codes."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from benchagent.verification.batch import count_processes
from benchagent_tests.cli.terminal import Said, run_command
from benchagent_tests.folders import fill

DATA = {
    "reports/owl/runs.csv": "model,ttft_s,tokens_s\nowl:7b,0.101,40.5\nowl:7b,0.105,41.5\n"
    "elk:3b,0.051,80.25\nelk:3b,0.055,81.75\n",
    "reports/notes.md": "# Notes\n\nMeasured at night.\n",
}
TRUE = "The mean decode rate of owl:7b is 41.0 tok/s.\n"
FALSE = "The mean decode rate of owl:7b is 77.0 tok/s.\n"
FIELDS = (
    "report line start end quote kind value unit subject row column parent verdict reason evidence"
).split()


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A folder of data, one for reports, and the command."""

    folder: Path
    store: Path
    capsys: pytest.CaptureFixture[str]

    def put(self, name: str, text: str | bytes) -> Path:
        path = self.folder / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def verify(self, *arguments: Path | str) -> Said:
        places = ["--data", str(self.store / "data"), "--out", str(self.store / "out")]
        said = run_command(self.capsys, "verify", *map(str, arguments), *places)
        assert "Traceback" not in said.err
        return said

    def rows(self, *arguments: Path | str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.verify("--json", *arguments).out.splitlines()]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data, measured by whichever test comes first."""
    store = tmp_path_factory.mktemp("store")
    fill(store / "data", DATA)
    return store


@pytest.fixture
def desk(tmp_path: Path, store: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(folder=tmp_path, store=store, capsys=capsys)


REPORT = """\
\N{PILE OF POO} Ä report about owls, written in two styles.\r
\r
# Findings\r
\r
The mean decode rate of owl:7b is 41.0 tok/s, that of elk:3b 99.5 tok/s.\r
\r
| Model | Mean decode rate (tok/s) | Source |\r
|---|---|---|\r
| elk:3b | 81.0 | `reports/owl/runs.csv` |\r
\r
The decode rate of owl:7b was in a range of 40.5-41.5 tok/s.\r
\r
Here is an excerpt of reports/owl/extra.json:\r
\r
```json\r
{"owl_index": 12.25, "depth": 3}\r
```\r
"""


def test_each_claim_is_a_line_of_json_with_every_field(desk: Desk) -> None:
    rows = desk.rows(desk.put("styles.md", REPORT))

    assert rows
    for row in rows:
        assert list(row) == FIELDS
        assert row["report"] == "styles"
        assert isinstance(row["kind"], str)
        assert row["verdict"] in ("supported", "contradicted", "unsupported")
        assert row["reason"]
        assert all(isinstance(source, dict) and source for source in row["evidence"])


def test_offsets_are_code_points_of_the_file_without_newline_translation(desk: Desk) -> None:
    rows = desk.rows(desk.put("styles.md", REPORT))

    assert rows
    for row in rows:
        assert REPORT[row["start"] : row["end"]] == row["quote"]
        assert REPORT.count("\n", 0, row["start"]) + 1 == row["line"]
        assert 0 <= row["start"] < row["end"] <= len(REPORT)


def one(rows: list[dict[str, Any]], quote: str) -> dict[str, Any]:
    [found] = [row for row in rows if row["quote"] == quote]
    return found


def test_a_quote_is_the_smallest_span_and_its_context_stands_beside_it(desk: Desk) -> None:
    rows = desk.rows(desk.put("styles.md", REPORT))

    true, false, cell = one(rows, "41.0 tok/s"), one(rows, "99.5 tok/s"), one(rows, "81.0")
    assert (true["value"], true["unit"], true["subject"]) == (41.0, "tok/s", "owl:7b")
    assert (true["verdict"], true["row"], true["column"]) == ("supported", None, None)
    assert (false["verdict"], false["subject"], false["line"]) == ("contradicted", "elk:3b", 5)
    assert "81.0" in false["reason"] or "81" in false["reason"]
    assert (cell["row"], cell["column"]) == ("elk:3b", "Mean decode rate (tok/s)")
    assert cell["verdict"] == "supported"
    named = one(rows, "reports/owl/runs.csv")
    assert named["kind"] == "path"
    assert named["evidence"][0]["source_path"] == "reports/owl/runs.csv"


def test_a_range_has_both_its_ends_as_value(desk: Desk) -> None:
    rows = desk.rows(desk.put("styles.md", REPORT))

    [span] = [row for row in rows if isinstance(row["value"], list)]
    assert span["value"] == [40.5, 41.5]
    assert span["quote"].startswith("40.5")
    assert span["quote"].removesuffix(" tok/s").endswith("41.5")


def test_a_sample_is_one_claim_and_its_numbers_name_it_as_parent(desk: Desk) -> None:
    rows = desk.rows(desk.put("styles.md", REPORT))

    [block] = [row for row in rows if row["kind"] == "sample" and row["parent"] is None]
    inside = [row for row in rows if row["parent"] is not None]
    assert {row["quote"] for row in inside} == {"12.25", "3"}
    assert {row["parent"] for row in inside} == {block["start"]}
    assert all(block["start"] <= row["start"] and row["end"] <= block["end"] for row in inside)


def test_the_exit_code_says_whether_a_claim_is_false(desk: Desk) -> None:
    true, false = desk.put("true.md", TRUE), desk.put("false.md", FALSE)

    assert desk.verify(true).code == 0
    assert desk.verify(false).code == 1
    assert desk.verify(true, false).code == 1
    assert desk.verify("--json", false).code == 1
    assert desk.verify(desk.put("empty.md", "")).code == 0


def test_what_is_neither_true_nor_false_is_no_failure(desk: Desk) -> None:
    text = TRUE + "Perplexity and memory correlate strongly.\n"
    report = desk.put("odd.md", text)

    assert "contradicted" not in {row["verdict"] for row in desk.rows(report)}
    assert desk.verify(report).code == 0


def test_several_reports_and_a_folder_of_them_are_told_apart(desk: Desk) -> None:
    inside = desk.folder / "written"
    inside.mkdir()
    (inside / "a.md").write_text(TRUE)
    (inside / "b.txt").write_text(FALSE)
    (inside / "c.log").write_text(FALSE)

    rows = desk.rows(desk.put("z.md", TRUE), inside)

    assert [row["report"] for row in rows] == ["z", "a", "b"]
    assert [row["verdict"] for row in rows] == ["supported", "supported", "contradicted"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("image.md", b"\x89PNG\r\n\x1a\n\xff\xfe", "byte 0 is not UTF-8"),
        ("archive.md", b"text\x00\x01", "character 4 is NUL"),
        ("utf16.md", "41.0 tok/s".encode("utf-16"), "is not UTF-8"),
        ("log.md", b"a" * 10_000_001, "has 10,000,001 bytes"),
    ],
)
def test_a_file_that_is_no_report_is_said_and_is_no_verdict(
    desk: Desk, name: str, content: bytes, said: str
) -> None:
    found = desk.verify("--json", desk.put("false.md", FALSE), desk.put(name, content))

    assert found.code == 2
    assert said in found.err
    assert name in found.err
    assert found.out == ""


def test_what_is_not_there_is_said_and_is_no_verdict(desk: Desk) -> None:
    (desk.folder / "none").mkdir()
    true = desk.put("true.md", TRUE)
    bad = desk.put("evidence.json", "[1]")

    missing = desk.verify(desk.folder / "missing.md")
    empty = desk.verify(desk.folder / "none")
    evidence = desk.verify(true, "--evidence", bad)
    nothing = desk.verify()

    assert (missing.code, empty.code, evidence.code, nothing.code) == (2, 2, 2, 2)
    assert "missing.md" in missing.err
    assert "holds no .md or .txt file" in empty.err
    assert "expected a JSON object" in evidence.err


def test_data_that_are_not_there_are_no_verdict_either(desk: Desk) -> None:
    elsewhere = replace(desk, store=desk.folder)

    assert elsewhere.verify(desk.put("true.md", TRUE)).code == 2


def test_the_same_text_and_data_give_the_same_lines(desk: Desk) -> None:
    report = desk.put("styles.md", REPORT)

    assert desk.verify("--json", report).out == desk.verify("--json", report).out


def test_several_processes_say_what_one_says(desk: Desk) -> None:
    reports = [desk.put(f"r{at}.md", REPORT + (TRUE, FALSE)[at % 2]) for at in range(9)]

    alone = desk.verify("--json", "--processes", "1", *reports)
    together = desk.verify("--json", "--processes", "3", *reports)

    assert alone.code == 1
    assert together == alone


def test_one_report_is_checked_without_a_second_process() -> None:
    assert count_processes(10_000) == 1
