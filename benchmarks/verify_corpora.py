"""Small corpora with models, metrics and numbers of their own, and true sentences about them.

What a sentence says is computed here from the rows as they were written, not by the package, so
that a sentence is true whatever the verifier thinks.
"""

import csv
import io
import json
import random
import statistics
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

_FAMILIES: Final = (
    ("qwen2.5:1.5b", "qwen2.5:7b-instruct-q4_K_M", "phi3:mini-4k", "mistral:7b-instruct-q5_0"),
    ("granite3.1:2b", "smollm2:360m", "smollm2:1.7b", "olmo2:7b"),
    ("deepseek-r1:1.5b", "deepseek-r1:8b", "falcon3:3b", "tinyllama:1.1b"),
    ("codellama:7b-code", "starcoder2:3b", "llama3.2:1b", "llama3.2:3b-instruct-q8_0"),
)
_OPTIONS: Final = ("num_gpu", "num_ctx", "temperature")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One model call as written to a file."""

    model: str
    path: str
    num_gpu: int
    num_ctx: int
    temperature: float
    ttft_s: float
    tokens_s: float
    load_s: float
    prompt_eval_s: float
    eval_s: float
    eval_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A true sentence with what a corruption may change in it.

    Attributes:
        text: with `{0}`, `{1}` … where `parts` go.
        parts: kind of thing (`number`, `unit`, `model`, `direction`, `file`, `date`, `statistic`)
            and its true text.
        others: for each part, the texts that would make the sentence false.
    """

    text: str
    parts: tuple[tuple[str, str], ...]
    others: tuple[tuple[str, ...], ...]

    def true(self) -> str:
        """The sentence as it is."""
        return self.text.format(*[text for _, text in self.parts])

    def corrupt(self, kind: str, chance: random.Random) -> str | None:
        """The sentence with one part of this kind made false; None where it has none."""
        places = [at for at, (k, _) in enumerate(self.parts) if k == kind and self.others[at]]
        if not places:
            return None
        at = chance.choice(places)
        texts = [text for _, text in self.parts]
        texts[at] = chance.choice(self.others[at])
        return self.text.format(*texts)


@dataclass(slots=True)
class Folder:
    """A corpus as written."""

    root: Path
    models: tuple[str, ...]
    runs: list[Run] = field(default_factory=list[Run])
    paths: list[str] = field(default_factory=list[str])


def write_folder(root: Path, seed: int) -> Folder:
    """A corpus under `root/reports`: calls and sweeps per model, as CSV and JSON, and a note."""
    chance = random.Random(seed)
    folder = Folder(root, _FAMILIES[seed % len(_FAMILIES)])
    for place, model in enumerate(folder.models):
        speed = 40 * 1.7**place * chance.uniform(0.9, 1.1)
        stem = model.replace(":", "_")
        calls = [
            _call(model, f"reports/{stem}/{stem}_calls.csv", speed, chance, n) for n in range(6)
        ]
        _write(
            folder,
            calls[0].path,
            _csv(calls, ("ttft_s", "tokens_s", "load_s", "prompt_eval_s", "eval_s", "eval_count")),
        )
        sweep = [
            _call(model, f"reports/{stem}/{stem}_param_tuning.csv", speed, chance, 1 + n, gpu, ctx, temp)
            for n, (gpu, ctx, temp) in enumerate(_grid())
        ]  # fmt: skip
        _write(
            folder,
            sweep[0].path,
            _csv(
                sweep,
                (
                    *_OPTIONS,
                    "ttft_s",
                    "tokens_s",
                    "load_s",
                    "prompt_eval_s",
                    "eval_s",
                    "eval_count",
                ),
            ),
        )
        folder.runs += [*calls, *sweep]
    device = {"gpu": "NVIDIA L4", "cuda_available": True, "seed": seed, "notes": "none"}
    _write(folder, "reports/environment.json", json.dumps(device))
    _write(
        folder,
        f"reports/host_2026{1 + seed % 9:02d}14_101500.json",
        json.dumps({"hostname": f"node{seed}"}),
    )
    _write(folder, "reports/README.md", "# Notes\n\nMeasured at night.\n")
    return folder


def _grid() -> list[tuple[int, int, float]]:
    return [(gpu, ctx, temp) for gpu in (20, 99) for ctx in (1024, 8192) for temp in (0.0, 0.7)]


def _call(
    model: str, path: str, speed: float, chance: random.Random, n: int,
    gpu: int = 99, ctx: int = 4096, temp: float = 0.7,
) -> Run:  # fmt: skip
    load = chance.uniform(1.5, 3.0) if n == 0 else chance.uniform(0.03, 0.08)
    prompt = chance.uniform(0.008, 0.03)
    rate = speed * chance.uniform(0.97, 1.03) * (1.0 if gpu == 99 else 0.7)
    count = chance.randint(60, 400)
    return Run(
        model=model, path=path, num_gpu=gpu, num_ctx=ctx, temperature=temp,
        ttft_s=round(load + prompt, 6), tokens_s=round(rate, 4), load_s=round(load, 6),
        prompt_eval_s=round(prompt, 6), eval_s=round(count / rate, 6), eval_count=count,
    )  # fmt: skip


def _csv(runs: list[Run], columns: tuple[str, ...]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("model", *columns))
    writer.writerows([run.model, *(getattr(run, column) for column in columns)] for run in runs)
    return text.getvalue()


def _write(folder: Folder, path: str, text: str) -> None:
    file = folder.root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    folder.paths.append(path)


_METRICS: Final = (
    ("tokens_s", "decode rate", "tok/s", 1.0, 1), ("tokens_s", "throughput", "tokens/s", 1.0, 2),
    ("ttft_s", "TTFT", "ms", 1e3, 1), ("ttft_s", "time to first token", "s", 1.0, 3),
    ("load_s", "load time", "ms", 1e3, 1),
)  # fmt: skip
_STATISTICS: Final = {
    "mean": statistics.fmean, "median": statistics.median, "maximum": max, "minimum": min,
}  # fmt: skip
_WRONG_UNITS: Final = {
    "tok/s": ("ms", "s"), "tokens/s": ("ms", "MB"), "ms": ("s", "tok/s"), "s": ("ms", "tok/s"),
}  # fmt: skip
_FRAMES: Final = (
    "The {stat} {metric} of {model} was {value} {unit} in `{path}`.",
    "In `{path}`, {model} reached a {stat} {metric} of {value} {unit}.",
    "- {model} ({path}): {stat} {metric} {value} {unit}",
    "Measured in `{path}`: a {stat} {metric} of **{value} {unit}** for {model}.",
)


def make_statements(folder: Folder, seed: int) -> list[Statement]:
    """True statements of every kind about a corpus."""
    chance = random.Random(seed)
    return [
        *_value_statements(folder, chance),
        *_setting_statements(folder, chance),
        *_sections(folder, chance),
        *_comparisons(folder, chance),
        *_file_statements(folder, chance),
    ]


def _value_statements(folder: Folder, chance: random.Random) -> Iterator[Statement]:
    for model in folder.models:
        for path in sorted({run.path for run in folder.runs if run.model == model}):
            runs = [run for run in folder.runs if run.path == path]
            for column, metric, unit, worth, decimals in _METRICS:
                values = [getattr(run, column) * worth for run in runs]
                shown = {s: f"{f(values):.{decimals}f}" for s, f in _STATISTICS.items()}
                for stat, value in shown.items():
                    yield _value_statement(
                        folder, chance, model, path, metric, unit, stat, value, shown
                    )


def _value_statement(
    folder: Folder, chance: random.Random, model: str, path: str, metric: str, unit: str,
    stat: str, value: str, shown: dict[str, str],
) -> Statement:  # fmt: skip
    frame = chance.choice(_FRAMES)
    wrong_stats = tuple(
        s for s, v in shown.items() if abs(float(v) - float(value)) > 0.02 * float(value)
    )
    order = sorted(
        ("stat", "metric", "model", "value", "unit", "path"), key=lambda n: frame.index("{" + n)
    )
    parts = {
        "stat": ("statistic", stat), "metric": ("metric", metric), "model": ("model", f"`{model}`"),
        "value": ("number", value), "unit": ("unit", unit), "path": ("file", path),
    }  # fmt: skip
    others = {
        "stat": wrong_stats,
        "metric": (),
        "model": tuple(f"`{m}`" for m in folder.models if m != model),
        "value": tuple(wrong_numbers(value, chance)),
        "unit": _WRONG_UNITS[unit],
        "path": (
            path.replace(".csv", "_v2.csv"),
            path.replace("_calls", "_warm").replace("_param", "_parameter"),
        ),
    }
    text = frame
    for at, name in enumerate(order):
        text = text.replace("{" + name + "}", "{" + str(at) + "}")
    return Statement(
        text=text, parts=tuple(parts[n] for n in order), others=tuple(others[n] for n in order)
    )


def wrong_numbers(value: str, chance: random.Random) -> Iterator[str]:
    """Numbers that no rounding of the true one gives, written as it is."""
    decimals = len(value.partition(".")[2])
    for _ in range(3):
        factor = chance.choice((chance.uniform(1.08, 1.9), chance.uniform(0.4, 0.92)))
        yield f"{float(value) * factor:.{decimals}f}"


def shift_point(value: str, chance: random.Random) -> str:
    """A number with its decimal point moved by one or two places."""
    decimals = len(value.partition(".")[2])
    return f"{float(value) * chance.choice((0.1, 10.0, 100.0)):.{max(decimals, 1)}f}"


def _setting_statements(folder: Folder, chance: random.Random) -> Iterator[Statement]:
    for model in folder.models:
        runs = [run for run in folder.runs if run.model == model and "param" in run.path]
        for gpu in (20, 99):
            value = f"{statistics.fmean(run.tokens_s for run in runs if run.num_gpu == gpu):.1f}"
            yield Statement(
                text="With num_gpu={0}, {1} decoded {2} {3} on average.",
                parts=(("setting", str(gpu)), ("model", f"`{model}`"), ("number", value), ("unit", "tok/s")),
                others=((), tuple(f"`{m}`" for m in folder.models if m != model), tuple(wrong_numbers(value, chance)), ("ms", "s")),
            )  # fmt: skip


def _sections(folder: Folder, chance: random.Random) -> Iterator[Statement]:
    """A heading names the model, a list item or a later sentence the value."""
    frames = (
        "### {0}\n\nIts {1} {2} over all {3} calls was {4} {5}.",
        "**{0}**\n\n- {1} {2} ({3} calls): {4} {5}",
        "The {0} runs stand out. The {1} {2} of the {3} calls is {4} {5}.",
    )
    for model in folder.models:
        runs = [run for run in folder.runs if run.model == model]
        for column, metric, unit, worth, decimals in _METRICS[:3]:
            values = [getattr(run, column) * worth for run in runs]
            for stat, function in _STATISTICS.items():
                value = f"{function(values):.{decimals}f}"
                shown = {s: f(values) for s, f in _STATISTICS.items()}
                wrong = tuple(s for s, v in shown.items() if abs(v - float(value)) > 0.02 * v)
                yield Statement(
                    text="\n\n# Next part\n\n" + chance.choice(frames),
                    parts=(
                        ("model", model), ("statistic", stat), ("metric", metric),
                        ("n", str(len(runs))), ("number", value), ("unit", unit),
                    ),
                    others=(
                        tuple(m for m in folder.models if m != model), wrong, (), (),
                        tuple(wrong_numbers(value, chance)), _WRONG_UNITS[unit],
                    ),
                )  # fmt: skip


def _comparisons(folder: Folder, chance: random.Random) -> Iterator[Statement]:
    mean = {
        model: statistics.fmean(run.tokens_s for run in folder.runs if run.model == model)
        for model in folder.models
    }
    for slow, fast in zip(folder.models, folder.models[1:], strict=False):
        yield Statement(
            text="{0} is {1} than {2}, judged by its throughput.",
            parts=(("model", f"`{fast}`"), ("direction", "faster"), ("model", f"`{slow}`")),
            others=((), ("slower",), ()),
        )
        yield Statement(
            text="{0} had a {1} mean decode rate than {2}: {3} {4} against {5} {6}.",
            parts=(
                ("model", f"`{slow}`"), ("direction", "lower"), ("model", f"`{fast}`"),
                ("number", f"{mean[slow]:.1f}"), ("unit", "tok/s"), ("number", f"{mean[fast]:.1f}"), ("unit", "tok/s"),
            ),
            others=((), ("higher",), (), tuple(wrong_numbers(f"{mean[slow]:.1f}", chance)), ("ms",), tuple(wrong_numbers(f"{mean[fast]:.1f}", chance)), ("s",)),
        )  # fmt: skip
        share = 100 * (mean[fast] / mean[slow] - 1)
        yield Statement(
            text="On average {0} generates tokens {1} faster than {2}.",
            parts=(("model", f"`{fast}`"), ("number", f"{share:.0f}%"), ("model", f"`{slow}`")),
            others=((), (f"{share * 1.6 + 4:.0f}%", f"{share * 0.5:.0f}%"), ()),
        )
    best = max(mean, key=lambda model: mean[model])
    yield Statement(
        text="{0} has the {1} decode rate of all models.",
        parts=(("model", f"`{best}`"), ("direction", "highest")),
        others=(tuple(f"`{m}`" for m in folder.models if m != best), ("lowest",)),
    )


def _file_statements(folder: Folder, chance: random.Random) -> Iterator[Statement]:
    kinds = {
        name: sum(p.endswith(suffix) for p in folder.paths)
        for name, suffix in (("CSV", ".csv"), ("JSON", ".json"), ("Markdown", ".md"))
    }
    total = len(folder.paths)
    yield _count("The folder holds {0} files.", total)
    yield _count("**Total Files:** {0}", total)
    yield _count("A total of {0} artifacts were analyzed.", total)
    for kind, number in kinds.items():
        yield _count(f"There are {{0}} {kind} files.", number)
        yield _count(f"- {kind} files: {{0}}", number)
        yield _count(f"{kind} ({{0}} files)", number)
        share = 100 * number / total
        yield Statement(
            text=f"{{0}} of the files are {kind}.",
            parts=(("number", f"{share:.1f}%"),),
            others=((f"{share + 9.3:.1f}%", f"{share * 0.6:.1f}%"),),
        )
    for path in folder.paths:
        stem, _, suffix = path.rpartition(".")
        wrong = (f"{stem}_final.{suffix}", f"{stem}.{'json' if suffix == 'csv' else 'csv'}")
        yield Statement(
            text="See `{0}` for the raw numbers.", parts=(("file", path),), others=(wrong,)
        )
    size = sum((folder.root / path).stat().st_size for path in folder.paths)
    yield Statement(
        text="The total file size is {0} bytes.",
        parts=(("number", f"{size:,}"),),
        others=((f"{size * 3:,}", f"{size // 2:,}"),),
    )
    stamp = next(path for path in folder.paths if "host_" in path).rpartition("host_")[2][:8]
    day = f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:8]}"
    yield Statement(
        text="The host file was recorded on {0}.", parts=(("date", day),),
        others=((f"{stamp[:4]}-{stamp[4:6]}-27", "2023-10-26", "2024-03-05"),),
    )  # fmt: skip
    _ = chance


def _count(text: str, number: int) -> Statement:
    return Statement(
        text=text,
        parts=(("number", str(number)),),
        others=((str(number + 3), str(number * 2 + 5)),),
    )


def invented_row(folder: Folder, chance: random.Random) -> tuple[str, str]:
    """A true table of the models' calls, and the same with a row that nobody measured."""
    lines = ["| Model | Mean decode rate (tok/s) | Mean TTFT (ms) |", "|---|---|---|"]
    for model in folder.models:
        runs = [run for run in folder.runs if run.model == model and "calls" in run.path]
        rate = statistics.fmean(run.tokens_s for run in runs)
        ttft = 1e3 * statistics.fmean(run.ttft_s for run in runs)
        lines.append(f"| {model} | {rate:.1f} | {ttft:.1f} |")
    model = chance.choice((folder.models[0], "newmodel:13b", "aya:8b"))
    row = f"| {model} | {chance.uniform(20, 400):.1f} | {chance.uniform(50, 900):.1f} |"
    return "\n".join(lines), "\n".join([*lines, row])
