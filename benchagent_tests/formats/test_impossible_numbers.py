"""Numbers that nothing that ran can have are refused, whichever format read them."""

import json

import pytest

from benchagent.formats.impossible_numbers import NEGATIVE, NO_TIME, NOT_MEASURED, refuse_impossible
from benchagent.formats.tables.call_stacks import read_stacked_calls
from benchagent.formats.tables.doubtful_numbers import OPEN_COMMA
from benchagent.formats.tables.plain_tables import PlainTable
from benchagent.measurements.readings import Parsed, Reading, Record
from benchagent_tests.artifacts import parse_text

CALLS = "model,ttft_ms,decode_tok_s,output_tokens,eval_time_ms"


def calls(*rows: str) -> str:
    return "\n".join([CALLS, *rows]) + "\n"


def refused(text: str, name: str = "x.csv") -> dict[str, str]:
    return {each.locator: each.reason for each in parse_text(text, name=name).refusals}


def values(text: str, metric: str, name: str = "x.csv") -> list[float]:
    records = parse_text(text, name=name).records
    return [r.value for record in records for r in record.readings if r.metric == metric]


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("owl:3b,224.12,0.00,136,4502.3", "decode_tok_s"),
        ("owl:3b,224.12,31.2,136,0", "eval_time_ms"),
        ("owl:3b,224.12,0,,", "decode_tok_s"),  # a first token came
    ],
)
def test_a_time_or_rate_of_an_answer_that_came_is_not_zero(row: str, column: str):
    text = calls("owl:3b,203.6,31.30,151,4824.2", row)
    assert refused(text) == {f"row=2,column={column}": NOT_MEASURED}
    assert all(record.failure is None for record in parse_text(text).records)


def test_a_latency_of_zero_beside_a_rate_was_not_measured():
    text = "model,case,latency_ms,tok_s\nowl:3b,0,913.8,31.2\nowl:3b,1,0.0,30.4\n"
    assert refused(text) == {"row=2,column=latency_ms": NOT_MEASURED}


def test_a_zero_in_stacked_files_is_refused_as_in_one():
    rows = b"owl:3b,203.6,31.3,151,4824.2\nowl:3b,224.1,%s,136,4502.3\n"
    stacked = read_stacked_calls(
        [PlainTable(CALLS, rows % b"0.00", 2), PlainTable(CALLS, rows % b"31.9", 2)]
    )
    assert stacked is not None
    assert stacked.odd == frozenset([0])


def record(*readings: tuple[str, float, str], kind: str = "value") -> Record:
    return Record(
        name="row=1",
        sequence=0,
        benchmark="serving",
        readings=tuple(
            Reading(metric=m, value=v, locator=m, raw_value=str(v), unit=u, statistic=kind)
            for m, v, u in readings
        ),
    )


def found(*readings: tuple[str, float, str], kind: str = "value") -> dict[str, str]:
    parsed = refuse_impossible(Parsed(format="x", records=(record(*readings, kind=kind),)))
    kept = {each.locator for each in parsed.records[0].readings}
    assert kept.isdisjoint(each.locator for each in parsed.refusals)
    assert len(kept) + len(parsed.refusals) == len(readings)
    return {each.locator: each.reason for each in parsed.refusals}


@pytest.mark.parametrize(
    "readings",
    [
        # no token a second, where none came out
        [("decode_rate", 0, "tok/s"), ("output_tokens", 0, "tokens"), ("latency", 9, "ms")],
        # every request failed
        [("request_rate", 0, "req/s"), ("success_rate", 0, "ratio"), ("latency", 9, "ms")],
        # nothing tells of an answer
        [("decode_rate", 0, "tok/s"), ("load_time", 9, "ms")],
        # nothing was loaded, a device rests, all was wrong
        [("load_time", 0, "ms"), ("power", 0, "W"), ("score", 0, "1"), ("latency", 9, "ms")],
        [("temperature_c", -5, "°C"), ("score", -1, "1"), ("loss", -0.5, "1")],
        [("x:ttft_delta", -12, "ms"), ("latency", 9, "ms")],  # a change of it
    ],
)
def test_zeros_and_negatives_that_may_be_are_read(readings: list[tuple[str, float, str]]):
    assert not found(*readings)


def test_no_time_rate_or_count_is_below_zero_in_the_file_of_any_tool():
    told = [
        ("latency", -11435, "ms"),
        ("decode_rate", -11.8, "tok/s"),
        ("output_tokens", -1, "tokens"),
    ]
    assert found(*told) == {m: NEGATIVE.format(str(v)) for m, v, _ in told}


def test_no_share_or_size_is_below_zero_and_no_spread_of_anything():
    told = [
        ("accuracy", -0.75, "ratio"),
        ("gpu_utilization", -0.25, "ratio"),
        ("vram", -5, "bytes"),
    ]
    assert found(*told) == {m: NEGATIVE.format(str(v)) for m, v, _ in told}
    assert "score" in found(("score", -0.5, "1"), kind="stddev")


def test_the_end_of_an_interval_may_lie_below_zero():
    assert not found(("latency", -2, "ms"), kind="ci_low")


def test_a_first_token_takes_time():
    assert found(("ttft", 0, "ms"), ("accuracy", 1, "ratio")) == {"ttft": NO_TIME}


def test_a_comma_behind_a_zero_parts_no_thousands():
    rows = [
        f"owl:3b,{at},{n},30.5" for at, n in enumerate(("0.250", '"0,260"', '"1,260"', "0.270"))
    ]
    text = "\n".join(["model,case,ttft_s,tok_s", *rows]) + "\n"
    assert refused(text) == {f"row={at},column=ttft_s": OPEN_COMMA for at in (2, 3)}
    assert values(text, "ttft") == [250, 270]


def test_a_comma_behind_a_zero_is_refused_in_json_too():
    told = [
        {"model": "owl:3b", "case": at, "ttft_s": n, "tok_s": 31}
        for at, n in enumerate(("0.112", "0.212", "0,412", "1,012"))
    ]
    assert refused(json.dumps(told), "x.json") == {f"/{at}/ttft_s": OPEN_COMMA for at in (2, 3)}
    assert values(json.dumps(told), "ttft", "x.json") == [112, 212]


def test_commas_between_thousands_and_before_decimals_are_read_where_the_column_shows_it():
    grouped = "model,case,ttft_ms,tok_s\n" + "".join(
        f'owl:3b,{at},"{n}",30.5\n' for at, n in enumerate(("1,260", "2,345", "980"))
    )
    assert values(grouped, "ttft") == [1260, 2345, 980]
    decimal = "model;case;ttft_s;tok_s\n" + "".join(
        f"owl:3b;{at};{n};30,5\n" for at, n in enumerate(("0,260", "1,260", "0,980"))
    )
    assert values(decimal, "ttft") == [260, 1260, 980]
