"""Which columns of numbers part the rows of a table, so that unlike runs are not called alike."""

import pytest

from benchagent.formats.machines.nvidia_smi import detect, parse
from benchagent.formats.tables.columns import read_column
from benchagent.formats.tables.setting_columns import is_setting
from benchagent.measurements.artifact import Artifact
from benchagent_tests.artifacts import parse_text


@pytest.mark.parametrize(
    ("label", "is_one"),
    [
        # how much there was of what a word names
        ("n_rows", True),
        ("num_heads", True),
        ("hidden_size", True),
        # an amount without a word of what: rows of 64 and of 256 of it are not alike
        ("n", True),
        ("n_samples", True),
        # a number of the row, or of what came out of it
        ("num", False),
        ("run_num", False),
        ("sample_size", False),
        ("n_errors", False),
        ("num_tokens", False),
        # a limit is set, whatever its unit
        ("power_limit_w", True),
        ("clock_cap_mhz", True),
        ("rate_limit_hits", False),
        ("capacity_gb", False),
    ],
)
def test_a_column_before_all_results_is_a_setting_by_its_name(label: str, is_one: bool):
    cells = ["64", "256"] * 4

    assert is_setting(label, cells, before_results=True) is is_one


@pytest.mark.parametrize(
    "cells",
    [
        ["1", "2", "3"] * 2,  # the numbers of the repetitions
        ["0", "0", "1", "1"],
        ["5"] * 6,  # how many runs each row is of
    ],
)
def test_an_amount_that_counts_on_or_stays_the_same_parts_no_rows(cells: list[str]):
    assert not is_setting("n", cells, before_results=True)


@pytest.mark.parametrize("label", ["call", "i", "iter", "query", "request", "seq"])
def test_what_numbers_the_calls_of_each_group_parts_no_rows(label: str):
    assert not is_setting(label, ["0", "1", "2", "3"] * 2, before_results=True)
    # so many of them each test had
    assert is_setting(label, ["4", "8", "16", "32"] * 2, before_results=True)


@pytest.mark.parametrize("label", ["threads", "depth", "n_seq"])
def test_what_people_turn_step_by_step_stays_a_setting(label: str):
    assert is_setting(label, ["1", "2", "3", "4"] * 2, before_results=True)


@pytest.mark.parametrize(
    ("label", "cells"),
    [
        ("board_temp_c", ["N/A"] * 4),  # nobody could tell
        ("p95_within_limit_met", ["True", "False"] * 2),
        ("run_stable", ["yes", "no"] * 2),
    ],
)
def test_what_nobody_could_tell_or_what_came_out_is_no_setting(label: str, cells: list[str]):
    assert not is_setting(label, cells, before_results=False)


@pytest.mark.parametrize(
    ("name", "metric"),
    [
        ("eval_rate_tok_s", "decode_rate"),
        ("Generation Rate (tok/s)", "decode_rate"),
        ("prompt_eval_rate_tps", "prefill_rate"),
    ],
)
def test_a_rate_may_be_named_and_have_its_unit_too(name: str, metric: str):
    found = read_column(name)

    assert found is not None
    assert (found.metric, found.unit and found.unit.canonical) == (metric, "tok/s")


def test_a_query_of_temperature_and_power_is_one_of_nvidia_smi():
    rows = "timestamp, name, temperature.gpu, power.draw [W]\n2025/03/04 05:06:07.000, NVIDIA L40, 61, 88.5 W\n"
    artifact = Artifact(rows.encode(), name_hint="watch.csv")

    assert detect(artifact)
    [record] = parse(artifact).records
    assert {each.metric: each.value for each in record.readings} == {
        "temperature_c": 61,
        "power": 88.5,
    }


@pytest.mark.parametrize("result", ["ttft_ms", "tok/s"])
def test_a_table_of_results_with_a_querys_columns_is_none_of_nvidia_smi(result: str):
    rows = f"model,memory.used [MiB],temperature.gpu,{result}\nphi3,4100,61,12\nphi3,4102,62,13\n"
    artifact = Artifact(rows.encode(), name_hint="mine.csv")

    assert not detect(artifact)


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("[12345.6] Under-voltage detected\n", "text"),
        ("[7] cache miss\n[8] cache hit\n", "text"),
        ("[7]\n", "json"),
        ("[7, 8]\n", "json"),
    ],
)
def test_a_log_that_begins_with_a_number_in_brackets_is_no_json(text: str, shape: str):
    assert Artifact(text.encode(), name_hint="log.txt").shape == shape


def test_names_under_the_name_of_a_quantity_are_levels_and_no_numbers_of_it():
    text = "model_size,beam,tok/s\nsmall,2,41.0\nbase,2,77.5\nsmall,4,39.5\n"
    parsed = parse_text(text)
    assert parsed.refusals == ()
    assert [record.config["model_size"] for record in parsed.records] == ["small", "base", "small"]


@pytest.mark.parametrize("cells", [("oom", "failed"), ("True", "False"), ("n/a", "n/a")])
def test_words_that_are_no_names_make_no_levels_of_a_quantity(cells: tuple[str, str]):
    parsed = parse_text(f"gpu,ttft_ms,tok/s\nA4000,{cells[0]},41.0\nA100,{cells[1]},77.5\n")
    assert all("ttft_ms" not in record.config for record in parsed.records)


@pytest.mark.parametrize(
    ("lengths", "is_one"), [("512 1024 512 1024", True), ("570 585 552 615", False)]
)
def test_the_tokens_of_a_context_are_a_setting_where_they_come_again(lengths: str, is_one: bool):
    rows = "".join(f"q4,{length},4{at}.0\n" for at, length in enumerate(lengths.split()))
    parsed = parse_text(f"cache,context_tokens,tok/s\n{rows}")
    assert ["context_tokens" in record.config for record in parsed.records] == [is_one] * 4


@pytest.mark.parametrize(
    ("label", "cells"),
    [
        ("power_mode", ("15W", "7W")),
        ("power_mode", ("15", "7")),
        ("mode", ("15W", "7W")),
        ("nvpmodel", ("0", "2")),
        ("tdp_w", ("28", "15")),
        ("power_budget_w", ("28", "15")),
    ],
)
def test_the_power_that_a_board_was_allowed_parts_its_runs(label: str, cells: tuple[str, str]):
    rows = "".join(f"kiwi:1b,9.5,{cell}\n" for cell in cells)
    configs = [record.config for record in parse_text(f"model,tok_s,{label}\n{rows}").records]
    assert configs[0] != configs[1]
    assert [*configs[0]] == [label]


@pytest.mark.parametrize(
    ("label", "cells"),
    [
        ("power", ("15W", "7W")),
        ("active", ("15 J (4 mWh)", "7 J (2 mWh)")),
        ("mode_ms", ("15", "7")),
        ("mode", ("15", "7")),
    ],
)
def test_what_a_board_drew_or_a_commonest_number_parts_no_runs(label: str, cells: tuple[str, str]):
    rows = "".join(f"kiwi:1b,9.5,{cell}\n" for cell in cells)
    assert [r.config for r in parse_text(f"model,tok_s,{label}\n{rows}").records] == [{}, {}]
