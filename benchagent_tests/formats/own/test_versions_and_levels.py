"""Settings that look like numbers and are none, or like none and are: versions, ranges, levels."""

import pytest

from benchagent_tests.artifacts import parse_text


def configs(label: str, *cells: str) -> list[object]:
    rows = [f"kiwi:1b,{cell},40.5\n" for cell in cells]
    parsed = parse_text(f"model,{label},tok/s\n" + "".join(rows))
    return [next(iter(record.config.values()), None) for record in parsed.records]


@pytest.mark.parametrize(
    ("label", "told"),
    [
        ("vllm_version", ["0.5.1", "0.6.0"]),
        ("vllm_version", ["0.10", "0.1"]),  # two versions, and one number
        ("build", [5640, 5641]),
        ("Driver version", ["550.120", "560.35.03"]),
        ("cuda_ver", ["12.4", "v12.6"]),
    ],
)
def test_numbers_of_two_versions_are_never_pooled(label: str, told: list[object]):
    assert configs(label, *map(str, told)) == told


def test_the_version_of_a_file_says_nothing_of_a_run():
    assert configs("schema_version", "1", "2") == [None, None]


@pytest.mark.parametrize(
    ("label", "told"),
    [
        ("layers on GPU", ["0-10", "11-20", 33]),
        ("offload_layers", ["all", 10]),
        ("draft_tokens_window", ["auto", 4]),
    ],
)
def test_what_a_knob_was_set_to_may_be_a_range_or_a_word(label: str, told: list[object]):
    assert configs(label, *map(str, told)) == told


def test_a_word_in_a_column_of_numbers_that_nobody_sets_makes_it_no_setting():
    assert configs("latency_index", "12.5", "OOM") == [None, None]


@pytest.mark.parametrize(
    ("label", "yes", "no"),
    [
        ("ok?", "\N{CHECK MARK}", "\N{BALLOT X}"),
        ("Success?", "yes", "no"),
        ("status", "\N{WHITE HEAVY CHECK MARK}", "\N{CROSS MARK}"),
        ("completed", "yes", "no"),
    ],
)
def test_a_row_that_is_crossed_out_has_failed(label: str, yes: str, no: str):
    parsed = parse_text(f"model,ctx,tok/s,{label}\nkiwi:1b,512,40,{yes}\nkiwi:1b,8192,3,{no}\n")
    assert [record.failure is not None for record in parsed.records] == [False, True]


def test_a_count_of_what_was_completed_fails_no_row():
    parsed = parse_text("model,tok/s,completed\nkiwi:1b,40,8\nkiwi:1b,41,0\n")
    assert [record.failure for record in parsed.records] == [None, None]


@pytest.mark.parametrize("label", ["shots", "lora_rank", "sparsity", "group_size", "target_rps"])
def test_what_is_always_set_is_a_setting_wherever_it_stands(label: str):
    assert configs(label, "2", "4", "8") == [2, 4, 8]


@pytest.mark.parametrize(
    ("label", "cells", "metrics"),
    [
        ("VRAM (GB)", ["12", "24"], {"decode_rate"}),  # of the card, perhaps
        ("RAM", ["16 GB", "32 GB"], {"decode_rate"}),
        ("ram_gb", ["8", "16"], {"decode_rate"}),
        ("VRAM (GB)", ["11.8", "24"], {"decode_rate", "vram"}),
        ("VRAM used (GB)", ["12", "24"], {"decode_rate", "vram"}),
        ("vram_mb", ["12", "24"], {"decode_rate", "vram"}),
    ],
)
def test_memory_of_a_size_that_is_sold_may_be_the_machines(
    label: str, cells: list[str], metrics: set[str]
):
    text = f"gpu,{label},decode tok/s\n" + "".join(f"card,{cell},40.5\n" for cell in cells)
    found = {r.metric for record in parse_text(text).records for r in record.readings}
    assert found == metrics


@pytest.mark.parametrize(
    ("label", "told"), [("peak_mem", [None, None]), ("machine_mem", ["14.1 GB", "14.2 GB"])]
)
def test_memory_that_a_run_took_does_not_part_it_from_others(label: str, told: list[object]):
    assert configs(label, "14.1 GB", "14.2 GB") == told


@pytest.mark.parametrize("label", ["params_b", "gpu_count", "dp"])
def test_sizes_of_models_and_counts_of_devices_part_rows(label: str):
    assert configs(label, "7", "13") == [7, 13]


def test_round_lengths_were_asked_for_and_others_counted():
    assert configs("output length", "128", "256") == [128, 256]
    assert configs("output length", "131", "256") == [None, None]
