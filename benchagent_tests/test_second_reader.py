import os
import sys
import time
from pathlib import Path

import pytest

from benchagent.inventory import batches, intake, scans
from benchagent.inventory.batches import Batch
from benchagent.inventory.blobs import read_blob
from benchagent.inventory.roots import resolve_roots
from benchagent.inventory.scans import scan
from benchagent.inventory.second_reader import SecondReader
from benchagent.inventory.snapshots import Snapshot, list_snapshots
from benchagent.side_process import Answered, Work
from benchagent_tests.folders import AT_ONCE, fill, start_scan, take, take_snapshot
from benchagent_tests.side_processes import Killed

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no signal 9")
FILES = {f"reports/{n}.csv": f"n\n{n}\n" * 50 for n in range(300)}


@pytest.fixture(autouse=True)
def _always_two_readers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "is_worth_it", lambda *_: True)
    monkeypatch.setattr(batches, "_FILES", 10)


def _whole(data: Path, out: Path) -> Snapshot:
    """A scan of which everything must have come, with nothing left half-written."""
    found = take_snapshot(data, out)
    stored = {file.path: read_blob(out, file.sha256).decode() for file in found.files}
    assert stored == FILES
    assert not (out / "blobs/tmp").exists()
    return found


def test_two_processes_find_what_one_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = fill(tmp_path / "data", FILES)
    by_two = _whole(data, tmp_path / "two")
    monkeypatch.setattr(intake, "is_worth_it", lambda *_: False)
    by_one = _whole(data, tmp_path / "one")
    assert by_two.files == by_one.files


def test_the_second_process_takes_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Alone(SecondReader):
        answered: list[Answered[Batch]]

        def give(self, work: Work[Batch]) -> None:
            self.answered = []
            while work.queue or self.is_busy:
                super().give(work)
                self.answered += super().take_answered(work, wait=True)

        def take_answered(self, work: Work[Batch], *, wait: bool) -> list[Answered[Batch]]:
            assert not work.queue
            return self.answered

    monkeypatch.setattr(scans, "SecondReader", Alone)
    # The first process reads nothing, or it would say so here.
    monkeypatch.setattr(intake, "read_files", None)
    _whole(fill(tmp_path / "data", FILES), tmp_path / "out")


@posix
@pytest.mark.parametrize("turn", [0, 1, 2, 5])
def test_a_killed_second_process_costs_time_alone(
    turn: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class KilledReader(Killed, SecondReader):
        TURN = turn

    monkeypatch.setattr(scans, "SecondReader", KilledReader)
    _whole(fill(tmp_path / "data", FILES), tmp_path / "out")


def test_a_machine_that_starts_no_process_reads_in_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nothing-here"))
    _whole(fill(tmp_path / "data", FILES), tmp_path / "out")


def test_an_interrupted_scan_leaves_no_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[SecondReader] = []

    class Seen(SecondReader):
        def __enter__(self) -> "Seen":
            super().__enter__()
            started.append(self)
            return self

    def interrupt(done: int, _total: int, _bytes: int) -> None:
        if done:
            raise KeyboardInterrupt

    monkeypatch.setattr(scans, "SecondReader", Seen)
    monkeypatch.setattr(intake, "_PROGRESS_S", -1.0)
    data, out = fill(tmp_path / "data", FILES), tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        scan(resolve_roots(data), out, options=AT_ONCE, progress=interrupt)
    assert [(reader.pid is not None, reader.has_ended) for reader in started] == [(True, True)]
    assert list_snapshots(out) == ()
    assert not (out / "blobs/tmp").exists()
    assert take(data, out).files == len(FILES)


_TWO_READERS = """
import os, sys
from benchagent.inventory import batches, intake, scans
from benchagent.inventory.second_reader import SecondReader
class Told(SecondReader):
    def start(self):
        if not self.pid:
            super().start()
            sys.stdout.write(f"{self.pid}\\n")
            sys.stdout.flush()
scans.SecondReader = Told
intake.is_worth_it = lambda *_: True
batches._FILES = 1
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks the process up in /proc")
def test_a_killed_scan_leaves_no_process_and_a_good_store(tmp_path: Path) -> None:
    data, out = fill(tmp_path / "data", FILES), tmp_path / "out"
    process = start_scan(data, out, before=_TWO_READERS)
    assert process.stdout
    second = int(process.stdout.readline())
    process.kill()
    process.communicate()
    until = time.monotonic() + 60
    while _runs(second):
        assert time.monotonic() < until, "the second process outlived the scan"
        time.sleep(0.01)
    _whole(data, out)


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"  # ended, and nobody asked how
