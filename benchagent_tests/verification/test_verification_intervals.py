"""Intervals of a comparison, and words in brackets that have closed."""

from pathlib import Path

from benchagent.verification.evidence.corpus import Corpus
from benchagent_tests.folders import fill
from benchagent_tests.verification.verifying import flags, measure

CALLS = "model,prompt,tokens_s\n" + "".join(
    f"{model},{prompt},{middle + (prompt * 7 % 24 - 11.5) / 6:.3f}\n"
    for model, middle in (("wren:4b", 60), ("heron:9b", 30))
    for prompt in range(24)
)


FOLDER = {"reports/calls.csv": CALLS}


def _ends(corpus: Corpus) -> tuple[float, float]:
    """The interval of the ratio of the two models."""
    low, high = sorted(
        datum.value
        for datum in corpus.index.between(1.5, 2.5)
        if datum.label.startswith("interval of decode rate: `wren:4b` over `heron:9b`")
    )
    return low, high


def test_an_interval_of_a_ratio_is_of_both_whichever_was_named_last(corpus: Corpus) -> None:
    low, high = _ends(corpus)
    text = (
        "Decode rate: medians of 60.0 tok/s for `wren:4b` and 30.0 tok/s for `heron:9b`, "
        "a ratio of 2.00 (interval {:.3f} to {:.3f})."
    )
    assert flags(text.format(low, high), corpus) == []
    off = text.format(low - 0.4, high - 0.4)
    assert flags(off, corpus) == [f"{low - 0.4:.3f} to {high - 0.4:.3f}"]


def test_a_statistic_in_brackets_that_closed_is_not_that_of_a_later_number(corpus: Corpus) -> None:
    text = (
        "The decode rate of `heron:9b` (its interval was not told); "
        "the decode rate of `wren:4b` (first of 2 models with 60.0 tok/s)."
    )
    assert flags(text, corpus) == []
    assert flags(text.replace("60.0", "52.5"), corpus) == ["52.5 tok/s"]


def _p_values(corpus: Corpus) -> list[float]:
    return [datum.value for datum in corpus.index.between(0, 1) if "p-value" in datum.label]


def test_the_largest_p_of_many_is_of_any_and_the_folders_level_of_none(corpus: Corpus) -> None:
    level = next(
        d.value for d in corpus.index.between(0, 1) if d.label.startswith("below what a p")
    )
    p = max(p for p in _p_values(corpus) if p < level)
    text = (
        "In decode rate `heron:9b` came last and another model first; every pair was told apart "
        "(largest p = {} after Holm, where over all comparisons of the folder only p < {} counts)."
    )
    assert flags(text.format(f"{p:.3g}", f"{level:.3g}"), corpus) == []
    assert flags(text.format("0.0123", "0.0321"), corpus) == ["0.0123", "0.0321"]


def test_who_is_ahead_over_what_both_were_run_with_is_not_held_against_all_calls(
    tmp_path: Path,
) -> None:
    """The faster one was mostly run with the slow prompt."""
    runs = {"wren:4b": (12, 4), "heron:9b": (4, 12)}
    speeds = {"wren:4b": (24.0, 72.0), "heron:9b": (20.0, 60.0)}
    files = {
        f"reports/{model[:4]}.csv": "".join(
            [
                "model,prompt_index,tokens_s\n",
                *(
                    f"{model},{prompt},{speeds[model][prompt] + at / 10}\n"
                    for prompt, number in enumerate(numbers)
                    for at in range(number)
                ),
            ]
        )
        for model, numbers in runs.items()
    }
    corpus = measure(fill(tmp_path / "data", files), tmp_path / "out")
    assert flags("`wren:4b` had a higher median decode rate than `heron:9b`.", corpus) == []
