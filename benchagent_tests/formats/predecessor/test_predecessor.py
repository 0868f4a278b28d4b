"""The formats of the predecessor's own scripts."""

import pytest

from benchagent_tests.artifacts import numbers_of, parse_sample


@pytest.mark.parametrize(
    ("name", "format"),
    [
        ("compile_bench.json", "compile-bench-json"),
        ("kernel_benchmarks.json", "kernel-bench-json"),
        ("quantization_report.json", "quantization-json"),
        ("latency_baseline.json", "latency-baseline-json"),
        ("latency_timing.json", "latency-baseline-json"),
        ("generation_tests.json", "generation-tests-json"),
        ("generation_tests.csv", "generation-tests-csv"),
        ("system_metrics.json", "telemetry-json"),
        ("ncu_raw.csv", "ncu-csv"),
        ("agent_runs.json", "agent-runs-json"),
    ],
)
def test_a_sample_is_recognised(name: str, format: str):
    assert parse_sample(name).format == format


def test_a_backend_that_failed_has_no_mean_of_zero():
    eager, onnx, inductor = parse_sample("compile_bench.json").records
    assert numbers_of(eager) == {
        "mean latency": 0.5,
        "stddev latency": 0.05,
        "min latency": 0.4,
        "max latency": 0.75,
    }
    assert numbers_of(onnx)["compile_time"] == 250.0
    assert inductor.readings == ()
    assert inductor.failure is not None
    assert inductor.failure.reason == "no compiler found"
    assert inductor.failure.locator == "/backends/inductor/compilation/error"
    assert inductor.failure.recorded_as == "zero"


def test_the_device_asked_for_and_the_provider_used_both_stand_in_the_settings():
    onnx = parse_sample("compile_bench.json").records[1]
    assert onnx.subject == "tinynet"
    assert onnx.config == {
        "backend": "onnx",
        "device": "cuda",
        "providers": "CPUExecutionProvider",
        "opset": 17,
        "dtype": "torch.float32",
        "batch_size": 2,
        "runs": 10,
        "warmup_runs": 3,
    }
    assert {reading.n for reading in onnx.readings if reading.metric == "latency"} == {10}


def test_kernels_are_compared_within_their_group():
    plain, fused = parse_sample("kernel_benchmarks.json").records
    assert (plain.subject, plain.config) == ("fusion", {"variant": "plain"})
    assert numbers_of(fused)["mean latency"] == 0.05


def test_a_loss_has_no_dimension_and_a_size_is_in_bytes():
    baseline, int8 = parse_sample("quantization_report.json").records
    assert numbers_of(int8) == {"accuracy": 0.5, "loss": 0.63, "model_size": 1024.0}
    assert {r.metric: r.unit for r in baseline.readings} == {
        "accuracy": "ratio",
        "loss": "1",
        "model_size": "bytes",
    }


def test_percentiles_of_means_are_not_percentiles():
    *runs, over = parse_sample("latency_baseline.json").records
    assert [run.repetition for run in runs] == [0, 1]
    assert numbers_of(runs[0])["p95 latency"] == 5.9
    assert numbers_of(over) == {
        "mean_of_means latency": 5.5,
        "stddev_of_means latency": 0.7071,
        "median_of_means latency": 5.5,
        "p95_of_means latency": 6.0,
        "p99_of_means latency": 6.0,
        "ci_low_of_means latency": 4.52,
        "ci_high_of_means latency": 6.48,
    }
    assert {(reading.kind, reading.n) for reading in over.readings} == {("derived", 2)}
    assert {reading.n for reading in runs[0].readings} == {10}
    assert runs[0].environment == {"os": "Linux", "gpu_count": 0}


def test_one_timing_is_one_record():
    (record,) = parse_sample("latency_timing.json").records
    assert record.subject == "noop"
    assert numbers_of(record)["mean latency"] == 0.0705
    assert record.measured_at == ("2025-04-05T06:07:08Z", "utc")


def test_words_are_not_counted_as_tokens():
    greeting = parse_sample("generation_tests.json").records[0]
    assert numbers_of(greeting) == {"latency": 500.0, "response_words": 3.0, "word_rate": 6.0}


@pytest.mark.parametrize(
    ("at", "reason", "field", "recorded_as"),
    [
        (1, "Error generating text: connection refused", "banter_text", "result"),
        (2, "encoding failed", "error", "error"),
    ],
)
def test_a_success_whose_text_is_an_error_failed(
    at: int, reason: str, field: str, recorded_as: str
):
    record = parse_sample("generation_tests.json").records[at]
    assert record.readings == ()
    assert record.failure is not None
    assert (record.failure.reason, record.failure.locator) == (reason, f"/results/{at}/{field}")
    assert record.failure.recorded_as == recorded_as


def test_of_a_sheet_of_generation_tests_only_the_time_is_certain():
    parsed = parse_sample("generation_tests.csv")
    assert numbers_of(parsed.records[0]) == {"latency": 500.0}
    assert parsed.records[1].failure is not None
    assert parsed.reason == "columns not understood: Tokens, Tokens per Second"
