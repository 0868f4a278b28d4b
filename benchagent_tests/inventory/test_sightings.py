import os
import sys
import tracemalloc
from collections.abc import Iterator
from itertools import islice, product
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchagent.inventory import listing, scans
from benchagent.inventory.blobs import blob_path, read_blob
from benchagent.inventory.listing import Listing, walk
from benchagent.inventory.options import ScanOptions
from benchagent.inventory.outcomes import TO_READ, Outcome, Stamp
from benchagent.inventory.roots import resolve_roots
from benchagent.inventory.scans import scan
from benchagent.inventory.sightings import Row, gathered, matched, rows_in
from benchagent.inventory.snapshots import read_snapshot
from benchagent.inventory.spool import Place, Spool
from benchagent_tests.folders import AT_ONCE, RUNS, fill, refusal, take, take_snapshot

any_bytes = pytest.mark.skipif(sys.platform != "linux", reason="needs names of any bytes")
# As texts "a-b" < "a.b" < "a/b" < "ab", though of the names alone "a" comes first.
NAMES = ["a", "a-b", "a.b", "ab", "b", "é", "e\u0301", "\\x", "z"]
TREES = st.sets(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4).map("/".join), max_size=25)


def _apart(paths: set[str]) -> list[str]:
    """Those that can be files side by side: none is a folder of another."""
    return [path for path in paths if not any(other.startswith(path + "/") for other in paths)]


def _row(path: str, outcome: str = "") -> Row:
    return path, Stamp("1 2 3 4"), Outcome(outcome)


@settings(max_examples=25)  # it makes folders
@given(TREES, TREES)
def test_a_walk_is_ordered_by_root_and_path_at_any_depth(one: set[str], other: set[str]) -> None:
    with TemporaryDirectory() as name:
        files = [f"a/{path}" for path in _apart(one)] + [f"a-b/{path}" for path in _apart(other)]
        room = fill(Path(name), dict.fromkeys([*files, "a/last.csv", "a-b/last.csv"], RUNS))
        roots = resolve_roots(f"a-b={room / 'a-b'}", f"a={room / 'a'}")
        found = [path for path, *_ in walk(roots.present, Listing())]
        seen = [_written(path, room) for path in room.rglob("*") if path.is_file()]
    assert found == sorted(seen, key=roots.rank)


def test_a_file_is_given_before_those_after_it_are_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[os.stat_result] = []

    def look(seen: os.stat_result) -> Stamp:
        looked_at.append(seen)
        return Stamp("1 2 3 4")

    monkeypatch.setattr(listing, "stamp_of", look)
    roots = resolve_roots(fill(tmp_path / "data", dict.fromkeys("abcde", RUNS)))
    for number, _ in enumerate(walk(roots.present, Listing()), start=1):
        assert len(looked_at) == number


def _written(path: Path, room: Path) -> str:
    return path.relative_to(room).as_posix().replace("\\x", "\\x5cx")


@given(TREES, TREES)
def test_two_tables_are_matched_as_by_looking_up_each_path(one: set[str], other: set[str]) -> None:
    def rank(path: str) -> tuple[str, str]:
        return path.partition("/")[0], path

    rows = [_row(path) for path in sorted(one, key=rank)]
    others = {path: _row(path, "~it moved") for path in sorted(other, key=rank)}
    looked_up = [(row, others.get(row[0])) for row in rows]
    assert list(matched(rows, others.values(), rank)) == looked_up


@given(st.lists(st.tuples(st.sampled_from(["", "known", "now", "later"]), st.integers())))
def test_each_row_gets_its_outcome_from_the_part_that_holds_it(
    drawn: list[tuple[str, int]],
) -> None:
    rows = [_row(f"{at}") for at in range(len(drawn))]
    parts = {
        part: [_row(f"{at}", f"!{told}") for at, (of, told) in enumerate(drawn) if of == part]
        for part in ("known", "now", "later")
    }
    wanted = [_row(f"{at}", f"!{told}" if of else "") for at, (of, told) in enumerate(drawn)]
    assert list(gathered(rows, *parts.values())) == wanted


@given(
    st.lists(st.tuples(st.text(alphabet="aé𝄞\n", min_size=1), st.sampled_from(["", "~how"]))),
    st.integers(min_value=1, max_value=9),
)
def test_rows_are_read_back_from_bytes_that_are_cut_anywhere(
    cells: list[tuple[str, str]], size: int
) -> None:
    rows = [_row(path, outcome) for path, outcome in cells]
    content = "".join(f"{path}\0{stamp}\0{outcome}\0" for path, stamp, outcome in rows).encode()
    chunks = (content[at : at + size] for at in range(0, len(content), size))
    assert list(rows_in(chunks)) == rows


@pytest.mark.parametrize("size", [10, 10_000_000])  # one stays in memory, the other does not
def test_a_spool_gives_back_what_was_put_aside_and_has_no_name(size: int, tmp_path: Path) -> None:
    with Spool(tmp_path) as spool:
        places = [spool.add(bytes([number]) * size) for number in range(3)]
        chunks = spool.chunks()
        first = next(chunks)
        assert spool.get(places[1]) == b"\1" * size
        assert spool.get(Place(places[1].at - 1, 2)) == b"\0\1"
        assert first + b"".join(chunks) == bytes(size) + b"\1" * size + b"\2" * size
        if os.name != "nt":
            assert not list(tmp_path.iterdir())


@any_bytes
def test_the_identity_does_not_depend_on_how_roots_and_names_sort(tmp_path: Path) -> None:
    names = {f"{root}/{name}.csv": f"{name}\n" for root, name in product(("a", "a-b"), NAMES)}
    fill(tmp_path, {**names, "a/e\u0301/f.csv": RUNS, "a/é/f.csv": "n\n1\n"})
    roots = resolve_roots(f"a-b={tmp_path / 'a-b'}", f"a={tmp_path / 'a'}")
    found = scan(roots, tmp_path / "out", options=AT_ONCE)
    assert isinstance(found, scans.Scan)
    # Reading it computes the identity anew, from all files in memory.
    assert len(read_snapshot(tmp_path / "out", found.key).files) == found.files == 20


def test_a_scan_of_ten_times_the_files_takes_no_more_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def peak_kb(files: int, out: Path) -> float:
        def walk_them(*_: object) -> Iterator[Row]:
            for number in range(files):
                stamp = Stamp(f"{number} 1759424917000000000 1759424917000000000 {number}")
                yield f"reports/{number:08d}.csv", stamp, TO_READ

        monkeypatch.setattr(scans, "walk", walk_them)
        sensor = ScanOptions(settle_s=None)
        refusal(tmp_path / "data", out, sensor)
        tracemalloc.start()
        try:
            refusal(tmp_path / "data", out, sensor)  # now with a memory of them all
            return tracemalloc.get_traced_memory()[1] / 1024
        finally:
            tracemalloc.stop()

    fill(tmp_path / "data", {"reports/runs.csv": RUNS})
    few, many = (peak_kb(files, tmp_path / f"{files}") for files in (2000, 20_000))
    assert many < few + 500, (few, many)


def test_what_a_killed_scan_named_is_looked_at_before_it_is_believed(tmp_path: Path) -> None:
    data, out = fill(tmp_path / "data"), tmp_path / "out"
    found = take_snapshot(data, out)
    damaged, sound = (blob_path(out, file.sha256) for file in islice(found.files, 2))
    # The machine went down: a name is on the disk, and what it names is not.
    (out / "blobs/tmp").mkdir()
    (out / "blobs/tmp/begun").touch()
    damaged.write_bytes(b"")
    sound.touch()
    fill(data, {"reports/new.csv": "n\n1\n"})
    assert take(data, out).files_read == 2
    assert all(read_blob(out, file.sha256) for file in take_snapshot(data, out).files)
    assert not (out / "blobs/tmp").exists()
