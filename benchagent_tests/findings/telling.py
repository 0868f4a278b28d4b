"""Evidence for the tests of rules, and what the rules tell of it."""

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchagent.facts.derivations import derive_facts
from benchagent.facts.fact import Evidence, Fact
from benchagent.findings.finding import Finding
from benchagent.findings.rules import find
from benchagent.references import render_plain
from benchagent_tests.measured import Row, a_measurement, an_evidence, measured

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


def listing(*files: Row, **more: Any) -> Evidence:
    return an_evidence(measured([1.0], path="reports/one.csv"), files=files, **more)


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


STEADY = noise(8, 30, 20.0, 1.0)


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
