"""What is said of files that no format reads, and of damaged ones."""

import pytest

from benchagent.formats import parse_bytes
from benchagent.measurements.readings import Unparsed
from benchagent_tests.artifacts import SAMPLES


def test_an_unknown_file_is_profiled_and_gives_no_numbers():
    outcome = parse_bytes("x.csv", b"host,wall_ms,peak (GB),n\na,1.5,2,3\nb,2.5,4,x\n")
    assert isinstance(outcome, Unparsed)
    assert outcome.reason == (
        "delimited table of no known format: 2 rows, columns host (texts), "
        "wall_ms (numbers 1.5 to 2.5, in ms?), peak (GB) (numbers 2 to 4, in GB?), n (mixed 3)"
    )
    outcome = parse_bytes("x.jsonl", b'{"a": 1, "b": {"c": 2}}\n{"a": 5}\n{"a"\n')
    assert isinstance(outcome, Unparsed)
    assert outcome.reason == (
        "JSON Lines of no known format: 3 lines, fields a (numbers 1 to 5), b (objects)"
    )


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("x.csv", b"", "empty file"),
        ("x.csv", b"a,b\n1,2\n", "columns a (numbers 1), b (numbers 2)"),
        ("x.json", b'{"a": {"b": 1}}', "keys a (objects)"),
        ("x.json", b"[1, 2", "not valid JSON"),
        ("x.json", b"[" * 200_000, "nested too deeply"),
        ("x.txt", b"Eval rate was fine.", "no known format"),
        ("x.bin", b"\x00\x01\x02\x03", "binary data"),
        ("x.bin", b"\x89PNG\r\n\x1a\n\x00\x00", "binary data"),
        ("x.csv", b"a," * 20_000, "20,001 columns"),
        ("x.csv", b"ttft_s,tokens_s\n" + b"1" * 5_000_000, "5,000,000 characters"),
        ("x.md", b"# Only prose\n\nIt ran at 50 tok/s.\n", "no table"),
        ("x.csv", b"\xff\xfea", "UTF-16"),
        ("x.csv", b"ttft_s,tokens_s\n", "no records"),
    ],
)
def test_a_file_that_says_nothing_is_listed_with_the_reason(name: str, data: bytes, said: str):
    outcome = parse_bytes(name, data)
    assert isinstance(outcome, Unparsed)
    assert said in outcome.reason


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("x.csv", b"", "empty"),
        ("x.csv", b"# only a comment\n", "empty"),
        ("x.json", b"[1, 2", "unreadable"),
        ("x.csv", b"\xff\xfea", "unreadable"),
        ("x.bin", b"\x00\x01\x02\x03", "binary"),
        ("x.json", b'{"a": 1}', "unknown-format"),
        ("x.txt", b"Eval rate was fine.", "unknown-format"),
        ("x.md", b"# Only prose\n", "no-numbers"),
    ],
)
def test_the_reason_has_a_code_that_no_rewording_changes(name: str, data: bytes, code: str):
    outcome = parse_bytes(name, data)
    assert isinstance(outcome, Unparsed)
    assert outcome.code == code


def test_an_error_message_in_mangled_utf16_is_told_in_its_own_words():
    outcome = parse_bytes("x.csv", (SAMPLES / "mangled_utf16.csv").read_bytes())
    assert isinstance(outcome, Unparsed)
    assert outcome.reason == "unreadable UTF-16, encoded a second time; it says '== bad flag'"


def test_a_web_page_is_listed_as_one():
    outcome = parse_bytes("report.html", b"<!DOCTYPE html>\n<html><body>5 ms</body></html>")
    assert isinstance(outcome, Unparsed)
    assert outcome.reason.startswith("a web page, made for reading")
