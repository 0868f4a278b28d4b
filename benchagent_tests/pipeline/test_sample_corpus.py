import csv
import hashlib
import json
import re
from collections import Counter
from pathlib import Path

import pytest

from benchagent.formats import parse_bytes
from benchagent.inventory.listing import SourceFile
from benchagent.inventory.roots import ROOT_NAMES
from benchagent.measurements.measurement import MeasurementTable
from benchagent.measurements.measuring import measure
from benchagent.measurements.readings import Parsed
from benchagent.pipeline.project import REPOSITORY

DATA = REPOSITORY / "data"
FILES = sorted(path for name in ROOT_NAMES for path in (DATA / name).rglob("*") if path.is_file())
# a benchmark of one's own may lie beside the committed ones
BENCHMARKS = [path for path in FILES if path.name == "bench_calls.csv"]
MODEL = DATA / "reports" / "smollm2-135m"
FIRST, SECOND = MODEL / "20261121T233141Z", MODEL / "20261121T234137Z"


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def sample_table(out: Path) -> MeasurementTable:
    """What the committed files say, joined."""
    blobs = {hashlib.sha256(path.read_bytes()).hexdigest(): path for path in FILES}
    files = [
        SourceFile(
            root=path.relative_to(DATA).parts[0],
            path=path.relative_to(DATA).as_posix(),
            sha256=sha256,
            size=path.stat().st_size,
            modified_at=None,
            kind="other",
            content="text",
            retained=True,
            reason=None,
        )
        for path in FILES
        for sha256 in [hashlib.sha256(path.read_bytes()).hexdigest()]
    ]
    return measure(files, lambda sha256: blobs[sha256].read_bytes(), out).whole()


@pytest.mark.parametrize("path", BENCHMARKS, ids=lambda path: path.parent.name)
def test_every_call_of_the_sample_is_a_record_and_every_failure_a_failed_run(path: Path) -> None:
    rows = rows_of(path)
    found = parse_bytes(path.name, path.read_bytes())
    assert isinstance(found, Parsed)
    assert (found.refusals, found.reason) == ((), None)
    assert [record.failure is not None for record in found.records] == [
        row["error"] != "" for row in rows
    ]
    numbers = [name for name in rows[0] if name.endswith(("_ms", "_tokens", "_per_s"))]
    assert sum(len(record.readings) for record in found.records) == sum(
        row[name] != "" for row in rows for name in numbers
    )


def test_the_sample_has_every_call_of_its_plan_once() -> None:
    rows = rows_of(FIRST / "bench_calls.csv")
    assert [row["sequence"] for row in rows] == [str(at) for at in range(240)]
    asked = Counter(
        (row["config_name"], row["prompt_index"], row["repetition"], row["phase"]) for row in rows
    )
    assert set(asked.values()) == {1}
    assert Counter(row["phase"] for row in rows) == {"warm": 200, "cold": 40}
    assert len({row["nonce"] for row in rows}) == 240


def test_the_failed_calls_of_the_sample_are_the_ones_that_did_not_fit() -> None:
    failed = [row for row in rows_of(SECOND / "bench_calls.csv") if row["error"]]
    assert {(row["option_num_ctx"], row["prompt_index"]) for row in failed} == {("512", "2")}
    assert all(row["error"].startswith("prompt_too_long: status 400") for row in failed)
    assert len(failed) == 3


def test_every_file_of_the_sample_is_read_or_listed_with_the_reason(tmp_path: Path) -> None:
    table = sample_table(tmp_path)
    unread = {status.path: status.reason for status in table.files if status.format is None}
    assert all(path.endswith(".txt") for path in unread if path.startswith("artifacts/terminal_"))
    assert len([path for path in unread if path.startswith("artifacts/terminal_")]) == 2
    assert all(unread.values())
    copy = "csv_data/smollm2-135m_20261121T233141Z_bench_calls_copy.csv"
    duplicates = {status.path: status.duplicate_of for status in table.files}
    assert duplicates[copy] == "reports/smollm2-135m/20261121T233141Z/bench_calls.csv"
    assert table.failed_runs.num_rows >= 3


def test_the_summaries_of_the_sample_are_tied_to_their_rows(tmp_path: Path) -> None:
    sums = [row for row in sample_table(tmp_path) if row.source_path.endswith("summary.json")]
    assert {row.kind for row in sums} == {"derived"}
    assert {Path(row.derived_from or "").name for row in sums} == {"bench_calls.csv"}
    document = json.loads((FIRST / "bench_summary.json").read_text())
    assert {entry["n"] for entry in document["option_sets"]} == {50, 10}


def test_the_sample_is_small_and_says_nothing_of_the_machine_that_made_it() -> None:
    committed = [path for path in FILES if path.is_relative_to(MODEL) or path.suffix == ".txt"]
    committed += [path for path in FILES if path.name.endswith("_copy.csv")]
    assert sum(path.stat().st_size for path in committed) < 300_000
    for path in committed:
        assert not re.search(r"/(home|root|tmp|work|Users|mnt)/|127\.0\.0\.1", path.read_text())
