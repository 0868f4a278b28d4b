"""Ollama's replies, what it prints under an answer, and its own benchmark."""

import pytest

from benchagent_tests.artifacts import numbers_of, parse_sample, parse_text, reading_at


def test_a_reply_of_ollamas_api_gives_its_nanoseconds():
    parsed = parse_sample("ollama_generate.json")
    (record,) = parsed.records
    assert parsed.format == "ollama-replies"
    assert record.subject == "smollm2:135m"
    assert record.measured_at
    assert record.measured_at.basis == "utc"
    assert set(numbers_of(record)) == {
        "total_time",
        "load_time",
        "prompt_eval_time",
        "eval_time",
        "prompt_tokens",
        "output_tokens",
    }
    reading = reading_at(parsed, "/total_duration")
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
    assert reading_at(parsed, "line=4,chars=23-34").raw_value == "2.139507449s"


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
