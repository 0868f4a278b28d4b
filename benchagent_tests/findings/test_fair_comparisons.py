"""What is not to be chosen, or was not shuffled, is not told as if it were a clear winner."""

import random
import re
from collections.abc import Mapping

import pytest

from benchagent.facts.derivations import derive_facts
from benchagent.findings.finding import Finding
from benchagent.findings.rules import find
from benchagent.references import render_plain
from benchagent_tests.measured import Row, a_measurement, an_evidence


def findings_of(rows: list[Row]) -> dict[str, tuple[Finding, str]]:
    """Each finding by its rule, with its first wording."""
    facts = derive_facts(an_evidence(rows))
    by_id = {fact.id: fact for fact in facts}
    return {each.rule: (each, render_plain(each.sentences[0], by_id)) for each in find(facts)}


def runs(*configs: Mapping[str, object], times: int = 10, shuffled: bool = True) -> list[Row]:
    """Rates under each configuration, in this order again and again or shuffled; each 5 % lower."""
    chance = random.Random(5)
    made = [at for _ in range(times) for at in range(len(configs))]
    if shuffled:
        chance.shuffle(made)
    return [
        a_measurement(round(50 * 0.95**at + chance.gauss(0, 0.2), 3), row=row, config=configs[at])
        for row, at in enumerate(made, 1)
    ]


@pytest.mark.parametrize(
    "asked",
    [
        "prompt_len", "concurrency", "num_predict", "tokenizer",
        # as others name them
        "num_concurrency", "max_new_tokens", "avg_prompt_tokens", "target_rps",
    ],
)  # fmt: skip
def test_what_was_asked_of_a_server_is_no_setting_to_choose(asked: str):
    found = findings_of(runs(*({asked: level} for level in (64, 512, 4096))))

    assert "best-configuration" not in found
    effect, sentence = found["option-effect"]
    assert f"differed with `{asked}`" in sentence
    assert (
        effect.next_step.text
        == f"Compare models and options within one `{asked}`, or on each alike"
    )


def test_the_best_configuration_is_sought_among_those_of_which_as_much_was_asked():
    found = findings_of(
        runs(
            {"prompt_len": 64, "num_batch": 8, "top_k": 1},
            {"prompt_len": 64, "num_batch": 16, "top_k": 2},
            {"prompt_len": 512, "num_batch": 8, "top_k": 1},
        )
    )

    _, sentence = found["best-configuration"]
    assert sentence.startswith("`num_batch=8 top_k=1` had the highest decode rate")
    assert "among 2 configurations" in sentence


def test_runs_that_differ_in_their_seed_alone_are_repetitions():
    rows = runs(*({"num_batch": 8, "seed": seed} for seed in range(6)), times=1)

    assert not {"best-within-noise", "single-repetitions", "no-option-effect"} & set(
        findings_of(rows)
    )


def test_a_difference_between_values_that_took_turns_in_one_order_says_so():
    found = findings_of(runs({"flash_attn": "off"}, {"flash_attn": "on"}, shuffled=False))

    effect, sentence = found["option-effect"]
    assert "`flash_attn` took its values in the same order every time (20 runs in" in sentence
    assert "shuffled" in effect.next_step.text


def test_a_first_place_of_runs_that_took_turns_in_one_order_is_no_clear_one():
    configs = [{"arm": name, "num_batch": size} for name, size in (("A", 8), ("B", 16))]

    lead, sentence = findings_of(runs(*configs, shuffled=False))["best-configuration"]

    assert "took its values in the same order every time" in sentence
    assert "clearly" not in lead.headline
    assert "shuffled" in lead.next_step.text


def test_shuffled_runs_and_few_runs_are_not_said_to_have_taken_turns():
    shuffled = runs({"flash_attn": "off"}, {"flash_attn": "on"})
    few = runs({"flash_attn": "off"}, {"flash_attn": "on"}, times=3, shuffled=False)

    for rows in (shuffled, few):
        assert not any("same order every time" in said for _, said in findings_of(rows).values())


def answers(shorter: int) -> list[Row]:
    """Calls of two models of one rate, of which the second answers in fewer tokens."""
    chance = random.Random(8)
    return [
        a_measurement(number, metric=metric, unit=unit, row=row, subject=subject)
        for row in range(1, 41)
        for subject, mean in [("heron:8b", 600) if row % 2 else ("wren:8b", shorter)]
        for tokens in [round(mean * chance.uniform(0.9, 1.1))]
        for metric, unit, number in (
            ("output_tokens", "tokens", tokens),
            ("latency", "ms", 20 * tokens + (100 if subject == "heron:8b" else 0)),
        )
    ]


def test_a_latency_that_is_lower_as_the_answers_are_shorter_says_so():
    _, sentence = findings_of(answers(200))["subjects-compared"]

    assert sentence.startswith("`wren:8b` had a lower latency than `heron:8b`")
    assert re.search(r", for answers of \d+ tokens against \d+ tokens \(medians\)", sentence)


def test_a_latency_of_answers_of_one_length_says_nothing_of_them():
    assert "answers of" not in findings_of(answers(600))["subjects-compared"][1]


@pytest.mark.parametrize("named", ["prompt", "question"])
def test_a_question_is_no_configuration_that_may_be_the_best(named: str):
    chance = random.Random(2)
    rows = [
        a_measurement(50 + 10 * at + chance.gauss(0, 0.2), row=row, config={named: f"q{at}"})
        for row, at in enumerate([0, 1, 2] * 6, 1)
    ]
    found = findings_of(rows)
    assert not found.keys() & {"best-configuration", "option-effect", "best-within-noise"}
