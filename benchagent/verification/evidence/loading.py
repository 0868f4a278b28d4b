"""The data of one snapshot, read and indexed for a verifier."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from pathlib import PurePosixPath
from typing import Any, Final, NamedTuple

import pyarrow as pa

from benchagent.facts.fact import Fact
from benchagent.measurements.named_columns import read_rows
from benchagent.verification.evidence.contents import Contents, find_records, read_contents
from benchagent.verification.evidence.corpus import Corpus
from benchagent.verification.evidence.datums import Datum, DatumIndex
from benchagent.verification.evidence.derived import datums_of_facts, datums_of_leaves
from benchagent.verification.evidence.failed_runs import count_failed_runs, without_failed
from benchagent.verification.evidence.gathering import (
    count_nouns,
    find_alone,
    find_varied,
    gather,
    in_files,
    metrics_of_own,
    metrics_of_subjects,
    path_words,
    paths_of_subjects,
    settings_of_metrics,
    settings_of_records,
    subjects_of_tables,
)
from benchagent.verification.evidence.listed_files import index_files, list_files
from benchagent.verification.evidence.measured import (
    OF_NUMBER,
    complete_machines,
    datums_of_measurements,
)
from benchagent.verification.evidence.tables import (
    Conditions,
    datums_of_tables,
    find_conditions,
    without_own_metric,
)
from benchagent.verification.text.names import find_stamps
from benchagent.verification.text.settings import build_level_finder
from benchagent.verification.text.subject_patterns import build_finder
from benchagent.verification.text.vocabulary import build_vocabulary

_OF_ROW: Final = (
    "subject", "metric", "source_path", "record", "duplicate_of", "kind", "measured_at",
)  # fmt: skip
# What is read of a table of measurements.
COLUMNS: Final = tuple(dict.fromkeys((*_OF_ROW, *OF_NUMBER)))


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
    read = _read(files, measurements, failed_runs, facts, read_bytes)
    datums, own, contents = read.datums, read.own, read.contents
    placed = in_files(datums)
    settings = frozenset[str]().union(*(datum.settings for datum in placed))
    varied = find_varied(settings)
    measured = [row for row in _read_rows(measurements) if row["kind"] != "claimed"]
    subjects = Counter(row["subject"].lower() for row in measured if row["subject"])
    owned = metrics_of_own(own)
    metrics_of_subject = {**owned, **metrics_of_subjects(measured)}
    finder = build_finder({*subjects, *owned}, metrics_of_subject, owned.keys() - subjects.keys())
    times = {day for row in measured if (day := _day(row["measured_at"]))}
    return Corpus(
        files=listed,
        file_index=index_files(listed.values()),
        by_name=_by_name(listed),
        index=DatumIndex.of(datums),
        finder=finder,
        levels=build_level_finder(settings, read.conditions.settings, varied, finder.tagged),
        vocabulary=build_vocabulary(
            {d.metric for d in (*own, *read.in_rows) if d.metric and (d.subject or d.unit)}
        ),
        subjects=frozenset({*subjects, *owned}),
        metrics=frozenset(row["metric"] for row in measured),
        settings_of_metric=settings_of_metrics(placed),
        varied=varied,
        phased=gather((d.metric, path) for d in placed if d.metric and d.phase for path in d.paths),
        alone=find_alone(placed),
        metrics_of_path=gather((row["source_path"], row["metric"]) for row in measured),
        metrics_of_subject=metrics_of_subject,
        rows_of_subject=subjects,
        counts=count_nouns(measured, listed, facts),
        counted=tuple(fact for fact in facts if fact.kind in ("count", "time")),
        stems=frozenset(PurePosixPath(path).stem.lower() for path in listed),
        plain_paths={path: re.sub(r"[\s_-]", "", path.lower()) for path in listed},
        kind_counts=Counter(file.kind for file in listed.values()),
        fields={name: frozenset(paths) for name, paths in contents.fields.items()},
        words={word: frozenset(paths) for word, paths in contents.words.items()},
        path_words=path_words(listed),
        days=frozenset(find_stamps(listed) | times),
        measured_days=frozenset(times),
        failed_runs=count_failed_runs(files.to_pylist(), measured, facts),
        missing_roots=missing_roots,
        rows_of_path=contents.rows,
        lines_of_path=contents.lines,
        paths_of_subject=paths_of_subjects(measured),
        subjects_of_table=subjects_of_tables(own, read.known),
    )


class _Read(NamedTuple):
    """Every number that the data say, and what it was read from.

    Attributes:
        in_rows: those that formats read.
        own: those of tables that no format reads.
        known: the files that a format reads.
    """

    datums: list[Datum]
    in_rows: list[Datum]
    own: list[Datum]
    contents: Contents
    conditions: Conditions
    known: frozenset[str]


def _read(
    files: pa.Table,
    measurements: pa.Table,
    failed_runs: pa.Table,
    facts: tuple[Fact, ...],
    read_bytes: Callable[[str], bytes],
) -> _Read:
    """The numbers of formats and facts, and those of the files that stand at no other place."""
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
    conditions = find_conditions(contents, settings_of_records(measurements))
    own = list(datums_of_tables(leaves, conditions))
    in_rows = list(datums_of_measurements(measurements, conditions.of))
    datums = [
        *in_rows,
        *complete_machines(datums_of_facts(facts), in_rows),
        *own,
        *datums_of_leaves(map(without_own_metric, leaves)),
    ]
    return _Read(datums, in_rows, own, contents, conditions, known)


def _by_name(paths: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        found[PurePosixPath(path).name.lower()].append(path)
    return {name: tuple(same) for name, same in found.items()}


def _read_rows(measurements: pa.Table) -> Iterator[Mapping[str, Any]]:
    for row in read_rows(measurements, _OF_ROW):
        yield dict(zip(_OF_ROW, row, strict=True))


def _day(text: str | None) -> date | None:
    try:
        return datetime.fromisoformat(text).date() if text else None
    except ValueError:
        return None
