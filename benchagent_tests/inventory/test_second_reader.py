import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar, cast

import pytest

from benchagent.inventory import batches, intake, listing, scans, second_reader
from benchagent.inventory.batches import Batch, Batches
from benchagent.inventory.blobs import read_blob, stored_blobs
from benchagent.inventory.intake import Intake
from benchagent.inventory.options import ScanOptions
from benchagent.inventory.roots import resolve_roots
from benchagent.inventory.scans import scan
from benchagent.inventory.second_reader import SecondReader, expect_scan, reader_for_scan
from benchagent.inventory.sightings import Row
from benchagent.inventory.snapshots import Snapshot, list_snapshots
from benchagent.inventory.spool import Place
from benchagent.side_process import Answered, Work
from benchagent.store import DiskFull
from benchagent_tests.folders import AT_ONCE, fill, refusal, start_scan, take, take_snapshot
from benchagent_tests.patience import PATIENCE_S, eventually
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


@pytest.mark.parametrize("expected", [False, True])
def test_the_second_process_takes_part(
    expected: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Alone(SecondReader):
        def __init__(self) -> None:
            super().__init__()
            self.answered: list[Answered[Batch]] = []

        def give(self, work: Work[Batch]) -> None:
            while self.pid and (work.queue or super().is_busy):
                super().give(work)
                self.answered += super().take_answered(work, wait=True)

        def take_answered(self, work: Work[Batch], *, wait: bool) -> list[Answered[Batch]]:
            found, self.answered = self.answered, []
            return found

        @property
        def is_busy(self) -> bool:
            return bool(self.answered) or super().is_busy

    monkeypatch.setattr(second_reader, "SecondReader", Alone)
    if expected:
        expect_scan()
    # The first process reads nothing, or it would say so here.
    monkeypatch.setattr(intake, "read_files", None)
    _whole(fill(tmp_path / "data", FILES), tmp_path / "out")


@pytest.mark.parametrize(("left", "given"), [(0, 0), (1, 1), (2, 1), (3, 2), (5, 3), (9, 3)])
def test_the_second_process_gets_no_more_than_stays_for_the_first(left: int, given: int) -> None:
    class Listening(SecondReader):
        def _listens(self, work: Work[Batch]) -> bool:
            return True

        def _send(self, message: bytes, work: Work[Batch]) -> None:
            pass

    batch = Batch(Place(0, 0), files=1, size=1, to_store=1)
    work = SimpleNamespace(queue=deque([batch] * left), message=lambda _: b"")
    Listening().give(cast("Work[Batch]", work))
    assert len(work.queue) == left - given


class Ahead(SecondReader):
    """It is ready before the walk has seen anything; `walking` is what it was given meanwhile."""

    walking: ClassVar[list[Batch]] = []
    walks: ClassVar = True

    def start(self) -> None:
        if not self.pid:
            super().start()
            self.wait()

    def wait(self) -> None:
        """Until it has said something that nobody has heard."""
        eventually(self._has_answered, "answer", every_s=0.001)

    def give(self, work: Work[Batch]) -> None:
        before = len(work.queue)
        super().give(work)
        if self.walks and len(work.queue) < before:
            self.walking.append(self._under_way[-1][0])


@pytest.fixture
def ahead(monkeypatch: pytest.MonkeyPatch) -> type[Ahead]:
    """Scans whose second process reads while they walk; what it is given then."""

    def walked(*roots: Any) -> Iterator[Row]:
        Ahead.walks = True
        yield from listing.walk(*roots)
        Ahead.walks = False

    monkeypatch.setattr(scans, "walk", walked)
    monkeypatch.setattr(scans, "is_worth_it", lambda *_, least: True)
    monkeypatch.setattr(second_reader, "SecondReader", Ahead)
    monkeypatch.setattr(Ahead, "walking", [])
    return Ahead


@posix
def test_files_are_read_while_others_are_still_looked_for(
    tmp_path: Path, ahead: type[Ahead]
) -> None:
    data = fill(tmp_path / "data", FILES)
    found = _whole(data, tmp_path / "out")
    assert ahead.walking
    assert {file.path for file in found.files} == set(FILES)
    ahead.walking.clear()
    (data / "reports/0.csv").write_text(FILES["reports/0.csv"] + "more\n")
    assert take(data, tmp_path / "out").files_read == 1
    assert not ahead.walking  # what is to be read is known only when all was seen


@posix
def test_a_file_that_changes_after_it_was_read_ahead_is_noticed(
    tmp_path: Path, ahead: type[Ahead], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = fill(tmp_path / "data", FILES)
    for path in data.rglob("*.csv"):
        os.utime(path, (1e9, 1e9))  # long ago, so that nobody waits before it is read
    see = Intake.see_early_again

    def change_first(self: Intake, batches: Batches) -> None:
        (data / "reports/0.csv").write_text("another\n")
        see(self, batches)

    monkeypatch.setattr(Intake, "see_early_again", change_first)
    refused = refusal(data, tmp_path / "out", ScanOptions(settle_s=0.5))
    assert ahead.walking
    assert "reports/0.csv" in refused.reason


@posix
def test_a_scan_that_is_stopped_while_it_walks_keeps_what_it_read(
    tmp_path: Path, ahead: type[Ahead], monkeypatch: pytest.MonkeyPatch
) -> None:
    data, out = fill(tmp_path / "data", FILES), tmp_path / "out"
    reading = Intake.read_ahead

    def stop(self: Intake, batches: Batches, batch: Batch) -> None:
        reading(self, batches, batch)
        if self.files_read >= 20:
            raise KeyboardInterrupt
        assert isinstance(self.second, ahead)
        self.second.wait()

    with monkeypatch.context() as patched:
        patched.setattr(Intake, "read_ahead", stop)
        with pytest.raises(KeyboardInterrupt):
            scan(resolve_roots(data), out, options=AT_ONCE)
    assert list_snapshots(out) == ()
    assert not (out / "blobs/tmp").exists()
    assert take(data, out).files_read <= len(FILES) - 20
    _whole(data, out)


@posix
def test_a_second_process_killed_while_files_are_looked_for_costs_time_alone(
    tmp_path: Path, ahead: type[Ahead], monkeypatch: pytest.MonkeyPatch
) -> None:
    reading = Intake.read_ahead

    def kill(self: Intake, batches: Batches, batch: Batch) -> None:
        reading(self, batches, batch)
        if self.second.is_busy and self.second.pid:
            os.kill(self.second.pid, signal.SIGKILL)

    monkeypatch.setattr(Intake, "read_ahead", kill)
    _whole(fill(tmp_path / "data", FILES), tmp_path / "out")
    assert ahead.walking


@posix
def test_no_room_is_told_while_files_are_still_looked_for(
    tmp_path: Path, ahead: type[Ahead]
) -> None:
    data, out = fill(tmp_path / "data", FILES), tmp_path / "out"
    with pytest.raises(DiskFull, match="must stay free"):
        scan(resolve_roots(data), out, options=ScanOptions(settle_s=0, free_floor=2**60))
    assert not ahead.walking
    assert stored_blobs(out) == set()
    _whole(data, out)


@posix
@pytest.mark.parametrize("turn", [0, 1, 2, 5])
def test_a_killed_second_process_costs_time_alone(
    turn: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class KilledReader(Killed, SecondReader):
        TURN = turn

    monkeypatch.setattr(second_reader, "SecondReader", KilledReader)
    _whole(fill(tmp_path / "data", FILES), tmp_path / "out")


def test_a_machine_that_starts_no_process_reads_in_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nothing-here"))
    _whole(fill(tmp_path / "data", FILES), tmp_path / "out")


@posix
def test_a_second_process_waits_for_one_scan_and_there_is_never_another(tmp_path: Path) -> None:
    expect_scan()
    expect_scan()
    (waiting,) = second_reader._waiting.values()
    _whole(fill(tmp_path / "data", FILES), tmp_path / "out")
    assert waiting.has_ended
    assert not second_reader._waiting


@posix
def test_a_second_process_that_is_killed_while_it_waits_costs_time_alone(tmp_path: Path) -> None:
    expect_scan()
    pid = second_reader._waiting[os.getpid()].pid
    assert pid
    os.kill(pid, signal.SIGKILL)
    _whole(fill(tmp_path / "data", FILES), tmp_path / "out")


@posix
def test_a_forked_process_does_not_take_the_second_process_of_the_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    expect_scan()
    with monkeypatch.context() as forked:
        forked.setattr(os, "getpid", lambda: -1)
        assert reader_for_scan().pid is None
    with reader_for_scan() as reader:
        assert reader.pid


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

    monkeypatch.setattr(second_reader, "SecondReader", Seen)
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
from benchagent.inventory import batches, intake, second_reader
from benchagent.inventory.second_reader import SecondReader
class Told(SecondReader):
    def start(self):
        if not self.pid:
            super().start()
            sys.stdout.write(f"{self.pid}\\n")
            sys.stdout.flush()
second_reader.SecondReader = Told
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
    eventually(lambda: not _runs(second), "end of the second process")
    _whole(data, out)


_EXPECTS = """
import os, sys
from benchagent.inventory import second_reader
second_reader.expect_scan()
sys.stdout.write(f"{second_reader._waiting[os.getpid()].pid}\\n")
sys.stdout.flush()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks the process up in /proc")
@pytest.mark.parametrize("end", ["", "os.kill(os.getpid(), 9)"])
def test_a_process_that_never_scans_leaves_none_that_waits_for_it(end: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", _EXPECTS + end],
        capture_output=True,
        check=False,
        timeout=PATIENCE_S,
    )
    assert not ended.stderr
    eventually(lambda: not _runs(int(ended.stdout)), "end of the second process")


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"  # ended, and nobody asked how
