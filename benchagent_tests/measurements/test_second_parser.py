import os
import sys
from collections import deque
from functools import partial
from pathlib import Path

import pytest

from benchagent.inventory.blobs import read_blob
from benchagent.inventory.snapshots import Snapshot
from benchagent.measurements import measuring
from benchagent.measurements.measurement import MeasurementTable
from benchagent.measurements.measuring import measure
from benchagent.measurements.parsed import parsing, second_parser
from benchagent.measurements.parsed.second_parser import Chunk, SecondParser
from benchagent.measurements.parsed.segments import ContentKey
from benchagent.side_process import Answered, Work
from benchagent_tests.artifacts import SAMPLES
from benchagent_tests.folders import fill, take_snapshot
from benchagent_tests.side_processes import Killed, Waited

pytestmark = pytest.mark.skipif(os.name == "nt", reason="on Windows one process parses")


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_parser, "WORTH_BYTES", 1)
    monkeypatch.setattr(second_parser, "_CHUNK_BYTES", 50_000)
    monkeypatch.setattr(second_parser, "has_second_core", lambda: True)


@pytest.fixture(name="out")
def _out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture(name="samples")
def _samples(tmp_path: Path, out: Path) -> Snapshot:
    """Every sample there is, so that contents of all formats go to the other process."""
    found = {path.name: path.read_bytes() for path in SAMPLES.iterdir() if path.is_file()}
    return take_snapshot(fill(tmp_path / "data" / "reports", found).parent, out)


def _measure(snapshot: Snapshot, out: Path) -> MeasurementTable:
    return measure(snapshot.files, partial(read_blob, out), out).whole()


def _measure_by_one(snapshot: Snapshot, out: Path, monkeypatch: pytest.MonkeyPatch):
    with monkeypatch.context() as context:
        context.setattr(second_parser, "has_second_core", lambda: False)
        context.setattr(measuring, "formats_version", lambda: "by-one")
        return _measure(snapshot, out)


def _assert_same(found: MeasurementTable, expected: MeasurementTable) -> None:
    assert found.measurements.num_rows > 1000
    assert list(found) == list(expected)
    assert found.failed_runs.to_pylist() == expected.failed_runs.to_pylist()
    assert found.files == expected.files


def _heard(answers: list[bytes]) -> type[SecondParser]:
    """A second process that is waited for, and whose answers are written down."""

    class Heard(Waited, SecondParser):
        def take_answered(self, work: Work[Chunk], *, wait: bool) -> list[Answered[Chunk]]:
            found = super().take_answered(work, wait=wait)
            answers.extend(each.answer for each in found)
            return found

    return Heard


def test_two_processes_find_what_one_finds(
    samples: Snapshot, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: list[bytes] = []
    monkeypatch.setattr(measuring, "SecondParser", _heard(answers))
    found = _measure(samples, out)
    assert set(answers) == {b"parsed"}
    _assert_same(found, _measure_by_one(samples, out, monkeypatch))


def test_the_second_process_parses_what_it_is_given(
    samples: Snapshot, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Alone(SecondParser):
        def give(self, work: Work[Chunk]) -> None:
            while not self.has_ended and (work.queue or self.is_busy):
                super().give(work)
                super().take_answered(work, wait=True)

    with monkeypatch.context() as context:
        context.setattr(measuring, "SecondParser", Alone)
        # The first process parses nothing, or it would say so here.
        context.setattr(parsing, "parse_bytes", None)
        context.setattr(parsing, "read_stacked_calls", None)
        found = _measure(samples, out)
    _assert_same(found, _measure_by_one(samples, out, monkeypatch))


@pytest.mark.slow
@pytest.mark.parametrize("turn", [0, 1, 2])
def test_a_killed_second_process_costs_time_alone(
    turn: int, samples: Snapshot, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class KilledParser(Killed, SecondParser):
        TURN = turn

    monkeypatch.setattr(measuring, "SecondParser", KilledParser)
    _assert_same(_measure(samples, out), _measure_by_one(samples, out, monkeypatch))


@pytest.mark.slow
def test_a_process_with_other_formats_parses_nothing(
    samples: Snapshot, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: list[bytes] = []
    with monkeypatch.context() as context:
        context.setattr(measuring, "formats_version", lambda: "of-nobody")
        context.setattr(measuring, "SecondParser", _heard(answers))
        found = _measure(samples, out)
    assert not answers
    _assert_same(found, _measure_by_one(samples, out, monkeypatch))


def test_a_machine_that_starts_no_process_parses_in_one(
    samples: Snapshot, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nothing-here"))
    found = _measure(samples, out)
    _assert_same(found, _measure_by_one(samples, out, monkeypatch))


def test_a_small_folder_is_parsed_by_one(
    samples: Snapshot, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Never(SecondParser):
        def start(self) -> None:
            raise AssertionError("a process was started for a few files")

    monkeypatch.setattr(second_parser, "WORTH_BYTES", sum(file.size for file in samples.files))
    monkeypatch.setattr(measuring, "SecondParser", Never)
    assert _measure(samples, out).measurements.num_rows > 1000


def test_the_names_of_many_small_contents_fit_into_a_pipe(out: Path) -> None:
    sizes = {ContentKey(f"{number:064x}", ".json"): 1 for number in range(1200)}
    chunks = list(second_parser._chunks(sizes))
    work = second_parser.Work(out, out / "parsed", deque(chunks))
    assert [key for chunk in chunks for key in chunk] == list(sizes)
    assert max(len(work.message(chunk)) for chunk in chunks) < 64 * 1024
