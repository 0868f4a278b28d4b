"""Differences that may not mean what they seem to: of survivors, other prompts, other tokens."""

import random
from collections.abc import Mapping
from typing import Any

import pytest

from benchagent.facts.derivations import derive_facts
from benchagent.findings.finding import Finding
from benchagent.findings.rules import find
from benchagent.measurements.model_names import family_of
from benchagent.references import render_plain
from benchagent_tests.measured import Row, a_failed_run, a_measurement, an_evidence


def told(rows: list[Row], failed: list[Row] | None = None) -> list[tuple[Finding, str]]:
    """Each finding with its first wording."""
    facts = derive_facts(an_evidence(rows, failed=failed or []))
    by_id = {fact.id: fact for fact in facts}
    return [(each, render_plain(each.sentences[0], by_id)) for each in find(facts)]


def shuffled(
    rates: Mapping[str, float], *, failing: str = "", first_row: int = 1, **columns: Any
) -> tuple[list[Row], list[Row]]:
    """Twelve runs of each value of `num_ctx` or each model; of one, every second run fails."""
    chance = random.Random(8)
    plan = [(level, at) for at in range(12) for level in rates]
    chance.shuffle(plan)
    rows: list[Row] = []
    failed: list[Row] = []
    for row, (level, at) in enumerate(plan, first_row):
        config: dict[str, object] = {"prompt_id": at % 3}
        known: dict[str, Any] = {"config": config, **columns}
        if level.isdigit():
            config["num_ctx"] = int(level)
        else:
            known["subject"] = level
        if level == failing and at % 2:
            failed.append(a_failed_run("timed out after 60 s", row=row, **known))
        else:
            rows.append(
                a_measurement(round(rates[level] + chance.gauss(0, 0.2), 3), row=row, **known)
            )
    return rows, failed


THREE = {"2048": 30.0, "4096": 29.5, "8192": 34.0}
TWO = {"2048": 30.0, "8192": 34.0}
MODELS = {"wren:3b": 30.0, "heron:3b": 34.0}


@pytest.mark.parametrize(
    ("rates", "rule", "named"),
    [
        (THREE, "best-configuration", "`num_ctx=8192`"),
        (TWO, "option-effect", "`num_ctx=8192`"),
        (MODELS, "subjects-compared", "`heron:3b`"),
        ({**MODELS, "finch:3b": 25.0}, "subjects-compared", "`heron:3b`"),
    ],
)
def test_what_is_best_among_the_runs_that_survived_is_not_recommended(
    rates: Mapping[str, float], rule: str, named: str
):
    best = max(rates, key=lambda level: rates[level])
    [(sound, sentence)] = _of(rule, told(*shuffled(rates)))
    assert "survived" not in sentence
    assert "Find out why" not in sound.next_step.text

    [(found, sentence)] = _of(rule, told(*shuffled(rates, failing=best)))
    assert f"6 runs with {named} failed and 6 runs gave numbers in `reports/runs.csv`" in sentence
    assert "so what is compared are runs that survived" in sentence
    assert found.next_step.text.startswith(f"Find out why runs with {named} fail")


def test_failures_of_the_worse_value_are_said_beside_what_is_recommended():
    [(found, sentence)] = _of("option-effect", told(*shuffled(TWO, failing="2048")))
    assert "6 runs with `num_ctx=2048` failed" in sentence
    assert found.next_step.text == "Set `num_ctx=8192` and measure answer quality"


def test_failures_of_another_model_are_no_matter_of_a_result():
    rows, failed = shuffled(TWO, failing="8192", subject="jay:2b", first_row=100)
    sound, _ = shuffled(TWO, subject="owl:3b")
    effects = _of("option-effect", told([*rows, *sound], failed))
    survived = {found.headline: "survived" in sentence for found, sentence in effects}
    assert survived == {
        "The decode rate of `jay:2b` differed with `num_ctx`": True,
        "The decode rate of `owl:3b` differed with `num_ctx`": False,
    }


def _of(rule: str, found: list[tuple[Finding, str]]) -> list[tuple[Finding, str]]:
    return [each for each in found if each[0].rule == rule]


def _with_lengths(levels: Mapping[int, int], metric: str, option: str) -> list[Row]:
    """Calls whose prompts or answers had as many tokens as their value of the option says."""
    chance = random.Random(3)
    plan = [level for _ in range(12) for level in levels]
    chance.shuffle(plan)
    rows: list[Row] = []
    for row, level in enumerate(plan, 1):
        config = {option: level}
        time = round(100 * level**0.5 + chance.gauss(0, 3), 3)
        rows.append(a_measurement(time, row=row, metric="total_time", config=config))
        length = float(levels[level])
        rows.append(a_measurement(length, row=row, metric=metric, unit="tokens", config=config))
    return rows


@pytest.mark.parametrize("rule", ["option-effect", "best-configuration"])
def test_a_value_that_was_tried_on_shorter_prompts_is_not_recommended(rule: str):
    levels = (256, 1024, 4096)[: 2 if rule == "option-effect" else 3]
    for lengths, alike in ((64, 64, 64), True), ((64, 512, 512), False):
        rows = _with_lengths(dict(zip(levels, lengths, strict=False)), "prompt_tokens", "num_batch")
        [(found, sentence)] = _of(rule, told(rows))
        said = "the prompts were not alike (medians of 64 tokens against 512 tokens)"
        assert (said in sentence) != alike
        assert ("again with the same prompts" in found.next_step.text) != alike


def test_prompts_of_the_lengths_that_were_asked_for_are_no_reserve():
    rows = _with_lengths({64: 64, 512: 512}, "prompt_tokens", "prompt_len")
    [(_, sentence)] = _of("option-effect", told(rows))
    assert "not alike" not in sentence


def test_a_value_with_shorter_answers_is_told_with_their_lengths():
    for length, said in ((100, False), (240, True)):
        rows = _with_lengths({256: 100, 1024: length}, "output_tokens", "num_batch")
        [(_, sentence)] = _of("option-effect", told(rows))
        assert ("for answers of 100 tokens against 240 tokens" in sentence) is said


OTHER_TOKENS = "a token of one family of models may hold more text than one of another"


@pytest.mark.parametrize(
    ("rates", "said"),
    [
        (MODELS, True),
        ({"wren:3b-q4_0": 34.0, "wren:3b-q8_0": 30.0}, False),  # of one tokenizer
        ({"wren3.1:8b": 34.0, "wren3.2:3b": 30.0}, False),
        ({"wren:3b": 90.0, "heron:30b": 30.0}, False),  # no tokenizer makes that
        ({"wren:3b": 34.0, "heron:3b": 30.0, "wren:7b": 20.0}, True),
        ({"wren:3b": 34.0, "wren:7b": 30.0, "wren:9b": 20.0}, False),
        ({"eager": 34.0, "compiled": 30.0}, False),  # nothing says that these are models
    ],
)
def test_tokens_of_two_families_are_not_taken_for_the_same_work(
    rates: Mapping[str, float], *, said: bool
):
    [(found, sentence)] = _of("subjects-compared", told(*shuffled(rates)))
    assert (OTHER_TOKENS in sentence) is said
    assert found.next_step.text.startswith("Compare characters per second") is said


def test_times_to_the_first_token_count_no_tokens():
    rows, _ = shuffled(MODELS)
    times = [{**row, "metric": "ttft", "unit": "ms"} for row in rows]
    [(_, sentence)] = _of("subjects-compared", told(times))
    assert OTHER_TOKENS not in sentence


@pytest.mark.parametrize(
    ("times", "said", "step"),
    [
        # seconds for whole answers, which no tokenizer cuts
        ({"wren:3b": 5.0, "heron:3b": 4.4}, "was lower too", "Where decode rate decides"),
        ({"wren:3b": 4.4, "heron:3b": 5.0}, "was higher", "Compare characters per second"),
        ({"wren:3b": 5.0, "heron:3b": 5.0}, "was not told apart", "Compare characters per second"),
    ],
)
def test_whole_answers_say_whether_a_rate_in_tokens_is_borne_out(
    times: Mapping[str, float], said: str, step: str
):
    rates, _ = shuffled(MODELS)
    lasted, _ = shuffled({name: 100 * time for name, time in times.items()})
    calls = [{**row, "metric": "total_time", "unit": "ms"} for row in lasted]
    [(found, sentence), *_] = _of("subjects-compared", told([*rates, *calls]))
    assert f"the total time of `heron:3b` {said}" in sentence
    assert found.next_step.text.startswith(step)


@pytest.mark.parametrize(
    ("names", "family"),
    [
        (("llama3.1:8b-instruct-q4_0", "Llama-3.2-1B-Instruct-Q8_0.gguf"), "llama3"),
        (("meta-llama/Llama-3.1-8B-Instruct", "Meta-Llama-3.1-8B-Instruct-AWQ"), "llama3"),
        (("gemma-2-2b-it", "gemma2:9b", "unsloth/gemma-2-9b-it-GGUF"), "gemma2"),
        (("qwen2.5:7b", "Qwen/Qwen2.5-0.5B-Instruct", "qwen2:7b-fp16"), "qwen2"),
        (("mixtral:8x7b", "Mixtral-8x7B-Instruct-GPTQ"), "mixtral"),
    ],
)
def test_a_family_is_known_by_any_name_of_its_members(names: tuple[str, ...], family: str):
    assert {family_of(name) for name in names} == {family}
