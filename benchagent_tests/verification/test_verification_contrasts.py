"""Which way round a factor holds, factors in words, and the best level across files."""

from pathlib import Path

import pytest

from benchagent.verification.evidence.corpus import Corpus
from benchagent_tests.folders import fill
from benchagent_tests.verification.verifying import flags, measure, rulings

# Rate and load time of two models by how their weights are stored and by threads.
_STORED = {"Q4_0": (60.0, 1.0), "Q5_K": (45.0, 1.5), "Q8_0": (30.0, 2.0), "F16": (12.0, 4.0)}
SWEEP = "model,quant,n_threads,tokens_s,load_s\n" + "".join(
    f"{model},{quant},{threads},{rate * of_model * of_threads},{load / of_model}\n"
    for model, of_model in (("wren:4b", 1.0), ("lark:9b", 0.5))
    for quant, (rate, load) in _STORED.items()
    for threads, of_threads in ((2, 1.0), (6, 1.4))
)
# One file for each batch size, of a tool that no format knows.
_BATCHES = {1: 10.0, 4: 30.0, 8: 44.0, 32: 38.0}
PAGES = {
    f"csv_data/scan_{batch}.csv": "scanner,batch_size,pages_per_min,temp_c\n"
    + "".join(
        f"{name},{batch},{rate * of},{40 + batch}\n" for name, of in (("ocra", 1), ("kite", 2))
    )
    for batch, rate in _BATCHES.items()
}


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    data = fill(tmp_path_factory.mktemp("data"), {"csv_data/sweep.csv": SWEEP})
    return measure(data, tmp_path_factory.mktemp("out"))


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    return measure(fill(tmp_path_factory.mktemp("data"), PAGES), tmp_path_factory.mktemp("out"))


@pytest.mark.parametrize(
    ("told", "turned"),
    [
        (
            "On wren:4b, Q4_0 is 2.0x faster than Q8_0.",
            "On wren:4b, Q8_0 is 2.0x faster than Q4_0.",
        ),
        (
            "Compared with Q8_0, Q4_0 is 2.0x faster.",
            "Compared with Q4_0, Q8_0 is 2.0x faster.",
        ),
        (
            "Loading wren:4b as F16 takes 4 times as long as loading it as Q4_0.",
            "Loading wren:4b as Q4_0 takes 4 times as long as loading it as F16.",
        ),
        (
            "Moving from 2 to 6 threads makes decoding of lark:9b 1.4 times faster.",
            "Moving from 6 to 2 threads makes decoding of lark:9b 1.4 times faster.",
        ),
        (
            "Q8_0 loads 33% slower than Q5_K.",
            "Q5_K loads 33% slower than Q8_0.",
        ),
        ("Q8_0 is slower than Q4_0.", "Q4_0 is slower than Q8_0."),
        (
            "wren:4b at F16 is slower than lark:9b at Q4_0.",
            "lark:9b at Q4_0 is slower than wren:4b at F16.",
        ),
    ],
)
def test_a_comparison_of_levels_holds_one_way_round_only(
    told: str, turned: str, sweep: Corpus
) -> None:
    assert flags(told, sweep) == []
    assert "supported" in [ruling for _, ruling in rulings(told, sweep)]
    assert "contradicted" in [ruling for _, ruling in rulings(turned, sweep)]


@pytest.mark.parametrize(
    ("text", "ruling"),
    [
        ("Going from Q8_0 to Q4_0 doubles the decode rate of wren:4b.", "supported"),
        ("Going from Q8_0 to Q5_K doubles the decode rate of wren:4b.", "contradicted"),
        ("Q8_0 halves the load time of F16.", "supported"),
        ("Q5_K halves the load time of F16.", "contradicted"),
        ("wren:4b decodes twice as fast as lark:9b.", "supported"),
        ("lark:9b decodes twice as fast as wren:4b.", "contradicted"),
        ("With Q4_0, wren:4b needs a quarter of the load time that it has with F16.", "supported"),
        ("With Q4_0, wren:4b needs half of the load time that it has with F16.", "contradicted"),
        ("Q4_0 cuts the load time of F16 by three quarters.", "supported"),
        ("Q8_0 cuts the load time of F16 in half.", "supported"),
        ("Q5_K cuts the load time of F16 to a tenth.", "contradicted"),
        ("The decode rate more than triples from F16 to Q5_K.", "supported"),
        ("The decode rate more than triples from Q8_0 to Q4_0.", "contradicted"),
        ("Q8_0 is a third slower than Q5_K.", "supported"),
    ],
)
def test_a_factor_in_words_is_held_against_the_data(text: str, ruling: str, sweep: Corpus) -> None:
    assert [found for _, found in rulings(text, sweep)] == [ruling]


@pytest.mark.parametrize(
    "text",
    [
        # nothing is said to be so
        "Q8_0 should be faster than Q4_0.",
        "More threads do not double the decode rate: from 2 to 6 it grows less.",
        # fast at something that the data do not have
        "Q8_0 is the fastest to unpack.",
        "F16 had the fastest startup.",
        "F16 starts faster than Q4_0.",
        "Q8_0 needs a third of the patience that Q4_0 needs.",
        # of settings and shares
        "Half of the runs used 2 threads and half of them 6.",
        "Doubling the threads from 2 to 6 was tried.",
        # which is at 6 threads?
        "Going from 2 to 6 threads, F16 loads twice as fast as Q4_0.",
        # who is good, nobody measured
        "F16 is the best of the four quantisations.",
    ],
)
def test_what_is_not_plainly_compared_is_no_contrast(text: str, sweep: Corpus) -> None:
    assert flags(text, sweep) == []


def test_a_clause_is_not_held_against_the_metric_of_the_next(sweep: Corpus) -> None:
    text = "Q4_0 is faster than Q8_0, but its load time is lower than that of F16."
    assert flags(text, sweep) == []


def test_arithmetic_of_the_text_still_has_to_have_its_side(sweep: Corpus) -> None:
    best = "Q8_0 decodes 40% slower than Q4_0 (36.0 against 60.0 tok/s at best)."
    assert "contradicted" not in [ruling for quote, ruling in rulings(best, sweep) if "%" in quote]
    turned = "Q8_0 decodes 100% faster than Q4_0 (60.0 against 30.0 tok/s)."
    assert ("100%", "contradicted") in rulings(turned, sweep)


@pytest.mark.parametrize(
    ("text", "ruling"),
    [
        ("The best batch size is 8.", "supported"),
        ("The best batch size for kite is 8.", "supported"),
        ("The best batch size for kite is 32.", "contradicted"),
        ("Batch size 8 has the highest pages per minute.", "supported"),
        ("Batch size 4 has the highest pages per minute.", "contradicted"),
        ("Pages per minute are highest at batch size 8.", "supported"),
        ("Pages per minute are highest at batch size 1.", "contradicted"),
        ("Batch size 1 is the slowest of the four batch sizes.", "supported"),
    ],
)
def test_the_best_level_is_looked_for_across_files(text: str, ruling: str, pages: Corpus) -> None:
    assert [found for _, found in rulings(text, pages)] == [ruling]


@pytest.mark.parametrize(
    ("text", "ruling"),
    [
        ("F16 is the slowest of the quantisations.", "supported"),
        ("Q8_0 is the slowest of the quantisations.", "contradicted"),
        ("Q4_0 has the lowest load time of all.", "supported"),
        ("Q4_0 is the fastest quantisation with 6 threads on lark:9b.", "supported"),
        ("F16 is the fastest quantisation with 6 threads on lark:9b.", "contradicted"),
    ],
)
def test_a_level_in_words_is_held_against_the_other_levels(
    text: str, ruling: str, sweep: Corpus
) -> None:
    assert [found for _, found in rulings(text, sweep)] == [ruling]


# Time per token at each batch size: it halves from 1 to 4 here, and falls to a quarter there.
_HALVED = "model,batch,ms_per_token\nwren:4b,1,14.3\nwren:4b,2,9.9\nwren:4b,4,7.0\n"
_QUARTERED = "model,batch,ms_per_token\nwren:4b,1,14.3\nwren:4b,2,7.3\nwren:4b,4,3.6\n"


@pytest.mark.parametrize(
    "text",
    [
        "From batch 1 to batch 4 the time per output token of wren:4b dropped 4x.",
        "From batch 1 to batch 4 the time per output token of wren:4b fell by a factor of 3.97.",
        "Time per output token of wren:4b: from batch 1 to batch 4 a 4x drop.",
        "Time per output token of wren:4b: from batch 1 to batch 4 a reduction by a factor of 3.97.",
        "The time per output token fell by 75% from batch 1 to 4.",
    ],
)
def test_a_fall_by_a_factor_is_held_against_what_fell_and_not_against_the_setting(
    text: str, tmp_path: Path
):
    halved = measure(fill(tmp_path / "halved", {"r.csv": _HALVED}), tmp_path / "out")
    quartered = measure(fill(tmp_path / "quartered", {"r.csv": _QUARTERED}), tmp_path / "out")

    assert len(flags(text, halved)) == 1
    assert flags(text, quartered) == []


def test_a_factor_is_not_borne_out_by_a_level_of_a_setting(tmp_path: Path):
    halved = measure(fill(tmp_path / "halved", {"r.csv": _HALVED}), tmp_path / "out")

    assert flags("With num_thread=8 it was 2x as fast.", halved) == ["2x"]


def test_blocks_of_one_subject_are_no_count_of_subjects(sweep: Corpus):
    assert flags("Decode rate of wren:4b over lark:9b, run in blocks of one subject.", sweep) == []
    assert flags("Here is one subject.", sweep) == ["one"]
