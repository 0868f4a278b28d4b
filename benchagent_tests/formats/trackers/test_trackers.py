"""What experiment trackers give out: which of it is a run's result."""

from benchagent.formats import parse_bytes
from benchagent.measurements.readings import Parsed, Unparsed
from benchagent_tests.artifacts import SAMPLES, numbers_of, parse_sample, parse_text


def test_a_run_of_mlflow_has_its_last_metrics_and_the_parameters_of_its_owner():
    parsed = parse_sample("mlflow_runs.csv")
    _, first, *_ = parsed.records
    assert first.subject == "wren:1b"
    assert first.measured_at == ("2026-11-23T18:03:55.398000Z", "utc")
    assert numbers_of(first) == {
        "ttft": 196.80158950445684, "accuracy": 0.8200000000000001, "decode_rate": 31.93558672170452,
    }  # fmt: skip
    # what was asked of it is no result, though it has a result's name
    assert first.config == {"seed": 2, "num_ctx": 512, "max_latency_ms": 30000, "temperature": 0.2}
    assert first.readings[0].locator == "row=3,column=metrics.ttft_ms"


def test_a_run_of_mlflow_that_failed_still_runs_or_only_holds_others_has_no_result():
    parsed = parse_sample("mlflow_runs.csv")
    assert [record.name for record in parsed.records if record.failure] == ["row=2"]
    assert [refusal.locator for refusal in parsed.refusals] == ["row=1", "row=9"]


def test_a_chart_of_runs_and_steps_is_no_list_of_runs():
    outcome = parse_bytes("chart.csv", (SAMPLES / "wandb_chart.csv").read_bytes())
    assert isinstance(outcome, Unparsed)
    assert (outcome.format, outcome.code) == ("wandb-chart", "no-numbers")


def test_a_row_that_still_runs_is_refused_beside_rows_that_ended():
    header = "Name,State,model,ttft_ms,decode_tok_s\n"
    ended, runs = "a,finished,lark:3b,209,31.2\n", "b,running,lark:3b,101,51.2\n"
    parsed = parse_text(header + ended + runs)
    assert [record.name for record in parsed.records] == ["row=1"]
    assert [refusal.locator for refusal in parsed.refusals] == ["row=2"]
    # of a service that is up every row says so
    assert isinstance(parse_bytes("x.csv", (header + runs + runs).encode()), Parsed)
