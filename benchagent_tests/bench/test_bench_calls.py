import csv
import os
import re
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchagent.bench.rows import write_cells
from benchagent.calls.log import read_calls
from benchagent.cli.bench import bench
from benchagent.cli.errors import Failed
from benchagent.formats import parse_bytes
from benchagent.formats.own.bench_calls import GPU_COLUMNS
from benchagent.measurements.readings import Parsed
from benchagent_tests.bench.benching import (
    LONG,
    PROMPTS,
    arguments,
    calls_of,
    failing,
    parsed,
    refused,
    run_bench,
    summary_of,
)
from benchagent_tests.scripted_ollama import ScriptedModel, ScriptedOllama
from benchagent_tests.scripted_replies import Script, Turn, cut, hang, raw_lines, say, status

posix = pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")


def test_every_prompt_begins_with_a_number_of_its_own(folder: Path, ollama: ScriptedOllama) -> None:
    run_bench("--sweep", "temperature=0,0.8")
    prompts = [chat.json["messages"][0]["content"] for chat in ollama.chats]
    nonces = [re.match(r"(\d{8}): [A-Z]", prompt) for prompt in prompts]
    assert len({match[1] for match in nonces if match}) == len(prompts) == 8 + 2


def test_the_bytes_on_the_wire_forbid_silent_cuts(folder: Path, ollama: ScriptedOllama) -> None:
    row = calls_of(run_bench("--sweep", "num_ctx=512", "--num-predict", "3"))[0]
    assert ollama.chats[1].body == (
        b'{"model":"tiny:1b","messages":[{"role":"user","content":"%b: %b"}],"stream":true,'
        b'"think":false,"truncate":false,"shift":false,'
        b'"options":{"num_predict":3,"num_ctx":512,"seed":7}}'
        % (row["nonce"].encode(), row["prompt_text"].encode())
    )
    loads = [seen.json for seen in ollama.requests if seen.path == "/api/generate"]
    assert loads[0]["options"] == {"num_predict": 3, "num_ctx": 512}
    assert (loads[0]["truncate"], loads[0]["shift"]) == (False, False)


def test_each_block_is_loaded_and_asked_once_for_nothing(
    folder: Path, ollama: ScriptedOllama
) -> None:
    rows = calls_of(run_bench("--sweep", "num_ctx=512,1024"))
    assert len(ollama.chats) == len(rows) + 4
    assert {row["phase"] for row in rows} == {"warm"}
    stages = Counter(row["stage"] for row in read_calls(folder / "out"))
    assert stages == {"bench": 8, "bench-warm-up": 4}


def test_a_runner_that_another_client_left_is_not_inherited(
    folder: Path, ollama: ScriptedOllama
) -> None:
    ollama.load_with("tiny:1b", num_gpu=0)
    run_bench()
    assert ollama._loaded["tiny:1b"].options == {}


def test_cold_calls_are_made_only_when_asked_for(folder: Path, ollama: ScriptedOllama) -> None:
    rows = calls_of(run_bench("--cold", "--sweep", "num_ctx=512,1024"))
    assert [row["phase"] for row in rows] == ["cold", "warm", "warm"] * 4
    cold = [row for row in rows if row["phase"] == "cold"]
    assert {row["prompt_text"] for row in cold} == {"Name a colour."}
    assert {float(row["load_ms"]) for row in cold} == {400.0}


def test_reaching_num_predict_is_no_failure(folder: Path, ollama: ScriptedOllama) -> None:
    rows = calls_of(run_bench("--num-predict", "3"))
    assert {(row["done_reason"], row["error"], row["output_tokens"]) for row in rows} == {
        ("length", "", "3")
    }
    assert {row["decode_tokens_per_s"] for row in rows} == {"100.0"}


FAILURES = [
    (status(500, "out of memory"), "server_error: status 500: out of memory"),
    (status(503, "busy"), "busy: status 503: busy"),
    (cut(2), "dropped: "),
    (raw_lines(b"{\n"), "malformed: "),
    (raw_lines(), "no_done: 0 chunks"),
    (say(""), "empty: "),
]


@pytest.mark.parametrize(("script", "said"), FAILURES)
def test_a_failed_call_is_a_row_with_its_error_and_no_zero(
    folder: Path, ollama: ScriptedOllama, script: Script, said: str
) -> None:
    ollama.always(failing(script))
    artifacts = run_bench()
    failed = [row for row in calls_of(artifacts) if row["error"]]
    assert [row["prompt_text"] for row in failed] == ["Count to three, slowly."] * 2
    for row in failed:
        assert row["error"].startswith(said)
        numbers = [name for name in row if name.endswith(("_ms", "_tokens", "_per_s"))]
        assert {row[name] for name in [*numbers, "phase"]} == {""}
    [entry] = summary_of(artifacts)
    assert (entry["n"], entry["failed"]) == (2, 2)
    assert said.split(":")[0] in (artifacts / "bench_report.md").read_text()


def test_a_call_has_no_longer_than_its_deadline(folder: Path, ollama: ScriptedOllama) -> None:
    ollama.always(failing(hang(seconds=60)))

    artifacts = run_bench("--deadline", "first_token=0.4", "--deadline", "load=0.4")

    failed = [row for row in calls_of(artifacts) if row["error"]]
    assert [row["error"].split(":")[0] for row in failed] == ["timeout_first_token"] * 2


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("first-token=5", "expected NAME=SECONDS with connect or load or first_token or "),
        ("total", "'total': '' are no seconds, expected more than 0"),
        ("total=soon", "'soon' are no seconds"),
        ("total=0", "'0' are no seconds"),
        ("total=nan", "'nan' are no seconds"),
    ],
)
def test_a_deadline_that_cannot_be_is_told(folder: Path, given: str, said: str) -> None:
    assert said in refused(*arguments("--deadline", given))


@pytest.mark.slow
@posix
def test_what_the_graphics_processor_did_stands_beside_the_call(
    folder: Path, ollama: ScriptedOllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = folder / "tools" / "nvidia-smi"
    tool.parent.mkdir()
    tool.write_text('#!/bin/sh\necho "RTX 4090, 87, 9120, 24564, [N/A], 2520, 61"\n')
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tool.parent}{os.pathsep}{os.environ['PATH']}")
    # The call lasts until the tool has been read.
    ollama.always(say("one two three four", gap_s=0.2))

    artifacts = run_bench()

    rows = calls_of(artifacts)
    told = [row for row in rows if row["gpu_name"]]
    assert told, "no call was watched"
    assert {(row["gpu_name"], row["gpu_memory_used_mib"], row["gpu_power_w"]) for row in told} == {
        ("RTX 4090", "9120.0", "")
    }
    found = parsed(artifacts / "bench_calls.csv")
    assert (found.reason, found.refusals) == (None, ())
    values = {r.metric: (r.value, r.unit) for x in found.records for r in x.readings}
    assert values["vram"] == (9120 * 2**20, "bytes")
    assert values["gpu_utilization"] == (0.87, "ratio")
    assert values["clock_rate"] == (2520e6, "Hz")
    assert "power" not in values
    assert "RTX 4090" in {x.environment.get("gpu") for x in found.records}


def test_artifacts_of_before_there_were_gpu_columns_are_read_as_before(
    folder: Path, ollama: ScriptedOllama
) -> None:
    now = (run_bench() / "bench_calls.csv").read_text()
    rows = list(csv.reader(now.splitlines()))
    before = "".join(f"{write_cells(row[: -len(GPU_COLUMNS)])}\n" for row in rows)

    [old, new] = (parse_bytes("bench_calls.csv", text.encode()) for text in (before, now))

    assert isinstance(old, Parsed)
    assert isinstance(new, Parsed)
    assert (old.format, old.reason) == ("bench-calls-csv", None)
    assert old.records == new.records


def test_a_prompt_over_the_context_fails_where_it_does_not_fit(
    folder: Path, ollama: ScriptedOllama
) -> None:
    (folder / "prompts.txt").write_text(PROMPTS + LONG)
    rows = calls_of(run_bench("--sweep", "num_ctx=512,2048"))
    failed = {(row["config_name"], row["prompt_index"]) for row in rows if row["error"]}
    assert failed == {("num_ctx=512", "3")}
    assert all(row["error"].startswith("prompt_too_long: ") for row in rows if row["error"])


def test_a_load_that_fails_is_told_by_the_rows(folder: Path, ollama: ScriptedOllama) -> None:
    ollama.at("/api/generate", status(500, "no room")).always(status(500, "no room"))
    artifacts = run_bench()
    assert {row["error"] for row in calls_of(artifacts)} == {"server_error: status 500: no room"}
    [entry] = summary_of(artifacts)
    assert (entry["n"], entry["failed"], entry["median_ttft_ms"]) == (0, 4, None)


def test_a_missing_model_is_one_sentence_with_those_that_are_there(
    folder: Path, ollama: ScriptedOllama
) -> None:
    result = CliRunner().invoke(bench, arguments(model="gemma3:270m"))
    assert "ollama pull gemma3:270m" in str(result.exception)
    assert "tiny:1b" in str(result.exception)
    assert not (folder / "data").exists()


@pytest.mark.slow
def test_a_server_that_dies_ends_the_benchmark_and_leaves_no_rows_of_a_dead_server(
    folder: Path, ollama: ScriptedOllama
) -> None:
    fine = say("one two")

    def dies(turn: Turn) -> None:
        fine(turn)
        ollama.refuse()

    ollama.then(fine, fine, dies)
    result = CliRunner().invoke(bench, arguments())
    assert isinstance(result.exception, Failed)
    [partial] = (folder / "data" / "reports" / "tiny-1b").iterdir()
    assert f"--resume {partial.relative_to(folder)}" in str(result.exception)
    assert len(calls_of(partial)) == 2


def test_several_models_are_interleaved_in_one_benchmark(
    folder: Path, ollama: ScriptedOllama
) -> None:
    ollama.models.append(ScriptedModel(name="small:2b", quantisation="F16"))
    artifacts = run_bench("--model", "small:2b", "--cold")
    assert artifacts.parent.name == "tiny-1b+small-2b"
    rows = calls_of(artifacts)
    assert Counter((row["model"], row["quantization"]) for row in rows) == {
        ("tiny:1b", "Q4_0"): 6,
        ("small:2b", "F16"): 6,
    }
    assert [row["model"] for row in rows[:3]] == [rows[0]["model"]] * 3
    records = parsed(artifacts / "bench_summary.json").records
    assert Counter(record.subject for record in records) == {"tiny:1b": 2, "small:2b": 2}
    assert {record.environment["digest"] for record in records} == {
        model.digest for model in ollama.models
    }
