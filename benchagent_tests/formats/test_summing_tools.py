"""Artifacts of tools that sum up runs: which sum each number is, and what it is no sum of."""

from statistics import fmean, stdev

import pytest

from benchagent.formats import parse_bytes
from benchagent.measurements.readings import Unparsed
from benchagent_tests.artifacts import SAMPLES, numbers_of, parse_sample, parse_text
from benchagent_tests.formats.test_tool_formats import reading_of


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
    assert (record.measured_at, record.time_basis) == ("2026-11-21T23:15:07", "naive")
    ttft = reading_of(parsed, "row=3,column=Time to First Token")
    assert (ttft.statistic, ttft.value, ttft.n) == ("mean", 3396.052646636963, 5)
    latency = reading_of(parsed, "row=3,column=Request Latency#2")
    assert (latency.statistic, latency.value, latency.raw_unit) == ("median", 9179.42500114441, "s")
    p75 = reading_of(parsed, "row=3/6,column=Request Latency#4")
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


@pytest.mark.parametrize("scenario", ["server", "offline", "single_stream"])
def test_loadgens_detail_log_says_what_its_summary_rounds(scenario: str):
    (detail,) = parse_sample(f"loadgen_detail_{scenario}.txt").records
    (summary,) = parse_sample(f"loadgen_{scenario}.txt").records
    told = numbers_of(summary)
    assert numbers_of(detail) == {
        name: pytest.approx(told[name], abs=0.005001) for name in numbers_of(detail)
    }
    assert numbers_of(detail).keys() == told.keys()
    assert summary.config.items() <= detail.config.items()
    assert (detail.subject, detail.time_basis) == ("PySUT", "utc")


def test_a_token_rate_of_loadgen_in_a_unit_of_its_own_is_no_rate():
    text = parse_sample("loadgen_detail_server.txt")
    rates = [r.raw_value for r in text.records[0].readings if r.metric == "throughput"]
    assert rates == ["219.691"]  # `result_token_throughput` says 4.62779e-07 of the same run


def test_of_loadgens_queries_of_many_samples_nobody_counted_the_samples():
    server = parse_sample("loadgen_detail_server.txt").records[0].readings
    offline = parse_sample("loadgen_detail_offline.txt").records[0].readings
    assert {r.n for r in server if r.metric == "latency"} == {40}
    assert {r.n for r in offline} == {None}


def test_a_training_log_of_mlperf_is_no_log_of_loadgen():
    line = ':::MLLOG {"namespace": "", "time_ms": 1, "key": "run_start", "value": null}\n'
    assert parse_bytes("x.txt", line.encode()).format is None


def test_a_mean_of_percentiles_is_no_percentile():
    (record,) = parse_sample("aiperf_aggregate.json").records
    numbers = numbers_of(record)
    assert numbers["mean_of_p99 latency"] == pytest.approx(236.13, abs=0.005)
    assert not {"p99 latency", "median latency", "mean latency"} & numbers.keys()
    assert numbers["ci_low_of_p99 latency"] < 0  # as a symmetric interval of three runs can be
    # a run has one rate, so that over runs its mean is one
    assert "mean throughput" in numbers
    assert {(r.kind, r.n) for r in record.readings} == {("derived", 3)}


def test_aiperfs_aggregate_table_gives_what_its_json_gives_rounded():
    (table,) = parse_sample("aiperf_aggregate.csv").records
    (whole,) = parse_sample("aiperf_aggregate.json").records
    numbers = numbers_of(whole)
    assert numbers_of(table).keys() == numbers.keys()
    # the run's duration is in seconds there, so that two decimals are 5 ms
    assert all(abs(value - numbers[name]) <= 5.001 for name, value in numbers_of(table).items())
    assert {(r.kind, r.n) for r in table.readings} == {("derived", 3)}


@pytest.mark.parametrize(("level", "read"), [("0.95", True), ("0.9", False), ("null", False)])
def test_only_an_interval_of_95_percent_is_called_one(level: str, read: bool):
    text = (
        f'{{"metadata": {{"confidence_level": {level}}}, "metrics": {{"request_latency_avg": '
        '{"mean": 9, "ci_low": 8, "ci_high": 10, "t_critical": 4.3, "unit": "ms"}}}'
    )
    numbers = numbers_of(parse_text(text, name="x.json").records[0])
    assert numbers["mean_of_means latency"] == 9
    assert ("ci_low_of_means latency" in numbers) is read


def test_chimeraforges_runs_are_measured_and_their_statistics_derived():
    *runs, whole = parse_sample("chimeraforge_bench.json").records
    rates = [numbers_of(run)["decode_rate"] for run in runs]
    numbers = numbers_of(whole)
    assert numbers["mean decode_rate"] == pytest.approx(fmean(rates))
    assert numbers["stddev decode_rate"] == pytest.approx(stdev(rates))  # divided by n - 1
    assert {r.kind for r in whole.readings} == {"derived"}
    assert {r.definition for r in runs[0].readings if r.metric == "ttft"} == {"ttft.prompt_eval"}
    assert (runs[0].subject, runs[0].time_basis) == ("smollm2:135m", "utc")


@pytest.mark.parametrize(
    ("run", "metrics"),
    [
        # how the first token was timed is not said
        ('"ttft_ms": 5, "tokens_generated": 2', {"chimeraforge-bench:ttft", "output_tokens"}),
        # over another time than that of generating
        (
            '"tokens_generated": 100, "eval_duration_ms": 1000, "throughput_tps": 50',
            {"output_tokens", "eval_time", "chimeraforge-bench:throughput"},
        ),
        ('"tokens_generated": 0, "throughput_tps": 0.0, "ttft_ms": 0.0', set()),  # a failed run
    ],
)
def test_a_number_of_chimeraforge_is_called_what_it_is_shown_to_be(run: str, metrics: set[str]):
    text = f'[{{"individual_runs": [{{{run}}}], "quant": "Q4_0", "aggregate": {{"throughput_tps": {{}}}}}}]'
    parsed = parse_text(text, name="x.json")
    (record,) = parsed.records
    assert {r.metric for r in record.readings} == metrics
    assert (record.failure is None) is bool(metrics)
    # a quantisation that no request asked for
    assert "Q4_0" not in record.config.values()
    assert parsed.reason == "the quantisation is a label that no request applied, and no setting"


def test_lightevals_scores_are_per_task_and_its_mean_over_tasks_is_left_out():
    parsed = parse_sample("lighteval.json")
    (record,) = parsed.records
    assert numbers_of(record) == {
        "mean accuracy": 0.4166666666666667,
        "stderr accuracy": 0.1486470975026408,
    }
    assert (record.subject, record.config["task"], record.config["n_shot"]) == (
        "dummy",
        "rivers",
        0,
    )
    assert parsed.reason == "means over tasks are not read: all"
    # it says -1 documents, and a start that is no time of day
    assert {r.n for r in record.readings} == {None}
    assert record.measured_at is None


def test_a_leaderboards_task_says_its_suite_and_its_examples():
    text = """{"config_general": {"model_name": "fox", "start_time": 36745.1},
      "config_tasks": {"harness|arc:challenge": {"effective_num_docs": 1172}},
      "results": {"harness|arc:challenge|25": {"acc_norm": 0.5, "acc_norm_stderr": 0.01},
      "harness|arc:_average|25": {"acc_norm": 0.5}}}"""
    (record,) = parse_text(text, name="x.json").records
    assert (record.config["task"], record.config["n_shot"]) == ("harness|arc:challenge", 25)
    assert numbers_of(record) == {"mean lighteval:acc_norm": 0.5, "stderr lighteval:acc_norm": 0.01}
    assert {r.n for r in record.readings} == {1172}


def test_a_summary_over_agents_runs_tells_each_run_as_its_own_file_does():
    parsed = parse_sample("agent_summary.json")
    pair, collector, insight = parsed.records
    assert numbers_of(pair) == {
        "duration": 3512.3456,
        "agent-runs:sequential_estimate": 6021.1639,
        "speedup": 1.7142857,
        "efficiency": 0.85714285,
    }
    assert (pair.subject, pair.repetition) == ("tinyfox:1b", 2)
    own = parse_sample("agent_runs.json").records[-1]
    # the summary alone does not say which servers were asked
    assert {**pair.config, "shared_server": True} == own.config
    assert pair.benchmark == own.benchmark
    assert numbers_of(insight) == {"mean decode_rate": 48.75, "mean ttft": 145.0}
    assert {r.kind for record in (collector, insight) for r in record.readings} == {"derived"}
    assert insight.config == {
        "num_gpu": 80, "temperature": 0.8, "role": "insight", "scenario": "baseline_vs_chimera",
        "agent": "Insight",
    }  # fmt: skip


def test_the_predecessors_other_program_means_another_time_by_ttft():
    collector, insight, pair, failed, other = parse_sample("agent_pairs.json").records
    assert {r.definition for r in collector.readings if r.metric == "ttft"} == {"ttft.prompt_eval"}
    assert numbers_of(insight)["latency"] == 3300.5
    assert "total_time" not in numbers_of(insight)  # its total leaves the loading out
    assert numbers_of(pair)["duration"] == 3301.75
    assert pair.config == {
        "scenario": "chimera_homo", "collector.num_ctx": 512, "insight.num_ctx": 512,
        "shared_server": False,
    }  # fmt: skip
    # of the second run one agent failed, so that the two took no time together
    assert failed.failure is not None
    assert failed.name == "/runs/1/collector"
    assert (other.name, other.benchmark) == ("/runs/1/insight", "agent-call")


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


def test_each_combination_of_a_sweep_of_aiperf_has_the_statistics_of_its_one_run():
    first, second = parse_sample("aiperf_sweep.json").records
    assert [first.config, second.config] == [{"concurrency": 1}, {"concurrency": 2}]
    assert {reading.kind for reading in first.readings} == {"derived"}
    latency = [r for r in first.readings if r.metric == "latency"]
    assert latency[0].locator == "/per_combination_metrics/0/metrics/request_latency/avg"
    assert (latency[0].statistic, latency[0].value, latency[0].n) == ("mean", 70.61379033333333, 6)
    # of a single run there is neither a deviation nor an interval
    assert {r.statistic for r in first.readings if r.statistic[0] in "sc"} == set()
    assert numbers_of(second)["request_rate"] == 23.074993386226165


def test_what_a_sweep_of_aiperf_says_over_several_runs_is_called_so():
    parsed = parse_sample("aiperf_sweep_runs.json")
    reading = reading_of(parsed, "/per_combination_metrics/0/metrics/request_latency_p99/mean")
    assert (reading.statistic, reading.n, reading.kind) == ("mean_of_p99", 2, "derived")
    rate = reading_of(parsed, "/per_combination_metrics/1/metrics/request_throughput_avg/std")
    assert (rate.metric, rate.statistic) == ("request_rate", "stddev")


def test_a_run_of_a_sweep_of_aiperf_that_failed_is_listed_with_its_error():
    text = (
        '{"aggregation_type": "sweep", "metadata": {"num_trials_per_value": 1},'
        ' "failed_runs": [{"label": "concurrency_4", "error": "no metrics"}],'
        ' "per_combination_metrics": []}'
    )
    (record,) = parse_text(text, name="x.json").records
    assert record.failure is not None
    assert (record.failure.reason, record.failure.locator) == (
        "no metrics",
        "/failed_runs/0/error",
    )


@pytest.mark.parametrize(
    ("sample", "known"),
    [
        ("aiperf_sweep.json", '"unit": "ms"'),
        ("aiperf_aggregate.json", '"unit": "ms"'),
        ("aiperf_aggregate.csv", ",ms"),
        ("aiperf.csv", "(ms)"),
        ("aiperf_requests.jsonl", '"unit":"ms"'),
    ],
)
def test_a_metric_of_aiperf_in_a_unit_that_nobody_knows_is_listed(sample: str, known: str):
    text = (SAMPLES / sample).read_text()
    whole = parse_text(text, name=sample)
    parsed = parse_text(text.replace(known, known.replace("ms", "blinks")), name=sample)
    left, told = (sum(len(record.readings) for record in each.records) for each in (parsed, whole))
    assert 0 < left < told
    assert any("'blinks'" in refusal.reason for refusal in parsed.refusals)


def test_the_table_of_a_sweep_of_aiperf_names_no_units_and_gives_no_numbers():
    text = "concurrency,request_throughput_mean,request_throughput_cv\n1,12.6,0.0\n"
    outcome = parse_bytes("x.csv", text.encode())
    assert isinstance(outcome, Unparsed)
    assert (outcome.format, outcome.reason) == (
        "aiperf-sweep",
        "its columns name no units: the JSON beside it does",
    )


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
