"""What chance made is not told as real, and what is real is not told as chance."""

from pathlib import Path

import pytest
import scipy

from benchagent.facts.fact import Fact, vary
from benchagent.facts.rank_tests import aligned_f_p
from benchagent.facts.significance import SIGNIFICANT, level_over_families
from benchagent.findings.finding import MAY_BE_CHANCE, Finding, NextStep
from benchagent.findings.rules.fact_book import FactBook
from benchagent.verification.guard.statements import Accepted, Rejected, check_statement
from benchagent_tests.findings.chance_folders import find_in, make_folder, tell_apart


@pytest.mark.parametrize(
    ("smallest", "share"),
    [
        ([0.001, 0.2, 0.5, 0.9], 1 / 4),
        ([0.001, 0.02, 0.5, 0.9], 2 / 4),
        # the third of three brings the others with it
        ([0.03, 0.04, 0.049], 1),
        ([0.02, 0.2, 0.5, 0.9], 1 / 4),
        ([0.9], 1),
    ],
)
def test_a_level_is_the_share_of_families_that_hold_an_effect(
    smallest: list[float], share: float
) -> None:
    assert level_over_families(smallest, SIGNIFICANT) == pytest.approx(SIGNIFICANT * share)


@pytest.mark.parametrize("seed", [7, 22, 26, 44])
def test_what_chance_made_is_told_as_what_may_be_chance(seed: int, tmp_path: Path) -> None:
    findings = find_in(make_folder(seed).files, tmp_path)
    told = tell_apart(findings)
    assert told.doubted
    assert told.sure == ()
    for finding in findings:
        doubted = finding.headline in told.doubted
        assert [MAY_BE_CHANCE in said for said in finding.sentences] == [doubted] * len(
            finding.sentences
        )
        assert not doubted or "hardly explains" not in " ".join(finding.sentences)


@pytest.mark.parametrize("seed", [26, 44])
def test_an_effect_that_chance_cannot_make_is_told_without_doubt(seed: int, tmp_path: Path) -> None:
    folder = make_folder(seed, effect=1.3)
    told = tell_apart(find_in(folder.files, tmp_path))
    assert folder.cause is not None
    assert told.sure


LEVEL = Fact(
    kind="statistic",
    label="level",
    value=0.0125,
    unit=None,
    statistic="significance-level",
    method="level-over-families",
)
MADE = Fact(
    kind="count",
    label="made",
    value=10,
    unit="comparisons",
    statistic="comparisons",
    method="count",
)
TEST = Fact(kind="test", label="p", value=0.01, unit=None, method="rank", about="option")
P_VALUE = vary(TEST, value=0.02, method="holm", facts=(TEST.id, MADE.id))


@pytest.mark.parametrize(
    ("p", "by_size", "doubted"),
    [
        (0.02, 0.006, True),
        # so far apart that over ten comparisons it is no chance, though so few runs cannot show it
        (0.02, 0.0049, False),
        (0.02, None, True),
        (0.0124, 0.9, False),
        # nothing that is doubted: no difference is told
        (0.06, 0.9, False),
    ],
)
def test_a_p_value_is_doubted_where_neither_order_nor_distance_counts_for_the_folder(
    p: float, by_size: float | None, doubted: bool
) -> None:
    p_value = vary(P_VALUE, value=p)
    facts = [LEVEL, MADE, TEST, p_value]
    if by_size is not None:
        facts.append(vary(TEST, value=by_size, method="aligned-f", facts=(TEST.id,)))
    book = FactBook(facts)
    assert book.may_be_chance(p_value) == doubted
    assert (MAY_BE_CHANCE in book.say_p(p_value)) == doubted
    assert book.say_chance(p_value) == (", perhaps by chance" if doubted else "")


def test_of_several_p_values_the_largest_is_told_and_any_doubt() -> None:
    other = vary(TEST, metric="ttft")
    by_size = vary(other, value=0.0, method="aligned-f", facts=(other.id,))
    sure, doubtful = vary(P_VALUE, value=0.04, metric="ttft", facts=(other.id, MADE.id)), P_VALUE
    book = FactBook([LEVEL, MADE, TEST, other, by_size, sure, doubtful])
    assert not book.may_be_chance(sure)
    assert book.say_p(sure, doubtful).startswith(f"largest p = {{{sure.id}}} after Holm, which may")


def test_where_nothing_was_compared_nothing_is_doubted() -> None:
    assert not FactBook([TEST, P_VALUE]).may_be_chance(P_VALUE)


def test_how_far_apart_values_lie_is_fishers_f_within_blocks() -> None:
    arms, blocks = [0, 1] * 6, [block for block in range(6) for _ in range(2)]
    noise = [0.0, 0.3, 0.1, -0.2, 0.25, -0.1]
    far = [10 * at + arm * 5 + noise[at] * arm for arm, at in zip(arms, blocks, strict=True)]
    paired = scipy.stats.ttest_1samp([5 + shift for shift in noise], 0)
    assert aligned_f_p(far, arms, blocks) == pytest.approx(float(paired.pvalue))
    assert aligned_f_p(list(blocks), arms, blocks) == 1.0
    assert (
        aligned_f_p([at + arm for arm, at in zip(arms, blocks, strict=True)], arms, blocks) == 0.0
    )
    assert aligned_f_p([1.0, 2.0], [0, 1], [0, 0]) == 1.0
    assert aligned_f_p([1.0, 2.0], [0, 1], [0, 1]) == 1.0


def test_a_model_cannot_tell_without_the_doubt_what_may_be_chance() -> None:
    rate = Fact(kind="statistic", label="median decode rate", value=40.0, unit="tok/s")
    finding = Finding(
        id="D000000000001",
        rule="option-effect",
        topic="options",
        severity="result",
        rank=1.0,
        headline="The decode rate differed with `num_ctx`, perhaps by chance",
        sentences=(
            f"The decode rate differed with `num_ctx`: {{{rate.id}}}, which {MAY_BE_CHANCE}.",
        ),
        facts=(rate.id,),
        next_step=NextStep(text="Repeat."),
    )

    def check(text: str) -> Accepted | Rejected:
        return check_statement(text, [finding], {"a1": rate.id}, {rate.id: rate})

    refused = check("The decode rate differed with `num_ctx`, at {a1}.")
    assert isinstance(refused, Rejected)
    assert "chance" in refused.reason
    kept = check("With `num_ctx` the decode rate differed, at {a1}, which may be chance.")
    assert isinstance(kept, Accepted), kept
