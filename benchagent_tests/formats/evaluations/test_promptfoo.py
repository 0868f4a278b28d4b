"""What promptfoo keeps and exports of its tests."""

from benchagent_tests.artifacts import numbers_of, parse_sample, parse_text


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


def test_promptfoos_table_has_a_score_for_each_prompt_and_provider_and_errors_failed():
    records = parse_sample("promptfoo.csv").records
    assert [(record.subject, numbers_of(record).get("score")) for record in records] == [
        ("echo", 1), ("echo", 1), ("breaks", None), ("breaks", None),
        ("echo", 0), ("echo", 0), ("breaks", None), ("breaks", None),
    ]  # fmt: skip
    assert records[1].config == {
        "prompt_template": "Repeat {{word}}, twice", "prompt_index": 0, "word": "wren"
    }  # fmt: skip
    failures = [record.failure for record in records if record.failure]
    assert {failure.reason for failure in failures} == {"its status is ERROR, no reason given"}
    assert failures[0].locator == "row=1,column=Status#3"
