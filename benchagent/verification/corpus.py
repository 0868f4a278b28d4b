"""A folder of artifacts as a verifier needs it: files, values, names and words, loaded once."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import PurePosixPath
from typing import Any, Final

import pyarrow as pa

from benchagent.facts.fact import Fact
from benchagent.formats.columns import read_column
from benchagent.measurements.artifact_text import (
    Json,
    Numeral,
    Unreadable,
    decode_text,
    read_grid,
    read_json,
    write_pointer,
)
from benchagent.verification.claims import Source
from benchagent.verification.datums import (
    Datum,
    DatumIndex,
    datums_of_facts,
    datums_of_leaves,
    datums_of_measurements,
    words_of,
)
from benchagent.verification.names import find_stamps
from benchagent.verification.settings_in_text import LevelFinder, build_level_finder
from benchagent.verification.subjects_in_text import SubjectFinder, build_finder

_LARGEST_READ: Final = 2_000_000
_MOST_KEPT: Final = 4096
_MOST_LEAVES: Final = 400_000
_WORD: Final = re.compile(r"[a-z][a-z0-9]*(?:\.[0-9]+)?[a-z0-9]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedFile:
    """One file of the data."""

    path: str
    kind: str
    size: int
    modified_at: datetime | None
    n_measurements: int
    duplicate_of: str | None

    @property
    def name(self) -> str:
        """Without its folders."""
        return PurePosixPath(self.path).name


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """All that the data say, ready for any number of reports.

    Attributes:
        files: by path.
        by_name: paths by file name, lower case.
        counts: what can be counted, by noun: `files`, `models`, `runs`, `failed runs`, …
        stems: file names without their suffix, lower case.
        plain_paths: paths in lower case without what joins their words.
        kind_counts: files by kind.
        fields: names of columns and keys, lower case, and the files that have them.
        words: words of file contents and the number of files that hold them.
        path_words: words of paths and the files whose path holds them.
        days: days named by stamps of file names or by the data as times of measurement.
        rows_of_path, lines_of_path: rows of CSV files without their header, lines of any text.
    """

    files: Mapping[str, ListedFile]
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
    missing_roots: tuple[str, ...] = ()
    rows_of_path: Mapping[str, int] = field(default_factory=dict[str, int])
    lines_of_path: Mapping[str, int] = field(default_factory=dict[str, int])
    paths_of_subject: Mapping[str, frozenset[str]] = field(
        default_factory=dict[str, frozenset[str]]
    )
    _naming: dict[str, tuple[str, ...]] = field(
        default_factory=dict[str, tuple[str, ...]], compare=False, repr=False
    )

    def find_paths_naming(self, word: str) -> tuple[str, ...]:
        """The paths with a word in them, whatever joins their words; a report asks again and again."""
        if word not in self._naming:
            if len(self._naming) >= _MOST_KEPT:
                self._naming.clear()
            self._naming[word] = tuple(p for p, plain in self.plain_paths.items() if word in plain)
        return self._naming[word]


@dataclass(slots=True)
class _Contents:
    """What the reading of the files' text gives."""

    fields: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    words: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    leaves: list[Datum] = field(default_factory=list[Datum])
    rows: dict[str, int] = field(default_factory=dict[str, int])
    lines: dict[str, int] = field(default_factory=dict[str, int])


def load_corpus(
    files: pa.Table,
    measurements: pa.Table,
    facts: Iterable[Fact],
    read_bytes: Callable[[str], bytes],
    missing_roots: tuple[str, ...] = (),
) -> Corpus:
    """The data of one snapshot, indexed.

    Args:
        files: one row per file, as `pipeline.stages.list_files` gives them.
        measurements: `MEASUREMENT_SCHEMA`.
        facts: what was derived from them.
        read_bytes: the bytes of a SHA-256.
        missing_roots: artifact roots that should be there and are not.
    """
    facts = tuple(facts)
    listed = {file.path: file for file in _list(files)}
    contents = _read_contents(files, read_bytes)
    measured_places = set(
        zip(
            measurements["source_path"].to_pylist(),
            measurements["locator"].to_pylist(),
            strict=True,
        )
    )
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
    rows = measurements.select(
        ["subject", "metric", "source_path", "kind", "measured_at"]
    ).to_pylist()
    measured = [row for row in rows if row["kind"] != "claimed"]
    subjects = Counter(row["subject"].lower() for row in measured if row["subject"])
    by_name: dict[str, list[str]] = defaultdict(list)
    for path in listed:
        by_name[PurePosixPath(path).name.lower()].append(path)
    days = find_stamps(listed)
    times = {day for row in measured if (day := _day(row["measured_at"]))}
    return Corpus(
        files=listed,
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
        missing_roots=missing_roots,
        rows_of_path=contents.rows,
        lines_of_path=contents.lines,
        paths_of_subject=_paths_of_subjects(measured),
    )


def _list(files: pa.Table) -> Iterator[ListedFile]:
    for row in files.to_pylist():
        if row.get("why") is None:
            yield ListedFile(
                path=row["path"],
                kind=row["kind"] or "other",
                size=row["size"] or 0,
                modified_at=_moment(row["modified_at"]),
                n_measurements=row["n_measurements"] or 0,
                duplicate_of=row["duplicate_of"],
            )


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    return (moment.astimezone(UTC) if moment.tzinfo else moment).replace(tzinfo=None)


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


def _read_contents(files: pa.Table, read_bytes: Callable[[str], bytes]) -> _Contents:
    contents = _Contents()
    for row in files.to_pylist():
        if row["sha256"] and row["retained"] and row["size"] <= _LARGEST_READ:
            text = decode_text(read_bytes(row["sha256"]))
            if not isinstance(text, Unreadable):
                _read_content(row["path"], row["kind"], text, contents)
    return contents


def _read_content(path: str, kind: str, text: str, contents: _Contents) -> None:
    for word in {match[0].lower() for match in _WORD.finditer(text)}:
        contents.words[word].add(path)
    contents.lines[path] = len(text.splitlines())
    if kind == "csv":
        grid = read_grid(text)
        if not isinstance(grid, Unreadable):
            for label in grid.labels:
                contents.fields[label.lower()].add(path)
            contents.rows[path] = len(grid.rows)
            _read_rows(path, grid.labels, grid.rows, contents)
    elif kind == "json":
        tree = read_json(text)
        if not isinstance(tree, Unreadable):
            _read_tree(path, tree, (), contents)


def _read_rows(path: str, labels: list[str], rows: list[list[str]], contents: _Contents) -> None:
    for number, row in enumerate(rows, start=1):
        for label, cell in zip(labels, row, strict=False):
            _add_leaf(path, label, cell, f"row={number},column={label}", contents)


def _read_tree(path: str, tree: Json, at: tuple[str | int, ...], contents: _Contents) -> None:
    if isinstance(tree, dict):
        for key, value in tree.items():
            contents.fields[key.lower()].add(path)
            _read_tree(path, value, (*at, key), contents)
    elif isinstance(tree, list):
        for number, value in enumerate(tree):
            _read_tree(path, value, (*at, number), contents)
    elif isinstance(tree, Numeral):
        keys = [part for part in at if isinstance(part, str)]
        _add_leaf(path, ".".join(keys[-2:]), tree, write_pointer(at), contents)


def _add_leaf(path: str, name: str, text: str, locator: str, contents: _Contents) -> None:
    if len(contents.leaves) >= _MOST_LEAVES:
        return
    try:
        value = float(text)
    except ValueError:
        return
    if value != value or value in (float("inf"), float("-inf")):
        return
    meaning = read_column(name.rpartition(".")[2])
    contents.leaves.append(
        Datum(
            value=value * 10.0**meaning.unit.exponent if meaning and meaning.unit else value,
            unit=meaning.unit.canonical if meaning and meaning.unit else None,
            metric=meaning.metric if meaning else None,
            statistics=frozenset({meaning.statistic if meaning else "value"}),
            words=words_of(name),
            paths=frozenset({path}),
            source=Source(path=path, locator=locator),
            origin="leaf",
            label=name,
        )
    )
