"""Means that cold calls and slow ones lift."""

import math
from statistics import NormalDist

import pytest

from benchagent.facts.derivations import derive_facts
from benchagent.facts.fact import Evidence
from benchagent.facts.ids import Values
from benchagent.facts.recomputing import recompute
from benchagent_tests.findings.telling import STEADY, Seen, calls, cold_on, noise
from benchagent_tests.measured import a_measurement, an_evidence, measured


def loaded(cold_of_first: int, cold_of_second: int) -> Evidence:
    """Six calls each of two subjects of one file, the first ones cold."""
    rows = [
        a_measurement(
            4000.0 if place < cold else 50.0 + place, metric="ttft", row=first + place,
            subject=subject, phase="cold" if place < cold else "warm", path="artifacts/two.csv",
        )
        for subject, cold, first in (("puma:2b", cold_of_first, 1), ("lynx:2b", cold_of_second, 9))
        for place in range(6)
    ]  # fmt: skip
    return an_evidence(rows)


def with_slow_ones(times: float, *slow: int, metric: str = "ttft") -> Evidence:
    """Thirty calls of one prompt, some of them so many times as slow as the others."""
    return an_evidence(
        [
            a_measurement(
                value * (times if at in slow else 1.0),
                metric=metric, row=at + 1, path="artifacts/w.csv", subject="plover:3b",
            )
            for at, value in enumerate(STEADY)
        ]
    )  # fmt: skip


def skewed() -> Evidence:
    """Times whose mean lies far above the median, whatever the three slowest took."""
    return an_evidence(
        measured(
            [10.0 * math.exp(0.6 * NormalDist().inv_cdf((at + 0.5) / 300)) for at in range(300)],
            metric="ttft",
            subject="plover:3b",
        )
    )


def of_two_lengths() -> Evidence:
    """Three prompts of ten that take six times as long, each asked ten times."""
    return an_evidence(
        [
            a_measurement(
                value * (6.0 if prompt > 7 else 1.0),
                metric="ttft", row=10 * at + prompt + 1, subject="plover:3b",
                config={"prompt_index": prompt},
            )
            for prompt in range(10)
            for at, value in enumerate(noise(prompt, 10, 20.0, 1.0))
        ]
    )  # fmt: skip


FOUND: list[tuple[str, Seen, str]] = [
    (
        "slow-tail",
        lambda: with_slow_ones(7.0, 3, 14, 25),
        (
            r"^The time to first token of `plover:3b` in `llm-call` has a slow tail: 3 runs out of 30 "
            r"runs took far longer than the median of their prompt and settings, up to 1\d\d ms, so "
            r"that on average a call took 1\.\d+ times that median\.$"
        ),
    ),
    (
        "cold-share",
        lambda: loaded(2, 0),
        (
            r"^In `artifacts/two.csv`, `puma:2b` had a mean time to first token of .* over all calls and "
            r"`lynx:2b` one of .*: `puma:2b` had 2 cold calls, `lynx:2b` none\.$"
        ),
    ),
    (
        "cold-start",
        lambda: an_evidence(
            calls([8000.0, 9000.0], [50.0, 55, 60, 52], metric="ttft", subject="qwen:4b")
        ),
        r"was 2\.87 s over all 6 calls and 54\.2 ms over the warm ones: 2 cold calls",
    ),
    (
        "cold-start",
        lambda: an_evidence(calls([210.0], [50.0, 55, 60, 52], metric="ttft", subject="qwen:4b")),
        r"was 85\.4 ms over all 5 calls and 54\.2 ms over the warm ones: the only cold call took 210 ms",
    ),
    (
        "slow-tail",
        lambda: an_evidence(measured([*noise(4, 20, 50.0, 1.0), 900.0], metric="ttft")),
        r"has a slow tail: 1 run out of 21 runs took far longer .*, up to 900 ms, so that on average",
    ),
    (
        "cold-on-one-setting",
        lambda: cold_on([20]),
        r"^All cold calls fell on `top_k=20` \(3 calls in `artifacts/k.csv`\)",
    ),
]


SILENT: list[tuple[str, Seen]] = [
    ("slow-tail", lambda: with_slow_ones(1.0)),
    # one is an accident, a third is no tail, and a longer prompt takes longer
    ("slow-tail", lambda: with_slow_ones(7.0, 14)),
    ("slow-tail", lambda: with_slow_ones(7.0, *range(0, 30, 3))),
    ("slow-tail", of_two_lengths),
    # the few slowest of many do not make the mean, which is above the median without them
    ("slow-tail", skewed),
    # a rate has no tail to the right
    ("slow-tail", lambda: with_slow_ones(7.0, 3, 14, 25, metric="decode_rate")),
    ("cold-share", lambda: loaded(1, 1)),
    ("cold-share", lambda: loaded(0, 0)),
    # a mean that a load lifts by two fifths
    ("cold-start", lambda: an_evidence(calls([160.0], [50.0, 55, 60, 52], metric="ttft"))),
    # warm calls that vary, and a load that costs little
    ("cold-start", lambda: an_evidence(calls([70.0], [50.0, 55, 60, 52], metric="ttft"))),
    # a rate is not a wait: a mean that cold calls lift says nothing
    ("cold-start", lambda: an_evidence(calls([900.0, 900], [50.0, 55, 60, 52]))),
    ("cold-on-one-setting", lambda: cold_on([20, 60])),
]


def test_how_far_slow_calls_lift_the_mean_can_be_computed_again():
    rows = [
        a_measurement(value, metric="ttft", row=at + 1, config={"prompt_index": at % 2})
        for at, value in enumerate([10.0, 100.0] * 10 + [90.0, 110.0, 90.0, 90.0])
    ]
    by_id = {fact.id: fact for fact in derive_facts(an_evidence(rows))}
    [lifted] = [fact for fact in by_id.values() if fact.method == "mean-of-multiples"]
    values = Values.of({at: row["value"] for at, row in enumerate(rows)})
    # 20 as their median, two ninefold, and of the other prompt 1.1 and 0.9 of it
    assert lifted.value == pytest.approx((20 + 9 + 9 + 1.1 + 0.9) / 24)
    assert recompute(lifted, values, by_id) == lifted.value
