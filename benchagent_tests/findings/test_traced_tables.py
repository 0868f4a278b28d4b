"""Tables of write-ups that name nobody: the file that they are of, and what is wrong in them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from benchagent.facts.derivations import derive_facts
from benchagent_tests.findings.telling import evidence_of_folder

_SWEEP = [(threads, 20.5 + 1.17 * threads, 310.0 - 7.3 * threads) for threads in range(1, 9)]


def a_sweep(table: str, name: str = "reports/sweep.md") -> dict[str, str]:
    """A folder with a sweep of one model, and a write-up with a table that names no model."""
    rows = [f"wren:1b,{threads},{rate:.3f},{wait:.2f}" for threads, rate, wait in _SWEEP]
    csv = "\n".join(["model,threads,tokens_s,ttft_ms", *rows, ""])
    return {"csv_data/sweep.csv": csv, name: f"# Results\n\n{table}\n"}


def a_table(rates: Mapping[int, str] | None = None, *, times: float = 1.0) -> str:
    """The sweep as a table, some rates replaced, or all numbers of another run."""
    cells = [
        (threads, (rates or {}).get(threads, f"{rate * times:.2f}"), f"{wait * times:.1f}")
        for threads, rate, wait in _SWEEP
    ]
    rows = [f"| {threads} | {rate} | {wait} |" for threads, rate, wait in cells]
    return "\n".join(["| Threads | Tokens/s | TTFT (ms) |", "| --- | --- | --- |", *rows])


def checked(tmp_path: Path, files: Mapping[str, str]) -> dict[str, dict[str, float]]:
    """By write-up: how many of its numbers agree, disagree and could not be checked."""
    for name, text in files.items():
        (tmp_path / "data" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "data" / name).write_text(text)
    out = tmp_path / "out"
    out.mkdir()
    found: dict[str, dict[str, float]] = {}
    for fact in derive_facts(evidence_of_folder(tmp_path / "data", out)):
        if fact.about == "claim" and fact.kind == "count" and fact.statistic != "misplaced":
            found.setdefault(fact.of or "", {})[fact.statistic or ""] = fact.value
    return found


def test_a_table_that_names_nobody_is_of_the_file_that_has_its_numbers(tmp_path: Path):
    assert checked(tmp_path, a_sweep(a_table())) == {
        "reports/sweep.md": {"agreeing": 16, "disagreeing": 0}
    }


def test_one_wrong_number_of_a_table_that_names_nobody_is_found(tmp_path: Path):
    assert checked(tmp_path, a_sweep(a_table({3: "42.42"}))) == {
        "reports/sweep.md": {"agreeing": 15, "disagreeing": 1}
    }


@pytest.mark.parametrize(
    "table",
    [
        a_table(times=1.07),  # of another run
        a_table(dict.fromkeys(range(1, 9), "42.42"), times=1.0),  # a rate that is another quantity
        "\n".join(a_table().split("\n")[:4]),  # too few numbers to know it by
    ],
)
def test_of_a_table_of_other_runs_no_number_is_called_wrong(table: str, tmp_path: Path):
    found = checked(tmp_path, a_sweep(table)).get("reports/sweep.md", {})
    assert not found.get("disagreeing")


def test_of_two_tables_the_one_of_other_runs_is_not_called_wrong(tmp_path: Path):
    both = f"## Before\n\n{a_table(times=0.9)}\n\n## After\n\n{a_table()}"
    assert checked(tmp_path, a_sweep(both)) == {
        "reports/sweep.md": {"agreeing": 16, "disagreeing": 0, "unchecked": 16}
    }


def test_a_row_of_another_run_in_a_table_is_not_called_wrong(tmp_path: Path):
    rows = a_table().split("\n")
    rows[4] = "| 3 | 11.11 | 444.4 |"
    assert checked(tmp_path, a_sweep("\n".join(rows))) == {
        "reports/sweep.md": {"agreeing": 14, "disagreeing": 0, "unchecked": 2}
    }


_RUNS = [("a", 74.11, 267, 138.2), ("b", 76.96, 10, 98.7), ("c", 76.72, 424, 83.7),
         ("d", 78.26, 170, 78.0), ("e", 76.88, 421, 87.7)]  # fmt: skip


def some_runs(table: Sequence[tuple[object, ...]]) -> dict[str, str]:
    """Five runs of a model, and a write-up that has names of its own for what was asked."""
    rows = [f"wren:1b,{ask},{rate},{n},{wait}" for ask, rate, n, wait in _RUNS]
    said = ["| " + " | ".join(map(str, row)) + " |" for row in table]
    head = ["| Prompt | Tokens/s | Eval Count | TTFT (ms) |", "| --- | --- | --- | --- |"]
    csv = "\n".join(["model,prompt,tokens_s,eval_count,ttft_ms", *rows, ""])
    return {"csv_data/runs.csv": csv, "reports/runs.md": "\n".join([*head, *said, ""])}


def test_rows_of_runs_are_known_by_a_column_whatever_the_prompts_are_called(tmp_path: Path):
    right = [(f"ask {name}", *numbers) for name, *numbers in _RUNS]
    assert checked(tmp_path, some_runs(right))["reports/runs.md"] == {
        "agreeing": 15, "disagreeing": 0,
    }  # fmt: skip


def test_counts_beside_the_rates_of_a_file_s_runs_are_those_of_the_runs(tmp_path: Path):
    """A published report has the rates of its runs, and counts that nobody took."""
    invented = [(f"ask {name}", rate, n + 31, wait) for name, rate, n, wait in _RUNS]
    files = some_runs(invented)
    assert checked(tmp_path, files)["reports/runs.md"] == {"agreeing": 10, "disagreeing": 5}


@pytest.mark.parametrize(
    "table",
    [
        [*reversed([(f"ask {name}", rate, n + 31, w) for name, rate, n, w in _RUNS])],
        [(f"ask {name}", rate, n + 31, w) for name, rate, n, w in _RUNS[:4]],
        [(f"ask {name}", rate * 1.01, n, w) for name, rate, n, w in _RUNS],
    ],
)
def test_rows_that_are_surely_of_no_runs_are_not_held_against_any(
    table: Sequence[tuple[object, ...]], tmp_path: Path
):
    found = checked(tmp_path, some_runs(table)).get("reports/runs.md", {})
    assert not found.get("disagreeing")
