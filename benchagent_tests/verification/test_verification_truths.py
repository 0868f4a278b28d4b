"""Smaller versions of `benchmarks/verify_*.py`: truths that must not be flagged, lies that must.

The floors are below what was measured (docs/verification.md), so that a loss shows and chance does not.
"""

import random
import sys
from collections import Counter
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from benchagent.pipeline.project import REPOSITORY

pytestmark = pytest.mark.slow


@pytest.fixture
def benchmark(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The modules of `benchmarks/` by name."""
    monkeypatch.syspath_prepend(str(REPOSITORY / "benchmarks"))
    before = set(sys.modules)
    yield import_module
    for name in set(sys.modules) - before:
        if name.startswith("verify_"):
            del sys.modules[name]


def test_true_reports_in_six_voices_are_hardly_flagged(benchmark: Any, tmp_path: Path) -> None:
    reports = benchmark("verify_true_reports")
    folder = benchmark("verify_tool_corpora").write_tool_folder(tmp_path / "tools", 33)
    written = list(reports.by_hand(folder))

    claims: Counter[bool] = Counter()
    flagged: Counter[bool] = Counter()
    for report, judged in reports.judge_folder(folder.root, tmp_path / "out", written):
        assert judged, report.name
        claims[report.by_hand] += len(judged)
        flagged[report.by_hand] += sum(found.verdict.ruling != "supported" for found in judged)

    assert len(written) == 6
    assert len(set[str]().union(*(report.facts for report in written))) > 80
    assert claims[True] > 150
    assert claims[False] > 1000
    assert flagged[True] <= 0.04 * claims[True]
    assert flagged[False] == 0


# Of thirty lies of a kind, as many must be found.
FLOORS = {"number": 25, "decimal point": 25, "unit": 26, "model": 23, "statistic": 22, "date": 27}


def test_most_mechanical_lies_of_each_kind_are_found(benchmark: Any, tmp_path: Path) -> None:
    corruptions, voices = benchmark("verify_corruptions"), benchmark("verify_voices")
    folder = benchmark("verify_tool_corpora").write_tool_folder(tmp_path / "tools", 34)
    knowledge = benchmark("verify_folders").load_folder(folder.root, tmp_path / "out")
    chance = random.Random(34)
    statements = voices.speak(folder, 34)
    made: Counter[str] = Counter()
    found: Counter[str] = Counter()

    for kind in FLOORS:
        able = [each for each in statements if corruptions.has(each, kind)]
        chance.shuffle(able)
        lies = [corruptions.corrupt(each, kind, chance) for each in able]
        for lie in [lie for lie in lies if lie is not None][:30]:
            lines, _, _ = corruptions.flagged_lines(lie, knowledge)
            made[kind] += 1
            found[kind] += bool(lines)

    assert made == dict.fromkeys(FLOORS, 30)
    assert {kind: found[kind] for kind in FLOORS if found[kind] < FLOORS[kind]} == {}
