"""How many files, of which kinds, and what became of each."""

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from benchagent.facts.derivations.counted_once.repeated_rows import Repeated
from benchagent.facts.derivations.counted_once.samples import Samples
from benchagent.facts.derivations.rows.frame import Frame
from benchagent.facts.derivations.rows.runs import name_run
from benchagent.facts.fact import About, Evidence, Fact
from benchagent.facts.ids import Ids
from benchagent.wording import quoted

# What the first bytes look like, by the kind that a file's name promises.
_KEPT_PROMISES = {"json": ("json",), "csv": ("text",), "md": ("text", "json")}

# How a failed run may be written down so that a reader takes it for a result.
_SEEMING = {"zero": "results of zero", "blank": "blank results", "result": "as successful"}


class ListedFile(NamedTuple):
    """One row of `Evidence.files`."""

    path: str
    root: str
    kind: str
    modified_at: float | None
    n_measurements: int
    n_failed: int
    reason_code: str | None
    reason: str | None
    duplicate_of: str | None
    content: str | None


def read_files(files: pa.Table) -> tuple[ListedFile, ...]:
    """The listing of a snapshot, by path; `root` is the first part of a path unless it is given."""
    rows = (_read_file(row) for row in files.to_pylist())
    return tuple(sorted(rows, key=lambda file: file.path))


def _read_file(row: dict[str, Any]) -> ListedFile:
    path = row["path"]
    folder = path.partition("/")[0] if "/" in path else ""
    return ListedFile(
        path=path,
        root=row.get("root") or folder,
        kind=row.get("kind") or "other",
        modified_at=_seconds(row.get("modified_at")),
        n_measurements=row.get("n_measurements") or 0,
        n_failed=row.get("n_failed") or 0,
        reason_code=row.get("reason_code"),
        reason=row.get("reason"),
        duplicate_of=row.get("duplicate_of"),
        content=row.get("content"),
    )


def _seconds(moment: object) -> float | None:
    """A modification time in seconds since the epoch; a time without offset is UTC."""
    if moment is None or isinstance(moment, int | float):
        return moment
    when = moment if isinstance(moment, datetime) else datetime.fromisoformat(str(moment))
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()


def count_of(
    what: str,
    unit: str,
    label: str,
    sources: Iterable[str],
    *,
    of: str | None = None,
    about: About = "corpus",
) -> Fact:
    """A count of files or runs by name; the same name twice counts once."""
    named = tuple(sorted(set(sources)))
    return Fact(
        kind="count",
        label=label,
        value=len(named),
        unit=unit,
        about=about,
        of=of,
        statistic=what,
        method="count",
        sources=named,
    )


def count_corpus(evidence: Evidence, samples: Samples) -> Iterator[Fact]:
    """Counts of files, runs and numbers, and the latest modification."""
    files = read_files(evidence.files)
    yield count_of("files", "files", "files in the snapshot", (file.path for file in files))
    yield from _count_by(files, "files-of-kind", "files of the kind", lambda file: file.kind)
    yield from _count_by(files, "files-in-root", "files in the root", lambda file: file.root)
    for root in sorted(set(evidence.missing_roots)):
        label = f"files in the missing root {quoted(root)}"
        yield count_of("files-in-missing-root", "files", label, (), of=root)
    yield from _count_outcomes(evidence, files)
    yield from _latest_modification(files)
    yield from _count_runs(evidence, samples)


def _count_by(
    files: Iterable[ListedFile], what: str, label: str, part: Callable[[ListedFile], str]
) -> Iterator[Fact]:
    parts: dict[str, list[str]] = defaultdict(list)
    for file in files:
        parts[part(file)].append(file.path)
    for name, paths in sorted(parts.items()):
        yield count_of(what, "files", f"{label} {quoted(name)}", paths, of=name)


def _count_outcomes(evidence: Evidence, files: tuple[ListedFile, ...]) -> Iterator[Fact]:
    silent = [file for file in files if not (file.n_measurements or file.n_failed)]
    read = [file.path for file in files if file.n_measurements]
    yield count_of("files-with-measurements", "files", "files that gave measurements", read)
    yield count_of(
        "files-without-measurements",
        "files",
        "files that gave neither measurements nor failed runs",
        (file.path for file in silent),
    )
    yield from _count_by(
        [file for file in silent if file.reason],
        "files-by-reason",
        "files without measurements, listed as",
        lambda file: file.reason or "",
    )
    copies = [file.path for file in files if file.duplicate_of]
    yield count_of("duplicate-files", "files", "files that repeat another one exactly", copies)
    originals = [file.duplicate_of for file in files if file.duplicate_of]
    yield count_of("duplicated-files", "files", "files that another one repeats", originals)
    yield count_of(
        "misnamed-files",
        "files",
        "files whose content is not what their name says",
        (file.path for file in files if is_misnamed(file) and not _is_damaged(file)),
    )
    yield count_of(
        "unknown-formats",
        "files",
        "files of no known format",
        (file.path for file in silent if file.reason_code == "unknown-format"),
    )
    yield count_of(
        "unreadable-files",
        "files",
        "files that could not be read as what they are",
        [
            *(file.path for file in silent if _is_damaged(file)),
            *evidence.unreadable,
        ],
    )
    collisions = sorted(_colliding(file.path for file in files))
    label = "files whose names differ only in case or in how characters are composed"
    yield count_of("colliding-names", "files", label, collisions)


def _is_damaged(file: ListedFile) -> bool:
    return file.reason_code == "unreadable"


def is_misnamed(file: ListedFile) -> bool:
    """Whether the first bytes of a file are something else than its name promises."""
    promised = _KEPT_PROMISES.get(file.kind)
    return promised is not None and file.content is not None and file.content not in promised


def _colliding(paths: Iterable[str]) -> Iterator[str]:
    folded: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        folded[unicodedata.normalize("NFC", path).casefold()].append(path)
    for alike in folded.values():
        if len(alike) > 1:
            yield from alike


def _latest_modification(files: tuple[ListedFile, ...]) -> Iterator[Fact]:
    dated = [(file.modified_at, file.path) for file in files if file.modified_at is not None]
    if dated:
        latest, path = max(dated)
        yield Fact(
            kind="time",
            label="latest modification of a file, as the file system tells it",
            value=latest,
            unit="utc",
            statistic="latest-modification",
            method="latest",
            sources=(path,),
        )


def _count_runs(evidence: Evidence, samples: Samples) -> Iterator[Fact]:
    numbers = np.sort(evidence.measurements.select(["id"])["id"].to_numpy())
    yield Fact(
        kind="count",
        label="numbers found in all files",
        value=len(numbers),
        unit="numbers",
        statistic="measurements",
        method="count",
        measurements=Ids(numbers),
    )
    frame = _without_wholes(samples.frame)
    yield Fact(
        kind="count",
        label="numbers measured in runs, each counted once",
        value=len(frame),
        unit="numbers",
        statistic="measured-numbers",
        method="count",
        measurements=Ids(frame.ids),
    )
    run = ["source_path", "record"]
    named = {name_run(*each) for each in frame.records(run, frame.first_of_each(run))}
    yield count_of("runs", "runs", "measured runs, each counted once", named)
    lone = named.intersection(name_run(path, record) for path, record in samples.lone_runs())
    label = "runs that are the only ones of their subject, settings and item"
    yield count_of("lone-runs", "runs", label, lone)
    label = "runs left out because another file tells of them too"
    whole = samples.near.keys() | samples.averaged.keys()
    exactly = [run for run in samples.retold if run.partition("#")[0] not in whole]
    yield count_of("retold-runs", "runs", label, exactly)
    for path, runs in _by_path(samples.repeated):
        label = f"runs in {quoted(path)} that repeat earlier ones of it"
        yield count_of("repeated-runs", "runs", label, runs, of=path)
    label = "files with the numbers of another one, rounded"
    yield count_of("near-copies", "files", label, samples.near)
    label = "files of whose numbers another one gives fewer digits"
    yield count_of("nearly-copied", "files", label, samples.near.values())
    if samples.averaged:
        label = "files of means or medians over the runs of another one"
        yield count_of("averaged", "files", label, samples.averaged)
        label = "files whose runs another one averages"
        yield count_of("averaged-of", "files", label, set(samples.averaged.values()))
    retelling = {run.partition("#")[0] for run in exactly}
    label = "files that tell of runs which another file tells of too"
    yield count_of("retelling-files", "files", label, retelling)
    yield from _count_failed(evidence)


def _by_path(repeated: Iterable[Repeated]) -> Iterable[tuple[str, list[str]]]:
    found: dict[str, list[str]] = defaultdict(list)
    for each in repeated:
        found[each.path] += [name_run(each.path, record) for record in each.records]
    return sorted(found.items())


def _without_wholes(frame: Frame) -> Frame:
    """The rows of single runs: without records that others of their file are parts of.

    A load of requests (`#`, `#line=3`) is no run beside its requests (`#/ttfts/0`,
    `#line=3/ttfts/0`).
    """
    records = set(frame.used("record"))
    wholes = {whole for record in records for whole in _wholes_of(record) if whole in records}
    return frame.take(~frame.has("record", *wholes)) if wholes else frame


def _wholes_of(record: str) -> Iterator[str]:
    whole = record.rpartition("/")[0]
    while "#" in whole:
        yield whole
        whole = whole.rpartition("/")[0]


def _count_failed(evidence: Evidence) -> Iterator[Fact]:
    columns = ["source_path", "record", "subject", "recorded_as", "reason", "duplicate_of"]
    by_reason: dict[str, list[str]] = defaultdict(list)
    by_subject: dict[str, list[str]] = defaultdict(list)
    as_results: dict[str, list[str]] = defaultdict(list)
    for row in evidence.failed_runs.select(columns).to_pylist():
        if row["duplicate_of"] is None:
            run = name_run(row["source_path"], row["record"])
            by_reason[row["reason"]].append(run)
            if row["recorded_as"] in _SEEMING:
                as_results[row["recorded_as"]].append(run)
            if row["subject"]:
                by_subject[row["subject"]].append(run)
    everything = [run for runs in by_reason.values() for run in runs]
    yield count_of("failed-runs", "runs", "failed runs", everything)
    files = {run.partition("#")[0] for run in everything}
    yield count_of("files-with-failed-runs", "files", "files that hold failed runs", files)
    for reason, runs in sorted(by_reason.items()):
        label = f"failed runs with the reason {quoted(reason)}"
        yield count_of("failed-runs-by-reason", "runs", label, runs, of=reason)
    for recorded_as, runs in sorted(as_results.items()):
        label = f"failed runs whose file gives them {_SEEMING[recorded_as]}"
        yield count_of("failed-runs-as-results", "runs", label, runs, of=recorded_as)
    for subject, runs in sorted(by_subject.items()):
        label = f"failed runs of {quoted(subject)}"
        yield count_of("failed-runs-of-subject", "runs", label, runs, of=subject)
