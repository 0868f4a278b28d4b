"""Samples of artifact formats, and what was read out of one, for the tests."""

import json
from pathlib import Path

import pytest

from benchagent.formats import parse_bytes
from benchagent.measurements.locators import Places
from benchagent.measurements.readings import Parsed, Reading, Record
from benchagent_tests import paths

SAMPLES = paths.SAMPLES / "measurements"
CORPUS = paths.SHARED / "corpus"
RUNS = paths.SHARED / "runs"


def parse_sample(name: str) -> Parsed:
    """What the formats make of one sample."""
    parsed = parse_bytes(name, (SAMPLES / name).read_bytes())
    assert isinstance(parsed, Parsed), parsed.reason
    return parsed


def parse_text(text: str, name: str = "x.csv") -> Parsed:
    """What the formats make of a text."""
    parsed = parse_bytes(name, text.encode())
    assert isinstance(parsed, Parsed), parsed.reason
    return parsed


def parse_document(document: object) -> tuple[Record, ...]:
    """What the formats make of JSON, each number the same when it is read again at its place."""
    data = json.dumps(document).encode()
    parsed = parse_bytes("own.json", data)
    assert isinstance(parsed, Parsed), parsed
    places = Places(data)
    for reading in (reading for record in parsed.records for reading in record.readings):
        assert places.read(reading.locator) == reading.raw_value
    return parsed.records


def numbers_of(record: Record) -> dict[str, float]:
    """The numbers of a record by metric, statistics other than `value` named."""
    return {_name(reading): reading.value for reading in record.readings}


def _name(reading: Reading) -> str:
    return (
        reading.metric if reading.statistic == "value" else f"{reading.statistic} {reading.metric}"
    )


def statistics_of(parsed: Parsed, row: int = 0) -> dict[tuple[str, str], float]:
    """The numbers of one record by metric and statistic."""
    return {(r.metric, r.statistic): r.value for r in parsed.records[row].readings}


def values_of(text: str) -> list[dict[str, float]]:
    """The numbers of each row of a CSV text by metric."""
    return [{r.metric: r.value for r in record.readings} for record in parse_text(text).records]


def reading_at(parsed: Parsed, locator: str) -> Reading:
    """The one number at a place."""
    (found,) = [r for record in parsed.records for r in record.readings if r.locator == locator]
    return found


def sample_files() -> list[Path]:
    """Every sample."""
    return sorted(path for path in SAMPLES.iterdir() if path.is_file())


def artifact_files(folder: Path) -> list[Path]:
    """Every file of a shared folder; the test is skipped where there is none."""
    if not folder.is_dir():
        pytest.skip(f"no {folder.name} beside the repository")
    return sorted(path for path in folder.rglob("*") if path.is_file())
