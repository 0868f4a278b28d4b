"""Settings that only the name of a file or folder tells."""

import json
from typing import Any

import pyarrow as pa
import pytest

from benchagent.measurements.path_settings import (
    fill_settings,
    find_settings_in_path,
    tell_settings,
)


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("qwen_ngl8_r2.csv", {"num_gpu": 8}),
        ("ctx4096/threads-4/a.csv", {"num_ctx": 4096, "num_thread": 4}),
        ("a_n_ctx=8k_bs16.csv", {"num_ctx": "8k", "batch_size": 16}),
        ("a_temperature0.7.csv", {"temperature": 0.7}),
        ("a_temperature0.7", {"temperature": 0.7}),
        ("max-tokens_256/clients32.json", {"num_predict": 256, "concurrency": 32}),
        ("ngl8/again_ngl8.csv", {"num_gpu": 8}),
        # threads, a temperature or a card; a batch of runs or of a size; a temporary file
        ("t4_b512_batch2_temp1.csv", {}),
        ("ngl0-33.csv", {}),  # a range
        ("threads_4_8.csv", {}),
        ("ctx2048_vs_4096.csv", {}),
        ("ngl8/ngl16.csv", {}),
        ("context_2.csv", {}),
        ("strangl8.csv", {}),
        ("ngl8b.csv", {}),
    ],
)
def test_a_path_tells_options_of_one_meaning_and_one_number(
    path: str, told: dict[str, Any]
) -> None:
    assert find_settings_in_path(path) == told


def test_paths_tell_nothing_of_files_that_a_tool_wrote() -> None:
    assert tell_settings("ngl8.csv", "result-rows") == '{"num_gpu":8}'
    assert tell_settings("ngl8.csv", "llama-bench") is None
    assert tell_settings("a.csv", "result-rows") is None


def test_what_any_record_of_a_file_says_of_an_option_its_path_does_not() -> None:
    rows = [
        ("a.csv", '{"num_gpu":8}', "{}"),
        ("a.csv", '{"num_gpu":8}', '{"seed":1}'),
        ("b.csv", '{"num_gpu":8}', '{"num_gpu":16}'),
        ("b.csv", '{"num_gpu":8}', "{}"),
        ("c.csv", None, "{}"),
    ]
    columns = [
        pa.chunked_array([pa.array(column, pa.string())]) for column in zip(*rows, strict=True)
    ]
    filled = [json.loads(text) for text in fill_settings(*columns).to_pylist()]
    assert filled == [{"num_gpu": 8}, {"num_gpu": 8, "seed": 1}, {"num_gpu": 16}, {}, {}]
