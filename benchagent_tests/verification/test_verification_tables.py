"""Tables and trees that no format reads are evidence too: by their own columns, names and levels."""

import json

import pytest

from benchagent.verification.evidence.corpus import Corpus
from benchagent.verification.evidence.own_columns import better_of, read_own_column
from benchagent_tests.folders import fill
from benchagent_tests.verification.verifying import flags, measure, rulings

BOATS = """hull,water,trial,knots,drag_n,fuel_l_per_h,strokes_per_s
otter-9,calm,1,10.2,310,4.1,3.1
otter-9,calm,2,10.6,318,4.3,2.9
otter-9,rough,1,7.1,455,6.0,3.2
otter-9,rough,2,7.5,461,6.2,2.8
heron-4,calm,1,14.8,402,8.8,2.1
heron-4,calm,2,15.2,398,9.0,1.9
heron-4,rough,1,9.4,640,11.5,2.2
heron-4,rough,2,9.0,652,11.9,1.8
"""
KILNS = {
    "site": "north",
    "kilns": {
        "tunnel-2": {"fast": {"wer": 4.25, "temp_c": 1180.0}, "slow": {"wer": 2.5, "temp_c": 1105.0}},
        "shuttle-7": {"fast": {"wer": 6.75, "temp_c": 1240.0}, "slow": {"wer": 3.5, "temp_c": 1150.0}},
    },
}  # fmt: skip
# the unit of a run time is not said, that of a total time is
FERRIES = """ferry,nation,run_time,total_time_ms
puffin,norse,0.5,12.0
gannet,scots,0.7,19.0
"""
FOLDER = {
    "sea/boats.csv": BOATS,
    "sea/ferries.csv": FERRIES,
    "clay/kilns.json": json.dumps(KILNS),
}


TRUE = [
    # means over trials, per hull and water
    "In calm water otter-9 averaged 10.4 knots, heron-4 15.0 knots.",
    "heron-4 in rough water: mean drag 646.0, at most 652.",
    # per hull alone
    "The mean speed of otter-9 was 8.85 knots.",
    # the names of objects are names, what lies in them are levels
    "tunnel-2, fast: WER 4.25, temperature 1180 °C. shuttle-7, slow: WER 3.5.",
    "The word error rate of shuttle-7 on the fast programme was 6.75%.",
    "| kiln | WER, fast | WER, slow |\n|---|---|---|\n| tunnel-2 | 4.25 | 2.5 |",
    "The ferry puffin had a run time of 12 ms.",
    "## otter-9\n\nThe mean drag was 386.",
    "In total the drag of otter-9 was 1544.",
    # a rate of the data's own may be faster
    "In strokes per second otter-9 was 50% faster than heron-4.",
]


@pytest.mark.parametrize("text", TRUE)
def test_what_a_table_of_no_format_says_is_supported(text: str, corpus: Corpus) -> None:
    assert rulings(text, corpus)
    assert flags(text, corpus) == []


FALSE = [
    ("In calm water otter-9 averaged 15.0 knots.", "15.0"),  # the other's
    ("In rough water otter-9 averaged 10.4 knots.", "10.4"),  # of calm water
    ("heron-4 in calm water averaged 13.1 knots.", "13.1"),  # nobody's
    ("The word error rate of shuttle-7 on the fast programme was 4.25%.", "4.25%"),
    ("The WER of tunnel-2, slow: 4.25.", "4.25"),
    ("The ferry puffin had a run time of 12 s.", "12 s"),  # it is 12 ms
    ("## otter-9\n\nThe mean drag was 454.5.", "454.5"),  # of both hulls
    ("The word error rate of shuttle-7 was 10.25%.", "10.25%"),  # its two rates, summed up
    ("In strokes per second otter-9 was 80% faster than heron-4.", "80%"),
    ("## otter-9\n\nDrag was at most 652.", "652"),  # the other's
]


@pytest.mark.parametrize(("text", "lie"), FALSE)
def test_a_number_of_another_row_is_not_supported(text: str, lie: str, corpus: Corpus) -> None:
    assert lie in flags(text, corpus)


def test_the_size_of_a_sample_is_no_setting_written_short(corpus: Corpus) -> None:
    text = "The ferry puffin had a run time of 12 ms (n=9)."

    assert dict(rulings(text, corpus))["12 ms"] == "supported"


def test_the_rows_of_a_table_set_apart_by_blanks_are_cells(corpus: Corpus) -> None:
    text = (
        "```\nhull      knots   drag_n\n"
        "-------------------------\n"
        "otter-9   8.85    386.0\n"
        "heron-4   12.1    590.0\n```\n"
    )

    found = dict(rulings(text, corpus))

    assert found["8.85"] == found["386.0"] == found["12.1"] == "supported"
    assert found["590.0"] != "supported"


def test_several_numbers_of_a_cell_have_the_names_of_their_header(corpus: Corpus) -> None:
    text = "| hull | knots, min / mean / max |\n|---|---|\n| otter-9 | 7.1 / 8.85 / 10.9 |\n"

    found = dict(rulings(text, corpus))

    assert found["7.1"] == found["8.85"] == "supported"
    assert found["10.9"] != "supported"


def test_a_typeset_number_is_read_as_it_is_set(corpus: Corpus) -> None:
    text = r"On the fast programme \texttt{tunnel-2} has a WER of $4.25\,\%$, \texttt{shuttle-7} $4.75\%$."

    ruled = [ruling for quote, ruling in rulings(text, corpus) if quote[0].isdigit()]

    assert ruled[0] == "supported"
    assert ruled[1] != "supported"


COLUMNS = [
    ("images_per_s", ("images_per_s", "value", "images/s")),
    ("pages_per_min", ("pages_per_min", "value", None)),  # no minimum
    ("decompress_mb_s", ("decompress_mb_s", "value", None)),  # no seconds
    ("index_size_mb", ("index_size_mb", "value", "bytes")),
    ("power_w", ("power", "value", "W")),
    ("p99_ms", ("latency", "p99", "ms")),
]


@pytest.mark.parametrize(("name", "expected"), COLUMNS)
def test_a_column_is_known_by_its_name(name: str, expected: tuple[str, str, str | None]) -> None:
    own = read_own_column(name)

    assert own
    assert (own.metric, own.statistic, own.unit.canonical if own.unit else None) == expected


BETTER = [
    ("wer", "lower"),
    ("error_rate", "lower"),  # a rate, but of errors
    ("time_per_image_ms", "lower"),  # a time, though per something
    ("images_per_s", "higher"),
    ("hit_rate", "higher"),
    ("shelf", "neither"),
]


@pytest.mark.parametrize(("name", "better"), BETTER)
def test_an_error_rate_is_better_lower_and_a_rate_higher(name: str, better: str) -> None:
    assert better_of(name) == better


def test_a_ratio_of_two_models_may_be_told_of_the_file_of_either(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    header = "model,prompt,ttft_ms,tokens_per_second\n"
    rates = {"wren:4b": 40.0, "lark:9b": 20.0}
    calls = {
        f"reports/{model[:4]}.csv": header
        + "".join(f"{model},p{n},{100 + n},{rate + n / 10}\n" for n in range(12))
        for model, rate in rates.items()
    }
    folder = fill(tmp_path_factory.mktemp("data"), calls)
    corpus = measure(folder, tmp_path_factory.mktemp("out"))
    told = "| What | Value | Where |\n|---|---|---|\n| decode rate: `wren:4b` over `lark:9b`, alike in recorded settings and prompt, from different files | {} | `reports/{}.csv` |"
    assert flags(told.format("1.97", "wren"), corpus) == []
    assert flags(told.format("1.97", "lark"), corpus) == []
    assert flags(told.format("1.57", "lark"), corpus) == ["1.57"]
