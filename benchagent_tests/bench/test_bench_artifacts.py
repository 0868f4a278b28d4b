import json
import re
import statistics
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchagent.bench.journal import plan_folder
from benchagent.bench.rows import BenchRow, read_rows, write_header, write_line
from benchagent.formats import parse_bytes
from benchagent.inventory.listing import Listing, walk
from benchagent.inventory.roots import resolve_roots
from benchagent.measurements.readings import Parsed
from benchagent_tests.bench.benching import calls_of, failing, parsed, run_bench, summary_of
from benchagent_tests.scripted_ollama import ScriptedOllama
from benchagent_tests.scripted_replies import Turn, say, status


def test_only_a_finished_benchmark_is_seen_by_a_scan(folder: Path, ollama: ScriptedOllama) -> None:
    seen: list[list[str]] = []

    def look(turn: Turn) -> None:
        listing = Listing()
        files = [path for path, *_ in walk(resolve_roots(folder / "data").present, listing)]
        seen.append([*files, *(entry.why for entry in listing.unread)])
        say("one two")(turn)

    artifacts = run_bench()
    assert sorted(path.name for path in artifacts.iterdir()) == [
        "bench_calls.csv",
        "bench_report.md",
        "bench_summary.json",
    ]
    ollama.always(look)
    run_bench()
    assert all(found[3:] == ["ignored"] for found in seen[1:])
    assert len(list(walk(resolve_roots(folder / "data").present, Listing()))) == 6


def test_two_benchmarks_in_one_second_do_not_share_a_folder(
    folder: Path, ollama: ScriptedOllama
) -> None:
    assert run_bench() != run_bench()


def test_a_model_name_is_safe_as_a_folder(tmp_path: Path) -> None:
    now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    found = plan_folder(tmp_path, ["hf.co/Some One/X:Q4_0"], now)
    assert found == tmp_path / "hf.co-some-one-x-q4_0" / "20260102T030405Z"


def test_every_call_is_read_back_and_every_failure_is_a_failed_run(
    folder: Path, ollama: ScriptedOllama
) -> None:
    ollama.always(failing(status(500, "out of memory")))
    artifacts = run_bench("--sweep", "num_ctx=512,1024", "--sweep", "temperature=0,0.8", "--cold")
    rows = calls_of(artifacts)
    found = parsed(artifacts / "bench_calls.csv")
    assert (found.reason, found.refusals) == (None, ())
    assert len(found.records) == len(rows) == 24
    failed = [record for record in found.records if record.failure]
    assert len(failed) == sum(bool(row["error"]) for row in rows) == 8
    assert {record.benchmark for record in found.records} == {"llm-sweep"}
    assert {record.subject for record in found.records} == {"tiny:1b"}
    [environment] = {json.dumps(record.environment, sort_keys=True) for record in found.records}
    assert list(json.loads(environment)) == ["digest", "host_kind", "machine", "server_version"]
    assert {r.definition for x in found.records for r in x.readings if r.definition} == {
        "ttft.client",
        "decode.(n-1)/eval",
    }


def test_the_summary_is_what_the_rows_give(folder: Path, ollama: ScriptedOllama) -> None:
    artifacts = run_bench("--sweep", "num_ctx=512,1024", "--cold")
    rows = calls_of(artifacts)
    entries = summary_of(artifacts)
    assert [(entry["config_name"], entry["phase"], entry["n"]) for entry in entries] == [
        ("num_ctx=512", "warm", 4),
        ("num_ctx=512", "cold", 2),
        ("num_ctx=1024", "warm", 4),
        ("num_ctx=1024", "cold", 2),
    ]
    for entry in entries:
        for metric in ("ttft_ms", "decode_tokens_per_s", "load_ms"):
            values = [
                float(row[metric])
                for row in rows
                if (row["config_name"], row["phase"]) == (entry["config_name"], entry["phase"])
            ]
            assert entry[f"median_{metric}"] == round(statistics.median(values), 3)
            assert entry[f"mean_{metric}"] == round(statistics.fmean(values), 3)
            assert entry[f"stddev_{metric}"] == round(statistics.stdev(values), 3)


def test_a_statistic_is_given_only_where_every_call_has_the_number(
    folder: Path, ollama: ScriptedOllama
) -> None:
    def short(turn: Turn) -> None:
        say("A" if "Count" in turn.prompt else "one two three", reason="stop")(turn)

    ollama.always(short)
    artifacts = run_bench("--num-predict", "1")
    [entry] = summary_of(artifacts)
    assert entry["n"] == 4
    assert entry["median_decode_tokens_per_s"] is None
    assert entry["median_ttft_ms"] is not None
    assert "| - | - | - |" in (artifacts / "bench_report.md").read_text()


def test_the_write_up_states_the_summary_rounded_and_nothing_else(
    folder: Path, ollama: ScriptedOllama
) -> None:
    artifacts = run_bench("--sweep", "num_ctx=512,1024", "--cold")
    stated = {
        (record.phase, record.config["num_ctx"], reading.statistic, reading.metric): reading
        for record in parsed(artifacts / "bench_report.md").records
        for reading in record.readings
    }
    derived = {
        (record.phase, record.config["num_ctx"], reading.statistic, reading.metric): reading.value
        for record in parsed(artifacts / "bench_summary.json").records
        for reading in record.readings
    }
    assert stated.keys() == derived.keys()
    for key, reading in stated.items():
        assert reading.kind == "claimed"
        assert float(reading.raw_value) == pytest.approx(derived[key], abs=0.0501)
    text = (artifacts / "bench_report.md").read_text()
    assert not re.search(r"\b(because|due to|faster|slower|better|improve|optimal)\b", text)
    assert "seed 7" in text
    assert str(folder) not in text


def test_words_of_a_server_cannot_break_the_write_up(folder: Path, ollama: ScriptedOllama) -> None:
    ollama.always(failing(status(500, 'a | b\n<script>alert(1)</script> `x` ,"q"\u2028c')))
    artifacts = run_bench()
    report = (artifacts / "bench_report.md").read_text()
    assert r"a \| b \<script\>alert(1)\</script\> \`x\` ," in report
    assert "<script>" not in report
    assert len(parsed(artifacts / "bench_calls.csv").records) == 4


measured = st.floats(0.001, 1e6).map(lambda value: round(value, 3))
rows = st.builds(
    BenchRow,
    started_at=st.just("2026-01-02T03:04:05.678901+00:00"),
    model=st.just("tiny:1b"),
    digest=st.none() | st.just("ab" * 32),
    quantization=st.none() | st.just("Q4_0"),
    server_version=st.none() | st.just("0.32.1"),
    host_kind=st.sampled_from(["embedded", "ollama"]),
    machine=st.none() | st.just("Linux x86_64, 2 CPUs"),
    config_name=st.just("num_ctx=512"),
    options=st.just({"num_predict": "64", "num_ctx": "512"}),
    prompt_index=st.integers(1, 5),
    prompt_text=st.text(min_size=1, max_size=40).map(
        lambda text: (
            " ".join(text.encode(errors="replace").decode().replace("\0", "").split()) or "x"
        )
    ),
    nonce=st.integers(0, 10**8 - 1).map(lambda number: f"{number:08d}"),
    repetition=st.integers(1, 9),
    sequence=st.integers(0, 999),
    seed=st.integers(0, 2**31 - 1),
    phase=st.sampled_from(["cold", "warm", "reload", None]),
    ttft_ms=measured,
    client_total_ms=measured,
    total_ms=st.none() | measured,
    eval_ms=st.none() | measured,
    output_tokens=st.none() | st.integers(1, 10**6),
    gpu_name=st.none() | st.just("RTX 4090"),
    gpu_power_w=st.none() | measured,
)
failures = rows.map(
    lambda row: replace(
        row,
        phase=None,
        ttft_ms=None,
        client_total_ms=None,
        total_ms=None,
        eval_ms=None,
        output_tokens=None,
        error="dropped: a, b",
    )
)


@settings(max_examples=40)
@given(st.lists(rows | failures, min_size=1, max_size=6))
def test_a_file_of_rows_is_one_record_each_and_one_failed_run_for_each_failure(
    written: list[BenchRow],
) -> None:
    names = ["num_predict", "num_ctx"]
    lines = [write_header(names), *(write_line(row, names) for row in written)]
    text = "".join(f"{line}\n" for line in lines)
    found = parse_bytes("bench_calls.csv", text.encode())
    assert isinstance(found, Parsed)
    assert len(found.records) == len(written)
    assert [record.failure is not None for record in found.records] == [
        row.error is not None for row in written
    ]
    assert read_rows(text, names) == written


@pytest.mark.parametrize("prompt", ["Total", "mean", "\u00d8", "warm-up"])
@settings(max_examples=3)
@given(row=rows)
def test_a_prompt_that_is_a_word_for_a_sum_is_a_prompt(prompt: str, row: BenchRow) -> None:
    names = ["num_predict", "num_ctx"]
    written = [replace(row, prompt_text=text) for text in (prompt, "Why?")]
    text = "\n".join([write_header(names), *(write_line(each, names) for each in written), ""])
    found = parse_bytes("bench_calls.csv", text.encode())
    assert isinstance(found, Parsed)
    assert [record.config["prompt"] for record in found.records] == [prompt, "Why?"]
