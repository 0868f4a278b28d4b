import csv
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from benchagent.bench.forecast import forecast_minutes
from benchagent.bench.journal import plan_folder
from benchagent.bench.plan import Plan, order_blocks
from benchagent.bench.rows import BenchRow, read_rows, write_cells, write_header, write_line
from benchagent.bench.suite import read_prompts, read_suite
from benchagent.bench.sweeps import build_option_sets
from benchagent.calls.log import read_calls
from benchagent.cli.bench import bench
from benchagent.cli.errors import Failed
from benchagent.formats import parse_bytes
from benchagent.formats.bench_calls import GPU_COLUMNS
from benchagent.inventory.listing import Listing, walk
from benchagent.inventory.roots import resolve_roots
from benchagent.measurements.readings import Parsed
from benchagent.pipeline.project import REPOSITORY
from benchagent_tests.scripted_ollama import ScriptedModel, ScriptedOllama, unused_url
from benchagent_tests.scripted_replies import Script, Turn, cut, hang, raw_lines, say, status

PROMPTS = "# two short ones\nName a colour.\n\nCount to three, slowly.\n"
LONG = "Go on. " * 400
posix = pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")


@pytest.fixture
def ollama(ollama: ScriptedOllama, monkeypatch: pytest.MonkeyPatch) -> ScriptedOllama:
    monkeypatch.setenv("OLLAMA_HOST", ollama.url)
    return ollama.always(say("one two three four"))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "prompts.txt").write_text(PROMPTS)
    return tmp_path


def arguments(*more: str, model: str = "tiny:1b") -> list[str]:
    fixed = ["--model", model, "--prompts", "prompts.txt", "--out", "out", "--out-data", "data"]
    return [*fixed, "--repeat", "2", "--seed", "7", *more]


def run_bench(*more: str, model: str = "tiny:1b") -> Path:
    """Run a benchmark to its end; the folder of its artifacts."""
    result = CliRunner().invoke(bench, arguments(*more, model=model), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return Path(result.stdout.strip())


def refused(*args: str) -> str:
    """The one sentence with which a benchmark does not start."""
    result: Result = CliRunner().invoke(bench, list(args))
    if isinstance(result.exception, Failed):
        return str(result.exception)
    assert result.exit_code == 2, result.exception
    return result.output.strip().splitlines()[-1]


def calls_of(artifacts: Path) -> list[dict[str, str]]:
    with (artifacts / "bench_calls.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def summary_of(artifacts: Path) -> list[dict[str, object]]:
    return json.loads((artifacts / "bench_summary.json").read_text())["option_sets"]


def parsed(path: Path) -> Parsed:
    found = parse_bytes(path.name, path.read_bytes())
    assert isinstance(found, Parsed), found.reason
    return found


def a_plan(**changed: object) -> Plan:
    plan = Plan(
        stamp="20260102T030405Z",
        models=("tiny:1b",),
        option_sets=build_option_sets(["num_ctx=512,1024", "temperature=0,0.8"], 64),
        prompts=("Name a colour.", "Count to three, slowly."),
        repeat=3,
        cold=False,
        seed=7,
    )
    return replace(plan, **changed)  # pyright: ignore[reportArgumentType]


# What is asked for


def test_every_combination_of_the_swept_values_is_an_option_set() -> None:
    found = build_option_sets(["num_ctx=512,1024", "temperature=0,0.8"], 64)
    assert [(one.name, dict(one.options)) for one in found] == [
        ("num_ctx=512 temperature=0", {"num_predict": 64, "num_ctx": 512, "temperature": 0}),
        ("num_ctx=512 temperature=0.8", {"num_predict": 64, "num_ctx": 512, "temperature": 0.8}),
        ("num_ctx=1024 temperature=0", {"num_predict": 64, "num_ctx": 1024, "temperature": 0}),
        ("num_ctx=1024 temperature=0.8", {"num_predict": 64, "num_ctx": 1024, "temperature": 0.8}),
    ]


def test_without_a_sweep_there_is_one_option_set_with_the_servers_defaults() -> None:
    [only] = build_option_sets([], 32)
    assert (only.name, dict(only.options)) == ("server defaults", {"num_predict": 32})


def test_a_swept_num_predict_wins_over_the_fixed_one() -> None:
    found = build_option_sets(["num_predict=8,16", "use_mmap=true"], 64)
    assert [one.options["num_predict"] for one in found] == [8, 16]
    assert found[0].name == "num_predict=8 use_mmap=true"


BAD_SWEEPS = [
    (["num_ctx"], "--sweep 'num_ctx': expected NAME=VALUE[,VALUE…]"),
    (["=512"], "expected NAME=VALUE[,VALUE…]"),
    (["num_ctx=512,,1024"], "expected NAME=VALUE[,VALUE…]"),
    (["num_ctx="], "as in --sweep num_ctx=512,1024"),
    (["num_cxt=512"], "Ollama has no option 'num_cxt'; did you mean 'num_ctx'?"),
    (["fan_speed=1"], "Ollama has no option 'fan_speed'; it has draft_num_predict, "),
    (["num_ctx=512,big"], "num_ctx is 'big', expected a whole number"),
    (["num_ctx=512.5"], "num_ctx is '512.5', expected a whole number"),
    (["temperature=nan"], "temperature is 'nan', expected a number"),
    (["num_gpu=1_0"], "num_gpu is '1_0', expected a whole number"),
    (["num_predict=0"], "num_predict is 0, expected 1 or more"),
    (["use_mmap=1"], "use_mmap is '1', expected true or false"),
    (["num_ctx=512,512.0"], "512.0 is named twice"),
    (["num_ctx=512", "num_ctx=1024"], "num_ctx is swept twice"),
    (["seed=1,2"], "seed cannot be swept; give --seed"),
    (["stop=a"], "stop cannot be swept"),
]


@pytest.mark.parametrize(("sweeps", "said"), BAD_SWEEPS)
def test_a_bad_sweep_is_one_clear_sentence(folder: Path, sweeps: list[str], said: str) -> None:
    options = [part for sweep in sweeps for part in ("--sweep", sweep)]
    sentence = refused(*arguments(*options))
    assert said in sentence
    assert "\n" not in sentence


def test_a_suite_is_one_prompt_per_line(folder: Path) -> None:
    assert read_suite(folder / "prompts.txt") == ("Name a colour.", "Count to three, slowly.")
    assert read_prompts("  Two\t spaces \r\n# not this\n") == ("Two spaces",)


BAD_SUITES = [
    (None, "the prompts cannot be read (No such file or directory)"),
    (b"# nothing\n\n", "has no prompt; write one per line"),
    (b"Go on.\nGo  on.\n", "has the prompt 'Go on.' twice"),
    (b"caf\xe9\n", "not UTF-8 (byte 3)"),
]


@pytest.mark.parametrize(("content", "said"), BAD_SUITES)
def test_a_bad_suite_is_one_clear_sentence(folder: Path, content: bytes | None, said: str) -> None:
    if content is None:
        (folder / "prompts.txt").unlink()
    else:
        (folder / "prompts.txt").write_bytes(content)
    assert said in refused(*arguments())


def test_the_shipped_suite_has_five_prompts() -> None:
    assert len(read_suite(REPOSITORY / "data" / "prompts.txt")) == 5


def test_a_model_has_to_be_named(folder: Path) -> None:
    assert "name what to measure" in refused("--out", "out")


def test_a_folder_read_whole_does_not_get_a_reports_folder(folder: Path) -> None:
    (folder / "data").mkdir()
    (folder / "data" / "runs.csv").write_text("a,b\n")
    assert "they would no longer be read" in refused(*arguments())
    (folder / "data" / "csv_data").mkdir()
    assert CliRunner().invoke(bench, arguments("--dry-run")).exit_code == 0


# The order


@given(st.integers(0, 2**31 - 1), st.integers(1, 4), st.booleans())
def test_each_round_has_every_block_once_and_each_block_every_prompt_of_its_option_sets(
    seed: int, repeat: int, cold: bool
) -> None:
    plan = a_plan(seed=seed, repeat=repeat, cold=cold)
    blocks = order_blocks(plan)
    calls = [call for block in blocks for call in block.calls]
    assert [call.sequence for call in calls] == list(range(plan.n_calls))
    assert len(blocks) == plan.n_blocks == 2 * repeat
    for block in blocks:
        [num_ctx] = {call.option_set.options["num_ctx"] for call in block.calls}
        names = [f"num_ctx={num_ctx} temperature={t}" for t in ("0", "0.8")]
        warm = [(call.option_set.name, call.prompt_index) for call in block.calls if not call.cold]
        assert sorted(warm) == [(name, prompt) for name in names for prompt in (1, 2)]
        first = [call for call in block.calls if call.cold]
        assert sorted(call.option_set.name for call in first) == names * cold
        assert {call.prompt_index for call in first} <= {1}
        assert list(block.calls[: len(first)]) == first
    for at in range(0, len(blocks), 2):
        both = blocks[at : at + 2]
        assert {block.calls[0].option_set.options["num_ctx"] for block in both} == {512, 1024}
        assert {call.repetition for block in both for call in block.calls} == {at // 2 + 1}
    assert blocks == order_blocks(plan)


def test_no_option_set_is_always_early() -> None:
    firsts = Counter(
        order_blocks(a_plan(seed=seed))[0].calls[0].option_set.name for seed in range(200)
    )
    assert len(firsts) == 4
    assert max(firsts.values()) < 100


def test_options_that_need_no_reload_are_mixed_call_by_call() -> None:
    [block] = order_blocks(a_plan(option_sets=build_option_sets(["temperature=0,1"], 9), repeat=1))
    orders = {
        tuple(call.option_set.name for call in order_blocks(a_plan(seed=seed))[0].calls)
        for seed in range(40)
    }
    assert len(block.calls) == 4
    assert len(orders) > 6


def test_the_order_is_random_and_recorded(folder: Path, ollama: ScriptedOllama) -> None:
    artifacts = run_bench("--sweep", "num_ctx=512,1024")
    rows = calls_of(artifacts)
    assert [row["sequence"] for row in rows] == [str(at) for at in range(8)]
    nonces = [chat.json["messages"][0]["content"][:8] for chat in ollama.chats]
    assert [nonce for nonce in nonces if nonce in {row["nonce"] for row in rows}] == [
        row["nonce"] for row in rows
    ]
    assert {row["seed"] for row in rows} == {"7"}
    planned = Plan(
        stamp="",
        models=("tiny:1b",),
        option_sets=build_option_sets(["num_ctx=512,1024"], 64),
        prompts=read_prompts(PROMPTS),
        repeat=2,
        cold=False,
        seed=7,
    )
    calls = [call for block in order_blocks(planned) for call in block.calls]
    assert [(row["config_name"], row["prompt_index"]) for row in rows] == [
        (call.option_set.name, str(call.prompt_index)) for call in calls
    ]


# The calls


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


def failing(script: Script) -> Script:
    """The same failure for the measured call about counting, a proper reply for the others."""

    def play(turn: Turn) -> None:
        (script if "Count" in turn.prompt else say("one two three four"))(turn)

    return play


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


# The artifacts


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


# Stopped and resumed


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
    deadline = time.monotonic() + 60
    while len(ollama.chats) < 5 and program.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)
    program.send_signal(how)
    _, said = program.communicate(timeout=60)
    [partial] = Path("data/reports/tiny-1b").iterdir()
    assert partial.name.endswith(".partial"), said
    return partial, said, program.returncode


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


@posix
def test_ctrl_c_leaves_a_folder_and_says_how_to_go_on(folder: Path, ollama: ScriptedOllama) -> None:
    partial, said, code = stop_in_the_middle(ollama, signal.SIGINT)
    assert code == 130
    assert f"of 8 calls are kept; to go on: benchagent bench --resume {partial}" in said
    assert "Traceback" not in said
    cancelled = [row for row in read_calls(Path("out")) if row["outcome"] == "cancelled"]
    assert len(cancelled) <= 1
    assert len(calls_of(resume(partial))) == 8


@posix
def test_the_program_prints_the_folder_and_nothing_else_on_stdout(
    folder: Path, ollama: ScriptedOllama
) -> None:
    program = start(*arguments())
    said, progress = program.communicate(timeout=60)
    assert (folder / said.strip() / "bench_report.md").is_file()
    assert "4/4" in progress


# Before it starts


def test_a_dry_run_asks_nobody_and_writes_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", unused_url())
    result = CliRunner().invoke(
        bench, arguments("--dry-run", "--cold", "--sweep", "num_ctx=512,1024")
    )
    assert result.exit_code == 0
    assert (
        "1 model x 2 option sets x 2 prompts x 2 repetitions, and 4 cold calls: 12 calls"
        in result.stderr
    )
    assert "no estimate" in result.stderr
    assert not (folder / "data").exists()
    assert not (folder / "out").exists()


def test_an_estimate_goes_by_earlier_benchmarks_of_all_the_models() -> None:
    calls = [
        {"model": "tiny:1b", "stage": "bench", "wall_ms": 1000.0},
        {"model": "tiny:1b", "stage": "bench-warm-up", "wall_ms": 3000.0},
        {"model": "tiny:1b", "stage": "analysis", "wall_ms": 90000.0},
        {"model": "tiny:1b", "stage": "bench", "wall_ms": None},
    ]
    # 24 calls and 6 warm-ups of 2 s each
    assert forecast_minutes(a_plan(), calls) == pytest.approx(1.0)
    assert forecast_minutes(a_plan(models=("tiny:1b", "other:1b")), calls) is None


def test_a_remote_server_needs_leave(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "http://192.0.2.1:11434")
    result = CliRunner().invoke(bench, arguments())
    assert "not this machine" in str(result.exception)
