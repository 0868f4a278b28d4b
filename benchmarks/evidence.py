"""How fast a folder of artifacts becomes measurements and facts, beside tools that do parts of it.

    python benchmarks/evidence.py [--files 1000 10000] [--best-of 2] [--dvc PATH] [--folder DIR]

Makes folders of made-up artifacts (10,000 files are 86 MB) in a temporary folder, takes each step
in a process of its own and prints one table. Seconds are those of the step, without the start of
the interpreter and imports; CPU seconds are those of all processes and hold on a machine that does
other work too. A rival that is not installed is left out, with the reason.

Nothing is removed before all is measured, and what was written is on the disk before each step: for
minutes ext4 goes past the inodes of removed files, one by one, whenever it makes one. In a folder
made after another of 1,000 files had been removed, each file took five times as long. So a run
needs room for the output of every try, and other work that removes many files disturbs it.

- `sha256sum`: `find -type f -print0 | xargs -0 -P2 -n500 sha256sum`
- `find`: `find -printf '%p %s %T@'`
- `dvc add`, `git add`: of the same folder, into a new repository
- `read_csv`: DuckDB counts the rows of all CSVs with one `read_csv` over the glob
- `json.loads`: Python reads all JSON files, and of write-ups and logs the bytes; both are read by
  one process, where ours takes two
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from artifact_folders import make_folder

if TYPE_CHECKING:
    from benchagent.inventory.listing import SourceFile

_HERE: Final = Path(__file__).resolve()
# Facts are derived from measurements that stand in memory together.
_FILES_OF_FACTS: Final = 3000


class Taken(NamedTuple):
    """What a step took, or why it could not be taken."""

    seconds: float | None
    cpu_s: float | None = None
    peak_mb: float | None = None
    made: int = 0
    reason: str = ""


class Folder(NamedTuple):
    """A folder of artifacts, and beside it all that is made of it."""

    place: Path
    files: int

    @property
    def data(self) -> Path:
        """The artifacts."""
        return self.place / "data"

    @property
    def out(self) -> Path:
        """What benchagent makes."""
        return self.place / "out"

    def put_aside(self, *parts: str) -> None:
        """Take what an earlier try made out of the way; not removed, see above."""
        aside = self.place / "aside" / str(time.monotonic_ns())
        aside.mkdir(parents=True)
        for part in parts:
            if (self.place / part).exists():
                (self.place / part).rename(aside / Path(part).name)


def hash_only(folder: Folder) -> Callable[[], int]:
    """Walk, hash and classify; nothing is stored."""
    return _scan(folder, size_cap=-1)


def store(folder: Folder) -> Callable[[], int]:
    """The first scan, with the store filled and synced."""
    return _scan(folder)


def rescan(folder: Folder) -> Callable[[], int]:
    """Another scan of the same folder."""
    return _scan(folder)


def _scan(folder: Folder, size_cap: int | None = None) -> Callable[[], int]:
    from benchagent.inventory.second_reader import expect_scan

    expect_scan()  # as a command does, before it imports what it needs
    from benchagent.inventory.options import SIZE_CAP, ScanOptions
    from benchagent.inventory.roots import resolve_roots
    from benchagent.inventory.scans import Scan, scan

    # Without the second in which new files have to hold still; old ones are read meanwhile.
    chosen = ScanOptions(settle_s=0, size_cap=SIZE_CAP if size_cap is None else size_cap)

    def take() -> int:
        found = scan(resolve_roots(folder.data), folder.out, options=chosen)
        assert isinstance(found, Scan), found
        return found.files_read

    return take


def measurements(folder: Folder) -> Callable[[], int]:
    """All CSVs of the snapshot, never parsed before, into measurements, a part at a time."""
    csvs, _ = _by_kind(folder)
    return _measure(folder, csvs)


def others(folder: Folder) -> Callable[[], int]:
    """All else: JSON, write-ups and logs."""
    _, rest = _by_kind(folder)
    return _measure(folder, rest)


def _measure(folder: Folder, files: "list[SourceFile]") -> Callable[[], int]:
    from benchagent.inventory.blobs import read_blob
    from benchagent.measurements.measuring import measure

    def take() -> int:
        found = measure(files, lambda sha256: read_blob(folder.out, sha256), folder.out)
        return sum(part.measurements.num_rows for part in found.parts())

    return take


def facts(folder: Folder) -> Callable[[], int]:
    """The facts that follow from the measurements of the first files, write-ups among them."""
    import pyarrow as pa

    from benchagent.facts.derivations import derive_facts
    from benchagent.facts.fact import Evidence
    from benchagent.inventory.blobs import read_blob
    from benchagent.inventory.observations import current_key
    from benchagent.inventory.snapshots import read_snapshot
    from benchagent.measurements.measuring import measure
    from benchagent.pipeline.stages.measurements import list_files

    key = current_key(folder.out)
    assert key
    files = sorted(chain(*_by_kind(folder)), key=lambda file: file.path)[:_FILES_OF_FACTS]
    table = measure(files, lambda sha256: read_blob(folder.out, sha256), folder.out).whole()
    snapshot = replace(read_snapshot(folder.out, key), files=tuple(files))
    listed = list_files(snapshot, table.files)
    evidence = Evidence(
        measurements=table.measurements,
        failed_runs=table.failed_runs,
        files=listed.filter(pa.array([cell is None for cell in listed["why"].to_pylist()])),
    )

    def take() -> int:
        derive_facts(evidence)
        return table.measurements.num_rows

    return take


def _by_kind(folder: Folder) -> "tuple[list[SourceFile], list[SourceFile]]":
    """The CSVs of the snapshot, and its other files."""
    from benchagent.inventory.observations import current_key
    from benchagent.inventory.snapshots import read_snapshot

    key = current_key(folder.out)
    assert key
    files = read_snapshot(folder.out, key).files
    csvs = [file for file in files if file.kind == "csv"]
    return csvs, [file for file in files if file.kind != "csv"]


def read_csv(folder: Folder) -> Callable[[], int]:
    """DuckDB's bare reader over the same glob."""
    import duckdb

    connection = duckdb.connect()
    glob = str(folder.data / "**" / "*.csv")

    def take() -> int:
        # sums of all columns that hold numbers, or DuckDB would not parse them
        query = (
            "SELECT count(*), sum(ttft_s), sum(tokens_s), sum(load_s), sum(prompt_eval_s), "
            "sum(eval_s), sum(eval_count), max(model) FROM read_csv(?)"
        )
        row = connection.execute(query, [glob]).fetchone()
        assert row
        return row[0]

    return take


def json_loads(folder: Folder) -> Callable[[], int]:
    """Python's own reader of JSON over the same files; of write-ups and logs the bare text."""
    paths = [path for path in sorted(folder.data.rglob("*.*")) if path.suffix != ".csv"]

    def take() -> int:
        for path in paths:
            text = path.read_bytes()
            if path.suffix == ".json":
                json.loads(text)
        return len(paths)

    return take


_ALL: Final = (hash_only, store, rescan, measurements, others, facts, read_csv, json_loads)
STEPS: Final = {step.__name__: step for step in _ALL}


def take_step(name: str, folder: Folder) -> None:
    """Take one step in this process, and print what it took as JSON."""
    step = STEPS[name](folder)
    started, spent = time.perf_counter(), _cpu_s()
    made = step()
    taken = (time.perf_counter() - started, _cpu_s() - spent, _peak_mb(), made)
    sys.stdout.write(json.dumps(taken))


def _cpu_s() -> float:
    return sum(os.times()[:4])  # of this process and of those that it waited for


def _peak_mb() -> float:
    if sys.platform == "linux":  # there, ru_maxrss of a process begins with that of its parent
        status = Path("/proc/self/status").read_text(encoding="ascii")
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


class Bench:
    """Takes steps and rivals, each several times, and keeps the fastest."""

    def __init__(self, best_of: int, dvc: str) -> None:
        """Use this many tries, and this `dvc`."""
        self.best_of = best_of
        self.dvc = dvc

    def ours(self, name: str, folder: Folder, fresh: Sequence[str] = ()) -> Taken:
        """A step of ours in a new process, without the `fresh` parts of an earlier output."""

        def once() -> Taken:
            folder.put_aside(*fresh)
            command = [sys.executable, str(_HERE), "--step", name, str(folder.place)]
            paths = [str(_HERE.parents[1]), os.environ.get("PYTHONPATH", "")]
            environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
            os.sync()
            done = subprocess.run(
                command, stdout=subprocess.PIPE, text=True, check=True, env=environment
            )
            return Taken(*json.loads(done.stdout))

        return self._best(once)

    def rival(
        self, command: str, needs: str, folder: Folder, before: Callable[[], object] = lambda: None
    ) -> Taken:
        """A command of the shell, below the folder's place."""
        if not shutil.which(needs):
            return Taken(None, reason=f"{needs} is not installed")

        def once() -> Taken:
            before()
            os.sync()
            started, spent = time.perf_counter(), _cpu_s()
            done = subprocess.run(
                command, shell=True, cwd=folder.place, stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE, text=True, check=False,
            )  # fmt: skip
            if done.returncode:
                return Taken(None, reason=f"failed: {done.stderr.strip()[-80:]}")
            return Taken(time.perf_counter() - started, _cpu_s() - spent)

        return self._best(once)

    def _best(self, once: Callable[[], Taken]) -> Taken:
        tries = [once() for _ in range(self.best_of)]
        return min(tries, key=lambda taken: taken.seconds or float("inf"))


class Row(NamedTuple):
    """One line of the table: ours, the rival's, and the ratio that is wanted."""

    step: str
    ours: Taken
    rival: str = ""
    theirs: Taken = Taken(None)
    wanted: str = ""


def measure_folder(folder: Folder, bench: Bench) -> list[Row]:
    """Every step on one folder, beside its rivals."""
    hashes = bench.rival(
        "find data -type f -print0 | xargs -0 -P2 -n500 sha256sum", "sha256sum", folder
    )
    listing = bench.rival("find data -printf '%p %s %T@\\n'", "find", folder)
    hashed = bench.ours("hash_only", folder, ["out"])
    stored = bench.ours("store", folder, ["out"])
    same = bench.ours("rescan", folder)
    read = bench.ours("measurements", folder, ["out/parsed"])
    rest = bench.ours("others", folder, ["out/parsed"])
    derived = bench.ours("facts", folder)
    bare, loaded = bench.ours("read_csv", folder), bench.ours("json_loads", folder)
    changed = _one_percent(folder, bench)
    git = bench.rival(
        "git init -q repo && git --git-dir=repo/.git --work-tree=data add -A", "git", folder,
        lambda: folder.put_aside("repo"),
    )  # fmt: skip
    dvc = bench.rival(
        f"{bench.dvc} add -q data", bench.dvc, folder, lambda: _init_dvc(folder, bench.dvc)
    )
    million = _for_a_million(derived)
    return [
        Row("first scan, hashes alone", hashed, "sha256sum", hashes, "1"),
        Row("first scan, store filled", stored, "dvc add", dvc, "0.25"),
        Row("first scan, store filled", stored, "git add", git),
        Row("scan, nothing changed", same, "find", listing, "4"),
        Row("scan, 1 % changed", changed, "find", listing),
        Row(f"CSVs to {read.made:,} measurements", read, "read_csv", bare, "3"),
        Row(f"other files to {rest.made:,} measurements", rest, "json.loads", loaded),
        Row(f"facts, per million of {derived.made:,}", million),
    ]


def _for_a_million(taken: Taken) -> Taken:
    if not taken.seconds or not taken.cpu_s:
        return taken
    times = 1e6 / taken.made
    return taken._replace(seconds=taken.seconds * times, cpu_s=taken.cpu_s * times)


def _one_percent(folder: Folder, bench: Bench) -> Taken:
    def change() -> None:
        for path in sorted(folder.data.rglob("*.*"))[::100]:
            with path.open("ab") as file:
                file.write(b"\n")

    tries: list[Taken] = []
    for _ in range(bench.best_of):
        change()
        tries.append(Bench(1, bench.dvc).ours("rescan", folder))
    return min(tries, key=lambda taken: taken.seconds or float("inf"))


def _init_dvc(folder: Folder, dvc: str) -> None:
    folder.put_aside(".dvc", "data.dvc", ".dvcignore")
    subprocess.run([dvc, "init", "-q", "--no-scm"], cwd=folder.place, check=True)


def write_rows(folder: Folder, size: int, rows: Sequence[Row]) -> str:
    """The rows of one folder as Markdown."""
    lines = [
        f"### {folder.files:,} files, {size / 1e6:,.0f} MB\n",
        "| step | s | CPU s | CPU µs/file | peak MB | rival | s | CPU s | ratio | CPU | wanted |",
        "| --- | ---: | ---: | ---: | ---: | --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for row in rows:
        ours, theirs = row.ours.seconds, row.theirs.seconds
        our_cpu, their_cpu = row.ours.cpu_s, row.theirs.cpu_s
        cells = [
            row.step,
            f"{ours:.2f}" if ours else row.ours.reason,
            f"{our_cpu:.2f}" if our_cpu else "",
            f"{our_cpu / folder.files * 1e6:.0f}" if our_cpu else "",
            f"{row.ours.peak_mb:.0f}" if row.ours.peak_mb else "",
            row.rival,
            f"{theirs:.2f}" if theirs else row.theirs.reason,
            f"{their_cpu:.2f}" if their_cpu else "",
            f"{ours / theirs:.2f}" if ours and theirs else "",
            f"{our_cpu / their_cpu:.2f}" if our_cpu and their_cpu else "",
            f"≤ {row.wanted}" if row.wanted else "",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--files", type=int, nargs="+", default=[1000, 10_000, 100_000])
    parser.add_argument("--best-of", type=int, default=2)
    parser.add_argument("--dvc", default="dvc", help="where dvc is, if it is not on the PATH")
    parser.add_argument("--folder", type=Path, help="where to make the folders")
    parser.add_argument("--step", nargs=2, metavar=("NAME", "PLACE"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.step:
        take_step(chosen.step[0], Folder(Path(chosen.step[1]), 0))
        return
    bench = Bench(chosen.best_of, chosen.dvc)
    print(f"{os.cpu_count()} cores, the best of {bench.best_of}\n", flush=True)
    with tempfile.TemporaryDirectory(dir=chosen.folder) as place:
        for files in chosen.files:
            folder = Folder(Path(place) / str(files), files)
            size = make_folder(folder.data, files)
            print(write_rows(folder, size, measure_folder(folder, bench)), flush=True)


if __name__ == "__main__":
    main()
