"""Artifacts of benchmark tools; which samples the tools wrote is said in docs/formats.md."""

from benchagent.measurements.readings import Parsed, Reading
from benchagent_tests.artifacts import numbers_of, parse_sample, parse_text


def reading_of(parsed: Parsed, locator: str) -> Reading:
    found = [r for record in parsed.records for r in record.readings if r.locator == locator]
    assert len(found) == 1, f"{len(found)} readings at {locator}"
    return found[0]


def test_a_reply_of_ollamas_api_gives_its_nanoseconds():
    parsed = parse_sample("ollama_generate.json")
    (record,) = parsed.records
    assert parsed.format == "ollama-replies"
    assert record.subject == "smollm2:135m"
    assert record.time_basis == "utc"
    assert set(numbers_of(record)) == {
        "total_time",
        "load_time",
        "prompt_eval_time",
        "eval_time",
        "prompt_tokens",
        "output_tokens",
    }
    reading = reading_of(parsed, "/total_duration")
    assert reading.value == int(reading.raw_value) / 1e6


def test_a_stream_gives_one_record_per_answer_and_its_errors_are_failed_calls():
    records = parse_sample("ollama_stream.ndjson").records
    assert [record.name for record in records] == ["line=7", "line=8", "line=9"]
    assert records[0].readings[0].locator == "line=7/total_duration"
    assert records[1].failure is not None
    assert records[1].failure.reason.startswith("model 'nobody' not found")
    assert records[1].failure.locator == "line=8/error"


def test_a_stream_that_breaks_off_keeps_what_came_before():
    text = '{"model":"m","total_duration":5,"eval_count":2,"eval_duration":3}\n{"model":"m","tot'
    parsed = parse_text(text, name="x.ndjson")
    assert numbers_of(parsed.records[0])["output_tokens"] == 2
    assert [refusal.locator for refusal in parsed.refusals] == ["line=2"]


def test_what_ollama_prints_under_an_answer_is_read_in_its_durations():
    parsed = parse_sample("ollama_verbose.txt")
    first, second = parsed.records
    assert first.subject == "smollm2:135m"
    assert (first.name, second.name) == ("line=4", "line=14")
    assert numbers_of(first) == {
        "total_time": 2139.507449,
        "load_time": 0.35505,
        "prompt_tokens": 34.0,
        "prompt_eval_time": 97.37545,
        "prefill_rate": 349.16,
        "output_tokens": 20.0,
        "eval_time": 1994.078025,
        "decode_rate": 10.03,
    }
    assert reading_of(parsed, "line=4,chars=23-34").raw_value == "2.139507449s"


def test_a_minute_in_ollamas_print_is_sixty_seconds():
    text = "total duration:       1m2.5s\neval count:           5 token(s)\n"
    assert numbers_of(parse_text(text, name="x.log").records[0])["total_time"] == 62_500


def test_an_answer_that_quotes_the_timings_gives_none():
    text = "total duration: 1s\neval count: 5 token(s)\n\nAs you said, \neval rate: 9 tokens/s\n"
    assert "decode_rate" not in numbers_of(parse_text(text, name="x.txt").records[0])


def test_the_steps_of_ollamas_bench_are_one_call_an_epoch():
    records = parse_sample("ollama_bench.csv").records
    assert [record.name for record in records] == ["row=1", "row=5", "row=9"]
    assert numbers_of(records[0]) == {
        "prompt_tokens": 34.0,
        "ollama-bench:prefill_time_per_token": 93.72565774,
        "prefill_rate": 10.67,
        "output_tokens": 24.0,
        "tpot": 86.83142033,
        "decode_rate": 11.52,
        "load_time": 11891.334878,
        "total_time": 17194.885429,
    }
    assert {r.definition for r in records[0].readings if r.metric == "tpot"} == {
        "tpot.eval/eval_count"
    }


def test_ollamas_bench_says_the_same_in_its_other_two_forms():
    lines = parse_sample("ollama_benchstat.txt").records
    assert numbers_of(lines[0])["total_time"] == 2252.190755
    assert len(lines) == 2
    table = parse_sample("ollama_bench.md").records
    assert [len(record.readings) for record in table] == [8, 8]
    assert (
        numbers_of(table[0]).keys()
        == numbers_of(parse_sample("ollama_bench.csv").records[0]).keys()
    )


def test_the_rounds_of_a_pytest_benchmark_are_measured_and_their_statistics_derived():
    parsed = parse_sample("pytest_benchmark_data.json")
    test, first, *_ = parsed.records
    assert (test.subject, test.config["n"]) == ("test_sort.py::test_sort", 100)
    assert {reading.kind for reading in test.readings} == {"derived"}
    assert {reading.n for reading in test.readings} == {5}
    assert (first.name, first.repetition) == ("/benchmarks/0/stats/data/0", 0)
    assert first.readings[0].value == 1.3009999747737312e-3  # ms
    assert first.environment["cpu"] == "AMD EPYC"
    assert len(parsed.records) == 3 + 5 + 5 + 4


def test_without_rounds_the_statistics_are_what_was_measured():
    text = (
        '{"machine_info": {}, "benchmarks": [{"name": "t", "stats": {"mean": 0.5, "rounds": 3}}]}'
    )
    (record,) = parse_text(text, name="x.json").records
    assert [(r.kind, r.value, r.n) for r in record.readings] == [("measured", 500.0, 3)]


def test_google_benchmarks_repetitions_are_measured_and_its_aggregates_derived():
    parsed = parse_sample("google_benchmark.json")
    by_name = {record.name: record for record in parsed.records}
    repetition, mean = by_name["/benchmarks/2"], by_name["/benchmarks/3"]
    assert (repetition.subject, repetition.repetition) == ("BM_Sum/64", 2)
    assert {r.kind for r in repetition.readings} == {"measured"}
    assert {(r.kind, r.statistic, r.n) for r in mean.readings} == {("derived", "mean", 3)}
    # a coefficient of variation is a ratio in spite of its time_unit
    assert "/benchmarks/6" not in by_name
    assert parsed.reason == "counters of unknown unit: size"


def test_google_benchmark_has_a_unit_for_each_entry_and_a_zero_beside_an_error_is_a_failure():
    records = parse_sample("google_benchmark.json").records
    failed, filled = records[-2:]
    assert failed.failure is not None
    assert failed.failure.reason == "no device"
    assert failed.readings == ()
    assert filled.readings[0].raw_unit == "us"
    assert round(filled.readings[0].value, 9) == 0.001360586  # ms


def test_every_run_of_hyperfine_is_a_measurement_and_the_means_are_derived():
    parsed = parse_sample("hyperfine.json")
    assert [len(record.readings) for record in parsed.records] == [1, 1, 1, 1, 7] * 2
    assert parsed.records[0].readings[0].value == 19.487585
    assert {r.kind for r in parsed.records[4].readings} == {"derived"}
    assert parsed.records[0].config == {"n": 0.01}
    table = parse_sample("hyperfine.csv")
    assert numbers_of(table.records[0]) == numbers_of(parsed.records[4])


def test_a_command_that_failed_was_not_measured_nor_one_faster_than_its_shell():
    parsed = parse_sample("hyperfine_fail.json")
    assert [record.failure is not None for record in parsed.records] == [True] * 3 + [False]
    assert numbers_of(parsed.records[3]) == {"latency": 5.8720323200000015}
    assert {refusal.locator for refusal in parsed.refusals} == {
        "/results/0",  # a mean of failed runs
        "/results/1",
        "/results/1/times/0",
        "/results/1/times/2",
    }
