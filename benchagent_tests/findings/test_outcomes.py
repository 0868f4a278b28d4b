"""What is right or wrong is compared by its share, since the median says 1 of good models and bad."""

import random

import pytest

from benchagent.facts.derivations import derive_facts
from benchagent.facts.fact import Fact
from benchagent.findings.rules import find
from benchagent.references import render_plain
from benchagent_tests.measured import Row, a_measurement, an_evidence


def told(rows: list[Row]) -> list[str]:
    """Every finding's first wording."""
    facts = derive_facts(an_evidence(rows))
    by_id = {fact.id: fact for fact in facts}
    return [render_plain(each.sentences[0], by_id) for each in find(facts)]


def shares(rows: list[Row]) -> dict[str, Fact]:
    """The share of each subject."""
    facts = derive_facts(an_evidence(rows))
    found = [fact for fact in facts if fact.method == "share" and fact.about == "subject"]
    return {fact.subject or "": fact for fact in found}


def answers(right: dict[str, int], of: int = 60, metric: str = "accuracy") -> list[Row]:
    """So many right answers of each model, in random order, to as many questions."""
    chance = random.Random(3)
    verdicts = [
        (subject, float(at < count)) for subject, count in right.items() for at in range(of)
    ]
    chance.shuffle(verdicts)
    return [
        a_measurement(verdict, metric=metric, unit="ratio", subject=subject, row=row)
        for row, (subject, verdict) in enumerate(verdicts, 1)
    ]


def test_the_model_with_more_right_answers_is_the_better_one_though_both_medians_are_one():
    # by name the worse one comes first, as it did where two medians of 1 tied
    [said] = [each for each in told(answers({"ant:1b": 37, "bee:1b": 53})) if "accuracy" in each]

    assert said.startswith(
        "`bee:1b` had a higher accuracy than `ant:1b`: means of 0.883 and 0.617, a ratio of 1.43"
    )


def test_the_share_of_right_answers_has_wilsons_interval():
    found = shares(answers({"ant:1b": 37, "bee:1b": 60}))

    assert (round(found["ant:1b"].ci_low or 0, 4), round(found["ant:1b"].ci_high or 0, 4)) == (
        0.4902,
        0.7291,
    )
    # where all are right the score still leaves room below
    assert (round(found["bee:1b"].ci_low or 0, 4), found["bee:1b"].ci_high) == (
        0.9398,
        pytest.approx(1.0),
    )


def test_as_many_right_answers_are_no_difference():
    assert not [each for each in told(answers({"ant:1b": 40, "bee:1b": 40})) if "higher" in each]


def test_no_direction_is_told_where_ranks_differ_and_medians_are_equal():
    # answers of 5 or 6 ms: a third of the one's are slower, a sixth of the other's faster
    chance = random.Random(4)
    times = [("ant:1b", 5.0 if at % 3 else 6.0) for at in range(90)]
    times += [("bee:1b", 5.0 if at % 6 else 4.0) for at in range(90)]
    chance.shuffle(times)
    rows = [
        a_measurement(time, metric="latency", unit="ms", subject=subject, row=row)
        for row, (subject, time) in enumerate(times, 1)
    ]

    facts = derive_facts(an_evidence(rows))
    [p] = [fact for fact in facts if fact.about == "comparison" and fact.method == "holm"]
    assert p.value < 0.001
    assert not [each for each in told(rows) if "latency" in each and "than" in each]


def asked_again(questions: int, times: int = 30) -> list[Row]:
    """Two models that are asked the same questions again and again; one knows every third less."""
    chance = random.Random(6)
    asked = [
        (subject, question, float(subject == "bee:1b" or question % 3 > 0))
        for _ in range(times)
        for question in range(questions)
        for subject in ("ant:1b", "bee:1b")
    ]
    chance.shuffle(asked)
    return [
        a_measurement(
            verdict, metric="accuracy", unit="ratio", subject=subject, row=row,
            config={"question": question, "temperature": 0},
        )
        for row, (subject, question, verdict) in enumerate(asked, 1)
    ]  # fmt: skip


def test_answers_to_few_questions_asked_again_and_again_say_little_of_other_questions():
    [said] = [each for each in told(asked_again(3)) if "accuracy" in each]

    assert "higher accuracy than `ant:1b`: means of 1.00 and 0.667" in said
    assert "the same few prompts again and again" in said
    assert "so of other prompts it says little" in said


def test_questions_asked_again_count_once_each():
    # four of twelve differ, which chance alone gives too often; 360 answers a side would be sure
    [said] = [each for each in told(asked_again(12)) if "accuracy" in each]
    assert "showed no clear difference" in said
    assert "over 24 shares of runs (720 runs, one share per prompt of either)" in said

    [said] = [each for each in told(asked_again(60, times=3)) if "accuracy" in each]
    assert "`bee:1b` had a higher accuracy than `ant:1b`" in said
    assert "over 120 shares of runs (360 runs, one share per prompt of either)" in said


def test_a_question_may_be_easy_but_no_setting_is():
    chance = random.Random(8)
    questions = chance.sample(range(120), 120)
    rows = [
        a_measurement(
            float(chance.random() < (0.9 if question < 60 else 0.3)),
            metric="accuracy", unit="ratio", subject="ant:1b", row=row,
            config={"question": question, "difficulty": "easy" if question < 60 else "hard"},
        )
        for row, question in enumerate(questions, 1)
    ]  # fmt: skip

    assert not [each for each in told(rows) if "difficulty" in each]
