"""False figures as people write them: each is found, and the same words told truly are borne out."""

import csv
import io
import json
from pathlib import Path

import pytest

from benchagent.verification.evidence.corpus import Corpus
from benchagent_tests.folders import fill
from benchagent_tests.verification.verifying import flags, measure, rulings


def _write(rows: list[dict[str, object]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


# Two models by threads: three runs each, of which the middle one is the mean.
_RATES = {("wren:4b", 1): 9.0, ("wren:4b", 8): 27.9, ("lark:9b", 1): 5.0, ("lark:9b", 8): 13.9}
SWEEP = _write(
    [
        {"model": model, "threads": threads, "run": run, "tokens_s": round(rate + off, 2),
         "ttft_ms": round(9000 / rate, 1), "perplexity": 6.12 if model == "wren:4b" else 5.97}
        for (model, threads), rate in _RATES.items()
        for run, off in enumerate((-0.4, 0.0, 0.4), start=1)
    ]
)  # fmt: skip
CALLS = _write(
    [
        {"model": model, "load_s": load if cold else 0.06, "prompt_eval_s": 0.21,
         "ttft_s": round((load if cold else 0.06) + 0.21 + at / 1000, 3), "tokens_per_s": 40.0 + at}
        for model, load in (("wren:4b", 2.1), ("lark:9b", 3.6))
        for at, cold in enumerate((True, True, False, False, False))
    ]
)  # fmt: skip
# llama-bench names its tests by what they do: 512 tokens of a prompt, 128 generated.
BENCH = _write(
    [
        {"build_commit": "b3a2c1f0", "build_number": 4120, "cpu_info": "Testor 9", "gpu_info": "Ibex 90",
         "backends": "CUDA", "model_filename": f"models/heron-8b-{tag}.gguf", "model_type": "heron 8B",
         "model_size": 4920734272, "model_n_params": 8030261248, "n_batch": 2048, "n_ubatch": 512,
         "n_threads": 8, "n_gpu_layers": 33, "n_prompt": prompt, "n_gen": generated,
         "test_time": "2026-03-04T10:12:31Z", "avg_ns": int((prompt or generated) / rate * 1e9),
         "stddev_ns": 1000000, "avg_ts": rate, "stddev_ts": round(rate / 170, 3)}
        for tag, fill_rate, rate_of in (("q4_k_m", 2206.4, 57.81), ("q8_0", 2372.5, 37.83))
        for prompt, generated, rate in ((512, 0, fill_rate), (0, 128, rate_of))
    ]
)  # fmt: skip


def _serve(model: str, at: int, rate: float, ttft: float) -> str:
    own = {"mean": ttft, "median": ttft * 0.9, "std": ttft * 0.2, "p99": ttft * 2}
    times = {
        f"{name}_{metric}_ms": value
        for metric in ("ttft", "tpot", "itl")
        for name, value in own.items()
    }
    return json.dumps(
        {"date": "20260311-101500", "backend": "vllm", "model_id": model, "tokenizer_id": model,
         "num_prompts": 200, "max_concurrency": at, "duration": 200 / rate, "completed": 200,
         "total_input_tokens": 102400, "total_output_tokens": 51200, "request_throughput": rate,
         "output_throughput": rate * 256, "total_token_throughput": rate * 768, **times}
    )  # fmt: skip


SERVED = {
    f"{model.split('/')[1]}/vllm-infqps-concurrency{at}.json": _serve(model, at, rate * by, ttft * by)
    for model, rate, ttft in (("Ibis/Ibis2-7B-Instruct", 1.52, 61.5), ("grebe-ai/Grebe-8B-Instruct", 1.31, 74.3))
    for at, by in ((1, 1.0), (16, 3.4))
}  # fmt: skip
DOCS = _write(
    [
        {"model": name, "batch_size": batch, "docs_per_s": rate * batch**0.5, "recall_at_10": recall}
        for name, rate, recall in (("tern-small", 910.0, 0.803), ("tern-large", 212.0, 0.887))
        for batch in (1, 16)
    ]
)  # fmt: skip


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Corpus]:
    files = {"sweep": {"threads.csv": SWEEP}, "calls": {"calls.csv": CALLS},
             "bench": {"llama-bench.csv": BENCH}, "served": SERVED, "docs": {"docs.csv": DOCS}}  # fmt: skip
    return {
        name: measure(fill(tmp_path_factory.mktemp("data"), own), tmp_path_factory.mktemp("out"))
        for name, own in files.items()
    }


def _hold(folder: Corpus, true: str, false: str, figure: str) -> None:
    assert flags(true, folder) == []
    assert "supported" in [ruling for _, ruling in rulings(true, folder)]
    assert figure in flags(false, folder)


@pytest.mark.parametrize(
    ("true", "false", "figure"),
    [
        ("We compared two models.", "We compared three models.", "three"),
        # three runs of each setting are no models, and 13.9 tok/s are no rows
        ("The sweep covers 2 models.", "The sweep covers 3 models.", "3"),
        ("The file has 12 rows.", "The file has 14 rows.", "14"),
        # six of each model
        ("There are 12 runs in total.", "There are 6 runs in total.", "6"),
        ("A total of 12 runs were made.", "A total of 6 runs were made.", "6"),
        ("Each model has 6 runs.", "Each model has 12 models.", "12"),
    ],
)
def test_a_count_is_of_what_is_counted(
    true: str, false: str, figure: str, folders: dict[str, Corpus]
) -> None:
    _hold(folders["sweep"], true, false, figure)


@pytest.mark.parametrize(
    ("true", "false", "figure"),
    [
        ("There are 2 cold calls per model.", "There are 3 cold calls per model.", "3"),
        (
            "A cold start of wren:4b takes 2.31 s to the first token.",
            "A cold start of wren:4b takes 0.27 s to the first token.",
            "0.27 s",
        ),
        (
            "The cold TTFT of wren:4b was 2.31 s, warm calls needed 0.27 s.",
            "The cold TTFT of wren:4b was 0.27 s, warm calls needed 2.31 s.",
            "0.27 s",
        ),
    ],
)
def test_what_mixes_cold_and_warm_calls_is_a_number_of_neither(
    true: str, false: str, figure: str, folders: dict[str, Corpus]
) -> None:
    _hold(folders["calls"], true, false, figure)


@pytest.mark.parametrize(
    ("true", "false", "figure"),
    [
        ("wren:4b is 2x as fast as lark:9b with 8 threads.", "wren:4b is 1x as fast as lark:9b.", "1x"),
        # 27.9 are 3.1 times 9.0: few say "2.1x faster" of it
        ("With 8 threads wren:4b is 3.1x faster than with 1.", "With 8 threads wren:4b is 2.1x faster than with 1.", "2.1x"),
        ("With 1 thread wren:4b is 3.1x slower than with 8.", "With 1 thread wren:4b is 2.1x slower than with 8.", "2.1x"),
        # a part is of what it is held against: 13.9 are 50% less than 27.9, which are 101% more
        ("With 8 threads lark:9b is 50% slower than wren:4b.", "With 8 threads lark:9b is 101% slower than wren:4b.", "101%"),
        ("With 8 threads wren:4b is 101% faster than lark:9b.", "With 8 threads wren:4b is 50% faster than lark:9b.", "50%"),
        (
            "The TTFT of wren:4b with 8 threads is 50% lower than that of lark:9b.",
            "The TTFT of lark:9b with 8 threads is 50% higher than that of wren:4b.",
            "50%",
        ),
        ("Going from 8 to 1 thread costs wren:4b 68% of its decode rate.", "Going from 8 threads to 1 costs wren:4b 32% of its decode rate.", "32%"),
        # 18.9 and 8.9 apart
        ("With 8 threads wren:4b decodes 14 tok/s more than lark:9b.", "With 1 thread wren:4b decodes 5 tok/s more than lark:9b.", "5 tok/s"),
        ("lark:9b gains only 0.15 perplexity on wren:4b.", "lark:9b gains only 0.51 perplexity on wren:4b.", "0.51"),
    ],
)  # fmt: skip
def test_by_how_much_is_told_of_what_it_is_held_against(
    true: str, false: str, figure: str, folders: dict[str, Corpus]
) -> None:
    _hold(folders["sweep"], true, false, figure)


def test_a_time_may_be_told_as_a_speed(folders: dict[str, Corpus]) -> None:
    # 323 ms and 648 ms: half the time, twice as fast
    for told in ("50%", "101%"):
        text = f"With 8 threads wren:4b has a TTFT that is {told} faster than that of lark:9b."
        assert flags(text, folders["sweep"]) == []


@pytest.mark.parametrize(
    ("true", "false", "figure"),
    [
        (
            "The slowest run of wren:4b with 8 threads reached 27.5 tok/s.",
            "The slowest run of wren:4b reached 18.45 tok/s.",
            "18.45 tok/s",
        ),
        ("wren:4b is fastest with 8 threads, at 27.9 tok/s.", "wren:4b is fastest with 8 threads, at 9.0 tok/s.", "9.0 tok/s"),
        # in the order of the file
        ("With 8 threads the second run of wren:4b gave 27.9 tok/s.", "With 8 threads the third run of wren:4b gave 27.9 tok/s.", "27.9 tok/s"),
        ("With 8 threads run 3 of wren:4b gave 28.3 tok/s.", "With 8 threads run 1 of wren:4b gave 28.3 tok/s.", "28.3 tok/s"),
    ],
)  # fmt: skip
def test_an_extreme_or_the_run_of_a_number_is_no_other_one(
    true: str, false: str, figure: str, folders: dict[str, Corpus]
) -> None:
    _hold(folders["sweep"], true, false, figure)


@pytest.mark.parametrize(
    ("true", "false", "figure"),
    [
        ("tg128 of q8_0 is 37.83 tok/s.", "tg128 of q8_0 is 2372.5 tok/s.", "2372.5 tok/s"),
        ("pp512 of q8_0 is 2372.5 tok/s.", "pp512 of q8_0 is 37.83 tok/s.", "37.83 tok/s"),
        ("tg128 of q4_k_m is 57.81 tok/s.", "tg128 of q4_k_m is 37.83 tok/s.", "37.83 tok/s"),
        (
            "| Quant | pp512 (t/s) | tg128 (t/s) |\n|---|---|---|\n| Q8_0 | 2372.5 | 37.83 |\n",
            "| Quant | pp512 (t/s) | tg128 (t/s) |\n|---|---|---|\n| Q8_0 | 2372.5 | 57.81 |\n",
            "57.81",
        ),
    ],
)
def test_a_test_of_llama_bench_and_the_end_of_a_file_s_name_are_known(
    true: str, false: str, figure: str, folders: dict[str, Corpus]
) -> None:
    _hold(folders["bench"], true, false, figure)


@pytest.mark.parametrize(
    ("true", "false", "figure"),
    [
        (
            "Ibis2-7B-Instruct serves 5.17 requests/s with a mean TTFT of 209.1 ms at concurrency 16.",
            "Ibis2-7B-Instruct serves 4.45 requests/s with a mean TTFT of 209.1 ms at concurrency 16.",
            "4.45 requests/s",
        ),
        (
            "Ibis/Ibis2-7B-Instruct serves 1.52 requests/s at concurrency 1.",
            "Ibis/Ibis2-7B-Instruct serves 1.31 requests/s at concurrency 1.",
            "1.31 requests/s",
        ),
        (
            "Ibis2 7B serves 1.52 requests/s at concurrency 1.",
            "Ibis2 7B serves 1.31 requests/s at concurrency 1.",
            "1.31 requests/s",
        ),
        (
            "Grebe 8B Instruct has a mean TTFT of 74.3 ms at concurrency 1.",
            "Grebe 8B Instruct has a mean TTFT of 61.5 ms at concurrency 1.",
            "61.5 ms",
        ),
        (
            "At concurrency 16 Ibis2-7B generates 1323 output tokens per second.",
            "At concurrency 16 Ibis2-7B generates 1140 output tokens per second.",
            "1140 output tokens per second",
        ),
    ],
)
def test_a_model_is_known_without_its_owner(
    true: str, false: str, figure: str, folders: dict[str, Corpus]
) -> None:
    _hold(folders["served"], true, false, figure)


def test_a_model_of_another_owner_is_another(folders: dict[str, Corpus]) -> None:
    assert flags("heron/Ibis2-7B-Instruct serves 1.31 requests/s.", folders["served"]) != []


@pytest.mark.parametrize(
    ("true", "false", "figure"),
    [
        ("tern-large has a recall of 0.887.", "tern-large has a recall of 0.803.", "0.803"),
        ("tern-large has a recall@10 of 0.887.", "tern-large has a recall@10 of 0.803.", "0.803"),
    ],
)  # fmt: skip
def test_a_share_of_the_first_ten_is_known_without_the_ten(
    true: str, false: str, figure: str, folders: dict[str, Corpus]
) -> None:
    _hold(folders["docs"], true, false, figure)


def test_who_beats_another_in_something_is_not_held_against_speed(
    folders: dict[str, Corpus],
) -> None:
    assert rulings("tern-small beats tern-large on politeness.", folders["docs"]) == []


def test_energy_per_token_is_no_number_of_tokens(tmp_path: Path) -> None:
    rows = _write([{"model": "wren:4b", "j_per_token": 3.5}, {"model": "lark:9b", "j_per_token": 9.1}])  # fmt: skip
    energy = measure(fill(tmp_path / "data", {"energy.csv": rows}), tmp_path / "out")

    assert rulings("wren:4b needs 3.5 J per token.", energy) == [("3.5 J per token", "supported")]
    assert flags("wren:4b needs 9.1 J per token.", energy) == ["9.1 J per token"]


def test_a_model_that_was_trained_to_chat_is_not_the_one_that_was_not(tmp_path: Path) -> None:
    rows = [{"model": "ibis-7b", "tokens_s": 41.5}, {"model": "ibis-7b-instruct", "tokens_s": 38.2}]
    both = measure(fill(tmp_path / "data", {"two.csv": _write(rows)}), tmp_path / "out")

    assert flags("Ibis 7B decodes 41.5 tok/s, ibis-7b-instruct 38.2 tok/s.", both) == []
    assert flags("Ibis 7B decodes 38.2 tok/s.", both) == ["38.2 tok/s"]


def test_what_a_level_was_only_compared_with_is_not_what_the_next_verb_is_of(
    tmp_path: Path,
) -> None:
    rows = [{"quant": quant, "tokens_s": rate, "power_w": watts}
            for quant, rate, watts in (("Q4_0", 28.2, 109.0), ("F16", 9.4, 131.0))]  # fmt: skip
    power = measure(fill(tmp_path / "data", {"power.csv": _write(rows)}), tmp_path / "out")

    assert flags("Q4_0 is 3.0x as fast as F16 and uses 109 W.", power) == []
    assert flags("Q4_0 is 3.0x as fast as F16 and uses 131 W.", power) == ["131 W"]


def test_models_in_a_file_each_are_compared_by_their_names(tmp_path: Path) -> None:
    files = {
        f"{name}.json": json.dumps(
            {"model": name, "peak_vram_mb": 5000, "runs": [{"run": at, "output_tokens": 200, "tokens_per_second": rate + at} for at in range(3)]}
        )
        for name, rate in (("ibis-7b", 44.0), ("tern-9b", 33.0))
    }  # fmt: skip
    data = measure(fill(tmp_path / "data", files), tmp_path / "out")

    assert ("faster than", "supported") in rulings("Ibis 7B is faster than tern-9b.", data)
    assert ("faster than", "contradicted") in rulings("tern-9b is faster than ibis-7b.", data)
