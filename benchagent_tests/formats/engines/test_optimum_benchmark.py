"""What Optimum-Benchmark reports of the parts of a run."""

import json

import pytest

from benchagent_tests.artifacts import SAMPLES, numbers_of, parse_sample, parse_text, reading_at


def test_each_part_of_a_run_has_a_time_of_its_own():
    records = {record.name: record for record in parse_sample("optimum_benchmark.json").records}
    named = {
        "load_model": "load_time", "prefill": "prompt_eval_time", "decode": "eval_time",
        "generate": "latency",
    }  # fmt: skip
    for part, metric in named.items():
        first = records[f"/report/{part}/latency/values/0"]
        assert [reading.metric for reading in first.readings] == [metric]
    assert not [name for name in records if "first_generate" in name]


def test_times_of_single_tokens_are_summed_up_by_token():
    parsed = parse_sample("optimum_benchmark.json")
    median = reading_at(parsed, "/report/per_token/latency/p50")
    assert (median.metric, median.statistic, median.n) == ("itl", "median_by_token", 124)
    assert not any("/per_token/latency/values" in record.name for record in parsed.records)


def test_a_deviation_of_one_run_is_none():
    parsed = parse_sample("optimum_benchmark.json")
    load, *_ = parsed.records
    assert "stddev_population load_time" not in numbers_of(load)
    assert numbers_of(load)["max memory"] == 3120111616


@pytest.mark.parametrize(("batch", "metric"), [(2, "throughput"), (1, "decode_rate")])
def test_the_rate_of_a_batch_is_that_of_an_answer_only_where_there_is_one(batch: int, metric: str):
    tree = json.loads((SAMPLES / "optimum_benchmark.json").read_text())
    tree["config"]["scenario"]["input_shapes"]["batch_size"] = batch
    parsed = parse_text(json.dumps(tree), name="benchmark.json")
    assert reading_at(parsed, "/report/decode/throughput/value").metric == metric
    # the report alone does not tell the batch
    alone = parse_text(json.dumps(tree["report"]), name="benchmark_report.json")
    assert reading_at(alone, "/decode/throughput/value").metric == "throughput"
