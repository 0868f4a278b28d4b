import hashlib
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchagent.inventory.kinds import classify
from benchagent.inventory.listing import Listing, modified_at, readable_name, source_paths
from benchagent.inventory.roots import RootsError, list_unscanned, resolve_roots
from benchagent.inventory.scans import scan
from benchagent_tests.folders import AT_ONCE, RUNS, fill, refusal, take_snapshot

posix = pytest.mark.skipif(os.name == "nt", reason="needs a POSIX file system")
any_bytes = pytest.mark.skipif(sys.platform != "linux", reason="needs names of any bytes")


@contextmanager
def as_nobody() -> Iterator[None]:
    """Root may read everything, so that a test as root must not be root."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_the_roots_of_a_data_folder_are_those_of_the_three_that_are_there(tmp_path: Path) -> None:
    roots = resolve_roots(fill(tmp_path))
    assert [root.name for root in roots.present] == ["reports", "csv_data"]
    assert roots.missing == ("artifacts",)


def test_any_other_folder_is_one_root_and_its_paths_have_no_prefix(tmp_path: Path) -> None:
    fill(tmp_path / "data", {"a/runs.csv": RUNS})
    assert resolve_roots(tmp_path / "data").missing == ()
    snapshot = take_snapshot(tmp_path / "data", tmp_path / "out")
    assert [(f.root, f.path) for f in snapshot.files] == [(".", "a/runs.csv")]


def test_what_lies_beside_the_roots_of_a_data_folder_is_known_by_name(tmp_path: Path) -> None:
    for name in ("a.csv", "notes.md", "agents.yaml", ".hidden.csv"):
        (tmp_path / name).write_text("x\n")
    for name in ("older", "out"):
        (tmp_path / name).mkdir()
    assert list_unscanned(tmp_path) == []  # all of it is scanned
    (tmp_path / "artifacts").mkdir()
    assert list_unscanned(tmp_path) == ["a.csv", "older/"]


def test_several_folders_have_names_and_their_paths_begin_with_them(tmp_path: Path) -> None:
    fill(tmp_path, {"x/runs.csv": RUNS, "y/runs.csv": RUNS})
    roots = resolve_roots(f"gpu={tmp_path / 'x'}", f"cpu={tmp_path / 'y'}")
    scan(roots, tmp_path / "out", options=AT_ONCE)
    assert [root.name for root in roots.present] == ["gpu", "cpu"]
    assert list(source_paths(Listing(), roots, ["cpu/runs.csv"])) == [
        str((tmp_path / "y").resolve() / "runs.csv")
    ]


def test_a_folder_whose_name_has_an_equals_sign_is_a_folder(tmp_path: Path) -> None:
    fill(tmp_path / "num_gpu=80", {"runs.csv": RUNS})
    assert resolve_roots(tmp_path / "num_gpu=80").present[0].name == "."


@pytest.mark.parametrize(
    ("specs", "said"),
    [
        (["nowhere"], "there is no such folder; give"),
        (["file.csv"], "is a file, expected a folder; give"),
        (["empty"], "is empty; put benchmark artifacts"),
        (["full", "full"], "needs a name .* as in runs=DIR"),
        (["a=full", "a=other"], "'a' was given twice"),
        (["a=full", "b=full/below"], "overlap, so files would count twice"),
        (["a=nowhere"], "there is no such folder"),
        (["odd"], "is a file, expected a folder"),  # odd/reports is a file
        ([], "no folder was given"),
    ],
)
def test_a_wrong_folder_is_one_sentence_that_says_what_to_do(
    specs: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    fill(tmp_path, {"file.csv": RUNS, "odd/reports": "x"})
    fill(tmp_path, {"full/runs.csv": RUNS, "full/below/runs.csv": RUNS, "other/runs.csv": RUNS})
    (tmp_path / "empty").mkdir()
    with pytest.raises(RootsError, match=said):
        resolve_roots(*specs)


def test_the_output_folder_is_never_part_of_what_is_read(tmp_path: Path) -> None:
    data = fill(tmp_path / "data", {"runs.csv": RUNS})
    first = take_snapshot(data, data / "out")
    fill(data / "out", {"report.csv": RUNS})
    second = take_snapshot(data, data / "out")
    third = take_snapshot(data, data / "second-out")
    assert [f.path for f in third.files] == ["runs.csv"]
    assert first.sha256 == second.sha256 == third.sha256
    assert [(e.path, e.why) for e in third.unread] == [
        ("out/", "ignored"),
        ("second-out/", "ignored"),
    ]


def test_a_root_in_the_output_folder_is_refused(tmp_path: Path) -> None:
    fill(tmp_path / "out/reports", {"runs.csv": RUNS})
    with pytest.raises(RootsError, match="lies in the output folder"):
        scan(resolve_roots(tmp_path / "out/reports"), tmp_path / "out", options=AT_ONCE)


@posix
def test_everything_that_is_not_read_is_listed_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = fill(
        tmp_path / "data",
        {
            "reports/runs.csv": RUNS,
            "reports/.git/objects/ab": "x",
            "reports/.DS_Store": "x",
            "reports/runs.csv~": RUNS,
            "reports/#runs.csv#": RUNS,
            "reports/~$book.csv": RUNS,
            "reports/big.csv.part": RUNS,
            "reports/Thumbs.db": "x",
            "reports/#1 fastest.csv": RUNS,
        },
    )
    os.mkfifo(data / "reports/pipe.csv")
    with socket.socket(socket.AF_UNIX) as server:
        monkeypatch.chdir(data / "reports")  # the name of a socket is short
        server.bind("s.csv")
    found = take_snapshot(data, tmp_path / "out")
    assert [f.path for f in found.files] == ["reports/#1 fastest.csv", "reports/runs.csv"]
    assert [(e.path.removeprefix("reports/"), e.why, e.reason) for e in found.unread] == [
        ("#runs.csv#", "ignored", "temporary file of an editor, a download or a copy"),
        (".DS_Store", "ignored", "hidden"),
        (".git/", "ignored", "hidden"),
        ("Thumbs.db", "ignored", "file of the operating system"),
        ("big.csv.part", "ignored", "temporary file of an editor, a download or a copy"),
        ("pipe.csv", "special", "named pipe"),
        ("runs.csv~", "ignored", "temporary file of an editor, a download or a copy"),
        ("s.csv", "special", "socket"),
        ("~$book.csv", "ignored", "temporary file of an editor, a download or a copy"),
    ]


@posix
def test_links_are_listed_and_never_followed(tmp_path: Path) -> None:
    data = fill(tmp_path / "data", {"reports/a/runs.csv": RUNS, "elsewhere/secret.csv": RUNS})
    reports = data / "reports"
    (reports / "same.csv").symlink_to("a/runs.csv")
    (reports / "out.csv").symlink_to("../elsewhere/secret.csv")
    (reports / "folder").symlink_to(data / "elsewhere")
    (reports / "gone.csv").symlink_to("nothing.csv")
    (reports / "loop").symlink_to("loop")
    (reports / "a" / "up").symlink_to("..")
    found = take_snapshot(data, tmp_path / "out")
    assert [f.path for f in found.files] == ["reports/a/runs.csv"]
    assert {
        e.path.removeprefix("reports/"): e.reason.rpartition(" to ")[2] for e in found.unread
    } == {
        "a/up": ".., which is listed under its own name",
        "folder": f"{data}/elsewhere, outside its root: not followed",
        "gone.csv": "nothing.csv, which is not there",
        "loop": "loop, which is not there",
        "out.csv": "../elsewhere/secret.csv, outside its root: not followed",
        "same.csv": "a/runs.csv, which is listed under its own name",
    }


@posix
def test_a_root_may_itself_be_a_link(tmp_path: Path) -> None:
    fill(tmp_path / "disk", {"runs.csv": RUNS})
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "reports").symlink_to(tmp_path / "disk")
    found = take_snapshot(tmp_path / "data", tmp_path / "out")
    assert [f.path for f in found.files] == ["reports/runs.csv"]


@posix
def test_what_may_not_be_read_is_listed_and_read_once_it_may(tmp_path: Path) -> None:
    # Nobody may not import what root's interpreter imports late: this makes it do so before.
    take_snapshot(fill(tmp_path / "data", {"a.csv": RUNS}), tmp_path / "out")
    with as_nobody(), TemporaryDirectory() as name:
        room = Path(name)
        data = fill(room / "data", {"a.csv": RUNS, "b.csv": RUNS + "x", "locked/c.csv": RUNS})
        (data / "b.csv").chmod(0)
        (data / "locked").chmod(0)
        before = take_snapshot(data, room / "out")
        (data / "b.csv").chmod(0o600)
        (data / "locked").chmod(0o700)
        after = take_snapshot(data, room / "out")
    assert [f.path for f in before.files] == ["a.csv"]
    assert [(e.path, e.why, e.reason) for e in before.unread] == [
        ("b.csv", "unreadable", "cannot be read: Permission denied"),
        ("locked/", "unreadable", "cannot be read: Permission denied"),
    ]
    assert [f.path for f in after.files] == ["a.csv", "b.csv", "locked/c.csv"]


def test_a_file_over_the_cap_is_hashed_and_not_kept(tmp_path: Path) -> None:
    content = b"x" * 3_000_000
    data = fill(tmp_path / "data", {"reports/trace.json": content, "reports/runs.csv": RUNS})
    options = replace(AT_ONCE, size_cap=1_000_000)
    found = take_snapshot(data, tmp_path / "out", options)
    trace = found.files[1]
    assert (trace.sha256, trace.retained) == (hashlib.sha256(content).hexdigest(), False)
    assert trace.reason == "larger than 1,000,000 bytes: hashed, and not kept"
    assert not (tmp_path / "out/blobs" / trace.sha256[:2] / trace.sha256).exists()
    # A larger cap later keeps it, though its hash is remembered.
    take_snapshot(fill(data, {"reports/new.csv": RUNS}), tmp_path / "out", AT_ONCE)
    assert (tmp_path / "out/blobs" / trace.sha256[:2] / trace.sha256).read_bytes() == content


@any_bytes
def test_names_that_differ_only_in_case_or_normalisation_are_entries_of_their_own(
    tmp_path: Path,
) -> None:
    names = ["Runs.csv", "runs.csv", "mesure-é.csv", "mesure-e\u0301.csv", "other.csv"]
    data = fill(tmp_path / "data", dict.fromkeys(names, RUNS))
    found = take_snapshot(data, tmp_path / "out")
    assert sorted(f.path for f in found.files) == sorted(names)


@any_bytes
def test_a_name_that_is_no_text_survives_json_and_parquet(tmp_path: Path) -> None:
    data = fill(tmp_path / "data", {"runs.csv": RUNS})
    odd = os.fsencode(data) + b"/caf\xe9"
    os.mkdir(odd)  # noqa: PTH102 - a name of bytes
    with open(odd + b"/\xff\n.csv", "wb") as file:  # noqa: PTH123
        file.write(b"a,b\n1,2\n")
    with open(odd + b"/plain.csv", "wb") as file:  # noqa: PTH123
        file.write(b"a,b\n1,2\n")
    found = take_snapshot(data, tmp_path / "out")
    paths = [f.path for f in found.files]
    assert paths == ["caf\\xe9/\\xff\n.csv", "caf\\xe9/plain.csv", "runs.csv"]
    assert pa.array(paths).to_pylist() == paths


names = st.text(alphabet="\\xuf0e9\udce9\udcff\ud800é", min_size=1)


@given(names, names)
def test_no_two_names_are_written_alike(one: str, other: str) -> None:
    readable_name(one).encode()
    assert (readable_name(one) == readable_name(other)) == (one == other)


@pytest.mark.parametrize(
    ("path", "head", "kind", "content"),
    [
        ("a/runs.csv", b"model,tokens_s\n", "csv", "text"),
        ("a/RUNS.TSV", b"model\ttokens_s\n", "csv", "text"),
        ("a/notes.md", b"[link](x)\n", "md", "text"),  # opens with a bracket, is no JSON
        ("a/x.json", b'\xef\xbb\xbf{"a": 1}', "json", "json"),
        ("a/x.jsonl", b'{"a": 1}\n{"a": 2}\n', "json", "json"),
        ("a/x.json", b"Traceback (most recent call last):\n", "json", "text"),
        ("a/x.csv", b"\xff\xfem\0o\0", "csv", "text"),  # UTF-16
        ("a/x.csv", b"m\0o\0d\0", "csv", "binary"),  # UTF-16 without its mark
        ("a/x.csv", b"", "csv", "empty"),
        ("a/trace.ncu-rep", b"NVR\0", "other", "binary"),
        ("a/run.py", b"a, b = 1, 2\nc, d = 3, 4\n", "other", "text"),
        ("a/x.csv.gz", b"\x1f\x8b\x08\0", "other", "binary"),
        ("a.b/results", b'[{"a": 1}]', "json", "json"),  # no suffix: by content
        ("a/README", b"# Runs\n\nText, and more, of it\n", "md", "text"),
        ("a/table", b"a,b\n1,2\n3,4\n", "csv", "text"),
        ("a/LICENSE", b"Permission is hereby granted, free of\ncharge\n", "other", "text"),
    ],
)
def test_a_file_is_classified_by_its_name_and_its_content(
    path: str, head: bytes, kind: str, content: str
) -> None:
    assert classify(path, head) == (kind, content)


@pytest.mark.parametrize(
    ("mtime_ns", "written"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (1_759_424_917_999_999_999, "2025-10-02T17:08:37Z"),
        (-1, "1969-12-31T23:59:59Z"),
        (10**30, None),  # no calendar has that year
    ],
)
def test_a_modification_time_is_written_in_utc(mtime_ns: int, written: str | None) -> None:
    assert modified_at(mtime_ns // 10**9) == written


def test_folders_without_a_file_to_read_are_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "data/reports").mkdir(parents=True)
    fill(tmp_path / "data", {"reports/.keep": ""})
    found = refusal(tmp_path / "data", tmp_path / "out")
    assert found.reason.endswith(
        "data/reports (reports/.keep: hidden); put benchmark artifacts (CSV, JSON, Markdown) there"
    )
    assert not (tmp_path / "out/snapshots").exists()
