"""What a stranger's text leaves open is no lie: levels in passing, quantities by their unit, others."""

import json
from pathlib import Path

import pytest

from benchagent.verification.evidence.corpus import Corpus
from benchagent_tests.folders import fill
from benchagent_tests.verifying import flags, measure, rulings

LOOMS = """loom,threads,weave_s,peak_ram_mb,cloth_mb
jacquard,4,40.0,512.0,20.5
jacquard,8,25.0,640.0,20.5
dobby,4,60.0,256.0,30.5
dobby,8,48.0,300.0,30.5
c,4,90.0,128.0,44.5
c,8,81.0,150.0,44.5
warp-max,4,33.0,700.0,51.5
warp-max,8,31.0,720.0,51.5
"""
# where a format reads the file, its settings are known and the other columns are the data's own
CALLS = """model,num_ctx,run,ttft_ms,tokens_s,error
wren:3b,2048,1,110.0,40.0,
wren:3b,2048,2,130.0,42.0,
wren:3b,8192,1,310.0,30.0,
wren:3b,8192,2,330.0,32.0,
"""
# the same metrics of another, and another metric of both
FINCH = """model,num_ctx,run,ttft_ms,tokens_s,error
finch:1b,2048,1,50.0,90.0,
finch:1b,2048,2,60.0,95.0,
"""
LOADS = """model,num_ctx,run,load_s,error
wren:3b,2048,1,3.5,
finch:1b,2048,1,1.0,
"""
KETTLES = {
    "kettles": {
        "copper": {"rss_mb": {"idle": 18, "boiling": 41.5}, "pours_per_min": 12.5},
        "enamel": {"rss_mb": {"idle": 96, "boiling": 250.5}, "pours_per_min": 10.0},
    }
}
FOLDER = {
    "mill/looms.csv": LOOMS,
    "kitchen/kettles.json": json.dumps(KETTLES),
    "songs/calls.csv": CALLS,
    "songs/finch.csv": FINCH,
    "songs/loads.csv": LOADS,
}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    folder = fill(tmp_path_factory.mktemp("data"), FOLDER)
    return measure(folder, tmp_path_factory.mktemp("out"))


TRUE = [
    # bare numbers that are levels: behind "at", beside the setting's name, joined to another level
    "At 2048 the mean TTFT of `wren:3b` was 120 ms, at 8192 it was 320 ms.",
    "With 4 threads `dobby` takes 60.0 s, with 8 threads 48.0 s.",
    "Going from 4 to 8 threads makes `jacquard` 37.5% quicker.",
    # no other column is in seconds
    "`dobby` needs 54.0 s on average.",
    # a word short for another, and a qualifier that is not repeated
    "The memory of `dobby` peaked at 300.0 MB with 8 threads.",
    # a number before its name, in a list
    "Idle memory: 18 MB `copper`, 96 MB `enamel`.",
    # an object's name has the unit of what lies in it
    "`enamel` takes 250.5 MB when boiling.",
    # what is compared with is not the one of the heading
    "## `jacquard`\n\nWith 8 threads it needs 25.0 s instead of 48.0 s.",
    # MiB of a column that says MB
    "`jacquard` peaks at 0.5 GiB of memory with 4 threads.",
    # the "max" of a name is no statistic
    "warp-max took 32.0 s on average.",
    # both ends of a range are of the name behind it
    "Between 30.0 and 42.0 tok/s: that is the decode rate of `wren:3b` in `songs/calls.csv`.",
    "The median TTFT of `wren:3b` in `songs/calls.csv` is 220 ms.",
    # a file without a number is there, and one that is not is none
    "Two files gave no number: `songs/calls.csv` and `songs/finch.csv`.",
    "There is no results file `songs/robin.csv`.",
    # several statistics in one header
    "| loom | weave_s, mean [min; max] |\n|---|---|\n| dobby | 54.0 [48.0; 60.0] |",
]


@pytest.mark.parametrize("text", TRUE)
def test_what_a_stranger_says_in_passing_is_understood(text: str, corpus: Corpus) -> None:
    assert rulings(text, corpus)
    assert flags(text, corpus) == []


FALSE = [
    ("With 4 threads `dobby` takes 48.0 s.", "48.0 s"),  # with 8
    ("At 2048 the mean TTFT of `wren:3b` was 320 ms.", "320 ms"),  # at 8192
    ("Idle memory: 96 MB `copper`, 18 MB `enamel`.", "96 MB"),  # the other's
    ("`c` needs 54.0 s on average.", "54.0 s"),  # `dobby` does
    ("Going from 4 to 8 threads makes `jacquard` 80% quicker.", "80%"),
    ("| loom | weave_s, mean [min; max] |\n|---|---|\n| dobby | 48.0 [54.0; 60.0] |", "48.0"),
    # nothing of `wren:3b` stands there
    (
        "Between 30.0 and 42.0 tok/s: that is the decode rate of `wren:3b` in `songs/finch.csv`.",
        "30.0 and 42.0 tok/s",
    ),
    ("There is no results file `songs/calls.csv`.", "songs/calls.csv"),
    ("The median TTFT of `wren:3b` in `songs/loads.csv` is 220 ms.", "220 ms"),  # only load times
]


@pytest.mark.parametrize(("text", "quote"), FALSE)
def test_what_is_false_of_them_is_flagged_still(text: str, quote: str, corpus: Corpus) -> None:
    assert quote in flags(text, corpus)


OPEN = [
    # the metric is only that of a heading, or of the unit
    "# Speed of decoding\n\n`wren:3b` has 120.5 ms.",
    "# Decode rate\n\n`wren:3b` ran at 37.5 tok/s on average.",
    # the subject is only that of a heading
    "# `jacquard`\n\nThe longest weave_s was 90.0 s.",
    # the number's own subject stands in the sentence too
    "The longest weave_s of `dobby` was 40.0 s, in the company of `jacquard`.",
]


@pytest.mark.parametrize("text", OPEN)
def test_nothing_is_contradicted_where_the_text_is_not_certain(text: str, corpus: Corpus) -> None:
    assert [ruling for _, ruling in rulings(text, corpus)] == ["unsupported"]


def test_a_name_of_one_letter_is_not_found_inside_of_a_path(corpus: Corpus) -> None:
    # `c` is a letter of `songs/calls.csv`, where nothing of it was measured
    assert flags("`c` has a mean TTFT of 120 ms.", corpus) == ["120 ms"]


ON_HOSTS = """model,host,gpu,tokens_s
wren:4b,desk,RTX 4090,60.0
wren:4b,desk,RTX 4090,62.0
wren:4b,desk,RTX 4090,61.0
wren:4b,attic,GTX 1080,30.0
wren:4b,attic,GTX 1080,29.0
wren:4b,attic,GTX 1080,29.9
"""


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    data = fill(tmp_path_factory.mktemp("data"), {"reports/calls.csv": ON_HOSTS})
    return measure(data, tmp_path_factory.mktemp("out"))


@pytest.mark.parametrize(
    "text",
    [
        "On attic, wren:4b had a median decode rate of 29.9 tok/s.",
        "wren:4b decodes 29.9 tok/s on the GTX 1080 and 61.0 tok/s on the RTX 4090 (medians).",
        "## attic\n\n- wren:4b: median 29.9 tok/s",
        "| Host | Model | median tok/s |\n|---|---|---|\n| desk | wren:4b | 61.0 |",
    ],
)
def test_a_number_of_one_machine_is_not_held_against_all_of_them(text: str, hosts: Corpus) -> None:
    assert flags(text, hosts) == []
    swapped = text.replace("attic", "?").replace("desk", "attic").replace("?", "desk")
    swapped = (
        swapped.replace("GTX 1080", "?").replace("RTX 4090", "GTX 1080").replace("?", "RTX 4090")
    )
    assert flags(swapped, hosts) != []


@pytest.mark.parametrize("setting", ["host", "backend"])
def test_what_a_file_of_one_level_gives_is_no_number_of_another(
    setting: str, tmp_path: Path
) -> None:
    rows = {"desk": (60.0, 62.0, 61.0), "attic": (30.0, 29.0, 29.9)}
    files = {
        f"reports/{n}.csv": f"model,{setting},tokens_s\n"
        + "".join(f"wren:4b,{level},{rate}\n" for rate in rates)
        for n, (level, rates) in enumerate(rows.items())
    }
    corpus = measure(fill(tmp_path / "data", files), tmp_path / "out")
    assert flags("On attic, wren:4b had a median of 29.9 tok/s.", corpus) == []
    assert flags("On desk, wren:4b had a median of 29.9 tok/s.", corpus) == ["29.9 tok/s"]
    # where the text leaves it open, and over both
    assert flags("wren:4b had a median of 29.9 tok/s.", corpus) == []
    assert flags("wren:4b had a mean of 45.3 tok/s, desk included.", corpus) == []


def test_the_best_level_of_a_setting_is_compared_with_the_others(hosts: Corpus) -> None:
    assert rulings("desk is the fastest of the two.", hosts) == [("fastest", "supported")]
    assert rulings("The lowest decode rate? attic is the slowest.", hosts)[-1][1] == "supported"
    assert flags("attic has the highest decode rate.", hosts) == ["highest"]
    # what the data do not compare is left alone
    assert rulings("attic is the largest of the two.", hosts) == []


ON_BACKENDS = """model,backend,threads,tokens_s
wren:4b,onnx,4,30.0
wren:4b,onnx,8,40.0
wren:4b,eager,4,30.0
wren:4b,eager,8,50.0
wren:4b,vulkan,4,20.0
wren:4b,vulkan,8,60.0
wren:4b,sycl,4,10.0
wren:4b,sycl,8,5.0
"""


@pytest.fixture(scope="module")
def backends(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    data = fill(tmp_path_factory.mktemp("data"), {"reports/calls.csv": ON_BACKENDS})
    return measure(data, tmp_path_factory.mktemp("out"))


@pytest.mark.parametrize(
    ("text", "ruling"),
    [
        ("`sycl` (7.5 tok/s) is by far the slowest.", "supported"),
        ("Of the four, sycl was clearly the slowest.", "supported"),
        ("onnx has the highest decode rate of the four.", "contradicted"),
    ],
)
def test_the_best_of_many_levels_is_found(text: str, ruling: str, backends: Corpus) -> None:
    assert ruling in [found for quote, found in rulings(text, backends) if "tok" not in quote]


@pytest.mark.parametrize(
    "text",
    [
        # the most of its own calls
        "On onnx, the highest decode rate was 40.0 tok/s.",
        "onnx had a highest decode rate of 40.0 tok/s.",
        # of another, which is not named
        "onnx ran on the slowest machine.",
        "onnx is half as fast as the fastest.",
        # of some, or not said at all
        "onnx is the fastest of the portable ones.",
        "onnx is the fastest without a cache.",
        "It is not true that onnx is the fastest.",
        # as fast as another: 40 tok/s in the mean
        "eager is the fastest.",
    ],
)
def test_a_level_that_is_not_said_to_be_best_of_all_is_not_held_against_them(
    text: str, backends: Corpus
) -> None:
    assert flags(text, backends) == []


OF_TWO_MODELS = """model,backend,tokens_s
wren:4b,onnx,30.0
wren:4b,onnx,32.0
wren:4b,eager,60.0
wren:4b,eager,62.0
lark:1b,onnx,22.0
lark:1b,onnx,24.0
lark:1b,eager,20.0
lark:1b,eager,21.0
"""


def test_a_level_is_not_the_best_where_it_is_best_for_one_model_alone(tmp_path: Path) -> None:
    data = fill(tmp_path / "data", {"reports/calls.csv": OF_TWO_MODELS})
    corpus = measure(data, tmp_path / "out")
    # slower for wren:4b, and over both
    assert rulings("onnx is the fastest.", corpus) == []
    assert rulings("eager is the fastest.", corpus) == []
