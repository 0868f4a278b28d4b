"""Rows and columns that sum up others: means, percentiles, what pandas describes."""

import json

import pytest

from benchagent_tests.artifacts import parse_text, statistics_of


def test_a_row_that_sums_up_runs_gives_no_single_value():
    parsed = parse_text("engine,runs,tg_tok_s,size_gb\nwren,5,31.0,2.1\nlark,1,30.0,2.1\n")
    told = [[(r.metric, r.statistic, r.n) for r in record.readings] for record in parsed.records]
    assert told == [
        [("decode_rate", "summary", 5), ("model_size", "value", 5)],
        [("decode_rate", "value", 1), ("model_size", "value", 1)],
    ]


def test_beside_the_median_of_what_calls_took_no_rate_or_count_is_that_of_one_call():
    parsed = parse_text(
        "engine,median_ttft_ms,tg_tok_s,output_tokens,vram_gb\nwren,91,31.0,5120,6.1\n"
    )
    [record] = parsed.records
    assert [(r.metric, r.statistic) for r in record.readings] == [
        ("ttft", "median"),
        ("decode_rate", "summary"),
        ("output_tokens", "summary"),
        ("vram", "value"),
    ]


@pytest.mark.parametrize("within", ["itl_p95_ms", "avg_power_w", "peak_vram_gb"])
def test_a_mean_within_a_call_leaves_its_rate_that_of_one_call(within: str):
    parsed = parse_text(f"engine,ttft_ms,tg_tok_s,{within}\nwren,91,31.0,21\n")
    assert ("decode_rate", "value") in statistics_of(parsed)


def test_a_level_that_is_called_max_sums_nothing_up() -> None:
    records = parse_text("effort,decode tok/s\nlow,31.5\nmax,22.5\nmin,40.0\n").records
    assert [dict(record.config) for record in records] == [
        {"effort": "low"},
        {"effort": "max"},
        {"effort": "min"},
    ]


def test_rows_that_each_name_a_statistic_give_it() -> None:
    parsed = parse_text(
        "model,kind,ttft_ms,decode_tps\na,Mean,91,40\na,Min,80,35\na,Total,182,80\n"
    )
    assert [statistics_of(parsed, at) for at in range(len(parsed.records))] == [
        {("ttft", "mean"): 91, ("decode_rate", "mean"): 40},
        {("ttft", "min"): 80, ("decode_rate", "min"): 35},
    ]
    assert [refusal.locator for refusal in parsed.refusals] == ["row=3"]


def test_statistics_of_quantities_at_the_top_of_a_file_are_those_of_one_run() -> None:
    said = {
        "config": {"model": "lark:3b", "num_ctx": 4096},
        "results": {"ttft_ms": {"mean": 90.5, "p50": 88}, "decode_tps": {"mean": 40, "std": 2}},
    }
    parsed = parse_text(json.dumps(said), "own.json")
    [record] = parsed.records
    assert (record.subject, record.config) == ("lark:3b", {"num_ctx": 4096})
    assert statistics_of(parsed) == {
        ("ttft", "mean"): 90.5,
        ("ttft", "median"): 88,
        ("decode_rate", "mean"): 40,
        ("decode_rate", "stddev"): 2,
    }


DESCRIBED = """\
,ttft_ms,tokens_per_s
count,120.0,120.0
mean,88.2,61.5
std,4.1,1.2
min,80.1,58.3
25%,85.0,60.7
50%,88.0,61.4
max,99.9,64.0
"""


def test_what_pandas_says_of_a_table_are_its_statistics_and_a_count_is_none() -> None:
    parsed = parse_text(DESCRIBED)
    found = {
        reading.statistic: reading.value
        for record in parsed.records
        for reading in record.readings
        if reading.metric == "ttft"
    }
    assert found == {
        "mean": 88.2, "stddev": 4.1, "min": 80.1, "p25": 85, "median": 88, "max": 99.9
    }  # fmt: skip
    assert [refusal.locator for refusal in parsed.refusals] == ["row=1"]


def test_statistics_that_name_the_lists_of_a_table_are_no_runs() -> None:
    index, data = ["count", "mean", "50%"], [[120, 120], [88.2, 61.5], [88, 61.4]]
    document = {"columns": ["ttft_ms", "tokens_per_s"], "index": index, "data": data}
    parsed = parse_text(json.dumps(document), "own.json")
    assert [statistics_of(parsed, at) for at in (0, 1)] == [
        {("ttft", "mean"): 88.2, ("decode_rate", "mean"): 61.5},
        {("ttft", "median"): 88, ("decode_rate", "median"): 61.4},
    ]
    assert [refusal.locator for refusal in parsed.refusals] == ["/index/0"]


@pytest.mark.parametrize(
    "header",
    [
        ",ttft_ms,ttft_ms,tokens_per_s,tokens_per_s\n,mean,std,mean,max\nmodel,,,,\n",
        "model,ttft_ms,ttft_ms,tokens_per_s,tokens_per_s\n,mean,std,mean,max\n",
        "model,TTFT (ms),,Tokens/s,\n,Mean,Std,Mean,Max\n",  # cells that were merged
    ],
)
def test_a_row_of_statistics_below_the_header_belongs_to_it(header: str) -> None:
    parsed = parse_text(header + "lark:3b,88.2,4.1,61.5,63\nlark:1b,70,3.5,99.5,101\n")
    assert [record.subject for record in parsed.records] == ["lark:3b", "lark:1b"]
    assert statistics_of(parsed) == {
        ("ttft", "mean"): 88.2,
        ("ttft", "stddev"): 4.1,
        ("decode_rate", "mean"): 61.5,
        ("decode_rate", "max"): 63,
    }
    assert parsed.refusals == ()


@pytest.mark.parametrize(
    ("name", "levels"), [("percentile", "50 90 99"), ("quantile", "0.5 0.9 0.99")]
)
def test_rows_of_percentiles_are_no_runs(name: str, levels: str) -> None:
    rows = "".join(
        f"{level},{ms}\n" for level, ms in zip(levels.split(), (88, 99, 120), strict=True)
    )
    found = [r for record in parse_text(f"{name},ttft_ms\n{rows}").records for r in record.readings]
    assert {r.statistic: r.value for r in found} == {"median": 88, "p90": 99, "p99": 120}


@pytest.mark.parametrize(
    ("name", "levels", "statistics"),
    [
        ("percentile", "0.1 1 10 99.9", "p0.1 p1 p10 p99.9"),
        ("quantile", "0.0 0.01 0.5 1.0", "min p1 median max"),
    ],
)
def test_a_percentile_below_one_is_a_share_only_where_all_are(
    name: str, levels: str, statistics: str
) -> None:
    rows = "".join(f"{level},{90 + at}\n" for at, level in enumerate(levels.split()))
    found = [r for record in parse_text(f"{name},ttft_ms\n{rows}").records for r in record.readings]
    assert [r.statistic for r in found] == statistics.split()


@pytest.mark.parametrize("last", ["19.0%", ""])
def test_a_score_in_percent_is_no_percentile(last: str) -> None:
    text = f"model,tok_s,forced_choice\nlark:3b,41.2,26.0%\nwren:7b,21.2,{last}\n"
    records = parse_text(text).records
    assert [[(r.statistic, r.value) for r in record.readings] for record in records] == [
        [("value", 41.2)],
        [("value", 21.2)],
    ]
