"""What a stranger's text leaves open is no lie: levels in passing, quantities by their unit, others."""

import json

import pytest

from benchagent.verification.evidence.corpus import Corpus
from benchagent_tests.verification.verifying import flags, rulings

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
