"""What AIPerf and GenAI-Perf export of one run."""

from benchagent_tests.artifacts import numbers_of, parse_sample, parse_text, reading_at


def test_aiperfs_statistics_are_in_the_units_that_they_name():
    parsed = parse_sample("aiperf.json")
    (record,) = parsed.records
    numbers = numbers_of(record)
    assert numbers["mean latency"] == 5071.7578778
    assert numbers["duration"] == 25390.417408  # the file says seconds
    assert numbers["throughput"] == 1.7702124264034178
    assert numbers["stddev_population latency"] == 5157.178508111749
    assert (record.subject, record.config["concurrency"]) == ("smollm2:135m", 1)
    assert record.measured_at
    assert record.measured_at.basis == "naive"
    assert reading_at(parsed, "/time_to_first_token/avg").n == 5


def test_a_metric_of_aiperf_in_another_unit_is_refused():
    text = '{"schema_version": "1", "request_latency": {"unit": "furlong", "avg": 1}, '
    text += '"time_to_first_token": {"unit": "us", "avg": 1500}}'
    parsed = parse_text(text, name="x.json")
    assert numbers_of(parsed.records[0]) == {"mean ttft": 1.5}
    assert [refusal.locator for refusal in parsed.refusals] == ["/request_latency"]


def test_aiperfs_requests_are_read_one_by_one():
    records = parse_sample("aiperf_requests.jsonl").records
    assert len(records) == 5
    assert numbers_of(records[0])["latency"] == 13866.740958999999
    assert records[0].readings[0].locator == "line=1/metrics/request_latency/value"
    mean = sum(numbers_of(record)["latency"] for record in records) / 5
    assert abs(mean - 5071.7578778) < 1e-6


def test_an_answer_that_came_in_one_piece_has_no_times_of_tokens():
    lines = (
        '{"metadata": {"request_start_ns": 5}, "metrics": {'
        '"request_latency": {"value": 63, "unit": "ms"},'
        ' "time_to_first_token": {"value": 63, "unit": "ms"},'
        ' "inter_token_latency": {"value": 0, "unit": "ms"}}}\n'
        '{"metadata": {"request_start_ns": 9}, "metrics": {'
        '"request_latency": {"value": 65, "unit": "ms"},'
        ' "time_to_first_token": {"value": 30, "unit": "ms"},'
        ' "inter_token_latency": {"value": 5, "unit": "ms"}}}\n'
    )
    parsed = parse_text(lines, name="x.jsonl")
    assert [numbers_of(record) for record in parsed.records] == [
        {"latency": 63.0},
        {"latency": 65.0, "ttft": 30.0, "tpot": 5.0},
    ]
    assert {refusal.locator for refusal in parsed.refusals} == {
        "line=1/metrics/time_to_first_token/value",
        "line=1/metrics/inter_token_latency/value",
    }


def test_the_load_of_an_aiperf_run_is_that_after_its_warm_up():
    text = (
        '{"schema_version": "1.4", "request_latency": {"unit": "ms", "avg": 5, "count": 2},'
        ' "input_config": {"phases": ['
        '{"kind": "warmup", "requests": 2, "concurrency": 1},'
        ' {"kind": "profiling", "type": "poisson", "requests": 6, "rate": 10.0}]}}'
    )
    (record,) = parse_text(text, name="x.json").records
    assert record.config == {"requests": 6, "request_rate": 10, "arrivals": "poisson"}


def test_aiperfs_table_gives_what_its_json_gives_rounded():
    parsed = parse_sample("aiperf.csv")
    table, whole = numbers_of(parsed.records[0]), numbers_of(parse_sample("aiperf.json").records[0])
    assert table["mean ttft"] == 4391.94
    assert all(abs(value - whole[name]) <= 0.005001 for name, value in table.items())


def test_genai_perf_is_read_as_aiperf_is():
    (record,) = (parsed := parse_sample("genai_perf.json")).records
    assert parsed.format == "genai-perf"
    assert numbers_of(record)["mean latency"] == 121.40660575
    assert numbers_of(record)["stddev_population latency"] == 7.50906178140215
    assert (record.subject, record.config["concurrency"]) == ("smollm2:135m", 1)
    table = numbers_of(parse_sample("genai_perf.csv").records[0])
    assert table["mean ttft"] == 40.41
    assert all(abs(value - numbers_of(record)[name]) <= 0.005001 for name, value in table.items())


def test_the_first_versions_of_aiperf_are_told_from_genai_perf():
    metric = '"request_latency": {"unit": "ms", "avg": 5}, "input_config": {}'
    for more, format in (('"was_cancelled": false', "aiperf"), ('"x": 1', "genai-perf")):
        assert parse_text(f"{{{metric}, {more}}}", name="x.json").format == format
