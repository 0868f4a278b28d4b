"""Folders of made-up benchmark artifacts, for measuring how fast folders are read.

Of ten files six are CSVs of model calls, as sweeps write them; the others are JSON results,
Markdown write-ups and logs. Ten thousand files are about 92 MB. No two files are equal.
"""

import json
import random
from pathlib import Path
from typing import Final

PER_FOLDER: Final = 500
ROWS: Final = 110
_HEADER: Final = (
    "model,num_gpu,prompt_index,ttft_s,tokens_s,load_s,prompt_eval_s,eval_s,eval_count,error"
)
_MODELS: Final = ("gemma3:270m", "gemma3:1b-it-qat", "llama3.1:8b-instruct-q4_0", "qwen2.5:7b")


def make_folder(folder: Path, files: int) -> int:
    """Fill a new folder with `files` artifacts; gives their bytes."""
    chance = random.Random(files)
    calls = [_call(chance) for _ in range(5000)]
    size = 0
    for number in range(files):
        place = folder / "reports" / f"sweep{number // PER_FOLDER:04d}"
        if number % PER_FOLDER == 0:
            place.mkdir(parents=True)
        name, content = _artifact(number, calls, chance)
        size += (place / name).write_bytes(content)
    return size


def _artifact(number: int, calls: list[str], chance: random.Random) -> tuple[str, bytes]:
    kind = number % 10
    if kind < 6:
        return f"calls{number:06d}.csv", _calls_file(number, calls, chance)
    if kind < 8:
        return f"results{number:06d}.json", _results_file(number, chance)
    if kind == 8:
        return f"notes{number:06d}.md", _write_up(number)
    return f"run{number:06d}.log", f"run {number}\n".encode() + b"warming up, one more call\n" * 400


def _call(chance: random.Random) -> str:
    load, prompt = chance.uniform(0.05, 0.2), chance.uniform(0.005, 0.03)
    tokens, spent = chance.randrange(20, 300), chance.uniform(0.5, 5)
    return (
        f"{chance.choice(_MODELS)},{chance.choice((0, 40, 80, 999))},{chance.randrange(5)},"
        f"{load + prompt:.6f},{tokens / spent:.2f},{load:.6f},{prompt:.6f},{spent:.6f},{tokens},"
    )


def _calls_file(number: int, calls: list[str], chance: random.Random) -> bytes:
    own = f"gemma3:270m,80,0,{0.2 + number / 1e6:.6f},100.00,0.1,{0.1 + number / 1e6:.6f},1.00,100,"
    return "\n".join([_HEADER, own, *chance.choices(calls, k=ROWS - 1), ""]).encode()


def _results_file(number: int, chance: random.Random) -> bytes:
    results = [
        {
            "command": f"tool --threads {threads} --seed {number}",
            "mean": sum(times) / len(times),
            "times": times,
            "exit_codes": [0] * len(times),
            "parameters": {"threads": str(threads)},
        }
        for threads in (1, 2, 4, 8)
        for times in [[chance.uniform(1, 1.2) for _ in range(80)]]
    ]
    return json.dumps({"results": results}, indent=1).encode()


def _write_up(number: int) -> bytes:
    rows = "".join(f"| gemma3:270m | {80 + i} | {101.5 + i / 100:.2f} |\n" for i in range(50))
    prose = "The sweep ran on one machine; nothing else was running there.\n" * 120
    table = f"| Model | num_gpu | Mean TTFT (ms) |\n| --- | --- | --- |\n{rows}"
    return f"# Sweep {number}\n\n{prose}\n{table}".encode()
