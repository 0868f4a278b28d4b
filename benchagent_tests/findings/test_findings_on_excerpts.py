"""Each rule on a few real files: what it says of them, held against the cells by hand."""

import shutil
from pathlib import Path

import pytest

from benchagent.findings.rules import RULES
from benchagent.references import render_plain
from benchagent_tests.artifacts import CORPUS, SAMPLES
from benchagent_tests.findings.telling import analyse, evidence_of_folder

_QUANTS = "csv_data/ollama_quant_bench.csv"
_SUITE = "reports/ollama/20251002-151824/prompt_suite_runs.csv"
_COMPILE = "reports/compilation"
_MADE = SAMPLES.parent / "findings"
_SWEEP = "reports/gemma3/gemma3_param_tuning.csv"

# by rule: the files, and the beginning of what it says; every figure was looked up in the files
EXCERPTS: list[tuple[str, list[str], str]] = [
    (
        "failed-runs",
        ["reports/gemma3/gemma3_270m_param_tuning.csv"],
        (
            "2 runs failed, beside 34 runs that gave measurements; failed runs enter no average here, "
            "and the only reason given was `timed out` (2 runs)."
        ),
    ),
    (
        "failures-as-results",
        ["csv_data/baseline_test_results_1759186372.json"],
        (
            "5 runs failed and yet stood in the files as successful "
            "(`csv_data/baseline_test_results_1759186372.json`)"
        ),
    ),
    (
        "failures-as-results",
        [f"{_COMPILE}/mlp_cuda_bench_20251002-171845.json"],
        "1 run failed and yet stood in the files with results of zero",
    ),
    (
        "statement-disagrees",
        [
            f"{_COMPILE}/compilation_benchmark_lessons_20251002.md",
            f"{_COMPILE}/mlp_bench_20251002-165750.json",
            f"{_COMPILE}/mlp_cuda_bench_20251002-171845.json",
        ],
        (
            "The write-up `reports/compilation/compilation_benchmark_lessons_20251002.md` disagreed "
            "with the raw rows in 3 numbers and agreed in 11 numbers (28 numbers could not be checked); furthest off, it "
            "stated 4.29 s "
            "for the compile time of `mlp` with `backend=tensorrt`, where "
            "`reports/compilation/mlp_cuda_bench_20251002-171845.json` gives 40.5 s."
        ),
    ),
    (
        "statement-agrees",
        [_SWEEP, "reports/gemma3/gemma3_param_tuning_summary.csv"],
        "Checked against the raw rows, 108 numbers of `reports/gemma3/gemma3_param_tuning_summary.csv`",
    ),
    (
        "cold-share",
        [_QUANTS, _SUITE],
        (
            "In `csv_data/ollama_quant_bench.csv`, `llama3.1:8b-instruct-q8_0` had a mean time to first "
            "token of 2.01 s over all calls and `llama3.1:8b-instruct-q4_0` one of 97.3 ms, a factor of "
            "20.6; over warm calls `llama3.1:8b-instruct-q8_0` had a median time to first token of "
            "94.0 ms and `llama3.1:8b-instruct-q4_0` one of 87.7 ms, a factor of 1.07"
        ),
    ),
    (
        "cold-start",
        [_QUANTS],
        (
            "The mean time to first token of `llama3.1:8b-instruct-q8_0` in `llm-call` was 2.01 s over "
            "all 5 calls and 108 ms over the warm ones: the only cold call took 9.61 s, and 4 warm "
            "calls had a median of 94.0 ms; the cold call had a load time of "
        ),
    ),
    (
        "device-label",
        [f"{_COMPILE}/conv_cuda_bench_20251002-172037.json"],
        "1 run labelled `device=cuda` recorded `providers=CPUExecutionProvider`",
    ),
    (
        "best-within-noise",
        [_SWEEP],
        (
            "`num_ctx=2048 num_gpu=60 temperature=0.8` had the highest decode rate of `gemma3` among 28 "
            "configurations in `llm-sweep` (warm calls only), with 103.2 tok/s against 103.0 tok/s for "
            "the next and 101.4 tok/s for the last, but one number stands for each"
        ),
    ),
    (
        "slower-than-baseline",
        [f"{_COMPILE}/transformer_cuda_torchtrt_20251003-033530.json"],
        (
            "`backend=tensorrt` had a clearly higher latency than its baseline `backend=eager` in "
            "`reports/compilation/transformer_cuda_torchtrt_20251003-033530.json`: a mean latency of "
            "8.20 ms for `transformer` against 0.673 ms, 12.2 (interval"
        ),
    ),
    (
        "faster-than-baseline",
        [f"{_COMPILE}/mlp_bench_20251002-165750.json"],
        (
            "`backend=onnx` had a clearly lower latency than its baseline `backend=eager` in "
            "`reports/compilation/mlp_bench_20251002-165750.json`: a mean latency of 0.0512 ms for "
            "`mlp` against 0.493 ms, 9.63 (interval"
        ),
    ),
    (
        "inventory",
        [_QUANTS],
        (
            "The snapshot held 1 file (`csv`: 1 file), of which 1 file gave numbers; each run counted "
            "once, 15 runs gave 135 numbers"
        ),
    ),
    (
        "subjects-compared",
        [_QUANTS, _SUITE],
        (
            "In decode rate `llama3.1:8b-instruct-q4_0` came first, then `llama3.1:8b-instruct-q5_K_M`, "
            "then `llama3.1:8b-instruct-q8_0`: medians of 77.5 tok/s for `llama3.1:8b-instruct-q4_0` "
            "and 46.7 tok/s for `llama3.1:8b-instruct-q8_0`, a ratio of 1.66 (interval 1.64 to 1.68), "
            "and ratios of 1.19 and 1.39 from each to the next, each pair over 16 warm calls or more"
        ),
    ),
    (
        "scattered-mean",
        ["reports/kernel_optimization/kernel_benchmarks.json"],
        (
            "The reported mean latency of `tensor_core` with `variant=512x512x512` is 16.7 ms, with a "
            "standard deviation of 50.0 ms and values from 0.0278 ms to 167 ms"
        ),
    ),
    (
        "misplaced-numbers",
        ["reports/integration/performance_digest.md", "reports/ollama/ollama_benchmark_summary.md"],
        (
            "5 numbers of `reports/integration/performance_digest.md` stand under the name of another "
            "column; `reports/integration/performance_digest.md` has 46.6 ms as mean latency"
        ),
    ),
    (
        "no-option-effect",
        [_SWEEP],
        (
            "`num_ctx` made no clear difference to the decode rate of `gemma3` once all other recorded "
            "settings were alike; medians by its values: between 102.0 tok/s at `num_ctx=2048` and "
            "102.1 tok/s at `num_ctx=1024`; p = 0.986 after Holm, over 12 rounds of warm calls (24 calls, "
            "one median per round of successive calls)."
        ),
    ),
    (
        "duplicates",
        [_QUANTS, "reports/llama3/ollama_quant_bench.csv"],
        "Out of 2 files, 1 file repeated another one byte for byte",
    ),
    (
        "near-duplicates",
        [
            "csv_data/baseline_performance_summary.csv",
            "csv_data/baseline_test_results_1759099000.json",
        ],
        (
            "1 file (`csv_data/baseline_performance_summary.csv`) repeated the numbers of 1 file "
            "(`csv_data/baseline_test_results_1759099000.json`) with fewer digits"
        ),
    ),
    (
        "cold-on-one-setting",
        [_SWEEP],
        "All cold calls fell on `temperature=0.2` (8 calls in `reports/gemma3/gemma3_param_tuning.csv`)",
    ),
    (
        "missing-telemetry",
        [_QUANTS],
        "No file with measurements (1 file) recorded the machine or a version of what ran.",
    ),
    (
        "missing-root",
        [_QUANTS],
        "The root `artifacts` was missing from the snapshot (0 files found in it).",
    ),
    (
        "run-order",
        [_SWEEP],
        "`num_gpu` was changed only in blocks of successive runs (36 runs in",
    ),
    (
        "single-repetitions",
        [_QUANTS],
        "15 runs, all there are, stood alone under their settings and prompt",
    ),
    (
        "runs-told-twice",
        ["reports/gemma3/gemma3_baseline.csv", "reports/gemma3/gemma3_baseline.json"],
        "5 runs stood in a second file with the same figures, in 1 file",
    ),
    (
        "unreadable",
        ["reports/profiling/ncu_summary.csv"],
        (
            "1 file could not be read: `reports/profiling/ncu_summary.csv` (`unreadable UTF-16, encoded "
            'a second time; it says "==ERROR=='
        ),
    ),
    (
        "unknown-model",
        ["reports/gemma3/gemma3_270m_param_tuning.csv"],
        (
            "1 file with measurements, the only one, named what was measured only in the file or folder "
            "name"
        ),
    ),
    (
        "unknown-format",
        ["reports/diagnostics"],
        "4 files, all there are, had no known format and gave no number: ",
    ),
    (
        "naive-times",
        [_QUANTS],
        "1 file with measurements, the only one, gave times without a zone",
    ),
]
# by rule: files that tools wrote here, for what that folder has no case of
MADE_HERE: list[tuple[str, list[str], str]] = [
    (
        "drift",
        ["rising_load.json"],
        (
            "The latency of `gzip -9 -c payload.bin` rose along the 40 runs of `rising_load.json` "
            "(Kendall's tau 0.585, p = 1.08e-07 after Holm), with medians of 289 ms in the first "
            "third, 304 ms in the second third and 518 ms in the last third;"
        ),
    ),
    (
        "averages-as-runs",
        ["bench_calls.csv", "by_prompt.csv"],
        (
            "1 file (`by_prompt.csv`) held the means or medians of the runs in 1 file "
            "(`bench_calls.csv`); only the runs are counted."
        ),
    ),
]
# Of these there is no real case; they are tested on generated ones alone.
NOWHERE = {
    "best-configuration", "failure-rates", "files-apart", "lost-requests", "machines-apart", "misnamed",
    "name-collisions", "option-effect", "repeated-runs", "slow-tail", "subjects-side-by-side",
    "untested-beside-baseline",
}  # fmt: skip


def _say(paths: list[str], tmp_path: Path, root: Path = CORPUS) -> dict[str, list[str]]:
    if not root.is_dir():
        pytest.skip(f"no {root.name} beside the repository")
    folder = tmp_path / "excerpt"
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (root / path).is_dir() else shutil.copy2
        copy(root / path, folder / path)
    (tmp_path / "out").mkdir()
    findings, facts = analyse(evidence_of_folder(folder, tmp_path / "out"))
    said: dict[str, list[str]] = {}
    for finding in findings:
        said.setdefault(finding.rule, []).append(render_plain(finding.sentences[0], facts))
    return said


@pytest.mark.parametrize(
    ("rule", "paths", "begins"), EXCERPTS, ids=[f"{n}-{e[0]}" for n, e in enumerate(EXCERPTS)]
)
def test_a_rule_tells_of_real_files_what_stands_in_them(
    rule: str, paths: list[str], begins: str, tmp_path: Path
):
    said = _say(paths, tmp_path).get(rule, [])
    assert any(sentence.startswith(begins) for sentence in said), said


@pytest.mark.parametrize(("rule", "paths", "begins"), MADE_HERE)
def test_a_rule_tells_what_tools_measured_here(
    rule: str, paths: list[str], begins: str, tmp_path: Path
):
    [sentence] = _say(paths, tmp_path, _MADE)[rule]
    assert sentence.startswith(begins)


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        # these runs became faster by 2 %, which no reader would notice
        ("drift", "quiet.json"),
        ("averages-as-runs", "bench_calls.csv"),
        ("averages-as-runs", "by_prompt.csv"),
    ],
)
def test_of_a_quiet_machine_and_of_runs_alone_neither_is_told(rule: str, path: str, tmp_path: Path):
    assert rule not in _say([path], tmp_path, _MADE)


def test_every_rule_is_tried_on_real_files_or_there_are_none():
    tried = {rule for rule, *_ in EXCERPTS + MADE_HERE}
    assert tried.isdisjoint(NOWHERE)
    assert tried | NOWHERE == {rule.name for rule in RULES}


def test_a_mislabelled_run_is_compared_with_no_baseline(tmp_path: Path):
    """ONNX on the CPU beside eager on the GPU, under one label: a device, not a backend."""
    path = f"{_COMPILE}/transformer_cuda_bench_20251002-172126.json"
    said = _say([path], tmp_path)
    compared = said.get("slower-than-baseline", []) + said.get("faster-than-baseline", [])
    assert compared
    assert not any("`backend=onnx`" in sentence for sentence in compared)


def test_a_mean_over_timed_repetitions_is_no_run_without_repetition(tmp_path: Path):
    said = _say([f"{_COMPILE}/mlp_bench_20251002-165750.json"], tmp_path)
    assert "single-repetitions" not in said


def test_configurations_are_told_by_what_sets_them_apart_from_others_of_the_subject(tmp_path: Path):
    """Two backends timed on two devices, one of them on the CPU under both labels."""
    names = ("mlp_bench_20251002-165750", "mlp_cuda_bench_20251002-171845")
    said = _say([f"{_COMPILE}/{name}.json" for name in names], tmp_path)["best-within-noise"]
    [compiled] = [sentence for sentence in said if "lowest compile time" in sentence]
    assert "57.6 ms against 378 ms" in compiled
    assert "among 2 configurations with `backend=jit` in `compile`" in compiled
