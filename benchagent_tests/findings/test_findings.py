"""Each rule on data with its effect and without, under names, models and units of its own."""

import json
import math
import random
import re
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import NormalDist, fmean
from typing import Any

import pytest

from benchagent.bench.sweeps import build_option_sets
from benchagent.facts.derivations import derive_facts
from benchagent.facts.fact import Evidence, Fact
from benchagent.facts.ids import Values
from benchagent.facts.recomputing import recompute
from benchagent.findings.finding import Finding
from benchagent.findings.rules import RULES, find
from benchagent.pipeline.partition import FINDINGS
from benchagent.references import REFERENCE, cited, render_plain
from benchagent_tests.measured import (
    Row,
    a_failed_run,
    a_file,
    a_measurement,
    an_evidence,
    measured,
)
from benchagent_tests.paths import SHARED

Seen = Callable[[], Evidence]


def analyse(evidence: Evidence) -> tuple[tuple[Finding, ...], dict[str, Fact]]:
    facts = derive_facts(evidence)
    return find(facts), {fact.id: fact for fact in facts}


def told(evidence: Evidence, rule: str) -> list[str]:
    """The first wordings of a rule, with their figures."""
    findings, facts = analyse(evidence)
    return [render_plain(f.sentences[0], facts) for f in findings if f.rule == rule]


def noise(seed: int, n: int, mean: float, spread: float) -> list[float]:
    rng = random.Random(seed)
    return [round(rng.gauss(mean, spread), 6) for _ in range(n)]


def arms(
    option: str,
    levels: Sequence[object],
    means: Sequence[float],
    *,
    spread: float = 0.5,
    prompts: int = 4,
    rounds: int = 4,
    shuffled: bool = True,
    seed: int = 42,
    **columns: Any,
) -> list[Row]:
    """A sweep: every level with every prompt in every round, in shuffled order."""
    grid = [(i, p) for _ in range(rounds) for i in range(len(levels)) for p in range(prompts)]
    rng = random.Random(seed)
    rng.shuffle(grid) if shuffled else grid.sort(key=lambda cell: cell[0])
    return [
        a_measurement(
            round(means[i] + 3 * prompt + rng.gauss(0, spread), 6),
            row=row,
            config={option: levels[i], "prompt_index": prompt},
            **columns,
        )
        for row, (i, prompt) in enumerate(grid, 1)
    ]


def sent_and_completed(sent: float, completed: float, number: int = 1) -> list[Row]:
    return [
        a_measurement(
            value,
            metric=metric,
            unit="1",
            benchmark="serving",
            path=f"artifacts/{number}/load.json",
        )
        for metric, value in (("requests_sent", sent), ("requests_completed", completed))
    ]


def in_two_files(
    one: float,
    other: float,
    recorded: Sequence[dict[str, str]] = ({}, {}),
    *,
    n: int = 8,
    configs: Sequence[dict[str, object]] = ({}, {}),
    **columns: Any,
) -> Evidence:
    """The same runs in two files, about as fast as these."""
    return an_evidence(
        [
            row
            for at, mean in enumerate((one, other))
            for row in measured(
                noise(at, n, mean, 0.01 * mean),
                path=f"artifacts/{at}/calls.csv",
                environment=json.dumps(recorded[at]),
                config=configs[at],
                **columns,
            )
        ]
    )


def with_second_option(option: str, levels: Sequence[object]) -> list[Row]:
    """A sweep of threads at each value of another option, without an effect of either."""
    rows = arms("threads", [2, 4, 8], [50.0, 50.1, 50.0], subject="vit", rounds=6)
    chance = random.Random(3)
    for row in rows:
        level = chance.choice(levels)
        row["config"] = json.dumps({**json.loads(row["config"]), option: level})
    return rows


def calls(cold: Sequence[float], warm: Sequence[float], **columns: Any) -> list[Row]:
    """Cold calls, then warm ones."""
    return [
        a_measurement(value, row=row, phase=phase, **columns)
        for row, (value, phase) in enumerate(
            [*((v, "cold") for v in cold), *((v, "warm") for v in warm)], 1
        )
    ]


def once_each(levels: Sequence[float], **columns: Any) -> list[Row]:
    return [
        a_measurement(v, row=i, config={"batch": i, "beam": 2}, **columns)
        for i, v in enumerate(levels, 1)
    ]


def two_subjects(ratio: float, **columns: Any) -> Evidence:
    rows = [
        a_measurement(
            round(v * scale, 6), row=row, subject=subject, metric="latency",
            config={"prompt_index": row % 8}, benchmark="serving", **columns,
        )
        for subject, scale, seed in (("nova-3b", 1.0, 1), ("terra-9b", ratio, 2))
        for row, v in enumerate(noise(seed, 8, 40.0, 0.6), 1)
    ]  # fmt: skip
    return an_evidence(rows)


def cold_on(levels: Sequence[int]) -> Evidence:
    """Six calls at each of two values of top_k; the cold ones are the first at the levels given."""
    rows, row = [], 0
    for _ in range(3):
        for level in (20, 60):
            for place in range(2):
                row += 1
                cold = level in levels and place == 0
                rows.append(
                    a_measurement(
                        900.0 + row if cold else 30.0 + 0.1 * row, metric="ttft", row=row,
                        config={"top_k": level}, phase="cold" if cold else "warm",
                        subject="orca:3b", path="artifacts/k.csv",
                    )
                )  # fmt: skip
    return an_evidence(rows)


def in_order_of(
    values: Sequence[float], path: str = "artifacts/long.csv", metric: str = "latency"
) -> Evidence:
    return an_evidence(measured(values, metric=metric, path=path, subject="resnet"))


def once_with_perplexity() -> list[Row]:
    """Three quantisations, each timed once, with the perplexity of a text and its error."""
    rows = once_each([5.0, 6.0, 5.5], metric="decode_rate", subject="vit")
    for at in (1, 2, 3):
        shared: dict[str, Any] = {"row": at, "config": {"batch": at, "beam": 2}, "subject": "vit"}
        rows.append(a_measurement(9.0 + at, metric="perplexity", **shared))
        rows.append(a_measurement(0.5, metric="perplexity", statistic="stderr", **shared))
    return rows


def apart_in_each_prompt(ratio: float) -> Evidence:
    """Two subjects a little apart in each of eight prompts, which are far apart themselves."""
    rows = [
        a_measurement(
            round(10.0 * 3**prompt * scale, 6), row=prompt + 1, subject=subject, metric="latency",
            config={"prompt_index": prompt}, benchmark="serving",
        )
        for subject, scale in (("nova-3b", 1.0), ("terra-9b", ratio))
        for prompt in range(8)
    ]  # fmt: skip
    return an_evidence(rows)


def mostly_apart(ratio: float) -> list[Row]:
    """Two values of an option, one ahead by a ratio in four prompts of six and behind in two."""
    return [
        a_measurement(
            20.0 * (ratio if ahead == (level == 90) else 1.0) + prompt / 10,
            row=2 * prompt + place, subject="yi:6b",
            config={"top_k": level, "prompt_index": prompt},
        )
        for prompt, ahead in enumerate([True, True, True, True, False, False])
        for place, level in enumerate((10, 90), 1)
    ]  # fmt: skip


def summary(stated: float, kind: str) -> Evidence:
    raw = measured([7.5, 8.5, 9.5], metric="latency", path="csv_data/raw.csv", subject="bert")
    stated_row = a_measurement(
        stated, metric="latency", path="reports/said.md", subject="bert", statistic="mean",
        raw_value=f"{stated:.1f}", kind=kind, derived_from="csv_data/raw.csv",
    )  # fmt: skip
    return an_evidence([*raw, stated_row])


def listing(*files: Row, **more: Any) -> Evidence:
    return an_evidence(measured([1.0], path="reports/one.csv"), files=files, **more)


def described(**columns: Any) -> Evidence:
    """Numbers that say, or do not say, where and when they were measured."""
    full = {
        "environment": json.dumps({"gpu": "Arc B580", "server_version": "1.2"}),
        "measured_at": "2031-01-01T00:00:00Z",
        "time_basis": "utc",
    }
    return an_evidence(measured([1.0, 2.0], **{**full, **columns}))


def reported(
    mean: float, *, spread: float, n: int | None = 10, row: int = 1, **columns: Any
) -> list[Row]:
    """A mean as a tool reports it, with its spread and range."""
    low, high = columns.pop("range", (mean - spread, mean + spread))
    numbers = {"mean": mean, "stddev": spread, "min": low, "max": high}
    return [
        a_measurement(value, metric="latency", row=row, statistic=statistic, n=n, **columns)
        for statistic, value in numbers.items()
    ]


def bare(**means: float) -> Evidence:
    """Means of engines of which nobody told how many calls they are of, or how they spread."""
    rows = [
        a_measurement(mean, metric="latency", row=row, statistic="mean", config={"engine": engine})
        for row, (engine, mean) in enumerate(means.items(), 1)
    ]
    return an_evidence(rows)


def digest(*entries: tuple[str, float, float], moved: bool = True) -> Evidence:
    """A digest of rates and waits of engines, and the files that it was made from."""
    rows: list[Row] = []
    for row, (engine, rate, wait_s) in enumerate(entries, 1):
        named = {"config": {"engine": engine}, "subject": None, "row": row}
        rows += [
            a_measurement(rate, statistic="mean", **named),
            a_measurement(wait_s * 1000, metric="ttft", raw_value=f"{wait_s}", **named),
        ]
        # as a script writes it that takes columns by their place
        metrics = ("latency", "throughput") if moved else ("decode_rate", "prefill_rate")
        rows += [
            a_measurement(
                value, metric=metric, unit=unit, row=row, path="reports/digest.md", kind="claimed",
                subject=None, config={"label": engine}, raw_value=f"{value}0",
            )
            for metric, value, unit in zip(
                metrics, (rate, wait_s), ("ms" if moved else "tok/s", "tok/s"), strict=True
            )
        ]  # fmt: skip
    return an_evidence(rows)


def with_interval_alone(means: list[float]) -> Evidence:
    return an_evidence(
        [
            a_measurement(
                value, metric="ttft", statistic=statistic, row=row, config={"threads": row}
            )
            for row, mean in enumerate(means, 1)
            for statistic, value in {
                "mean_of_p99": mean, "ci_low_of_p99": mean - 1, "ci_high_of_p99": mean + 1,
            }.items()
        ]
    )  # fmt: skip


def variants(**factors: float) -> Evidence:
    """Engines of one file, each this many times as slow as the first one."""
    rows = [
        row
        for place, (engine, factor) in enumerate(factors.items(), 1)
        for row in reported(
            20.0 * factor, spread=1.0 * factor, row=place, subject="whisper", benchmark="speech",
            path="artifacts/asr.json", config={"engine": engine.replace("_", "-"), "beam": 4},
        )
    ]  # fmt: skip
    return an_evidence(rows)


def placed(*used: str | None, told_in: str = "config") -> Evidence:
    """A baseline and a slower engine, labelled as on the GPU, and the providers they recorded."""
    rows: list[Row] = []
    for row, (engine, provider) in enumerate(zip(("eager", "onnx"), used, strict=True), 1):
        said: dict[str, dict[str, str]] = {"config": {}, "environment": {}}
        said[told_in] = {"providers": provider} if provider else {}
        rows += reported(
            20.0 * row, spread=1.0, row=row, subject="whisper",
            config={"engine": engine, "device": "cuda", **said["config"]},
            environment=json.dumps(said["environment"]),
        )  # fmt: skip
    return an_evidence(rows)


def on_two_devices(used: str, **columns: Any) -> Evidence:
    """Eight runs each labelled `cpu` and `metal`, the latter faster, and what those used."""
    rows = [
        a_measurement(
            {"cpu": 40.0, "metal": 30.0}[device] + turn / 10, metric="latency",
            row=2 * turn + place, repetition=turn, config={"device": device}, subject="vit",
            environment=json.dumps({"placement": used if device == "metal" else "cpu"}),
            **columns,
        )
        for turn in range(8)
        for place, device in enumerate(("cpu", "metal"), 1)
    ]  # fmt: skip
    return an_evidence(rows)


def on_device(asked: str, used: str) -> Evidence:
    config = {"accelerator": asked, "execution_provider": used}
    return an_evidence(measured([3.0, 4.0], config=config, subject="yolo", path="artifacts/d.csv"))


def loaded(cold_of_first: int, cold_of_second: int) -> Evidence:
    """Six calls each of two subjects of one file, the first ones cold."""
    rows = [
        a_measurement(
            4000.0 if place < cold else 50.0 + place, metric="ttft", row=first + place,
            subject=subject, phase="cold" if place < cold else "warm", path="artifacts/two.csv",
        )
        for subject, cold, first in (("puma:2b", cold_of_first, 1), ("lynx:2b", cold_of_second, 9))
        for place in range(6)
    ]  # fmt: skip
    return an_evidence(rows)


def failing(failed_of: dict[int, set[int]], *, in_turn: bool = True) -> Evidence:
    """Ten runs at each of two batch sizes, in turn or one size first; some of each failed."""
    rows: list[Row] = []
    failed: list[Row] = []
    for place in range(20):
        size, run = (place % 2, place // 2) if in_turn else divmod(place, 10)
        batch = (8, 64)[size]
        columns: dict[str, Any] = {"config": {"batch": batch}, "path": "csv_data/b.csv"}
        if run in failed_of[batch]:
            failed.append(a_failed_run("out of memory", row=place + 1, **columns))
        else:
            rows.append(a_measurement(9.0 + place, metric="latency", row=place + 1, **columns))
    return an_evidence(rows, failed=failed)


def write_up(stated: float, others: int = 4) -> Evidence:
    """A table about engines of one file, in which one number may be wrong."""
    rows: list[Row] = []
    for place in range(others + 1):
        columns: dict[str, Any] = {
            "subject": "resnet", "row": place + 1, "config": {"engine": f"e{place}"},
        }  # fmt: skip
        mean, said = 10.0 + place, 10.0 + place if place else stated
        rows += reported(mean, spread=0.5, path="artifacts/e.json", **columns)
        rows.append(
            a_measurement(said, path="reports/e.md", statistic="mean", kind="claimed",
                          raw_value=f"{said:.1f} ms", metric="latency", **columns)
        )  # fmt: skip
    return an_evidence(rows)


def told_in_two(digits: int, nameless: str = "") -> Evidence:
    """The latencies of a log, and of a sheet with so many decimals made from it.

    The one that ends in `nameless` does not say of whom they are.
    """
    values = [31.41592, 27.18281, 16.18033, 14.14213]
    sheet = [round(value, digits) for value in values]
    told: dict[str, list[float]] = {"artifacts/log.json": values, "csv_data/sheet.csv": sheet}
    return an_evidence(
        [
            row
            for path, numbers in told.items()
            for row in measured(
                numbers,
                metric="latency",
                path=path,
                subject=None if nameless and path.endswith(nameless) else "vgg",
            )
        ]
    )


def averaged(*shares: float) -> Evidence:
    """Latencies of three batches, and a sheet with shares of the largest; of 0.5, with the mean."""
    runs = {1: [31.4, 27.2, 36.5], 2: [54.1, 50.3, 59.0], 4: [99.1, 90.7, 94.6]}
    rows: list[dict[str, Any]] = []
    for at, (batch, values) in enumerate(runs.items()):
        alike: dict[str, Any] = {
            "metric": "latency",
            "config": {"batch": batch},
            "subject": "vgg",
            "first_row": 3 * at + 1,
        }
        rows += measured(values, path="reports/loops.csv", **alike)
        told = [fmean(values) if share == 0.5 else max(values) * share for share in shares]
        rows += measured(told, path="csv_data/sheet.csv", **alike)
    return an_evidence(rows)


STEADY = noise(8, 30, 20.0, 1.0)


def asked_in_turn(values: Sequence[float], prompts: int) -> Evidence:
    """So many prompts, one after the other, each as often as the others, 9 ms apart."""
    each = len(values) // prompts
    return an_evidence(
        [
            a_measurement(
                value + 9 * ((at // each) % 2), row=at + 1, metric="latency", subject="resnet",
                config={"prompt_index": at // each},
            )
            for at, value in enumerate(values)
        ]
    )  # fmt: skip


def on_machines(*hosts: str) -> Evidence:
    return an_evidence(
        [
            row
            for place, host in enumerate(hosts)
            for row in measured(
                [40.0 + i for i in range(3)],
                subject=f"crane:{place}b",
                path=f"artifacts/{place}.csv",
                environment=f'{{"host":"{host}"}}',
            )
        ]
    )


def with_slow_ones(times: float, *slow: int, metric: str = "ttft") -> Evidence:
    """Thirty calls of one prompt, some of them so many times as slow as the others."""
    return an_evidence(
        [
            a_measurement(
                value * (times if at in slow else 1.0),
                metric=metric, row=at + 1, path="artifacts/w.csv", subject="plover:3b",
            )
            for at, value in enumerate(STEADY)
        ]
    )  # fmt: skip


def skewed() -> Evidence:
    """Times whose mean lies far above the median, whatever the three slowest took."""
    return an_evidence(
        measured(
            [10.0 * math.exp(0.6 * NormalDist().inv_cdf((at + 0.5) / 300)) for at in range(300)],
            metric="ttft",
            subject="plover:3b",
        )
    )


def of_two_lengths() -> Evidence:
    """Three prompts of ten that take six times as long, each asked ten times."""
    return an_evidence(
        [
            a_measurement(
                value * (6.0 if prompt > 7 else 1.0),
                metric="ttft", row=10 * at + prompt + 1, subject="plover:3b",
                config={"prompt_index": prompt},
            )
            for prompt in range(10)
            for at, value in enumerate(noise(prompt, 10, 20.0, 1.0))
        ]
    )  # fmt: skip


FOUND: list[tuple[str, Seen, str]] = [
    (
        "slow-tail",
        lambda: with_slow_ones(7.0, 3, 14, 25),
        (
            r"^The time to first token of `plover:3b` in `llm-call` has a slow tail: 3 runs out of 30 "
            r"runs took far longer than the median of their prompt and settings, up to 1\d\d ms, so "
            r"that on average a call took 1\.\d+ times that median\.$"
        ),
    ),
    (
        "machines-apart",
        lambda: on_machines("mill", "barn"),
        r"^Never run alike on one machine in `llm-call`: `crane:0b` and `crane:1b` \(6 runs\); what sets them",
    ),
    (
        "averages-as-runs",
        lambda: averaged(0.5),
        (
            r"^1 file \(`csv_data/sheet.csv`\) held the means or medians of the runs in 1 file "
            r"\(`reports/loops.csv`\); only the runs are counted\.$"
        ),
    ),
    (
        "near-duplicates",
        lambda: told_in_two(1),
        (
            r"^1 file \(`csv_data/sheet.csv`\) repeated the numbers of 1 file "
            r"\(`artifacts/log.json`\) with fewer digits"
        ),
    ),
    (
        "slower-than-baseline",
        lambda: variants(baseline=1.0, fused=1.4),
        (
            r"^`engine=fused` had a clearly higher latency than its baseline `engine=baseline` in "
            r"`artifacts/asr.json`: a mean latency of 28\.0 ms for `whisper` against 20\.0 ms, "
            r"1\.40 \(interval 1\.34 to 1\.47\) times as slow\.$"
        ),
    ),
    # both of them on the CPU in spite of their label
    (
        "slower-than-baseline",
        lambda: placed("CPUExecutionProvider", "CPUExecutionProvider"),
        r"`engine=onnx` had a clearly higher latency than its baseline `engine=",
    ),
    (
        "faster-than-baseline",
        lambda: variants(vanilla=1.0, fused=0.5),
        r"`engine=fused` had a clearly lower latency than its baseline .*: .*2\.00 \(interval",
    ),
    # a twelfth, which its spread and size tell from chance
    (
        "slower-than-baseline",
        lambda: variants(baseline=1.0, fused=1.08),
        r"^`engine=fused` had a clearly higher latency .*1\.08 \(interval 1\.03 to 1\.13\)",
    ),
    # told as clear by its size alone
    (
        "faster-than-baseline",
        lambda: bare(baseline=20.0, fused=15.0),
        r"lower latency than its baseline .*1\.33",
    ),
    (
        "scattered-mean",
        lambda: an_evidence(
            reported(9.0, spread=27.0, range=(0.1, 90.0), subject="gemm", config={"tile": 8})
        ),
        (
            r"^The reported mean latency of `gemm` with `tile=8` is 9\.00 ms, with a standard "
            r"deviation of 27\.0 ms and values from 0\.100 ms to 90\.0 ms"
        ),
    ),
    (
        "device-label",
        lambda: on_device("rocm:0", "CPUExecutionProvider"),
        r"^2 runs labelled `accelerator=rocm:0` recorded `execution_provider=CPUExecutionProvider`",
    ),
    (
        "cold-share",
        lambda: loaded(2, 0),
        (
            r"^In `artifacts/two.csv`, `puma:2b` had a mean time to first token of .* over all calls and "
            r"`lynx:2b` one of .*: `puma:2b` had 2 cold calls, `lynx:2b` none\.$"
        ),
    ),
    (
        "failure-rates",
        lambda: failing({8: set(), 64: set(range(0, 10, 1)) - {4}}),
        (
            r"^In `csv_data/b.csv`, with `batch=64`, 9 runs failed and 1 run gave numbers; of the "
            r"others, 0 runs failed and 10 runs gave numbers \(p = 0\.000\d+ after Holm\)\.$"
        ),
    ),
    (
        "statement-disagrees",
        lambda: write_up(7.7),
        (
            r"disagreed with the raw rows in 1 number and agreed in 4 numbers; furthest off, it stated "
            r"7\.70 ms for the mean latency of `resnet` with `engine=e0`, where `artifacts/e.json` "
            r"gives 10\.0 ms"
        ),
    ),
    (
        "failed-runs",
        lambda: an_evidence(
            measured([1.0, 2.0], subject="yi:6b"),
            failed=[
                a_failed_run("out of memory", row=3, subject="yi:6b"),
                a_failed_run("out of memory", row=4, subject="yi:6b"),
                a_failed_run("HTTP 500", row=5, subject="yi:6b"),
            ],
        ),
        r"^3 runs failed, beside 2 runs that gave measurements; .*`out of memory` \(2 runs\)\.$",
    ),
    (
        "failures-as-results",
        lambda: an_evidence([], failed=[a_failed_run("device lost", recorded_as="zero")]),
        r"^1 runs? failed and yet stood in the files with results of zero \(`reports/runs.csv`\)",
    ),
    (
        "failures-as-results",
        lambda: an_evidence([], failed=[a_failed_run("Error: no route", recorded_as="result")]),
        r"^1 runs? failed and yet stood in the files as successful",
    ),
    (
        "statement-disagrees",
        lambda: summary(9.9, "derived"),
        r"stated 9\.90 ms for the mean latency of `bert`, where `csv_data/raw.csv` gives 8\.50 ms",
    ),
    (
        "statement-disagrees",
        lambda: summary(7.1, "claimed"),
        r"^The write-up `reports/said.md` disagreed",
    ),
    (
        "cold-start",
        lambda: an_evidence(
            calls([8000.0, 9000.0], [50.0, 55, 60, 52], metric="ttft", subject="qwen:4b")
        ),
        r"was 2\.87 s over all 6 calls and 54\.2 ms over the warm ones: 2 cold calls",
    ),
    (
        "cold-start",
        lambda: an_evidence(calls([210.0], [50.0, 55, 60, 52], metric="ttft", subject="qwen:4b")),
        r"was 85\.4 ms over all 5 calls and 54\.2 ms over the warm ones: the only cold call took 210 ms",
    ),
    (
        "slow-tail",
        lambda: an_evidence(measured([*noise(4, 20, 50.0, 1.0), 900.0], metric="ttft")),
        r"has a slow tail: 1 run out of 21 runs took far longer .*, up to 900 ms, so that on average",
    ),
    (
        "lost-requests",
        lambda: an_evidence([*sent_and_completed(80, 57), *sent_and_completed(90, 88, 2)]),
        (
            r"^Only a part of the requests completed: 80 requests sent and 57 requests completed in "
            r"`artifacts/1/load.json` and 90 requests sent and 88 requests completed in `artifacts/2/load.json`; "
        ),
    ),
    # a digest that repeats a run of round numbers beside one that is told by its digits
    (
        "runs-told-twice",
        lambda: an_evidence(
            [
                a_measurement(value, metric=metric, path=path, row=row, subject="vit")
                for path in ("artifacts/a.csv", "artifacts/a.json")
                for row, numbers in enumerate([(12.34567, 76.54321), (12.5, 76.0)], 1)
                for metric, value in zip(("latency", "ttft"), numbers, strict=True)
            ]
        ),
        r"^2 runs stood in a second file .*`artifacts/a.json`",
    ),
    (
        "inventory",
        lambda: an_evidence(files=[a_file("reports/note.txt")]),
        r"^The snapshot held 1 file \(.*\) and no run told in numbers; ",
    ),
    (
        "repeated-runs",
        lambda: an_evidence(
            [
                *measured(noise(1, 6, 31.0, 2.0), path="csv_data/again.csv"),
                *measured(noise(1, 6, 31.0, 2.0), path="csv_data/again.csv", first_row=7),
                *measured(noise(2, 3, 31.0, 2.0), path="csv_data/again.csv", first_row=13),
            ]
        ),
        (
            r"^Digit for digit and in the same order, 6 runs of `csv_data/again.csv` repeated earlier "
            "ones of the same file; each run is counted once"
        ),
    ),
    (
        "files-apart",
        lambda: in_two_files(40.0, 30.0, [{"build": "7c1"}, {"build": "9d4"}]),
        (
            r"^The decode rate of `tiny:1b` differed between files by more than between the runs of "
            r"one file: medians of 39\.8 tok/s in `artifacts/0/calls.csv` \(`build=7c1`\) against "
            r"29\.9 tok/s in `artifacts/1/calls.csv` \(`build=9d4`\) \(over 16 runs .*, p = 0\.\d+ after "
            r"Holm\); what tells the files apart is recorded, but not as a setting, so "
        ),
    ),
    # a limit that no column tells, told by the file's name alone
    (
        "files-apart",
        lambda: in_two_files(900.0, 240.0, metric="total_time", benchmark="llm-sweep"),
        (
            r"medians of 897 ms in `artifacts/0/calls.csv` against 239 ms in `artifacts/1/calls.csv`"
            r".*; no recorded setting tells the files apart, so "
        ),
    ),
    # a container's name is another one at each start
    (
        "files-apart",
        lambda: in_two_files(40.0, 30.0, [{"node": "3f2b8c1d9e0a"}, {"node": "5a6c7d8e9f01"}]),
        r"tok/s in `artifacts/1/calls.csv` \(over 16 runs .*; no recorded setting tells the files apart, so ",
    ),
    (
        "drift",
        lambda: in_order_of([20.0 + i for i in range(10)]),
        r"^The latency of `resnet` rose along the 10 runs of `artifacts/long.csv`",
    ),
    (
        "best-within-noise",
        lambda: an_evidence(once_each([5.0, 6.0, 5.5], metric="latency", subject="vit")),
        r"^`batch=1` had the lowest latency of `vit` among 3 configurations .* no ranking is supp",
    ),
    (
        "best-within-noise",
        lambda: an_evidence(with_second_option("top_k", [10, 40])),
        r"among 6 configurations in `llm-call`, .* but was not set apart from `threads=",
    ),
    (
        "best-configuration",
        lambda: an_evidence(
            arms("threads", [2, 4, 8], [50.0, 70.0, 60.0], subject="vit", rounds=5)
        ),
        r"^`threads=4` had the highest decode rate of `vit` among 3 configurations",
    ),
    ("inventory", lambda: listing(a_file("reports/one.csv", n_measurements=1)), r"held 1 file"),
    (
        "subjects-compared",
        lambda: two_subjects(1.4),
        r"^`nova-3b` had a lower latency than `terra-9b`: .* over 16 runs in `serving` alike in",
    ),
    (
        "option-effect",
        lambda: an_evidence(arms("top_k", [10, 90], [30.0, 36.0], subject="yi:6b")),
        r"^The decode rate of `yi:6b` differed with `top_k`: .* at `top_k=90` against .*`top_k=10`",
    ),
    (
        "no-option-effect",
        lambda: an_evidence(arms("top_k", [10, 90], [30.0, 30.0], subject="yi:6b")),
        r"^`top_k` made no clear difference to the decode rate of `yi:6b` once",
    ),
    (
        "duplicates",
        lambda: listing(
            a_file("reports/one.csv", n_measurements=1),
            a_file("artifacts/copy.csv", duplicate_of="reports/one.csv"),
        ),
        r"^Out of 2 files, 1 files? repeated another one .*: `artifacts/copy.csv`\.$",
    ),
    (
        "drift",
        lambda: in_order_of([20.0 + i + (i % 3) for i in range(30)]),
        r"^The latency of `resnet` rose along the 30 runs of `artifacts/long.csv`",
    ),
    # it throttled for a while and recovered
    (
        "drift",
        lambda: in_order_of([v + (8.0 if 10 <= at < 20 else 0.0) for at, v in enumerate(STEADY)]),
        (
            r"^The latency of `resnet` followed that of the run before along the 30 runs of "
            r"`artifacts/long.csv` \(rank correlation 0\.\d+, p = [^)]* after Holm\), with medians of "
            r"20\.\d ms in the first third, 2[78]\.\d ms in the second third and (19|20)\.\d ms in the last "
        ),
    ),
    (
        "cold-on-one-setting",
        lambda: cold_on([20]),
        r"^All cold calls fell on `top_k=20` \(3 calls in `artifacts/k.csv`\)",
    ),
    (
        "missing-telemetry",
        lambda: described(environment="{}", measured_at=None, time_basis=None),
        r"^No file with measurements \(1 file\) recorded the machine, a version of what ran or a time\.",
    ),
    (
        "missing-root",
        lambda: listing(a_file("reports/one.csv"), missing_roots=("csv_data",)),
        r"^The root `csv_data` was missing",
    ),
    (
        "run-order",
        lambda: an_evidence(arms("threads", [2, 4], [1.0, 1.0], shuffled=False, subject="vit")),
        r"^`threads` was changed only in blocks of successive runs \(32 runs in `reports/runs.csv`",
    ),
    (
        "option-effect",
        lambda: on_two_devices("metal"),
        r"medians of 30\.\d ms at `device=metal` against 40\.\d ms at `device=cpu`",
    ),
    (
        "misplaced-numbers",
        lambda: digest(("fused", 46.57, 2.008), ("plain", 65.18, 1.354)),
        (
            r"^4 numbers of `reports/digest.md` stand under the name of another column; "
            r"`reports/digest.md` has 46.6 ms as latency of `fused`, the digits that "
            r"`reports/runs.csv` has as mean decode rate: 46.6 tok/s\.$"
        ),
    ),
    (
        "best-within-noise",
        lambda: an_evidence(
            [
                *once_each([5.0, 6.0, 5.5], metric="latency", path="artifacts/a.csv"),
                *measured([4.0], metric="latency", path="artifacts/b.csv", config={"beam": 2}),
            ]
        ),
        r"among 3 configurations of `artifacts/a.csv` in",
    ),
    (
        "single-repetitions",
        lambda: an_evidence(once_each([5.0, 6.0, 5.5], metric="latency", subject="vit")),
        r"^3 runs, all there are, had no repetition",
    ),
    # the error of its perplexity says nothing of how often its rate was timed
    (
        "single-repetitions",
        lambda: an_evidence(once_with_perplexity()),
        r"^3 runs, all there are, had",
    ),
    (
        "subjects-compared",
        lambda: apart_in_each_prompt(1.05),
        r"medians of 540 ms and 567 ms, a ratio of 0\.952, over 16 runs",
    ),
    (
        "no-option-effect",
        lambda: an_evidence(mostly_apart(1.2)),
        r"^`top_k` made no clear difference",
    ),
    (
        "runs-told-twice",
        lambda: an_evidence(
            [
                row
                for path in ("artifacts/a.csv", "artifacts/a.json")
                for row in (
                    a_measurement(12.34567, metric="latency", path=path, subject="vit"),
                    a_measurement(76.54321, metric="ttft", path=path, subject="vit"),
                )
            ]
        ),
        r"^1 runs? stood in a second file .*`artifacts/a.json`",
    ),
    (
        "unreadable",
        lambda: listing(
            a_file("reports/one.csv"),
            a_file(
                "reports/bad.json", reason_code="unreadable", reason="line 3: not valid JSON: Oh"
            ),
        ),
        r"^1 files? could not be read: `reports/bad.json` \(`line 3: not valid JSON",
    ),
    (
        "misnamed",
        lambda: listing(a_file("reports/one.csv", content="binary", reason_code="binary")),
        r"^1 files? held something else than the name says: `reports/one.csv`",
    ),
    (
        "unknown-model",
        lambda: described(subject=None),
        r"^1 file with measurements, the only one, did not say what was measured",
    ),
    (
        "unknown-model",
        lambda: described(subject_from="file-name"),
        r"named what was measured only in the file or folder name",
    ),
    (
        "unknown-format",
        lambda: listing(
            a_file("reports/one.csv"),
            a_file("artifacts/x.json", reason_code="unknown-format", reason="nobody knows it"),
        ),
        r"^Out of 2 files, 1 files? had no known format.*`artifacts/x.json`\.$",
    ),
    (
        "naive-times",
        lambda: described(measured_at="2031-01-01T00:00:00", time_basis="naive"),
        r"gave times without a zone",
    ),
    (
        "name-collisions",
        lambda: listing(a_file("reports/One.csv"), a_file("reports/one.csv")),
        r"^The names of 2 files differed only in case",
    ),
    ("statement-agrees", lambda: summary(8.5, "derived"), r"1 numbers? of `reports/said.md` agr"),
]

SILENT: list[tuple[str, Seen]] = [
    # some other number of each batch, the mean beside one, and the largest
    ("slow-tail", lambda: with_slow_ones(1.0)),
    # one is an accident, a third is no tail, and a longer prompt takes longer
    ("slow-tail", lambda: with_slow_ones(7.0, 14)),
    ("slow-tail", lambda: with_slow_ones(7.0, *range(0, 30, 3))),
    ("slow-tail", of_two_lengths),
    # the few slowest of many do not make the mean, which is above the median without them
    ("slow-tail", skewed),
    # a rate has no tail to the right
    ("slow-tail", lambda: with_slow_ones(7.0, 3, 14, 25, metric="decode_rate")),
    ("machines-apart", lambda: on_machines("mill", "mill")),
    ("averages-as-runs", lambda: averaged(0.9)),
    ("averages-as-runs", lambda: averaged(0.5, 0.9)),
    ("averages-as-runs", lambda: averaged(1.0)),
    (
        "near-duplicates",
        lambda: an_evidence(
            [
                *measured([31.41592, 27.18281, 16.18033], metric="latency", path="a.json"),
                *measured([31.4, 27.3, 16.2], metric="latency", path="b.csv"),
            ]
        ),
    ),
    # two digits are shared by chance
    ("near-duplicates", lambda: told_in_two(0)),
    ("near-duplicates", lambda: told_in_two(0, nameless=".json")),
    ("slower-than-baseline", lambda: variants(baseline=1.0, fused=1.01)),
    # how many times more than nothing, nobody can say
    ("slower-than-baseline", lambda: variants(baseline=0.0, fused=1.4)),
    # which ran on the CPU, and the baseline on the GPU: devices, not engines
    ("slower-than-baseline", lambda: placed(None, "CPUExecutionProvider")),
    ("slower-than-baseline", lambda: placed(None, "cpu", told_in="environment")),
    # one number of a column may be like another by chance, and so may two digits
    ("misplaced-numbers", lambda: digest(("fused", 46.57, 2.008))),
    ("misplaced-numbers", lambda: digest(("fused", 46.0, 2.1), ("plain", 65.0, 1.3))),
    # the rates stand where they belong
    (
        "misplaced-numbers",
        lambda: digest(("fused", 46.57, 2.0), ("plain", 65.18, 1.3), moved=False),
    ),
    # both are runs on the CPU, whatever the label says
    ("option-effect", lambda: on_two_devices("100% CPU")),
    # one option, which is told as one
    ("best-configuration", lambda: on_two_devices("metal")),
    # nobody says which of them is the baseline
    ("slower-than-baseline", lambda: variants(plain=1.0, fused=1.4)),
    ("faster-than-baseline", lambda: variants(baseline=1.0, fused=0.99)),
    ("faster-than-baseline", lambda: bare(baseline=20.0, fused=17.0)),
    # a baseline whose mean a slow call makes is no yardstick
    (
        "faster-than-baseline",
        lambda: an_evidence(
            [
                *reported(9.0, spread=27.0, config={"variant": "baseline_gelu"}),
                *reported(0.5, spread=0.1, config={"variant": "fused_gelu"}, row=2),
            ]
        ),
    ),
    ("scattered-mean", lambda: an_evidence(reported(9.0, spread=1.0, subject="gemm"))),
    ("device-label", lambda: on_device("rocm:0", "ROCMExecutionProvider,CPUExecutionProvider")),
    ("device-label", lambda: on_device("cpu", "CPUExecutionProvider")),
    ("cold-share", lambda: loaded(1, 1)),
    ("cold-share", lambda: loaded(0, 0)),
    ("failure-rates", lambda: failing({8: {3}, 64: {2, 7}})),
    ("failure-rates", lambda: failing({8: set(), 64: set()})),
    ("statement-disagrees", lambda: write_up(10.0)),
    # a write-up of which nothing is borne out may be about other runs
    ("statement-disagrees", lambda: write_up(7.7, others=0)),
    ("failed-runs", lambda: an_evidence(measured([1.0, 2.0]))),
    ("failures-as-results", lambda: an_evidence([], failed=[a_failed_run("HTTP 500")])),
    ("statement-disagrees", lambda: summary(8.5, "derived")),
    ("statement-disagrees", lambda: summary(8.5, "claimed")),
    # a mean that a load lifts by two fifths
    ("cold-start", lambda: an_evidence(calls([160.0], [50.0, 55, 60, 52], metric="ttft"))),
    ("lost-requests", lambda: an_evidence(measured([80.0], metric="requests_sent", unit="1"))),
    # two runs may come out alike, and few digits always do
    ("repeated-runs", lambda: an_evidence(measured([31.207, 30.118, 31.207, 30.118, 29.5]))),
    ("repeated-runs", lambda: an_evidence(measured([31.0, 30.0, 32.0] * 4))),
    # so do a few values of many digits that a simulation gives in turn
    ("repeated-runs", lambda: an_evidence(measured([31.207, 30.118] * 9))),
    # the same numbers of something else
    (
        "repeated-runs",
        lambda: an_evidence(
            [
                *measured(noise(1, 6, 31.0, 2.0)),
                *measured(noise(1, 6, 31.0, 2.0), first_row=7, config={"top_k": 10}),
            ]
        ),
    ),
    ("files-apart", lambda: in_two_files(30.0, 30.0)),
    # of a series of files nobody is told the two that are furthest apart
    (
        "files-apart",
        lambda: an_evidence(
            [
                row
                for at in range(13)
                for row in measured(noise(at, 8, 30.0 + at, 0.1), path=f"artifacts/{at}/calls.csv")
            ]
        ),
    ),
    # four runs are too few to tell what is usual for a file
    ("files-apart", lambda: in_two_files(40.0, 30.0, n=4)),
    # clear, and too little to matter
    ("files-apart", lambda: in_two_files(40.0, 41.2, n=40)),
    # the machine tells them apart
    ("files-apart", lambda: in_two_files(40.0, 30.0, [{"host": "a1"}, {"host": "b2"}])),
    # a setting tells them apart
    ("files-apart", lambda: in_two_files(40.0, 30.0, configs=[{"top_k": 10}, {"top_k": 40}])),
    # nine runs are too few to tell
    ("drift", lambda: in_order_of([20.0 + i for i in range(9)])),
    # warm calls that vary, and a load that costs little
    ("cold-start", lambda: an_evidence(calls([70.0], [50.0, 55, 60, 52], metric="ttft"))),
    # a rate is not a wait: a mean that cold calls lift says nothing
    ("cold-start", lambda: an_evidence(calls([900.0, 900], [50.0, 55, 60, 52]))),
    (
        "best-within-noise",
        lambda: an_evidence(
            arms("threads", [2, 4, 8], [50.0, 70.0, 60.0], subject="vit", rounds=5)
        ),
    ),
    ("best-within-noise", lambda: an_evidence(measured([1.0, 2.0, 3.0], config={"threads": 2}))),
    # one option, of which it is told that it makes no difference
    (
        "best-within-noise",
        lambda: an_evidence(arms("threads", [2, 4, 8], [50.0, 50.1, 50.0], subject="vit")),
    ),
    # one option, whose best value is told as the best configuration
    (
        "option-effect",
        lambda: an_evidence(
            arms("threads", [2, 4, 8], [50.0, 70.0, 60.0], subject="vit", rounds=5)
        ),
    ),
    (
        "best-configuration",
        lambda: an_evidence(arms("threads", [2, 4, 8], [50.0, 50.1, 50.0], subject="vit")),
    ),
    ("inventory", lambda: an_evidence()),
    ("option-effect", lambda: an_evidence(arms("top_k", [10, 90], [30.0, 30.0]))),
    ("no-option-effect", lambda: an_evidence(arms("top_k", [10, 90], [30.0, 36.0]))),
    # too few runs to tell either way
    (
        "no-option-effect",
        lambda: an_evidence(arms("top_k", [10, 90], [30.0, 30.0], prompts=1, rounds=2)),
    ),
    ("duplicates", lambda: listing(a_file("reports/one.csv"), a_file("reports/two.csv"))),
    ("drift", lambda: in_order_of(STEADY)),
    # slow for a while, by less than anybody minds
    (
        "drift",
        lambda: in_order_of(
            [100 + v / 20 + (2.0 if 10 <= at < 20 else 0.0) for at, v in enumerate(STEADY)]
        ),
    ),
    # a ladder of settings that was climbed once rises with them
    (
        "drift",
        lambda: an_evidence(
            [
                a_measurement(
                    100 + 20.0 * (at // 5) + (0.3, -0.2, 0.1, -0.3, 0.2)[at % 5],
                    row=at + 1,
                    metric="throughput",
                    config={"batch_size": 2 ** (at // 5)},
                )
                for at in range(20)
            ]
        ),
    ),
    # prompts that come in stretches are no drift
    ("drift", lambda: asked_in_turn(STEADY, prompts=5)),
    # memory follows what is loaded, and a size is what it is
    ("drift", lambda: in_order_of([20.0 + i + (i % 3) for i in range(30)], metric="vram")),
    ("best-within-noise", lambda: an_evidence(once_each([5e9, 6e9, 5.5e9], metric="model_size"))),
    # too little to tell, and too far apart to call it nothing
    ("no-option-effect", lambda: an_evidence(mostly_apart(3.0))),
    ("cold-on-one-setting", lambda: cold_on([20, 60])),
    ("missing-telemetry", described),
    ("missing-root", lambda: listing(a_file("reports/one.csv"))),
    ("run-order", lambda: an_evidence(arms("threads", [2, 4], [1.0, 1.0], subject="vit"))),
    ("single-repetitions", lambda: an_evidence(measured([5.0, 6.0, 5.5], config={"a": 1}))),
    # once each, and each over ten timed repetitions whose spread it tells
    ("single-repetitions", lambda: variants(baseline=1.0, fused=1.4, folded=1.2)),
    # of its repetitions a tool gives the mean and the interval alone
    ("single-repetitions", lambda: with_interval_alone([5.0, 6.0])),
    (
        "runs-told-twice",
        lambda: an_evidence(
            [
                *measured(noise(1, 4, 9.0, 1.0), path="artifacts/a.csv", subject="vit"),
                *measured(noise(2, 4, 9.0, 1.0), path="artifacts/a.json", subject="vit"),
            ]
        ),
    ),
    (
        "unreadable",
        lambda: listing(a_file("reports/one.csv", reason_code="empty", reason="empty file")),
    ),
    ("misnamed", lambda: listing(a_file("reports/one.csv"), a_file("reports/x.bin"))),
    ("unknown-model", described),
    ("unknown-format", lambda: listing(a_file("reports/one.csv"))),
    ("naive-times", described),
    ("name-collisions", lambda: listing(a_file("reports/one.csv"), a_file("csv_data/one.csv"))),
    ("statement-agrees", lambda: summary(9.9, "derived")),
]


@pytest.mark.parametrize(
    ("rule", "seen", "said"), FOUND, ids=[f"{rule}-{i}" for i, (rule, *_) in enumerate(FOUND)]
)
def test_a_rule_finds_its_effect_and_says_it(rule: str, seen: Seen, said: str):
    sentences = told(seen(), rule)
    assert sentences, f"{rule} found nothing"
    assert any(re.search(said, sentence) for sentence in sentences), sentences


@pytest.mark.parametrize(
    ("rule", "seen"), SILENT, ids=[f"{rule}-{i}" for i, (rule, _) in enumerate(SILENT)]
)
def test_a_rule_is_silent_where_its_effect_is_absent(rule: str, seen: Seen):
    assert told(seen(), rule) == []


@pytest.mark.parametrize(
    ("failed", "in_turn", "at_one_moment"),
    [
        ({2, 3, 4, 5, 6, 7, 8, 9}, False, True),
        ({0, 1, 2, 3, 5, 6, 7, 8, 9}, False, False),
        ({2, 3, 4, 5, 6, 7, 8, 9}, True, False),
    ],
)
def test_runs_that_failed_one_right_after_the_other_may_share_a_moment(
    failed: set[int], in_turn: bool, at_one_moment: bool
):
    sentences = told(failing({8: set(), 64: failed}, in_turn=in_turn), "failure-rates")
    assert sentences
    for said in sentences:
        assert ("they failed one right after the other" in said) == at_one_moment


def test_failures_under_two_options_that_were_changed_together_are_told_once():
    ways = [{"batch": 8, "beams": 1}, {"batch": 64, "beams": 4}]
    rows = measured(noise(1, 10, 9.0, 0.2), config=ways[0])
    failed = [a_failed_run("out of memory", row=row, config=ways[1]) for row in range(11, 21)]
    [sentence] = told(an_evidence(rows, failed=failed), "failure-rates")
    assert "with `batch=64`, 10 runs failed" in sentence


def test_two_subjects_that_are_alike_are_said_to_show_no_clear_difference():
    [sentence] = told(two_subjects(1.0005), "subjects-compared")
    assert "showed no clear difference" in sentence


def test_failures_that_all_are_of_one_of_several_subjects_name_it():
    rows = [
        *measured([40.0, 41.0], subject="heron:2b"),
        *measured([9.0], first_row=5, subject="yi:6b"),
    ]
    failed = [a_failed_run("oom", row=row, subject="yi:6b") for row in (7, 8)]
    [sentence] = told(an_evidence(rows, failed=failed), "failed-runs")
    assert sentence.startswith("2 runs failed, all of them of `yi:6b`, beside 3 runs")
    [sentence] = told(
        an_evidence(rows, failed=[*failed, a_failed_run("oom", row=9, subject="heron:2b")]),
        "failed-runs",
    )
    assert sentence.startswith("3 runs failed, beside 3 runs")


def in_one_file(*stated: float) -> Evidence:
    """The same configuration twice, each with its runs and the mean that the tool took of them."""
    rows: list[dict[str, Any]] = []
    for line, (values, mean) in enumerate(zip(([10.0, 12.0], [20.0, 22.0]), stated, strict=True)):
        record = f"artifacts/matrix.jsonl#/{line}"
        alike: dict[str, Any] = {"path": "artifacts/matrix.jsonl", "row": line + 1}
        rows.append(
            a_measurement(
                mean,
                statistic="mean",
                kind="derived",
                derived_from="artifacts/matrix.jsonl",
                **alike,
                record=record,
            )
        )
        rows += [
            a_measurement(value, **alike, record=f"{record}/samples/{at}")
            for at, value in enumerate(values)
        ]
    return an_evidence(rows)  # fmt: skip


def test_a_mean_is_held_against_the_runs_inside_its_own_record():
    assert told(in_one_file(11.0, 21.0), "statement-disagrees") == []
    [sentence] = told(in_one_file(11.0, 16.0), "statement-disagrees")
    assert "in 1 number and agreed in 1 number" in sentence
    assert "stated 16.0 tok/s" in sentence
    assert "its own raw rows give 21.0 tok/s" in sentence


def test_how_far_slow_calls_lift_the_mean_can_be_computed_again():
    rows = [
        a_measurement(value, metric="ttft", row=at + 1, config={"prompt_index": at % 2})
        for at, value in enumerate([10.0, 100.0] * 10 + [90.0, 110.0, 90.0, 90.0])
    ]
    by_id = {fact.id: fact for fact in derive_facts(an_evidence(rows))}
    [lifted] = [fact for fact in by_id.values() if fact.method == "mean-of-multiples"]
    values = Values.of({at: row["value"] for at, row in enumerate(rows)})
    # 20 as their median, two ninefold, and of the other prompt 1.1 and 0.9 of it
    assert lifted.value == pytest.approx((20 + 9 + 9 + 1.1 + 0.9) / 24)
    assert recompute(lifted, values, by_id) == lifted.value


def test_no_rule_is_left_untested():
    assert {rule.name for rule in RULES} == {rule for rule, *_ in FOUND}
    assert {rule.name for rule in RULES} - {rule for rule, _ in SILENT} == {"subjects-compared"}


# What holds for every finding, on everything above and on the corpora that people have.


def _check_form(findings: Sequence[Finding], facts: dict[str, Fact]) -> None:
    assert len({finding.id for finding in findings}) == len(findings)
    for finding in findings:
        assert finding.sentences
        assert set(finding.facts) == {id for s in finding.sentences for id in cited(s)}
        for sentence in (*finding.sentences, finding.headline, finding.next_step.text):
            outside = re.sub(r"`[^`\n]*`", "", REFERENCE.sub("", sentence))
            assert not re.search(r"\d|`|\{", outside), sentence
            render_plain(sentence, facts)
        _check_command(finding.next_step.command)


def _check_command(command: str | None) -> None:
    if command and command.startswith("benchagent bench"):
        words = shlex.split(command)
        sweeps = [words[i + 1] for i, word in enumerate(words) if word == "--sweep"]
        assert build_option_sets(sweeps, 64)


@pytest.mark.parametrize(
    ("rule", "seen"), [(rule, seen) for rule, seen, _ in FOUND], ids=range(len(FOUND))
)
def test_sentences_hold_figures_only_as_references(rule: str, seen: Seen):
    _check_form(*analyse(seen()))


def test_findings_come_back_from_json_as_they_were():
    findings, _ = analyse(cold_on([20]))
    assert FINDINGS.validate_json(FINDINGS.dump_json(findings)) == findings


def test_the_findings_of_a_rule_matter_less_the_more_there_are():
    rows = [
        row
        for place, subject in enumerate(("a:1b", "b:1b", "c:1b"))
        for row in calls(
            [9000.0 * (place + 1)], [50.0, 55, 60], metric="ttft", subject=subject,
            path=f"reports/{place}.csv",
        )
    ]  # fmt: skip
    findings, _ = analyse(an_evidence(rows))
    ranks = [finding.rank for finding in findings if finding.rule == "cold-start"]
    assert ranks == pytest.approx([89, 89 * 0.8, 89 * 0.64])
    assert [finding.rank for finding in findings] == sorted(
        (finding.rank for finding in findings), reverse=True
    )


def test_a_hostile_name_stays_inside_its_quotation():
    name = "evil`{F0123456789ab} 100% faster"
    evidence = an_evidence(calls([8000.0], [50.0, 55, 60, 52], metric="ttft", subject=name))
    _check_form(*analyse(evidence))


def test_a_difference_that_run_order_may_explain_is_called_no_effect_but_told_as_run_order():
    # Sixteen calls a value, and yet each value was run in one go: two observations.
    rows = arms("num_gpu", [0, 50], [30.0, 36.0], shuffled=False, subject="yi:6b")
    assert told(an_evidence(rows), "option-effect") == []
    assert told(an_evidence(rows), "no-option-effect") == []
    [sentence] = told(an_evidence(rows), "run-order")
    assert "a drift over time cannot be told from an effect of `num_gpu`" in sentence


@pytest.mark.parametrize(("beyond", "sentences"), [(0.004, 1), (0.3, 2)])
def test_one_time_by_two_clocks_is_one_effect_and_two_times_are_two(beyond: float, sentences: int):
    rows = arms("top_k", [10, 90], [900.0, 1300.0], metric="total_time", subject="yi:6b")
    seen = [{**row, "metric": "latency", "value": row["value"] * (1 + beyond)} for row in rows]
    seen = [{**row, "locator": f"row={i},column=seen"} for i, row in enumerate(seen, 1)]

    found = told(an_evidence([*rows, *seen]), "option-effect")

    assert len(found) == sentences
    assert ("; so did the latency (" in found[0] or "; so did the total time (" in found[0]) is (
        sentences == 1
    )


def test_an_effect_in_many_files_each_run_in_blocks_is_told_with_that_reserve():
    rows = [
        row
        for place in range(8)
        for row in arms(
            "num_gpu", [0, 50], [30.0, 36.0], shuffled=False, subject="yi:6b",
            path=f"reports/{place}.csv", prompts=2, rounds=2, seed=place,
        )
    ]  # fmt: skip
    [sentence] = told(an_evidence(rows), "option-effect")
    assert "over 16 rounds of runs (64 runs, one median per round of successive calls)" in sentence
    assert "so a drift over time could look the same" in sentence


def test_one_effect_on_several_subjects_is_one_finding():
    rows = [
        row
        for subject, least in (("yi:6b", 30.0), ("nova:3b", 50.0), ("terra:9b", 20.0))
        for row in arms(
            "top_k", [10, 90], [least, least + 9], subject=subject, path=f"reports/{subject[0]}.csv"
        )
    ]
    [sentence] = told(an_evidence(rows), "option-effect")
    assert sentence.startswith("`top_k=90` gave a higher decode rate than `top_k=10`: medians of ")
    assert all(f"`{name}` " in sentence for name in ("yi:6b", "nova:3b", "terra:9b"))
    assert "(largest p = " in sentence


@pytest.mark.parametrize("nameless", [".json", ".csv"])
@pytest.mark.parametrize(
    ("digits", "rule"), [(2, "near-duplicates"), (5, "runs-told-twice")], ids=["rounded", "whole"]
)
def test_a_file_that_names_nobody_has_the_name_of_one_that_tells_the_same(
    digits: int, rule: str, nameless: str
):
    evidence = told_in_two(digits, nameless=nameless)

    facts = derive_facts(evidence)

    assert [fact.n for fact in facts if fact.about == "subject" and fact.method == "median"] == [4]
    assert {fact.subject for fact in facts if fact.about == "subject"} == {"vgg"}
    assert told(evidence, rule)


def test_a_sheet_of_one_column_that_tells_a_log_again_is_counted_once_though_digits_are_few():
    values = [31.41592, 27.2, 16.18033, 14.14213, 12.5]
    rows = [
        *measured(values, path="artifacts/log.json"),
        *measured(values, path="csv_data/sheet.csv"),
    ]
    [sentence] = told(an_evidence(rows), "runs-told-twice")
    assert sentence.startswith("5 runs stood in a second file with the same figures, in 1 file")


def test_medians_that_read_the_same_are_told_once():
    evidence = an_evidence(arms("top_k", [10, 90], [50.0, 50.0], spread=1e-4, subject="yi:6b"))
    [sentence] = told(evidence, "no-option-effect")
    assert re.search(r"; medians by its values: always [\d.]+ tok/s; ", sentence)


@pytest.mark.parametrize(
    ("kind", "other", "headline"),
    [
        ("claimed", 8.5, "Every write-up that could be checked agrees with the raw data"),
        ("claimed", 7.1, "Write-ups that agree with the raw data"),
        ("derived", 7.1, "Summaries that agree with the raw data"),
    ],
)
def test_not_every_write_up_is_said_to_agree_where_one_does_not(
    kind: str, other: float, headline: str
):
    of: Row = {"metric": "latency", "subject": "bert"}
    rows = measured([7.5, 8.5, 9.5], path="csv_data/raw.csv", **of)
    for path, mean in (("reports/right.md", 8.5), ("reports/said.md", other)):
        claim: Row = {"path": path, "statistic": "mean", "kind": kind, **of}
        claim["derived_from"] = "csv_data/raw.csv" if kind == "derived" else None
        rows.append(a_measurement(mean, raw_value=f"{mean:.1f}", **claim))

    findings, _ = analyse(an_evidence(rows))

    assert [each.headline for each in findings if each.rule == "statement-agrees"] == [headline]


def test_of_two_files_of_the_same_times_the_one_with_more_digits_of_the_rest_counts():
    times, scores = [31.41592, 27.18281, 16.18033], [0.812345, 0.754321, 0.667788]
    rows = [
        row
        for path, digits in (("artifacts/a.csv", 3), ("artifacts/b.csv", 6))
        for row in (
            *measured(times, metric="latency", path=path),
            *measured([round(score, digits) for score in scores], metric="accuracy", path=path),
        )
    ]

    facts = derive_facts(an_evidence(rows))

    medians = [fact for fact in facts if fact.about == "subject" and fact.method == "median"]
    assert {(fact.metric, fact.value, fact.n) for fact in medians} == {
        ("latency", 27.18281, 3),
        ("accuracy", 0.754321, 3),
    }


def test_a_sheet_may_keep_as_many_digits_of_a_large_number_as_of_a_small_one():
    values = [0.0141421, 314.159, 27.1828, 1.61803]
    rows = [
        *measured(values, path="artifacts/log.json"),
        *measured([0.0141, 314, 27.2, 1.62], path="csv_data/sheet.csv"),
    ]
    [sentence] = told(an_evidence(rows), "near-duplicates")
    assert sentence.startswith("1 file (`csv_data/sheet.csv`) repeated the numbers of 1 file")


@pytest.mark.parametrize(("count", "found"), [(2, False), (3, True)])
def test_three_numbers_in_other_digits_are_a_copy_and_two_are_chance(count: int, found: bool):
    values = [31.41592, 27.18281, 16.18033][:count]
    rows = [
        *measured(values, path="artifacts/log.json"),
        *measured([round(value, 2) for value in values], path="csv_data/sheet.csv"),
    ]
    assert bool(told(an_evidence(rows), "near-duplicates")) is found


def test_what_a_deterministic_model_answers_twice_is_no_file_told_twice():
    rows = [
        row
        for path in ("artifacts/monday.json", "artifacts/tuesday.json")
        for row in measured([0.812, 0.754, 0.667], metric="accuracy", path=path)
    ]
    assert told(an_evidence(rows), "runs-told-twice") == []


def test_a_file_that_names_nobody_keeps_out_of_two_that_disagree_on_the_name():
    values = [31.41592, 27.18281, 16.18033]
    named = {"artifacts/a.json": "vgg", "artifacts/b.json": "vit", "artifacts/c.json": None}
    rows = [
        row
        for path, subject in named.items()
        for row in measured(values, metric="latency", path=path, subject=subject)
    ]

    facts = derive_facts(an_evidence(rows))

    assert {fact.subject for fact in facts if fact.about == "subject"} == {"vgg", "vit", None}


def test_a_middle_value_that_nothing_sets_apart_is_told_beside_the_effect_of_the_others():
    evidence = an_evidence(arms("threads", [2, 4, 8], [50.0, 50.1, 60.0], subject="vit", rounds=5))
    assert told(evidence, "best-configuration")
    near = an_evidence(arms("threads", [2, 4, 8], [60.1, 50.0, 60.0], subject="vit", rounds=5))
    assert told(near, "best-within-noise")
    assert told(near, "option-effect")


@pytest.mark.parametrize(
    ("benchmark", "step"),
    [
        ("llm-call", "Where latency decides, prefer `nova`; measure answer quality before that"),
        (
            "command",
            "Where latency decides, prefer `nova`; check that the results are the same before that",
        ),
    ],
)
def test_code_that_is_timed_gives_no_answers_and_has_no_prompts(benchmark: str, step: str):
    rows = [
        a_measurement(
            value * scale, row=row, subject=subject, metric="latency", benchmark=benchmark
        )
        for scale, subject, seed in ((1, "nova", 1), (1.5, "terra", 2))
        for row, value in enumerate(noise(seed, 9, 40.0, 0.6), 1)
    ]
    findings, facts = analyse(an_evidence(rows))

    [found] = [finding for finding in findings if finding.rule == "subjects-compared"]

    assert found.next_step.text == step
    said = render_plain(found.sentences[0], facts)
    assert ("their prompts unknown" in said) is (benchmark == "llm-call")


def test_medians_far_apart_without_a_clear_difference_ask_for_more_runs():
    rows = [
        a_measurement(value, row=row, subject=subject, metric="latency")
        for subject, values in (
            ("nova", [20.0, 20.1, 20.2, 20.3, 20.4, 34.0, 34.1, 34.2, 34.3]),
            ("terra", [20.1, 20.2, 20.3, 20.4, 34.0, 34.1, 34.2, 34.3, 34.4]),
        )
        for row, value in enumerate(values, 1)
    ]
    findings, _ = analyse(an_evidence(rows))
    [found] = [finding for finding in findings if finding.rule == "subjects-compared"]
    assert found.headline.startswith("No clear difference")
    assert found.next_step.text.startswith("Repeat both more often")


def test_two_metrics_that_drift_together_are_one_finding():
    fall = [50.0 - i + (i % 3) for i in range(20)]
    rows = [
        *measured(fall, subject="yi:6b"),
        *measured([9000 / rate for rate in fall], metric="total_time", subject="yi:6b"),
    ]

    [sentence] = told(an_evidence(rows), "drift")

    assert sentence.startswith("The decode rate of `yi:6b` fell along the 20 runs of")
    assert ", while the total time rose (tau 0.9" in sentence


def test_how_alike_successive_runs_are_can_be_computed_again():
    rows = [(v + (8.0 if 10 <= at < 20 else 0.0)) for at, v in enumerate(STEADY)]
    facts = {fact.id: fact for fact in derive_facts(in_order_of(rows))}
    values = Values.of(dict(enumerate(rows)))
    about_order = [fact for fact in facts.values() if fact.about == "order"]
    assert {fact.method for fact in about_order} == {
        *("kendall-tau", "kendall-tau-p", "succession", "succession-p", "median", "holm", "count")
    }
    for fact in about_order:
        assert recompute(fact, values, facts) == fact.value


def test_a_configuration_is_repeated_with_all_that_it_set():
    rows = [
        a_measurement(
            rate, row=row, subject="qwen:4b", config={"num_ctx": ctx, "num_gpu": 60, "top_p": top}
        )
        for row, (ctx, top, rate) in enumerate([(512, 0.9, 20.0), (1024, 0.8, 21.0)], 1)
    ]

    findings, _ = analyse(an_evidence(rows))

    [found] = [finding for finding in findings if finding.rule == "best-within-noise"]
    assert found.next_step.command == (
        "benchagent bench --model qwen:4b --sweep num_ctx=512,1024 --sweep num_gpu=60 "
        "--sweep top_p=0.8,0.9 --repeat 10"
    )


def test_an_option_whose_values_fail_is_not_left_to_taste():
    rows = arms("batch", [8, 64], [30.0, 30.0], prompts=1, rounds=12, subject="yi:6b")
    failed = [
        a_failed_run("oom", row=row, subject="yi:6b", config={"batch": 64}) for row in range(90, 99)
    ]

    findings, _ = analyse(an_evidence(rows, failed=failed))

    [found] = [finding for finding in findings if finding.rule == "no-option-effect"]
    assert found.next_step.text.startswith("Choose `batch` among the values whose runs do not fail")


def test_a_variant_timed_call_by_call_is_told_with_the_median_that_was_taken():
    rows = [
        a_measurement(
            value, row=row, metric="latency", subject=None, path="artifacts/softmax.csv",
            config={"variant": variant}, benchmark="kernel",
        )
        for row, (variant, value) in enumerate(
            [(v, m + d / 100) for d in range(9) for v, m in (("baseline", 2.0), ("fused", 3.0))], 1
        )
    ]  # fmt: skip

    [sentence] = told(an_evidence(rows), "slower-than-baseline")

    # nine values from 3.00 to 3.08, and from 2.00 to 2.08
    assert (
        "`artifacts/softmax.csv`: a median latency of 3.04 ms against 2.04 ms, 1.49 (" in sentence
    )


@pytest.mark.parametrize(("off", "found"), [(0.05, True), (0.0001, False)])
def test_a_sum_that_parts_from_its_own_rows_past_the_digits_shown_is_no_mistake(
    off: float, found: bool
):
    rows = measured([340.0, 341.0, 342.0], metric="latency", path="artifacts/g.json", subject="gru")
    sums = a_measurement(
        341 * (1 + off), metric="latency", path="artifacts/g.json", subject="gru", row=9,
        statistic="mean", kind="derived", derived_from="artifacts/g.json",
    )  # fmt: skip

    sentences = told(an_evidence([*rows, sums]), "statement-disagrees")

    assert bool(sentences) is found
    for sentence in sentences:
        assert "disagreed with its own raw rows in 1 number" in sentence
        assert sentence.endswith(
            "358 ms for the mean latency of `gru`, where its own raw rows give 341 ms."
        )


def test_files_that_lack_different_things_are_counted_for_each():
    rows = [
        a_measurement(1.0, path="a/one.csv", environment='{"host": "h"}'),
        a_measurement(2.0, path="a/two.csv", environment='{"digest": "d", "gpu": "g"}'),
        a_measurement(3.0, path="a/three.csv", environment='{"gpu": "g", "version": "1"}'),
    ]
    files = [{"measured_at": "2031-01-01T00:00:00Z", "time_basis": "utc"}, {}, {}]
    evidence = an_evidence([{**row, **more} for row, more in zip(rows, files, strict=True)])

    [sentence] = told(evidence, "missing-telemetry")

    assert sentence.startswith("Out of 3 files with measurements, ")
    assert sentence.endswith("did not record a time.")


def test_runs_of_several_subjects_in_one_file_are_told_by_subject():
    rows = [
        a_measurement(1.0, row=row, subject=subject, config={"threads": threads}, path="a/r.csv")
        for row, (subject, threads) in enumerate(
            [(s, t) for s in ("yi:6b", "orca:3b") for t in (2, 2, 4, 4)], 1
        )
    ]

    [sentence] = told(an_evidence(rows), "run-order")

    assert "4 runs of `yi:6b`" in sentence
    assert "4 runs of `orca:3b`" in sentence
    assert sentence.count("`a/r.csv`") == 1


def test_medians_that_another_option_sets_apart_are_not_told_as_those_of_this_one():
    shares = {(10, 0.5): 12, (90, 0.5): 4, (10, 0.9): 4, (90, 0.9): 12}
    cells = [cell for cell, count in shares.items() for _ in range(count)]
    random.Random(7).shuffle(cells)
    rows = [
        a_measurement(
            {10: 30.0, 90: 60.0}[top_k] + value, row=row, config={"top_k": top_k, "top_p": top_p}
        )
        for row, ((top_k, top_p), value) in enumerate(
            zip(cells, noise(3, 32, 0.0, 1.0), strict=True), 1
        )
    ]
    [sentence] = told(an_evidence(rows), "no-option-effect")
    assert sentence.startswith("`top_p` made no clear difference to the decode rate")
    medians = re.search(r"between (\S+) tok/s at `top_p=\S+` and (\S+) tok/s at", sentence)
    assert medians
    assert float(medians[2]) / float(medians[1]) < 1.05


@pytest.mark.parametrize(
    ("spread", "advice"),
    [(0.5, "Choose `top_k` by memory or"), (6.0, "Repeat the values of `top_k`")],
)
def test_of_medians_far_apart_without_a_clear_effect_more_runs_are_asked_for(
    spread: float, advice: str
):
    rows = arms("top_k", [10, 90], [30.0, 30.0], spread=spread)
    steps = [
        f.next_step.text for f in analyse(an_evidence(rows))[0] if f.rule == "no-option-effect"
    ]
    assert [step.startswith(advice) for step in steps] == [True]


def test_subjects_run_one_after_the_other_are_compared_with_that_reserve():
    rows = [
        a_measurement(
            value, row=row, metric="latency", subject=subject, config={"prompt_index": row % 8}
        )
        for subject, mean, first in (("nova:3b", 40.0, 1), ("terra:9b", 60.0, 9))
        for row, value in enumerate(noise(first, 8, mean, 0.6), first)
    ]
    [sentence] = told(an_evidence(rows), "subjects-compared")
    assert "run in blocks of one subject (p = " in sentence
    assert sentence.endswith("so a drift over time could look the same.")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["corpus", "runs"])
def test_findings_about_real_folders_keep_the_form(name: str, tmp_path: Path):
    if not (SHARED / name).is_dir():
        pytest.skip(f"{SHARED / name} is not here")
    evidence = evidence_of_folder(SHARED / name, tmp_path)
    findings, facts = analyse(evidence)
    _check_form(findings, facts)
    if name == "corpus":
        # What a careful analyst puts on one page: what makes the figures wrong, then what they say.
        assert [finding.rule for finding in findings[:10]] == [
            "failed-runs",
            "failures-as-results",
            "statement-disagrees",
            "cold-share",
            "cold-start",
            "device-label",
            "best-within-noise",
            "slower-than-baseline",
            "statement-disagrees",
            "subjects-compared",
        ]


def evidence_of_folder(folder: Path, out: Path) -> Evidence:
    """What the pipeline derives facts from, for a folder of real files."""
    import pyarrow as pa

    from benchagent.inventory.blobs import read_blob
    from benchagent.measurements.measuring import measure
    from benchagent_tests.folders import take_snapshot

    snapshot = take_snapshot(folder, out)
    table = measure(snapshot.files, lambda sha256: read_blob(out, sha256), out).whole()
    listed = {file.path: file for file in snapshot.files}
    rows = [
        {
            "path": status.path,
            "root": listed[status.path].root,
            "kind": listed[status.path].kind,
            "content": listed[status.path].content,
            "modified_at": listed[status.path].modified_at,
            "n_measurements": status.n_measurements,
            "n_failed": status.n_failed,
            "reason": status.reason,
            "reason_code": status.reason_code,
            "duplicate_of": status.duplicate_of,
        }
        for status in table.files
    ]
    return Evidence(
        measurements=table.measurements,
        failed_runs=table.failed_runs,
        files=pa.Table.from_pylist(rows),
        missing_roots=snapshot.missing_roots,
    )
