import math
import random
import time
from pathlib import Path

import pytest

from benchagent.formats import parse_bytes
from benchagent.measurements.locators import Places, read_value
from benchagent.measurements.readings import Parsed
from benchagent.quantities.units import CANONICAL_UNITS
from benchagent_tests.artifacts import sample_files
from benchagent_tests.formats.mutations import MUTATIONS, SUFFIXES

FEW = 12
MANY = 600
# Of the processor, far above what any of these inputs takes: a hang, not a machine that stood still.
_HANGS_AFTER_S = 60.0


def break_file(path: Path, seed: int) -> tuple[str, bytes]:
    """A sample broken in one or two ways, and the name that it has then."""
    rng = random.Random(f"{path.name} {seed}")
    data = path.read_bytes()
    for _ in range(rng.choice((1, 1, 1, 2))):
        data = MUTATIONS[seed % len(MUTATIONS)](data, rng) if data else b""
        seed = rng.randrange(1000)
    suffix = path.suffix if rng.random() < 0.85 else rng.choice(SUFFIXES)
    return f"file{suffix}", data


def assert_read_rightly(name: str, data: bytes, seed: object) -> None:
    """The file is read or refused, in time, and every number is the one that stands there."""
    began = time.process_time()
    outcome = parse_bytes(name, data)
    assert time.process_time() - began < _HANGS_AFTER_S, seed
    if not isinstance(outcome, Parsed):
        assert outcome.reason, seed
        return
    places = Places(data)
    names = [record.name for record in outcome.records]
    assert len(set(names)) == len(names), seed
    for record in outcome.records:
        assert not (record.failure and record.readings), seed
        for reading in record.readings:
            assert math.isfinite(reading.value), (seed, reading)
            assert reading.unit is None or reading.unit in CANONICAL_UNITS, (seed, reading)
            text = places.read(reading.locator)
            assert text == reading.raw_value, (seed, reading)
            assert read_value(text, reading.raw_unit) == reading.value, (seed, reading)


@pytest.mark.parametrize("path", sample_files(), ids=lambda path: path.name)
def test_a_broken_file_is_refused_or_read_rightly(path: Path):
    for seed in range(FEW):
        assert_read_rightly(*break_file(path, seed), seed)


@pytest.mark.slow
@pytest.mark.parametrize("path", sample_files(), ids=lambda path: path.name)
def test_no_broken_file_stops_the_reading(path: Path):
    for seed in range(FEW, FEW + MANY):
        assert_read_rightly(*break_file(path, seed), seed)
