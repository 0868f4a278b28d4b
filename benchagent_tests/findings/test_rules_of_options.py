"""What an option does, which configuration is best, and when neither can be told."""

import json
import random
import re
from collections.abc import Sequence
from typing import Any

import pytest

from benchagent.facts.fact import Evidence
from benchagent_tests.findings.telling import Seen, analyse, arms, noise, once_each, told
from benchagent_tests.measured import Row, a_failed_run, a_measurement, an_evidence, measured


def with_second_option(option: str, levels: Sequence[object]) -> list[Row]:
    """A sweep of threads at each value of another option, without an effect of either."""
    rows = arms("threads", [2, 4, 8], [50.0, 50.1, 50.0], subject="vit", rounds=6)
    chance = random.Random(3)
    for row in rows:
        level = chance.choice(levels)
        row["config"] = json.dumps({**json.loads(row["config"]), option: level})
    return rows


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


FOUND: list[tuple[str, Seen, str]] = [
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
        "option-effect",
        lambda: on_two_devices("metal"),
        r"medians of 30\.\d ms at `device=metal` against 40\.\d ms at `device=cpu`",
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
        "no-option-effect",
        lambda: an_evidence(mostly_apart(1.2)),
        r"^`top_k` made no clear difference",
    ),
]


SILENT: list[tuple[str, Seen]] = [
    # both are runs on the CPU, whatever the label says
    ("option-effect", lambda: on_two_devices("100% CPU")),
    # one option, which is told as one
    ("best-configuration", lambda: on_two_devices("metal")),
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
    ("option-effect", lambda: an_evidence(arms("top_k", [10, 90], [30.0, 30.0]))),
    ("no-option-effect", lambda: an_evidence(arms("top_k", [10, 90], [30.0, 36.0]))),
    # too few runs to tell either way
    (
        "no-option-effect",
        lambda: an_evidence(arms("top_k", [10, 90], [30.0, 30.0], prompts=1, rounds=2)),
    ),
    ("best-within-noise", lambda: an_evidence(once_each([5e9, 6e9, 5.5e9], metric="model_size"))),
    # too little to tell, and too far apart to call it nothing
    ("no-option-effect", lambda: an_evidence(mostly_apart(3.0))),
]


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


def test_medians_that_read_the_same_are_told_once():
    evidence = an_evidence(arms("top_k", [10, 90], [50.0, 50.0], spread=1e-4, subject="yi:6b"))
    [sentence] = told(evidence, "no-option-effect")
    assert re.search(r"; medians by its values: always [\d.]+ tok/s; ", sentence)


def test_a_middle_value_that_nothing_sets_apart_is_told_beside_the_effect_of_the_others():
    evidence = an_evidence(arms("threads", [2, 4, 8], [50.0, 50.1, 60.0], subject="vit", rounds=5))
    assert told(evidence, "best-configuration")
    near = an_evidence(arms("threads", [2, 4, 8], [60.1, 50.0, 60.0], subject="vit", rounds=5))
    assert told(near, "best-within-noise")
    assert told(near, "option-effect")


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
