from pathlib import Path

import pytest

from benchagent.measurements.path_names import find_subject_in_path
from benchagent.measurements.subjects import find_time_in_path
from benchagent.pipeline.stages.measurements import make_measurements
from benchagent_tests.builders import a_place


@pytest.mark.parametrize(
    ("path", "model", "told_by"),
    [
        ("reports/gemma3/gemma3_270m_baseline.csv", "gemma3:270m", "file-name"),
        ("reports/gemma3/gemma3_1b-it-qat_param_tuning.csv", "gemma3:1b-it-qat", "file-name"),
        ("r/qwen2.5-0.5b_run.json", "qwen2.5:0.5b", "file-name"),
        ("r/Mixtral_8x7b_x.csv", "mixtral:8x7b", "file-name"),
        ("r/gemma3_baseline.csv", "gemma3", "file-name"),
        ("r/sweep_yi-6b_batch.csv", "yi:6b", "file-name"),
        ("r/bench-olmo2-7b-run3.json", "olmo2:7b", "file-name"),
        ("r/deepseek-coder-6.7b_ngl16.json", "deepseek-coder:6.7b", "file-name"),
        ("r/Llama13b.csv", "llama:13b", "file-name"),
        ("r/phi-3.5-mini/x.csv", "phi3.5:mini", "folder"),
        ("r/Phi-3-mini-4k-instruct/x.csv", "phi3:mini-4k-instruct", "folder"),
        ("r/gemma-2-2b-it/x.csv", "gemma2:2b-it", "folder"),
        ("r/mistral-nemo/x.csv", "mistral:nemo", "folder"),
        ("gemma3-1b/sweep.csv", "gemma3:1b", "folder"),  # of a folder that is taken whole
        ("reports/smollm2-135m/20251121T215400Z/bench_calls.csv", "smollm2:135m", "folder"),
        ("Llama-3.2-3B-Instruct.json", "llama3.2:3b-instruct", "file-name"),
        ("bench_Meta-Llama-3.1-8B-Instruct_ctx4096.csv", "llama3.1:8b-instruct", "file-name"),
        ("gemma-3n-E2B-it.csv", "gemma3n:e2b-it", "file-name"),
        ("phi-4-mini.json", "phi4:mini", "file-name"),
        ("llama.cpp-qwen3-4b.csv", "qwen3:4b", "file-name"),
        ("Qwen3-30B-A3B-Instruct-2507.csv", "qwen3:30b-a3b-instruct-2507", "file-name"),
        ("Mistral-7B-Instruct-v0.3.csv", "mistral:7b-instruct-v0.3", "file-name"),
        ("DeepSeek-R1-Distill-Qwen-7B/x.csv", "deepseek-r1-distill-qwen:7b", "folder"),
        ("qwen3-4b-2.csv", "qwen3:4b", "file-name"),  # its second run
        ("qwen3-4b-20251121.csv", "qwen3:4b", "file-name"),
        ("qwen3-4b-2025-11-21.csv", "qwen3:4b", "file-name"),
        ("qwen3-4b-test.csv", "qwen3:4b", "file-name"),
        ("yi-6b_judge-gpt-oss-20b.csv", "yi:6b", "file-name"),
    ],
)
def test_a_path_names_a_model_if_it_looks_like_one(path: str, model: str, told_by: str):
    assert find_subject_in_path(path) == (model, None, told_by)


@pytest.mark.parametrize(
    ("path", "model", "quantization"),
    [
        ("r/llama3.1_8b-instruct-q4_0.csv", "llama3.1:8b-instruct", "q4_0"),
        ("r/phi3.5-mini-Q4_K_M/x.csv", "phi3.5:mini", "q4_k_m"),
        ("Llama-3.2-3B-Instruct-Q4_K_M.csv", "llama3.2:3b-instruct", "q4_k_m"),
        ("Qwen3-4B.IQ4_XS.json", "qwen3:4b", "iq4_xs"),
        ("qwen3-4b_Q6_K_ngl99.csv", "qwen3:4b", "q6_k"),
        ("r/mistral7b_q4km_ngl8.csv", "mistral:7b", "q4_k_m"),
        ("qwen3-4b-f16-run2.csv", "qwen3:4b", "f16"),
        ("qwen3-4b-UD-Q4_K_XL.csv", "qwen3:4b", "q4_k_xl"),
        ("Q8_0/qwen3-4b.csv", "qwen3:4b", "q8_0"),
        ("qwen3-4b/Q5_K_S/run1.csv", "qwen3:4b", "q5_k_s"),
        ("Q8_0/qwen3-4b-q4_0.csv", "qwen3:4b", "q4_0"),
        ("qwen3-4b_q4_2.csv", "qwen3:4b", "q4"),  # its second run
        ("qwen3-4b_q4_k_m_kv-q8_0.csv", "qwen3:4b", "q4_k_m"),
        ("qwen3-4b_cache-type-k-q8_0.csv", "qwen3:4b", None),
        ("qwen3-4b_q4_0_and_q8_0.csv", "qwen3:4b", None),  # of which one?
        ("q4_0-and-q8_0/qwen3-4b.csv", "qwen3:4b", None),
    ],
)
def test_a_path_tells_what_the_weights_are_stored_in(
    path: str, model: str, quantization: str | None
):
    found = find_subject_in_path(path)

    assert found is not None
    assert (found.model, found.quantization) == (model, quantization)


@pytest.mark.parametrize(
    "path",
    [
        "reports/llama3/ollama_param_tuning.csv",  # the folder names a family, the data another
        "reports/ollama/20251008-122728/llama3_q5_benchmark_runs.csv",  # q5 of which model?
        "r/llama3-large-batch/x.csv",  # a batch is large, or a model?
        "r/phi-3.5/x.csv",
        "r/llama3_small/x.csv",
        "llama3-large_batch.csv",
        f"r/gemma-2-2b{'-a' * 100}_x/x.csv",  # told at once, however many words
        "results_final_2.csv",
        "r/llama38b.csv",  # Llama 3, 8b
        "r/qwen27b_runs.csv",
        "r/mistral7b_vs_yi6b.csv",
        "r/scores_judge-llama3-8b.csv",  # of those that it judged
        "r/compare_yi-6b_olmo2-7b.csv",
        "yi-6b_vs_olmo2-7b.csv",
        "yi-6b-and-olmo2-7b.csv",
        "openhermes-2.5-mistral-7b.csv",  # a model of its own, and no Mistral
        "Hermes-3-Llama-3.1-8B/x.csv",
        "dolphin-2.9-llama3-8b.csv",
        "DeepSeek-R1-0528-Qwen3-8B.csv",
        "reports/compilation/mlp_bench_20251002-165750.json",
        "reports/phishing_1b.csv",
        "yields_2.csv",
        "phi.csv",
    ],
)
def test_a_path_that_is_not_certain_names_nobody(path: str):
    assert find_subject_in_path(path) is None


def test_a_family_alone_is_the_latest_if_the_snapshot_knows_that_model():
    named = find_subject_in_path("r/gemma3_baseline.csv", frozenset({"gemma3:latest"}))
    assert named == ("gemma3:latest", None, "file-name")


@pytest.mark.parametrize(
    ("path", "time"),
    [
        ("reports/ollama/20251002-151824/prompt_suite_runs.csv", "2025-10-02T15:18:24"),
        ("r/mlp_bench_20251002-165750.md", "2025-10-02T16:57:50"),
        ("r/m/20251121T215400Z/bench_calls.csv", "2025-11-21T21:54:00"),
        ("r/20251399-995959/x.csv", None),
        ("r/x_1759275507.json", None),
        ("r/120251002151824.csv", None),
    ],
)
def test_a_stamp_in_a_path_is_a_time_of_unknown_zone(path: str, time: str | None):
    assert find_time_in_path(path) == time


@pytest.mark.parametrize(
    ("header", "cell", "subject"),
    [("ttft_ms", "", "qwen3:4b-q4_k_m"), ("quant,ttft_ms", "Q8_0,", "qwen3:4b")],
)
def test_a_column_of_quantisations_is_believed_before_the_name_of_the_file(
    tmp_path: Path, header: str, cell: str, subject: str
):
    rows = "".join(f"{run},{cell}{100 + run}\n" for run in (1, 2, 3))
    place = a_place(tmp_path, {"csv_data/qwen3-4b-Q4_K_M.csv": f"run,{header}\n{rows}"})

    make_measurements(place.partition)

    table = place.reopened().table("measurements").to_pylist()
    assert [row["subject"] for row in table] == [subject] * 3
