"""What GuideLLM writes as JSON, YAML and CSV, in its versions."""

import pytest

from benchagent.formats import parse_bytes
from benchagent.measurements.readings import Unparsed
from benchagent_tests.artifacts import SAMPLES, numbers_of, parse_sample, parse_text, reading_at


def test_the_requests_of_guidellm_are_measured_and_their_distributions_derived():
    parsed = parse_sample("guidellm.json")
    whole, first, *_ = parsed.records
    assert len(parsed.records) == 6
    assert {r.population for record in parsed.records for r in record.readings} == {"successful"}
    assert first.name == "/benchmarks/0/requests/successful/0"
    latency = reading_at(parsed, "/benchmarks/0/requests/successful/0/request_latency")
    assert (latency.value, latency.unit, latency.raw_unit) == (1952.6476860046387, "ms", "s")
    mean = reading_at(parsed, "/benchmarks/0/metrics/request_latency/successful/mean")
    assert (mean.kind, mean.n, mean.statistic) == ("derived", 5, "mean")
    # divided by n: another statistic than the one that others call standard deviation
    spread = reading_at(parsed, "/benchmarks/0/metrics/request_latency/successful/std_dev")
    assert spread.statistic == "stddev_population"
    rate = reading_at(parsed, "/benchmarks/0/metrics/requests_per_second/successful/mean")
    assert (rate.kind, rate.statistic) == ("measured", "value")
    assert (whole.subject, whole.config["strategy"]) == ("smollm2:135m", "synchronous")


def test_guidellms_two_times_per_token_are_two_definitions():
    first = parse_sample("guidellm.json").records[1]
    found = {r.definition: r.value for r in first.readings if r.metric == "tpot"}
    assert found == {
        "tpot.last_token/n": 260.76272555759977,
        "tpot.excluding_first": 275.07464090983075,
    }


def test_a_mean_over_tokens_is_no_mean_over_requests():
    statistics = {
        r.statistic for r in parse_sample("guidellm.json").records[0].readings if r.metric == "tpot"
    }
    assert all(statistic.endswith("_by_token") for statistic in statistics)


def test_an_errored_request_of_guidellm_failed():
    text = (
        '{"benchmarks": [{"metrics": {"time_to_first_token_ms": {}}, "requests": {"errored": '
        '[{"info": {"error": "refused"}, "request_latency": 0.0}]}}]}'
    )
    (record,) = parse_text(text, name="x.json").records
    assert record.failure is not None
    assert record.failure.reason == "refused"
    assert record.readings == ()


def test_guidellms_old_report_names_its_model_and_load_elsewhere():
    parsed = parse_sample("guidellm_old.json")
    assert {record.subject for record in parsed.records} == {"tiny-model"}
    assert {record.config["strategy"] for record in parsed.records} == {"concurrent"}
    failed = [record for record in parsed.records if record.failure]
    assert [record.name for record in failed] == ["/benchmarks/0/requests/errored/0"]
    assert failed[0].failure is not None
    assert failed[0].failure.locator == "/benchmarks/0/requests/errored/0/error"


def test_guidellms_old_distributions_sum_up_the_requests_beside_them():
    summed, first, *_ = parse_sample("guidellm_old.json").records
    # no single request has a rate of its own over the time of the benchmark
    assert {reading.metric for reading in summed.readings if reading.kind == "measured"} == {
        "request_rate", "throughput",
    }  # fmt: skip
    assert {reading.kind for reading in first.readings} == {"measured"}


def test_guidellms_old_time_per_token_counts_from_the_first_one():
    record = parse_sample("guidellm_old.json").records[1]
    by_definition = {r.definition: r.value for r in record.readings if r.metric == "tpot"}
    tokens = numbers_of(record)["output_tokens"]
    # both are the time between first and last token, divided otherwise
    first_to_last = by_definition["tpot.first_to_last/n"] * tokens
    assert round(by_definition["tpot.excluding_first"] * (tokens - 1) - first_to_last, 9) == 0


def test_guidellms_old_table_says_what_its_report_says():
    report, table = parse_sample("guidellm_old.json"), parse_sample("guidellm_old.csv")
    told = {
        (r.metric, r.statistic, r.definition): r.value
        for r in report.records[0].readings
        if r.population == "successful"
    }
    successful, errored = table.records
    assert successful.subject == "tiny-model"
    assert successful.config == report.records[0].config
    assert len(successful.readings) == 80
    for r in successful.readings:
        assert told[r.metric, r.statistic, r.definition] == r.value
    # no token of a request that failed was timed
    assert not {r.metric for r in errored.readings} & {"ttft", "tpot"}


def test_an_old_report_of_guidellm_has_zeros_where_nothing_was_timed():
    parsed = parse_sample("guidellm_old.json")
    errored = [r for record in parsed.records for r in record.readings if r.population == "errored"]
    assert not [r for r in errored if r.metric in ("ttft", "tpot") and r.statistic == "mean"]
    zero = "/benchmarks/0/metrics/time_to_first_token_ms/errored/mean"
    assert zero in {refusal.locator for refusal in parsed.refusals}


def test_guidellm_says_the_same_as_yaml_as_as_json():
    told = [parse_sample(f"guidellm.{kind}").records for kind in ("json", "yaml")]
    assert [len(records) for records in told] == [6, 6]
    assert [r.readings for r in told[0]] == [r.readings for r in told[1]]


def test_guidellms_table_gives_what_its_json_gives():
    parsed = parse_sample("guidellm.csv")
    (record,) = parsed.records
    whole = numbers_of(parse_sample("guidellm.json").records[0])
    table = numbers_of(record)
    assert len(table) == 67
    assert all(value == whole[name] for name, value in table.items())
    assert (record.subject, record.config["strategy"]) == ("smollm2:135m", "synchronous")
    assert record.measured_at == ("2026-11-21T23:15:07", "naive")
    ttft = reading_at(parsed, "row=3,column=Time to First Token")
    assert (ttft.statistic, ttft.value, ttft.n) == ("mean", 3396.052646636963, 5)
    latency = reading_at(parsed, "row=3,column=Request Latency#2")
    assert (latency.statistic, latency.value, latency.raw_unit) == ("median", 9179.42500114441, "s")
    p75 = reading_at(parsed, "row=3/6,column=Request Latency#4")
    assert (p75.statistic, p75.value, p75.raw_value) == (
        "p75",
        11023.414611816406,
        "11.023414611816406",
    )


@pytest.mark.parametrize(
    ("found", "written", "reason"),
    [
        ("guidellm_version\"\":\"\"0.8.1", "guidellm_version\"\":\"\"0.9.0", "GuideLLM '0.9.0' is not known"),
        ("[1.9526476860046387, ", "[", "expected a list of 11 ascending numbers"),
        ("[1.9526476860046387, ", "[99.5, ", "expected a list of 11 ascending numbers"),
        # as if the fourth of them were not there, and the median were
        ("1.9526476860046387, 6.441292762756348, ", "6.441292762756348, 9.2, ", "the median is not in the middle of the list"),
    ],
)  # fmt: skip
def test_percentiles_in_a_cell_are_read_where_their_order_is_known(
    found: str, written: str, reason: str
):
    text = (SAMPLES / "guidellm.csv").read_text()
    assert found in text
    parsed = parse_text(text.replace(found, written))
    column = "row=3,column=Request Latency#4"
    (refusal,) = (each for each in parsed.refusals if each.locator == column)
    assert refusal.reason.endswith(reason)
    (record,) = parsed.records
    assert not {"p75 latency", "max latency"} & numbers_of(record).keys()


def test_a_guidellm_table_without_its_headings_gives_nothing():
    text = "Run Info,Request Latency,Token Metrics\n,Successful Sec\n"
    outcome = parse_bytes("x.csv", text.encode())
    assert isinstance(outcome, Unparsed)
    assert outcome.format == "guidellm-csv"


def test_each_row_of_guidellms_table_has_the_load_of_its_own_benchmark():
    configs = [record.config for record in parse_sample("guidellm_concurrent.csv").records]
    assert [(config["strategy"], config["streams"]) for config in configs] == [
        ("concurrent", 1),
        ("concurrent", 3),
    ]


def test_the_requests_that_errored_are_told_where_guidellms_table_keeps_none_of_them():
    assert str(parse_sample("guidellm_old.csv").reason).endswith(
        "; requests that errored, of which none is kept: 1"
    )
    assert "errored" not in str(parse_sample("guidellm_concurrent.csv").reason)
