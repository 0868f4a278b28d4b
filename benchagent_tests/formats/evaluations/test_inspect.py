"""Logs of inspect_ai, plain and packed."""

import io
import zipfile

import pytest

from benchagent.formats import parse_bytes
from benchagent.measurements.locators import Places
from benchagent.measurements.packed import archives
from benchagent.measurements.readings import Parsed, Unparsed
from benchagent_tests.artifacts import numbers_of, parse_sample, parse_text


def test_an_inspect_log_gives_scores_and_samples():
    parsed = parse_sample("inspect_log.json")
    scores, samples = parsed.records[:2], parsed.records[2:]
    assert [record.config["scorer"] for record in scores] == ["includes", "match"]
    assert {r.n for record in scores for r in record.readings} == {3}
    assert [record.repetition for record in samples] == [0, 1] * 3 or len(samples) == 6
    assert numbers_of(samples[0]) == {
        "latency": 8343.0,
        "inspect:working_time": 6783.0,
        "prompt_tokens": 35.0,
        "output_tokens": 12.0,
    }


def test_a_metric_of_inspect_is_a_spread_of_the_mean_beside_it_or_nobody_knows_of_what():
    text = (
        '{"version": 2, "status": "success", "eval": {"task": "t", "model": "m"}, "stats": {},'
        ' "results": {"scores": [{"name": "f1", "scored_samples": 4, "metrics": {'
        '"mean": {"value": 0.5}, "std": {"value": 0.2}, "bootstrap_stderr": {"value": 0.1},'
        ' "rivers": {"value": 0.7}}}]}}'
    )
    (record,) = parse_text(text, name="x.json").records
    assert [(r.metric, r.statistic, r.n) for r in record.readings] == [
        ("inspect:mean", "mean", 4),
        ("inspect:mean", "stddev", 4),
        ("inspect:mean", "stderr", 4),
        # the mean of a group of samples, whose number is not told
        ("inspect:rivers", "value", None),
    ]


def test_an_inspect_log_that_was_only_begun_says_so():
    text = '{"version": 2, "status": "started", "eval": {"task": "t"}, "stats": {}}'
    outcome = parse_bytes("x.json", text.encode())
    assert isinstance(outcome, Unparsed)
    assert outcome.reason == "neither scores nor samples; its status is 'started'"


def test_an_archived_inspect_log_says_what_it_says_as_json():
    archived = parse_sample("inspect_log.eval")
    by_name = {
        (r.config.get("scorer"), r.config.get("prompt_index"), r.repetition): numbers_of(r)
        for r in archived.records
    }
    assert by_name == {
        (r.config.get("scorer"), r.config.get("prompt_index"), r.repetition): numbers_of(r)
        for r in parse_sample("inspect_log.json").records
    }
    assert archived.records[2].readings[0].locator == "/samples/0/total_time"


_HEADER = b'{"version": 2, "status": "success", "eval": {"task": "t"}, "stats": {}}'


_NOTHING = b'{"id": 1, "total_time": 1.5}'


def _pack(files: dict[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", packing) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        # a megabyte of blanks in one kB
        (
            _pack({"header.json": _HEADER, "samples/a.json": b" " * 2**20}),
            "more than 100,000 bytes",
        ),
        # a spreadsheet is one too
        (_pack({"xl/workbook.xml": b"<a/>"}), "save each of its sheets as CSV"),
        (_pack({"samples/a.json": b"{}"}), "which has a header.json"),
        (_pack({"header.json": b"[1]"}), "no JSON object"),
        (_pack({"header.json": b'{"eval": "\xff"}'}), "no UTF-8"),
        (_pack({"header.json": _HEADER})[:-30], "damaged"),
        (_pack({"header.json": _HEADER}, zipfile.ZIP_STORED).replace(b'"t"', b'"u"'), "damaged"),
    ],
)
def test_an_archive_that_is_no_whole_log_is_listed_with_the_reason(
    data: bytes, said: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(archives, "MOST_BYTES", 100_000)
    found = parse_bytes("x.eval", data)
    assert isinstance(found, Unparsed)
    assert said in found.reason


@pytest.mark.parametrize("packing", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
def test_a_log_is_read_however_it_is_packed(packing: int):
    data = _pack({"header.json": _HEADER, "samples/1_epoch_1.json": _NOTHING}, packing)
    found = parse_bytes("x.eval", data)
    assert isinstance(found, Parsed)
    assert numbers_of(found.records[0]) == {"latency": 1500.0}
    assert Places(data).read("/samples/0/total_time") == "1.5"


def test_the_samples_of_an_inspect_run_that_broke_are_failed_runs():
    records = parse_sample("inspect_error.json").records
    assert [record.readings for record in records] == [()] * 3
    assert {r.failure.reason for r in records if r.failure} == {
        "ConnectionError('no route to host')"
    }


def test_a_standard_error_of_inspect_is_of_the_mean_that_stands_beside_it():
    (record,) = parse_sample("inspect_old.json").records
    assert record.config["scorer"] == "exact"
    assert numbers_of(record) == {"mean inspect:mean": 0.75, "stderr inspect:mean": 0.1}


def test_a_score_of_inspect_that_is_no_number_is_refused():
    refused = [refusal.locator for refusal in parse_sample("inspect_old.json").refusals]
    assert refused == ["/results/metrics/bootstrap_std/value"]


def test_the_scores_of_inspect_may_be_called_scorers():
    text = (
        '{"version": 2, "status": "success", "eval": {"task": "t", "model": "m"}, "stats": {}, '
        '"results": {"scorers": [{"name": "fact", "metrics": {"accuracy": {"value": 1}}}]}}'
    )
    (record,) = parse_text(text, name="x.json").records
    assert record.name == "/results/scorers/0"
    assert numbers_of(record) == {"mean accuracy": 1.0}


def test_two_ways_of_reducing_epochs_are_two_settings():
    score = '{"name": "match", "reducer": "%s", "metrics": {"accuracy": {"value": 0.5}}}'
    text = (
        '{"version": 2, "status": "success", "eval": {"task": "t", "model": "m"}, "stats": {}, '
        f'"results": {{"scores": [{score % "mean"}, {score % "at_least_1"}]}}}}'
    )
    records = parse_text(text, name="x.json").records
    assert [record.config["reducer"] for record in records] == ["mean", "at_least_1"]


def test_an_inspect_run_that_broke_is_a_failed_run_although_samples_before_it_are_whole():
    text = (
        '{"version": 2, "status": "error", "eval": {"task": "t", "model": "m"}, "stats": {}, '
        '"samples": [{"id": 1, "epoch": 1}], "error": {"message": "out of memory"}}'
    )
    *_, run = parse_text(text, name="x.json").records
    assert run.failure is not None
    assert (run.failure.reason, run.failure.locator) == ("out of memory", "/error/message")
