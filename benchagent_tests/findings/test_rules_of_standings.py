"""Subjects of which one number each stands side by side: an order is told, and what holds it up."""

import random
import statistics

import pytest

from benchagent.facts.ids import Values
from benchagent.facts.recomputing import recompute
from benchagent_tests.findings.telling import Seen, analyse, told
from benchagent_tests.measured import Row, a_measurement, an_evidence

RULE = "subjects-side-by-side"


def reported(
    means: dict[str, tuple[float, float]], n: int | None = 10, *, apart: bool = False
) -> list[Row]:
    """The mean and standard deviation of each subject, in one file or in one for each."""
    return [
        a_measurement(
            value, row=row, subject=subject, metric="decode_rate", unit="tok/s", statistic=statistic,
            benchmark="llm-sweep", n=n, path=f"reports/{subject if apart else 'sums'}.csv",
            config={"num_ctx": 4096}
        )
        for row, (subject, moments) in enumerate(means.items(), 1)
        for statistic, value in zip(("mean", "stddev"), moments, strict=True)
    ]  # fmt: skip


def single(values: dict[str, float]) -> list[Row]:
    return [
        a_measurement(value, row=row, subject=subject, metric="ttft", benchmark="llm-sweep")
        for row, (subject, value) in enumerate(values.items(), 1)
    ]


APART = {"ibis:1b": (61.0, 1.2), "rook:2b": (41.0, 1.1), "wren:3b": (33.0, 0.8)}


FOUND: list[tuple[str, Seen, str]] = [
    (
        RULE,
        lambda: an_evidence(reported(APART)),
        r"^In mean decode rate with .*, `ibis:1b` came first of 3 subjects .*; by their spreads",
    ),
]
SILENT: list[tuple[str, Seen]] = [
    (RULE, lambda: an_evidence(single({"ibis:1b": 212.0, "rook:2b": 212.0}))),
]


@pytest.mark.parametrize("apart", [False, True])
def test_reported_means_that_lie_further_apart_than_their_spreads_are_told_apart(
    apart: bool,
) -> None:
    [sentence] = told(an_evidence(reported(APART, apart=apart)), RULE)

    where = "3 files" if apart else "`reports/sums.csv`"
    assert sentence.startswith(
        "In mean decode rate with `num_ctx=4096`, `ibis:1b` came first of 3 subjects in "
        f"{where} with 61.0 tok/s over 10 runs; `rook:2b` came next with 41.0 tok/s over 10 runs, "
        "and `wren:3b` last with 33.0 tok/s. The first two differed by a ratio of 1.49 (interval "
        "1.46 to 1.52); by their spreads the first was set apart"
    )
    assert "set apart from every other one (largest p = " in sentence
    assert sentence.endswith("so neither cold ones nor their order can be seen.")


def test_means_of_several_prompts_in_the_same_files_stand_side_by_side_for_each() -> None:
    rows = [
        {**row, "record": f"{row['record']}{prompt}", "config": f'{{"prompt":"{prompt}"}}'}
        for prompt in ("sql", "chat")
        for row in reported(APART, apart=True)
    ]
    sentences = told(an_evidence(rows), RULE)
    assert len(sentences) == 2
    assert all("of 3 subjects in 3 files" in sentence for sentence in sentences)
    assert {prompt for prompt in ("sql", "chat") for s in sentences if f" for `{prompt}`, `ibis" in s} == {
        "sql", "chat",
    }  # fmt: skip


def test_a_first_place_within_the_spreads_is_not_told_as_one() -> None:
    near = {**APART, "kite:1b": (61.5, 1.5)}
    [sentence] = told(an_evidence(reported(near)), RULE)
    assert "but the first was not set apart from `ibis:1b` (p = " in sentence


def test_means_without_sizes_are_not_ranked() -> None:
    [sentence] = told(an_evidence(reported(APART, n=None)), RULE)
    assert sentence.endswith("but how many runs they are of was not read for all of them.")


def test_means_are_not_ranked_where_one_has_no_spread() -> None:
    rows = [
        row
        for row in reported(APART)
        if (row["subject"], row["statistic"]) != ("wren:3b", "stddev")
    ]
    [sentence] = told(an_evidence(rows), RULE)
    assert sentence.endswith(
        "but their standard deviations and numbers of runs were not read for all of them."
    )


def test_means_of_three_runs_each_are_not_ranked() -> None:
    [sentence] = told(an_evidence(reported(APART, n=3)), RULE)
    assert sentence.endswith("but their spreads and numbers of runs allow no test of all of them.")


def test_single_numbers_are_ordered_and_no_ranking_is_supported() -> None:
    evidence = an_evidence(single({"ibis:1b": 212.0, "rook:2b": 350.0, "wren:3b": 420.0}))
    [found] = [finding for finding in analyse(evidence)[0] if finding.rule == RULE]

    assert found.severity == "warning"
    assert found.headline == (
        "The first place of `ibis:1b` in time to first token rests on single numbers"
    )
    [sentence] = told(evidence, RULE)
    assert sentence == (
        "In time to first token, `ibis:1b` came first of 3 subjects in `reports/runs.csv` with 212 ms; "
        "`rook:2b` came next with 350 ms, and `wren:3b` last with 420 ms. The first two differed by a "
        "ratio of 0.606, but one number stands for each, and none for its noise."
    )


def test_a_headline_names_the_work_at_which_subjects_stand_side_by_side() -> None:
    rows = [
        a_measurement(
            value, row=row, subject=subject, metric="ttft", benchmark="llm-sweep",
            config={"task": task},
        )
        for row, (task, subject, value) in enumerate(
            [("sql", "ibis:1b", 212.0), ("sql", "rook:2b", 350.0), ("chat", "ibis:1b", 99.0),
             ("chat", "rook:2b", 80.0)], 1,
        )
    ]  # fmt: skip
    headlines = {f.headline for f in analyse(an_evidence(rows))[0] if f.rule == RULE}
    rests = "in time to first token with `task={}` rests on single numbers"
    assert headlines == {
        f"The first place of `ibis:1b` {rests.format('sql')}",
        f"The first place of `rook:2b` {rests.format('chat')}",
    }


def test_subjects_with_several_numbers_are_compared_by_them() -> None:
    rows = [
        a_measurement(value, row=row, subject=subject, metric="ttft", benchmark="llm-sweep")
        for row, (subject, value) in enumerate(
            [("ibis:1b", 212.0), ("ibis:1b", 215.0), ("rook:2b", 350.0), ("rook:2b", 352.0)], 1
        )
    ]
    assert told(an_evidence(rows), RULE) == []


@pytest.mark.parametrize(
    "rows",
    [
        [],
        single({"ibis:1b": 212.0}),
        # of equals nobody came first
        single({"ibis:1b": 212.0, "rook:2b": 212.0}),
    ],
)
def test_nothing_is_told_of_one_subject_or_of_equals(rows: list[Row]) -> None:
    assert told(an_evidence(rows), RULE) == []


def test_each_figure_is_computed_again_from_the_cells() -> None:
    rows = reported(APART)
    findings, facts = analyse(an_evidence(rows))
    [found] = [finding for finding in findings if finding.rule == RULE]
    cells = Values.of({id: row["value"] for id, row in enumerate(rows)})
    assert len(found.facts) >= 5
    for id in found.facts:
        assert recompute(facts[id], cells, facts) == pytest.approx(facts[id].value)


@pytest.mark.slow
def test_chance_is_seldom_told_as_a_first_place() -> None:
    """Means of ten equal runs each, of two to six subjects: clearly told at most as often as 1 in 20."""
    chance = random.Random(7)
    clear = 0
    for _ in range(300):
        runs = {
            f"fox:{at}b": [chance.gauss(50, 3) for _ in range(10)]
            for at in range(1, chance.randint(2, 6) + 1)
        }
        rows = reported({k: (statistics.mean(v), statistics.stdev(v)) for k, v in runs.items()})
        sentences = told(an_evidence(rows), RULE)
        clear += sum("set apart from every other one" in sentence for sentence in sentences)
    assert 0 < clear <= 15
