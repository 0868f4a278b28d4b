"""Artifacts of benchmark tools; which samples the tools wrote is said in docs/formats.md."""

import io
import zipfile
from statistics import fmean, pstdev

import pytest

from benchagent.formats import parse_bytes
from benchagent.measurements import archives
from benchagent.measurements.locators import Places
from benchagent.measurements.readings import Parsed, Reading, Unparsed
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


TIMINGS = """\
total duration:       1.13s
load duration:        30.1ms
prompt eval count:    12 token(s)
eval count:           97 token(s)
eval duration:        1.0683s
eval rate:            90.80 tokens/s
"""


@pytest.mark.parametrize(
    ("titles", "subjects"),
    [
        (("=== wren:1b run 1 ===", "=== owl:8b run 1 ==="), ["wren:1b", "owl:8b"]),
        (("### model=wren:1b 10:00", "### model=owl:8b 10:01"), ["wren:1b", "owl:8b"]),
        # of a title above one answer alone nothing tells that it is none of an answer
        (("=== wren:1b ===", "Owls sing at night."), [None, None]),
    ],
)
def test_titles_above_all_answers_of_ollama_name_its_models(
    titles: tuple[str, ...], subjects: list[str | None]
):
    text = "".join(f"{title}\nSome say model: owl:7b sings.\n\n{TIMINGS}\n" for title in titles)
    text = text if subjects[0] else text.replace("model: owl:7b", "an owl")
    records = parse_text(text, name="bench.log").records
    assert [record.subject for record in records] == subjects


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


def test_the_requests_of_guidellm_are_measured_and_their_distributions_derived():
    parsed = parse_sample("guidellm.json")
    whole, first, *_ = parsed.records
    assert len(parsed.records) == 6
    assert {r.population for record in parsed.records for r in record.readings} == {"successful"}
    assert first.name == "/benchmarks/0/requests/successful/0"
    latency = reading_of(parsed, "/benchmarks/0/requests/successful/0/request_latency")
    assert (latency.value, latency.unit, latency.raw_unit) == (1952.6476860046387, "ms", "s")
    mean = reading_of(parsed, "/benchmarks/0/metrics/request_latency/successful/mean")
    assert (mean.kind, mean.n, mean.statistic) == ("derived", 5, "mean")
    # divided by n: another statistic than the one that others call standard deviation
    spread = reading_of(parsed, "/benchmarks/0/metrics/request_latency/successful/std_dev")
    assert spread.statistic == "stddev_population"
    rate = reading_of(parsed, "/benchmarks/0/metrics/requests_per_second/successful/mean")
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


def test_lm_evals_scores_have_their_standard_errors_and_their_number_of_documents():
    (record,) = parse_sample("lm_eval_results.json").records
    assert numbers_of(record) == {
        "mean accuracy": 0.75,
        "stderr accuracy": 0.1305582419667734,
        "mean lm-eval:acc_norm": 0.6666666666666666,
        "stderr lm-eval:acc_norm": 0.1421338109037403,
    }
    assert {(r.n, r.unit) for r in record.readings} == {(12, "ratio")}
    assert (record.config["task"], record.config["filter"], record.config["n_shot"]) == (
        "rivers",
        "none",
        0,
    )


def test_a_standard_error_that_is_a_text_is_none_and_an_unknown_score_has_no_unit():
    text = '{"results": {"t": {"bleu,none": 31.5, "bleu_stderr,none": "N/A"}}}'
    parsed = parse_text(text, name="x.json")
    assert [(r.metric, r.unit) for r in parsed.records[0].readings] == [("lm-eval:bleu", None)]
    assert parsed.refusals == ()


def test_lm_evals_documents_are_read_line_by_line():
    records = parse_sample("lm_eval_samples.jsonl").records
    assert len(records) == 12
    assert records[2].readings[0].locator == "line=3/acc"
    assert sum(numbers_of(record)["accuracy"] for record in records) == 9


def test_what_lm_eval_says_of_a_group_of_tasks_sums_up_the_tasks_beside_it():
    records = parse_sample("lm_eval_group.json").records
    kinds = {str(r.config["task"]): {reading.kind for reading in r.readings} for r in records}
    assert kinds == {"rivers": {"measured"}, "lakes": {"measured"}, "waters": {"derived"}}
    # no argument names the model: `model_name` is made up by the tool
    assert {record.subject for record in records} == {"dummy"}


def test_a_perplexity_is_computed_of_all_documents_and_is_no_mean_over_them():
    text = (
        '{"results": {"t": {"word_perplexity,none": 8.5, "chrf,none": 3, "f1,none": 0.5}},'
        ' "configs": {"t": {"metric_list": [{"metric": "f1", "aggregation": "mean"},'
        ' {"metric": "chrf"}]}}}'
    )
    (record,) = parse_text(text, name="x.json").records
    assert [(r.metric, r.statistic) for r in record.readings] == [
        ("lm-eval:word_perplexity", "value"),
        ("lm-eval:chrf", "value"),
        ("lm-eval:f1", "mean"),
    ]


def test_an_inspect_log_gives_scores_and_samples():
    parsed = parse_sample("inspect_log.json")
    scores, samples = parsed.records[:2], parsed.records[2:]
    assert [record.config["scorer"] for record in scores] == ["includes", "match"]
    assert {r.n for record in scores for r in record.readings} == {3}
    assert [record.repetition for record in samples] == [0, 1] * 3 or len(samples) == 6
    assert numbers_of(samples[0]) == {
        "latency": 8343.0,
        "inspect:working_time": 6783.0,
        "prompt_tokens": 35.0,
        "output_tokens": 12.0,
    }


def test_a_metric_of_inspect_is_a_spread_of_the_mean_beside_it_or_nobody_knows_of_what():
    text = (
        '{"version": 2, "status": "success", "eval": {"task": "t", "model": "m"}, "stats": {},'
        ' "results": {"scores": [{"name": "f1", "scored_samples": 4, "metrics": {'
        '"mean": {"value": 0.5}, "std": {"value": 0.2}, "bootstrap_stderr": {"value": 0.1},'
        ' "rivers": {"value": 0.7}}}]}}'
    )
    (record,) = parse_text(text, name="x.json").records
    assert [(r.metric, r.statistic, r.n) for r in record.readings] == [
        ("inspect:mean", "mean", 4),
        ("inspect:mean", "stddev", 4),
        ("inspect:mean", "stderr", 4),
        # the mean of a group of samples, whose number is not told
        ("inspect:rivers", "value", None),
    ]


def test_an_inspect_log_that_was_only_begun_says_so():
    text = '{"version": 2, "status": "started", "eval": {"task": "t"}, "stats": {}}'
    outcome = parse_bytes("x.json", text.encode())
    assert isinstance(outcome, Unparsed)
    assert outcome.reason == "neither scores nor samples; its status is 'started'"


def test_an_archived_inspect_log_says_what_it_says_as_json():
    archived = parse_sample("inspect_log.eval")
    by_name = {
        (r.config.get("scorer"), r.config.get("prompt_index"), r.repetition): numbers_of(r)
        for r in archived.records
    }
    assert by_name == {
        (r.config.get("scorer"), r.config.get("prompt_index"), r.repetition): numbers_of(r)
        for r in parse_sample("inspect_log.json").records
    }
    assert archived.records[2].readings[0].locator == "/samples/0/total_time"


_HEADER = b'{"version": 2, "status": "success", "eval": {"task": "t"}, "stats": {}}'
_NOTHING = b'{"id": 1, "total_time": 1.5}'


def _pack(files: dict[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", packing) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        # a megabyte of blanks in one kB
        (
            _pack({"header.json": _HEADER, "samples/a.json": b" " * 2**20}),
            "more than 100,000 bytes",
        ),
        # a spreadsheet is one too
        (_pack({"xl/workbook.xml": b"<a/>"}), "no header.json"),
        (_pack({"header.json": b"[1]"}), "no JSON object"),
        (_pack({"header.json": b'{"eval": "\xff"}'}), "no UTF-8"),
        (_pack({"header.json": _HEADER})[:-30], "damaged"),
        (_pack({"header.json": _HEADER}, zipfile.ZIP_STORED).replace(b'"t"', b'"u"'), "damaged"),
    ],
)
def test_an_archive_that_is_no_whole_log_is_listed_with_the_reason(
    data: bytes, said: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(archives, "_MOST_BYTES", 100_000)
    found = parse_bytes("x.eval", data)
    assert isinstance(found, Unparsed)
    assert said in found.reason


@pytest.mark.parametrize("packing", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
def test_a_log_is_read_however_it_is_packed(packing: int):
    data = _pack({"header.json": _HEADER, "samples/1_epoch_1.json": _NOTHING}, packing)
    found = parse_bytes("x.eval", data)
    assert isinstance(found, Parsed)
    assert numbers_of(found.records[0]) == {"latency": 1500.0}
    assert Places(data).read("/samples/0/total_time") == "1.5"


def test_the_samples_of_an_inspect_run_that_broke_are_failed_runs():
    records = parse_sample("inspect_error.json").records
    assert [record.readings for record in records] == [()] * 3
    assert {r.failure.reason for r in records if r.failure} == {
        "ConnectionError('no route to host')"
    }


def test_a_promptfoo_test_that_failed_its_assertions_was_measured_all_the_same():
    records = parse_sample("promptfoo.json").records
    assert [numbers_of(record)["score"] for record in records] == [1.0, 1.0, 0.5, 0.5]
    assert all("latency" in numbers_of(record) for record in records)
    assert records[0].config["prompt"] == "Name the river of Cairo."
    assert records[0].config["prompt_template"] == "Name the river of {{place}}."


def test_a_promptfoo_answer_from_the_cache_has_no_latency_and_an_error_is_a_failure():
    text = (
        '{"evalId": "e", "results": {"version": 3, "results": ['
        '{"score": 1, "latencyMs": 0, "response": {"cached": true}},'
        '{"score": 0, "latencyMs": 9, "failureReason": 2, "error": "HTTP 500"}]}}'
    )
    cached, failed = parse_text(text, name="x.json").records
    assert numbers_of(cached) == {"score": 1.0}
    assert failed.failure is not None
    assert failed.failure.reason == "HTTP 500"


def test_the_lines_of_promptfoo_are_read_as_its_results_are():
    records = parse_sample("promptfoo.jsonl").records
    # what failed its assertions was measured; what broke was not
    wrong = next(record for record in records if record.subject == "thames-script")
    assert wrong.failure is None
    assert set(numbers_of(wrong)) == {"score", "latency"}
    broken = [record for record in records if record.subject == "broken"]
    assert [bool(record.failure) for record in broken] == [True, True, True]
    assert str(broken[0].failure and broken[0].failure.locator).startswith("line=")


def test_promptfoos_yaml_is_read_through_its_aliases():
    records = parse_sample("promptfoo.yaml").records
    assert [record.config["prompt_index"] for record in records] == [0] * 4 + [1] * 4 + [0] * 4
    assert [at for at, record in enumerate(records) if record.failure] == [8]
    assert numbers_of(records[4]) == {
        "score": 0.0,
        "latency": 269.0,
        "prompt_tokens": 11.0,
        "output_tokens": 8.0,
    }


def test_a_test_that_promptfoo_asks_again_is_the_same_test():
    records = parse_sample("promptfoo.jsonl").records
    echoes = [record for record in records if record.subject == "echo"]
    assert [record.config["prompt_index"] for record in echoes] == [0, 0, 2]


def test_a_loadgen_summary_gives_its_latencies_and_its_verdict_is_a_setting():
    (record,) = parse_sample("loadgen_server.txt").records
    numbers = numbers_of(record)
    assert numbers["mean latency"] == 8.643426
    assert numbers["median ttft"] == 2.269218
    assert numbers["p99.9 tpot"] == 3.217182
    assert numbers["throughput"] == 219.69
    assert (record.config["scenario"], record.config["result"]) == ("Server", "INVALID")
    assert {r.definition for r in record.readings if r.metric == "tpot"} == {"tpot.excluding_first"}


def test_what_loadgen_says_twice_is_read_once():
    (record,) = parse_sample("loadgen_single_stream.txt").records
    said = [r for r in record.readings if (r.metric, r.statistic) == ("latency", "p90")]
    assert [r.raw_value for r in said] == ["2154724"]


def test_aiperfs_statistics_are_in_the_units_that_they_name():
    parsed = parse_sample("aiperf.json")
    (record,) = parsed.records
    numbers = numbers_of(record)
    assert numbers["mean latency"] == 5071.7578778
    assert numbers["duration"] == 25390.417408  # the file says seconds
    assert numbers["throughput"] == 1.7702124264034178
    assert numbers["stddev_population latency"] == 5157.178508111749
    assert (record.subject, record.config["concurrency"]) == ("smollm2:135m", 1)
    assert record.time_basis == "naive"
    assert reading_of(parsed, "/time_to_first_token/avg").n == 5


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


def test_llama_benchs_samples_are_measured_and_its_mean_is_derived():
    parsed = parse_sample("llama_bench.json")
    test, first = parsed.records[:2]
    assert test.subject == "smollm2-135m-q4_1"
    assert {(r.kind, r.n) for r in test.readings} == {("derived", 3)}
    assert numbers_of(first) == {"prefill_rate": 2.42633, "prompt_eval_time": 6594.323788}
    assert {r.locator for r in first.readings} == {"/0/samples_ts/0", "/0/samples_ns/0"}
    assert (first.config["workload"], first.config["type_k"]) == ("pp16", "f16")
    assert set(numbers_of(parsed.records[5])) == {"decode_rate", "eval_time"}


def test_llama_benchs_lines_are_read_as_its_list_is():
    lines, listed = parse_sample("llama_bench.jsonl"), parse_sample("llama_bench.json")
    assert lines.format == listed.format
    assert [record.config for record in lines.records] == [r.config for r in listed.records]
    assert lines.records[1].readings[0].locator == "line=1/samples_ts/0"


def test_llama_benchs_rows_are_the_same_in_csv_and_sql():
    table, statements = parse_sample("llama_bench.csv"), parse_sample("llama_bench.sql")
    assert numbers_of(table.records[1])["mean decode_rate"] == 0.649119
    assert numbers_of(statements.records[1])["mean decode_rate"] == 0.53369
    assert [r.config for r in table.records] == [r.config for r in statements.records]
    place = statements.records[1].readings[0].locator
    assert place.startswith("line=47,chars=")


def test_llama_benchs_table_holds_two_numbers_a_cell():
    parsed = parse_sample("llama_bench.md")
    prefill, decode = parsed.records
    assert numbers_of(prefill) == {"mean prefill_rate": 2.49, "stddev prefill_rate": 1.02}
    assert numbers_of(decode) == {"mean decode_rate": 1.35, "stddev decode_rate": 0.31}
    assert (decode.config["workload"], decode.config["threads"]) == ("tg8", 2)


@pytest.mark.parametrize(
    ("test", "metric"),
    [
        ("pp512", "prefill_rate"),
        ("tg128 @ d4096", "decode_rate"),
        # of both kinds of tokens together: neither rate
        ("pp512+tg128", "llama-bench:rate_of_prompt_and_answer"),
    ],
)
def test_the_name_of_a_test_says_of_which_tokens_the_rate_is(test: str, metric: str):
    text = f"| model | backend | test | t/s |\n| --- | --- | ---: | ---: |\n| m | CPU | {test} | 5.5 |\n"
    (record,) = parse_text(text, name="x.md").records
    assert [r.metric for r in record.readings] == [metric]


def test_a_write_up_with_other_tables_stays_a_write_up():
    text = "| model | test | t/s |\n|---|---|---|\n| m | pp8 | 5.5 |\n\n"
    text += "| Model | TTFT (s) |\n|---|---|\n| m | 0.5 |\n"
    assert parse_text(text, name="x.md").format == "markdown"


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
    assert run.time_basis == "naive"


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


def test_named_values_have_the_units_that_they_name_and_no_others():
    records = parse_sample("github_action_benchmark.json").records
    assert [(r.metric, r.value, r.unit) for record in records for r in record.readings] == [
        ("latency", 12.5, "ms"),
        ("github-action-benchmark:value", 88_250_000.0, "bytes"),
        ("github-action-benchmark:value", 3.0, None),
    ]


def test_of_benchers_measures_only_the_built_in_ones_have_a_unit():
    large, build = parse_sample("bencher_metrics.json").records
    assert numbers_of(large) == {
        "latency": 0.0882505,
        "lower_bound latency": 0.0871,
        "upper_bound latency": 0.091,
    }
    assert [r.unit for r in build.readings] == [None]


def test_an_aggregate_whose_name_is_no_text_does_not_stop_the_reading():
    text = (
        '{"context": {}, "benchmarks": [{"run_name": "a", "run_type": "aggregate", '
        '"aggregate_name": {"x": 1}, "time_unit": "ns", "real_time": 1}, '
        '{"run_name": "a", "time_unit": "ns", "real_time": 2}]}'
    )
    assert [r.name for r in parse_text(text, name="x.json").records] == ["/benchmarks/1"]
