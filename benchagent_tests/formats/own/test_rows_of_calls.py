"""Calls in rows of people's scripts and of our own `bench`, and means over them."""

import pytest

from benchagent.formats import parse_bytes
from benchagent.formats.own.bench_calls import bench_columns
from benchagent.formats.tables.doubtful_numbers import OPEN_COMMA
from benchagent.measurements.readings import Parsed, Unparsed
from benchagent_tests.artifacts import SAMPLES, numbers_of, parse_sample, parse_text


def test_a_call_gives_its_numbers_in_canonical_units():
    record = parse_sample("prompt_suite_runs.csv").records[1]
    assert numbers_of(record) == {
        "ttft": 90.0,
        "decode_rate": 52.0,
        "load_time": 80.0,
        "prompt_eval_time": 10.0,
        "eval_time": 500.0,
        "prompt_tokens": 9.0,
        "output_tokens": 26.0,
        "response_chars": 40.0,
    }
    assert record.name == "row=2"
    assert record.subject == "tinyfox:1b-q4_0"
    assert record.config == {
        "temperature": 0.3,
        "top_p": 0.9,
        "prompt_index": 2,
        "prompt": "Count to ten.",
    }
    assert record.measured_at == ("2025-03-04T08:15:30.250000Z", "utc")


def test_a_number_knows_its_place_and_how_it_was_written():
    reading = parse_sample("prompt_suite_runs.csv").records[1].readings[0]
    assert reading.locator == "row=2,column=ttft_s"
    assert (reading.raw_value, reading.raw_unit) == ("0.090000", "s")


def test_a_definition_is_found_out_from_the_numbers():
    definitions = {
        reading.metric: reading.definition
        for record in parse_sample("prompt_suite_runs.csv").records
        for reading in record.readings
    }
    assert definitions["ttft"] == "ttft.load+prompt_eval"
    assert definitions["decode_rate"] == "decode.eval_count/eval"


def test_a_rate_that_leaves_out_the_first_token_is_another_definition():
    records = parse_sample("gemma3_270m_param_tuning.csv").records
    rates = [r for record in records for r in record.readings if r.metric == "decode_rate"]
    assert {rate.definition for rate in rates} == {"decode.(n-1)/eval"}


def test_a_definition_that_one_row_breaks_is_not_named():
    text = "ttft_s,load_s,prompt_eval_s,eval_count\n0.3,0.2,0.1,5\n0.9,0.2,0.1,5\n"
    readings = [reading for record in parse_text(text).records for reading in record.readings]
    assert {reading.definition for reading in readings} == {None}


def test_a_cell_that_is_no_number_is_refused_and_the_others_count():
    record = parse_sample("baseline.json").records[1]
    assert "ttft" not in numbers_of(record)
    assert "decode_rate" not in numbers_of(record)
    assert numbers_of(record)["load_time"] == 50.0
    refusals = {r.locator: r.reason for r in parse_sample("baseline.json").refusals}
    assert refusals == {
        "/results/1/ttft_s": "'NaN' is no finite number",
        "/results/1/tokens_s": "'1e400' is no finite number",
    }


def test_json_results_take_the_model_that_stands_above_them():
    records = parse_sample("baseline.json").records
    assert {record.subject for record in records} == {"tinyfox:latest"}
    assert records[0].readings[0].locator == "/results/0/ttft_s"
    assert records[0].readings[0].raw_value == "2.5"


def test_a_row_of_another_width_is_refused():
    parsed = parse_sample("semicolons.csv")
    assert [record.name for record in parsed.records] == ["row=1", "row=2"]
    said = {refusal.locator: refusal.reason for refusal in parsed.refusals}
    assert said["row=3"] == "2 cells, the header has 5: no telling which is which"


def test_of_two_columns_of_one_name_the_first_counts_and_the_other_is_told():
    parsed = parse_sample("semicolons.csv")
    rates = [
        (reading.locator, reading.value)
        for record in parsed.records
        for reading in record.readings
        if reading.metric == "decode_rate"
    ]
    assert rates == [("row=1,column=tokens_s", 10.0)]
    assert parsed.reason == "columns not understood: tokens_s#2"


def test_a_decimal_comma_is_refused():
    *_, refusal = parse_sample("semicolons.csv").refusals
    assert (refusal.locator, refusal.reason) == (
        "row=2,column=tokens_s",
        OPEN_COMMA,
    )


def test_a_sweep_is_one_only_if_an_option_varies():
    assert parse_sample("gemma3_270m_param_tuning.csv").records[0].benchmark == "llm-sweep"
    text = "num_gpu,ttft_s,tokens_s\n40,0.1,9.0\n40,0.1,9.1\n"
    assert parse_text(text).records[0].benchmark == "llm-call"


def test_means_are_derived_and_a_mean_without_a_unit_gets_it_if_the_others_prove_it():
    record = parse_sample("gemma3_270m_param_tuning_summary.csv").records[0]
    assert numbers_of(record) == {
        "mean decode_rate": 205.0,
        "mean ttft": 635.0,
        "mean load_time": 625.0,
        "mean prompt_eval_time": 10.0,
        "mean eval_time": 1000.0,
    }
    assert {reading.kind for reading in record.readings} == {"derived"}


def test_a_mean_without_a_unit_stays_without_if_the_others_do_not_prove_it():
    text = "num_gpu,mean_tokens_s,mean_ttft_s,mean_load_s,prompt_eval\n40,9.0,0.5,0.3,0.9\n"
    bare = parse_text(text).records[0].readings[-1]
    assert (bare.metric, bare.value, bare.unit) == ("prompt_eval_time", 0.9, None)


def test_a_summary_says_how_many_samples_its_means_stand_on():
    record, failed = parse_sample("prompt_suite_summary.json").records
    assert numbers_of(record) == {"mean ttft": 778.3333333, "mean decode_rate": 51.0}
    assert {reading.n for reading in record.readings} == {3}
    assert record.config == {"temperature": 0.3, "top_p": 0.9}  # 32-bit floats in the file
    assert record.environment == {"ollama_host": "http://127.0.0.1:11434"}
    assert failed.failure is not None
    assert failed.failure.reason == "none of 5 calls completed"
    assert failed.failure.kind == "derived"


def test_our_own_bench_files_are_read_as_they_are_written():
    cold, warm, failed = parse_sample("bench_calls.csv").records
    assert bench_columns(["num_ctx", "temperature"]) == tuple(
        (SAMPLES / "bench_calls.csv").read_text().splitlines()[0].split(",")
    )
    assert numbers_of(cold) == {
        "ttft": 812.5,
        "latency": 2012.5,
        "total_time": 2010.0,
        "load_time": 700.0,
        "prompt_eval_time": 110.0,
        "eval_time": 1200.0,
        "prompt_tokens": 31.0,
        "output_tokens": 61.0,
        "decode_rate": 50.0,
    }
    assert {r.definition for r in cold.readings if r.metric == "ttft"} == {"ttft.client"}
    assert {r.definition for r in cold.readings if r.metric == "decode_rate"} == {
        "decode.(n-1)/eval"
    }
    assert (cold.phase, warm.phase) == ("cold", "warm")
    assert (cold.sequence, warm.sequence, warm.repetition) == (0, 1, 1)
    assert cold.config["config_name"] == "short"
    assert cold.config["num_ctx"] == 512
    assert not {"nonce", "done_reason"} & cold.config.keys()
    assert parse_sample("bench_calls.csv").reason is None
    assert cold.environment == {
        "digest": "sha256:0a1b",
        "server_version": "0.9.0",
        "host_kind": "embedded",
        "machine": "Linux x86_64, 2 CPUs",
    }
    assert failed.failure is not None
    assert failed.failure.reason == "prompt is too long"


def test_our_own_bench_summary_is_derived():
    short, long = parse_sample("bench_summary.json").records
    assert numbers_of(short) == {"median decode_rate": 50.0, "mean ttft": 812.5}
    assert (short.subject, short.config["num_ctx"]) == ("smolfox:135m", 512)
    assert (short.phase, long.phase) == ("cold", "warm")
    assert {reading.n for reading in long.readings} == {1}


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('[{"ttft_s": 1, "tokens_s": 2}, {"ttft_s": 3, "tokens_s": 4}]', "/1"),
        ('{"ttft_s": 1, "tokens_s": 2}\n{"ttft_s": 3, "tokens_s": 4}\n', "line=2"),
    ],
)
def test_calls_may_be_a_list_or_stand_one_per_line(text: str, place: str):
    record = parse_text(text, name="x.jsonl").records[1]
    assert record.name == place
    assert numbers_of(record) == {"ttft": 3000.0, "decode_rate": 4.0}
    assert record.readings[0].locator == f"{place}/ttft_s"


def test_a_table_begins_below_the_prose_above_its_header():
    text = "Measured on the bench\nRun 3, warm, of 5\n\nmodel,ttft_ms\na:1b,12.5\nb:1b,13.5\n"
    outcome = parse_bytes("x.csv", text.encode())
    assert isinstance(outcome, Parsed)
    numbers = [(r.locator, r.value) for record in outcome.records for r in record.readings]
    assert ("row=1,column=ttft_ms", 12.5) in numbers
    # one line of prose with commas, and more below it, is no table
    assert isinstance(parse_bytes("x.csv", b"Measured\nwarm, on the bench\nand cold\n"), Unparsed)
