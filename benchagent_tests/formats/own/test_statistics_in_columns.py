"""Tables with a row for each quantity and a column for each of its statistics."""

import pytest

from benchagent.measurements.locators import Places
from benchagent.measurements.readings import Reading
from benchagent_tests.artifacts import parse_text

LATENCY = [("ttft", "mean", 212.0), ("ttft", "p95", 298.0), ("tpot", "mean", 24.0)]
LATENCY.append(("tpot", "p95", 29.0))


def _told(reading: Reading) -> tuple[str, str, float]:
    return (reading.metric, reading.statistic, reading.value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "Metric,Mean,P95\nTTFT (ms),212,298\nTPOT (ms),24,29\n"),
        ("a.csv", "metric,unit,mean,p95\nttft,ms,212,298\ntpot,ms,24,29\n"),
        # the unit of a statistic is that of what it is of
        ("a.csv", "metric,mean (ms),p95_ms\nttft,212,298\ntpot,24,29\n"),
        # how many they are of is no number of theirs
        ("a.csv", ",count,mean,95%\nttft_ms,20,212,298\ntpot_ms,20,24,29\n"),
        (
            "a.json",
            '[{"metric":"ttft_ms","mean":212,"p95":298},{"metric":"tpot_ms","mean":24,"p95":29}]',
        ),
    ],
)
def test_a_column_of_a_statistic_is_that_of_what_its_rows_name(name: str, text: str) -> None:
    [record] = parse_text(text, name).records
    assert [_told(reading) for reading in record.readings] == LATENCY
    assert record.config == {}
    places = Places(text.encode())
    assert all(places.read(r.locator) == r.raw_value for r in record.readings)


def test_the_least_and_the_greatest_are_no_runs() -> None:
    [record] = parse_text("Metric,Min,Max\nTTFT (ms),180,301\nTPOT (ms),22,31\n").records
    assert {reading.statistic for reading in record.readings} == {"min", "max"}


def test_statistics_beside_models_are_of_each_model() -> None:
    text = "model,metric,mean,p95\nlark:3b,ttft_ms,212,298\nwren:7b,ttft_ms,412,598\n"
    records = parse_text(text).records
    assert [(r.subject, *map(_told, r.readings)) for r in records] == [
        ("lark:3b", ("ttft", "mean", 212), ("ttft", "p95", 298)),
        ("wren:7b", ("ttft", "mean", 412), ("ttft", "p95", 598)),
    ]


def test_a_mean_of_the_columns_beside_it_is_no_run() -> None:
    parsed = parse_text("Metric,lark:3b,wren:7b,Mean\nTTFT (ms),212,412,312\nTPOT (ms),24,40,32\n")
    assert [record.subject for record in parsed.records] == ["lark:3b", "wren:7b"]
    [refusal] = parsed.refusals
    assert (refusal.locator, refusal.reason) == (
        "row=1,column=Mean",
        "a statistic of the columns beside it",
    )


def test_rows_of_phases_name_no_quantity() -> None:
    # of what a step of decoding takes, `decode` says nothing
    records = parse_text("phase,mean_ms,p95_ms\nprefill,212,298\ndecode,24,29\n").records
    assert {r.metric for record in records for r in record.readings} == {"latency"}


def test_the_statistics_of_a_write_up_are_no_values() -> None:
    text = (
        "| Metric | Mean | P95 | Unit |\n|---|---|---|---|\n"
        "| TTFT | 212 | 298 | ms |\n| TPOT | 24 | 29 | ms |\n"
    )
    records = parse_text(text, "a.md").records
    assert [_told(record.readings[0]) for record in records] == LATENCY
    assert [record.config for record in records] == [{}] * 4


def test_an_average_beside_models_in_a_write_up_is_of_no_run() -> None:
    text = (
        "| Metric | lark:3b | wren:7b | Average |\n|---|---|---|---|\n| TTFT (ms) | 2 | 4 | 3 |\n"
    )
    parsed = parse_text(text, "a.md")
    assert [record.subject for record in parsed.records] == ["lark:3b", "wren:7b"]
    [refusal] = parsed.refusals
    assert refusal.reason == "a statistic of the columns beside it"
