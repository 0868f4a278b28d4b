"""Objects that stand under the levels of a setting, as a sweep's own script writes them."""

import json

import pytest

from benchagent.formats import parse_bytes
from benchagent.measurements.readings import Unparsed
from benchagent_tests.artifacts import parse_document

RATES = ({"decode_tps": 41.5}, {"decode_tps": 80.25})


@pytest.mark.parametrize(
    ("names", "settings"),
    [
        ({"threads": {"4": RATES[0], "8": RATES[1]}}, [{"num_thread": 4}, {"num_thread": 8}]),
        ({"by_batch_size": {"1": RATES[0], "8": RATES[1]}}, [{"batch_size": 1}, {"batch_size": 8}]),
        ({"ctx_512": RATES[0], "ctx_4096": RATES[1]}, [{"num_ctx": 512}, {"num_ctx": 4096}]),
        ({"ngl=0": RATES[0], "ngl=33": RATES[1]}, [{"num_gpu": 0}, {"num_gpu": 33}]),
    ],
)
def test_the_names_of_objects_are_levels_of_the_setting_that_is_named(
    names: dict[str, object], settings: list[dict[str, int]]
):
    records = parse_document({"model": "lark:3b", **names})
    assert [dict(record.config) for record in records] == settings
    assert [record.subject for record in records] == ["lark:3b"] * 2
    assert [record.readings[0].value for record in records] == [41.5, 80.25]


def test_levels_stand_under_models_and_quantisations():
    records = parse_document({"phi3:mini": {"Q4_0": {"threads": {"4": RATES[0], "8": RATES[1]}}}})
    assert [record.subject for record in records] == ["phi3:mini"] * 2
    assert dict(records[1].config) == {"quantization": "Q4_0", "num_thread": 8}


def test_runs_under_their_numbers_are_repetitions():
    records = parse_document({"model": "lark:3b", "runs": {"1": RATES[0], "2": RATES[1]}})
    assert [record.repetition for record in records] == [1, 2]


def test_the_tasks_on_which_a_model_was_graded_keep_its_scores_apart():
    records = parse_document(
        {"scores": {"phi3:mini": {"mmlu": {"acc": 0.61}, "arc": {"acc": 0.72}}}}
    )
    assert [dict(record.config) for record in records] == [{"task": "mmlu"}, {"task": "arc"}]
    assert [record.readings[0].metric for record in records] == ["accuracy"] * 2


def test_a_rate_that_grows_with_clients_is_of_all_of_them():
    loads = {"1": {"throughput_tok_s": 28.5}, "8": {"throughput_tok_s": 149.7}}
    records = parse_document({"model": "lark:3b", "concurrency": loads})
    assert [record.readings[0].metric for record in records] == ["throughput"] * 2


@pytest.mark.parametrize(
    "document",
    [
        # whose rate it is beside so many clients, nothing tells
        {"concurrency": {"1": {"throughput_tok_s": 28.5}, "8": {"throughput_tok_s": 29.1}}},
        {"model": "lark:3b", "results": {"4": RATES[0], "8": RATES[1]}},  # levels of what?
        {"phi3:mini": {"mean": {"acc": 0.4}, "std": {"acc": 0.1}}},  # no tasks
    ],
)
def test_names_that_tell_of_no_setting_are_not_guessed(document: object):
    assert isinstance(parse_bytes("own.json", json.dumps(document).encode()), Unparsed)


def test_numbers_that_a_list_names_one_by_one_are_of_one_run():
    numbers = [
        {"name": "decode_tokens_per_second", "value": 60.7, "unit": "tok/s"},
        {"name": "ttft_p50", "value": 181.1, "unit": "ms"},
        {"name": "load_time", "value": 3.4, "unit": "s"},
    ]
    [record] = parse_document({"model": "lark:3b", "commit": "9d5f6df", "results": numbers})
    assert (record.subject, dict(record.config)) == ("lark:3b", {"commit": "9d5f6df"})
    assert [(r.metric, r.statistic, r.value, r.locator) for r in record.readings] == [
        ("decode_rate", "summary", 60.7, "/results/0/value"),
        ("ttft", "median", 181.1, "/results/1/value"),
        ("load_time", "summary", 3400.0, "/results/2/value"),
    ]
