"""Subjects beside each other: which is ahead, and when nobody can tell."""

from typing import Any

import pytest

from benchagent.facts.fact import Evidence
from benchagent.references import render_plain
from benchagent_tests.findings.telling import Seen, analyse, noise, told
from benchagent_tests.measured import a_measurement, an_evidence


def two_subjects(ratio: float, **columns: Any) -> Evidence:
    rows = [
        a_measurement(
            round(v * scale, 6), row=row, subject=subject, metric="latency",
            config={"prompt_index": row % 8}, benchmark="serving", **columns,
        )
        for subject, scale, seed in (("nova-3b", 1.0, 1), ("terra-9b", ratio, 2))
        for row, v in enumerate(noise(seed, 8, 40.0, 0.6), 1)
    ]  # fmt: skip
    return an_evidence(rows)


def apart_in_each_prompt(ratio: float) -> Evidence:
    """Two subjects a little apart in each of eight prompts, which are far apart themselves."""
    rows = [
        a_measurement(
            round(10.0 * 3**prompt * scale, 6), row=prompt + 1, subject=subject, metric="latency",
            config={"prompt_index": prompt}, benchmark="serving",
        )
        for subject, scale in (("nova-3b", 1.0), ("terra-9b", ratio))
        for prompt in range(8)
    ]  # fmt: skip
    return an_evidence(rows)


FOUND: list[tuple[str, Seen, str]] = [
    (
        "subjects-compared",
        lambda: two_subjects(1.4),
        r"^`nova-3b` had a lower latency than `terra-9b`: .* over 16 runs in `serving` alike in",
    ),
    (
        "subjects-compared",
        lambda: apart_in_each_prompt(1.05),
        r"medians of 540 ms and 567 ms, a ratio of 0\.952, over 16 runs",
    ),
]


SILENT: list[tuple[str, Seen]] = []


def test_two_subjects_that_are_alike_are_said_to_show_no_clear_difference():
    [sentence] = told(two_subjects(1.0005), "subjects-compared")
    assert "showed no clear difference" in sentence


@pytest.mark.parametrize(
    ("benchmark", "step"),
    [
        ("llm-call", "Where latency decides, prefer `nova`; measure answer quality before that"),
        (
            "command",
            "Where latency decides, prefer `nova`; check that the results are the same before that",
        ),
    ],
)
def test_code_that_is_timed_gives_no_answers_and_has_no_prompts(benchmark: str, step: str):
    rows = [
        a_measurement(
            value * scale, row=row, subject=subject, metric="latency", benchmark=benchmark
        )
        for scale, subject, seed in ((1, "nova", 1), (1.5, "terra", 2))
        for row, value in enumerate(noise(seed, 9, 40.0, 0.6), 1)
    ]
    findings, facts = analyse(an_evidence(rows))

    [found] = [finding for finding in findings if finding.rule == "subjects-compared"]

    assert found.next_step.text == step
    said = render_plain(found.sentences[0], facts)
    assert ("their prompts unknown" in said) is (benchmark == "llm-call")


def test_medians_far_apart_without_a_clear_difference_ask_for_more_runs():
    rows = [
        a_measurement(value, row=row, subject=subject, metric="latency")
        for subject, values in (
            ("nova", [20.0, 20.1, 20.2, 20.3, 20.4, 34.0, 34.1, 34.2, 34.3]),
            ("terra", [20.1, 20.2, 20.3, 20.4, 34.0, 34.1, 34.2, 34.3, 34.4]),
        )
        for row, value in enumerate(values, 1)
    ]
    findings, _ = analyse(an_evidence(rows))
    [found] = [finding for finding in findings if finding.rule == "subjects-compared"]
    assert found.headline.startswith("No clear difference")
    assert found.next_step.text.startswith("Repeat both more often")


def test_subjects_run_one_after_the_other_are_compared_with_that_reserve():
    rows = [
        a_measurement(
            value, row=row, metric="latency", subject=subject, config={"prompt_index": row % 8}
        )
        for subject, mean, first in (("nova:3b", 40.0, 1), ("terra:9b", 60.0, 9))
        for row, value in enumerate(noise(first, 8, mean, 0.6), first)
    ]
    [sentence] = told(an_evidence(rows), "subjects-compared")
    assert "run in blocks of one subject (p = " in sentence
    assert sentence.endswith("; since these ran in blocks, a drift over time could look the same.")
