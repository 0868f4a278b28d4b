import hashlib
import json
import os
import random
import re
import shutil
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchagent.inventory import intake
from benchagent.inventory.blobs import blob_path, read_blob, stored_blobs
from benchagent.inventory.listing import SourceFile
from benchagent.inventory.no_snapshot import NoSnapshot
from benchagent.inventory.observations import current_key, observe, read_observations
from benchagent.inventory.options import ScanOptions
from benchagent.inventory.pruning import prune
from benchagent.inventory.roots import resolve_roots
from benchagent.inventory.scans import Scan, scan
from benchagent.inventory.snapshots import (
    Snapshot,
    SnapshotDamaged,
    SnapshotUnknown,
    find_key,
    first_seen,
    list_snapshots,
    manifest_path,
    new_key,
    read_snapshot,
    snapshot_sha256,
)
from benchagent.store import DiskFull, StoreBusy, locked
from benchagent_tests.folders import (
    AT_ONCE,
    RUNS,
    SMALL,
    fill,
    finish_scan,
    killed_before,
    refusal,
    start_scan,
    take,
    take_snapshot,
)
from benchagent_tests.patience import PATIENCE_S

posix = pytest.mark.skipif(os.name == "nt", reason="needs a POSIX system")
SENSOR = ScanOptions(settle_s=None)


def a_source_file(path: str = "reports/runs.csv", **changed: object) -> SourceFile:
    file = SourceFile(
        root="reports",
        path=path,
        sha256="ab" * 32,
        size=31,
        modified_at="2025-10-02T17:08:37Z",
        kind="csv",
        content="text",
        retained=True,
        reason=None,
    )
    return replace(file, **changed)


@given(
    st.lists(
        st.tuples(
            st.text(alphabet="ab/é\u0301\\ \n", min_size=1),
            st.sampled_from(["00" * 32, "ff" * 32]),
            st.sampled_from(["1999-01-01T00:00:00Z", "2025-10-02T17:08:37Z", None]),
        ),
        max_size=6,
        unique_by=lambda row: row[0],
    ),
    st.randoms(use_true_random=False),
)
def test_identity_does_not_depend_on_times_or_order(
    rows: list[tuple[str, str, str | None]], shuffled: random.Random
) -> None:
    files = [a_source_file(path, sha256=sha256) for path, sha256, _ in rows]
    other = [a_source_file(path, sha256=sha, modified_at=at) for path, sha, at in rows]
    shuffled.shuffle(other)
    assert snapshot_sha256(files) == snapshot_sha256(other)


@pytest.mark.parametrize(
    "changed",
    [
        {"path": "reports/run.csv"},
        {"sha256": "cd" * 32},
        {"root": "csv_data"},
    ],
)
def test_a_name_a_root_or_content_makes_another_snapshot(changed: dict[str, str]) -> None:
    assert snapshot_sha256([a_source_file()]) != snapshot_sha256([a_source_file(**changed)])


def test_a_name_is_the_same_in_either_unicode_normalisation() -> None:
    composed, decomposed = a_source_file("reports/é.csv"), a_source_file("reports/e\u0301.csv")
    assert snapshot_sha256([composed]) == snapshot_sha256([decomposed])
    assert snapshot_sha256([composed]) != snapshot_sha256([composed, decomposed])


def test_a_fresh_clone_with_other_times_is_the_same_snapshot(tmp_path: Path) -> None:
    one = fill(tmp_path / "one", SMALL)
    two = fill(tmp_path / "two", dict(reversed(SMALL.items())))
    for index, file in enumerate(path for path in two.rglob("*") if path.is_file()):
        os.utime(file, (index, index))
    first = take_snapshot(one, tmp_path / "one-out")
    second = take_snapshot(two, tmp_path / "two-out")
    assert first.sha256 == second.sha256
    assert first.key[17:] == second.key[17:] == first.sha256[:12]
    assert first.files[0].modified_at != second.files[0].modified_at


def test_a_key_is_safe_as_a_path_and_as_a_partition_key() -> None:
    now = datetime(2026, 11, 21, 21, 46, 43, tzinfo=UTC)
    key = new_key("0123456789abcdef" * 4, now)
    assert key == "20261121T214643Z-0123456789ab"
    assert first_seen(key) == "2026-11-21T21:46:43Z"


def test_a_snapshot_read_back_is_what_was_seen(tmp_path: Path) -> None:
    data = fill(tmp_path / "data")
    os.utime(data / "reports/notes.md", (1_759_424_917, 1_759_424_917))
    found = take_snapshot(data, tmp_path / "out")
    assert [f.path for f in found.files] == sorted(SMALL)
    assert found.missing_roots == ("artifacts",)
    assert found.files[2] == SourceFile(
        root="reports",
        path="reports/notes.md",
        sha256=hashlib.sha256(SMALL["reports/notes.md"].encode()).hexdigest(),
        size=25,
        modified_at="2025-10-02T17:08:37Z",
        kind="md",
        content="text",
        retained=True,
        reason=None,
    )
    assert _stored(tmp_path / "out", found) == SMALL


def test_a_second_scan_reads_nothing_and_keeps_the_key(tmp_path: Path) -> None:
    data, out = fill(tmp_path / "data"), tmp_path / "out"
    first, second = take(data, out), take(data, out)
    assert (first.new, first.files_read) == (True, 3)
    assert second == Scan(key=first.key, new=False, files=3, files_read=0, bytes_read=0)
    assert [seen.key for seen in read_observations(out)] == [first.key, first.key]


def test_only_what_changed_is_read_again(tmp_path: Path) -> None:
    data, out = fill(tmp_path / "data"), tmp_path / "out"
    first = take(data, out)
    fill(data, {"csv_data/sweep.json": "[]"})
    second = take(data, out)
    assert (second.new, second.files_read, second.bytes_read) == (True, 1, 2)
    assert second.key != first.key


def test_content_that_comes_back_is_the_same_snapshot_and_current_again(tmp_path: Path) -> None:
    data, out = fill(tmp_path / "data"), tmp_path / "out"
    first = take(data, out).key
    second = take(fill(data, {"reports/notes.md": "# Other\n"}), out).key
    assert current_key(out) == second
    third = take(fill(data), out)
    assert (third.key, third.new, current_key(out)) == (first, False, first)
    assert len(list_snapshots(out)) == 2


def test_a_touched_file_is_the_same_snapshot(tmp_path: Path) -> None:
    data, out = fill(tmp_path / "data"), tmp_path / "out"
    first = take(data, out)
    os.utime(data / "reports/notes.md", (1, 1))
    assert take(data, out).key == first.key
    assert read_snapshot(out, first.key).files[2].modified_at != "1970-01-01T00:00:01Z"


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps no time of the last status change")
def test_content_changed_behind_a_restored_time_is_noticed(tmp_path: Path) -> None:
    data, out = fill(tmp_path / "data"), tmp_path / "out"
    file = data / "reports/gemma3/runs.csv"
    first, times = take(data, out), file.stat()
    file.write_text(RUNS.replace("212.4", "912.4"))
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert take(data, out).key != first.key


def test_a_rename_is_a_new_snapshot_of_the_same_content(tmp_path: Path) -> None:
    data, out = fill(tmp_path / "data"), tmp_path / "out"
    first, blobs = take(data, out), stored_blobs(out)
    (data / "reports/notes.md").rename(data / "reports/read-me.md")
    assert take(data, out).key != first.key
    assert stored_blobs(out) == blobs


def test_a_past_snapshot_is_whole_after_the_folder_has_changed(tmp_path: Path) -> None:
    data, out = fill(tmp_path / "data"), tmp_path / "out"
    first = take(data, out).key
    fill(data, {"reports/gemma3/runs.csv": "model,tokens_s\ngemma3:270m,1.0\n"})
    take(data, out)
    past = next(f for f in read_snapshot(out, first).files if f.path.endswith("runs.csv"))
    assert read_blob(out, past.sha256) == RUNS.encode()


def test_rehash_reads_everything_and_mends_a_damaged_store(tmp_path: Path) -> None:
    data, out = fill(tmp_path / "data"), tmp_path / "out"
    first = take_snapshot(data, out)
    blob_path(out, first.files[0].sha256).write_bytes(b"damaged")
    manifest_path(out, first.key).write_text("damaged")
    again = take(data, out, replace(AT_ONCE, rehash=True))
    assert (again.key, again.files_read) == (first.key, 3)
    assert read_snapshot(out, first.key) == first
    assert read_blob(out, first.files[0].sha256)


def test_a_sensor_waits_until_two_scans_saw_the_same(tmp_path: Path) -> None:
    data, out = fill(tmp_path / "data"), tmp_path / "out"
    found = refusal(data, out, SENSOR)
    assert found.unsettled == tuple(sorted(SMALL))
    assert found.reason == (
        "csv_data/sweep.json has not settled (the last scan did not see it as it is now), "
        "and 2 more; scan again when nothing writes there any more"
    )
    assert take(data, out, SENSOR).new


def test_a_burst_of_files_makes_one_snapshot(tmp_path: Path) -> None:
    data, out = fill(tmp_path / "data"), tmp_path / "out"
    take(data, out)
    for tick in range(5):
        fill(data, {f"reports/burst/{tick}-{n}.csv": f"n\n{n}\n" for n in range(20)})
        assert len(refusal(data, out, SENSOR).unsettled) == 20
    assert take(data, out, SENSOR).files == 103
    assert not take(data, out, SENSOR).new
    assert len(list_snapshots(out)) == 2


def test_one_scan_waits_for_new_files_alone(tmp_path: Path) -> None:
    data, out = fill(tmp_path / "data"), tmp_path / "out"
    started = time.monotonic()
    take(data, out, ScanOptions(settle_s=0.3))
    assert time.monotonic() - started >= 0.3
    # The next is done before it could have waited so long.
    assert not take(data, out, ScanOptions(settle_s=3600)).new


def test_a_file_that_changes_before_it_is_read_has_not_settled(tmp_path: Path) -> None:
    data, out = fill(tmp_path / "data"), tmp_path / "out"

    def write_more(done: int, _total: int, _bytes: int) -> None:
        if done == 0:
            with (data / "reports/gemma3/runs.csv").open("a") as file:
                file.write("gemma3:270m,")

    found = scan(resolve_roots(data), out, options=AT_ONCE, progress=write_more)
    assert isinstance(found, NoSnapshot)
    assert found.unsettled == ("reports/gemma3/runs.csv",)
    assert "its size went from 33 to 45 bytes" in found.reason
    assert list_snapshots(out) == ()


@pytest.mark.parametrize("vanishes", [True, False])
def test_a_file_read_at_once_that_changes_until_the_others_settle_has_not_settled(
    vanishes: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, out = fill(tmp_path / "data"), tmp_path / "out"
    old = data / "reports/notes.md"
    os.utime(old, (1_759_424_917, 1_759_424_917))
    monkeypatch.setattr(intake, "_PROGRESS_S", -1.0)

    def change(done: int, _total: int, _bytes: int) -> None:
        if done == 1 and old.exists():  # it was read first: the others were just written
            if vanishes:
                old.unlink()
            else:
                old.write_text("# Notes\n\nCold runs only.\n")

    found = scan(resolve_roots(data), out, options=ScanOptions(settle_s=1.0), progress=change)
    assert isinstance(found, NoSnapshot)
    assert found.unsettled == ("reports/notes.md",)
    assert list_snapshots(out) == ()


def test_a_file_that_vanishes_before_it_is_read_has_not_settled(tmp_path: Path) -> None:
    data, out = fill(tmp_path / "data"), tmp_path / "out"
    found = scan(
        resolve_roots(data),
        out,
        options=AT_ONCE,
        progress=lambda *_: (data / "reports/notes.md").unlink(missing_ok=True),
    )
    assert isinstance(found, NoSnapshot)
    assert found.unsettled == ("reports/notes.md",)


def test_a_file_that_is_written_all_the_time_never_gives_half_of_it(tmp_path: Path) -> None:
    data, out = fill(tmp_path / "data"), tmp_path / "out"
    log, stop = data / "reports/server.json", threading.Event()
    log.write_bytes(b"x" * 5_000_000)

    def write() -> None:
        with log.open("ab", buffering=0) as file:
            while not stop.is_set():
                file.write(b"x" * 1000)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        refused = refusal(data, out)
        without = take_snapshot(data, out, replace(AT_ONCE, leave_out_unsettled=True))
    finally:
        stop.set()
        writer.join()
    assert refused.unsettled == ("reports/server.json",)
    assert [f.path for f in without.files] == sorted(SMALL)
    assert [(e.path, e.why) for e in without.unread] == [("reports/server.json", "unsettled")]
    assert take(data, out).files == 4


def test_a_root_that_lost_its_files_makes_no_snapshot(tmp_path: Path) -> None:
    data, out = fill(tmp_path / "data"), tmp_path / "out"
    key = take(data, out).key
    (data / "csv_data/sweep.json").unlink()
    found = refusal(data, out)
    assert found.reason == (
        f"{data}: root 'csv_data' had 1 file and now {data}/csv_data holds no file to read; "
        "mount it or bring its files back, or allow it to be empty if they were removed on purpose"
    )
    assert current_key(out) == key
    assert take(data, out, replace(AT_ONCE, allow_emptied=True)).new
    assert not take(data, out).new


def test_a_root_that_is_gone_makes_no_snapshot(tmp_path: Path) -> None:
    data, out = fill(tmp_path / "data", {**SMALL, "README.md": "# Data\n"}), tmp_path / "out"
    take(data, out)
    (data / "csv_data").rename(tmp_path / "unmounted")
    assert "the folder csv_data/ is gone" in refusal(data, out).reason
    # Without any of the three, README.md must not become a snapshot of its own.
    (data / "reports").rename(tmp_path / "unmounted-too")
    assert "the folder reports/ is gone" in refusal(data, out).reason


def test_two_folders_may_share_an_output_folder(tmp_path: Path) -> None:
    one, out = fill(tmp_path / "one"), tmp_path / "out"
    two = fill(tmp_path / "two", {"runs.csv": RUNS})
    keys = [take(folder, out).key for folder in (one, two, one)]
    assert keys[0] == keys[2] == current_key(out)
    assert len(list_snapshots(out)) == 2


def test_two_scans_at_once_make_one_snapshot(tmp_path: Path) -> None:
    data, out = tmp_path / "data", tmp_path / "out"
    fill(data, {f"reports/{n}.csv": f"n\n{n}\n" for n in range(300)})
    found = [finish_scan(process) for process in [start_scan(data, out) for _ in range(3)]]
    assert len({each["key"] for each in found}) == 1
    assert sorted(each["new"] for each in found) == [False, False, True]  # type: ignore[type-var]
    assert len(read_observations(out)) == 3


def test_a_scan_that_may_not_wait_says_who_is_busy(tmp_path: Path) -> None:
    data, out = fill(tmp_path / "data"), tmp_path / "out"
    take(data, out)
    with locked(out / "locks/scan.lock", doing="scanning"), pytest.raises(StoreBusy):
        scan(resolve_roots(data), out, options=replace(SENSOR, wait_s=0))


@posix
def test_a_scan_killed_at_any_step_leaves_nothing_half_written(tmp_path: Path) -> None:
    data, out = fill(tmp_path / "data"), tmp_path / "out"
    whole = take_snapshot(data, tmp_path / "undisturbed")
    step = 1
    while killed_before(step, out, lambda: take(data, out)):
        assert {read_snapshot(out, key).sha256 for key in list_snapshots(out)} <= {whole.sha256}
        assert current_key(out) in (None, *list_snapshots(out))
        found = take_snapshot(data, out)
        assert (found.sha256, _stored(out, found)) == (whole.sha256, SMALL)
        shutil.rmtree(out)
        step += 1
    assert step > 30


@posix
def test_a_scan_killed_again_and_again_still_gets_there(tmp_path: Path) -> None:
    data, out = fill(tmp_path / "data"), tmp_path / "out"
    for step in range(1, 40):
        killed_before(step, out, lambda: take(data, out))
    assert _stored(out, take_snapshot(data, out)) == SMALL
    assert len(list_snapshots(out)) == 1


def test_a_scan_killed_from_outside_is_made_good_by_the_next(tmp_path: Path) -> None:
    data, out = tmp_path / "data", tmp_path / "out"
    fill(data, {f"reports/{n}.csv": f"n\n{n}\n" * 50 for n in range(1000)})
    process = start_scan(data, out)
    while process.poll() is None and not list(out.glob("blobs/??/*")):
        time.sleep(0.001)
    process.kill()
    process.communicate()
    found = take_snapshot(data, out)
    assert len(_stored(out, found)) == 1000
    assert not (out / "blobs/tmp").exists()


def _stored(out: Path, snapshot: Snapshot) -> dict[str, str]:
    return {file.path: read_blob(out, file.sha256).decode() for file in snapshot.files}


def test_a_scan_that_is_interrupted_goes_on_where_it_was(tmp_path: Path) -> None:
    data, out = tmp_path / "data", tmp_path / "out"
    fill(data, {f"reports/{n}.csv": f"n\n{n}\n" for n in range(200)})

    def interrupt(done: int, total: int, _bytes: int) -> None:
        if done == total:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scan(resolve_roots(data), out, options=AT_ONCE, progress=interrupt)
    assert list_snapshots(out) == ()
    again = take(data, out)
    assert (again.new, again.files, again.files_read) == (True, 200, 0)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no limit on the size of files")
@pytest.mark.parametrize("room", [0, 150_000])  # for nothing at all, and not for every artifact
def test_a_full_disk_is_a_sentence_and_the_next_scan_is_whole(room: int, tmp_path: Path) -> None:
    data, out = tmp_path / "data", tmp_path / "out"
    fill(data, {**SMALL, "reports/big.csv": "n\n" * 100_000})
    limit = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({room}, {room}))\n"
    process = start_scan(data, out, before=limit)
    _, errors = process.communicate(timeout=PATIENCE_S)
    assert re.search(r"DiskFull: .*: no room to write .*; free some space", errors)
    assert list_snapshots(out) == ()
    found = take_snapshot(data, out)
    assert _stored(out, found)


def test_a_scan_leaves_a_floor_of_free_disk(tmp_path: Path) -> None:
    data, out = fill(tmp_path / "data"), tmp_path / "out"
    with pytest.raises(DiskFull, match="must stay free"):
        take(data, out, replace(AT_ONCE, free_floor=10**18))
    assert stored_blobs(out) == set()
    assert take(data, out).new


def test_a_damaged_memory_costs_time_alone(tmp_path: Path) -> None:
    data, out = fill(tmp_path / "data"), tmp_path / "out"
    key = take(data, out).key
    (memory,) = (out / "rescan").iterdir()
    sound = memory.read_bytes()
    for place in range(0, len(sound), 7):
        memory.write_bytes(sound[:place] + bytes([sound[place] ^ 1]) + sound[place + 1 :])
        assert take(data, out).key == key
    for cut in (0, 10, len(sound) // 2, len(sound) - 1):
        memory.write_bytes(sound[:cut])
        assert take(data, out).key == key
    assert list_snapshots(out) == (key,)


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: text[: len(text) // 2],
        lambda text: text.replace("sweep", "swoop"),  # still JSON, names another file
        lambda text: text.replace('"size"', '"sighs"'),
        lambda text: "[]",
        lambda text: "\udcff",
    ],
)
def test_a_damaged_manifest_is_an_error_and_the_scan_mends_it(
    damage: "type[str]", tmp_path: Path
) -> None:
    data, out = fill(tmp_path / "data"), tmp_path / "out"
    whole = take_snapshot(data, out)
    path = manifest_path(out, whole.key)
    path.write_text(damage(path.read_text()), errors="surrogateescape")
    with pytest.raises(SnapshotDamaged, match="remove it, and the next scan"):
        read_snapshot(out, whole.key)
    path.unlink()
    assert take(data, out).key == whole.key
    assert read_snapshot(out, whole.key) == whole


@pytest.mark.parametrize("key", ["20261121T214643Z-0123456789ab", "../../etc", ""])
def test_a_snapshot_that_is_not_there_is_unknown(key: str, tmp_path: Path) -> None:
    with pytest.raises(SnapshotUnknown, match="benchagent snapshots list"):
        read_snapshot(tmp_path, key)


def test_observations_survive_a_torn_line_and_a_removed_snapshot(tmp_path: Path) -> None:
    data, out = fill(tmp_path / "data"), tmp_path / "out"
    first = take(data, out).key
    second = take(fill(data, {"reports/notes.md": "# Other\n"}), out).key
    with (out / "observations.jsonl").open("a") as file:
        file.write('{"at": "2026-11-2')
    assert current_key(out) == second
    manifest_path(out, second).unlink()
    assert current_key(out) == first
    assert take(data, out).key == second


def test_observations_of_years_stay_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchagent.inventory.observations._LONG", 10_000)
    keys = [f"20261121T21464{n}Z-0123456789ab" for n in range(3)]
    for key in keys:
        for _ in range(60):
            observe(tmp_path, key, "/data", {"reports": 3})
    seen = [each.key for each in read_observations(tmp_path)]
    assert len(seen) < 80
    assert list(dict.fromkeys(seen)) == keys
    assert (tmp_path / "observations.jsonl").stat().st_size <= 10_000


def _three_snapshots(tmp_path: Path) -> tuple[Path, list[str]]:
    data, out = fill(tmp_path / "data"), tmp_path / "out"
    notes = ("# One\n", "# Two\n", "# Three\n")
    return out, [take(fill(data, {"reports/notes.md": text}), out).key for text in notes]


def test_prune_retires_old_snapshots_with_all_that_belongs_to_them(tmp_path: Path) -> None:
    out, keys = _three_snapshots(tmp_path)
    (out / "snapshots" / keys[0] / "facts.json").write_text("{}")
    pruned = prune(out, keep=2)
    assert (pruned.keys, pruned.blobs, pruned.bytes_freed) == ((keys[0],), 1, 6)
    assert sorted(os.listdir(out / "snapshots")) == sorted(keys[1:])  # noqa: PTH208
    for key in keys[1:]:
        assert _stored(out, read_snapshot(out, key))


def test_prune_never_retires_what_is_in_use(tmp_path: Path) -> None:
    out, keys = _three_snapshots(tmp_path)
    assert prune(out, keep=0, in_use=lambda: [keys[0]]).keys == (keys[1],)
    assert sorted(list_snapshots(out)) == sorted([keys[0], keys[2]])
    assert current_key(out) == keys[2]


def test_prune_keeps_those_that_were_seen_last(tmp_path: Path) -> None:
    out, keys = _three_snapshots(tmp_path)
    take(fill(tmp_path / "data", {"reports/notes.md": "# One\n"}), out)
    assert prune(out, keep=2).keys == (keys[1],)


def test_content_that_comes_back_after_a_prune_is_stored_again(tmp_path: Path) -> None:
    out, keys = _three_snapshots(tmp_path)
    prune(out, keep=1)
    found = take_snapshot(fill(tmp_path / "data", {"reports/notes.md": "# One\n"}), out)
    assert found.key[17:] == keys[0][17:]
    assert _stored(out, found)


def test_a_remembered_hash_is_no_stored_content(tmp_path: Path) -> None:
    one, out = fill(tmp_path / "one"), tmp_path / "out"
    take(one, out)
    take(fill(tmp_path / "two", {"runs.csv": "n\n1\n"}), out)
    prune(out, keep=1)
    found = take_snapshot(one, out)
    assert _stored(out, found)


def test_prune_removes_nothing_while_a_kept_manifest_cannot_be_read(tmp_path: Path) -> None:
    out, keys = _three_snapshots(tmp_path)
    manifest_path(out, keys[2]).write_text("{}")
    blobs = stored_blobs(out)
    with pytest.raises(SnapshotDamaged):
        prune(out, keep=1)
    assert (list_snapshots(out), stored_blobs(out)) == (tuple(sorted(keys)), blobs)


@posix
def test_a_prune_killed_at_any_step_leaves_whole_snapshots(tmp_path: Path) -> None:
    source, keys = _three_snapshots(tmp_path / "source")
    out, step = tmp_path / "out", 1
    shutil.copytree(source, out)
    while killed_before(step, out, lambda: prune(out, keep=1)):
        assert current_key(out) == keys[2]
        assert all(_stored(out, read_snapshot(out, key)) for key in list_snapshots(out))
        prune(out, keep=1)
        assert os.listdir(out / "snapshots") == [keys[2]]  # noqa: PTH208
        assert len(stored_blobs(out)) == 3
        shutil.rmtree(out)
        shutil.copytree(source, out)
        step += 1
    assert step > 10


def test_one_twelve_digit_prefix_may_stand_for_two_contents(tmp_path: Path) -> None:
    key = take(fill(tmp_path / "data"), tmp_path / "out").key
    other = key[17:] + "0" * 52
    assert find_key(tmp_path / "out", other) is None
    assert json.loads(manifest_path(tmp_path / "out", key).read_text())["key"] == key
