"""Many findings of a kind are told in one: nothing that they say is lost, and a page stays short."""

import json

import pytest

from benchagent.facts.fact import Evidence
from benchagent_tests.findings.telling import analyse, arms, calls, noise, told
from benchagent_tests.measured import Row, a_measurement, an_evidence


def side_by_side(
    means: dict[str, float], path: str = "reports/runs.csv", prompts: int = 8
) -> list[Row]:
    """Each subject with its prompts in one file, times apart by half a millisecond at most."""
    return [
        a_measurement(
            value, row=row, subject=subject, metric="latency", benchmark="serving",
            config={"prompt_index": row % prompts}, path=path,
        )
        for seed, (subject, mean) in enumerate(means.items(), 1)
        for row, value in enumerate(noise(seed, prompts, mean, 0.2), 1)
    ]  # fmt: skip


def test_subjects_that_are_all_told_apart_are_one_finding_in_their_order():
    rows = side_by_side({"wren-3b": 60.0, "ibis-1b": 40.0, "kite-7b": 90.0, "rook-2b": 50.0})
    [sentence] = told(an_evidence(rows), "subjects-compared")
    assert sentence.startswith(
        "In latency `ibis-1b` came first, then `rook-2b`, then `wren-3b`, then `kite-7b`: medians of "
    )
    assert "from each to the next" in sentence
    assert "every pair was told apart (largest p = " in sentence


def test_an_order_cites_the_ratio_of_the_ends_and_that_of_each_step():
    means = {"ibis-1b": 40.0, "rook-2b": 50.0, "wren-3b": 60.0}
    findings, facts = analyse(an_evidence(side_by_side(means)))
    [found] = [finding for finding in findings if finding.rule == "subjects-compared"]
    ratios = [facts[id].value for id in found.facts if facts[id].kind == "ratio"]
    assert ratios == pytest.approx([40 / 60, 40 / 50, 50 / 60], rel=0.02)


def test_in_an_order_equals_stand_together():
    rows = side_by_side({"ibis-1b": 40.0, "rook-2b": 50.0, "wren-3b": 50.0, "kite-7b": 90.0})
    [sentence] = told(an_evidence(rows), "subjects-compared")
    assert "then `rook-2b` and `wren-3b` (not told apart), then `kite-7b`" in sentence or (
        "then `wren-3b` and `rook-2b` (not told apart), then `kite-7b`" in sentence
    )
    assert "every other pair was told apart" in sentence
    assert "from each to the next" not in sentence


def test_subjects_of_which_none_is_told_apart_have_no_order():
    rows = side_by_side({"ibis-1b": 50.0, "rook-2b": 50.0, "wren-3b": 50.0})
    [sentence] = told(an_evidence(rows), "subjects-compared")
    assert "showed no clear difference: furthest apart were " in sentence
    assert "came first" not in sentence


def test_subjects_that_were_not_all_compared_are_told_in_pairs():
    rows = [
        *side_by_side({"ibis-1b": 40.0, "rook-2b": 50.0}),
        *side_by_side({"wren-3b": 60.0}, path="reports/other.csv"),
    ]
    assert not any(
        "came first" in sentence for sentence in told(an_evidence(rows), "subjects-compared")
    )


def test_an_order_of_some_does_not_make_its_first_the_best_of_all():
    """A fourth, in a file of its own, was better than all of them."""
    means = {"ibis-1b": 40.0, "rook-2b": 50.0, "wren-3b": 60.0}
    rows = [*side_by_side(means), *side_by_side({"kite-1b": 20.0}, path="reports/b.csv")]
    [found] = [
        f
        for f in analyse(an_evidence(rows))[0]
        if f.rule == "subjects-compared" and "`ibis-1b` had the lowest" in f.headline
    ]
    assert found.headline == (
        "`ibis-1b` had the lowest latency of `ibis-1b`, `rook-2b` and `wren-3b` in `serving`"
    )
    assert "prefer `ibis-1b` of these; " in found.next_step.text


def test_where_only_neighbours_are_alike_it_is_said_who_was_told_apart():
    """The first and the last differ, and the one between them from neither."""
    rows = side_by_side({"ibis-1b": 40.0, "rook-2b": 40.2, "wren-3b": 40.4})
    [found] = [f for f in analyse(an_evidence(rows))[0] if f.rule == "subjects-compared"]
    assert found.headline == (
        "The lowest latency of `ibis-1b`, `rook-2b` and `wren-3b` in `serving` was that of `ibis-1b` "
        "or `rook-2b`"
    )
    [sentence] = told(an_evidence(rows), "subjects-compared")
    assert "the order was `ibis-1b`, `rook-2b`, `wren-3b`: " in sentence
    assert "; only this one was told apart: `ibis-1b` from `wren-3b` (p = " in sentence


def test_of_nine_subjects_those_not_told_apart_are_named_in_one_finding():
    means = {f"finch-{at}b": 40 + at * 0.13 for at in range(9)}
    [sentence] = told(an_evidence(side_by_side(means, prompts=16)), "subjects-compared")
    assert f"the order was {', '.join(f'`{name}`' for name in means)}: " in sentence
    assert "; each was told apart from each (largest p = " in sentence
    assert " but `finch-0b` from `finch-1b`, " in sentence
    assert "`finch-0b` from `finch-3b`" not in sentence


def test_where_nobody_leads_nobody_is_preferred():
    means = {f"finch-{at}b": 40 + at * 0.05 for at in range(6)}
    findings, _ = analyse(an_evidence(side_by_side(means, prompts=16)))
    [found] = [finding for finding in findings if finding.rule == "subjects-compared"]
    assert found.headline.startswith("Whose latency was the lowest of `finch-0b`, `finch-1b`, ")
    assert found.headline.endswith(" and `finch-5b` in `serving` is open")
    assert found.next_step.text.startswith("Repeat all")


def started_cold(subjects: int) -> Evidence:
    rows = [
        row
        for at in range(subjects)
        for row in calls(
            [9000.0 * (at + 1)], [50.0, 55, 60], metric="ttft", subject=f"crow:{at}b",
            path=f"reports/{at}.csv",
        )
    ]  # fmt: skip
    return an_evidence(rows)


@pytest.mark.parametrize(("subjects", "findings"), [(2, 2), (3, 3), (4, 3), (8, 3), (10, 4)])
def test_all_but_the_first_cold_starts_are_told_in_one(subjects: int, findings: int):
    sentences = told(started_cold(subjects), "cold-start")
    assert len(sentences) == findings
    named = {at for at in range(subjects) if any(f"`crow:{at}b`" in said for said in sentences)}
    assert named == set(range(subjects))


@pytest.mark.parametrize("subjects", [3, 9])
def test_the_only_one_left_is_told_like_the_first(subjects: int):
    last = told(started_cold(subjects), "cold-start")[-1]
    assert last.startswith("The mean time to first token of `crow:0b` in ")


def test_what_is_told_in_one_cites_all_that_it_says():
    findings, facts = analyse(started_cold(5))
    *alone, together = [finding for finding in findings if finding.rule == "cold-start"]
    cited = {facts[id].subject for id in together.facts}
    assert cited == {"crow:0b", "crow:1b", "crow:2b"}
    assert {facts[id].subject for each in alone for id in each.facts} == {"crow:3b", "crow:4b"}


def at_work(task: str, rows: list[Row]) -> list[Row]:
    """The same rows, of one task."""
    changed = {"source_path": f"reports/{task}.csv"}
    return [
        {**row, **changed, "config": json.dumps({**json.loads(row["config"]), "task": task})}
        for row in rows
    ]


def test_an_effect_on_one_subject_at_several_workloads_is_one_finding():
    rows = [
        row
        for at, least in enumerate((30.0, 50.0, 20.0))
        for row in at_work(f"write-{at}", arms("top_k", [10, 90], [least, least + 9], seed=at))
    ]
    [sentence] = told(an_evidence(rows), "option-effect")
    assert sentence.startswith("`top_k=90` gave a higher decode rate than `top_k=10`: medians of ")
    assert all(f"`task=write-{at}`" in sentence for at in range(3))


def test_an_effect_on_runs_that_were_in_part_made_in_blocks_is_told_by_itself():
    rows = [
        row
        for at, subject in enumerate(("yi:0b", "yi:1b"))
        for path, shuffled in ((f"reports/{at}.csv", True), (f"reports/blocks-{at}.csv", False))
        for row in arms(
            "top_k", [10, 90], [30.0, 39.0], seed=at, subject=subject, path=path, shuffled=shuffled,
            prompts=4 if shuffled else 1,
        )
    ]  # fmt: skip
    sentences = told(an_evidence(rows), "option-effect")
    assert sorted(said.partition("; ")[2] for said in sentences) == [
        f"`top_k` was changed only in blocks of successive runs (8 runs in `reports/blocks-{at}.csv`"
        "), so a drift over time could look the same."
        for at in range(2)
    ]


def test_what_was_shuffled_is_not_in_blocks_because_another_workload_is():
    rows = [
        row
        for at in range(2)
        for row in at_work(f"write-{at}", arms("top_k", [10, 90], [30.0, 39.0], shuffled=at > 0))
    ]
    [sentence] = told(an_evidence(rows), "option-effect")
    assert "`task=write-1`" in sentence
    assert "blocks" not in sentence


def test_effects_that_were_held_alike_in_different_ways_are_told_apart():
    one, other = (
        at_work(task, arms("top_k", [10, 90], [30.0, 39.0], seed=at))
        for at, task in enumerate(("write", "read"))
    )
    scattered = [{**row, "source_path": f"reports/{at}.csv"} for at, row in enumerate(other)]
    sentences = told(an_evidence([*one, *scattered]), "option-effect")
    assert sorted(", from different files" in said for said in sentences) == [False, True]


def test_an_effect_on_many_is_told_before_a_larger_one_on_one():
    rows = [
        *(
            row
            for at, least in enumerate((30.0, 50.0))
            for row in arms(
                "top_k", [10, 90], [least, least + 9], subject=f"yi:{at}b", path=f"reports/{at}.csv"
            )
        ),
        *arms("num_thread", [1, 8], [10.0, 80.0], subject="nova:3b", path="reports/n.csv"),
    ]
    first, second = told(an_evidence(rows), "option-effect")
    assert "`top_k=90`" in first
    assert "`num_thread=8`" in second
