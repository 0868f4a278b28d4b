"""Rates of tokens whose column does not say of which tokens."""

import json

import pytest

from benchagent_tests.artifacts import numbers_of, parse_text, statistics_of


@pytest.mark.parametrize(
    ("column", "cell", "metric"),
    [
        ("batch_size", "1", "decode_rate"),
        ("batch_size", "8", "throughput"),  # of the eight together
        ("concurrency", "1", "decode_rate"),
        ("concurrency", "4", None),  # of one of the four, or of all: nothing tells
        ("num_concurrency", "4", None),  # in other words
        ("clients", "4", None),
        ("n_parallel", "4", None),
    ],
)
def test_a_bare_rate_of_several_answers_is_no_decode_rate(
    column: str, cell: str, metric: str | None
):
    parsed = parse_text(f"{column},latency_ms,tokens_per_sec\n{cell},500,120\n")
    rates = [r.metric for r in parsed.records[0].readings if r.unit == "tok/s"]
    assert rates == ([metric] if metric else [])


@pytest.mark.parametrize("name", ["Throughput (tok/s)", "Speed (t/s)", "Tokens/s (avg)", "TPS"])
def test_a_bare_rate_is_one_wherever_its_unit_stands(name: str):
    parsed = parse_text(f"concurrency,latency_ms,{name}\n4,500,120\n")
    assert statistics_of(parsed) == {("latency", "value"): 500.0}
    assert parsed.reason == f"columns not understood: {name}"


@pytest.mark.parametrize("test", ["pp512", "pp 512 @ d4096", "Prefill", "prompt processing"])
def test_a_bare_rate_is_of_what_its_row_tests(test: str):
    parsed = parse_text(f"test,t/s,total_time_s\n{test},800.5,0.6\ntg128,31.0,4.1\n")
    assert statistics_of(parsed)["prefill_rate", "value"] == 800.5
    assert statistics_of(parsed, 1)["decode_rate", "value"] == 31.0
    assert [record.config for record in parsed.records] == [
        {"workload": test},
        {"workload": "tg128"},
    ]


def test_a_bare_rate_of_reading_and_generating_together_is_neither():
    parsed = parse_text("test,t/s\npp512,800.5\npp512+tg128,90.0\n")
    assert statistics_of(parsed) == {("prefill_rate", "value"): 800.5}
    assert (parsed.records[1].readings, parsed.records[1].failure) == ((), None)
    assert [refusal.locator for refusal in parsed.refusals] == ["row=2,column=t/s"]


def test_a_bare_rate_beside_other_tests_than_prefill_is_of_nobody_knows_what():
    parsed = parse_text("phase,t/s,total_time_s\nprefill,800.5,0.6\nwarm-down,31.0,4.1\n")
    assert statistics_of(parsed, 1) == {("total_time", "value"): 4100.0}
    assert parsed.reason == "columns not understood: t/s"


def test_a_rate_that_says_that_it_is_of_decoding_stays_one():
    parsed = parse_text("concurrency,latency_ms,decode_tps\n4,500,120\n")
    assert ("decode_rate", "value") in statistics_of(parsed)


def test_a_rate_in_an_object_of_prefill_is_no_decode_rate() -> None:
    [record] = parse_text(
        '[{"engine": "wren", "ttft_ms": 90, "prefill": {"tok_s": 800}}]', "a.json"
    ).records
    assert {r.metric: r.value for r in record.readings} == {"ttft": 90, "prefill_rate": 800}


@pytest.mark.parametrize(
    "head", ["parallel_requests", "Parallele Anfragen", "peticiones paralelas"]
)
def test_a_rate_that_grows_with_requests_in_parallel_is_of_all_of_them(head: str):
    text = f"model,{head},Token/s,ttft_ms\nlark:3b,1,50.5,80\nlark:3b,8,210.5,90\n"
    records = parse_text(text, name="own.csv").records
    assert [record.config["concurrency"] for record in records] == [1, 8]
    assert [record.readings[0].metric for record in records] == ["throughput"] * 2


@pytest.mark.parametrize(
    ("column", "levels", "rates", "metric"),
    [
        # of one, two and four of what? together they make more, as one answer would not
        ("packs", (1, 2, 4), (30, 55, 90), None),
        ("packs", (1, 2, 4), (30, 31, 29), "decode_rate"),
        ("packs", (1, 2, 4), (30, 33, 36), "decode_rate"),
        ("packs", (8, 16, 32), (30, 55, 90), "decode_rate"),
        # known to be of one answer, which more threads or layers make faster
        ("threads", (1, 2, 4), (30, 55, 90), "decode_rate"),
        ("n_gpu_layers", (1, 20, 40), (30, 55, 90), "decode_rate"),
    ],
)
def test_a_bare_rate_that_grows_with_a_count_of_nobody_knows_what_is_not_read(
    column: str, levels: tuple[int, ...], rates: tuple[int, ...], metric: str | None
):
    rows = [f"lark:3b,{n},{rate},500\n" for n, rate in zip(levels, rates, strict=True)]
    parsed = parse_text(f"model,{column},tok/s,latency_ms\n" + "".join(2 * rows))
    found = [r.metric for r in parsed.records[0].readings if r.unit == "tok/s"]
    assert found == ([metric] if metric else [])
    named = parse_text(f"model,{column},decode tok/s,latency_ms\n" + "".join(2 * rows))
    assert statistics_of(named)["decode_rate", "value"] == rates[0]


def test_a_rate_that_stands_under_reading_prompts_is_of_that():
    for first, second in (("prefill", "decode"), ("pp512", "tg128")):
        tree = {first: {"tok_s": 290.1}, second: {"tok_s": 54.2}}
        records = parse_text(json.dumps(tree), name="x.json").records
        found = {name: rate for record in records for name, rate in numbers_of(record).items()}
        assert found == {"prefill_rate": 290.1, "decode_rate": 54.2}
