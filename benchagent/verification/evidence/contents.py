"""The text of the data's files, read once: names of fields, words, numbers that no format knows."""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import pyarrow as pa

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
from benchagent.quantities.units import Unit, find_unit
from benchagent.verification.claims import Source
from benchagent.verification.evidence.datums import Datum, words_of

_LARGEST_READ: Final = 2_000_000


_MOST_LEAVES: Final = 400_000


_WORD: Final = re.compile(r"[a-z][a-z0-9]*(?:\.[0-9]+)?[a-z0-9]*", re.IGNORECASE)


_Place = tuple[str, str]


@dataclass(slots=True)
class Contents:
    """What the reading of the files' text gives."""

    fields: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    words: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    leaves: list[Datum] = field(default_factory=list[Datum])
    rows: dict[str, int] = field(default_factory=dict[str, int])
    lines: dict[str, int] = field(default_factory=dict[str, int])
    records: Mapping[_Place, str] = field(default_factory=dict[_Place, str])


def read_contents(
    files: pa.Table, read_bytes: Callable[[str], bytes], records: Mapping[_Place, str]
) -> Contents:
    """What stands in the files.

    Args:
        files: as `load_corpus` has them.
        read_bytes: the bytes of a SHA-256.
        records: whose the numbers of a row or object are (`find_records`).
    """
    contents = Contents(records=records)
    for row in files.to_pylist():
        if row["sha256"] and row["retained"] and row["size"] <= _LARGEST_READ:
            text = decode_text(read_bytes(row["sha256"]))
            if not isinstance(text, Unreadable):
                _read_content(row["path"], row["kind"], text, contents)
    return contents


def _read_content(path: str, kind: str, text: str, contents: Contents) -> None:
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


def _read_rows(path: str, labels: list[str], rows: list[list[str]], contents: Contents) -> None:
    for number, row in enumerate(rows, start=1):
        for label, cell in zip(labels, row, strict=False):
            _add_leaf(path, label, cell, f"row={number},column={label}", contents)


def _read_tree(path: str, tree: Json, at: tuple[str | int, ...], contents: Contents) -> None:
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


def find_records(subjects: Mapping[_Place, str | None]) -> Mapping[_Place, str]:
    """The subject of each row of a table or object of a tree in which one alone was measured."""
    found: dict[_Place, set[str]] = defaultdict(set)
    for (path, locator), subject in subjects.items():
        if subject:
            found[path, _record_of(locator)].add(subject.lower())
    return {place: min(names) for place, names in found.items() if len(names) == 1}


def _record_of(locator: str) -> str:
    """`row=3` of `row=3,column=ttft_s`, `/runs/3` of `/runs/3/ttft_s`."""
    row, comma, _ = locator.partition(",column=")
    return row if comma else locator.rpartition("/")[0]


def _unit_at_end(column: str) -> Unit | None:
    """The unit of a size or share that nobody knows: of `memory_total_mb`, MB."""
    before, _, end = column.rpartition("_")
    unit = find_unit(end) if before and len(end) > 1 else None  # `score_b` is that of variant B
    return unit if unit and unit.canonical in ("bytes", "ratio") else None


def _add_leaf(path: str, name: str, text: str, locator: str, contents: Contents) -> None:
    if len(contents.leaves) >= _MOST_LEAVES:
        return
    try:
        value = float(text)
    except ValueError:
        return
    if value != value or value in (float("inf"), float("-inf")):
        return
    column = name.rpartition(".")[2]
    meaning = read_column(column)
    unit = meaning.unit if meaning else _unit_at_end(column)
    contents.leaves.append(
        Datum(
            value=value * unit.factor * 10.0**unit.exponent if unit else value,
            unit=unit.canonical if unit else None,
            metric=meaning.metric if meaning else None,
            statistics=frozenset({meaning.statistic if meaning else "value"}),
            subject=contents.records.get((path, _record_of(locator))),
            words=words_of(name),
            paths=frozenset({path}),
            source=Source(path=path, locator=locator),
            origin="leaf",
            label=name,
        )
    )
