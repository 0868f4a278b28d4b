"""Files and runs that stand there a second time, whole, rounded or averaged."""

from statistics import fmean
from typing import Any

import pytest

from benchagent.facts.derivations import derive_facts
from benchagent.facts.fact import Evidence
from benchagent_tests.findings.telling import Seen, listing, noise, told
from benchagent_tests.measured import a_file, a_measurement, an_evidence, measured


def told_in_two(digits: int, nameless: str = "") -> Evidence:
    """The latencies of a log, and of a sheet with so many decimals made from it.

    The one that ends in `nameless` does not say of whom they are.
    """
    values = [31.41592, 27.18281, 16.18033, 14.14213]
    sheet = [round(value, digits) for value in values]
    told: dict[str, list[float]] = {"artifacts/log.json": values, "csv_data/sheet.csv": sheet}
    return an_evidence(
        [
            row
            for path, numbers in told.items()
            for row in measured(
                numbers,
                metric="latency",
                path=path,
                subject=None if nameless and path.endswith(nameless) else "vgg",
            )
        ]
    )


def averaged(*shares: float) -> Evidence:
    """Latencies of three batches, and a sheet with shares of the largest; of 0.5, with the mean."""
    runs = {1: [31.4, 27.2, 36.5], 2: [54.1, 50.3, 59.0], 4: [99.1, 90.7, 94.6]}
    rows: list[dict[str, Any]] = []
    for at, (batch, values) in enumerate(runs.items()):
        alike: dict[str, Any] = {
            "metric": "latency",
            "config": {"batch": batch},
            "subject": "vgg",
            "first_row": 3 * at + 1,
        }
        rows += measured(values, path="reports/loops.csv", **alike)
        told = [fmean(values) if share == 0.5 else max(values) * share for share in shares]
        rows += measured(told, path="csv_data/sheet.csv", **alike)
    return an_evidence(rows)


FOUND: list[tuple[str, Seen, str]] = [
    (
        "averages-as-runs",
        lambda: averaged(0.5),
        (
            r"^1 file \(`csv_data/sheet.csv`\) held the means or medians of the runs in 1 file "
            r"\(`reports/loops.csv`\); only the runs are counted\.$"
        ),
    ),
    (
        "near-duplicates",
        lambda: told_in_two(1),
        (
            r"^1 file \(`csv_data/sheet.csv`\) repeated the numbers of 1 file "
            r"\(`artifacts/log.json`\) with fewer digits"
        ),
    ),
    # a digest that repeats a run of round numbers beside one that is told by its digits
    (
        "runs-told-twice",
        lambda: an_evidence(
            [
                a_measurement(value, metric=metric, path=path, row=row, subject="vit")
                for path in ("artifacts/a.csv", "artifacts/a.json")
                for row, numbers in enumerate([(12.34567, 76.54321), (12.5, 76.0)], 1)
                for metric, value in zip(("latency", "ttft"), numbers, strict=True)
            ]
        ),
        r"^2 runs stood in a second file .*`artifacts/a.json`",
    ),
    (
        "repeated-runs",
        lambda: an_evidence(
            [
                *measured(noise(1, 6, 31.0, 2.0), path="csv_data/again.csv"),
                *measured(noise(1, 6, 31.0, 2.0), path="csv_data/again.csv", first_row=7),
                *measured(noise(2, 3, 31.0, 2.0), path="csv_data/again.csv", first_row=13),
            ]
        ),
        (
            r"^Digit for digit and in the same order, 6 runs of `csv_data/again.csv` repeated earlier "
            "ones of the same file; each run is counted once"
        ),
    ),
    (
        "duplicates",
        lambda: listing(
            a_file("reports/one.csv", n_measurements=1),
            a_file("artifacts/copy.csv", duplicate_of="reports/one.csv"),
        ),
        r"^Out of 2 files, 1 files? repeated another one .*: `artifacts/copy.csv`\.$",
    ),
    (
        "runs-told-twice",
        lambda: an_evidence(
            [
                row
                for path in ("artifacts/a.csv", "artifacts/a.json")
                for row in (
                    a_measurement(12.34567, metric="latency", path=path, subject="vit"),
                    a_measurement(76.54321, metric="ttft", path=path, subject="vit"),
                )
            ]
        ),
        r"^1 runs? stood in a second file .*`artifacts/a.json`",
    ),
]


SILENT: list[tuple[str, Seen]] = [
    # some other number of each batch, the mean beside one, and the largest
    ("averages-as-runs", lambda: averaged(0.9)),
    ("averages-as-runs", lambda: averaged(0.5, 0.9)),
    ("averages-as-runs", lambda: averaged(1.0)),
    (
        "near-duplicates",
        lambda: an_evidence(
            [
                *measured([31.41592, 27.18281, 16.18033], metric="latency", path="a.json"),
                *measured([31.4, 27.3, 16.2], metric="latency", path="b.csv"),
            ]
        ),
    ),
    # two digits are shared by chance
    ("near-duplicates", lambda: told_in_two(0)),
    ("near-duplicates", lambda: told_in_two(0, nameless=".json")),
    # two runs may come out alike, and few digits always do
    ("repeated-runs", lambda: an_evidence(measured([31.207, 30.118, 31.207, 30.118, 29.5]))),
    ("repeated-runs", lambda: an_evidence(measured([31.0, 30.0, 32.0] * 4))),
    # so do a few values of many digits that a simulation gives in turn
    ("repeated-runs", lambda: an_evidence(measured([31.207, 30.118] * 9))),
    # the same numbers of something else
    (
        "repeated-runs",
        lambda: an_evidence(
            [
                *measured(noise(1, 6, 31.0, 2.0)),
                *measured(noise(1, 6, 31.0, 2.0), first_row=7, config={"top_k": 10}),
            ]
        ),
    ),
    ("duplicates", lambda: listing(a_file("reports/one.csv"), a_file("reports/two.csv"))),
    (
        "runs-told-twice",
        lambda: an_evidence(
            [
                *measured(noise(1, 4, 9.0, 1.0), path="artifacts/a.csv", subject="vit"),
                *measured(noise(2, 4, 9.0, 1.0), path="artifacts/a.json", subject="vit"),
            ]
        ),
    ),
]


@pytest.mark.parametrize("nameless", [".json", ".csv"])
@pytest.mark.parametrize(
    ("digits", "rule"), [(2, "near-duplicates"), (5, "runs-told-twice")], ids=["rounded", "whole"]
)
def test_a_file_that_names_nobody_has_the_name_of_one_that_tells_the_same(
    digits: int, rule: str, nameless: str
):
    evidence = told_in_two(digits, nameless=nameless)

    facts = derive_facts(evidence)

    assert [fact.n for fact in facts if fact.about == "subject" and fact.method == "median"] == [4]
    assert {fact.subject for fact in facts if fact.about == "subject"} == {"vgg"}
    assert told(evidence, rule)


def test_a_sheet_of_one_column_that_tells_a_log_again_is_counted_once_though_digits_are_few():
    values = [31.41592, 27.2, 16.18033, 14.14213, 12.5]
    rows = [
        *measured(values, path="artifacts/log.json"),
        *measured(values, path="csv_data/sheet.csv"),
    ]
    [sentence] = told(an_evidence(rows), "runs-told-twice")
    assert sentence.startswith("5 runs stood in a second file with the same figures, in 1 file")


def test_of_two_files_of_the_same_times_the_one_with_more_digits_of_the_rest_counts():
    times, scores = [31.41592, 27.18281, 16.18033], [0.812345, 0.754321, 0.667788]
    rows = [
        row
        for path, digits in (("artifacts/a.csv", 3), ("artifacts/b.csv", 6))
        for row in (
            *measured(times, metric="latency", path=path),
            *measured([round(score, digits) for score in scores], metric="accuracy", path=path),
        )
    ]

    facts = derive_facts(an_evidence(rows))

    medians = [fact for fact in facts if fact.about == "subject" and fact.method == "median"]
    assert {(fact.metric, fact.value, fact.n) for fact in medians} == {
        ("latency", 27.18281, 3),
        ("accuracy", 0.754321, 3),
    }


def test_a_sheet_may_keep_as_many_digits_of_a_large_number_as_of_a_small_one():
    values = [0.0141421, 314.159, 27.1828, 1.61803]
    rows = [
        *measured(values, path="artifacts/log.json"),
        *measured([0.0141, 314, 27.2, 1.62], path="csv_data/sheet.csv"),
    ]
    [sentence] = told(an_evidence(rows), "near-duplicates")
    assert sentence.startswith("1 file (`csv_data/sheet.csv`) repeated the numbers of 1 file")


@pytest.mark.parametrize(("count", "found"), [(2, False), (3, True)])
def test_three_numbers_in_other_digits_are_a_copy_and_two_are_chance(count: int, found: bool):
    values = [31.41592, 27.18281, 16.18033][:count]
    rows = [
        *measured(values, path="artifacts/log.json"),
        *measured([round(value, 2) for value in values], path="csv_data/sheet.csv"),
    ]
    assert bool(told(an_evidence(rows), "near-duplicates")) is found


def test_what_a_deterministic_model_answers_twice_is_no_file_told_twice():
    rows = [
        row
        for path in ("artifacts/monday.json", "artifacts/tuesday.json")
        for row in measured([0.812, 0.754, 0.667], metric="accuracy", path=path)
    ]
    assert told(an_evidence(rows), "runs-told-twice") == []


def test_a_file_that_names_nobody_keeps_out_of_two_that_disagree_on_the_name():
    values = [31.41592, 27.18281, 16.18033]
    named = {"artifacts/a.json": "vgg", "artifacts/b.json": "vit", "artifacts/c.json": None}
    rows = [
        row
        for path, subject in named.items()
        for row in measured(values, metric="latency", path=path, subject=subject)
    ]

    facts = derive_facts(an_evidence(rows))

    assert {fact.subject for fact in facts if fact.about == "subject"} == {"vgg", "vit", None}
