"""What other versions of the tools write than those that wrote the other samples."""

import pytest

from benchagent.formats import parse_bytes
from benchagent.measurements.readings import Parsed
from benchagent_tests.artifacts import numbers_of, parse_sample, parse_text


def test_a_standard_error_of_inspect_is_of_the_mean_that_stands_beside_it():
    (record,) = parse_sample("inspect_old.json").records
    assert record.config["scorer"] == "exact"
    assert numbers_of(record) == {"mean inspect:mean": 0.75, "stderr inspect:mean": 0.1}


def test_a_score_of_inspect_that_is_no_number_is_refused():
    refused = [refusal.locator for refusal in parse_sample("inspect_old.json").refusals]
    assert refused == ["/results/metrics/bootstrap_std/value"]


def test_the_scores_of_inspect_may_be_called_scorers():
    text = (
        '{"version": 2, "status": "success", "eval": {"task": "t", "model": "m"}, "stats": {}, '
        '"results": {"scorers": [{"name": "fact", "metrics": {"accuracy": {"value": 1}}}]}}'
    )
    (record,) = parse_text(text, name="x.json").records
    assert record.name == "/results/scorers/0"
    assert numbers_of(record) == {"mean accuracy": 1.0}


def test_two_ways_of_reducing_epochs_are_two_settings():
    score = '{"name": "match", "reducer": "%s", "metrics": {"accuracy": {"value": 0.5}}}'
    text = (
        '{"version": 2, "status": "success", "eval": {"task": "t", "model": "m"}, "stats": {}, '
        f'"results": {{"scores": [{score % "mean"}, {score % "at_least_1"}]}}}}'
    )
    records = parse_text(text, name="x.json").records
    assert [record.config["reducer"] for record in records] == ["mean", "at_least_1"]


def test_an_inspect_run_that_broke_is_a_failed_run_although_samples_before_it_are_whole():
    text = (
        '{"version": 2, "status": "error", "eval": {"task": "t", "model": "m"}, "stats": {}, '
        '"samples": [{"id": 1, "epoch": 1}], "error": {"message": "out of memory"}}'
    )
    *_, run = parse_text(text, name="x.json").records
    assert run.failure is not None
    assert (run.failure.reason, run.failure.locator) == ("out of memory", "/error/message")


def test_google_benchmarks_old_aggregates_are_told_by_their_names():
    records = parse_sample("google_benchmark_old.json").records
    assert [(r.subject, r.readings[0].statistic, r.readings[0].kind) for r in records] == [
        ("BM_Sum/64", "value", "measured"),
        ("BM_Sum/64", "value", "measured"),
        ("BM_Sum/64", "mean", "derived"),
        ("BM_Sum/64", "median", "derived"),
        ("BM_Sum/64", "stddev", "derived"),
        # the runs were left out of the report
        ("BM_Fill", "mean", "measured"),
        ("BM_Fill", "stddev", "measured"),
        # a function that is called so
        ("BM_geometric_mean", "value", "measured"),
    ]


def test_the_iterations_of_an_old_aggregate_are_not_its_runs():
    records = parse_sample("google_benchmark_old.json").records
    assert {reading.n for record in records for reading in record.readings} == {None}


def test_the_runs_of_github_action_benchmark_have_their_commit_and_time():
    parsed = parse_sample("github_action_benchmark.js")
    first, *_, last = parsed.records
    assert first.name == "/entries/Go/0/benches/0"
    assert first.config == {
        "workload": "BenchmarkParse", "suite": "Go", "commit": "aaa111", "tool": "go",
    }  # fmt: skip
    assert (first.measured_at, first.time_basis) == ("2025-12-29T09:20:00.123000Z", "utc")
    assert (last.config["suite"], last.config["commit"]) == ("Python", "bbb222")


def test_what_an_iteration_takes_is_in_the_unit_before_the_slash():
    records = parse_sample("github_action_benchmark.js").records
    assert [(r.metric, r.value, r.unit) for record in records for r in record.readings] == [
        # Go's unit goes on behind a tab with the bytes and allocations of the same run
        ("latency", 0.001876, "ms"),
        ("github-action-benchmark:value", 1410.0, "bytes"),
        ("github-action-benchmark:value", 11.0, None),
        ("latency", 0.002247, "ms"),
        ("github-action-benchmark:value", 548.36, "items/s"),
    ]


def test_a_value_that_is_missing_is_refused_and_the_others_count():
    refused = [refusal.locator for refusal in parse_sample("github_action_benchmark.js").refusals]
    assert refused == ["/entries/Go/1/benches/1/value"]


@pytest.mark.parametrize(
    "text",
    [
        # settings of something, one of them a text
        '[{"name": "width", "unit": "px", "value": 3}, {"name": "c", "unit": "", "value": "red"}]',
        '{"entries": {"a": [{"id": 1}], "b": 3}}',
        '{"entries": {}}',
    ],
)
def test_lists_of_other_things_are_no_benchmarks(text: str):
    assert parse_bytes("x.json", text.encode()).format is None


def test_the_variants_of_a_benchmark_differ_in_their_parameters():
    small, large, write = parse_sample("bencher_variants.json").records
    assert small.config == {"size_mb": 16, "op": "read", "workload": "read"}
    assert numbers_of(small) == {"latency": 0.0125, "median latency": 0.012, "p99 latency": 0.021}
    assert numbers_of(large) == {
        "latency": 0.048, "lower_bound latency": 0.047, "bencher-metrics:throughput": 100.5,
    }  # fmt: skip
    assert (write.name, write.config) == ("/write", {"workload": "write"})


def test_lm_evals_old_scores_stand_under_their_bare_names():
    rivers, last_word = parse_sample("lm_eval_old.json").records
    assert (rivers.subject, rivers.config["task"]) == ("models/tiny-7b", "rivers")
    assert numbers_of(rivers) == {
        "mean accuracy": 0.25,
        "stderr accuracy": 0.13,
        "mean lm-eval:acc_norm": 0.5,
        "stderr lm-eval:acc_norm": 0.15,
    }
    assert [r.unit for r in last_word.readings] == ["1", "1", "ratio", "ratio"]


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


def test_the_first_versions_of_aiperf_are_told_from_genai_perf():
    metric = '"request_latency": {"unit": "ms", "avg": 5}, "input_config": {}'
    for more, format in (('"was_cancelled": false', "aiperf"), ('"x": 1', "genai-perf")):
        assert parse_text(f"{{{metric}, {more}}}", name="x.json").format == format


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


@pytest.mark.parametrize(
    ("cell", "numbers"),
    [
        ("1,071.2", [1071.2]),
        ("132.19 ± 0.55", [132.19, 0.55]),
        # a placeholder, and what no tool wrote
        ("xxx.xx ± y.yy", []),
        ("12.5 (of 14)", []),
    ],
)
def test_a_rate_of_llama_benchs_table_is_read_whole_or_not_at_all(cell: str, numbers: list[float]):
    text = f"| model | test | t/s |\n| --- | ---: | ---: |\n| m | pp8 | {cell} |\n"
    (record,) = parse_text(text, name="x.md").records
    assert [reading.value for reading in record.readings] == numbers


def test_a_test_of_an_old_llama_bench_has_a_space_in_its_name():
    text = "| model | test | t/s |\n| --- | --- | ---: |\n| m | pp 512 | 5 |\n| m | tg 128 | 4 |\n"
    records = parse_text(text, name="x.md").records
    assert [record.config["workload"] for record in records] == ["pp512", "tg128"]
    assert [r.metric for record in records for r in record.readings] == [
        "prefill_rate", "decode_rate",
    ]  # fmt: skip


def test_a_log_that_begins_with_a_bracket_is_no_json():
    text = "[1/3] Benchmarking: model.gguf\n| model | test | t/s |\n| --- | --- | --- |\n| m | tg8 | 5 |\n"
    assert parse_text(text, name="x.log").format == "llama-bench-table"


@pytest.mark.parametrize(
    "command",
    [
        "ollama run --verbose tiny:1b hello",
        "ollama run --keepalive 5m --verbose tiny:1b",
        "echo hi | ollama run --format=json --nowordwrap tiny:1b --verbose",
    ],
)
def test_an_option_of_the_command_is_not_the_model(command: str):
    text = f"$ {command}\ntotal duration:       1s\neval count:           5 token(s)\n"
    assert parse_text(text, name="x.txt").records[0].subject == "tiny:1b"


def test_what_a_terminal_was_told_about_its_cursor_hides_no_timing():
    text = "\x1b[?25l\x1b[?25htotal duration:       1s\neval count:           5 token(s)\n"
    (record,) = parse_text(text, name="x.log").records
    assert numbers_of(record) == {"total_time": 1000.0, "output_tokens": 5.0}


def test_a_row_of_llama_bench_with_a_cell_too_many_is_refused():
    header = "model_filename,n_prompt,n_gen,avg_ns,stddev_ns,avg_ts,stddev_ts"
    rows = "m.gguf,512,0,212155977,732372,2413.3,8.3\nm.gguf,1,512,0,212155977,732372,2413.3,8.3\n"
    parsed = parse_text(f"{header}\n{rows}")
    assert [record.name for record in parsed.records] == ["row=1"]
    assert [refusal.locator for refusal in parsed.refusals] == ["row=2"]


def test_statements_of_llama_bench_with_a_value_too_many_are_told():
    text = (
        "INSERT INTO test (n_prompt, n_gen, avg_ts, stddev_ts) VALUES ('1', '8', '0', '5', '1');\n"
    )
    unparsed = parse_bytes("x.sql", text.encode())
    assert unparsed.format == "llama-bench-rows"
    assert unparsed.reason == (
        "line=1: a row of another width than the header: no cell can be told from another"
    )


def test_a_row_that_ends_with_two_bars_is_a_row_and_the_next_ones_too():
    rows = "| m | tg 16 | 16.41 ± 0.79 ||\n| m | tg 32 | 15.5 ± 0.5 |\n"
    records = parse_text(f"| model | test | t/s |\n|---|---|---|\n{rows}", name="x.md").records
    assert [numbers_of(record)["mean decode_rate"] for record in records] == [16.41, 15.5]


def test_two_models_whose_files_have_the_name_of_any_model_are_two_subjects():
    test = '"n_prompt": 8, "n_gen": 0, "avg_ts": 5.5'
    text = "\n".join(
        f'{{"model_filename": "models/{size}/ggml-model-q4_0.gguf", "model_type": "llama {size}", {test}}}'
        for size in ("7B", "13B")
    )
    records = parse_text(text, name="x.jsonl").records
    assert [record.subject for record in records] == ["llama 7B", "llama 13B"]


def test_an_old_hyperfine_has_no_median_and_one_parameter_without_a_name():
    text = (
        "command,mean,stddev,user,system,min,max,parameter\nsleep 0.1,0.102,0.001,0,0,0.1,0.103,4\n"
    )
    (record,) = parse_text(text).records
    assert record.config == {"parameter": 4}
    assert numbers_of(record)["mean latency"] == 102.0
    text = '{"results": [{"command": "sleep 0.1", "mean": 0.1, "user": 0, "parameter": "4"}]}'
    assert parse_text(text, name="x.json").records[0].config == {"parameter": 4}


def test_an_error_of_an_old_promptfoo_is_what_was_not_graded():
    ungraded = '{"error": "API error: 503", "success": false, "score": 0, "latencyMs": 0}'
    failed = (
        '{"error": "Expected output to contain rivers", "success": false, "score": 0, '
        '"latencyMs": 473, "gradingResult": {"pass": false, "score": 0}}'
    )
    text = f'{{"results": {{"version": 2, "results": [{ungraded}, {failed}], "stats": {{}}}}}}'
    error, graded = parse_text(text, name="x.json").records
    assert error.failure is not None
    assert (error.failure.reason, error.readings) == ("API error: 503", ())
    assert numbers_of(graded) == {"score": 0.0, "latency": 473.0}


def test_a_query_of_many_samples_is_another_latency_than_one_sample():
    text = (
        "MLPerf Results Summary\nSUT name : s\nScenario : {}\n"
        "99th percentile latency (ns) : 26576519\nMin latency (ns)                : 8934247\n"
    )
    for scenario, metric in (
        ("SingleStream", "latency"),
        ("MultiStream", "loadgen:query_latency"),
    ):
        (record,) = parse_text(text.format(scenario), name="x.txt").records
        assert {reading.metric for reading in record.readings} == {metric}


def test_the_detail_log_tells_queries_from_samples():
    head = ':::MLLOG {"key": "loadgen_version", "value": "4.0 @ 1", "time_ms": 0.1}\n'
    line = ':::MLLOG {{"key": "result_{}", "value": {}, "time_ms": 0.1}}\n'
    text = head + line.format("min_query_latency_ns", 8000000)
    text += line.format("50.00_percentile_per_query_latency_ns", 9000000)
    text += line.format("min_latency_ns", 3000000)
    (record,) = parse_text(text, name="x.txt").records
    assert numbers_of(record) == {
        "min loadgen:query_latency": 8.0, "median loadgen:query_latency": 9.0, "min latency": 3.0,
    }  # fmt: skip


def test_an_old_report_of_guidellm_has_zeros_where_nothing_was_timed():
    parsed = parse_sample("guidellm_old.json")
    errored = [r for record in parsed.records for r in record.readings if r.population == "errored"]
    assert not [r for r in errored if r.metric in ("ttft", "tpot") and r.statistic == "mean"]
    zero = "/benchmarks/0/metrics/time_to_first_token_ms/errored/mean"
    assert zero in {refusal.locator for refusal in parsed.refusals}
