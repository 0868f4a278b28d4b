"""A folder of artifacts as a verifier needs it: files, values, names and words, loaded once."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import PurePosixPath
from typing import Any, Final

import pyarrow as pa

from benchagent.facts.fact import Fact
from benchagent.measurements.named_columns import read_rows
from benchagent.verification.evidence.contents import find_records, read_contents
from benchagent.verification.evidence.datums import DatumIndex
from benchagent.verification.evidence.derived import datums_of_facts, datums_of_leaves
from benchagent.verification.evidence.failed_runs import FailedRuns, count_failed_runs
from benchagent.verification.evidence.listed_files import (
    FileIndex,
    ListedFile,
    index_files,
    list_files,
)
from benchagent.verification.evidence.measured import datums_of_measurements
from benchagent.verification.kept import Kept
from benchagent.verification.text.names import find_stamps
from benchagent.verification.text.settings import LevelFinder, build_level_finder
from benchagent.verification.text.subjects import SubjectFinder, build_finder

_OF_ROW: Final = (
    "subject", "metric", "source_path", "record", "duplicate_of", "kind", "measured_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """All that the data say, ready for any number of reports.

    Attributes:
        files: by path.
        file_index: what is asked of them again and again.
        by_name: paths by file name, lower case.
        counts: what can be counted, by noun: `files`, `models`, `runs`, `failed runs`, …
        stems: file names without their suffix, lower case.
        plain_paths: paths in lower case without what joins their words.
        kind_counts: files by kind.
        fields: names of columns and keys, lower case, and the files that have them.
        words: words of file contents and the number of files that hold them.
        path_words: words of paths and the files whose path holds them.
        days: days named by stamps of file names or by the data as times of measurement.
        failed_runs: how many runs failed, where and whose.
        rows_of_path, lines_of_path: rows of CSV files without their header, lines of any text.
    """

    files: Mapping[str, ListedFile]
    file_index: FileIndex
    by_name: Mapping[str, tuple[str, ...]]
    index: DatumIndex
    finder: SubjectFinder
    levels: LevelFinder
    subjects: frozenset[str]
    metrics: frozenset[str]
    metrics_of_path: Mapping[str, frozenset[str]]
    metrics_of_subject: Mapping[str, frozenset[str]]
    rows_of_subject: Mapping[str, int]
    counts: Mapping[str, frozenset[int]]
    counted: tuple[Fact, ...]
    stems: frozenset[str]
    plain_paths: Mapping[str, str]
    kind_counts: Mapping[str, int]
    fields: Mapping[str, frozenset[str]]
    words: Mapping[str, frozenset[str]]
    path_words: Mapping[str, frozenset[str]]
    days: frozenset[date]
    measured_days: frozenset[date]
    failed_runs: FailedRuns
    missing_roots: tuple[str, ...] = ()
    rows_of_path: Mapping[str, int] = field(default_factory=dict[str, int])
    lines_of_path: Mapping[str, int] = field(default_factory=dict[str, int])
    paths_of_subject: Mapping[str, frozenset[str]] = field(
        default_factory=dict[str, frozenset[str]]
    )
    _naming: Kept[tuple[str, ...]] = field(
        default_factory=Kept[tuple[str, ...]], compare=False, repr=False
    )

    def find_paths_naming(self, word: str) -> tuple[str, ...]:
        """The paths with a word in them, whatever joins their words."""
        plain = self.plain_paths.items()
        return self._naming.ask(word, lambda: tuple(p for p, told in plain if word in told))


def load_corpus(
    files: pa.Table,
    measurements: pa.Table,
    facts: Iterable[Fact],
    read_bytes: Callable[[str], bytes],
    missing_roots: tuple[str, ...] = (),
) -> Corpus:
    """The data of one snapshot, indexed.

    Args:
        files: one row per file, as `pipeline.stages.evidence.list_files` gives them.
        measurements: `MEASUREMENT_SCHEMA`.
        facts: what was derived from them.
        read_bytes: the bytes of a SHA-256.
        missing_roots: artifact roots that should be there and are not.
    """
    facts = tuple(facts)
    listed = {file.path: file for file in list_files(files)}
    measured_places = {
        (path, locator): subject
        for path, locator, subject in read_rows(measurements, ("source_path", "locator", "subject"))
    }
    contents = read_contents(files, read_bytes, find_records(measured_places))
    leaves = [
        leaf
        for leaf in contents.leaves
        if (leaf.source.path, leaf.source.locator) not in measured_places
    ]
    datums = [
        *datums_of_measurements(measurements),
        *datums_of_facts(facts),
        *leaves,
        *datums_of_leaves(leaves),
    ]
    measured = [row for row in _read_rows(measurements) if row["kind"] != "claimed"]
    subjects = Counter(row["subject"].lower() for row in measured if row["subject"])
    by_name: dict[str, list[str]] = defaultdict(list)
    for path in listed:
        by_name[PurePosixPath(path).name.lower()].append(path)
    days = find_stamps(listed)
    times = {day for row in measured if (day := _day(row["measured_at"]))}
    return Corpus(
        files=listed,
        file_index=index_files(listed.values()),
        by_name={name: tuple(paths) for name, paths in by_name.items()},
        index=DatumIndex.of(datums),
        finder=build_finder(subjects, _collect(measured, "subject")),
        levels=build_level_finder(
            {
                setting
                for datum in datums
                if datum.origin == "measured"
                for setting in datum.settings
            }
        ),
        subjects=frozenset(subjects),
        metrics=frozenset(row["metric"] for row in measured),
        metrics_of_path=_collect(measured, "source_path"),
        metrics_of_subject=_collect(measured, "subject"),
        rows_of_subject=subjects,
        counts=_count(measured, listed, facts),
        counted=tuple(fact for fact in facts if fact.kind in ("count", "time")),
        stems=frozenset(PurePosixPath(path).stem.lower() for path in listed),
        plain_paths={path: re.sub(r"[\s_-]", "", path.lower()) for path in listed},
        kind_counts=Counter(file.kind for file in listed.values()),
        fields={name: frozenset(paths) for name, paths in contents.fields.items()},
        words={word: frozenset(paths) for word, paths in contents.words.items()},
        path_words=_path_words(listed),
        days=frozenset(days | times),
        measured_days=frozenset(times),
        failed_runs=count_failed_runs(files.to_pylist(), measured, facts),
        missing_roots=missing_roots,
        rows_of_path=contents.rows,
        lines_of_path=contents.lines,
        paths_of_subject=_paths_of_subjects(measured),
    )


def _read_rows(measurements: pa.Table) -> Iterator[Mapping[str, Any]]:
    for row in read_rows(measurements, _OF_ROW):
        yield dict(zip(_OF_ROW, row, strict=True))


def _day(text: str | None) -> date | None:
    try:
        return datetime.fromisoformat(text).date() if text else None
    except ValueError:
        return None


def _collect(rows: Iterable[Mapping[str, Any]], column: str) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row[column]:
            found[row[column].lower() if column == "subject" else row[column]].add(row["metric"])
    return {name: frozenset(metrics) for name, metrics in found.items()}


def _paths_of_subjects(rows: Iterable[Mapping[str, Any]]) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row["subject"]:
            found[row["subject"].lower()].add(row["source_path"])
    return {subject: frozenset(paths) for subject, paths in found.items()}


def _count(
    rows: Iterable[Mapping[str, Any]], files: Mapping[str, ListedFile], facts: Iterable[Fact]
) -> Mapping[str, frozenset[int]]:
    """What a report may count beside files; a noun may have more than one true count."""
    counts: dict[str, set[int]] = defaultdict(set)
    subjects = {row["subject"].lower() for row in rows if row["subject"]}
    counts["models"] |= {len(subjects), len({name.partition(":")[0] for name in subjects})}
    counts["folders"].add(len({str(PurePosixPath(path).parent) for path in files}))
    counts["types"].add(len({file.kind for file in files.values()}))
    counts["types"].add(len({file.kind for file in files.values()} - {"other"}))
    for fact in facts:
        if fact.kind == "count" and fact.unit:
            counts[fact.unit].add(int(fact.value))
    return {noun: frozenset(numbers) for noun, numbers in counts.items()}


def _path_words(files: Mapping[str, ListedFile]) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for path in files:
        for part in re.split(r"[/_\-.\s]+", path.lower()):
            found[part].add(path)
    return {word: frozenset(paths) for word, paths in found.items()}
