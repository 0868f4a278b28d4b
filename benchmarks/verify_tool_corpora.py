"""Folders as tools of the field leave them, and what can truly be said of their numbers.

The files are written first; every figure is then computed by pandas from the files as they stand,
so that neither the writer of the files nor the verifier has a say in what is true.
"""

import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

_FLEETS: Final = (
    ("hermes3:8b-q6_K", "command-r7b:latest", "exaone3.5:2.4b", "stablelm2:1.6b"),
    ("nemotron-mini:4b", "aya-expanse:8b-q4_0", "solar:10.7b", "internlm2:1.8b"),
    ("yi-coder:9b", "dolphin3:8b-q5_1", "bitnet:2b", "minicpm:3b-q8_0"),
    ("glm4:9b-q4_1", "reka-flash:21b", "zephyr:3b", "marco-o1:7b"),
)
_TASKS: Final = ("ferry_timetables", "tax_forms", "bird_calls", "knot_names")
_LAYOUTS: Final = (
    "artifacts/{day}/{tool}/{stem}.{suffix}",
    "csv_data/{tool}/{stem}_{day}.{suffix}",
    "reports/{stem}/{tool}-{day}.{suffix}",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """A unit as a writer may show it: value times `factor`, with so many decimals."""

    unit: str
    factor: float
    decimals: int

    def write(self, value: float) -> str:
        """The number without its unit."""
        return f"{value * self.factor:.{self.decimals}f}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """What was measured of one subject in one file.

    Attributes:
        metrics: how writers call it, the first the most usual.
        statistics: value by `mean`, `median`, `maximum`, `minimum`; as far as the file tells.
        better: whether `more` or `less` is better.
        n: how many samples; None where the file does not say.
    """

    subject: str
    path: str
    family: str
    metrics: tuple[str, ...]
    spellings: tuple[Spelling, ...]
    statistics: Mapping[str, float]
    better: str
    n: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolFolder:
    """A corpus as written, and what pandas reads in it."""

    root: Path
    models: tuple[str, ...]
    paths: tuple[str, ...]
    quantities: tuple[Quantity, ...]
    days: Mapping[str, str]


def write_tool_folder(root: Path, seed: int) -> ToolFolder:
    """Files of llama-bench, vLLM's serving benchmark, lm-eval, compile benchmarks and plain CSV."""
    chance = random.Random(1000 + seed)
    models = _FLEETS[seed % len(_FLEETS)]
    day = f"2026{1 + seed % 9:02d}{11 + seed % 17:02d}"
    layout = _LAYOUTS[seed % len(_LAYOUTS)]

    def put(tool: str, stem: str, suffix: str, text: str) -> None:
        path = root / layout.format(day=day, tool=tool, stem=stem, suffix=suffix)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    for place, model in enumerate(models):
        stem = model.replace(":", "-").replace(".", "_")
        speed = chance.uniform(18, 30) * 1.9**place
        put("llama-bench", stem, "json", json.dumps(_llama_bench(model, speed, chance), indent=1))
        put("serving", stem, "json", json.dumps(_serving(model, speed, chance)))
        put("lm-eval", stem, "json", json.dumps(_quality(model, chance)))
        put("turns", stem, "csv", _turns(model, speed, chance))
    put("env", "machine", "json", json.dumps({"host": f"rack{seed}", "driver": "none"}))
    (root / "reports").mkdir(exist_ok=True)
    (root / "reports" / "NOTES.md").write_text("# Notes\n\nRun by the night shift.\n", "utf-8")
    paths = sorted(p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file())
    return ToolFolder(
        root=root,
        models=models,
        paths=tuple(paths),
        quantities=tuple(read_quantities(root, models)),
        days={path: f"{day[:4]}-{day[4:6]}-{day[6:]}" for path in paths if day in path},
    )


def _llama_bench(model: str, speed: float, chance: random.Random) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for n_prompt, n_gen, rate in ((256, 0, speed * 11), (0, 64, speed)):
        samples = [round(rate * chance.uniform(0.93, 1.07), 4) for _ in range(5)]
        times = [round((n_prompt + n_gen) / each * 1e9) for each in samples]
        series = pd.Series(samples)
        found.append(
            {
                "build_commit": "ab12cd3", "build_number": 7, "cpu_info": "Ampere Altra",
                "gpu_info": "", "backends": "CPU", "model_filename": f"{model}.gguf",
                "model_type": model, "model_size": 123456789, "model_n_params": 1000000000,
                "n_batch": 2048, "n_ubatch": 512, "n_threads": 8, "n_gpu_layers": 0,
                "n_prompt": n_prompt, "n_gen": n_gen, "n_depth": 0,
                "test_time": "2026-03-04T05:06:07Z",
                "avg_ns": round(pd.Series(times).mean()), "stddev_ns": round(pd.Series(times).std()),
                "avg_ts": round(float(series.mean()), 6), "stddev_ts": round(float(series.std()), 6),
                "samples_ns": times, "samples_ts": samples,
            }
        )  # fmt: skip
    return found


def _serving(model: str, speed: float, chance: random.Random) -> dict[str, Any]:
    ttfts = [round(chance.uniform(0.06, 0.4), 6) for _ in range(16)]
    shown = pd.Series(ttfts) * 1000
    tpot = 1000 / speed
    return {
        "date": "20260304-101500", "endpoint_type": "openai-chat", "backend": "openai-chat",
        "model_id": model, "tokenizer_id": model, "num_prompts": 16, "request_rate": "inf",
        "max_concurrency": 4, "duration": round(16 * 64 / (speed * 3), 3), "completed": 16,
        "failed": 0, "total_input_tokens": 512, "total_output_tokens": 1024,
        "request_throughput": round(speed * 3 / 64, 4), "output_throughput": round(speed * 3, 4),
        "total_token_throughput": round(speed * 4.5, 4),
        "mean_ttft_ms": round(float(shown.mean()), 4), "median_ttft_ms": round(float(shown.median()), 4),
        "std_ttft_ms": round(float(shown.std(ddof=0)), 4),
        "p99_ttft_ms": round(float(shown.quantile(0.99)), 4),
        "mean_tpot_ms": round(tpot, 4), "median_tpot_ms": round(tpot * 0.97, 4),
        "std_tpot_ms": 1.25, "p99_tpot_ms": round(tpot * 1.6, 4),
        "mean_itl_ms": round(tpot * 1.02, 4), "median_itl_ms": round(tpot * 0.95, 4),
        "std_itl_ms": 2.5, "p99_itl_ms": round(tpot * 2.1, 4),
        "ttfts": ttfts, "errors": [""] * 16,
    }  # fmt: skip


def _quality(model: str, chance: random.Random) -> dict[str, Any]:
    results: dict[str, Any] = {}
    for task in _TASKS:
        right = chance.randint(31, 117)
        share = right / 120
        results[task] = {
            "alias": task, "sample_len": 120, "acc,none": share,
            "acc_stderr,none": (share * (1 - share) / 119) ** 0.5,
        }  # fmt: skip
    return {
        "results": results, "configs": {}, "versions": dict.fromkeys(_TASKS, 1.0),
        "n-shot": dict.fromkeys(_TASKS, 0), "config": {"model": "hf", "model_args": {"pretrained": model}},
        "model_name": model, "date": 1790000000.0, "lm_eval_version": "0.4.13",
    }  # fmt: skip


def _turns(model: str, speed: float, chance: random.Random) -> str:
    rows = ["model,num_ctx,prompt_index,ttft_s,tokens_s,load_s,eval_count"]
    for n in range(18):
        load = chance.uniform(2.1, 4.4) if n == 0 else chance.uniform(0.02, 0.06)
        rows.append(
            f"{model},{2048 if n < 9 else 8192},{n % 9 + 1},{load + chance.uniform(0.02, 0.05):.5f},"
            f"{speed * chance.uniform(0.9, 1.1):.3f},{load:.5f},{chance.randint(40, 300)}"
        )
    return "\n".join(rows) + "\n"


_RATE: Final = (Spelling(unit="tok/s", factor=1, decimals=2), Spelling(unit="tokens/s", factor=1, decimals=1),
                Spelling(unit="tokens per second", factor=1, decimals=1))  # fmt: skip
_MS: Final = (
    Spelling(unit="ms", factor=1, decimals=1),
    Spelling(unit="milliseconds", factor=1, decimals=0),
    Spelling(unit="s", factor=1e-3, decimals=4),
)
_SECONDS: Final = (
    Spelling(unit="s", factor=1, decimals=3),
    Spelling(unit="ms", factor=1e3, decimals=1),
    Spelling(unit="seconds", factor=1, decimals=3),
)


def read_quantities(root: Path, models: tuple[str, ...]) -> Iterator[Quantity]:
    """What pandas finds in the files of a folder."""
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.suffix == ".csv":
            yield from _read_csv(path, name)
        elif path.suffix == ".json":
            tree = json.loads(path.read_text(encoding="utf-8"))
            if isinstance(tree, list):
                yield from _read_llama_bench(pd.DataFrame(tree), name)
            elif "mean_ttft_ms" in tree:
                yield from _read_serving(pd.Series(tree), name)
            elif "results" in tree:
                yield from _read_quality(tree, name)


def _describe(values: "pd.Series[float]") -> dict[str, float]:
    return {
        "mean": float(values.mean()),
        "median": float(values.median()),
        "maximum": float(values.max()),
        "minimum": float(values.min()),
    }


def _read_csv(path: Path, name: str) -> Iterator[Quantity]:
    table = pd.read_csv(path)
    columns = (
        ("tokens_s", "decode", ("decode rate", "throughput", "generation speed"), _RATE, "more"),
        ("ttft_s", "ttft", ("TTFT", "time to first token"), _SECONDS, "less"),
        ("load_s", "load", ("load time", "model load time"), _SECONDS, "less"),
    )
    for subject, rows in table.groupby("model"):
        for column, family, metrics, spellings, better in columns:
            yield Quantity(
                subject=str(subject), path=name, family=f"turns {family}", metrics=metrics,
                spellings=spellings, statistics=_describe(rows[column]), better=better, n=len(rows),
            )  # fmt: skip


def _read_llama_bench(table: pd.DataFrame, name: str) -> Iterator[Quantity]:
    for test in table.to_dict("records"):
        generates = bool(test["n_gen"])
        samples = pd.Series(test["samples_ts"])
        yield Quantity(
            subject=str(test["model_type"]), path=name,
            family="llama decode" if generates else "llama prefill",
            metrics=("decode rate", "generation speed") if generates else ("prefill rate", "prompt processing speed"),
            spellings=_RATE, statistics=_describe(samples), better="more", n=len(samples),
        )  # fmt: skip


def _read_serving(run: "pd.Series[Any]", name: str) -> Iterator[Quantity]:
    for key, metrics in (
        ("ttft", ("TTFT", "time to first token")),
        ("tpot", ("TPOT", "time per output token")),
        ("itl", ("ITL", "inter-token latency")),
    ):
        yield Quantity(
            subject=str(run["model_id"]), path=name, family=f"serving {key}", metrics=metrics,
            spellings=_MS, better="less", n=None,
            statistics={
                "mean": run[f"mean_{key}_ms"], "median": run[f"median_{key}_ms"],
                "p99": run[f"p99_{key}_ms"],
            },
        )  # fmt: skip


def _read_quality(tree: dict[str, Any], name: str) -> Iterator[Quantity]:
    table = pd.DataFrame.from_dict(tree["results"], orient="index")
    percent = Spelling(unit="%", factor=100, decimals=1)
    for task, row in table.iterrows():
        yield Quantity(
            subject=tree["model_name"], path=name, family=f"accuracy {task}",
            metrics=(f"accuracy on {task}", f"{task} accuracy"), spellings=(percent,),
            statistics={"value": float(row["acc,none"])}, better="more", n=int(row["sample_len"]),
        )  # fmt: skip
