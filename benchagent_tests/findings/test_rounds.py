"""A machine that drifts must not look like an option, and an option must still be found."""

import math
import random
from collections.abc import Callable
from typing import Any

import pytest

from benchagent.facts.derivations import derive_facts
from benchagent.facts.derivations.comparisons.options import compare_options
from benchagent.facts.derivations.counted_once.samples import select_samples
from benchagent.facts.fact import Fact
from benchagent.facts.ids import Values
from benchagent.facts.rank_tests import round_centres
from benchagent.facts.recomputing import recompute
from benchagent.findings.rules import find
from benchagent.references import render_plain
from benchagent_tests.measured import Row, a_measurement, an_evidence

Order = Callable[[random.Random], list[tuple[int, int, int]]]


def in_rounds(chance: random.Random, rounds: int = 8) -> list[tuple[int, int, int]]:
    """As `bench` runs: each repetition both values in a fresh order, four prompts under each."""
    return [
        (round_, level, prompt)
        for round_ in range(rounds)
        for level in chance.sample((0, 1), 2)
        for prompt in chance.sample(range(4), 4)
    ]


def in_stretches(chance: random.Random, stretches: int = 24) -> list[tuple[int, int, int]]:
    """Stretches of one value each, in random order; equal neighbours are one, too few at times."""
    levels = chance.sample([0, 1] * (stretches // 2), stretches)
    return [(-1, level, prompt) for level in levels for prompt in chance.sample(range(4), 4)]


def drifting(seed: int, order: Order, *, option: str = "num_ctx", effect: float = 0.0) -> list[Row]:
    """Rates on a machine whose speed wanders, and jumps whenever the option changes."""
    chance = random.Random(seed)
    slow = jump = 0.0
    rows: list[Row] = []
    last: tuple[int, int] | None = None
    for row, (round_, level, prompt) in enumerate(order(chance), 1):
        if (round_, level) != last:
            jump, last = chance.gauss(0, 2.0), (round_, level)
        slow = 0.95 * slow + chance.gauss(0, 0.3)
        value = 40.0 + 3 * prompt + slow + jump + effect * level + chance.gauss(0, 0.3)
        config = {option: (512, 1024)[level], "prompt_index": prompt}
        repetition = round_ if round_ >= 0 else None
        rows.append(a_measurement(value, row=row, config=config, repetition=repetition))
    return rows


def option_tests(rows: list[Row]) -> list[Fact]:
    facts = compare_options(select_samples(an_evidence(rows)))
    return [fact for fact in facts if fact.method == "holm"]


def share_called_different(order: Order, corpora: int = 60, **columns: Any) -> float:
    found = [option_tests(drifting(seed, order, **columns)) for seed in range(corpora)]
    assert sum(len(tests) == 1 for tests in found) > 0.9 * corpora
    return sum(test.value < 0.05 for tests in found for test in tests) / corpora


@pytest.mark.parametrize(
    ("order", "option"), [(in_rounds, "num_ctx"), (in_stretches, "backend")], ids=["load", "other"]
)
def test_a_drift_between_rounds_is_seldom_called_an_effect(order: Order, option: str):
    # Five in a hundred, and two standard errors of sixty corpora.
    assert share_called_different(order, option=option) <= 0.05 + 2 * math.sqrt(0.05 * 0.95 / 60)


@pytest.mark.parametrize("order", [in_rounds, in_stretches])
def test_a_large_effect_over_enough_rounds_is_found(order: Order):
    assert share_called_different(order, corpora=20, effect=12.0) == 1.0


def test_too_few_rounds_get_no_verdict_however_many_calls_they_hold():
    rows = drifting(1, lambda chance: in_rounds(chance, rounds=4), effect=12.0)
    assert option_tests(rows) == []


def test_an_option_shuffled_call_by_call_is_tested_over_calls():
    def shuffled(chance: random.Random) -> list[tuple[int, int, int]]:
        return [
            (round_, *call)
            for round_ in range(8)
            for call in chance.sample(
                [(level, prompt) for level in (0, 1) for prompt in range(4)], 8
            )
        ]

    facts = derive_facts(an_evidence(drifting(3, shuffled, option="top_k")))
    [test] = [f for f in facts if f.about == "option" and f.method == "blocked-rank-permutation"]
    assert (test.n, test.rounds) == (64, ())


def test_a_repetition_of_each_call_after_its_like_is_no_round():
    # Three calls in a row of each prompt, numbered: still one stretch under each value.
    rows = [
        a_measurement(
            40.0 + 10 * level + 0.1 * i, row=12 * level + i + 1, repetition=i % 3,
            config={"num_ctx": (512, 1024)[level], "prompt_index": i // 3},
        )
        for level in (0, 1)
        for i in range(12)
    ]  # fmt: skip
    facts = derive_facts(an_evidence(rows))
    [test] = [f for f in facts if f.about == "option" and "blocked" in (f.method or "")]
    assert option_tests(rows) == []
    assert test.n == 2


def test_repetitions_that_asked_each_value_another_prompt_are_not_set_against_each_other():
    # Each numbered round asks one value one prompt and the other value the next one.
    rows = [
        a_measurement(
            40.0 + 10 * level + 0.1 * round_, row=2 * round_ + level + 1, repetition=round_,
            config={"num_ctx": (512, 1024)[level], "prompt_index": (round_ + level) % 3},
        )
        for round_ in range(12)
        for level in (0, 1)
    ]  # fmt: skip
    facts = derive_facts(an_evidence(rows))
    [test] = [f for f in facts if f.about == "option" and "blocked" in (f.method or "")]
    assert (test.n, test.rounds) == (24, ())


def test_a_test_over_rounds_says_so_and_can_be_computed_again():
    evidence = an_evidence(drifting(5, in_rounds, effect=12.0))
    facts = derive_facts(evidence)
    by_id = {fact.id: fact for fact in facts}
    values = {
        r["id"]: r["value"] for r in evidence.measurements.select(["id", "value"]).to_pylist()
    }
    over_rounds = [fact for fact in facts if fact.rounds]
    assert {fact.about for fact in over_rounds} == {"option", "configuration"}
    for fact in over_rounds:
        assert recompute(fact, Values.of(values), by_id) == fact.value
        assert fact.label.endswith("one median per round, paired by repetition")
    [finding] = [f for f in find(facts) if f.rule == "option-effect"]
    assert (
        "over 16 rounds of runs (64 runs, one median per round, paired by repetition) alike in"
        in render_plain(finding.sentences[0], by_id)
    )
    [ratio] = [f for f in facts if f.about == "option" and f.kind == "ratio"]
    assert ratio.ci_low is None


def test_a_round_that_lacks_a_slow_prompt_looks_no_faster():
    # Two prompts, 10 and 50; the second round never asked the slow one.
    found = round_centres([10.0, 50.0, 10.0], [0, 0, 1], [0, 1, 0], [0, 0, 1], [0, 0, 0])
    assert found.centres.tolist() == [0.0, 0.0]
    assert found.arms.tolist() == [0, 1]
