"""Statistics that only the name of a file tells."""

from pathlib import Path

import pytest

from benchagent.measurements.path_statistics import tell_statistic
from benchagent_tests.measurements.test_measurements import measure_folder


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("averages.csv", "mean"),
        ("out/gemma_averages_2026.csv", "mean"),
        ("avg_results.json", "mean"),
        ("ttft_mean.csv", "mean"),
        ("mean_latency_by_model.csv", "mean"),
        ("medians.csv", "median"),
        ("aggregated_results.csv", "summary"),
        ("aggregated_means.csv", "summary"),  # of which of both nothing tells
        # what a file is about is no statistic of it
        ("mean_reversion.csv", None),
        ("average_sized_models.csv", None),
        ("averages/run1.csv", None),
        ("meantime.csv", None),
        ("results.csv", None),
    ],
)
def test_a_name_tells_a_statistic_by_a_word_of_its_own(path: str, told: str | None) -> None:
    assert tell_statistic(path, "result-rows") == told


def test_the_names_of_files_that_a_tool_wrote_tell_no_statistic() -> None:
    assert tell_statistic("averages.csv", "llama-bench") is None


def test_the_numbers_of_a_file_that_is_called_averages_are_means(tmp_path: Path) -> None:
    row = "lark:3b,{},41.2\n"
    contents = {
        "averages.csv": "model,ttft_ms,tok_s\n" + row.format(212),
        "runs.csv": "model,ttft_ms,tok_s\n" + row.format(213),
        # what numbers its runs has runs
        "averages_of_each.csv": "model,run,ttft_ms,tok_s\nlark:3b,1,214,41.2\nlark:3b,2,215,40.1\n",
        # what a heading says is of more weight
        "averages_p95.csv": "model,p95_ttft_ms,tok_s\n" + row.format(216),
    }
    measured = measure_folder(tmp_path, {path: text.encode() for path, text in contents.items()})
    rows = measured.measurements.select(["source_path", "metric", "statistic"]).to_pylist()
    told = {(row["source_path"], row["metric"]): row["statistic"] for row in rows}
    assert told == {
        ("averages.csv", "ttft"): "mean",
        ("averages.csv", "decode_rate"): "mean",
        ("runs.csv", "ttft"): "value",
        ("runs.csv", "decode_rate"): "value",
        ("averages_of_each.csv", "ttft"): "value",
        ("averages_of_each.csv", "decode_rate"): "value",
        ("averages_p95.csv", "ttft"): "p95",
        ("averages_p95.csv", "decode_rate"): "summary",
    }
