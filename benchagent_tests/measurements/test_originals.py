import pytest

from benchagent.measurements.originals import match_names


@pytest.mark.parametrize(
    ("summary", "raw"),
    [
        ("r/a/prompt_suite_summary.json", "r/a/prompt_suite_runs.csv"),
        ("r/a/tuning_summary.csv", "r/a/tuning.csv"),
        ("r/a/bench_summary.json", "r/a/bench_calls.csv"),
        ("r/b/tuning_summary.csv", None),  # only in another folder
        ("r/a/tuning.csv", None),  # no summary
    ],
)
def test_a_summary_is_tied_to_its_raw_rows_by_name(summary: str, raw: str | None):
    files = ["r/a/prompt_suite_runs.csv", "r/a/tuning.csv", "r/a/bench_calls.csv"]
    assert match_names([summary], files).get(summary) == raw


def test_two_candidates_are_no_certain_source():
    assert match_names(["r/x_summary.csv"], ["r/x.csv", "r/x_runs.csv"]) == {}
