"""A configuration is not called the best for the prompts that it happened to run more often."""

import random
from collections.abc import Mapping
from pathlib import Path

import pytest

from benchagent.references import render_plain
from benchagent_tests.findings.telling import analyse, evidence_of_folder

# Runs by context and prompt: the smaller context ran mostly the fast prompt, the larger the slow one.
UNEQUAL = {(2048, 0): 12, (2048, 1): 4, (8192, 0): 4, (8192, 1): 12}
EQUAL = dict.fromkeys(UNEQUAL, 8)


def told(
    folder: Path,
    times: Mapping[tuple[int, int], int],
    rates: Mapping[tuple[int, int], float],
    *,
    column: str = "prompt_id",
    prompts: tuple[str, ...] = ("0", "1", "2"),
) -> dict[str, str]:
    """What is said of shuffled runs at these rates, by rule; with the context the batch varies."""
    chance = random.Random(11)
    rows = [
        f"osprey-7b,{context},{context // 8},{prompts[prompt]},"
        f"{rates[context, prompt] + chance.gauss(0, 0.2):.2f}"
        for (context, prompt), often in times.items()
        for _ in range(often)
    ]
    chance.shuffle(rows)
    (folder / "in").mkdir()
    lines = [f"model,num_ctx,num_batch,{column},tok_s", *rows, ""]
    (folder / "in/runs.csv").write_text("\n".join(lines))
    findings, facts = analyse(evidence_of_folder(folder / "in", folder / "out"))
    return {each.rule: render_plain(each.sentences[0], facts) for each in findings}


def two_prompts(effect: float, gap: float = 20) -> dict[tuple[int, int], float]:
    """Rates at which the larger context is faster by `effect` in each of two prompts."""
    return {
        (context, prompt): 60 - gap * prompt + (effect if context == 8192 else 0)
        for context, prompt in UNEQUAL
    }


@pytest.mark.parametrize(
    ("column", "prompts"),
    [
        ("prompt_id", ("0", "1")),
        ("prompt", ("Why is the sky blue?", "Write a long poem about rain")),
    ],
)
@pytest.mark.parametrize("effect", [3, 1])
def test_the_loser_of_each_prompt_is_not_best_for_having_run_the_fast_one_more_often(
    tmp_path: Path, column: str, prompts: tuple[str, ...], effect: float
):
    said = told(tmp_path, UNEQUAL, two_prompts(effect), column=column, prompts=prompts)

    sentences = " ".join(said.values())
    assert "`num_batch=256 num_ctx=2048` had the highest" not in sentences
    assert (
        "`num_batch=1024 num_ctx=8192` had the highest decode rate of `osprey-7b` among 2 "
        "configurations in `llm-results`, over as many runs of each prompt" in sentences
    )
    assert "over 16 runs" not in sentences


def test_a_lead_smaller_than_what_prompts_differ_by_is_not_turned_round_by_them(tmp_path: Path):
    sentences = " ".join(told(tmp_path, UNEQUAL, two_prompts(1, gap=2)).values())

    assert "`num_batch=256 num_ctx=2048` had the highest" not in sentences


def test_configurations_that_ran_each_prompt_equally_often_are_ranked_over_all_runs(tmp_path: Path):
    said = told(tmp_path, EQUAL, two_prompts(3))["best-configuration"]

    assert said.startswith("`num_batch=1024 num_ctx=8192` had the highest")
    assert "over as many" not in said
    assert "over 16 runs" in said


def test_unequal_repetitions_of_prompts_that_are_alike_cost_no_run(tmp_path: Path):
    said = told(tmp_path, UNEQUAL, two_prompts(3, gap=0))["best-configuration"]

    assert said.startswith("`num_batch=1024 num_ctx=8192` had the highest")
    assert "over 16 runs" in said


def test_no_first_place_is_told_where_the_median_is_of_one_prompt_and_the_others_say_the_reverse(
    tmp_path: Path,
):
    rates = {
        (2048, 0): 40.0, (2048, 1): 51.5, (2048, 2): 60.0,
        (8192, 0): 45.0, (8192, 1): 50.0, (8192, 2): 65.0,
    }  # fmt: skip

    said = told(tmp_path, dict.fromkeys(rates, 6), rates)

    assert not [rule for rule in said if rule.startswith("best-")]
