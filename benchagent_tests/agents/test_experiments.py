"""What an agent proposes to measure next: a command that runs as it stands, on a grid that is new."""

import json
import shlex
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from benchagent.agents.account import Experiment
from benchagent.agents.experimenting import (
    RANGES,
    Grid,
    ask_for_experiments,
    measured_grid,
    read_experiments,
)
from benchagent.agents.prompting import Question, Room, misfit
from benchagent.cli.bench import bench
from benchagent.findings.finding import Finding
from benchagent.inquiries.catalogue import catalogue
from benchagent.pipeline.partition import Partition
from benchagent_tests.builders import a_place, an_agent, with_findings

RUNS = "model,option_num_ctx,repetition,ttft_ms,decode_tokens_per_s\n" + "".join(
    f"{model},{num_ctx},{round_},{300 + round_},{50 + round_}\n"
    for model in ("fox:1b", "a `wolf`: 7b")
    for round_ in range(4)
    for num_ctx in (512, 1024)
)
ROOM = Room(8192)


@pytest.fixture(scope="module")
def partition(tmp_path_factory: pytest.TempPathFactory) -> Partition:
    folder = tmp_path_factory.mktemp("experiments")
    return with_findings(a_place(folder, {"reports/runs.csv": RUNS}))


@pytest.fixture(scope="module")
def grid(partition: Partition) -> Grid:
    return measured_grid(catalogue(partition.evidence()))


@pytest.fixture(scope="module")
def findings(partition: Partition) -> list[Finding]:
    return list(partition.findings.values())


@pytest.fixture(scope="module")
def question(grid: Grid, findings: list[Finding]) -> Question:
    found = ask_for_experiments(an_agent(), findings, grid, room=ROOM)
    assert found is not None
    return found


def propose(
    question: Question, grid: Grid, *given: tuple[str, list[str]]
) -> tuple[Experiment, ...]:
    asked: list[dict[str, Any]] = [
        {"a_finding": "B", "b_model": "fox:1b", "c_option": option, "d_values": values}
        for option, values in given
    ]
    text = json.dumps({"experiments": asked})
    assert misfit(question, text) is None
    return read_experiments(question, text, grid).experiments


def test_only_what_bench_can_measure_is_offered(grid: Grid, question: Question) -> None:
    assert grid == {"fox:1b": {"num_ctx": frozenset({"512", "1024"})}}
    assert "- `fox:1b`: `num_ctx` at 512, 1024" in question.prompt
    assert "wolf`:" not in question.prompt.split("What was measured")[1]


@pytest.mark.parametrize(
    ("option", "values", "command", "refused"),
    [
        ("num_ctx", ["1024", "2048"], "num_ctx=1024,2048 --repeat 10", None),
        # written otherwise, and the same
        ("num_ctx", ["2048.0", "512"], "num_ctx=512,2048 --repeat 10", None),
        ("temperature", ["0", "0.80"], "temperature=0,0.8 --repeat 5", None),
        ("num_ctx", ["1024", "512"], "num_ctx=512,1024", "all of it was measured already"),
        ("num_ctx", ["2048", "2048.0"], "num_ctx=2048", "one value is no comparison"),
        ("num_ctx", ["1", "2048"], "num_ctx=1,2048", "num_ctx is taken from 256 to 131072"),
        ("temperature", ["0", "7"], "temperature=0,7", "temperature is taken from 0 to 2"),
        ("num_ctx", ["2048.5", "512"], "num_ctx=512,2048.5", "expected a whole number"),
    ],
)
def test_a_proposal_is_a_command_or_has_a_reason(
    question: Question,
    grid: Grid,
    findings: list[Finding],
    option: str,
    values: list[str],
    command: str,
    refused: str | None,
) -> None:
    [found] = propose(question, grid, (option, values))

    assert found.command.startswith("benchagent bench --model fox:1b --sweep ")
    assert command in found.command
    assert (refused or "") in (found.refused or "")
    assert (found.refused is None) is (refused is None)
    assert found.finding == findings[1].id


def test_the_same_proposal_twice_is_one(question: Question, grid: Grid) -> None:
    twice = propose(question, grid, ("top_k", ["20", "40"]), ("top_k", ["40", "20.0"]))

    assert len(twice) == 1


@pytest.mark.parametrize("option", RANGES)
def test_every_proposed_command_is_one_that_bench_takes(
    question: Question,
    grid: Grid,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    option: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    low, high = RANGES[option]
    whole = option.startswith("num_") or option == "top_k"
    values = [
        f"{low:g}" if low >= 1 else "1",
        f"{high:g}" if whole else f"{0.4 * low + 0.6 * high:.2f}",
    ]
    [found] = propose(question, grid, (option, values))
    assert found.refused is None

    words = shlex.split(found.command)
    ran = CliRunner().invoke(bench, [*words[2:], "--dry-run", "--out", "out", "--out-data", "data"])

    assert words[:2] == ["benchagent", "bench"]
    assert ran.exit_code == 0, ran.output
    assert "2 option sets" in ran.stderr


def test_nothing_is_asked_where_no_model_was_measured_or_nothing_fits(
    grid: Grid, findings: list[Finding]
) -> None:
    assert ask_for_experiments(an_agent(), findings, {}, room=ROOM) is None
    assert ask_for_experiments(an_agent(), findings, grid, room=Room(256)) is None


def test_a_narrow_context_is_asked_about_fewer_findings(
    grid: Grid, findings: list[Finding]
) -> None:
    agent = an_agent()
    whole = ask_for_experiments(agent, findings, grid, room=ROOM)
    assert whole is not None
    narrow = next(
        found
        for size in range(300, 8192, 4)
        if (found := ask_for_experiments(agent, findings, grid, room=Room(size)))
    )

    assert 1 <= len(narrow.offered) < len(whole.offered)
