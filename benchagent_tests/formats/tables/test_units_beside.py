"""A number is not read where its column is named after one unit and its row says another one."""

import pytest

from benchagent.formats import parse_bytes
from benchagent.measurements.readings import Parsed
from benchagent_tests.artifacts import parse_text, statistics_of


def _read(text: str) -> tuple[list[tuple[str, float]], list[str]]:
    parsed = parse_bytes("runs.csv", text.encode())
    readings = getattr(parsed, "records", ())
    refused = parsed.refusals if isinstance(parsed, Parsed) else ()
    assert not any(record.failure for record in readings)
    return (
        [(r.metric, r.value) for record in readings for r in record.readings],
        [refusal.locator for refusal in refused],
    )


@pytest.mark.parametrize(
    ("label", "unit"), [("tok_s", "tok/min"), ("tok_s", "ms"), ("latency_ms", "s")]
)
def test_a_unit_beside_that_is_not_the_columns_refuses_its_number(label: str, unit: str):
    readings, refused = _read(f"model,{label},unit\nwren-2b,31.5,{unit}\nwren-2b,32.5,{unit}\n")
    assert readings == []
    assert refused == [f"row=1,column={label}", f"row=2,column={label}"]


@pytest.mark.parametrize(
    "text",
    [
        # the same unit, in another spelling
        "model,tok_s,unit\nwren-2b,31.5,tokens/s\nwren-2b,32.5,tokens/s\n",
        # that of one of two columns
        "model,tok_s,latency_ms,unit\nwren-2b,31.5,40.5,ms\nwren-2b,32.5,41.5,ms\n",
        # no unit at all
        "model,tok_s,unit\nwren-2b,31.5,A\nwren-2b,32.5,A\n",
        # that of a number which is not understood
        "model,tok_s,weight,unit\nwren-2b,31.5,7.25,kg\nwren-2b,32.5,7.5,kg\n",
        "model,tok_s,wobble,unit\nwren-2b,31.5,7.25,ms\nwren-2b,32.5,7.5,ms\n",
    ],
)
def test_a_unit_beside_that_contradicts_nothing_refuses_nothing(text: str):
    readings, refused = _read(text)
    assert [each for each in readings if each[0] == "decode_rate"] == [
        ("decode_rate", 31.5),
        ("decode_rate", 32.5),
    ]
    assert refused == []


def test_a_column_tells_the_unit_of_the_times_beside_it() -> None:
    text = "model,ttft,ttft_unit,tok_s\nkiwi:1b,245,ms,9.5\nkiwi:1b,279,ms,9.1\n"
    parsed = parse_text(text)
    assert statistics_of(parsed)["ttft", "value"] == 245.0
    assert [r.unit for r in parsed.records[0].readings if r.metric == "ttft"] == ["ms"]
    assert parsed.records[0].config == {}


@pytest.mark.parametrize(
    "rows",
    [
        "model,ttft,ttft_unit,tok_s\nkiwi:1b,245,ms,9.5\nkiwi:1b,1.2,s,9.1\n",  # each its own
        "model,ttft,ttft_unit,tok_s\nkiwi:1b,245,ticks,9.5\nkiwi:1b,279,ticks,9.1\n",
    ],
)
def test_a_column_of_several_units_or_of_none_that_we_know_tells_none(rows: str):
    assert [r.unit for r in parse_text(rows).records[0].readings if r.metric == "ttft"] == [None]


def test_the_unit_of_what_a_machine_has_makes_no_measurement_of_it() -> None:
    text = "model,tok_s,card_memory,card_memory_unit\nkiwi:1b,9.5,24,GB\nkiwi:1b,9.1,24,GB\n"
    assert {r.metric for r in parse_text(text).records[0].readings} == {"decode_rate"}


@pytest.mark.parametrize("day", ["2031.05.24", "2031/05/24", "2031-05-24"])
def test_a_day_with_its_year_first_tells_when_a_row_was_run(day: str):
    [record] = parse_text(f"model,tok_s,test_date\nkiwi:1b,9.5,{day} 01:45:00\n").records
    assert record.measured_at == ("2031-05-24T01:45:00", "naive")


def test_a_day_that_may_be_a_month_tells_no_time() -> None:
    [record] = parse_text("model,tok_s,test_date\nkiwi:1b,9.5,05.06.2031 01:45:00\n").records
    assert record.measured_at is None


def test_a_row_of_units_that_is_not_the_columns_refuses_its_numbers():
    readings, refused = _read("model,ttft_ms,tok_s\n,s,tok/s\nwren-2b,120,31.5\nwren-2b,121,32.5\n")
    assert readings == [("decode_rate", 31.5), ("decode_rate", 32.5)]
    assert refused[1:] == ["row=2,column=ttft_ms", "row=3,column=ttft_ms"]


@pytest.mark.parametrize(
    ("label", "unit"), [("ttft_ms", "ms"), ("ttft_s", "seconds"), ("ttft", "s")]
)
def test_a_row_of_units_that_are_the_columns_own_refuses_no_number(label: str, unit: str):
    readings, refused = _read(
        f"model,{label},tok_s\n,{unit},tok/s\nwren-2b,120,31.5\nwren-2b,1,32\n"
    )
    assert [metric for metric, _ in readings] == ["ttft", "decode_rate"] * 2
    assert refused == ["row=1"]
