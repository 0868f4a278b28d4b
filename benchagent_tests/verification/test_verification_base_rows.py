"""What a column holds against one row of its table, and what the lines of a file say of it."""

import pytest

from benchagent.verification.evidence.corpus import Corpus
from benchagent_tests.verification.verifying import flags, rulings

MILLS = """stone,flow_l,grain_p50_ms_mean,heap_mib
basalt,4,812.4,640
granite,4,702.5,512
quartz,4,655.5,128
"""
# of one model alone, and with a unit for none but one number
TRIALS = "".join(
    f'{{"model": "wren:3b", "trick": "{trick}", "nuts": {nuts}, "hop_s": {hop}}}\n'
    for trick, nuts, hop in (("ladder", 71, 12.5), ("tunnel", 64, 19.5), ("swing", 88, 31.5))
)
# rows that sum up runs, one of which failed elsewhere
SHEDS = """model,batch_size,p50_latency_ms,p99_latency_ms,tokens_per_second,num_runs
finch:1b,1,310.5,322.0,41.4,10
finch:1b,4,377.5,390.0,164.9,10
"""
CALLS = """model,num_ctx,ttft_ms,tokens_s,error
tern:2b,2048,110.0,40.0,
tern:2b,2048,,,connection refused
"""
FOLDER = {
    "mill/stones.csv": MILLS,
    "birds/trials.jsonl": TRIALS,
    "birds/sheds.csv": SHEDS,
    "birds/calls.csv": CALLS,
    "mill/sluice.json": '{"gates": 3, "throughput": 2.1391189854458554}',
}

HEAPS = """| Stone | Heap | {column} |
|---|---|---|
| basalt | 640 MiB | {base} |
| granite | 512 MiB | {first} |
| quartz | 128 MiB | {second} |
"""


@pytest.mark.parametrize(
    ("column", "base", "first", "second"),
    [
        # the header names the row
        ("vs basalt", "-", "-128 MiB", "-512 MiB"),
        ("Savings vs. basalt", "baseline", "-20%", "-80%"),
        # a cell does
        ("Change", "0%", "-20.0%", "-80.0%"),
        ("Speedup", "1.0x", "1.25x", "5.0x"),
    ],
)
def test_a_change_from_the_row_that_a_column_is_held_against_is_computed_again(
    column: str, base: str, first: str, second: str, corpus: Corpus
) -> None:
    true = HEAPS.format(column=column, base=base, first=first, second=second)
    assert flags(true, corpus) == []
    lie = second.replace("5", "7").replace("8", "6")
    false = HEAPS.format(column=column, base=base, first=first, second=lie)
    assert flags(false, corpus) == [lie.removeprefix("-")]


def test_a_column_that_is_held_against_nothing_has_no_such_row(corpus: Corpus) -> None:
    table = HEAPS.format(column="Drag", base="0%", first="-20%", second="-80%")
    assert "supported" not in [ruling for quote, ruling in rulings(table, corpus) if "%" in quote]


@pytest.mark.parametrize(
    "text",
    [
        # a median by another name, also where the column says that it was averaged
        "| Stone | grain p50 (ms) |\n|---|---|\n| basalt | 812.4 |\n| quartz | 655.5 |",
        "The median grain of basalt was 812.4 ms.",
        # lines are rows, and the model that all of them name is known
        "`wren:3b` got 71 nuts on the ladder and 64 in the tunnel.",
        "On the swing `wren:3b` took 31.5 s.",
    ],
)
def test_names_that_a_file_gives_once_or_line_by_line_are_known(text: str, corpus: Corpus) -> None:
    assert flags(text, corpus) == []


def test_what_a_column_of_nobody_s_format_holds_contradicts_no_other_name(corpus: Corpus) -> None:
    text = "The peak load time of basalt was 812.4 ms, and 702.5 ms that of granite."
    assert "contradicted" not in [ruling for _, ruling in rulings(text, corpus)]


def test_a_percentile_is_read_however_it_is_shortened(corpus: Corpus) -> None:
    for name in ("50th pct", "50th %ile", "50th percentile"):
        assert flags(f"The grain of basalt had a {name} of 812.4 ms.", corpus) == []


SUMS = """| Batch | Throughput (tok/s) | Failures |
|---|---|---|
| 1 | 41.4 | 0 |
| 4 | {rate} | 0 |
"""


def test_a_rate_that_sums_up_runs_in_an_unknown_way_may_be_told_without_a_word_for_it(
    corpus: Corpus,
) -> None:
    assert "164.9" not in flags(SUMS.format(rate="164.9"), corpus)
    assert "194.9" in flags(SUMS.format(rate="194.9"), corpus)


def test_failures_under_a_setting_are_not_held_against_those_of_all(corpus: Corpus) -> None:
    ruled = [r for quote, r in rulings(SUMS.format(rate="164.9"), corpus) if quote == "0"]
    assert ruled
    assert "contradicted" not in ruled


def test_a_number_whose_unit_nobody_says_contradicts_no_unit(corpus: Corpus) -> None:
    text = "The throughput of the sluice was 2.1391189 requests/s."
    assert "contradicted" not in [ruling for _, ruling in rulings(text, corpus)]
