"""Designs of several settings as language models report them: levels, shares, changes, parts."""

from pathlib import Path

import pytest

from benchagent.verification.evidence.corpus import Corpus
from benchagent_tests.folders import fill
from benchagent_tests.verification.verifying import flags, judge, measure, rulings

CACHES = "model,kv_type,ctx,decode_tps\n" + "".join(
    f"{model},{kv},{ctx},{rate * share * noise:.2f}\n"
    for model, rate in (("wren:8b", 50.0), ("lark:7b", 57.0))
    for kv, share in (("f16", 1.0), ("q4_0", 0.88))
    for ctx, noise in ((4096, 1.0), (16384, 0.8), (32768, 0.6))
    for noise in (noise * 0.999, noise * 1.001)
)
# with heron and slow tracking 38 and 40 ms; one alarm of five is wrong
CLIPS = "clip,detector,tracker,size,retrieve_ms,alarm_correct\n" + "".join(
    f"c{clip},{detector},{tracker},{size},{own + more + size / 480 + clip / 100 - 0.03:.2f},{int(clip < 5)}\n"
    for detector, own in (("heron", 10.0), ("stork", 30.0))
    for tracker, more in (("off", 0.0), ("slow", 27.0))
    for size in (480, 1440)
    for clip in (1, 2, 3, 4, 5)
)
NEEDLES = """model,kv_type,trials,hits
wren:8b,f16,50,46
wren:8b,q4_0,50,36
lark:7b,f16,50,44
lark:7b,q4_0,50,31
"""


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    files = {"reports/cache.csv": CACHES, "reports/needles.csv": NEEDLES}
    return measure(fill(tmp_path_factory.mktemp("data"), files), tmp_path_factory.mktemp("out"))


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    files = {"reports/clips.csv": CLIPS}
    return measure(fill(tmp_path_factory.mktemp("data"), files), tmp_path_factory.mktemp("out"))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("At 16K, wren:8b decodes 40.0 tok/s with f16.", "supported"),
        ("At 4K, wren:8b decodes 50.0 tok/s with f16.", "supported"),
        # that is its rate at 4K
        ("At 32k, wren:8b decodes 50.0 tok/s with f16.", "unsupported"),
        ("wren:8b reaches 30.0 tok/s (f16, 32K).", "supported"),
    ],
)
def test_a_level_may_be_told_in_thousands(text: str, found: str, corpus: Corpus) -> None:
    assert rulings(text, corpus)[-1][1] == found


def test_bare_numbers_as_headings_of_columns_are_levels(corpus: Corpus) -> None:
    table = (
        "## Decode rate\n\n| Model | KV | 4096 | 32K |\n|---|---|---|---|\n| wren:8b | {} | {} |\n"
    )
    assert rulings(table.format("f16 | 50.0", "30.0"), corpus) == [
        ("50.0", "supported"),
        ("30.0", "supported"),
    ]
    # what the other cache has there
    assert flags(table.format("q4_0 | 50.0", "26.4"), corpus) == ["50.0"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Going from 4K to 32K reduces the decode rate of wren:8b with f16 by 40%.", "supported"),
        # 50 is 67% more than 30, and 30 is 40% less than 50
        ("Going from 4K to 32K reduces the decode rate of wren:8b with f16 by 67%.", "unsupported"),
        ("The decode rate fell from 50.0 tok/s to 30.0 tok/s, a drop of 67%.", "unsupported"),
        ("The decode rate fell from 50.0 tok/s to 30.0 tok/s, a drop of 40%.", "supported"),
    ],
)
def test_a_fall_is_in_percent_of_what_there_was_before(
    text: str, found: str, corpus: Corpus
) -> None:
    assert rulings(text, corpus)[-1][1] == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("wren:8b found 36 of 50 needles with q4_0.", [("36", "supported")]),
        ("wren:8b found 36/50 needles with q4_0.", [("36", "supported")]),
        # 90 of 100 with f16, of both models together
        ("With f16, 90 of 100 needles were found.", [("90", "supported")]),
        # nobody knows of what else so many may be
        ("wren:8b answered 17 of 50 questions with q4_0.", []),
    ],
)
def test_a_part_is_of_the_whole_that_stands_beside_it_in_the_data(
    text: str, found: list[tuple[str, str]], corpus: Corpus
) -> None:
    assert rulings(text, corpus) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("| Detector | Tracker | Retrieve (ms) |\n|---|---|---|\n| heron | slow | 39.0 |", []),
        ("| Detector | Tracker | Retrieve (ms) |\n|---|---|---|\n| heron | off | 12.0 |", []),
        ("| Detector | Tracker | Retrieve (ms) |\n|---|---|---|\n| heron | off | 39.0 |", ["39.0"]),
        # as people inflect the name of a column
        ("On average retrieval takes 32.0 ms with stork and no tracker (off).", []),
        ("The share of correct alarms is 80.0% over all.", []),
        ("The share of correct alarms is 70.0% over all.", ["70.0%"]),
    ],
)
def test_means_under_two_settings_are_known_where_there_is_no_subject(
    text: str, found: list[str], clips: Corpus
) -> None:
    assert flags(text, clips) == found


@pytest.mark.parametrize(
    "text", ["Mistral 7B is a model.", "Of a 1.5B model nothing is known.", "Llama 70b is large."]
)
def test_the_size_of_a_model_in_its_name_is_no_number(text: str, corpus: Corpus) -> None:
    assert judge(text, corpus) == []


def test_a_second_number_of_a_difference_is_one_too(corpus: Corpus) -> None:
    text = (
        "In decode rate the difference between f16 and q4_0 at 4K is 6.0 tok/s for wren:8b and {} "
        "for lark:7b."
    )
    assert flags(text.format("6.8 tok/s"), corpus) == []
    assert flags(text.format("9.8 tok/s"), corpus) == ["9.8 tok/s"]


def test_a_size_far_above_that_of_all_files_is_not_held_against_it(tmp_path: Path) -> None:
    corpus = measure(fill(tmp_path / "data", {"reports/needles.csv": NEEDLES}), tmp_path / "out")
    assert rulings("The file has 7.7 GB.", corpus) == [("7.7 GB", "unsupported")]
    assert rulings("The total size of all files is 9.9 kB.", corpus) == [("9.9 kB", "contradicted")]
