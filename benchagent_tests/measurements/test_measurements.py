import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchagent.facts.derivations.counted_once.samples import select_samples
from benchagent.inventory.listing import SourceFile
from benchagent.measurements.measurement import (
    FAILED_RUN_SCHEMA,
    MEASUREMENT_SCHEMA,
    Measurement,
    MeasurementTable,
)
from benchagent.measurements.measuring import measure
from benchagent.measurements.named_columns import read_rows
from benchagent_tests.artifacts import SAMPLES
from benchagent_tests.measured import an_evidence

_CALLS = (SAMPLES / "prompt_suite_runs.csv").read_bytes()
_SUMMARY = (SAMPLES / "prompt_suite_summary.json").read_bytes()
_SWEEP = (SAMPLES / "gemma3_270m_param_tuning.csv").read_bytes()
_SWEEP_SUMMARY = (SAMPLES / "gemma3_270m_param_tuning_summary.csv").read_bytes()


def measure_folder(
    out: Path,
    contents: Mapping[str, bytes],
    *,
    read: list[str] | None = None,
    accepted: Sequence[str] = (),
) -> MeasurementTable:
    """Measure files with these contents; the hashes that were read are appended to `read`."""
    blobs = {hashlib.sha256(data).hexdigest(): data for data in contents.values()}

    def read_blob(sha256: str) -> bytes:
        if read is not None:
            read.append(sha256)
        return blobs[sha256]

    files = [a_source_file(path, data) for path, data in contents.items()]
    return measure(files, read_blob, out, accepted_formats=accepted).whole()


def a_source_file(path: str, data: bytes, *, reason: str | None = None) -> SourceFile:
    return SourceFile(
        root=path.partition("/")[0],
        path=path,
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        modified_at=None,
        kind="other",
        content="text",
        retained=reason is None,
        reason=reason,
    )


def rows_of(table: MeasurementTable, path: str) -> list[Measurement]:
    return [row for row in table if row.source_path == path]


def test_the_table_has_the_columns_of_the_design(tmp_path):
    table = measure_folder(tmp_path, {"reports/runs.csv": _CALLS})
    assert table.measurements.schema == MEASUREMENT_SCHEMA
    assert table.failed_runs.schema == FAILED_RUN_SCHEMA


def test_a_row_says_where_its_number_came_from(tmp_path):
    table = measure_folder(tmp_path, {"reports/a/runs.csv": _CALLS})
    row = next(row for row in table if row.locator == "row=2,column=tokens_s")
    assert row == Measurement(
        id=row.id,
        source_path="reports/a/runs.csv",
        source_sha256=hashlib.sha256(_CALLS).hexdigest(),
        duplicate_of=None,
        format="llm-calls-csv",
        record="reports/a/runs.csv#row=2",
        sequence=1,
        repetition=None,
        locator="row=2,column=tokens_s",
        benchmark="llm-call",
        subject="tinyfox:1b-q4_0",
        subject_from="data",
        config='{"prompt":"Count to ten.","prompt_index":2,"temperature":0.3,"top_p":0.9}',
        environment="{}",
        metric="decode_rate",
        statistic="value",
        definition="decode.eval_count/eval",
        value=52.0,
        unit="tok/s",
        n=None,
        raw_value="52.00",
        raw_unit="tok/s",
        measured_at="2025-03-04T08:15:30.250000Z",
        time_basis="utc",
        population="all",
        phase="warm",
        kind="measured",
        derived_from=None,
    )


def test_ids_number_the_rows(tmp_path):
    table = measure_folder(tmp_path, {"reports/b.csv": _CALLS, "reports/a.csv": _SWEEP})
    assert [row.id for row in table] == list(range(table.measurements.num_rows))
    paths = [row.source_path for row in table]
    assert paths == sorted(paths)


def test_a_failed_run_stands_among_the_failed_and_gives_no_number(tmp_path):
    table = measure_folder(tmp_path, {"reports/runs.csv": _CALLS})
    failed = list(table.iter_failed_runs())
    assert [(run.record, run.locator, run.reason) for run in failed] == [
        ("reports/runs.csv#row=4", "row=4,column=error", "connection refused"),
        ("reports/runs.csv#row=5", "row=5,column=error", "timed out"),
    ]
    assert failed[0].subject == "tinyfox:1b-q4_0"
    assert not [row for row in table if row.record in {run.record for run in failed}]


def test_no_content_is_ever_parsed_twice(tmp_path):
    read: list[str] = []
    first = measure_folder(tmp_path, {"r/a.csv": _CALLS, "r/b/a.csv": _CALLS}, read=read)
    assert len(read) == 1
    again = measure_folder(tmp_path, {"r/elsewhere.csv": _CALLS, "r/x.csv": _SWEEP}, read=read)
    assert len(read) == 2
    assert first.measurements.num_rows == 2 * 24
    assert len(rows_of(again, "r/elsewhere.csv")) == 24


def test_what_was_parsed_before_reads_the_same(tmp_path):
    contents = {"r/a.csv": _CALLS, "r/s.csv": _SWEEP, "r/x_summary.json": _SUMMARY}
    assert (
        measure_folder(tmp_path, contents).measurements.to_pylist()
        == measure_folder(tmp_path, contents).measurements.to_pylist()
    )


def test_contents_parsed_at_different_times_join_in_the_order_of_their_paths(tmp_path):
    measure_folder(tmp_path, {"r/z.csv": _SWEEP})
    measure_folder(tmp_path, {"r/m.csv": _CALLS, "r/n.json": _SUMMARY})
    contents = {"r/a.csv": _CALLS, "r/b.csv": _SWEEP, "r/c.csv": _SWEEP_SUMMARY}
    fresh = measure_folder(tmp_path / "fresh", contents)
    joined = measure_folder(tmp_path, contents)
    assert joined.measurements.to_pylist() == fresh.measurements.to_pylist()
    assert joined.files == fresh.files


@pytest.mark.parametrize("table", ["contents", "records", "readings"])
@pytest.mark.parametrize(
    "damage",
    [
        lambda stored: stored[:100],
        # one bit in the middle of the rows
        lambda stored: stored.replace(b"\x28\xb5\x2f\xfd", b"\x28\xb5\x2f\xfc", 1),
        # a block that never reached the disk
        lambda stored: stored[:512] + bytes(512) + stored[1024:],
    ],
)
def test_a_damaged_segment_is_parsed_again(tmp_path, damage, table):
    whole = measure_folder(tmp_path, {"r/a.csv": _CALLS})
    [stored] = tmp_path.rglob(f"{table}.arrow")
    assert damage(stored.read_bytes()) != stored.read_bytes()
    stored.write_bytes(damage(stored.read_bytes()))
    again = measure_folder(tmp_path, {"r/a.csv": _CALLS})
    assert again.measurements.to_pylist() == whole.measurements.to_pylist()


def test_identical_files_count_once_under_the_shortest_path(tmp_path):
    table = measure_folder(tmp_path, {"r/long/a.csv": _CALLS, "r/b.csv": _CALLS, "r/c.csv": _CALLS})
    duplicate_of = {row.source_path: row.duplicate_of for row in table}
    assert duplicate_of == {"r/long/a.csv": "r/b.csv", "r/b.csv": None, "r/c.csv": "r/b.csv"}
    assert {file.path: file.duplicate_of for file in table.files} == duplicate_of


def test_a_file_that_could_not_be_read_for_its_name_does_not_hide_its_twin(tmp_path):
    table = measure_folder(tmp_path, {"r/a.txt": _CALLS, "r/longer.csv": _CALLS})
    assert {row.duplicate_of for row in table} == {None}
    assert {file.path: file.duplicate_of for file in table.files} == {
        "r/a.txt": "r/longer.csv",
        "r/longer.csv": None,
    }


def test_empty_files_are_no_duplicates(tmp_path):
    table = measure_folder(tmp_path, {"r/a.py": b"", "r/b.py": b""})
    assert [file.duplicate_of for file in table.files] == [None, None]


def test_a_subject_that_only_the_path_tells_is_marked_so(tmp_path):
    table = measure_folder(tmp_path, {"r/gemma3_270m_param_tuning.csv": _SWEEP, "r/x.csv": _SWEEP})
    subjects = {(row.source_path, row.subject, row.subject_from) for row in table}
    assert subjects == {
        ("r/gemma3_270m_param_tuning.csv", "gemma3:270m", "file-name"),
        ("r/x.csv", None, None),
    }


def test_a_summary_beside_its_raw_rows_is_derived_and_about_their_subject(tmp_path):
    contents = {
        "r/t_runs.csv": _CALLS,
        "r/t_summary.json": _SUMMARY,
        "r/g_summary.csv": _SWEEP_SUMMARY,
    }
    table = measure_folder(tmp_path, contents)
    assert {(row.kind, row.derived_from) for row in rows_of(table, "r/t_summary.json")} == {
        ("derived", "r/t_runs.csv")
    }


def test_a_summary_without_its_raw_rows_is_the_best_there_is(tmp_path):
    table = measure_folder(tmp_path, {"r/g_summary.csv": _SWEEP_SUMMARY})
    assert {(row.kind, row.derived_from) for row in table} == {("measured", None)}
    assert {row.statistic for row in table} == {"mean"}


def test_what_a_file_says_over_its_own_runs_is_derived_from_itself(tmp_path):
    data = (SAMPLES / "latency_baseline.json").read_bytes()
    table = measure_folder(tmp_path, {"r/noop.json": data})
    derived = {(row.record, row.derived_from) for row in table if row.kind == "derived"}
    assert derived == {("r/noop.json#/timing_stats", "r/noop.json")}
    assert {row.derived_from for row in table if row.kind == "measured"} == {None}


def test_a_summary_takes_the_subject_of_its_raw_rows(tmp_path):
    raw = b"model,num_gpu,ttft_s,tokens_s\ntinyfox:1b,1,0.1,9.0\ntinyfox:1b,2,0.1,9.1\n"
    summary = b"num_gpu,mean_ttft_s,mean_tokens_s\n1,0.1,9.0\n2,0.1,9.1\n"
    table = measure_folder(tmp_path, {"r/s.csv": raw, "r/s_summary.csv": summary})
    named = {(row.subject, row.subject_from) for row in rows_of(table, "r/s_summary.csv")}
    assert named == {("tinyfox:1b", "file-name")}


def test_runs_that_failed_are_not_counted_again_in_their_summary(tmp_path):
    beside = measure_folder(tmp_path, {"r/t_runs.csv": _CALLS, "r/t_summary.json": _SUMMARY})
    assert {run.source_path for run in beside.iter_failed_runs()} == {"r/t_runs.csv"}
    alone = measure_folder(tmp_path, {"r/t_summary.json": _SUMMARY})
    assert [run.reason for run in alone.iter_failed_runs()] == ["none of 5 calls completed"]


def test_a_failed_run_that_a_tool_printed_and_saved_is_counted_once(tmp_path):
    printed = (SAMPLES / "google_benchmark.txt").read_bytes()
    saved = (SAMPLES / "google_benchmark.json").read_bytes()
    table = measure_folder(tmp_path, {"r/g.txt": printed, "r/g.json": saved})
    assert [run.source_path for run in table.iter_failed_runs()] == ["r/g.json"]
    table = measure_folder(tmp_path, {"r/g.txt": printed})
    assert [run.reason for run in table.iter_failed_runs()] == ["no device"]


def test_cold_calls_are_told_apart_and_the_threshold_is_kept(tmp_path):
    table = measure_folder(tmp_path, {"r/runs.csv": _CALLS})
    phases = {row.record: row.phase for row in table}
    assert phases == {
        "r/runs.csv#row=1": "cold",
        "r/runs.csv#row=2": "warm",
        "r/runs.csv#row=3": "warm",
    }
    (threshold,) = table.phase_thresholds
    assert (threshold.benchmark, threshold.subject) == ("llm-call", "tinyfox:1b-q4_0")
    assert 85 < threshold.threshold_ms < 2100
    assert (threshold.n_cold, threshold.n_warm) == (1, 2)


def test_a_copy_of_a_file_does_not_change_where_cold_begins(tmp_path):
    once = measure_folder(tmp_path, {"r/runs.csv": _CALLS})
    twice = measure_folder(tmp_path, {"r/runs.csv": _CALLS, "r/copy/runs.csv": _CALLS})
    assert once.phase_thresholds == twice.phase_thresholds
    assert {row.phase for row in rows_of(twice, "r/copy/runs.csv")} == {"cold", "warm"}


def test_a_phase_that_the_source_recorded_stands(tmp_path):
    calls = (SAMPLES / "bench_calls.csv").read_bytes()
    table = measure_folder(tmp_path, {"r/bench_calls.csv": calls})
    assert [row.phase for row in table if row.metric == "ttft"] == ["cold", "warm"]


def test_a_time_in_the_path_stands_in_for_one_that_the_data_lack(tmp_path):
    table = measure_folder(tmp_path, {"r/20250102-030405/s.csv": _SWEEP})
    assert {(row.measured_at, row.time_basis) for row in table} == {
        ("2025-01-02T03:04:05", "filename")
    }


def test_every_file_is_listed_with_what_became_of_it(tmp_path):
    data = b"\x00binary"
    files = [
        a_source_file("r/big.csv", b"x", reason="512 MB is over the cap"),
        a_source_file("r/runs.csv", _CALLS),
        a_source_file("r/x.bin", data),
        a_source_file("r/broken.json", (SAMPLES / "baseline.json").read_bytes()),
    ]
    blobs = {
        files[1].sha256: _CALLS,
        files[2].sha256: data,
        files[3].sha256: (SAMPLES / "baseline.json").read_bytes(),
    }
    table = measure(files, blobs.__getitem__, tmp_path).whole()
    listed = {
        file.path: (file.format, file.n_measurements, file.n_failed, file.reason)
        for file in table.files
    }
    assert listed["r/big.csv"] == (None, 0, 0, "512 MB is over the cap")
    assert listed["r/runs.csv"] == ("llm-calls-csv", 24, 2, None)
    assert listed["r/x.bin"][3] == "binary data (it begins with b'\\x00binary'), expected text"
    assert listed["r/broken.json"] == (
        "llm-calls-json",
        12,
        1,
        "2 places refused, the first /results/1/ttft_s: 'NaN' is no finite number",
    )


def test_no_files_make_empty_tables(tmp_path):
    table = measure_folder(tmp_path, {})
    assert (table.measurements.num_rows, table.failed_runs.num_rows) == (0, 0)
    assert table.measurements.schema == MEASUREMENT_SCHEMA


def test_the_table_can_be_written_and_read_as_parquet(tmp_path):
    table = measure_folder(tmp_path, {"r/runs.csv": _CALLS})
    pq.write_table(table.measurements, tmp_path / "m.parquet")
    assert pq.read_table(tmp_path / "m.parquet").to_pylist() == table.measurements.to_pylist()


def test_rows_read_column_by_column_are_those_of_the_table():
    names = pa.chunked_array([pa.array(["fox", None, "fox"]), pa.array(["owl"])])
    table = pa.table({"name": names.dictionary_encode(), "n": [1, None, 3, 4]})
    found = list(read_rows(table, ("n", "name")))
    assert found == [(1, "fox"), (None, None), (3, "fox"), (4, "owl")]
    assert list(read_rows(table.slice(0, 0), ("n", "name"))) == []


@pytest.mark.slow
def test_a_million_measurements_are_joined_in_seconds(tmp_path):
    header = "model,num_gpu,ttft_s,tokens_s,load_s,prompt_eval_s,eval_s,eval_count"
    contents = {
        f"r/f{n}.csv": "\n".join(
            [
                header,
                *(f"m{n}:1b,{i % 4},0.3,50.0,0.2,0.1,{2 + i % 7},{100 + i}" for i in range(2000)),
            ]
        ).encode()
        for n in range(84)
    }
    assert measure_folder(tmp_path, contents).measurements.num_rows == 84 * 2000 * 6


_EXPERIMENTAL = (SAMPLES / "vllm_serve.json").read_bytes()


@pytest.fixture
def _vllm_is_experimental(monkeypatch: pytest.MonkeyPatch):
    """A format with failed runs and sums, which none of those known from documentation has."""
    monkeypatch.setattr(
        "benchagent.measurements.measuring.experimental_formats", lambda: frozenset({"vllm-serve"})
    )


@pytest.mark.usefixtures("_vllm_is_experimental")
def test_the_numbers_of_an_experimental_format_are_proposals(tmp_path):
    table = measure_folder(tmp_path, {"reports/serve.json": _EXPERIMENTAL})
    assert {row.kind for row in table} == {"proposed"}
    assert list(table.iter_failed_runs()) == []
    (status,) = table.files
    assert status.n_measurements > 10
    assert status.reason is not None
    assert status.reason.startswith("an experimental format: its numbers stay out of facts")


@pytest.mark.usefixtures("_vllm_is_experimental")
def test_a_user_can_accept_an_experimental_format_without_parsing_again(tmp_path):
    read: list[str] = []
    measure_folder(tmp_path, {"reports/serve.json": _EXPERIMENTAL}, read=read)
    table = measure_folder(
        tmp_path, {"reports/serve.json": _EXPERIMENTAL}, read=read, accepted=["vllm-serve"]
    )
    assert {row.kind for row in table} == {"measured", "derived"}
    assert [run.reason for run in table.iter_failed_runs()] == ["Internal Server Error"]
    assert len(read) == 1
    everything = measure_folder(tmp_path, {"reports/serve.json": _EXPERIMENTAL}, accepted=["all"])
    assert {row.kind for row in everything} == {"measured", "derived"}


def test_a_run_that_guidellm_wrote_in_three_forms_is_one_run(tmp_path):
    contents = {
        f"reports/benchmarks.{kind}": (SAMPLES / f"guidellm.{kind}").read_bytes()
        for kind in ("json", "yaml", "csv")
    }
    table = measure_folder(tmp_path, contents)
    sums = rows_of(table, "reports/benchmarks.csv")
    assert {(row.kind, row.derived_from) for row in sums} == {
        ("derived", "reports/benchmarks.json")
    }
    samples = select_samples(replace(an_evidence(), measurements=table.measurements))
    ttft = samples.frame.take(samples.frame.has("metric", "ttft"))
    assert set(ttft.cells("source_path")) == {"reports/benchmarks.json"}
    assert ttft.cells("statistic") == ["value"] * 5


def test_loadgens_summary_sums_up_the_detail_log_beside_it(tmp_path):
    contents = {
        f"reports/mlperf_log_{name}.txt": (SAMPLES / sample).read_bytes()
        for name, sample in (
            ("detail", "loadgen_detail_server.txt"),
            ("summary", "loadgen_server.txt"),
        )
    }
    table = measure_folder(tmp_path, contents)
    summary = rows_of(table, "reports/mlperf_log_summary.txt")
    assert {(row.kind, row.derived_from) for row in summary} == {
        ("derived", "reports/mlperf_log_detail.txt")
    }
    detail = rows_of(table, "reports/mlperf_log_detail.txt")
    assert {(row.kind, row.benchmark) for row in detail} == {("measured", "serving")}


def test_what_a_tool_wrote_as_json_and_summed_up_as_csv_is_one_run(tmp_path):
    contents = {
        f"reports/hyperfine.{kind}": (SAMPLES / f"hyperfine.{kind}").read_bytes()
        for kind in ("json", "csv")
    }
    table = measure_folder(tmp_path, contents)
    assert {row.kind for row in rows_of(table, "reports/hyperfine.csv")} == {"derived"}
    alone = measure_folder(tmp_path, {"reports/hyperfine.csv": contents["reports/hyperfine.csv"]})
    assert {row.kind for row in alone} == {"measured"}
