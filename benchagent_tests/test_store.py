import errno
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from benchagent.inventory.blobs import BlobDamaged, BlobMissing, blob_path, read_blob
from benchagent.store import (
    DiskFull,
    StoreBusy,
    StoreError,
    StoreUnwritable,
    append_line,
    explained,
    locked,
    make_folder,
    replacing,
    require_free_space,
    sweep_temporaries,
    write_atomically,
)
from benchagent_tests.folders import RUNS, fill, take_snapshot
from benchagent_tests.patience import PATIENCE_S


def test_a_file_is_there_whole_and_its_owner_alone_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "out" / "facts.json"
    write_atomically(path, "{}")
    write_atomically(path, '{"n": 1}')
    assert path.read_text() == '{"n": 1}'
    assert os.listdir(path.parent) == ["facts.json"]  # noqa: PTH208
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot sync a folder")
def test_a_file_is_on_the_disk_before_its_name_and_those_of_new_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(os.fstat(descriptor).st_ino))
    path = tmp_path / "a" / "b" / "facts.json"
    write_atomically(path, "{}")
    wanted = (path, path.parent, tmp_path / "a", tmp_path)
    assert synced == [each.stat().st_ino for each in wanted]


def test_a_folder_that_was_there_keeps_its_permissions(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    make_folder(tmp_path)
    assert tmp_path.stat().st_mode & 0o777 == 0o755


def test_a_writer_that_raises_leaves_the_old_file_and_no_rubbish(tmp_path: Path) -> None:
    path = tmp_path / "facts.parquet"
    write_atomically(path, "old")
    with pytest.raises(ZeroDivisionError), replacing(path) as temporary:
        temporary.write_text(f"half of it{1 // 0}")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["facts.parquet"]  # noqa: PTH208


def test_an_error_of_the_writer_itself_travels_untouched(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), replacing(tmp_path / "copy.csv"):
        (tmp_path / "source.csv").read_bytes()


def test_many_processes_writing_one_file_leave_one_whole_content(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from benchagent.store import write_atomically\n"
        "for _ in range(20): write_atomically(Path(sys.argv[1]), sys.argv[2] * 50_000)"
    )
    path = tmp_path / "manifest.json"
    writers = [subprocess.Popen([sys.executable, "-c", script, path, c]) for c in "ab"]
    assert [writer.wait(PATIENCE_S) for writer in writers] == [0, 0]
    assert path.read_text() in ("a" * 50_000, "b" * 50_000)
    assert os.listdir(tmp_path) == ["manifest.json"]  # noqa: PTH208


def test_a_line_after_a_torn_one_is_a_line_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "observations.jsonl"
    append_line(path, "one")
    with path.open("a") as file:
        file.write("tor")
    append_line(path, "two")
    assert path.read_text() == "one\ntor\ntwo\n"


def test_too_little_free_disk_is_a_sentence_that_says_what_to_do(tmp_path: Path) -> None:
    require_free_space(tmp_path, 1, floor=0)
    with pytest.raises(DiskFull, match=r"are free, 1.0 MB are to be written .* prune"):
        require_free_space(tmp_path, 10**6, floor=10**18)


@pytest.mark.parametrize(
    ("number", "error"),
    [
        (errno.ENOSPC, DiskFull),
        (errno.EDQUOT, DiskFull),
        (errno.EFBIG, DiskFull),  # a limit on the size of files
        (errno.EROFS, StoreUnwritable),
        (errno.EACCES, StoreUnwritable),
    ],
)
def test_what_the_system_says_of_a_write_is_explained(number: int, error: type[Exception]) -> None:
    with pytest.raises(error, match=r"out/facts\.json: .*;"), explained(Path("out/facts.json")):
        raise OSError(number, os.strerror(number))


@pytest.mark.skipif(not Path("/proc/version").exists(), reason="needs a file system of the kernel")
def test_an_output_folder_that_cannot_be_made_is_explained() -> None:
    with pytest.raises(Exception, match=r"/proc/.*; ") as caught:
        write_atomically(Path("/proc/benchagent/out/facts.json"), "{}")
    assert type(caught.value).__module__ == "benchagent.store"


def test_a_held_lock_is_busy_and_a_free_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "locks" / "scan.lock"
    found: list[str] = []

    def wait_for_it() -> None:
        try:
            with locked(path, doing="scanning", wait_s=0.05):
                found.append("held")
        except StoreBusy as error:
            found.append(str(error))

    with locked(path, doing="scanning"):
        other = threading.Thread(target=wait_for_it)
        other.start()
        other.join()
    wait_for_it()
    assert found == [
        f"{path}: another benchagent process is scanning; wait until it is done, or end it",
        "held",
    ]


def test_a_lock_dies_with_its_process(tmp_path: Path) -> None:
    path = tmp_path / "scan.lock"
    script = (
        "import sys, time; from pathlib import Path; from benchagent.store import locked\n"
        "with locked(Path(sys.argv[1]), doing='scanning'):\n"
        "    sys.stdout.write('held\\n'); sys.stdout.flush(); time.sleep(60)"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", script, path], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(StoreBusy), locked(path, doing="scanning", wait_s=0.05):
        pass
    holder.kill()
    holder.wait(PATIENCE_S)
    with locked(path, doing="scanning", wait_s=10):
        pass


def test_stored_content_is_checked_when_it_is_read(tmp_path: Path) -> None:
    out = tmp_path / "out"
    snapshot = take_snapshot(fill(tmp_path / "data"), out)
    sha256 = next(f.sha256 for f in snapshot.files if f.path.endswith(".csv"))
    assert read_blob(out, sha256) == RUNS.encode()

    blob_path(out, sha256).write_bytes(b"model,tokens_s\ngemma3:270m,912.4\n")
    with pytest.raises(BlobDamaged, match="--rehash"):
        read_blob(out, sha256)
    blob_path(out, sha256).unlink()
    with pytest.raises(BlobMissing, match="--rehash"):
        read_blob(out, sha256)


def test_a_hash_that_is_a_path_reads_nothing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is not a SHA-256"):
        read_blob(tmp_path, "../../../etc/passwd")


def test_what_a_killed_process_left_half_written_is_swept_away(tmp_path: Path) -> None:
    gone = 2**22 + 1  # no process has such a number
    left = tmp_path / "deep" / f".report.md.{gone}-0123abcd.tmp"
    ours = tmp_path / f".report.md.{os.getpid()}-0123abcd.tmp"
    other = tmp_path / ".notes.tmp"
    left.parent.mkdir()
    for path in (left, ours, other):
        path.write_text("ha")

    assert sweep_temporaries(tmp_path) == 0, "it may still be written"
    assert sweep_temporaries(tmp_path, silent_s=-1) == 1

    assert not left.exists()
    assert ours.exists()
    assert other.exists()


def test_a_file_that_cannot_be_written_is_named_and_not_its_temporary_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, *_: object) -> int:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(StoreUnwritable, match=r"facts\.csv: cannot be written"):
        write_atomically(tmp_path / "facts.csv", "n\n")


def test_a_folder_that_is_a_file_is_explained(tmp_path: Path) -> None:
    (tmp_path / "a-file").write_text("here\n", encoding="utf-8")
    with pytest.raises(StoreError), replacing(tmp_path / "a-file" / "x.csv"):
        pass
