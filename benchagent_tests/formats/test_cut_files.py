"""A number at the end of a file that ends within it is not read as what is left of it."""

import pytest

from benchagent.formats import parse_bytes
from benchagent.formats.cut_files import CUT
from benchagent.measurements.readings import Parsed
from benchagent_tests.artifacts import SAMPLES


def _read(name: str, data: bytes) -> tuple[list[str], list[str]]:
    parsed = parse_bytes(name, data)
    assert isinstance(parsed, Parsed)
    readings = [r for record in parsed.records for r in record.readings]
    cut = [each.locator for each in parsed.refusals if each.reason == CUT]
    return [reading.raw_value for reading in readings], cut


# What a tool printed, and how its last number goes on.
_PRINTED = [
    ("loadgen_offline.txt", b"291.", b"617"),
    ("wrk.txt", b"51.5", b"9"),
    ("llama_bench.csv", b"0.429", b"571"),
]


@pytest.mark.parametrize(("name", "left", "rest"), _PRINTED)
def test_the_last_number_of_a_tools_file_without_its_newline_is_refused(
    name: str, left: bytes, rest: bytes
):
    data = (SAMPLES / name).read_bytes()
    cut = data[: data.index(left + rest) + len(left)]
    numbers, refused = _read(name, cut)
    assert left.decode() not in numbers
    assert len(refused) == 1
    # the twin: the same number before a newline
    assert _read(name, cut[: -len(left)] + left + rest + b"\n")[1] == []


@pytest.mark.parametrize(
    ("last", "refused"),
    [
        ("49.9", True),
        ("49.", True),
        ("49", True),
        ("49.92", False),  # an editor may have left the newline out
        ("49.9\n", False),
    ],
)
def test_a_last_cell_that_is_shorter_than_all_above_it_is_refused(last: str, refused: bool):
    text = f"model,tok_s\nwren-2b,51.25\nwren-2b,50.75\nwren-2b,{last}"
    numbers, cut = _read("runs.csv", text.encode())
    assert cut == (["row=3,column=tok_s"] if refused else [])
    assert len(numbers) == (2 if refused else 3)


def test_a_last_cell_that_is_shorter_than_some_above_it_is_read():
    text = "model,tok_s\nwren-2b,51.5\nwren-2b,50.75\nwren-2b,49.9"
    assert _read("runs.csv", text.encode()) == (["51.5", "50.75", "49.9"], [])
