"""A folder's numbers come part by part: the same rows, wherever a part ends, and never all at once."""

import subprocess
import sys
import tracemalloc
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchagent.inventory.blobs import read_blob
from benchagent.inventory.snapshots import Snapshot
from benchagent.measurements import joining, measured_files
from benchagent.measurements.measured_files import MeasuredFiles
from benchagent.measurements.measurement import MEASUREMENT_SCHEMA, MeasurementTable
from benchagent.measurements.measuring import measure
from benchagent.measurements.parsed import kept_contents, segment_files, shelf
from benchagent.pipeline.partition import Partition
from benchagent.pipeline.partition_files import PartitionMissing
from benchagent.pipeline.project import Project
from benchagent.pipeline.stages.measurements import make_measurements
from benchagent.pipeline.table_files import growing_table
from benchagent_tests.artifacts import SAMPLES
from benchagent_tests.folders import fill, take_snapshot
from benchagent_tests.patience import PATIENCE_S

HEADER = "model,num_gpu,ttft_s,tokens_s,load_s,prompt_eval_s,eval_s,eval_count,error\n"


def calls(number: int, rows: int = 40) -> bytes:
    """Calls of two models, one of them cold."""
    cells = [
        f"m{row % 2}:1b,{number},{load + 0.01:.3f},{100 + row},{load:.3f},0.010,1.0,100,"
        for row in range(rows)
        for load in [9.0 if row == 0 else 0.1 + row / 1000]
    ]
    return (HEADER + "\n".join(cells) + "\n").encode()


def a_folder() -> dict[str, bytes]:
    """Every sample, some of them again elsewhere and under other names, and calls of one header."""
    samples = {path.name: path.read_bytes() for path in SAMPLES.iterdir() if path.is_file()}
    again = {f"z/copies/{name}": data for name, data in list(samples.items())[::3]}
    renamed = {f"a/gemma3_1b_{at}.csv": calls(at) for at in range(30)}
    return samples | again | renamed | {"z/again.csv": calls(3), "z/other.tsv": calls(4)}


def measured(snapshot: Snapshot, out: Path) -> MeasuredFiles:
    return measure(snapshot.files, partial(read_blob, out), out, accepted_formats=["all"])


@pytest.fixture(name="out", scope="module")
def _out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("out")


@pytest.fixture(name="snapshot", scope="module")
def _snapshot(tmp_path_factory: pytest.TempPathFactory, out: Path) -> Snapshot:
    data = tmp_path_factory.mktemp("data")
    return take_snapshot(fill(data / "reports", a_folder()).parent, out)


@pytest.fixture(name="whole", scope="module")
def _whole(snapshot: Snapshot, out: Path) -> MeasurementTable:
    found = measured(snapshot, out)
    (part,) = found.parts()
    assert part.measurements.num_rows > 2000
    return found.whole()


def assert_same(found: MeasuredFiles, whole: MeasurementTable) -> int:
    """Gives the number of parts."""
    rows, failed, n_parts = [], [], 0
    for part in found.parts():
        n_parts += 1
        rows += part.measurements.to_pylist()
        failed += part.failed_runs.to_pylist()
    assert rows == whole.measurements.to_pylist()
    assert failed == whole.failed_runs.to_pylist()
    assert found.files == whole.files
    assert found.phase_thresholds == whole.phase_thresholds
    return n_parts


@pytest.mark.parametrize(
    ("most_rows", "most_bytes"),
    [
        (300, 24_000_000),
        (100_000, 15_000),  # borders inside of larger files
        # a border after every file: copies, summaries and raw runs lie apart
        pytest.param(1, 24_000_000, marks=pytest.mark.slow),
        pytest.param(1, 15_000, marks=pytest.mark.slow),  # both
    ],
)
def test_rows_are_the_same_wherever_a_part_ends(
    most_rows: int,
    most_bytes: int,
    snapshot: Snapshot,
    out: Path,
    whole: MeasurementTable,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(measured_files, "MOST_ROWS", most_rows)
    monkeypatch.setattr(joining, "MOST_BYTES", most_bytes)
    found = measured(snapshot, out)

    assert assert_same(found, whole) > 5
    # of a file that failed altogether, of copies and of what a summary stands on
    assert whole.failed_runs.num_rows > 5
    assert len(set(whole.measurements["duplicate_of"].to_pylist())) > 5
    assert len(set(whole.measurements["derived_from"].to_pylist())) > 2
    assert {"cold", "warm"} <= set(whole.measurements["phase"].to_pylist())


def test_rows_are_the_same_however_few_of_them_are_read_at_once(
    snapshot: Snapshot, whole: MeasurementTable, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for room in (segment_files, shelf, kept_contents):
        monkeypatch.setattr(room, "GROUP_ROWS", 300)
    monkeypatch.setattr(shelf, "_MOST_WRITTEN", 0)
    monkeypatch.setattr(shelf, "_MOST_READ", 1)
    monkeypatch.setattr(measured_files, "MOST_ROWS", 500)
    monkeypatch.setattr("benchagent.measurements.measuring.formats_version", lambda: "by-few")

    assert_same(measured(snapshot, out), whole)


def test_tables_are_the_same_to_the_byte_whatever_was_parsed_before(
    snapshot: Snapshot, out: Path, whole: MeasurementTable, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Else all that follows would be made again for nothing."""
    monkeypatch.setattr("benchagent.measurements.measuring.formats_version", lambda: "in-pieces")
    for some in (snapshot.files[1::3], snapshot.files[::2]):
        measure(some, partial(read_blob, out), out)
    found = measured(snapshot, out)

    assert_same(found, whole)
    for name, table in (("once", whole), ("pieces", found.whole())):
        pq.write_table(table.measurements, tmp_path / name)
    assert (tmp_path / "once").read_bytes() == (tmp_path / "pieces").read_bytes()


def test_what_is_in_memory_does_not_grow_with_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "_MOST_WRITTEN", 0)
    monkeypatch.setattr(shelf, "_MOST_READ", 1)
    monkeypatch.setattr(segment_files, "GROUP_ROWS", 2000)
    monkeypatch.setattr(shelf, "GROUP_ROWS", 2000)
    monkeypatch.setattr(kept_contents, "GROUP_ROWS", 2000)
    monkeypatch.setattr(measured_files, "MOST_ROWS", 2000)
    files = {f"c{at:03}.csv": calls(at) for at in range(300)}
    out = tmp_path / "out"
    found = measured(take_snapshot(fill(tmp_path / "data" / "reports", files).parent, out), out)

    before, most, n_bytes, n_parts = pa.total_allocated_bytes(), 0, 0, 0
    for part in found.parts():
        most = max(most, pa.total_allocated_bytes() - before)
        n_bytes += part.measurements.nbytes
        n_parts += 1
    assert n_parts > 30
    assert most < n_bytes / 4


def test_failed_runs_alone_make_a_part(tmp_path: Path) -> None:
    failed = HEADER + "m:1b,1,,,,,,,CUDA out of memory\n" * 3
    files: Mapping[str, bytes] = {"a.csv": failed.encode(), "b.txt": b"nothing"}
    out = tmp_path / "out"
    found = measured(take_snapshot(fill(tmp_path / "data" / "reports", files).parent, out), out)

    (part,) = found.parts()
    assert (part.measurements.num_rows, part.failed_runs.num_rows) == (0, 3)
    assert part.measurements.schema == MEASUREMENT_SCHEMA


def test_rows_that_come_in_many_parts_are_few_row_groups(tmp_path: Path) -> None:
    words = [pa.array([f"w{at}", "w"]).dictionary_encode() for at in range(100)]
    parts = [pa.table({"n": [at, at], "word": word}) for at, word in enumerate(words)]
    with growing_table(tmp_path / "t.parquet", parts[0].schema) as table:
        for part in parts:
            table.add(part)

    assert pq.read_metadata(tmp_path / "t.parquet").num_row_groups == 1
    expected = pa.concat_tables(parts).to_pylist()
    assert pq.read_table(tmp_path / "t.parquet").to_pylist() == expected


KILLED = """
import os, signal, sys
from pathlib import Path
from benchagent.measurements import measured_files
from benchagent.pipeline import table_files
from benchagent.pipeline.partition import Partition
from benchagent.pipeline.project import Project
from benchagent.pipeline.stages.measurements import make_measurements

measured_files.MOST_ROWS = table_files._GROUP_ROWS = 500
write = table_files.GrowingTable.flush
written = 0

def flush(table):
    global written
    write(table)
    written += 1
    if written == 4:
        os.kill(os.getpid(), signal.SIGKILL)

table_files.GrowingTable.flush = flush
data, out, key = sys.argv[1:]
make_measurements(Partition(project=Project.of(data=(data,), out=out), key=key))
"""


def test_of_a_file_little_more_than_its_names_is_kept_in_memory(tmp_path: Path) -> None:
    files = {f"c{at:04}.csv": calls(at, rows=1) for at in range(900)}
    snapshot = take_snapshot(fill(tmp_path / "data" / "reports", files).parent, tmp_path / "out")
    measured(snapshot, tmp_path / "out")  # so that nothing of the parsing is counted

    def kept_of(n_files: int) -> int:
        tracemalloc.start()
        found = measure(snapshot.files[:n_files], partial(read_blob, tmp_path), tmp_path / "out")
        kept, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert found.phase_thresholds == ()
        return kept

    # with the status of each file, and with texts of its own for what many share, it was 340
    assert (kept_of(900) - kept_of(100)) / 800 < 220


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9")
def test_half_written_measurements_are_taken_for_none(tmp_path: Path) -> None:
    data, out = tmp_path / "data", tmp_path / "out"
    files = {f"c{at:03}.csv": calls(at) for at in range(30)}
    snapshot = take_snapshot(fill(data / "reports", files).parent, out)
    partition = Partition(project=Project.of(data=(str(data),), out=str(out)), key=snapshot.key)

    command = [sys.executable, "-c", KILLED, str(data), str(out), snapshot.key]
    died = subprocess.run(command, check=False, capture_output=True, timeout=PATIENCE_S)
    assert died.returncode == -9, died.stderr
    with pytest.raises(PartitionMissing):
        partition.table("measurements")
    with pytest.raises(PartitionMissing):
        partition.table("failed_runs")

    assert make_measurements(partition).made
    assert partition.table("measurements").num_rows == sum(
        file.n_measurements for file in measured(snapshot, out).files
    )
