"""Columns that name their test (`pp512_tok_s`): what stands there is of that workload."""

import pytest

from benchagent_tests.artifacts import numbers_of, parse_document, parse_text

TOLD = [
    ("pp512_tok_s", "pp512", "prefill_rate"),
    ("pp 1024 t/s", "pp1024", "prefill_rate"),
    ("mean_tg128_tok_s", "tg128", "mean decode_rate"),
    ("t/s (tg128)", "tg128", "decode_rate"),
    ("prefill_2048_tps", "prefill_2048", "prefill_rate"),
    ("Prompt 8k (tok/s)", "prompt_8k", "prefill_rate"),
]


@pytest.mark.parametrize(("label", "workload", "metric"), TOLD)
def test_a_rate_is_of_the_test_that_its_column_names(label: str, workload: str, metric: str):
    [record] = parse_text(f"model,{label}\nkiwi:1b,812.5\n").records
    assert (numbers_of(record).keys(), record.config) == ({metric}, {"workload": workload})


@pytest.mark.parametrize("label", ["pp_tok_s", "prefill_tps"])
def test_a_rate_whose_column_names_no_length_is_of_no_workload(label: str):
    [record] = parse_text(f"model,{label}\nkiwi:1b,812.5\n").records
    assert record.config == {}


@pytest.mark.parametrize(
    "label",
    [
        "decode_64_tps",  # of a batch, perhaps
        "gen 2 tok/s",  # the second generation of a machine
        "prompt 3 tok/s",  # the third one
        "tg128@d4096 t/s",  # behind a context
    ],
)
def test_a_number_in_a_heading_that_may_be_no_length_is_not_read(label: str):
    parsed = parse_text(f"model,{label},ttft_ms\nkiwi:1b,812.5,90\n")
    assert [numbers_of(record) for record in parsed.records] == [{"ttft": 90.0}]


def test_the_tests_of_one_row_are_records_of_their_own_beside_what_is_of_none():
    parsed = parse_text(
        "model,threads,pp512_tok_s,pp1024_tok_s,peak_rss_mb\nkiwi:1b,4,812.5,700,900\n"
    )
    assert [(r.name, r.config, numbers_of(r)) for r in parsed.records] == [
        (
            "row=1,column=pp512_tok_s",
            {"num_thread": 4, "workload": "pp512"},
            {"prefill_rate": 812.5},
        ),
        (
            "row=1,column=pp1024_tok_s",
            {"num_thread": 4, "workload": "pp1024"},
            {"prefill_rate": 700.0},
        ),
        ("row=1", {"num_thread": 4}, {"max memory": 9e8}),
    ]


def test_rows_that_are_out_of_the_order_of_their_times_keep_it_for_each_test():
    rows = ["10:02:00,3,1", "10:01:00,2,1", "10:00:00,1,1"]
    times = [f"2026-01-05T{row}" for row in rows]
    parsed = parse_text("timestamp,pp512_tok_s,tg128_tok_s\n" + "\n".join(times) + "\n")
    assert [record.sequence for record in parsed.records] == [2, 2, 1, 1, 0, 0]


def test_tests_under_the_name_of_a_model_are_of_that_model():
    found = {"finch:1b": {"pp512_tok_s": 812.5, "tg128_tok_s": 44}}
    records = parse_document({"models": found | {"wren:3b": {"pp512_tok_s": 9, "tg128_tok_s": 4}}})
    assert [(r.subject, r.config["workload"]) for r in records] == [
        ("finch:1b", "pp512"),
        ("finch:1b", "tg128"),
        ("wren:3b", "pp512"),
        ("wren:3b", "tg128"),
    ]


def test_a_setting_in_a_heading_stands_beside_its_test():
    parsed = parse_text("model,pp512 t/s (threads=4),pp512 t/s (threads=8)\nlark:3b,90,81\n")
    assert [dict(r.config) for r in parsed.records] == [
        {"num_thread": 4, "workload": "pp512"},
        {"num_thread": 8, "workload": "pp512"},
    ]


def test_a_row_that_failed_is_one_failed_run_of_no_test():
    parsed = parse_text(
        "model,pp512_tok_s,tg128_tok_s,error\nkiwi:1b,9,4,\nkiwi:1b,,,out of memory\n"
    )
    assert [(r.config, r.failure is not None) for r in parsed.records][2:] == [({}, True)]
