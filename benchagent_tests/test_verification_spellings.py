"""Numbers, tables and sentences as people in other places and tools write them."""

import pytest

from benchagent.verification.evidence.corpus import Corpus
from benchagent_tests.folders import fill
from benchagent_tests.verifying import flags, measure, rulings

# Mean rates 40 and 64 tok/s, mean TTFTs 1250 and 210.5 ms; 1,23,456 tokens in all.
CALLS = """model,num_ctx,ttft_ms,tokens_per_second,output_tokens,total_time_ms,error
heron:2b,2048,1180.0,41.0,30000,61500.0,
heron:2b,8192,1320.0,39.0,33456,64500.0,
kite-nano:9b-q4_0,2048,204.5,65.5,28000,41250.5,
kite-nano:9b-q4_0,8192,216.5,62.5,32000,42250.5,
kite-nano:9b-q4_0,8192,,,,,out of memory
"""


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    folder = fill(tmp_path_factory.mktemp("data"), {"reports/calls.csv": CALLS})
    return measure(folder, tmp_path_factory.mktemp("out"))


TRUE = [
    # decimal commas, points between thousands
    "The mean TTFT of kite-nano:9b-q4_0 is 210,5 ms, the mean decode rate 64,0 tok/s.",
    "The mean TTFT of heron:2b is 1.250,0 ms, of kite-nano:9b-q4_0 210,5 ms.",
    "| Model | Mean TTFT (ms) |\n|---|---|\n| kite-nano:9b-q4_0 | 210,5 |\n| heron:2b | 1.250,0 |",
    # lakhs, apostrophes, digits of another script
    "In total 1,23,456 tokens were generated.",
    "The mean TTFT of heron:2b is 1'250 ms.",
    "The mean TTFT of heron:2b is १२५० ms.",
    # what stands behind a plus-minus is a deviation, of a sample or of all there are
    "The mean TTFT of heron:2b is 1250 ± 98.99 ms.",
    "The mean TTFT of heron:2b is 1250 +/- 70 ms.",
    "| | heron:2b |\n|---|---|\n| TTFT, mean ± SD [ms] | 1250 ± 99 |",
    # markup between a number and its unit
    "The mean TTFT of heron:2b is **1250** ms.",
]


@pytest.mark.parametrize("text", TRUE)
def test_a_true_number_is_one_in_any_spelling(text: str, corpus: Corpus) -> None:
    assert rulings(text, corpus) != []
    assert flags(text, corpus) == []


FALSE = [
    ("The mean TTFT of kite-nano:9b-q4_0 is 270,5 ms.", "270,5 ms"),
    ("The mean TTFT of heron:2b is 1.350,0 ms.", "1.350,0 ms"),
    ("The mean TTFT of heron:2b is 1,2 s, its max TTFT 1,8 s.", "1,8 s"),
    ("The mean TTFT of heron:2b is 1250 ± 45 ms.", "45 ms"),
    ("In total 2,34,567 tokens were generated.", "2,34,567 tokens"),
    ("The mean TTFT of heron:2b is **1250** s.", "1250** s"),
]


@pytest.mark.parametrize(("text", "quote"), FALSE)
def test_a_false_number_is_one_in_any_spelling(text: str, quote: str, corpus: Corpus) -> None:
    assert flags(text, corpus) == [quote]
