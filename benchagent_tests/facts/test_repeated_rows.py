"""A sheet that was appended to itself tells of its runs once."""

import random

import pytest

from benchagent.facts.derivations import derive_facts
from benchagent.facts.fact import Fact
from benchagent_tests.measured import a_failed_run, an_evidence, measured


def figures(n: int, seed: int = 5) -> list[float]:
    chance = random.Random(seed)
    return [round(chance.gauss(12.0, 1.0), 3) for _ in range(n)]


def count(facts: tuple[Fact, ...], what: str) -> float:
    [fact] = [fact for fact in facts if fact.statistic == what]
    return fact.value


@pytest.mark.parametrize(
    ("values", "runs"),
    [
        (figures(9) * 2, 9),
        # three times, the last copy broken off
        (figures(9) * 2 + figures(9)[:5], 9),
        # new runs between the copies
        (figures(8) + figures(4, seed=9) + figures(8), 12),
        # all measured anew
        (figures(9) + figures(9, seed=9), 18),
        # one run in the middle was another one: two stretches
        ([*figures(11), *figures(5), 13.777, *figures(11)[6:]], 12),
    ],
)
def test_a_run_that_stands_in_its_file_again_is_counted_once(values: list[float], runs: int):
    facts = derive_facts(an_evidence(measured(values)))

    assert count(facts, "runs") == runs


def test_a_summary_is_held_against_each_run_once():
    facts = derive_facts(an_evidence(measured(figures(9) * 2, path="a.csv")))

    [mean] = [f for f in facts if f.method == "mean" and f.about == "subject"]
    assert mean.n == 9
    assert mean.value == pytest.approx(sum(figures(9)) / 9)


def test_a_failed_run_of_a_stretch_told_before_failed_once():
    values = figures(6)
    rows = [
        row
        for first in (1, 8)
        for row in (
            *measured(values[:3], first_row=first),
            *measured(values[3:], first_row=first + 4),
        )
    ]
    failed = [a_failed_run("timeout", row=row) for row in (4, 11, 20)]

    facts = derive_facts(an_evidence(rows, failed=failed))

    assert count(facts, "runs") == 6
    assert count(facts, "failed-runs") == 2


@pytest.mark.parametrize("failed", [[1, 9], [8, 16], [1, 2, 9, 10]])
def test_a_failed_run_at_an_end_of_a_stretch_failed_once(failed: list[int]):
    """The sheet of eight runs stands there twice; the last level of a sweep often fails."""
    values = iter(figures(8 - len(failed) // 2) * 2)
    rows = [
        row
        for place in range(1, 17)
        if place not in failed
        for row in measured([next(values)], first_row=place)
    ]

    facts = derive_facts(
        an_evidence(rows, failed=[a_failed_run("timeout", row=row) for row in failed])
    )

    assert count(facts, "failed-runs") == len(failed) / 2
