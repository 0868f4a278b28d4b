import json
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchagent.facts.derivations import derive_facts
from benchagent.facts.fact import DuplicateFactError, Evidence, Fact, in_order
from benchagent.facts.ids import Values
from benchagent.facts.recomputing import IrreproducibleError, recompute
from benchagent.facts.table import FACT_SCHEMA, facts_from_table, facts_table
from benchagent.measurements.measurement import MEASUREMENT_SCHEMA
from benchagent_tests.measured import (
    Row,
    a_failed_run,
    a_file,
    a_measurement,
    an_evidence,
    measured,
)


def derive(rows: list[Row], **evidence: Any) -> tuple[Fact, ...]:
    return derive_facts(an_evidence(rows, **evidence))


def pick(facts: tuple[Fact, ...], **wanted: Any) -> list[Fact]:
    return [f for f in facts if all(getattr(f, name) == value for name, value in wanted.items())]


def only(facts: tuple[Fact, ...], **wanted: Any) -> Fact:
    [found] = pick(facts, **wanted)
    return found


def a_sweep() -> list[Row]:
    """Two option values, five prompts, three rounds; the first call of all is cold."""
    rows, row = [], 0
    for round_ in range(3):
        for prompt in range(5):
            for num_ctx in (512, 1024):
                row += 1
                config = {"num_ctx": num_ctx, "prompt_index": prompt}
                phase = "cold" if row == 1 else "warm"
                rate = 40.0 + prompt + 0.013 * row + (2.0 if num_ctx == 512 else 0.0)
                wait = 3000.0 + row if phase == "cold" else 80.0 + 0.37 * row + round_
                common = {"row": row, "config": config, "phase": phase}
                rows.append(a_measurement(rate, **common))
                rows.append(a_measurement(wait, metric="ttft", **common))
    return rows


def test_servers_are_ranked_at_each_concurrency_by_itself() -> None:
    rates = {("heron", 1): 98.7, ("stork", 1): 83.7, ("heron", 16): 1234.4, ("stork", 16): 982.8}
    facts = derive(
        [
            a_measurement(rate, row=row, config={"server": server, "concurrency": asked})
            for row, ((server, asked), rate) in enumerate(rates.items(), start=1)
        ]
    )

    counts = pick(facts, about="configuration", statistic="configurations")
    assert [(fact.value, fact.option) for fact in sorted(counts, key=lambda f: str(f.option))] == [
        (2, "concurrency=1 server"),
        (2, "concurrency=16 server"),
    ]


# What never enters a statistic.


@pytest.mark.parametrize(
    "columns",
    [
        {"duplicate_of": "csv_data/runs.csv"},
        {"kind": "derived"},
        {"kind": "claimed"},
        {"unit": None},
        {"population": "errored"},
        {"value": float("inf")},
    ],
    ids=lambda columns: next(iter(columns)),
)
def test_what_was_not_measured_enters_no_median(columns: dict[str, object]):
    rows = [*measured([10.0, 11.0, 12.0]), {**a_measurement(900.0, row=4), **columns}]
    median = only(derive(rows), about="subject", method="median")
    assert (median.value, median.n) == (11.0, 3)


def test_what_is_still_true_of_a_failed_run_enters_no_median():
    rows = measured([10.0, 11.0, 12.0, 900.0])
    facts = derive(rows, failed=[a_failed_run("timed out", row=4)])
    assert only(facts, about="subject", method="maximum").value == 12.0
    assert only(facts, statistic="failed-runs").sources == ("reports/runs.csv#row=4",)


def test_a_failed_run_is_counted_and_is_not_a_zero():
    facts = derive(measured([10.0]), failed=[a_failed_run("boom", row=2)])
    assert only(facts, statistic="failed-runs").value == 1
    assert only(facts, about="subject").value == 10.0


def test_cold_and_warm_calls_stand_apart_and_their_mean_says_that_it_mixes_them():
    rows = [
        *measured([4000.0], metric="ttft", phase="cold"),
        *measured([90.0, 100.0, 110.0, 95.0, 105.0], first_row=2, metric="ttft", phase="warm"),
    ]
    facts = derive(rows)
    assert only(facts, about="subject", phase="cold").value == 4000.0
    assert only(facts, about="subject", phase="warm", method="median").value == 100.0
    mixed = only(facts, about="phase", method="mean")
    assert mixed.value == 750.0
    assert "cold and warm calls together" in mixed.label
    assert mixed.ci_low is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"definition": "ttft.client"}, {"definition": "ttft.load+prompt_eval"}),
        ({"unit": "ms"}, {"unit": "tok/s"}),
        ({"config": {"task": "arc"}}, {"config": {"task": "mmlu"}}),
        ({"statistic": "mean"}, {"statistic": "p95"}),
        ({"benchmark": "serving"}, {"benchmark": "llm-call"}),
        ({"subject": None, "path": "a.csv"}, {"subject": None, "path": "b.csv"}),
    ],
    ids=["definition", "unit", "task", "statistic", "benchmark", "unnamed"],
)
def test_numbers_of_two_kinds_are_never_pooled(one: Row, other: Row):
    rows = [
        a_measurement(10.0, metric="ttft", **one),
        a_measurement(30.0, metric="ttft", row=2, **other),
    ]
    assert sorted(f.value for f in pick(derive(rows), about="subject")) == [10.0, 30.0]


def test_a_run_told_as_csv_and_as_json_is_counted_once():
    told = [
        row
        for path in ("reports/a.csv", "reports/a.json")
        for place in (1, 2, 3)
        for row in (
            a_measurement(101.2345 + place, path=path, row=place),
            a_measurement(87.6543 * place, metric="ttft", path=path, row=place),
        )
    ]
    facts = derive(told)
    assert only(facts, about="subject", metric="decode_rate", method="median").n == 3
    assert only(facts, statistic="retold-runs").value == 3
    assert only(facts, statistic="retelling-files").sources == ("reports/a.json",)


def test_a_run_of_few_digits_is_counted_once_where_its_file_tells_others_again_and_another_has_it():
    told = [
        row
        for path, blunt in (("reports/a.csv", 3.0), ("reports/b.csv", 3.0), ("reports/c.csv", 4.0))
        for place, rate in enumerate((101.2345, 103.4567, blunt), start=1)
        for row in (
            a_measurement(rate, path=path, row=place),
            a_measurement(rate * 2, metric="ttft", path=path, row=place),
        )
    ]
    facts = derive(told)
    assert only(facts, statistic="retold-runs").sources == (
        "reports/b.csv#row=1",
        "reports/b.csv#row=2",
        "reports/b.csv#row=3",
        "reports/c.csv#row=1",
        "reports/c.csv#row=2",
    )


def test_equal_answers_of_a_deterministic_model_are_not_one_run_told_twice():
    rows = [
        row
        for path in ("reports/a.csv", "reports/b.csv")
        for row in (
            a_measurement(1234.0, metric="output_tokens", path=path),
            a_measurement(5678.0, metric="response_chars", unit="chars", path=path),
            a_measurement(0.5, metric="ttft", path=path),
        )
    ]
    assert only(derive(rows), statistic="retold-runs").value == 0


# What a statistic says.


def test_a_configuration_run_once_has_no_interval_and_no_spread():
    rows = [
        a_measurement(50.0, config={"num_ctx": 512}),
        a_measurement(55.0, config={"num_ctx": 1024}, row=2),
    ]
    once = only(derive(rows), about="configuration", value=50.0, kind="statistic")
    assert (once.n, once.spread, once.ci_low, once.method) == (1, None, None, "value")


def test_a_group_says_its_median_mean_range_and_spread():
    facts = derive(measured([1.0, 2.0, 3.0, 4.0, 10.0]))
    found = {f.method: f for f in pick(facts, about="subject")}
    assert {name: f.value for name, f in found.items()} == {
        "median": 3.0,
        "mean": 4.0,
        "minimum": 1.0,
        "maximum": 10.0,
    }
    assert found["mean"].spread == pytest.approx(12.5**0.5)
    assert found["mean"].ci_low is not None
    assert found["median"].ci_low is None


def test_the_settings_shared_by_all_samples_are_told_and_the_prompt_is_no_setting():
    config = {"num_ctx": 512, "top_p": 0.9}
    rows = [
        a_measurement(1.0, config={**config, "prompt_index": 1, "temperature": 0.1}),
        a_measurement(2.0, config={**config, "prompt_index": 2, "temperature": 0.7}, row=2),
    ]
    median = only(derive(rows), about="subject", method="median")
    assert json.loads(median.config or "") == config


@pytest.mark.parametrize(
    ("values", "has_interval"),
    [([50.0, 40.0, 51.0, 41.0, 52.0, 42.0, 53.0, 43.0], True), (list(range(40, 48)), False)],
    ids=["in turn", "drifting"],
)
def test_a_subject_whose_runs_follow_their_order_has_no_interval(
    values: list[float], has_interval: bool
):
    rows = [a_measurement(float(value), row=row) for row, value in enumerate(values, start=1)]
    for method in ("median", "mean"):
        fact = only(derive(rows), about="subject", method=method)
        assert (fact.ci_low is not None) == has_interval
        assert fact.spread


def test_what_the_subjects_name_says_is_no_setting():
    rows = [
        a_measurement(1.0, subject="big:8b-q4_0", config={"quantization": "q4_0"}),
        a_measurement(2.0, subject="big:8b-q4_0", config={}, row=2),
    ]
    assert pick(derive(rows), about="configuration") == []


def test_a_reported_mean_keeps_the_samples_and_the_spread_that_its_tool_gives():
    common = {"metric": "latency", "subject": "mlp", "benchmark": "compile", "n": 10}
    rows = [
        a_measurement(0.49, statistic="mean", **common),
        a_measurement(0.14, statistic="stddev", **common),
    ]
    mean = only(derive(rows), about="subject")
    assert (mean.value, mean.n, mean.spread) == (0.49, 10, 0.14)
    assert mean.label.startswith("mean latency of `mlp`")


def test_names_cannot_break_out_of_their_quotation():
    hostile = "x`{F0123456789ab}\n**bold**"
    label = only(derive(measured([1.0], subject=hostile)), about="subject").label
    assert r"`x\x60\x7bF0123456789ab\x7d\x0a**bold**`" in label


# What is set against what.


def test_an_option_is_judged_with_prompts_alike_and_without_cold_calls():
    facts = derive(a_sweep())
    medians = {
        f.level: f.value
        for f in pick(facts, about="option", metric="decode_rate", kind="statistic")
    }
    assert medians["512"] > medians["1024"]
    test = only(facts, about="option", metric="decode_rate", method="blocked-rank-permutation")
    assert test.n == 29
    assert test.value < 0.001
    assert only(facts, about="option", metric="decode_rate", method="holm").value < 0.01
    assert only(facts, about="option", metric="ttft", method="holm").value > 0.05


def test_options_that_were_always_changed_together_are_not_told_apart():
    rows = [
        a_measurement(v, row=i, config={"num_ctx": c, "num_gpu": g})
        for i, (v, c, g) in enumerate([(1.0, 512, 0), (2.0, 1024, 80)] * 6, 1)
    ]
    assert pick(derive(rows), about="option", kind="test") == []


def test_subjects_are_compared_where_settings_and_prompt_are_alike():
    rows = [
        a_measurement(v * s, row=i, subject=f"m{s}:1b", config={"prompt_index": i % 6})
        for s in (1, 2)
        for i, v in enumerate([50.0, 51.0, 49.0, 50.5, 49.5, 50.2], 1)
    ]
    other = measured([10.0, 11.0], subject="m3:1b", config={"num_ctx": 99})
    facts = derive([*rows, *other])
    ratio = only(facts, about="comparison", kind="ratio")
    assert (ratio.subject, ratio.of) == ("m2:1b", "m1:1b")
    assert ratio.value == pytest.approx(2.0, rel=0.02)
    assert ratio.ci_low is not None
    assert only(facts, about="comparison", kind="test", method="holm").value == pytest.approx(
        2 / 64
    )


def test_configurations_that_record_different_options_are_no_rivals():
    rows = [
        *measured([1.0, 2.0], config={}),
        *measured([3.0, 4.0], first_row=3, config={"temperature": 0.3}),
    ]
    assert pick(derive(rows), statistic="best-over-next") == []


# What the files amount to.


def test_files_are_counted_by_kind_root_and_outcome():
    files = [
        a_file("reports/a.csv", n_measurements=3),
        a_file("reports/b.csv", duplicate_of="reports/a.csv", n_measurements=3),
        a_file("csv_data/c.json", reason="empty file"),
        a_file("csv_data/d.json", content="text", reason_code="unreadable", reason="oops"),
    ]
    facts = derive(measured([1.0], path="reports/a.csv"), files=files, missing_roots=("artifacts",))
    assert only(facts, statistic="files").value == 4
    assert {f.of: f.value for f in pick(facts, statistic="files-of-kind")} == {"csv": 2, "json": 2}
    assert {f.of: f.value for f in pick(facts, statistic="files-in-root")} == {
        "csv_data": 2,
        "reports": 2,
    }
    assert only(facts, statistic="duplicate-files").sources == ("reports/b.csv",)
    assert only(facts, statistic="files-without-measurements").value == 2
    assert only(facts, statistic="unreadable-files").sources == ("csv_data/d.json",)
    missing = only(facts, statistic="files-in-missing-root")
    assert (missing.value, missing.of, missing.sources) == (0, "artifacts", ())


@pytest.mark.parametrize(
    "moment", ["2031-05-06T07:08:09Z", "2031-05-06T09:08:09+02:00", 1935817689]
)
def test_the_latest_modification_is_seconds_since_the_epoch(moment: object):
    files = [a_file("a.csv", modified_at=moment), a_file("b.csv", modified_at=None)]
    files = [{**file, "modified_at": file["modified_at"]} for file in files]
    latest = only(derive([], files=files), kind="time")
    assert (latest.value, latest.unit, latest.sources) == (1935817689.0, "utc", ("a.csv",))


def test_nothing_gives_counts_of_nothing():
    facts = derive([])
    assert {f.value for f in facts} == {0.0}


# Summaries and write-ups.


def _summary(stated: float, raw: str, **columns: Any) -> list[Row]:
    rows = measured([101.0, 102.0, 104.0], path="reports/raw.csv")
    summary = a_measurement(
        stated, path="reports/sum.csv", statistic="mean", raw_value=raw, **columns
    )
    return [*rows, {**summary, "derived_from": "reports/raw.csv"}]


def test_a_summary_agrees_within_the_digits_that_it_shows():
    facts = derive(_summary(102.3, "102.3", kind="derived"))
    assert only(facts, about="summary", statistic="agreeing").value == 1
    assert only(facts, about="summary", statistic="disagreeing").value == 0


@pytest.mark.parametrize(
    ("stated", "agreeing"),
    # tools take the lower one of the two in the middle, the upper one, or what lies between
    [(102.0, 1), (103.0, 1), (104.0, 1), (101.0, 0), (104.5, 0)],
)
def test_a_median_of_an_even_number_of_runs_lies_between_the_two_in_the_middle(
    stated: float, agreeing: int
):
    rows = measured([101.0, 102.0, 104.0, 109.0], path="reports/raw.csv")
    summary = a_measurement(
        stated,
        path="reports/sum.csv",
        statistic="median",
        raw_value=f"{stated:.3f}",
        kind="derived",
    )
    facts = derive([*rows, {**summary, "derived_from": "reports/raw.csv"}])
    assert only(facts, about="summary", statistic="agreeing").value == agreeing


def test_no_single_run_bears_out_what_sums_up_those_that_failed():
    facts = derive(_summary(110.0, "110.00", kind="derived", population="errored"))
    assert not [fact for fact in facts if fact.about == "summary"]


def test_a_summary_that_is_off_is_set_beside_its_raw_rows():
    facts = derive(_summary(110.0, "110.00", kind="derived"))
    assert only(facts, about="summary", statistic="disagreeing").value == 1
    ratio = only(facts, about="summary", kind="ratio")
    stated, raw = (next(f for f in facts if f.id == id) for id in ratio.facts)
    assert (stated.kind, stated.value, raw.n) == ("quoted", 110.0, 3)
    assert raw.value == pytest.approx(307 / 3)


def test_two_summaries_that_are_off_are_set_beside_one_fact_of_their_raw_rows():
    *rows, first = _summary(110.0, "110.00", kind="derived")
    second = {**first, "source_path": "reports/other.csv", "value": 120.0, "raw_value": "120.00"}
    facts = derive([*rows, first, second])

    ratios = [fact for fact in facts if fact.about == "summary" and fact.kind == "ratio"]
    assert sorted(round(ratio.value * 307 / 3) for ratio in ratios) == [110, 120]
    assert len({ratio.facts[1] for ratio in ratios}) == 1


def test_a_claim_is_judged_only_where_it_is_sure_what_it_is_about():
    two_files = [
        *_summary(110.0, "110.0", kind="claimed"),
        *measured([1.0, 2.0], path="reports/other.csv"),
    ]
    assert pick(derive(two_files), about="claim") == []
    one_file = _summary(110.0, "110.0", kind="claimed")
    assert only(derive(one_file), about="claim", statistic="disagreeing").value == 1


def test_a_claim_of_the_warm_mean_agrees_though_cold_calls_exist():
    rows = [
        *measured([5000.0], metric="ttft", phase="cold"),
        *measured([90.0, 110.0], first_row=2, metric="ttft", phase="warm"),
        a_measurement(
            100.0, metric="ttft", path="notes.md", statistic="mean", raw_value="0.100",
            raw_unit="s", kind="claimed",
        ),
    ]  # fmt: skip
    assert only(derive(rows), about="claim", statistic="agreeing").value == 1


def test_a_claim_is_borne_out_by_one_of_many_files():
    rows = [
        row
        for file in range(20)
        for row in measured([100.0 + file, 102.0 + file], path=f"reports/{file:02}.csv")
    ]
    stated = a_measurement(
        114.0, path="notes.md", statistic="mean", raw_value="114.0", kind="claimed"
    )
    facts = derive([*rows, stated])
    assert only(facts, about="claim", statistic="agreeing").value == 1


@pytest.mark.parametrize(("stated", "agreeing"), [(1.54, 1), (1.56, 0)])
def test_a_mean_of_rounded_numbers_may_be_off_by_their_rounding(stated: float, agreeing: int):
    rows = [
        a_measurement(value, row=row, raw_value=f"{value:.1f}")
        for row, value in enumerate([1.4, 1.6], start=1)
    ]
    summary = a_measurement(
        stated,
        path="reports/sum.csv",
        statistic="mean",
        raw_value=f"{stated:.3f}",
        kind="derived",
    )
    facts = derive([*rows, {**summary, "derived_from": rows[0]["source_path"]}])
    assert only(facts, about="summary", statistic="agreeing").value == agreeing


@pytest.mark.parametrize("spread", ["stddev", "stderr", "ci_low", "iqr"])
def test_a_stated_spread_is_not_held_against_the_range_of_the_raw_numbers(spread: str):
    rows = measured([100.0 + i for i in range(12)])
    spread_row = a_measurement(
        3.6, path="notes.md", statistic=spread, raw_value="3.6", kind="claimed"
    )
    assert pick(derive([*rows, spread_row]), about="claim") == []


def test_a_stated_percentile_beyond_every_raw_number_is_wrong():
    rows = measured([100.0 + i for i in range(12)])
    beyond = a_measurement(180.0, path="notes.md", statistic="p95", raw_value="180", kind="claimed")
    assert only(derive([*rows, beyond]), about="claim", statistic="disagreeing").value == 1


# Identity, order, storage, recomputation.


def _mixed() -> list[Row]:
    return [
        *a_sweep(),
        *measured([70.0, 71.5, 72.25], path="reports/b.csv", subject="other:7b"),
        a_measurement(
            41.0, path="reports/sum.csv", statistic="mean", kind="derived",
            derived_from="reports/runs.csv",
        ),
    ]  # fmt: skip


@given(st.permutations(range(len(_mixed()))))
@settings(max_examples=5)
def test_facts_do_not_depend_on_the_order_of_rows(order: list[int]):
    evidence = an_evidence(_mixed())
    measurements = evidence.measurements.select(MEASUREMENT_SCHEMA.names)
    shuffled = replace(evidence, measurements=measurements.take(pa.array(order)))
    assert derive_facts(shuffled) == derive_facts(evidence)


def test_facts_stand_in_the_order_of_names_whatever_their_measurements_are_numbered() -> None:
    evidence = an_evidence(_mixed())
    read = evidence.measurements.select(MEASUREMENT_SCHEMA.names)
    rows = [{**row, "id": row["id"] + 1000} for row in read.to_pylist()]
    measurements = pa.Table.from_pylist(rows, schema=read.schema)
    facts = derive_facts(evidence)
    renumbered = derive_facts(replace(evidence, measurements=measurements))
    assert [fact.id for fact in renumbered] != [fact.id for fact in facts]
    assert [fact.label for fact in renumbered] == [fact.label for fact in facts]


def test_every_fact_has_its_own_id_and_its_wording_is_no_part_of_it():
    facts = derive(_mixed())
    assert len({f.id for f in facts}) == len(facts)
    reworded = replace(facts[0], id="", label="in other words", value=facts[0].value + 1)
    assert reworded.id == facts[0].id


def test_a_fact_said_twice_is_an_error():
    fact = Fact(kind="count", label="files", value=1, unit="files", sources=("a",))
    with pytest.raises(DuplicateFactError, match=fact.id):
        in_order([fact, replace(fact, label="again")])


def test_facts_come_back_from_parquet_as_they_were(tmp_path):
    facts = derive(_mixed(), failed=[a_failed_run("boom", path="x.csv")])
    pq.write_table(facts_table(facts), tmp_path / "facts.parquet")
    stored = pq.read_table(tmp_path / "facts.parquet")
    assert stored.schema.equals(FACT_SCHEMA)
    assert facts_from_table(stored) == facts
    assert facts_table([]).num_rows == 0


def _values(evidence: Evidence) -> dict[int, float]:
    rows = evidence.measurements.select(["id", "value"]).to_pylist()
    return {row["id"]: row["value"] for row in rows}


def test_every_fact_can_be_computed_again():
    evidence = an_evidence(_mixed(), failed=[a_failed_run("boom", path="x.csv")])
    facts = derive_facts(evidence)
    by_id = {f.id: f for f in facts}
    times = {f["path"]: 1935817689.0 for f in evidence.files.to_pylist()}
    known: dict[str, float] = {}
    for fact in facts:
        again = recompute(fact, Values.of(_values(evidence)), by_id, modified_at=times, known=known)
        assert again == pytest.approx(fact.value, rel=1e-12), fact.label


def test_a_cell_that_changed_since_changes_what_is_computed_again():
    evidence = an_evidence(measured([1.0, 2.0, 3.0]))
    facts = derive_facts(evidence)
    changed = {**_values(evidence), 2: 30.0}
    maximum = only(facts, about="subject", method="maximum")
    assert recompute(maximum, Values.of(changed), {f.id: f for f in facts}) == 30.0


def test_a_fact_whose_cell_is_gone_cannot_be_computed_again():
    facts = derive(measured([1.0, 2.0, 3.0]))
    maximum = only(facts, about="subject", method="maximum")
    with pytest.raises(IrreproducibleError, match="rests on 2, which was not offered"):
        recompute(maximum, Values.of({0: 1.0, 1: 2.0}), {})


def test_a_load_of_requests_is_no_run_beside_them() -> None:
    path = "reports/serve.json"
    records = [f"{path}#", *(f"{path}#/ttfts/{at}" for at in range(3)), "reports/one.json#"]
    rows = [
        a_measurement(50.0 + at, record=record, path=record.partition("#")[0])
        for at, record in enumerate(records)
    ]

    counted = {fact.statistic: fact for fact in derive_facts(an_evidence(rows))}
    assert counted["runs"].sources == tuple(sorted(records[1:]))
    assert counted["measured-numbers"].value == 4
