"""Contents that are no text: those that stand for one, and why the others are not read."""

import bz2
import gzip
import lzma
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from benchagent.formats import parse_bytes
from benchagent.measurements.locators import Places, read_value
from benchagent.measurements.packed import compressed
from benchagent.measurements.packed import parquet as packed_parquet
from benchagent.measurements.readings import Parsed, Unparsed
from benchagent.pipeline.stages.measurements import make_measurements
from benchagent_tests.artifacts import SAMPLES
from benchagent_tests.builders import a_place

ROWS = {
    "model": ["lark:3b", "lark:3b", "wren:1b", "wren:1b"],
    "threads": [4, 8, 4, 8],
    "ttft_ms": [80.5, 91.25, 0.1 + 0.2, None],
    "tok_s": [41.5, 40.75, 88.0, 87.1],
}


def as_csv(frame: pd.DataFrame) -> bytes:
    return frame.to_csv(index=False).encode()


def as_parquet(frame: pd.DataFrame) -> bytes:
    written = BytesIO()
    frame.to_parquet(written)
    return written.getvalue()


def zstandard(data: bytes) -> bytes:
    written = pa.BufferOutputStream()
    with pa.CompressedOutputStream(written, "zstd") as stream:
        stream.write(data)
    return written.getvalue().to_pybytes()


PACKED: dict[str, Callable[[pd.DataFrame], bytes]] = {
    "x.parquet": as_parquet,
    "x.csv.gz": lambda frame: gzip.compress(as_csv(frame)),
    "x.csv.bz2": lambda frame: bz2.compress(as_csv(frame)),
    "x.csv.xz": lambda frame: lzma.compress(as_csv(frame)),
    "X.CSV.ZST": lambda frame: zstandard(as_csv(frame)),
}


def read(name: str, data: bytes) -> Parsed:
    outcome = parse_bytes(name, data)
    assert isinstance(outcome, Parsed), outcome
    return outcome


def numbers(parsed: Parsed) -> list[tuple[Any, ...]]:
    return [
        (record.name, record.subject, dict(record.config), reading.metric, reading.value)
        for record in parsed.records
        for reading in record.readings
    ]


def reason(name: str, data: bytes) -> str:
    outcome = parse_bytes(name, data)
    assert isinstance(outcome, Unparsed)
    return outcome.reason


@pytest.mark.parametrize("name", PACKED)
def test_a_packed_table_says_what_the_plain_one_says_and_every_number_is_at_its_place(name: str):
    frame = pd.DataFrame(ROWS)
    data = PACKED[name](frame)

    parsed = read(name, data)

    assert numbers(parsed) == numbers(read("x.csv", as_csv(frame)))
    assert len(numbers(parsed)) == 7
    places = Places(data)
    for record in parsed.records:
        for reading in record.readings:
            assert read_value(places.read(reading.locator), reading.raw_unit) == reading.value


@pytest.mark.parametrize("name", ["frame.parquet", "frame.csv.gz"])
def test_a_file_that_pandas_saved_is_read_whole(name: str):
    parsed = read(name, (SAMPLES / name).read_bytes())

    assert len(numbers(parsed)) == 48
    assert {record.subject for record in parsed.records} == {"lark:3b", "wren:1b"}


@pytest.mark.parametrize("name", ["x.json.gz", "x.jsonl.xz"])
def test_what_a_compressed_file_is_its_inner_ending_says(name: str):
    pack = gzip.compress if name.endswith("gz") else lzma.compress
    text = '{"model": "lark:3b", "ttft_ms": 80.5}\n{"model": "lark:3b", "ttft_ms": 81.5}\n'

    assert [n[-1] for n in numbers(read(name, pack(text.encode())))] == [80.5, 81.5]


def test_a_snapshot_reads_a_compressed_file_by_its_inner_ending(tmp_path: Path):
    packed = gzip.compress(as_csv(pd.DataFrame(ROWS)))
    place = a_place(tmp_path, {"csv_data/x.csv.gz": packed})

    make_measurements(place.partition)

    rows = place.reopened().table("measurements").to_pylist()
    assert {row["source_path"] for row in rows} == {"csv_data/x.csv.gz"}
    assert len(rows) == 7


def test_columns_that_hold_no_plain_values_are_written_as_texts():
    table = pa.table(
        {
            "model": ["lark:3b", "lark:3b"],
            "ttft_ms": pa.array([80.5, 81.1], pa.float32()),
            "extra": [{"gpu": "a"}, None],
            "__index_level_0__": [7, 8],
        }
    )
    written = BytesIO()
    parquet.write_table(table, written)

    text = packed_parquet.write_delimited(written.getvalue()).decode()

    assert text.splitlines() == [
        '"model","ttft_ms","extra"',
        '"lark:3b","80.5","{""gpu"": ""a""}"',
        '"lark:3b","81.1",',
    ]


def test_more_than_may_be_unpacked_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(compressed, "MOST_BYTES", 1000)
    monkeypatch.setattr(packed_parquet, "MOST_BYTES", 1000)
    frame = pd.DataFrame({"model": ["lark:3b"] * 500, "ttft_ms": [80.5] * 500})

    assert "unpacks to more than 1,000 bytes" in reason("x.csv.gz", gzip.compress(bytes(2000)))
    assert "more than 1,000 bytes" in reason("x.parquet", as_parquet(frame))


def test_a_long_text_that_repeats_in_a_small_file_is_never_written_out():
    frame = pd.DataFrame({"model": ["lark" * 100_000] * 500, "ttft_ms": [80.5] * 500})
    assert reason("x.parquet", as_parquet(frame)) == "a table with a cell of 400,000 characters"


@pytest.mark.parametrize("name", PACKED)
def test_a_packed_file_that_breaks_off_is_listed_as_damaged(name: str):
    data = PACKED[name](pd.DataFrame(ROWS))

    assert "damaged file" in (said := reason(name, data[:-30])) or "cannot be read" in said


def test_nothing_is_unpacked_twice():
    twice = gzip.compress(gzip.compress(as_csv(pd.DataFrame(ROWS))))
    assert "unpack it once" in reason("x.csv.gz.gz", twice)


def _zip(*names: str) -> bytes:
    written = BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name in names:
            archive.writestr(name, "<x/>")
    return written.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        (
            "x.xlsx",
            _zip("[Content_Types].xml", "xl/workbook.xml"),
            "save each of its sheets as CSV",
        ),
        ("x.docx", _zip("word/document.xml"), "save it as Markdown"),
        ("x.zip", _zip("a.csv"), "an archive (zip; unpack it"),
        ("x.db", b"SQLite format 3\0\x10\0", "an SQLite database; export its tables as CSV"),
        ("x.pkl", b"\x80\x05\x95\x06\0\0", "could run code when it is opened; save it as CSV"),
        ("x.feather", b"ARROW1\0\0\xff\xff", "save it as CSV or Parquet"),
        ("x.png", b"\x89PNG\r\n\x1a\n\0\0", "a picture"),
        ("x.gguf", b"GGUF\x03\0\0\0", "weights of a model"),
    ],
)
def test_what_is_not_opened_is_called_what_it_is(name: str, data: bytes, said: str):
    assert said in reason(name, data)
