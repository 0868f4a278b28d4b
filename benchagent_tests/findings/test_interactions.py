"""An option that helps in one place alone is not told as one that helps everywhere."""

import random

from benchagent.facts.derivations import derive_facts
from benchagent.findings.finding import Finding
from benchagent.findings.rules import find
from benchagent.references import render_plain
from benchagent_tests.measured import Row, a_measurement, an_evidence


def effects(rows: list[Row]) -> dict[str, tuple[Finding, str]]:
    """What is told of `cache`, by rule, with the first wording."""
    facts = derive_facts(an_evidence(rows))
    by_id = {fact.id: fact for fact in facts}
    return {
        each.rule: (each, render_plain(each.sentences[0], by_id))
        for each in find(facts)
        if each.rule in ("option-effect", "no-option-effect") and "`cache`" in each.headline
    }


def waits(short: float, long: float) -> list[Row]:
    """Times to first token without and with a cache that makes them this many times as long."""
    chance = random.Random(7)
    plan = [(top_k, cache) for top_k in (20, 80) for cache in ("off", "on") for _ in range(20)]
    chance.shuffle(plan)
    return [
        a_measurement(
            round(
                {20: 200.0, 80: 900.0}[top_k]
                * ({20: short, 80: long}[top_k] if cache == "on" else 1.0)
                * chance.lognormvariate(0, 0.05), 4,
            ),
            metric="ttft", unit="ms", row=row, config={"top_k": top_k, "cache": cache},
        )
        for row, (top_k, cache) in enumerate(plan, 1)
    ]  # fmt: skip


def test_an_effect_under_one_value_of_another_option_is_told_with_both():
    finding, said = effects(waits(1.0, 0.7))["option-effect"]

    assert finding.headline.endswith("differed with `cache`, depending on `top_k`")
    assert "; it depended on `top_k`: with `top_k=20` medians of " in said
    assert " and with `top_k=80` medians of " in said
    assert finding.next_step.text.startswith("Choose `cache` for each `top_k` by itself")


def test_effects_that_cancel_each_other_are_no_absence_of_effects():
    found = effects(waits(1.25, 0.8))

    assert "no-option-effect" not in found
    assert "; it depended on `top_k`: " in found["option-effect"][1]


def test_an_effect_that_is_the_same_everywhere_depends_on_nothing():
    finding, said = effects(waits(0.8, 0.8))["option-effect"]

    assert finding.headline.endswith("differed with `cache`")
    assert "depended" not in said


def test_no_effect_anywhere_depends_on_nothing():
    found = effects(waits(1.0, 1.0))

    assert "option-effect" not in found
    assert "depended" not in found["no-option-effect"][1]
