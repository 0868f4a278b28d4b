import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchagent.formats import FORMATS, parse_bytes
from benchagent.formats.own.bench_calls import bench_columns
from benchagent.formats.settings import read_ollama_model, read_setting, read_time
from benchagent.formats.tables.columns import Meaning, read_column
from benchagent.measurements.artifact_text import Numeral
from benchagent.measurements.locators import Places, read_value
from benchagent.measurements.readings import Parsed, Unparsed
from benchagent.quantities.metrics import DEFINITIONS
from benchagent_tests.artifacts import (
    CORPUS,
    SAMPLES,
    artifact_files,
    numbers_of,
    parse_sample,
    parse_text,
    sample_files,
)


def test_every_format_has_a_name_of_its_own():
    names = [format.name for format in FORMATS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("name", "format"),
    [
        ("prompt_suite_runs.csv", "llm-calls-csv"),
        ("gemma3_270m_param_tuning.csv", "llm-calls-csv"),
        ("gemma3_270m_param_tuning_summary.csv", "llm-summary-csv"),
        ("baseline.json", "llm-calls-json"),
        ("prompt_suite_summary.json", "llm-summary-json"),
        ("bench_calls.csv", "bench-calls-csv"),
        ("bench_summary.json", "llm-summary-json"),
        ("write_up.md", "markdown"),
        ("semicolons.csv", "llm-calls-csv"),
        ("latin1.csv", "llm-calls-csv"),
        ("utf16.csv", "llm-calls-csv"),
    ],
)
def test_a_sample_is_recognised(name: str, format: str):
    assert parse_sample(name).format == format


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
    assert (record.measured_at, record.time_basis) == ("2025-03-04T08:15:30.250000Z", "utc")


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


@pytest.mark.parametrize(
    ("row", "reason", "column"),
    [
        (4, "connection refused", "error"),  # zeros beside an error text
        (5, "timed out", "error"),  # blank cells
    ],
)
def test_a_failed_run_is_not_a_zero(row: int, reason: str, column: str):
    record = parse_sample("prompt_suite_runs.csv").records[row - 1]
    assert record.readings == ()
    assert record.failure is not None
    assert record.failure.reason == reason
    assert record.failure.locator == f"row={row},column={column}"


def test_what_was_not_measured_and_written_as_minus_one_is_no_time():
    parsed = parse_text("model,ttft_s,tokens_s\nyi:6b,-1,-1\nyi:6b,-1,20.5\n")
    nothing, half = parsed.records
    assert nothing.failure is not None
    assert nothing.failure.reason == "'-1' is negative, as no time, rate or count is"
    assert numbers_of(half) == {"decode_rate": 20.5}
    assert [refusal.locator for refusal in parsed.refusals] == ["row=2,column=ttft_s"]


@pytest.mark.parametrize(
    ("answer", "tokens", "failed"),
    [
        ("Error: model runner has stopped", None, True),
        ("HTTPConnectionPool(host='10.0.0.3', port=11434): Max retries exceeded", 0, True),
        ("requests.exceptions.ReadTimeout", None, False),
        ("Error handling has three parts: try, except, finally.", None, False),
        ("The timeout is 30 s.", None, False),
        # the model said so itself
        ("TypeError: that is what Python calls it.", 12, False),
    ],
)
def test_an_error_in_place_of_an_answer_is_a_failed_run_whatever_success_says(
    answer: str, tokens: int | None, failed: bool
):
    call = {"model": "yi:6b", "success": True, "response": answer, "ttft_ms": 90.5, "load_ms": 7.5}
    parsed = parse_text(json.dumps({"results": [call | {"eval_count": tokens}]}), name="calls.json")

    [record] = parsed.records

    assert (record.failure is not None) is failed
    if record.failure:
        assert (record.failure.reason, record.failure.recorded_as) == (answer, "result")


@pytest.mark.parametrize(
    ("column", "said", "reason"),
    [
        ("status", "Timed out", "its status is Timed out"),
        ("status", "503", "its status is 503"),
        ("outcome", "OOM", "its outcome is OOM"),
        ("ok", "False", "marked as not successful, no reason given"),
    ],
)
def test_numbers_beside_a_word_for_failure_are_no_results(column: str, said: str, reason: str):
    parsed = parse_text(f"ttft_s,tokens_s,{column}\n0.5,10.0,{said}\n")
    failure = parsed.records[0].failure
    assert failure is not None
    assert (failure.reason, failure.locator) == (reason, f"row=1,column={column}")
    assert parsed.records[0].readings == ()


@pytest.mark.parametrize(
    ("column", "said"),
    [("status", "ok"), ("status", "200"), ("status", "0"), ("status", ""), ("outcome", "stop")],
)
def test_a_status_that_is_no_failure_leaves_the_numbers(column: str, said: str):
    parsed = parse_text(f"ttft_s,tokens_s,{column}\n0.5,10.0,{said}\n")
    assert parsed.records[0].failure is None
    assert numbers_of(parsed.records[0]) == {"ttft": 500.0, "decode_rate": 10.0}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("0.0,0.00,0,", "every result is zero, no error recorded"),
        (",,,", "every result is blank, no error recorded"),
        ("0.5,0.0,0,", "no token was generated"),
        ("nan,inf,NaN,", "'nan' is no finite number"),
        ("0.5,9.0,9,x", "x"),
    ],
)
def test_a_row_without_a_result_failed_even_if_it_does_not_say_so(row: str, reason: str):
    parsed = parse_text(f"ttft_s,tokens_s,eval_count,error\n0.5,10.0,20,\n{row}\n")
    failure = parsed.records[1].failure
    assert failure is not None
    assert failure.reason == reason
    assert parsed.records[1].readings == ()


@pytest.mark.parametrize("word", ["None", "null", "nan", ""])
def test_an_error_cell_that_says_there_is_none_is_no_error(word: str):
    parsed = parse_text(f"ttft_s,tokens_s,eval_count,error\n0.5,10.0,20,{word}\n")
    assert parsed.records[0].failure is None


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
        "'12,5' is no finite number",
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


def test_an_unknown_file_is_profiled_and_gives_no_numbers():
    outcome = parse_bytes("x.csv", b"host,wall_ms,peak (GB),n\na,1.5,2,3\nb,2.5,4,x\n")
    assert isinstance(outcome, Unparsed)
    assert outcome.reason == (
        "delimited table of no known format: 2 rows, columns host (texts), "
        "wall_ms (numbers 1.5 to 2.5, in ms?), peak (GB) (numbers 2 to 4, in GB?), n (mixed 3)"
    )
    outcome = parse_bytes("x.jsonl", b'{"a": 1, "b": {"c": 2}}\n{"a": 5}\n{"a"\n')
    assert isinstance(outcome, Unparsed)
    assert outcome.reason == (
        "JSON Lines of no known format: 3 lines, fields a (numbers 1 to 5), b (objects)"
    )


def test_every_number_of_a_write_up_is_a_claim():
    parsed = parse_sample("write_up.md")
    assert {r.kind for record in parsed.records for r in record.readings} == {"claimed"}
    assert [(record.name, numbers_of(record)) for record in parsed.records] == [
        ("line=4", {"mean latency": 0.5}),
        ("line=5", {"mean latency": 0.25, "compile_time": 125.0}),
        ("line=9", {"decode_rate": 1203.5, "ttft": 60.0}),
        ("line=10", {"mean decode_rate": 99.0, "ttft": 449.0}),  # 99 ± 2
        ("line=14,column=Tinyfox:1b", {"mean decode_rate": 51.0}),
        ("line=15,column=Tinyfox:1b", {"mean ttft": 92.5}),
    ]
    assert parsed.records[2].config == {"num_gpu": 40, "temperature": 0.8}
    assert parsed.records[3].config == {"num_gpu": 60, "temperature": 0.8}
    assert parsed.records[4].subject == "tinyfox:1b"
    assert parsed.records[5].phase == "warm"


def test_what_a_write_up_does_not_state_as_one_number_is_refused():
    said = {refusal.locator for refusal in parse_sample("write_up.md").refusals}
    assert said == {
        "line=6",  # a run that failed, with zeros
        "line=14,column=Value",  # ~50
    }


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("x.csv", b"", "empty file"),
        ("x.csv", b"a,b\n1,2\n", "columns a (numbers 1), b (numbers 2)"),
        ("x.json", b'{"a": {"b": 1}}', "keys a (objects)"),
        ("x.json", b"[1, 2", "not valid JSON"),
        ("x.json", b"[" * 200_000, "nested too deeply"),
        ("x.txt", b"Eval rate was fine.", "no known format"),
        ("x.bin", b"\x00\x01\x02\x03", "binary data"),
        ("x.bin", b"\x89PNG\r\n\x1a\n\x00\x00", "binary data"),
        ("x.csv", b"a," * 20_000, "20,001 columns"),
        ("x.csv", b"ttft_s,tokens_s\n" + b"1" * 5_000_000, "5,000,000 characters"),
        ("x.md", b"# Only prose\n\nIt ran at 50 tok/s.\n", "no table"),
        ("x.csv", b"\xff\xfea", "UTF-16"),
        ("x.csv", b"ttft_s,tokens_s\n", "no records"),
    ],
)
def test_a_file_that_says_nothing_is_listed_with_the_reason(name: str, data: bytes, said: str):
    outcome = parse_bytes(name, data)
    assert isinstance(outcome, Unparsed)
    assert said in outcome.reason


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("x.csv", b"", "empty"),
        ("x.csv", b"# only a comment\n", "empty"),
        ("x.json", b"[1, 2", "unreadable"),
        ("x.csv", b"\xff\xfea", "unreadable"),
        ("x.bin", b"\x00\x01\x02\x03", "binary"),
        ("x.json", b'{"a": 1}', "unknown-format"),
        ("x.txt", b"Eval rate was fine.", "unknown-format"),
        ("x.md", b"# Only prose\n", "no-numbers"),
    ],
)
def test_the_reason_has_a_code_that_no_rewording_changes(name: str, data: bytes, code: str):
    outcome = parse_bytes(name, data)
    assert isinstance(outcome, Unparsed)
    assert outcome.code == code


def test_an_error_message_in_mangled_utf16_is_told_in_its_own_words():
    outcome = parse_bytes("x.csv", (SAMPLES / "mangled_utf16.csv").read_bytes())
    assert isinstance(outcome, Unparsed)
    assert outcome.reason == "unreadable UTF-16, encoded a second time; it says '== bad flag'"


def test_half_a_character_does_not_stop_the_reading():
    text = '{"model": "\\ud83d", "results": [{"ttft_s": 1, "tokens_s": 2, "prompt": "\\ud800x"}]}'
    parsed = parse_text(text, name="x.json")
    assert parsed.records[0].config["prompt"] == "\N{REPLACEMENT CHARACTER}x"


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("ttft_s", ("ttft", "value", "ms", "s")),
        ("mean_ttft_s", ("ttft", "mean", "ms", "s")),
        ("eval_s_mean", ("eval_time", "mean", "ms", "s")),
        ("P95 TTFT (s)", ("ttft", "p95", "ms", "s")),
        ("Mean Tokens/s", ("decode_rate", "mean", "tok/s", "tok/s")),
        ("tokens_s", ("decode_rate", "value", "tok/s", "tok/s")),
        ("median_decode_tokens_per_s", ("decode_rate", "median", "tok/s", "tok/s")),
        ("Peak Throughput (tok/s)", ("decode_rate", "max", "tok/s", "tok/s")),
        ("Std (ms)", ("latency", "stddev", "ms", "ms")),
        ("Compile Time (s)", ("compile_time", "value", "ms", "s")),
        ("VRAM (GB)", ("vram", "value", "bytes", "GB")),
        ("model_size_bytes", ("model_size", "value", "bytes", "bytes")),
        ("Throughput", ("decode_rate", "value", None, None)),
        ("eval_count", ("output_tokens", "value", "tokens", None)),
    ],
)
def test_a_column_is_understood_however_people_write_it(name: str, meaning: tuple[str | None, ...]):
    found = read_column(name)
    assert found is not None
    unit = found.unit.canonical if found.unit else None
    assert (found.metric, found.statistic, unit, found.raw_unit) == meaning


@pytest.mark.parametrize(
    "name",
    [
        "TTFT Δ (ms)",  # a difference, not a TTFT
        "Throughput Delta",
        "Efficiency (tok/s per GB)",
        "Tokens per GB",
        "tokens",
        "mean",
        "time",
        "ttft (cats)",
        "",
    ],
)
def test_a_column_of_another_quantity_means_nothing(name: str):
    assert read_column(name) is None


@pytest.mark.parametrize(
    ("text", "setting"),
    [
        ("40.00", 40),
        ("0.800000011920929", 0.8),
        ("0.8999999761581421", 0.9),
        ("0.1", 0.1),
        ("1e-7", 1e-7),
        ("q4_0", "q4_0"),
        ("", None),
    ],
)
def test_a_setting_is_the_same_however_it_was_written(text: str, setting: object):
    assert read_setting(text) == setting
    assert type(read_setting(text)) is type(setting)


def test_a_long_prompt_is_shortened_and_still_told_from_another():
    one, other = (read_setting("x" * 500 + end) for end in "ab")
    assert isinstance(one, str)
    assert len(one) < 200
    assert one != other


@pytest.mark.parametrize(
    ("text", "time", "basis"),
    [
        ("2025-10-02T19:18:24.204845+00:00", "2025-10-02T19:18:24.204845Z", "utc"),
        ("2025-10-02T19:18:24Z", "2025-10-02T19:18:24Z", "utc"),
        ("2025-10-02T19:18:24+02:00", "2025-10-02T19:18:24+02:00", "offset"),
        ("2025-09-30T20:11:33", "2025-09-30T20:11:33", "naive"),
        ("2025-09-30 20:11:33", "2025-09-30T20:11:33", "naive"),
        (Numeral("1759197058.25"), "2025-09-30T01:50:58.250000Z", "utc"),
    ],
)
def test_a_time_says_what_it_can_be_compared_with(text: str, time: str, basis: str):
    assert read_time(text) == (time, basis)


@pytest.mark.parametrize("text", ["yesterday", "2025-13-45T99:00:00", "", "77.5"])
def test_what_is_no_time_is_none(text: str):
    assert read_time(text) is None


def test_a_model_without_a_tag_is_the_latest():
    assert read_ollama_model("gemma3") == "gemma3:latest"
    assert read_ollama_model("registry.ollama.ai/library/gemma3:1b") == "gemma3:1b"


@pytest.mark.parametrize("path", sample_files(), ids=lambda path: path.name)
def test_no_sample_holds_a_number_that_is_not_what_its_text_says(path):
    assert_text_gives_value(path.name, path.read_bytes())


def test_no_number_of_the_corpus_is_other_than_its_text_says():
    for path in artifact_files(CORPUS):
        assert_text_gives_value(path.name, path.read_bytes())


def assert_text_gives_value(name: str, data: bytes) -> None:
    outcome, places = parse_bytes(name, data), Places(data)
    for record in outcome.records if isinstance(outcome, Parsed) else ():
        for reading in record.readings:
            value = read_value(places.read(reading.locator), reading.raw_unit)
            assert value == reading.value, reading


_CELL = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True).map(repr),
    st.sampled_from(["", "0", "NaN", "1e400", "-1", "1,234", '"a', "x\n", "\x00", "é"]),
    st.text(max_size=5),
)


@settings(max_examples=300)
@given(
    header=st.lists(
        st.sampled_from(["ttft_s", "tokens_s", "eval_count", "error", "model", "options", "x", ""]),
        min_size=1,
        max_size=6,
    ),
    rows=st.lists(st.lists(_CELL, max_size=7), max_size=6),
)
def test_no_table_however_broken_stops_the_reading(header: list[str], rows: list[list[str]]):
    text = "\n".join(",".join(row) for row in [header, *rows])
    assert_text_gives_value("x.csv", text.encode("utf-8", "surrogatepass"))


_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=4)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["results", "models", "model", "ttft_s", "tokens_s", "options", "n"]),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=12,
)


@settings(max_examples=300)
@given(document=_JSON)
def test_no_json_however_odd_stops_the_reading(document: object):
    assert_text_gives_value("x.json", json.dumps(document).encode())


@settings(max_examples=300)
@given(data=st.data())
def test_no_damaged_sample_stops_the_reading(data: st.DataObject):
    path = data.draw(st.sampled_from(sample_files()))
    whole = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(0, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(whole)))
    assert_text_gives_value(path.name, bytes(whole[:cut]))


def test_a_meaning_without_a_unit_keeps_its_number_out_of_facts():
    assert read_column("Throughput") == Meaning("decode_rate", "value", None, None)


@pytest.mark.parametrize("path", sample_files(), ids=lambda path: path.name)
def test_every_way_of_computing_that_a_number_names_is_explained(path: Path):
    parsed = parse_bytes(path.name, path.read_bytes())
    records = parsed.records if isinstance(parsed, Parsed) else ()
    named = {reading.definition for record in records for reading in record.readings}
    assert named - {None} <= DEFINITIONS.keys()


def test_a_web_page_is_listed_as_one():
    outcome = parse_bytes("report.html", b"<!DOCTYPE html>\n<html><body>5 ms</body></html>")
    assert isinstance(outcome, Unparsed)
    assert outcome.reason.startswith("a web page, made for reading")


def test_a_table_begins_below_the_prose_above_its_header():
    text = "Measured on the bench\nRun 3, warm, of 5\n\nmodel,ttft_ms\na:1b,12.5\nb:1b,13.5\n"
    outcome = parse_bytes("x.csv", text.encode())
    assert isinstance(outcome, Parsed)
    numbers = [(r.locator, r.value) for record in outcome.records for r in record.readings]
    assert ("row=1,column=ttft_ms", 12.5) in numbers
    # one line of prose with commas, and more below it, is no table
    assert isinstance(parse_bytes("x.csv", b"Measured\nwarm, on the bench\nand cold\n"), Unparsed)
