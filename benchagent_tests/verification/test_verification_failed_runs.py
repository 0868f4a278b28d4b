"""What the data say of runs that failed: how many, which share, and no number of theirs."""

from pathlib import Path

import pytest

from benchagent.verification.evidence.corpus import Corpus
from benchagent_tests.folders import fill
from benchagent_tests.verification.verifying import flags, judge, measure, rulings

_HEADER = "model,prompt_index,ttft_s,tokens_s,load_s,error\n"
_REFUSED = "".join(f"wren:4b,{n},0.000000,0.00,0.000000,connection refused\n" for n in (1, 2, 3))
_GOOD = "".join(f"wren:4b,{n},0.2{n},6{n}.5,0.1{n},\n" for n in (1, 2, 3, 4))
_HALF = "heron:9b,1,0.31,31.5,0.21,\nheron:9b,2,0.000000,0.00,0.000000,connection refused\n"
RUNS = {
    "reports/birds/monday/runs.csv": _HEADER + _REFUSED,
    "reports/birds/tuesday/runs.csv": _HEADER + _GOOD,
    "reports/birds/friday/half.csv": _HEADER + _HALF,
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    data = fill(tmp_path_factory.mktemp("data"), RUNS)
    return measure(data, tmp_path_factory.mktemp("out"))


@pytest.mark.parametrize(
    "text",
    [
        "In `reports/birds/monday/runs.csv` the decode rate of wren:4b is 0.00 tok/s.",
        "The minimum time to first token of wren:4b is 0.0 s.",
        "The mean TTFT of wren:4b in `runs.csv` was 0 ms.",
    ],
)
def test_the_zeros_of_failed_runs_are_no_evidence(text: str, runs: Corpus) -> None:
    ruled = [r for quote, r in rulings(text, runs) if quote[0] == "0"]

    assert ruled, text
    assert "supported" not in ruled


def test_no_reason_tells_of_a_failed_run_as_of_a_zero(runs: Corpus) -> None:
    text = "The mean TTFT of wren:4b was 0.95 s and that of heron:9b 0.77 s."

    reasons = [found.verdict.reason for found in judge(text, runs)]

    assert reasons
    assert not any(" 0 ms " in f" {reason}" for reason in reasons)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("The error rate in `reports/birds/monday/` was 100%.", []),
        ("The error rate in `reports/birds/friday/half.csv` was 50%.", []),
        ("In `reports/birds/tuesday/` we saw an error rate of 0%.", []),
        ("In `reports/birds/tuesday/` we saw an error rate of 25%.", ["25%"]),
        # where, the sentence before says
        ("Then came `reports/birds/tuesday/`. All 4 calls succeeded.", []),
        ("Then came `reports/birds/monday/`. All 4 calls succeeded.", ["4"]),
        ("Then came `reports/birds/monday/`. The error rate was 100 %.", []),
        # of a folder with folders in it
        ("In `reports/birds/`, 4 of 9 calls failed.", []),
        ("In `reports/birds/`, 5 of 9 calls failed.", ["5"]),
    ],
)
def test_failures_are_counted_where_the_text_says(
    text: str, wrong: list[str], runs: Corpus
) -> None:
    told = [(quote, ruling) for quote, ruling in rulings(text, runs) if quote[0].isdigit()]

    assert told, text
    assert [quote for quote, ruling in told if ruling != "supported"] == wrong


def test_numbers_of_a_folder_are_held_against_its_files(runs: Corpus) -> None:
    told = "In `{}` the highest decode rate was 64.5 tok/s."
    for folder, expected in (("reports/birds/tuesday/", "supported"), ("birds/friday/", None)):
        ruled = dict(rulings(told.format(folder), runs))["64.5 tok/s"]
        assert (ruled == "supported") == (expected == "supported"), folder


def test_a_hidden_file_beside_the_runs_has_no_failed_ones(tmp_path: Path) -> None:
    files = {"runs.csv": "model,tok_s\nwren:4b,31.5\nwren:4b,32.5\n", ".DS_Store": "\x00"}
    corpus = measure(fill(tmp_path / "data", files), tmp_path / "out")

    assert flags("wren:4b had a mean decode rate of 32.0 tok/s.", corpus) == []
