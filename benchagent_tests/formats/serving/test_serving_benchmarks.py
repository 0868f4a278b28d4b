"""What vLLM's and SGLang's serving benchmarks save and print."""

from statistics import fmean, pstdev

import pytest

from benchagent.formats import parse_bytes
from benchagent.measurements.readings import Parsed
from benchagent_tests.artifacts import numbers_of, parse_sample, parse_text


def test_vllms_statistics_are_of_the_requests_that_completed():
    run, *requests = parse_sample("vllm_serve.json").records
    by_name = {(r.metric, r.statistic): r for r in run.readings}
    assert by_name["tpot", "mean"].definition == "tpot.excluding_first"
    assert by_name["tpot", "mean"].n == 5
    assert by_name["itl", "mean"].n is None  # of gaps, which are not counted
    assert by_name["ttft", "mean"].kind == "derived"  # the requests are there
    assert by_name["latency", "mean"].kind == "derived"
    assert by_name["tpot", "mean"].kind == "measured"  # of which no request has its own
    assert [record.failure is not None for record in requests] == [False] * 2 + [True] + [False] * 3
    assert numbers_of(requests[0])["ttft"] == 48.148927999136504  # in seconds in the file
    assert requests[2].readings == ()  # 0.0 is no time of a request that failed
    assert run.measured_at
    assert run.measured_at.basis == "naive"


def test_vllm_means_what_its_statistics_are_read_as():
    run, *requests = parse_sample("vllm_serve.json").records
    done = [numbers_of(record) for record in requests if not record.failure]
    per_token = [(call["latency"] - call["ttft"]) / (call["output_tokens"] - 1) for call in done]
    said = numbers_of(run)
    assert said["mean tpot"] == pytest.approx(fmean(per_token))
    assert said["stddev_population ttft"] == pytest.approx(pstdev(call["ttft"] for call in done))


def test_a_time_of_a_token_that_was_not_streamed_was_not_measured():
    parsed = parse_sample("sglang_serving.jsonl")
    assert parsed.format == "sglang-serving"
    streamed, whole = (record for record in parsed.records if record.name in ("line=1", "line=2"))
    assert numbers_of(streamed)["mean ttft"] == pytest.approx(39.93819750030525)
    assert streamed.subject == "smollm2:135m"  # which only the server's own words tell
    # there SGLang writes 0 per token, and the whole latency for the time to the first one
    assert {r.metric for r in whole.readings} == {
        "latency", "duration", "request_rate", "throughput",
    }  # fmt: skip
    refused = {refusal.locator for refusal in parsed.refusals}
    assert {"line=2/mean_tpot_ms", "line=2/mean_ttft_ms"} <= refused


def test_sglangs_first_versions_wrote_fewer_statistics():
    records = parse_sample("sglang_serving_old.jsonl").records
    assert [record.config["backend"] for record in records] == ["sglang", "vllm"]
    assert set(numbers_of(records[0])) == {
        "mean latency", "median latency", "median ttft", "median itl", "throughput", "duration",
    }  # fmt: skip


def test_what_was_added_to_a_run_of_vllm_is_a_setting():
    parsed = parse_text(
        '{"date": "20250530-203806", "model_id": "m", "tp": "2", "gpu": "L4", "request_rate": "inf", '
        '"completed": 3, "request_throughput": 1.5, "request_goodput:": 1.25, "mean_ttft_ms": 8}',
        name="x.json",
    )
    (run,) = parsed.records
    assert run.config == {"tp": 2, "gpu": "L4", "request_rate": "inf"}
    assert numbers_of(run) == {
        "mean ttft": 8.0, "request_rate": 1.5, "vllm-serve:request_goodput": 1.25,
    }  # fmt: skip


def test_the_rate_of_requests_of_a_first_vllm_has_another_name():
    text = '{"completed": 3, "request_inthroughput": 1.5, "mean_ttft_ms": 8}'
    parsed = parse_bytes("x.json", text.encode())
    assert isinstance(parsed, Parsed)
    assert (parsed.format, numbers_of(parsed.records[0])["request_rate"]) == ("vllm-serve", 1.5)


def test_what_a_serving_benchmark_prints_is_read_with_the_model_of_its_arguments():
    (record,) = parse_sample("serving_result.txt").records
    assert record.subject == "tiny-model"
    assert record.config == {"backend": "vllm", "request_rate": 50, "max_concurrency": 2}
    assert {reading.kind for reading in record.readings} == {"derived"}
    assert numbers_of(record) == {
        "duration": 800.0,
        "request_rate": 7.46,
        "throughput": 59.66,
        "mean latency": 227.58,
        "median latency": 221.76,
        "mean ttft": 125.3,
        "median ttft": 121.33,
        "p99 ttft": 189.4,
        "mean itl": 12.57,
        "median itl": 0.03,
        "p95 itl": 43.98,
        "p99 itl": 138.4,
        "max itl": 163.18,
    }


def test_each_result_of_a_sweep_saved_in_one_log_is_a_run_of_its_own():
    result = (
        "============ Serving Benchmark Result ============\n"
        "Successful requests:                     {}         \n"
        "Mean TTFT (ms):                          {}    \n"
        "==================================================\n"
    )
    text = f"[INFO] vllm bench serve --model tiny:1b\n{result.format(5, '40.5')}"
    text += f"Mean TTFT (ms):   3\n{result.format(0, '0.00')}{result.format(4, '0.00')}"
    first, failed, unstreamed = (parsed := parse_text(text, name="x.log")).records
    assert [record.subject for record in parsed.records] == ["tiny:1b"] * 3
    assert numbers_of(first) == {"mean ttft": 40.5}
    assert failed.failure is not None
    assert failed.failure.reason == "no request completed"
    assert (unstreamed.readings, len(parsed.refusals)) == ((), 1)


def test_a_result_that_was_pasted_into_a_note_is_read_and_its_p50_not_counted_again():
    text = """\
# Test 3

**Model:** the large one

```bash
vllm bench serve --model acme/lark-3b --num-prompts 9
```

============ Serving Benchmark Result ============
Successful requests:                     9
Mean TTFT (ms):                          61.25
Median TTFT (ms):                        60.50
P50 TTFT (ms):                           60.50
==================================================
"""
    (record,) = parse_text(text, name="test-3.md").records
    assert record.subject == "acme/lark-3b"
    assert [(r.statistic, r.value) for r in record.readings] == [("mean", 61.25), ("median", 60.5)]


def test_a_median_that_vllm_writes_twice_is_read_once():
    parsed = parse_text(
        '{"model_id": "m", "completed": 9, "request_throughput": 1.5, "mean_ttft_ms": 61.25,'
        ' "median_ttft_ms": 60.5, "p50_ttft_ms": 60.5}',
        name="run.json",
    )
    assert [r.statistic for r in parsed.records[0].readings] == ["mean", "median", "value"]


def test_of_tensorrts_overview_each_quantity_is_read_once_with_its_run():
    (record,) = parse_sample("trtllm_bench.txt").records
    assert record.subject == "acme/lark-3b"
    assert record.environment == {"tensorrt_llm_version": "1.1.0"}
    assert {name: record.config[name] for name in ("tensor_parallel_size", "input_len")} == {
        "tensor_parallel_size": 2,
        "input_len": 256,
    }
    numbers = numbers_of(record)
    assert numbers["throughput"] == 257.6  # of answers; with the prompts it is 1288
    assert numbers["mean ttft"] == 98.15
    assert numbers["median latency"] == 3901.0
    assert numbers["p99 tpot"] == 66.3
    assert len(numbers) == len(record.readings) == 3 + 3 * 7
    assert {r.n for r in record.readings if r.metric == "tpot"} == {40}


def test_an_old_overview_of_tensorrt_ends_where_the_next_model_begins():
    run = (
        "Model:\t\t\tacme/{}\nDtype:\t\t\tfloat16\n\n= PERFORMANCE OVERVIEW \n====\n"
        "Number of requests:\t\t9\nToken Throughput (tokens/sec):\t{}\n"
        "Request Throughput (req/sec):\t1.5\n"
    )
    records = parse_text(run.format("lark", 90.5) + run.format("wren", 80.5), name="x.txt").records
    assert [(r.subject, numbers_of(r)["throughput"]) for r in records] == [
        ("acme/lark", 90.5), ("acme/wren", 80.5),
    ]  # fmt: skip
