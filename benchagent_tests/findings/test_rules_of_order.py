"""Values that follow the order of runs, and runs that were not repeated."""

from collections.abc import Sequence
from typing import Any

from benchagent.facts.derivations import derive_facts
from benchagent.facts.fact import Evidence
from benchagent.facts.ids import Values
from benchagent.facts.recomputing import recompute
from benchagent_tests.findings.telling import STEADY, Seen, arms, once_each, told, variants
from benchagent_tests.measured import Row, a_measurement, an_evidence, measured


def in_order_of(
    values: Sequence[float], path: str = "artifacts/long.csv", metric: str = "latency"
) -> Evidence:
    return an_evidence(measured(values, metric=metric, path=path, subject="resnet"))


def once_with_perplexity() -> list[Row]:
    """Three quantisations, each timed once, with the perplexity of a text and its error."""
    rows = once_each([5.0, 6.0, 5.5], metric="decode_rate", subject="vit")
    for at in (1, 2, 3):
        shared: dict[str, Any] = {"row": at, "config": {"batch": at, "beam": 2}, "subject": "vit"}
        rows.append(a_measurement(9.0 + at, metric="perplexity", **shared))
        rows.append(a_measurement(0.5, metric="perplexity", statistic="stderr", **shared))
    return rows


def with_interval_alone(means: list[float]) -> Evidence:
    return an_evidence(
        [
            a_measurement(
                value, metric="ttft", statistic=statistic, row=row, config={"threads": row}
            )
            for row, mean in enumerate(means, 1)
            for statistic, value in {
                "mean_of_p99": mean, "ci_low_of_p99": mean - 1, "ci_high_of_p99": mean + 1,
            }.items()
        ]
    )  # fmt: skip


def with_median_alone(medians: list[float]) -> Evidence:
    """Somebody ran each setting several times, and wrote down no more than this."""
    return an_evidence(
        [
            a_measurement(
                value, metric="ttft", statistic="median", row=row, config={"threads": row}
            )
            for row, value in enumerate(medians, 1)
        ]
    )


def asked_in_turn(values: Sequence[float], prompts: int) -> Evidence:
    """So many prompts, one after the other, each as often as the others, 9 ms apart."""
    each = len(values) // prompts
    return an_evidence(
        [
            a_measurement(
                value + 9 * ((at // each) % 2), row=at + 1, metric="latency", subject="resnet",
                config={"prompt_index": at // each},
            )
            for at, value in enumerate(values)
        ]
    )  # fmt: skip


def of_cards(rates: Sequence[float], times: Sequence[float], cards: int) -> Evidence:
    """One run or more on each of so many cards, each with a rate and a time."""
    rows: list[Row] = []
    for at, (rate, time) in enumerate(zip(rates, times, strict=True)):
        shared: dict[str, Any] = {"row": at + 1, "config": {"card": f"card {chr(65 + at % cards)}"}}
        rows.append(a_measurement(rate, metric="decode_rate", **shared))
        rows.append(a_measurement(time, metric="ttft", **shared))
    return an_evidence(rows)


UP: list[float] = [20.0 + at for at in range(12)]
NEARLY_UP: list[float] = [20.0 + at + 1.5 * (at % 2) for at in range(12)]

FOUND: list[tuple[str, Seen, str]] = [
    (
        "drift",
        lambda: in_order_of([20.0 + i for i in range(10)]),
        r"^The latency of `resnet` rose along the 10 runs of `artifacts/long.csv`",
    ),
    # cards of their own, but no list of them by speed
    (
        "drift",
        lambda: of_cards(NEARLY_UP, NEARLY_UP, cards=12),
        r"^The decode rate of .* rose along",
    ),
    # two cards in turn, both faster and faster
    ("drift", lambda: of_cards(UP, UP, cards=2), r"^The decode rate of .* rose along the 12 runs"),
    # where every run has settings of its own, which go up and down
    (
        "drift",
        lambda: an_evidence(
            [
                a_measurement(
                    20.0 + at,
                    row=at + 1,
                    metric="latency",
                    subject="resnet",
                    config={"depth": 512 * (at * 7 % 12)},
                )
                for at in range(12)
            ]
        ),
        r"^The latency of `resnet` rose along the 12 runs of",
    ),
    (
        "drift",
        lambda: in_order_of([20.0 + i + (i % 3) for i in range(30)]),
        r"^The latency of `resnet` rose along the 30 runs of `artifacts/long.csv`",
    ),
    # it throttled for a while and recovered
    (
        "drift",
        lambda: in_order_of([v + (8.0 if 10 <= at < 20 else 0.0) for at, v in enumerate(STEADY)]),
        (
            r"^The latency of `resnet` followed that of the run before along the 30 runs of "
            r"`artifacts/long.csv` \(rank correlation 0\.\d+, p = [^)]* after Holm\), with medians of "
            r"20\.\d ms in the first third, 2[78]\.\d ms in the second third and (19|20)\.\d ms in the last "
        ),
    ),
    (
        "run-order",
        lambda: an_evidence(arms("threads", [2, 4], [1.0, 1.0], shuffled=False, subject="vit")),
        r"^`threads` was changed only in blocks of successive runs \(32 runs in `reports/runs.csv`",
    ),
    (
        "single-repetitions",
        lambda: an_evidence(once_each([5.0, 6.0, 5.5], metric="latency", subject="vit")),
        r"^3 runs, all there are, stood alone under",
    ),
    # the error of its perplexity says nothing of how often its rate was timed
    (
        "single-repetitions",
        lambda: an_evidence(once_with_perplexity()),
        r"^3 runs, all there are, stood alone",
    ),
]


SILENT: list[tuple[str, Seen]] = [
    # nine runs are too few to tell
    ("drift", lambda: in_order_of([20.0 + i for i in range(9)])),
    ("drift", lambda: in_order_of(STEADY)),
    # a list of cards by their speed, or by the time to their first token
    ("drift", lambda: of_cards(UP, NEARLY_UP, cards=12)),
    ("drift", lambda: of_cards(NEARLY_UP, UP, cards=12)),
    # slow for a while, by less than anybody minds
    (
        "drift",
        lambda: in_order_of(
            [100 + v / 20 + (2.0 if 10 <= at < 20 else 0.0) for at, v in enumerate(STEADY)]
        ),
    ),
    # a ladder of settings that was climbed once rises with them
    (
        "drift",
        lambda: an_evidence(
            [
                a_measurement(
                    100 + 20.0 * (at // 5) + (0.3, -0.2, 0.1, -0.3, 0.2)[at % 5],
                    row=at + 1,
                    metric="throughput",
                    config={"batch_size": 2 ** (at // 5)},
                )
                for at in range(20)
            ]
        ),
    ),
    # also one of which each step was tried once or twice
    (
        "drift",
        lambda: an_evidence(
            [
                a_measurement(
                    90 - 4.0 * at,
                    row=at + 1,
                    metric="decode_rate",
                    config={"cache": "ab"[at % 2], "depth": 512 * (at // 2)},
                )
                for at in range(12)
            ]
        ),
    ),
    # prompts that come in stretches are no drift
    ("drift", lambda: asked_in_turn(STEADY, prompts=5)),
    # memory follows what is loaded, and a size is what it is
    ("drift", lambda: in_order_of([20.0 + i + (i % 3) for i in range(30)], metric="vram")),
    ("run-order", lambda: an_evidence(arms("threads", [2, 4], [1.0, 1.0], subject="vit"))),
    ("single-repetitions", lambda: an_evidence(measured([5.0, 6.0, 5.5], config={"a": 1}))),
    # once each, and each over ten timed repetitions whose spread it tells
    ("single-repetitions", lambda: variants(baseline=1.0, fused=1.4, folded=1.2)),
    # of its repetitions a tool gives the mean and the interval alone
    ("single-repetitions", lambda: with_interval_alone([5.0, 6.0])),
    ("single-repetitions", lambda: with_median_alone([5.0, 6.0, 5.5])),
    # each is of five runs, as its row counts them, and of their spread nothing is told
    ("single-repetitions", lambda: an_evidence(once_each([5.0, 6.0, 5.5], statistic="mean", n=5))),
]


def test_a_difference_that_run_order_may_explain_is_called_no_effect_but_told_as_run_order():
    # Sixteen calls a value, and yet each value was run in one go: two observations.
    rows = arms("num_gpu", [0, 50], [30.0, 36.0], shuffled=False, subject="yi:6b")
    assert told(an_evidence(rows), "option-effect") == []
    assert told(an_evidence(rows), "no-option-effect") == []
    [sentence] = told(an_evidence(rows), "run-order")
    assert "a drift over time cannot be told from an effect of `num_gpu`" in sentence


def test_two_metrics_that_drift_together_are_one_finding():
    fall = [50.0 - i + (i % 3) for i in range(20)]
    rows = [
        *measured(fall, subject="yi:6b"),
        *measured([9000 / rate for rate in fall], metric="total_time", subject="yi:6b"),
    ]

    [sentence] = told(an_evidence(rows), "drift")

    assert sentence.startswith("The decode rate of `yi:6b` fell along the 20 runs of")
    assert ", while the total time rose (tau 0.9" in sentence


def test_how_alike_successive_runs_are_can_be_computed_again():
    rows = [(v + (8.0 if 10 <= at < 20 else 0.0)) for at, v in enumerate(STEADY)]
    facts = {fact.id: fact for fact in derive_facts(in_order_of(rows))}
    values = Values.of(dict(enumerate(rows)))
    about_order = [fact for fact in facts.values() if fact.about == "order"]
    assert {fact.method for fact in about_order} == {
        *("kendall-tau", "kendall-tau-p", "succession", "succession-p", "median", "holm", "count")
    }
    for fact in about_order:
        assert recompute(fact, values, facts) == fact.value


def test_runs_of_several_subjects_in_one_file_are_told_by_subject():
    rows = [
        a_measurement(1.0, row=row, subject=subject, config={"threads": threads}, path="a/r.csv")
        for row, (subject, threads) in enumerate(
            [(s, t) for s in ("yi:6b", "orca:3b") for t in (2, 2, 4, 4)], 1
        )
    ]

    [sentence] = told(an_evidence(rows), "run-order")

    assert "4 runs of `yi:6b`" in sentence
    assert "4 runs of `orca:3b`" in sentence
    assert sentence.count("`a/r.csv`") == 1
