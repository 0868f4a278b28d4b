"""Scores of lm-evaluation-harness and of lighteval."""

from benchagent_tests.artifacts import numbers_of, parse_sample, parse_text


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
