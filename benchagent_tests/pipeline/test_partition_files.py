import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Barrier, BrokenBarrierError, Event

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from benchagent.pipeline.partition_files import (
    PACKAGE,
    PartitionMissing,
    code_version,
    digest_of,
    forget,
    make_once,
    read_table,
    read_value,
    stamp_of,
    version_of,
    write_table,
    write_value,
)
from benchagent.pipeline.stages.accounts import TELLING
from benchagent.pipeline.stages.facts import DERIVING
from benchagent.pipeline.stages.findings import FINDING
from benchagent.pipeline.stages.measurements import MEASURING
from benchagent.pipeline.stages.reports import REPORTING
from benchagent.store import write_atomically
from benchagent_tests.folders import killed_before
from benchagent_tests.patience import PATIENCE_S

NUMBERS = TypeAdapter(tuple[int, ...])


class Maker:
    """Makes a file and counts how often."""

    def __init__(self, text: str = "made") -> None:
        self.text = text
        self.times = 0

    def __call__(self, path: Path) -> None:
        self.times += 1
        write_atomically(path, self.text)


def test_a_file_is_made_once_for_each_version(tmp_path: Path) -> None:
    make, path = Maker(), tmp_path / "a.json"

    made = [make_once(path, version, make) for version in ("1", "1", "2", "2", "1")]

    assert made == [True, False, True, False, True]
    assert make.times == 3


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot sync a folder")
def test_a_file_in_a_new_folder_is_on_the_disk_with_the_folder_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: set[int] = set()
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.add(os.fstat(descriptor).st_ino))

    make_once(tmp_path / "new" / "a.json", "1", Maker())

    written = (tmp_path, tmp_path / "new", tmp_path / "new" / "a.json")
    assert {path.stat().st_ino for path in written} <= synced


def test_who_comes_while_a_file_is_made_waits_and_finds_it(tmp_path: Path) -> None:
    path, begun, met = tmp_path / "a.json", Event(), Barrier(2, timeout=0.5)

    def make(path: Path) -> None:
        begun.set()
        with suppress(BrokenBarrierError):
            met.wait()  # nobody else may get here meanwhile
        write_atomically(path, "made")

    with ThreadPoolExecutor(2) as both:
        first = both.submit(make_once, path, "1", make)
        assert begun.wait(PATIENCE_S)
        second = both.submit(make_once, path, "1", make)

        assert (first.result(60), second.result(60)) == (True, False)


def test_a_file_that_is_gone_is_made_again_though_its_stamp_stands(tmp_path: Path) -> None:
    make, path = Maker(), tmp_path / "a.json"
    make_once(path, "1", make)
    path.unlink()

    assert make_once(path, "1", make)
    assert path.read_text() == "made"


def test_what_is_forgotten_is_made_again_and_stands_until_then(tmp_path: Path) -> None:
    make, path = Maker(), tmp_path / "a.json"
    make_once(path, "1", make)
    forget(path)

    assert path.read_text() == "made"
    assert stamp_of(path) is None
    assert make_once(path, "1", make)


def test_a_stamp_tells_how_long_it_took(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    make_once(path, "1", Maker())

    stamp = stamp_of(path)

    assert stamp is not None
    assert stamp.version == "1"
    assert stamp.seconds >= 0


@pytest.mark.parametrize("text", ["", "half", "1 2 3", "1 soon", "1 0.25"])
def test_a_stamp_that_cannot_be_read_is_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.json"
    make_once(path, "1", Maker())
    (tmp_path / "a.json.made").write_text(text)

    assert stamp_of(path) is None
    assert make_once(path, "1", Maker())


def test_an_attempt_that_fails_leaves_what_was_there_unstamped(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    make_once(path, "1", Maker("old"))

    def fail(path: Path) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_once(path, "2", fail)

    assert path.read_text() == "old"
    assert stamp_of(path) is None, "nothing of the old version is taken for the new one"


def test_killed_at_any_moment_nothing_half_written_is_taken_for_whole(tmp_path: Path) -> None:
    step = 0
    while True:
        step += 1
        out = tmp_path / str(step)
        path = out / "a.parquet"
        out.mkdir()
        make_once(path, "1", lambda path: write_table(path, pa.table({"n": [1]})))

        def again(path: Path = path) -> None:
            make_once(path, "2", lambda path: write_table(path, pa.table({"n": [2]})))

        killed = killed_before(step, out, again)
        stamp, numbers = stamp_of(path), read_table(path)["n"].to_pylist()
        assert numbers in ([1], [2])
        assert stamp is None or (stamp.version, numbers) in (("1", [1]), ("2", [2]))
        again()
        assert read_table(path)["n"].to_pylist() == [2]
        if not killed:
            break
    assert step > 5, "it was killed several times"


@given(st.lists(st.text(), max_size=4), st.lists(st.text(), max_size=4))
def test_other_parts_are_another_version(one: list[str], other: list[str]) -> None:
    same = one == other or "\x00".join(one) == "\x00".join(other)

    assert (version_of(*one) == version_of(*other)) == same


@pytest.mark.parametrize(
    "rooms",
    [MEASURING, DERIVING, FINDING, TELLING, REPORTING],
)
def test_every_room_that_decides_a_step_is_there(rooms: tuple[str, ...]) -> None:
    for room in rooms:
        assert (PACKAGE / room).exists(), room


def test_a_room_that_was_moved_away_is_an_error_and_not_an_empty_version() -> None:
    with pytest.raises(FileNotFoundError):
        code_version("no_such_room.py")


def test_the_version_of_the_code_follows_from_its_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchagent.pipeline.partition_files.PACKAGE", tmp_path)
    room = tmp_path / "room"
    (room / "__pycache__").mkdir(parents=True)
    (room / "a.py").write_text("1")
    # as another process asks, which has not asked before
    ask = code_version.__wrapped__
    before = ask("room")
    (room / "__pycache__" / "a.pyc").write_text("compiled")
    compiled = ask("room")
    (room / "a.py").write_text("2")
    changed = ask("room")
    (room / "prompt.md").write_text("Say.")
    prompted = ask("room")
    (room / "personas").mkdir()
    (room / "personas" / "fox.md").write_text("You are a fox.")

    assert before == compiled
    assert len({before, changed, prompted, ask("room")}) == 4
    assert ask("room", without="room/personas") == prompted


def test_values_and_tables_come_back_as_they_were(tmp_path: Path) -> None:
    write_value(tmp_path / "n.json", (1, 2), NUMBERS)
    write_table(tmp_path / "t.parquet", pa.table({"a": [1, None]}))

    assert read_value(tmp_path / "n.json", NUMBERS) == (1, 2)
    assert read_table(tmp_path / "t.parquet")["a"].to_pylist() == [1, None]


@pytest.mark.parametrize("content", [None, b"", b"[1, ", b"PAR1 and no end", b'{"a": 1}'])
def test_what_is_missing_or_damaged_is_said_with_what_to_do(
    tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "x"
    if content is not None:
        path.write_bytes(content)

    for read in (lambda: read_value(path, NUMBERS), lambda: read_table(path)):
        with pytest.raises(PartitionMissing) as raised:
            read()
        assert str(raised.value).startswith(f"{path}: ")
        assert "benchagent run" in str(raised.value)


def test_a_digest_is_of_the_content(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("same")
    (tmp_path / "b").write_text("same")

    assert digest_of(tmp_path / "a") == digest_of(tmp_path / "b")
    with pytest.raises(PartitionMissing):
        digest_of(tmp_path / "c")
