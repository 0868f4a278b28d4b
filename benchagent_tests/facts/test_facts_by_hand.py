"""Facts of the real corpus against its cells, without a line of the code that derived them.

Which rows a fact should rest on, what a cold call is and how a median is taken is said here a
second time, with the standard library alone.
"""

import csv
import hashlib
import json
import statistics
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest

from benchagent.facts.derivations import derive_facts
from benchagent.facts.fact import Evidence, Fact
from benchagent.inventory.blobs import read_blob
from benchagent.measurements.measuring import measure
from benchagent.pipeline.stages.measurements import list_files
from benchagent_tests.artifacts import CORPUS
from benchagent_tests.folders import take_snapshot

# metric: its column, and how many of our units one of the file's is
_COLUMNS = {
    "ttft": ("ttft_s", 1000),
    "decode_rate": ("tokens_s", 1),
    "load_time": ("load_s", 1000),
    "prompt_eval_time": ("prompt_eval_s", 1000),
    "eval_time": ("eval_s", 1000),
    "output_tokens": ("eval_count", 1),
    "prompt_tokens": ("prompt_eval_count", 1),
    "response_chars": ("response_chars", 1),
}
_OPTIONS = ("num_gpu", "num_ctx", "temperature")
_METHODS = {
    "median": statistics.median,
    "mean": statistics.fmean,
    "minimum": min,
    "maximum": max,
    "value": lambda values: values[0],
}


class Call(NamedTuple):
    """One row of a CSV of calls."""

    path: str
    kind: str
    model: str
    settings: dict[str, object]
    cells: dict[str, str]


def _calls() -> list[Call]:
    """The calls of the corpus, each file's bytes once, without those that failed."""
    seen: set[str] = set()
    found: list[Call] = []
    for path in sorted(CORPUS.rglob("*.csv"), key=lambda path: (len(str(path)), str(path))):
        data = path.read_bytes()
        sha256 = hashlib.sha256(data).hexdigest()
        if b"prompt_eval_s" not in data or b"mean_" in data or sha256 in seen:
            continue
        seen.add(sha256)
        found += _rows(path)
    return found


def _rows(path: Path) -> Iterator[Call]:
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["error"] or not row["eval_s"] or float(row["eval_s"]) == 0:
                continue
            swept = {name: json.loads(row[name]) for name in _OPTIONS if row.get(name)}
            settings = {**swept, **json.loads(row.get("options") or "{}")}
            model = row.get("model") or _model_in(path.name)
            kind = "llm-sweep" if swept else "llm-call"
            yield Call(path.relative_to(CORPUS).as_posix(), kind, model, settings, row)


def _model_in(name: str) -> str:
    """`gemma3_270m_param_tuning.csv` is of gemma3:270m, `gemma3_param_tuning.csv` of its default."""
    stem = name.removesuffix(".csv").removesuffix("_param_tuning").removesuffix("_baseline")
    return stem.replace("_", ":", 1) if "_" in stem else f"{stem}:latest"


def _thresholds(calls: Iterable[Call]) -> dict[tuple[str, str], float]:
    """Seconds of loading above which a call was cold, by kind and model."""
    loads: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    for call in calls:
        loads[call.kind, call.model].append(float(call.cells["load_s"]))
    found: dict[tuple[str, str], float] = {}
    for key, times in loads.items():
        pairs = list(zip(sorted(times), sorted(times)[1:], strict=False))
        below, above = max(pairs, key=lambda pair: pair[1] / pair[0])
        if above / below > 3:
            found[key] = (below * above) ** 0.5
    return found


def _facts(out: Path) -> list[Fact]:
    snapshot = take_snapshot(CORPUS, out)
    files = [file for file in snapshot.files if file.kind in ("csv", "json")]
    table = measure(files, lambda sha256: read_blob(out, sha256), out).whole()
    listed = list_files(replace(snapshot, files=tuple(files)), table.files)
    evidence = Evidence(
        measurements=table.measurements, failed_runs=table.failed_runs, files=listed
    )
    return [fact for fact in derive_facts(evidence) if _is_of_calls(fact)]


def _is_of_calls(fact: Fact) -> bool:
    return (
        fact.kind == "statistic"
        and fact.benchmark in ("llm-sweep", "llm-call")
        and fact.about in ("subject", "configuration", "phase")
        and fact.metric in _COLUMNS
        and fact.method in _METHODS
        and fact.statistic == "value"
    )


def _belongs(call: Call, fact: Fact, thresholds: dict[tuple[str, str], float]) -> bool:
    if (call.kind, call.model) != (fact.benchmark, fact.subject):
        return False
    if fact.about == "configuration" and call.settings != json.loads(fact.config or "{}"):
        return False
    if fact.of not in (None, call.path):
        return False
    cold = float(call.cells["load_s"]) > thresholds.get((call.kind, call.model), float("inf"))
    return fact.phase in (None, "mixed") or (fact.phase == "cold") == cold


def _values(calls: Iterable[Call], metric: str) -> list[float]:
    column, factor = _COLUMNS[metric]
    cells = [call.cells.get(column) or "" for call in calls]
    return [float(cell) * factor for cell in cells if cell]


@pytest.mark.slow
def test_facts_are_what_another_hand_makes_of_the_cells(tmp_path: Path):
    if not CORPUS.is_dir():
        pytest.skip(f"no {CORPUS} beside the repository")
    calls = _calls()
    thresholds = _thresholds(calls)
    facts = _facts(tmp_path)
    assert len(facts) > 1000
    for fact in facts:
        assert fact.metric
        assert fact.method
        values = _values((call for call in calls if _belongs(call, fact, thresholds)), fact.metric)
        assert fact.n == len(values), fact.label
        assert fact.value == pytest.approx(_METHODS[fact.method](values), rel=1e-9), fact.label
        if fact.method in ("median", "mean") and len(values) > 1:
            assert fact.spread == pytest.approx(statistics.stdev(values), rel=1e-6), fact.label
