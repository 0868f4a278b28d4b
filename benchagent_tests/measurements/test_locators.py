import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchagent.formats import parse_bytes
from benchagent.measurements.grids import label_columns
from benchagent.measurements.locators import (
    LocatorError,
    Places,
    pointer_locator,
    read_value,
    row_locator,
)
from benchagent.measurements.readings import Parsed
from benchagent_tests.artifacts import CORPUS, RUNS, artifact_files, sample_files


@pytest.mark.parametrize(
    ("data", "locator", "found"),
    [
        (b"a,b\n1,2\n3,4\n", "row=2,column=b", "4"),
        (b"a,b\r\n\r\n1,2\r\n", "row=1,column=b", "2"),  # a blank line is no record
        (b"# made by hand\na,b\n1,2\n", "row=1,column=a", "1"),
        (b'a,b\n"x, ""y""\nz",2\n', "row=1,column=a", 'x, "y"\nz'),
        (b"a,a\n1,2\n", "row=1,column=a#2", "2"),
        (b"a,,\n1,2,3\n", "row=1,column=#3", "3"),
        (b'"Mean, (ms)",b\n7,2\n', "row=1,column=Mean, (ms)", "7"),
        (b"a\tb\n1\t2\n", "row=1,column=b", "2"),
        (b"a,b\n1,2\n", "row=1", "1,2"),
        (b'a,"b, c"\n1,"[0.10, 2]"\n', "row=1/0,column=b, c", "0.10"),
        (b'{"a": [{"b/c": 0.10}]}', "/a/0/b~1c", "0.10"),  # as written, not 0.1
        (b'{"": {"~": true}}', "//~0", "true"),
        (b'{"a": "text"}', "/a", "text"),
        (b'{"a": NaN}', "/a", "NaN"),
        (
            b"# T\n\n| **Mean (ms)** | x |\n| --- | --- |\n| `1.5` | 2 |\n",
            "line=5,column=Mean (ms)",
            "`1.5`",
        ),
        (b"one\r\ntwo\r\n", "line=2", "two"),
        (b"eval rate: 77.5 tokens/s\r\n", "line=1,chars=12-15", "77.5"),
        ("\u00b5s: 1.5\n".encode(), "line=1,chars=5-7", "1.5"),  # characters, not bytes
        (b'{"a": 1}\n\n{"a": [2.50]}\n', "line=3/a/0", "2.50"),
    ],
)
def test_a_locator_leads_to_the_text_as_it_stands_there(data: bytes, locator: str, found: str):
    assert Places(data).read(locator) == found


@pytest.mark.parametrize(
    ("data", "locator"),
    [
        (b"a,b\n1,2\n", "row=2,column=a"),
        (b"a,b\n1,2\n", "row=0,column=a"),
        (b"a,b\n1,2\n", "row=1,column=c"),
        (b"a,b\n1\n", "row=1,column=b"),
        (b"a,b\n1,2\n", "row=1/0,column=b"),
        (b'a\n"[1, 2]"\n', "row=1/2,column=a"),
        (b'{"a": [1]}', "/a/1"),
        (b'{"a": [1]}', "/a/-1"),
        (b'{"a": [1]}', "/b"),
        (b'{"a": [1]}', "/a"),  # a list is no value
        (b'{"a": null}', "/a"),
        (b"[1", "/0"),
        (b"a,b\n1,2\n", "cell=1"),
        (b"\x00\x01", "row=1,column=a"),
        (b"text", "line=9"),
        (b"text", "line=1,column=a"),
        (b"text", "line=1,chars=4-5"),
        (b"text", "line=1,chars=3-2"),
        (b"text", "line=1/a"),
        (b'{"a": 1}\n{"a"', "line=2/a"),
        (b'{"a": [1]}', "/a/" + "9" * 5000),
        (b"text", "line=" + "9" * 5000),
    ],
)
def test_a_locator_that_leads_nowhere_is_an_error(data: bytes, locator: str):
    with pytest.raises(LocatorError):
        Places(data).read(locator)


def test_a_file_is_taken_apart_once_for_many_places():
    places = Places(b"a,b\n1,2\n3,4\n")
    assert places.read_all(["row=1,column=a", "row=2,column=b"]) == ["1", "4"]


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("1.36s", None, 1360.0),
        ("834.2\u00b5s", None, 0.8342),
        ("1m2.5s", None, 62500.0),
        ("1h0m0.25s", None, 3600250.0),
        ("2.3260788", "s", 2326.0788),
        ("1m2", None, None),
    ],
)
def test_a_text_at_a_place_gives_its_number(text: str, unit: str | None, value: float | None):
    assert read_value(text, unit) == value


_KEY = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)


@settings(max_examples=200)
@given(keys=st.lists(_KEY, min_size=1, max_size=4), number=st.floats(allow_nan=False))
def test_a_pointer_leads_through_any_keys(keys: list[str], number: float):
    tree: object = number
    for key in reversed(keys):
        tree = {key: tree}
    assert Places(json.dumps(tree).encode()).read(pointer_locator(*keys)) == json.dumps(number)


@settings(max_examples=200)
@given(header=st.lists(st.sampled_from(["a", "b", "a#2", "", "#1", "b#2"]), min_size=1, max_size=7))
def test_every_cell_has_a_place_of_its_own_whatever_the_header_repeats(header: list[str]):
    labels = label_columns(header)
    assert len(set(labels)) == len(header)
    cells = [str(at) for at in range(len(header))]
    # quoted, or a header of one nameless column would be a blank line
    data = "\n".join(",".join(f'"{cell}"' for cell in row) for row in (header, cells)).encode()
    if not header[0].startswith("#"):
        places = Places(data)
        assert [places.read(row_locator(1, label)) for label in labels] == cells


@pytest.mark.parametrize("path", sample_files(), ids=lambda path: path.name)
def test_every_number_of_a_sample_is_found_again_at_its_place(path):
    assert_found_again(path)


def test_every_number_of_the_corpus_is_found_again_at_its_place():
    assert sum(assert_found_again(path) for path in artifact_files(CORPUS)) > 3000


@pytest.mark.slow
def test_every_number_of_the_predecessors_runs_is_found_again_at_its_place():
    for path in artifact_files(RUNS):
        assert_found_again(path)


def assert_found_again(path) -> int:
    data = path.read_bytes()
    outcome = parse_bytes(path.name, data)
    readings = (
        [r for record in outcome.records for r in record.readings]
        if isinstance(outcome, Parsed)
        else []
    )
    texts = Places(data).read_all(reading.locator for reading in readings)
    assert texts == [reading.raw_value for reading in readings]
    values = [read_value(text, r.raw_unit) for text, r in zip(texts, readings, strict=True)]
    assert values == [reading.value for reading in readings]
    return len(readings)
