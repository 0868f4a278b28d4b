"""What is measured beside speed: quality, work done, energy and cost."""

import pytest

from benchagent.formats.tables.columns import read_column
from benchagent.formats.tables.shares import UNTOLD
from benchagent.measurements.locators import read_value
from benchagent.quantities.metrics import find_metric
from benchagent_tests.artifacts import parse_text


@pytest.mark.parametrize(
    ("name", "metric", "unit", "worth"),
    [
        ("nDCG@10", "ndcg@10", None, None),
        ("ndcg_10", "ndcg@10", None, None),
        ("mean_recall_at_5", "recall@5", None, None),
        ("pass@1 (%)", "pass@1", "ratio", 0.01),
        ("wer_pct", "wer", "ratio", 0.01),
        ("ROUGE-L", "rouge_l", None, None),
        ("rtfx", "rtfx", "1", 1),
        ("images/s", "images_per_s", "images/s", 1),
        ("docs_per_second", "docs_per_s", "docs/s", 1),
        ("Throughput (sentences/sec)", "sentences_per_s", "sentences/s", 1),
        ("it/s", "iterations_per_s", "it/s", 1),
        ("s/it", "iteration_time", "ms", 1000),
        ("sec_per_step", "step_time", "ms", 1000),
        ("ms_per_query", "query_time", "ms", 1),
        ("energy_wh", "energy", "J", 3600),
        ("gpu_energy_joules", "energy", "J", 1),
        ("joules_per_output_token", "energy_per_token", "J/token", 1),
        ("kWh", "energy", "J", 3.6e6),
        ("Energy (mJ)", "energy", "J", 0.001),
        ("J/token", "energy_per_token", "J/token", 1),
        ("energy_per_token_mj", "energy_per_token", "J/token", 0.001),
        ("tokens_per_joule", "tokens_per_joule", "tok/J", 1),
        ("avg_power_w", "power", "W", 1),
        ("cost_usd", "cost", "USD", 1),
        ("$/1M tokens", "cost_per_mtok", "USD/1M tokens", 1),
        ("cost_per_1k_tokens_usd", "cost_per_mtok", "USD/1M tokens", 1000),
    ],
)
def test_a_quantity_beside_speed_is_known_by_its_name_and_unit(
    name: str, metric: str, unit: str | None, worth: float | None
):
    found = read_column(name)

    assert found is not None
    assert found.metric == metric
    assert (found.unit and found.unit.canonical) == unit
    assert (found.unit and found.unit.worth) == worth
    known = find_metric(metric)
    assert known is not None
    assert unit in (None, known.unit)


@pytest.mark.parametrize(
    "name",
    [
        "images_s",  # the seconds that they took, as often
        "images/min",
        "Energy (MJ)",  # a million joules, or a thousandth of one
        "MJ",
        "Mean MJ/token",
        "precision",  # of numbers
        "cost",  # in which currency?
        "input_cost_per_1m_tokens_usd",  # a price, and of one kind of token
        "wall_power_w",
        "mj",  # small letters may be anybody's
        "f1_macro",
        "s/1k",
    ],
)
def test_what_could_be_another_quantity_or_unit_means_nothing(name: str):
    found = read_column(name)

    assert found is None or (name == "mj" and found.unit is not None and found.unit.worth == 0.001)


def test_what_a_reader_wants_is_told_of_each_but_of_a_real_time_factor():
    wanted = {
        name: find_metric(name) for name in ("wer", "ndcg@3", "energy", "cost_per_mtok", "rtf")
    }

    assert {name: metric and metric.better for name, metric in wanted.items()} == {
        "wer": "lower",
        "ndcg@3": "higher",
        "energy": "lower",
        "cost_per_mtok": "lower",
        # some tools divide the audio's length by the time, others the time by the length
        "rtf": "neither",
    }


@pytest.mark.parametrize(
    ("name", "cells", "values"),
    [
        ("accuracy", ("0.71", "0.683"), [0.71, 0.683]),
        ("accuracy", ("71.3", "68"), [0.713, 0.68]),
        ("accuracy", ("71.3", "0"), [0.713, 0]),
        ("wer", ("8.4", "7.25"), [0.084, 0.0725]),
        ("BLEU", ("27.3", "31.0"), [0.273, 0.31]),
        ("nDCG@10", ("0.4", "0.52"), [0.4, 0.52]),
        ("WER (%)", ("0.9", "1.2"), [0.009, 0.012]),
    ],
)
def test_a_share_is_in_percent_if_its_column_can_be_nothing_else(
    name: str, cells: tuple[str, str], values: list[float]
):
    rows = "\n".join(f"wren:{at}b,{cell},{20 + at}" for at, cell in enumerate(cells))

    records = parse_text(f"model,{name},tok/s\n{rows}\n").records

    assert [record.readings[0].value for record in records] == pytest.approx(values)
    assert {record.readings[0].unit for record in records} == {"ratio"}
    for record, cell in zip(records, cells, strict=True):
        assert read_value(cell, record.readings[0].raw_unit) == record.readings[0].value


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("accuracy", ("0.71", "68.2")),  # both ways in one column
        ("wer", ("1.3", "1.1")),  # of 1.3 words to each, or of 1.3 %
        ("f1", ("71", "104")),
    ],
)
def test_a_share_whose_column_leaves_open_how_it_is_written_is_refused(
    name: str, cells: tuple[str, str]
):
    rows = "\n".join(f"wren:{at}b,{cell},{20 + at}" for at, cell in enumerate(cells))

    parsed = parse_text(f"model,{name},tok/s\n{rows}\n")

    assert {reading.metric for r in parsed.records for reading in r.readings} == {"decode_rate"}
    assert {(r.locator, r.reason) for r in parsed.refusals} == {
        (f"row={at},column={name}", UNTOLD) for at in (1, 2)
    }


def test_the_deviation_of_a_share_is_written_as_its_mean_is():
    text = "model,mean_accuracy,std_accuracy\nwren:1b,71.3,0.4\nwren:3b,80.1,0.9\n"

    found = [[r.value for r in record.readings] for record in parse_text(text).records]

    assert found == [pytest.approx([0.713, 0.004]), pytest.approx([0.801, 0.009])]


def test_a_table_of_a_write_up_has_shares_as_its_column_writes_them():
    text = "| Model | F1 | nDCG@10 |\n|---|---|---|\n| a | 66.4 | 0.41 |\n| b | **70.1** | 0.44 |\n"

    records = parse_text(text, name="x.md").records

    found = {(r.metric, r.value) for record in records for r in record.readings}
    assert found == {("f1", 0.664), ("f1", 0.701), ("ndcg@10", 0.41), ("ndcg@10", 0.44)}
