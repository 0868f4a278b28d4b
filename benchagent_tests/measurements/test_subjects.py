import pytest

from benchagent.measurements.subjects import find_subject_in_path, find_time_in_path


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("reports/gemma3/gemma3_270m_baseline.csv", ("gemma3:270m", "file-name")),
        ("reports/gemma3/gemma3_1b-it-qat_param_tuning.csv", ("gemma3:1b-it-qat", "file-name")),
        ("r/llama3.1_8b-instruct-q4_0.csv", ("llama3.1:8b-instruct-q4", "file-name")),
        ("r/qwen2.5-0.5b_run.json", ("qwen2.5:0.5b", "file-name")),
        ("r/Mixtral_8x7b_x.csv", ("mixtral:8x7b", "file-name")),
        ("r/gemma3_baseline.csv", ("gemma3", "file-name")),
        ("r/sweep_yi-6b_batch.csv", ("yi:6b", "file-name")),
        ("r/bench-olmo2-7b-run3.json", ("olmo2:7b", "file-name")),
        ("r/deepseek-coder-6.7b_ngl16.json", ("deepseek-coder:6.7b", "file-name")),
        ("r/mistral7b_q4km_ngl8.csv", ("mistral:7b", "file-name")),
        ("r/Llama13b.csv", ("llama:13b", "file-name")),
        ("r/phi-3.5-mini/x.csv", ("phi3.5:mini", "folder")),
        ("r/Phi-3-mini-4k-instruct/x.csv", ("phi3:mini-4k-instruct", "folder")),
        ("r/phi3.5-mini-Q4_K_M/x.csv", ("phi3.5:mini-q4_k_m", "folder")),
        ("r/gemma-2-2b-it/x.csv", ("gemma2:2b-it", "folder")),
        ("r/mistral-nemo/x.csv", ("mistral:nemo", "folder")),
        ("gemma3-1b/sweep.csv", ("gemma3:1b", "folder")),  # of a folder that is taken whole
        ("reports/smollm2-135m/20251121T215400Z/bench_calls.csv", ("smollm2:135m", "folder")),
    ],
)
def test_a_path_names_a_model_if_it_looks_like_one(path: str, named: tuple[str, str]):
    assert find_subject_in_path(path) == named


@pytest.mark.parametrize(
    "path",
    [
        "reports/llama3/ollama_param_tuning.csv",  # the folder names a family, the data another
        "reports/ollama/20251008-122728/llama3_q5_benchmark_runs.csv",  # q5 of which model?
        "r/llama3-large-batch/x.csv",  # a batch is large, or a model?
        "r/phi-3.5/x.csv",
        "r/llama3_small/x.csv",
        f"r/gemma-2-2b{'-a' * 100}_x/x.csv",  # told at once, however many words
        "results_final_2.csv",
        "r/llama38b.csv",  # Llama 3, 8b
        "r/qwen27b_runs.csv",
        "r/mistral7b_vs_yi6b.csv",
        "r/scores_judge-llama3-8b.csv",  # of those that it judged
        "r/compare_yi-6b_olmo2-7b.csv",
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
    assert named == ("gemma3:latest", "file-name")


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
