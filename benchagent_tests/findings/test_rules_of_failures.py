"""Runs that failed, how they were told, and requests that were lost."""

from typing import Any

import pytest

from benchagent.facts.fact import Evidence
from benchagent_tests.findings.telling import Seen, noise, told
from benchagent_tests.measured import Row, a_failed_run, a_measurement, an_evidence, measured


def sent_and_completed(sent: float, completed: float, number: int = 1) -> list[Row]:
    return [
        a_measurement(
            value,
            metric=metric,
            unit="1",
            benchmark="serving",
            path=f"artifacts/{number}/load.json",
        )
        for metric, value in (("requests_sent", sent), ("requests_completed", completed))
    ]


def failing(failed_of: dict[int, set[int]], *, in_turn: bool = True) -> Evidence:
    """Ten runs at each of two batch sizes, in turn or one size first; some of each failed."""
    rows: list[Row] = []
    failed: list[Row] = []
    for place in range(20):
        size, run = (place % 2, place // 2) if in_turn else divmod(place, 10)
        batch = (8, 64)[size]
        columns: dict[str, Any] = {"config": {"batch": batch}, "path": "csv_data/b.csv"}
        if run in failed_of[batch]:
            failed.append(a_failed_run("out of memory", row=place + 1, **columns))
        else:
            rows.append(a_measurement(9.0 + place, metric="latency", row=place + 1, **columns))
    return an_evidence(rows, failed=failed)


FOUND: list[tuple[str, Seen, str]] = [
    (
        "failure-rates",
        lambda: failing({8: set(), 64: set(range(0, 10, 1)) - {4}}),
        (
            r"^In `csv_data/b.csv`, with `batch=64`, 9 runs failed and 1 run gave numbers; of the "
            r"others, 0 runs failed and 10 runs gave numbers \(p = 0\.000\d+ after Holm\)\.$"
        ),
    ),
    (
        "failed-runs",
        lambda: an_evidence(
            measured([1.0, 2.0], subject="yi:6b"),
            failed=[
                a_failed_run("out of memory", row=3, subject="yi:6b"),
                a_failed_run("out of memory", row=4, subject="yi:6b"),
                a_failed_run("HTTP 500", row=5, subject="yi:6b"),
            ],
        ),
        r"^3 runs failed, beside 2 runs that gave measurements; .*`out of memory` \(2 runs\)\.$",
    ),
    (
        "failures-as-results",
        lambda: an_evidence([], failed=[a_failed_run("device lost", recorded_as="zero")]),
        r"^1 runs? failed and yet stood in the files with results of zero \(`reports/runs.csv`\)",
    ),
    (
        "failures-as-results",
        lambda: an_evidence([], failed=[a_failed_run("Error: no route", recorded_as="result")]),
        r"^1 runs? failed and yet stood in the files as successful",
    ),
    (
        "lost-requests",
        lambda: an_evidence([*sent_and_completed(80, 57), *sent_and_completed(90, 88, 2)]),
        (
            r"^Only a part of the requests completed: 80 requests sent and 57 requests completed in "
            r"`artifacts/1/load.json` and 90 requests sent and 88 requests completed in `artifacts/2/load.json`; "
        ),
    ),
]


SILENT: list[tuple[str, Seen]] = [
    ("failure-rates", lambda: failing({8: {3}, 64: {2, 7}})),
    ("failure-rates", lambda: failing({8: set(), 64: set()})),
    ("failed-runs", lambda: an_evidence(measured([1.0, 2.0]))),
    ("failures-as-results", lambda: an_evidence([], failed=[a_failed_run("HTTP 500")])),
    ("lost-requests", lambda: an_evidence(measured([80.0], metric="requests_sent", unit="1"))),
]


@pytest.mark.parametrize(
    ("failed", "in_turn", "at_one_moment"),
    [
        ({2, 3, 4, 5, 6, 7, 8, 9}, False, True),
        ({0, 1, 2, 3, 5, 6, 7, 8, 9}, False, False),
        ({2, 3, 4, 5, 6, 7, 8, 9}, True, False),
    ],
)
def test_runs_that_failed_one_right_after_the_other_may_share_a_moment(
    failed: set[int], in_turn: bool, at_one_moment: bool
):
    sentences = told(failing({8: set(), 64: failed}, in_turn=in_turn), "failure-rates")
    assert sentences
    for said in sentences:
        assert ("they failed one right after the other" in said) == at_one_moment


def test_failures_under_two_options_that_were_changed_together_are_told_once():
    ways = [{"batch": 8, "beams": 1}, {"batch": 64, "beams": 4}]
    rows = measured(noise(1, 10, 9.0, 0.2), config=ways[0])
    failed = [a_failed_run("out of memory", row=row, config=ways[1]) for row in range(11, 21)]
    [sentence] = told(an_evidence(rows, failed=failed), "failure-rates")
    assert "with `batch=64`, 10 runs failed" in sentence


def test_failures_that_all_are_of_one_of_several_subjects_name_it():
    rows = [
        *measured([40.0, 41.0], subject="heron:2b"),
        *measured([9.0], first_row=5, subject="yi:6b"),
    ]
    failed = [a_failed_run("oom", row=row, subject="yi:6b") for row in (7, 8)]
    [sentence] = told(an_evidence(rows, failed=failed), "failed-runs")
    assert sentence.startswith("2 runs failed, all of them of `yi:6b`, beside 3 runs")
    [sentence] = told(
        an_evidence(rows, failed=[*failed, a_failed_run("oom", row=9, subject="heron:2b")]),
        "failed-runs",
    )
    assert sentence.startswith("3 runs failed, beside 3 runs")
