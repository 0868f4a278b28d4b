"""Two models at several tasks: told in one, with the task named that a difference is of."""

import random

from benchagent.facts.derivations import derive_facts
from benchagent.findings.finding import Finding
from benchagent.findings.rules import find
from benchagent.references import render_plain
from benchagent_tests.measured import Row, a_failed_run, a_measurement, an_evidence


def compared(rows: list[Row], failures: list[Row] | None = None) -> list[tuple[Finding, str]]:
    """What is told of subjects, with the first wording."""
    facts = derive_facts(an_evidence(rows, failed=failures or []))
    by_id = {fact.id: fact for fact in facts}
    return [
        (each, render_plain(each.sentences[0], by_id))
        for each in find(facts)
        if each.rule == "subjects-compared"
    ]


def rates(tasks: dict[str, float], runs: int = 12) -> list[Row]:
    """Rates of two models at each task, where the second is this many times as fast."""
    chance = random.Random(11)
    made = [
        (subject, task, 40.0 * (factor if subject == "ant:3b" else 1.0))
        for task, factor in tasks.items()
        for subject in ("ant:1b", "ant:3b")
        for _ in range(runs)
    ]
    chance.shuffle(made)
    return [
        a_measurement(
            round(rate * chance.lognormvariate(0, 0.02), 4),
            subject=subject, row=row, config={"task": task},
        )
        for row, (subject, task, rate) in enumerate(made, 1)
    ]  # fmt: skip


def test_a_difference_at_one_task_is_told_of_that_task_with_the_others_beside_it():
    [(finding, said)] = compared(rates({"chat": 1.0, "code": 1.3}))

    assert finding.headline == "`ant:3b` had a higher decode rate than `ant:1b` with `task=code`"
    assert said.startswith(
        "`ant:3b` had a higher decode rate than `ant:1b` with `task=code` (medians of 51."
    )
    assert "; no clear difference was seen with `task=chat` (medians of " in said
    assert "decode rate with `task=code` decides, prefer `ant:3b`" in finding.next_step.text


def test_tasks_at_which_the_other_one_is_better_are_told_as_that():
    [(finding, said)] = compared(rates({"chat": 0.8, "code": 1.4, "maths": 1.4}))

    assert finding.headline.endswith("with `task=maths` and `task=code`")
    assert "; it was the other way round with `task=chat` (medians of 32." in said


def test_no_difference_at_any_task_is_told_once():
    [(finding, said)] = compared(rates({"chat": 1.0, "code": 1.0}))

    assert finding.headline.endswith("between `ant:1b` and `ant:3b` at any work") or (
        finding.headline.endswith("between `ant:3b` and `ant:1b` at any work")
    )
    assert said.count("after Holm") == 2


def test_a_single_task_is_named():
    [(finding, said)] = compared(rates({"code": 1.3}))

    assert finding.headline.endswith("than `ant:1b` with `task=code`")
    assert " with `task=code` alike in recorded settings" in said


def test_of_survivors_it_is_said_once_whatever_the_number_of_tasks():
    rows = rates({"chat": 1.3, "code": 1.3, "maths": 1.3})
    failures = [
        a_failed_run("timed out", row=200 + at, config={"task": "maths"}, subject="ant:3b")
        for at in range(15)
    ]

    [(finding, said)] = compared(rows, failures)

    assert said.count("so what is compared are runs that survived") == 1
    assert finding.next_step.text.startswith("Find out why runs with `ant:3b` fail")
