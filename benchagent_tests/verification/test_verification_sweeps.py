"""Sweeps and servers as language models report them: what a number may not be borne out by."""

from pathlib import Path

import pytest

from benchagent.verification.evidence.corpus import Corpus
from benchagent_tests.folders import fill
from benchagent_tests.verification.verifying import flags, measure, rulings

RATES = {
    "wren-4b": {0: 9.0, 20: 28.1, 40: 53.7, 99: 63.4},
    "lark-3b": {0: 11.5, 20: 36.0, 40: 69.5, 99: 83.0},
}
SWEEP = "model,num_gpu,tok_per_s\n" + "".join(
    f"{model},{level},{rate * share:.2f}\n"
    for model, rates in RATES.items()
    for level, rate in rates.items()
    for share in (0.999, 1.001)
)
OFFLOADED = """quant,ngl,tok_per_s
q4,0,9.1
q4,33,41.2
q8,99,83.5
q8,99,84.1
"""
QUALITY = """task,variant,accuracy,seconds
birds,dense,0.789,472.8
birds,small,0.773,1151.7
trees,dense,0.617,643.9
trees,small,0.592,1011.4
"""
SERVERS = """engine,concurrency,requests_per_s
heroncpp,1,0.51
heroncpp,16,4.74
wrencpp,1,1.91
wrencpp,16,9.1
stork,1,0.77
stork,16,9.64
"""


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    files = {"reports/sweep.csv": SWEEP, "csv_data/quality.csv": QUALITY}
    files["csv_data/servers.csv"] = SERVERS
    return measure(fill(tmp_path_factory.mktemp("data"), files), tmp_path_factory.mktemp("out"))


@pytest.mark.parametrize(
    "text", ["99 tok/s at ngl=99", "33 tok/s with ngl=33", "99 tok/s (ngl 99)"]
)
def test_the_value_of_a_setting_bears_out_no_measurement(text: str, tmp_path: Path) -> None:
    corpus = measure(fill(tmp_path / "data", {"reports/a.csv": OFFLOADED}), tmp_path / "out")
    assert flags(f"It reaches {text}.", corpus) == [text.partition("/s")[0] + "/s"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("num_gpu=40 is the slowest setting for every model.", ("slowest", "contradicted")),
        ("num_gpu=99 is the fastest setting.", ("fastest", "supported")),
        ("ngl=20 is slower than ngl=40.", ("slower than", "supported")),
        ("`num_gpu=20` is faster than `num_gpu=40`.", ("faster than", "contradicted")),
        ("With ngl=40, lark-3b decodes 69.5 tok/s.", ("69.5 tok/s", "supported")),
        ("With ngl=20, lark-3b decodes 69.5 tok/s.", ("69.5 tok/s", "unsupported")),
        # 83.0 to 36.0 is 2.31
        ("lark-3b: a 3.0x speed-up of num_gpu=99 over num_gpu=20.", ("3.0x", "unsupported")),
        ("lark-3b: a 2.3x speed-up of num_gpu=99 over num_gpu=20.", ("2.3x", "supported")),
        ("lark-3b: a 1.3x speed-up of num_gpu=99 over num_gpu=20.", ("1.3x", "unsupported")),
    ],
)
def test_a_setting_may_be_compared_as_it_is_spelled(
    text: str, found: tuple[str, str], corpus: Corpus
) -> None:
    assert rulings(text, corpus)[-1] == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("lark-3b is faster than wren-4b at every offload level.", "supported"),
        ("lark-3b has the highest decode rate at all levels.", "supported"),
        # at a concurrency of 16 it is the other way round
        ("wrencpp has more req/s than stork.", "supported"),
        ("wrencpp has more req/s than stork at every concurrency.", "contradicted"),
        ("lark-3b wins on decode rate.", "supported"),
        ("wren-4b wins on decode rate.", "contradicted"),
        ("num_gpu=0 is the slowest setting for all models.", "supported"),
    ],
)
def test_what_is_said_to_hold_everywhere_has_no_exception(
    text: str, found: str, corpus: Corpus
) -> None:
    assert rulings(text, corpus)[-1][1] == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("heron.cpp serves 4.74 req/s at a concurrency of 16.", []),
        ("Heron.CPP serves 9.64 req/s at a concurrency of 16.", ["9.64 req/s"]),
        ("| Engine | req/s, concurrency=16 |\n|---|---|\n| heron-cpp | 9.64 |", ["9.64"]),
    ],
)
def test_a_name_is_known_with_points_between_its_letters(
    text: str, found: list[str], corpus: Corpus
) -> None:
    assert flags(text, corpus) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("small took 1,011 s on trees, which is 1.57x the 643.9 s of dense.", []),
        ("small took 1,011 s on trees, and 643.9 s of dense are less.", []),
        ("dense took 643.9 s on trees, less than the 472.8 s of small.", ["472.8 s"]),
        ("On birds, the accuracies lie between 77.3% and 78.9%.", []),
        ("On birds, the accuracies lie between 57.3% and 78.9%.", ["57.3%"]),
        ("On birds, the accuracies lie between 10% and 95%.", ["10%", "95%"]),
    ],
)
def test_a_number_is_of_what_stands_beside_it(text: str, found: list[str], corpus: Corpus) -> None:
    assert flags(text, corpus) == found


def test_a_bare_cell_under_a_level_is_of_the_metric_above_the_table(corpus: Corpus) -> None:
    table = "## {}\n\n| Model | num_gpu=20 | num_gpu=99 |\n|---|---|---|\n| lark-3b | 36.0 | {} |\n"
    assert rulings(table.format("Decode rate", "83.0"), corpus) == [
        ("36.0", "supported"),
        ("83.0", "supported"),
    ]
    assert flags(table.format("Decode rate", "69.5"), corpus) == ["69.5"]
    # two are named, and none
    assert rulings(table.format("Decode rate and latency", "69.5"), corpus) == []
    assert rulings(table.format("Sweep", "69.5"), corpus) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("CPU-only, lark-3b decodes 11.5 tok/s, and 83.0 tok/s with full offload.", []),
        ("CPU-only, lark-3b decodes 83.0 tok/s.", ["83.0 tok/s"]),
        ("Full offload gives lark-3b a 7.2x speed-up over CPU only.", []),
        ("Full offload gives lark-3b a 9.2x speed-up over CPU only.", ["9.2x"]),
    ],
)
def test_none_and_all_of_the_layers_are_known_by_what_people_call_them(
    text: str, found: list[str], corpus: Corpus
) -> None:
    assert flags(text, corpus) == found


def test_a_percentage_behind_a_part_and_its_whole_is_theirs(corpus: Corpus) -> None:
    assert flags("The engine lost 19 of 200 requests (9.5%).", corpus) == []
    assert rulings("The engine lost 19 of 200 requests (12%).", corpus)[-1] == (
        "12%",
        "contradicted",
    )


def test_a_change_of_a_row_is_from_the_column_that_its_header_names(corpus: Corpus) -> None:
    table = (
        "## Decode rate\n\n| Model | CPU only (num_gpu=0) | num_gpu=40 | num_gpu=99 | Δ vs. CPU |\n"
        "|---|---|---|---|---|\n| lark-3b | 11.5 | 69.5 | 83.0 | {} |\n"
    )
    assert flags(table.format("+622%"), corpus) == []
    # of the last but one: 83.0 to 69.5, and as a share of the first: 722%
    assert flags(table.format("+19.4%"), corpus) == ["19.4%"]
    assert flags(table.format("+722%"), corpus) == ["722%"]
