"""What a report may name, gathered from the data: subjects, metrics, settings, files, counts."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any

import pyarrow as pa

from benchagent.facts.fact import Fact
from benchagent.measurements.named_columns import read_rows
from benchagent.quantities.metrics import METRICS
from benchagent.verification.evidence.contents import record_of
from benchagent.verification.evidence.datums import Datum
from benchagent.verification.evidence.listed_files import ListedFile
from benchagent.verification.evidence.measured import SettingsOfRuns

Rows = Iterable[Mapping[str, Any]]
Named = Mapping[str, frozenset[str]]


def gather(pairs: Iterable[tuple[str, str]]) -> Named:
    """The second parts of pairs by their first."""
    found: dict[str, set[str]] = defaultdict(set)
    for name, value in pairs:
        found[name].add(value)
    return {name: frozenset(values) for name, values in found.items()}


def metrics_of_subjects(rows: Rows) -> Named:
    """What was measured of each subject, lower case."""
    return gather((row["subject"].lower(), row["metric"]) for row in rows if row["subject"])


def paths_of_subjects(rows: Rows) -> Named:
    """The files that each subject, lower case, was measured in."""
    return gather((row["subject"].lower(), row["source_path"]) for row in rows if row["subject"])


def settings_of_records(measurements: pa.Table) -> Mapping[tuple[str, str], frozenset[str]]:
    """The settings that formats have read, by file and record."""
    settings = SettingsOfRuns(measurements)
    rows = read_rows(measurements, ("source_path", "locator", "config", "environment"))
    return {
        (path, record_of(locator)): settings.of(config, environment)
        for path, locator, config, environment in rows
    }


def in_files(datums: Iterable[Datum]) -> list[Datum]:
    """The numbers that stand in files, and are not computed from them."""
    return [datum for datum in datums if datum.origin in ("measured", "leaf")]


def settings_of_metrics(datums: Iterable[Datum]) -> Named:
    """Under which settings each metric was measured, by their names."""
    found: dict[str, set[str]] = defaultdict(set)
    for datum in datums:
        if datum.metric:
            found[datum.metric] |= {setting.partition("=")[0] for setting in datum.settings}
    return {metric: frozenset(names) for metric, names in found.items()}


def find_varied(settings: Iterable[str]) -> frozenset[str]:
    """The settings, `name=level` each, that have more than one level."""
    named = Counter(setting.partition("=")[0] for setting in settings)
    return frozenset(name for name, levels in named.items() if levels > 1)


def find_alone(datums: Iterable[Datum]) -> frozenset[str]:
    """The quantities of the data's own that their unit tells from all others of their files."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for datum in datums:
        if datum.metric and datum.unit:
            for path in datum.paths:
                found[path, datum.unit].add(datum.metric)
    shared = set[str]().union(*(metrics for metrics in found.values() if len(metrics) > 1))
    alone = set[str]().union(*(metrics for metrics in found.values() if len(metrics) == 1))
    return frozenset(alone - shared - METRICS.keys())


def metrics_of_own(datums: Iterable[Datum]) -> Named:
    """The quantities of each subject of the tables that no format reads."""
    return gather((d.subject, d.metric) for d in datums if d.subject and d.metric)


def subjects_of_tables(datums: Iterable[Datum], known: frozenset[str]) -> Named:
    """The subjects that each file of no known format tells apart, two or more."""
    found = gather(
        (path, datum.subject)
        for datum in datums
        if datum.subject and datum.origin == "leaf"
        for path in datum.paths - known
    )
    return {path: subjects for path, subjects in found.items() if len(subjects) > 1}


def count_nouns(
    rows: Rows, files: Mapping[str, ListedFile], facts: Iterable[Fact]
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


def path_words(paths: Iterable[str]) -> Named:
    """The words of paths, lower case, and the files whose path holds them."""
    return gather((word, path) for path in paths for word in re.split(r"[/_\-.\s]+", path.lower()))
