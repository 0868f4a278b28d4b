"""Samples of artifact formats, and what was read out of one, for the tests."""

from pathlib import Path

import pytest

from benchagent.formats import parse_bytes
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


def parse_text(text: str, *, name: str = "x.csv") -> Parsed:
    """What the formats make of a text."""
    parsed = parse_bytes(name, text.encode())
    assert isinstance(parsed, Parsed), parsed.reason
    return parsed


def numbers_of(record: Record) -> dict[str, float]:
    """The numbers of a record by metric, statistics other than `value` named."""
    return {_name(reading): reading.value for reading in record.readings}


def _name(reading: Reading) -> str:
    return (
        reading.metric if reading.statistic == "value" else f"{reading.statistic} {reading.metric}"
    )


def sample_files() -> list[Path]:
    """Every sample."""
    return sorted(path for path in SAMPLES.iterdir() if path.is_file())


def artifact_files(folder: Path) -> list[Path]:
    """Every file of a shared folder; the test is skipped where there is none."""
    if not folder.is_dir():
        pytest.skip(f"no {folder.name} beside the repository")
    return sorted(path for path in folder.rglob("*") if path.is_file())
