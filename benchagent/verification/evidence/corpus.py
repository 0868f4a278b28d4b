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
from benchagent.quantities.metrics import METRICS
from benchagent.verification.evidence.contents import find_records, read_contents, record_of
from benchagent.verification.evidence.datums import Datum, DatumIndex
from benchagent.verification.evidence.derived import datums_of_facts, datums_of_leaves
from benchagent.verification.evidence.failed_runs import (
    FailedRuns,
    count_failed_runs,
    without_failed,
)
from benchagent.verification.evidence.listed_files import (
    FileIndex,
    ListedFile,
    index_files,
    list_files,
)
from benchagent.verification.evidence.measured import (
    OF_NUMBER,
    SettingsOfRuns,
    complete_machines,
    datums_of_measurements,
)
from benchagent.verification.evidence.tables import (
    datums_of_tables,
    find_conditions,
    without_own_metric,
)
from benchagent.verification.kept import Kept
from benchagent.verification.text.names import find_stamps
from benchagent.verification.text.settings import LevelFinder, build_level_finder
from benchagent.verification.text.subjects import SubjectFinder, build_finder
from benchagent.verification.text.vocabulary import Vocabulary, build_vocabulary

_OF_ROW: Final = (
    "subject", "metric", "source_path", "record", "duplicate_of", "kind", "measured_at",
)  # fmt: skip
# What is read of a table of measurements.
COLUMNS: Final = tuple(dict.fromkeys((*_OF_ROW, *OF_NUMBER)))


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
        settings_of_metric: the settings that each metric was measured under.
        varied: the settings that have more than one level.
        alone: quantities of the data's own that no other of their file shares its unit with.
        subjects_of_table: the subjects that a file of no known format tells apart, two or more.
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
    vocabulary: Vocabulary
    subjects: frozenset[str]
    metrics: frozenset[str]
    settings_of_metric: Mapping[str, frozenset[str]]
    varied: frozenset[str]
    alone: frozenset[str]
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
    subjects_of_table: Mapping[str, frozenset[str]] = field(
        default_factory=dict[str, frozenset[str]]
    )
    _naming: Kept[tuple[str, ...]] = field(
        default_factory=Kept[tuple[str, ...]], compare=False, repr=False
    )

    _below: Kept[tuple[str, ...]] = field(
        default_factory=Kept[tuple[str, ...]], compare=False, repr=False
    )

    def find_paths_below(self, folder: str) -> tuple[str, ...]:
        """The files in a folder, written with its slash and from any folder above it."""
        plain, files = f"/{folder.removeprefix('./').lower()}", self.files
        return self._below.ask(plain, lambda: tuple(p for p in files if plain in f"/{p.lower()}"))

    def find_paths_naming(self, word: str) -> tuple[str, ...]:
        """The paths with a word in them, whatever joins their words."""
        plain = self.plain_paths.items()
        return self._naming.ask(word, lambda: tuple(p for p, told in plain if word in told))


def load_corpus(
    files: pa.Table,
    measurements: pa.Table,
    failed_runs: pa.Table,
    facts: Iterable[Fact],
    read_bytes: Callable[[str], bytes],
    missing_roots: tuple[str, ...] = (),
) -> Corpus:
    """The data of one snapshot, indexed.

    Args:
        files: one row per file, as `pipeline.stages.measurements.list_files` gives them.
        measurements: `COLUMNS` of them.
        failed_runs: `FAILED_RUN_SCHEMA`, of which the records are read.
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
    known = frozenset(path for path, _ in measured_places)
    contents = read_contents(files, read_bytes, find_records(measured_places), known)
    leaves = [
        leaf
        for leaf in without_failed(contents.leaves, failed_runs)
        if (leaf.source.path, leaf.source.locator) not in measured_places
    ]
    conditions = find_conditions(contents, _settings_of_records(measurements))
    own = list(datums_of_tables(leaves, conditions))
    in_rows = list(datums_of_measurements(measurements, conditions.of))
    datums = [
        *in_rows,
        *complete_machines(datums_of_facts(facts), in_rows),
        *own,
        *datums_of_leaves(map(without_own_metric, leaves)),
    ]
    owned = _metrics_of_own(own)
    settings = _settings_of_single(datums)
    varied = _find_varied(settings)
    measured = [row for row in _read_rows(measurements) if row["kind"] != "claimed"]
    subjects = Counter(row["subject"].lower() for row in measured if row["subject"])
    metrics_of_subject = {**owned, **_collect(measured, "subject")}
    finder = build_finder({*subjects, *owned}, metrics_of_subject, owned.keys() - subjects.keys())
    levels = build_level_finder(settings, conditions.settings, varied, finder.tagged)
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
        finder=finder,
        levels=levels,
        vocabulary=build_vocabulary(
            {d.metric for d in (*own, *in_rows) if d.metric and (d.subject or d.unit)}
        ),
        subjects=frozenset({*subjects, *owned}),
        metrics=frozenset(row["metric"] for row in measured),
        settings_of_metric=_settings_of_metrics(datums),
        varied=varied,
        alone=_find_alone(datums),
        metrics_of_path=_collect(measured, "source_path"),
        metrics_of_subject=metrics_of_subject,
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
        subjects_of_table=_subjects_of_tables(own, known),
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


def _settings_of_records(
    measurements: pa.Table,
) -> Mapping[tuple[str, str], frozenset[str]]:
    """The settings that formats have read, by file and record."""
    settings = SettingsOfRuns(measurements)
    rows = read_rows(measurements, ("source_path", "locator", "config", "environment"))
    return {
        (path, record_of(locator)): settings.of(config, environment)
        for path, locator, config, environment in rows
    }


def _settings_of_metrics(datums: Iterable[Datum]) -> Mapping[str, frozenset[str]]:
    """Under which settings each metric was measured, by their names."""
    found: dict[str, set[str]] = defaultdict(set)
    for datum in datums:
        if datum.metric and datum.origin in ("measured", "leaf"):
            found[datum.metric] |= {setting.partition("=")[0] for setting in datum.settings}
    return {metric: frozenset(names) for metric, names in found.items()}


def _settings_of_single(datums: Iterable[Datum]) -> frozenset[str]:
    """The settings of the numbers that stand in files, `name=level`."""
    return frozenset[str]().union(
        *(datum.settings for datum in datums if datum.origin in ("measured", "leaf"))
    )


def _find_varied(settings: Iterable[str]) -> frozenset[str]:
    """The settings that have more than one level."""
    named = Counter(setting.partition("=")[0] for setting in settings)
    return frozenset(name for name, levels in named.items() if levels > 1)


def _find_alone(datums: Iterable[Datum]) -> frozenset[str]:
    """The quantities of the data's own that their unit tells from all others of their files."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for datum in datums:
        if datum.metric and datum.unit and datum.origin in ("measured", "leaf"):
            for path in datum.paths:
                found[path, datum.unit].add(datum.metric)
    shared = set[str]().union(*(metrics for metrics in found.values() if len(metrics) > 1))
    alone = set[str]().union(*(metrics for metrics in found.values() if len(metrics) == 1))
    return frozenset(alone - shared - METRICS.keys())


def _metrics_of_own(datums: Iterable[Datum]) -> Mapping[str, frozenset[str]]:
    """The quantities of each subject of the tables that no format reads."""
    found: dict[str, set[str]] = defaultdict(set)
    for datum in datums:
        if datum.subject and datum.metric:
            found[datum.subject].add(datum.metric)
    return {subject: frozenset(metrics) for subject, metrics in found.items()}


def _subjects_of_tables(
    datums: Iterable[Datum], known: frozenset[str]
) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for datum in datums:
        if datum.subject and datum.origin == "leaf":
            for path in datum.paths - known:
                found[path].add(datum.subject)
    return {path: frozenset(names) for path, names in found.items() if len(names) > 1}


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
