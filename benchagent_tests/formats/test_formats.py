import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchagent.formats import FORMATS, parse_bytes
from benchagent.measurements.locators import Places, read_value
from benchagent.measurements.readings import Parsed, Unparsed
from benchagent.quantities.metrics import DEFINITIONS
from benchagent_tests.artifacts import (
    CORPUS,
    artifact_files,
    parse_sample,
    parse_text,
    sample_files,
)


def test_every_format_has_a_name_of_its_own():
    names = [format.name for format in FORMATS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("name", "format"),
    [
        ("prompt_suite_runs.csv", "llm-calls-csv"),
        ("gemma3_270m_param_tuning.csv", "llm-calls-csv"),
        ("gemma3_270m_param_tuning_summary.csv", "llm-summary-csv"),
        ("baseline.json", "llm-calls-json"),
        ("prompt_suite_summary.json", "llm-summary-json"),
        ("bench_calls.csv", "bench-calls-csv"),
        ("bench_summary.json", "llm-summary-json"),
        ("write_up.md", "markdown"),
        ("semicolons.csv", "llm-calls-csv"),
        ("latin1.csv", "llm-calls-csv"),
        ("utf16.csv", "llm-calls-csv"),
    ],
)
def test_a_sample_is_recognised(name: str, format: str):
    assert parse_sample(name).format == format


def test_half_a_character_does_not_stop_the_reading():
    text = '{"model": "\\ud83d", "results": [{"ttft_s": 1, "tokens_s": 2, "prompt": "\\ud800x"}]}'
    parsed = parse_text(text, name="x.json")
    assert parsed.records[0].config["prompt"] == "\N{REPLACEMENT CHARACTER}x"


@pytest.mark.parametrize("path", sample_files(), ids=lambda path: path.name)
def test_no_sample_holds_a_number_that_is_not_what_its_text_says(path):
    assert_text_gives_value(path.name, path.read_bytes())


def test_no_number_of_the_corpus_is_other_than_its_text_says():
    for path in artifact_files(CORPUS):
        assert_text_gives_value(path.name, path.read_bytes())


def assert_text_gives_value(name: str, data: bytes) -> None:
    outcome, places = parse_bytes(name, data), Places(data)
    for record in outcome.records if isinstance(outcome, Parsed) else ():
        for reading in record.readings:
            value = read_value(places.read(reading.locator), reading.raw_unit)
            assert value == reading.value, reading


_CELL = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True).map(repr),
    st.sampled_from(["", "0", "NaN", "1e400", "-1", "1,234", '"a', "x\n", "\x00", "é"]),
    st.text(max_size=5),
)


@settings(max_examples=300)
@given(
    header=st.lists(
        st.sampled_from(["ttft_s", "tokens_s", "eval_count", "error", "model", "options", "x", ""]),
        min_size=1,
        max_size=6,
    ),
    rows=st.lists(st.lists(_CELL, max_size=7), max_size=6),
)
def test_no_table_however_broken_stops_the_reading(header: list[str], rows: list[list[str]]):
    text = "\n".join(",".join(row) for row in [header, *rows])
    assert_text_gives_value("x.csv", text.encode("utf-8", "surrogatepass"))


_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=4)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["results", "models", "model", "ttft_s", "tokens_s", "options", "n"]),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=12,
)


@settings(max_examples=300)
@given(document=_JSON)
def test_no_json_however_odd_stops_the_reading(document: object):
    assert_text_gives_value("x.json", json.dumps(document).encode())


@settings(max_examples=300)
@given(data=st.data())
def test_no_damaged_sample_stops_the_reading(data: st.DataObject):
    path = data.draw(st.sampled_from(sample_files()))
    whole = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(0, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(whole)))
    assert_text_gives_value(path.name, bytes(whole[:cut]))


@pytest.mark.parametrize("path", sample_files(), ids=lambda path: path.name)
def test_every_way_of_computing_that_a_number_names_is_explained(path: Path):
    parsed = parse_bytes(path.name, path.read_bytes())
    records = parsed.records if isinstance(parsed, Parsed) else ()
    named = {reading.definition for record in records for reading in record.readings}
    assert named - {None} <= DEFINITIONS.keys()


def test_every_file_of_the_corpus_is_read_or_listed_with_a_reason():
    outcomes = [parse_bytes(p.name, p.read_bytes()) for p in artifact_files(CORPUS)]
    unread = [outcome.reason for outcome in outcomes if isinstance(outcome, Unparsed)]
    assert len(outcomes) == 107
    assert all(unread)
    # what is left: prose, binaries, demonstrations without a measurement, one mangled error text
    assert len(unread) == 17
