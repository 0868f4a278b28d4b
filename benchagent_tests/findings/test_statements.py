from dataclasses import replace
from typing import Any

import pytest

from benchagent.facts.fact import Fact
from benchagent.findings.finding import Finding, NextStep
from benchagent.verification.guard.statements import Accepted, Rejected, check_statement


def a_fact(number: int, value: float, *, subject: str, **changes: Any) -> Fact:
    given: dict[str, Any] = {
        "label": f"median decode rate of `{subject}`, warm calls",
        "metric": "decode_rate",
        "phase": "warm",
        **changes,
    }
    return Fact(
        id=f"F{number:012x}",
        kind="statistic",
        value=value,
        unit="tok/s",
        subject=subject,
        method="median",
        n=9,
        **given,
    )


def count(number: int, value: float, label: str) -> Fact:
    return Fact(id=f"F{number:012x}", kind="count", label=label, value=value, unit="runs")


LARGE = a_fact(1, 77.8, subject="big:8b")
SMALL = a_fact(2, 288.0, subject="small:270m")
OTHER = a_fact(3, 5.0, subject="other:1b")
FACTS = {fact.id: fact for fact in (LARGE, SMALL, OTHER)}
FINDING = Finding(
    id="D000000000001",
    rule="subject-comparison",
    topic="speed",
    severity="result",
    rank=1.0,
    headline="Decode rate by model",
    sentences=(
        f"`small:270m` decodes faster than `big:8b`: {{{SMALL.id}}} against {{{LARGE.id}}}.",
    ),
    facts=(SMALL.id, LARGE.id),
    next_step=NextStep(text="Choose by quality."),
)
NAMES = {"a1": SMALL.id, "a2": LARGE.id}


def check(text: str, said_before: tuple[str, ...] = ()) -> Accepted | Rejected:
    return check_statement(text, [FINDING], NAMES, FACTS, said_before)


@pytest.mark.parametrize(
    "text",
    [
        "At {a1}, `small:270m` is the quick one.",
        "`small:270m` reaches {a1}, `big:8b` {a2}.",
        "At {a1} `small:270m` is faster than `big:8b`, which reaches {a2}.",
        "`big:8b` ({a2}) is slower than `small:270m` ({a1}).",
    ],
)
def test_a_true_sentence_stands_with_its_references_turned_into_facts(text: str) -> None:
    checked = check(text)

    assert isinstance(checked, Accepted), checked
    assert SMALL.id in checked.text
    assert "{a1}" not in checked.text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("`small:270m` reaches 999 tok/s.", "figure of its own"),
        ("`small:270m` reaches {a1}, a gain of 34%.", "figure of its own"),
        # other scripts, superscripts, fractions and full-width digits are digits too
        ("`small:270m` reaches ٩٩ tokens.", "figure of its own"),
        ("`small:270m` reaches {a1}²x.", "figure of its own"),
        ("`small:270m` reaches ½ of that.", "figure of its own"),
        ("`small:270m` reaches ９９ tokens.", "figure of its own"),
        ("`small:270m` is 1e3 quick.", "figure of its own"),
        # numbers in words
        ("`small:270m` is three times as quick.", "figure in words"),
        ("`small:270m` is twice as quick.", "figure in words"),
        ("`small:270m` is ninefold quick.", "figure in words"),
        ("`small:270m` is two-thirds quick.", "figure in words"),
        ("`small:270m` braucht neunhundert dafür.", "figure in words"),
        ("`small:270m` reaches CMXCIX there.", "Roman"),
        ("`small:270m` reaches \u2168 there.", "Roman"),
        ("`small:270m` reaches \u4e5d\u767e there.", "figure of its own"),
        ("`small:270m` reaches IOO tok/s.", "unit without a figure"),
        ("`small:270m` reaches \u2728 there.", "no letter or mark"),
        ("Most runs of `small:270m` reach {a1}.", "says how many"),
        # what makes another number of a figure
        ("`small:270m` reaches -{a1}.", "a sign stands at a figure"),
        ("`small:270m` reaches {a1}k.", "a sign stands at a figure"),
        ("`small:270m` reaches {a1}.{a1}.", "a sign stands at a figure"),
        ("`small:270m` reaches {a1} million.", "figure in words"),
        ("`small:270m` reaches {a1} seconds.", "after a figure changes it"),
        ("`small:270m` reaches up to {a1}.", "before a figure changes it"),
        ("`small:270m` reaches at least {a1}.", "before a figure changes it"),
        # figures that are called something else
        ("The load time of `small:270m` is {a1}.", "nothing that the finding speaks of"),
        ("The peak of `small:270m` is {a1}.", "nothing that the finding speaks of"),
        ("Cold calls of `small:270m` reach {a1}.", "nothing that the finding speaks of"),
        # figures that were not offered, or belong to someone else
        ("`small:270m` reaches {a3}.", "was not offered"),
        (f"`small:270m` reaches {{{OTHER.id}}}.", "was not offered"),
        ("`big:8b` reaches {a1}.", "not its own"),
        ("`small:270m` reaches {a2}.", "not its own"),
        # names of others, and names smuggled out of their quotes
        ("`other:1b` reaches {a1}.", "not named by the finding"),
        ("`999 tok/s` is what `small:270m` reaches.", "not named by the finding"),
        # directions turned round
        ("`big:8b` ({a2}) is faster than `small:270m` ({a1}).", "the wrong way round"),
        ("`small:270m` ({a1}) is slower than `big:8b` ({a2}).", "the wrong way round"),
        ("`small:270m` ({a1}) is outperformed by `big:8b` ({a2}).", "cannot be checked"),
        ("`small:270m` is not faster than `big:8b`, {a1} and {a2}.", "does not state"),
        # a figure whose owner cannot be told from the words
        ("`small:270m` is faster than `big:8b`, at {a1} against {a2}.", "not its own"),
        # causes
        ("`small:270m` reaches {a1} because of the cache.", "is a cause"),
        # shapes that hide figures
        ("`small:270m` <!-- 999 --> reaches {a1}.", "markup"),
        ("See [{a1}](http://x/999).", "markup"),
        ("`small:270m` reaches $\\infty$.", "markup"),
        ("`small:270m` reaches\u202e {a1}.", "control characters"),
        ("`small:270m` reaches {a1}", "end as a sentence"),
        ("", "empty"),
        ("`small:270m` reaches {a1}. " * 30, "characters"),
        ("`small:270m` reaches {a1}. `small:270m` reaches {a1}.", "repeats itself"),
    ],
)
def test_a_sentence_that_could_mislead_is_replaced(text: str, reason: str) -> None:
    checked = check(text)

    assert isinstance(checked, Rejected), checked
    assert reason in checked.reason


def test_a_sentence_that_the_reader_has_just_read_is_not_told_again() -> None:
    first = check("`small:270m` reaches {a1}.")
    assert isinstance(first, Accepted)

    again = check("`small:270m` reaches {a1}.", (first.text,))

    assert isinstance(again, Rejected)
    assert "before it" in again.reason


def test_words_that_set_facts_apart_stand_beside_their_own_figure() -> None:
    cold = a_fact(4, 9.0, subject="big:8b", label="median decode rate of `big:8b`, cold calls")
    failed = count(5, 3, "failed runs")
    measured = count(6, 40, "measured runs")
    facts = {fact.id: fact for fact in (LARGE, cold, failed, measured)}
    said = (
        f"The median of `big:8b` is {{{LARGE.id}}} warm and {{{cold.id}}} cold; "
        f"{{{failed.id}}} failed, {{{measured.id}}} were measured."
    )
    finding = replace(FINDING, sentences=(said,), facts=tuple(facts))
    names = {"warm": LARGE.id, "cold": cold.id, "failed": failed.id, "measured": measured.id}

    def accepted(text: str) -> bool:
        return isinstance(check_statement(text, [finding], names, facts), Accepted)

    assert accepted("Warm, `big:8b` has a median of {warm}; cold, it is at {cold}.")
    assert accepted("{failed} failed, {measured} were measured.")
    assert not accepted("Cold, `big:8b` has a median of {warm}.")
    assert not accepted("{measured} failed.")
    assert not accepted("The mean of `big:8b` is {warm}, warm.")


def test_a_fact_whose_level_is_in_words_hinders_no_sentence() -> None:
    alike = a_fact(7, 1.0, subject="big:8b", option="num_ctx", level="alike in settings")
    facts = {**FACTS, alike.id: alike}

    checked = check_statement("`small:270m` reaches {a1}.", [FINDING], NAMES, facts)

    assert isinstance(checked, Accepted)


RUNS = count(11, 40, "runs")
ALONE = count(12, 31, "runs without repetition")
FAILED = count(13, 6, "failed runs")
DENYING = replace(
    FINDING,
    sentences=(
        (
            f"Out of {{{RUNS.id}}}, {{{ALONE.id}}} had no repetition under the same settings, and "
            f"{{{FAILED.id}}} failed, so no ranking is supported."
        ),
    ),
    facts=(RUNS.id, ALONE.id, FAILED.id),
)
DENIED = {"runs": RUNS.id, "alone": ALONE.id, "failed": FAILED.id}


def refused(text: str, finding: Finding = DENYING) -> str | None:
    """The reason why a sentence about a finding that denies something does not stand."""
    facts = {fact.id: fact for fact in (RUNS, ALONE, FAILED)}
    checked = check_statement(text, [finding], DENIED, facts)
    return checked.reason if isinstance(checked, Rejected) else None


@pytest.mark.parametrize(
    "text",
    [
        "{alone} had no repetition.",
        "No repetition was made of {alone}, and {failed} failed.",
        "No ranking is supported.",
    ],
)
def test_what_the_finding_denies_may_be_denied(text: str) -> None:
    assert refused(text) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("There was no failure in {runs}.", "denies 'fail"),
        ("{alone} had a repetition under the same settings.", "affirms 'repe"),
        ("A ranking is supported.", "affirms 'rank"),
        ("{failed} had no repetition.", "a figure stands in what is denied"),
        ("There were no settings alike for {alone}.", "denies 'sett"),
    ],
)
def test_a_not_in_the_wrong_place_is_seen(text: str, reason: str) -> None:
    assert reason in (refused(text) or "")


def test_what_one_clause_denies_is_not_denied_of_a_figure_of_another_one() -> None:
    twice = replace(
        DENYING,
        sentences=(f"{{{ALONE.id}}} had no repetition, and {{{FAILED.id}}} gave no answer.",),
    )

    assert refused("{failed} gave no answer.", twice) is None
    assert refused("{alone} had no repetition, and {failed} gave no answer.", twice) is None
    assert "denies 'repe" in (refused("{failed} had no repetition.", twice) or "")
    assert "denies 'answ" in (refused("There was no answer of {alone}.", twice) or "")
