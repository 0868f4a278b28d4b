import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchagent.quantities.metrics import METRICS, metric_label, statistic_label
from benchagent.quantities.numbers import parse_elapsed, parse_number, read_number, write_number
from benchagent.quantities.percentiles import percentile
from benchagent.quantities.units import CANONICAL_UNITS, find_unit


@pytest.mark.parametrize(
    ("value", "unit", "written"),
    [
        (77.8046, "tok/s", "77.8 tok/s"),
        (303.898, "tok/s", "303.9 tok/s"),
        (12345.6, "tok/s", "12,346 tok/s"),
        (1357.4, "ms", "1.36 s"),
        (97.13, "ms", "97.1 ms"),
        (0.0726, "ms", "0.0726 ms"),
        (999.7, "ms", "1.00 s"),  # not `1,000 ms`
        (2781, "bytes", "2,781 bytes"),
        (3_300_000_000, "bytes", "3.30 GB"),
        (805, "tokens", "805 tokens"),
        (1, "tokens", "1 token"),
        *(
            (1, noun, f"1 {noun[:-1]}")
            for noun in ("bytes", "calls", "files", "rows", "runs", "words")
        ),
        (2, "calls", "2 calls"),
        (1.5, "runs", "1.50 runs"),
        (44.2, "tokens", "44.2 tokens"),
        (0.75, "ratio", "0.750"),
        (0.6084538, None, "0.608"),
        (0, "ms", "0 ms"),
        (-0.31, "ms", "-0.310 ms"),
    ],
)
def test_a_number_is_written_with_the_digits_that_help(
    value: float, unit: str | None, written: str
):
    assert write_number(value, unit) == written


@given(
    value=st.floats(allow_nan=False, allow_infinity=False, min_value=-1e14, max_value=1e14),
    unit=st.sampled_from([*sorted(CANONICAL_UNITS), None]),
)
def test_a_written_number_reads_back_within_the_rounding_it_shows(value: float, unit: str | None):
    read = read_number(write_number(value, unit))
    assert read is not None
    assert abs(read.value - value) <= read.rounding * (1 + 1e-9)
    assert read.unit == (None if unit in ("1", "ratio") else unit)


@given(value=st.integers(min_value=-(10**14), max_value=10**14))
def test_a_count_keeps_every_digit(value: int):
    read = read_number(write_number(value, "tokens"))
    assert read is not None
    assert read.value == value


def test_an_absent_number_is_never_written_as_a_figure():
    with pytest.raises(ValueError, match="finite"):
        write_number(math.nan, "ms")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("40.00", 40.0),
        (" 77.5 ", 77.5),
        ("1,234,567.5", 1234567.5),
        ("12,87,80,86,144", 12878086144.0),  # a profiler on an Indian locale
        ("22,80,000", 2280000.0),
        ("1.5e-3", 0.0015),
        ("-.5", -0.5),
    ],
)
def test_a_number_is_read_as_people_write_it(text: str, value: float):
    assert parse_number(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "NaN",
        "inf",
        "-Infinity",
        "1e400",  # no float holds it
        "1e-400",  # a float would say zero
        "0,412",  # nobody groups it so
        "00,412",
        "1,5",  # a decimal comma, or a slip
        "1_000",
        "0x10",
        "",
        "n/a",
        "12 ms",
        "٣",  # a digit, but not one that a benchmark writes
        "9" * 5000,
    ],
)
def test_what_is_no_finite_number_is_refused(text: str):
    assert parse_number(text) is None


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("2.3260788", "s", 2326.0788),  # 2.3260788 * 1000 is 2326.0788000000002
        ("0.1285", "s", 128.5),
        ("1360", "us", 1.36),
        ("1360000", "ns", 1.36),
        ("1.36e9", "ns", 1360.0),
        ("2", "min", 120000.0),
        ("3.3", "GB", 3.3e9),
        ("2", "GiB", 2147483648.0),
        ("22,80,000", "kHz", 2.28e9),
        ("53.4", "%", 0.534),
    ],
)
def test_units_are_converted_exactly(text: str, unit: str, value: float):
    assert parse_number(text, unit=find_unit(unit)) == value


@given(
    value=st.decimals(min_value=0, max_value=10**6, places=6, allow_nan=False),
    unit=st.sampled_from(["s", "ms", "us", "ns"]),
)
def test_the_same_time_in_another_unit_is_the_same_time(value, unit: str):
    exponent = {"s": 3, "ms": 0, "us": -3, "ns": -6}[unit]
    text = format(value, "f")
    assert parse_number(text, unit=find_unit(unit)) == float(value.scaleb(exponent))


def test_every_metric_has_a_canonical_unit():
    assert {metric.unit for metric in METRICS.values()} <= CANONICAL_UNITS


def test_a_tools_own_metric_still_has_a_name_for_prose():
    assert metric_label("decode_rate") == "decode rate"
    assert metric_label("latency-baseline:cv_percent") == "cv percent"


@pytest.mark.parametrize(
    ("statistic", "label"),
    [
        ("value", ""),
        ("stddev", "standard deviation"),
        ("p99", "p99"),
        ("p95_of_means", "p95 of the runs' means"),  # no 95th percentile of calls
        ("stddev_of_p99", "standard deviation of the runs' p99"),
        ("mean_by_token", "token-weighted mean"),
    ],
)
def test_a_statistic_of_statistics_is_not_called_by_the_name_of_one(statistic: str, label: str):
    assert statistic_label(statistic) == label


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("1m23.4s", 83_400),
        ("2h 3min 4s", 7_384_000),
        ("00:01:23", 83_000),
        ("1:02:03.5", 3_723_500),
        ("1:23", None),  # minutes and seconds, or hours and minutes
        ("135m", None),  # a size of models
        ("10:75:00", None),
    ],
)
def test_a_time_in_minutes_and_seconds_is_read_if_it_can_be_nothing_else(
    text: str, ms: float | None
) -> None:
    assert parse_elapsed(text) == ms


def test_percentiles_interpolate() -> None:
    assert percentile([7.0], 0.99) == 7.0
    assert percentile([1.0, 2.0, 3.0, 4.0], 0.5) == 2.5
    assert percentile([1.0, 4.0], 0.95) == pytest.approx(3.85)
